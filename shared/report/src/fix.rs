//! The commands of a fix, with the values of what a finding is about in their places.

use std::borrow::Cow;

use model::json::{Document, Kind, Value, Writer};
use model::{Event, Untrusted};
use rules::{Fix, FixPiece};

use crate::Shape;

/// Commands as somebody could paste them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commands {
    /// The commands. In the place of what is not known stands its name in angle brackets, which a shell takes as text.
    pub text: String,
    /// Whether nothing is left to fill in.
    pub complete: bool,
}

/// The commands of `fix`, with each field replaced by the value that `evidence` has there: the record of an event, or
/// what was read of a resource. Facts are derived from it.
///
/// Somebody will paste the commands into a shell, and whoever made the call or the resource chose the values. So a value
/// is filled in only if it is a single harmless word ([`Shape::Token`]), in whatever shell and between whatever quotes.
pub fn commands(fix: &Fix, evidence: &Untrusted) -> Commands {
    let document = evidence.to_document().unwrap_or_default();
    let mut commands = Commands { text: String::with_capacity(fix.cli.len()), complete: true };
    for piece in fix.pieces() {
        let (name, quoted, value) = match piece {
            FixPiece::Text(text) => {
                commands.text.push_str(text);
                continue;
            }
            FixPiece::Field { path, quoted } => (path, quoted, word(&document, path)),
            FixPiece::Choice { name, quoted } => (name, quoted, None),
        };
        commands.complete &= value.is_some();
        match value {
            Some(value) => commands.text.push_str(&value),
            None if quoted => commands.text.extend(["<", name, ">"]),
            // A shell would read from a file of that name, and write to the next word.
            None => commands.text.extend(["\"<", name, ">\""]),
        }
    }
    commands
}

/// `fix` with its commands as [`commands`] makes them.
pub(crate) fn filled(fix: &Fix, evidence: &Untrusted) -> Fix {
    Fix { cli: commands(fix, evidence).text, ..fix.clone() }
}

/// The one harmless word at a path.
fn word(document: &Document, path: &str) -> Option<String> {
    let root = document.root();
    let Some(fact) = path.strip_prefix("facts.") else { return only(root, path) };
    let (name, inside) = fact.split_once('.')?;
    let mut derived = Writer::default();
    match root.get("$resource") {
        Some(_) => (facts::resource_fact(name)?.derive)(root, &mut derived),
        None => (facts::event_fact(name)?.derive)(Event::new(root), &mut derived),
    }
    only(derived.root(), inside)
}

/// The one harmless word behind a path, through lists and whatever the case of letters, as rules find it. Of several
/// nobody knows which one is meant.
fn only(value: Value<'_>, path: &str) -> Option<String> {
    let mut open = vec![(value, Some(path))];
    let mut found: Option<Cow<'_, str>> = None;
    while let Some((value, path)) = open.pop() {
        match (value.kind(), path) {
            (Kind::Array, _) => open.extend(value.items().map(|item| (item, path))),
            (_, Some(path)) => {
                let (name, rest) =
                    path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
                let is_named =
                    |key: Value<'_>| key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name));
                open.extend(
                    value.members().filter(|(key, _)| is_named(*key)).map(|(_, value)| (value, rest)),
                );
            }
            (_, None) => {
                let text = value.text()?;
                if found.as_ref().is_some_and(|found| *found != text) {
                    return None;
                }
                found = Some(text);
            }
        }
    }
    Shape::Token.of(&Untrusted::new(found?))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    const RECORD: &str = r#"{"awsRegion":"eu-west-1","eventSource":"iam.amazonaws.com","userIdentity":{"type":"Root","accountId":"111122223333"},
        "requestParameters":{"name":"trail","bad":"x; rm -rf ~","option":"--profile","file":"file:///etc/passwd","list":["a"],
        "several":["a","b"],"same":[{"id":"a"},{"ID":"a"}],"none":[],"null":null,"object":{"a":"b"}}}"#;

    fn told(cli: &str, evidence: &str) -> Commands {
        commands(&Fix { cli: cli.to_owned(), ..Fix::default() }, &evidence.into())
    }

    #[test]
    fn harmless_words_are_filled_in() {
        for (cli, text) in [
            (
                "start-logging --name {requestParameters.name} --region {awsregion}",
                "start-logging --name trail --region eu-west-1",
            ),
            (
                "x \"Name=id,Values={requestParameters.list}\" {requestParameters.same.id}",
                "x \"Name=id,Values=a\" a",
            ),
            ("x {facts.actor.account}", "x 111122223333"),
        ] {
            assert_eq!(told(cli, RECORD), Commands { text: text.to_owned(), complete: true });
        }
    }

    #[test]
    fn facts_of_a_resource_are_derived_from_what_was_read() {
        let read = r#"{"$resource":{"region":"eu-west-1","account":"111122223333"},"GroupId":"sg-1"}"#;
        let cli = "aws ec2 x --group-id {GroupId} --region {facts.resource.region}";
        assert_eq!(told(cli, read).text, "aws ec2 x --group-id sg-1 --region eu-west-1");
    }

    #[test]
    fn what_is_not_known_or_could_act_in_a_shell_is_named() {
        for name in ["bad", "option", "file", "several", "none", "null", "object", "missing"] {
            let path = format!("requestParameters.{name}");
            let commands = told(&format!("x --name {{{path}}} 'a={{{path}}}' <new key>"), RECORD);
            assert_eq!(commands.text, format!("x --name \"<{path}>\" 'a=<{path}>' \"<new key>\""));
            assert!(!commands.complete);
        }
        assert!(!told("{awsRegion}", r#"{"awsRegion":"eu-w"#).complete);
        assert_eq!(
            told("{facts.nothing.x} {facts.actor}", RECORD).text,
            "\"<facts.nothing.x>\" \"<facts.actor>\""
        );
    }

    /// The words that a shell makes of a command.
    fn words(command: &str) -> Vec<String> {
        let script = format!("set -f; printf '%s\\0' {command}");
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "{script} wrote a file");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(ToOwned::to_owned).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_value_leaves_its_place_in_a_shell(
            value in prop_oneof![any::<String>(), r"[a-zA-Z0-9:/_.@ '`;$()<>|&=,\\-]{0,20}", r#"['"]; [a-z ]{0,9}#"#]
        ) {
            let evidence = serde_json::json!({ "a": { "b": value } }).to_string();
            let cli = "--one {a.b} two={a.b} \"three={a.b},\" '{\"four\":\"{a.b}\"}' <a key> end";
            let shown = Shape::Token.of(&Untrusted::new(value)).unwrap_or_else(|| "<a.b>".to_owned());
            let wanted = [
                "--one".to_owned(),
                shown.clone(),
                format!("two={shown}"),
                format!("three={shown},"),
                format!("{{\"four\":\"{shown}\"}}"),
                "<a key>".to_owned(),
                "end".to_owned(),
            ];
            prop_assert_eq!(words(&told(cli, &evidence).text), wanted);
        }
    }

    #[test]
    fn every_command_of_the_catalogue_is_one_that_a_shell_can_read() {
        let mut wrong = Vec::new();
        let mut script = String::new();
        for rule in catalog::builtin().rules {
            let commands = commands(&rule.meta.fix, &Untrusted::default()).text;
            script.push_str(&commands);
            script.push('\n');
            let unquoted = rule
                .meta
                .fix
                .pieces()
                .iter()
                .any(|piece| matches!(piece, FixPiece::Text(text) if text.contains('<')));
            wrong.extend(unquoted.then_some(rule.meta.id));
        }
        let output = Command::new("sh").args(["-n", "-c", &script]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(wrong, Vec::<String>::new(), "a bracket that no name stands in");
    }
}
