//! The commands of a fix, with the fields of the record in their places.

use model::json::Document;
use model::{Encoder, Untrusted};

use report::Shape;

/// A command, and whether somebody has to replace fields in it before it can run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) command: String,
    pub(super) complete: bool,
}

/// `command` with each `{path}` replaced by the value that the record `evidence` has there.
///
/// Somebody will paste the command into a shell, and whoever made the call chose the values. So a value is filled in
/// only if it is a single harmless word ([`Shape::Token`]); otherwise the field stays as the rule wrote it.
pub(super) fn fill(command: &str, evidence: &Untrusted) -> Filled {
    let mut filled = Filled { command: String::with_capacity(command.len()), complete: true };
    let mut rest = command;
    while let Some((before, after)) = rest.split_once('{') {
        filled.command.push_str(before);
        // `${NAME}` is the shell's.
        let field = after.split_once('}').filter(|(path, _)| is_path(path) && !before.ends_with('$'));
        let word = field.map(|(path, _)| evidence.encode(&Word { path })).filter(|word| !word.is_empty());
        filled.complete &= field.is_none() || word.is_some();
        rest = if let (Some((_, behind)), Some(word)) = (field, word) {
            filled.command.push_str(&word);
            behind
        } else {
            filled.command.push('{');
            after
        };
    }
    filled.command.push_str(rest);
    filled
}

fn is_path(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
}

/// The harmless word at a path of a record, or nothing.
struct Word<'a> {
    path: &'a str,
}

impl Encoder for Word<'_> {
    fn encode(&self, record: &str) -> String {
        let Ok(record) = Document::parse(record) else { return String::new() };
        let Some(value) = record.root().path_text(self.path) else { return String::new() };
        Shape::Token.encode(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"awsRegion":"eu-west-1","requestParameters":{"name":"trail","bad":"x; rm -rf ~",
        "option":"--profile","file":"file:///etc/passwd","list":["a"]}}"#;

    fn filled(command: &str) -> String {
        fill(command, &RECORD.into()).command
    }

    #[test]
    fn harmless_words_are_filled_in() {
        assert_eq!(
            filled("aws cloudtrail start-logging --name {requestParameters.name} --region {awsRegion}"),
            "aws cloudtrail start-logging --name trail --region eu-west-1"
        );
    }

    #[test]
    fn what_could_act_in_a_shell_leaves_the_field_as_it_is() {
        for path in ["bad", "option", "file", "list", "missing"] {
            let command = format!("aws x --name {{requestParameters.{path}}}");
            assert_eq!(fill(&command, &RECORD.into()), Filled { command, complete: false });
        }
        assert!(!fill("{awsRegion}", &r#"{"awsRegion":"eu-w"#.into()).complete);
    }

    #[test]
    fn braces_that_are_no_field_stay() {
        for command in
            [r#"--policy '{"a":{}}'"#, "echo ${awsRegion}", "{a,b}", "{", "}{", "{awsRegion", "{{}"]
        {
            assert_eq!(fill(command, &RECORD.into()), Filled { command: command.into(), complete: true });
        }
    }
}
