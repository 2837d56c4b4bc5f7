//! What to do about a finding: in words, as commands, as Terraform.

use serde::{Deserialize, Serialize};

/// What to do about a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fix {
    /// In words.
    pub text: String,
    /// As AWS CLI commands, with `{path}` fields for what the finding's document says, and `<name>` for what only
    /// whoever runs them can know.
    pub cli: String,
    /// As Terraform.
    pub terraform: String,
}

/// A piece of the commands of a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixPiece<'a> {
    /// As it is written.
    Text(&'a str),
    /// The value of the document at a path. `quoted`: it stands between quotes of the shell.
    Field {
        /// Dotted, as in conditions.
        path: &'a str,
        /// Whether quotes stand around it.
        quoted: bool,
    },
    /// What only whoever runs the command can know. `quoted`: as for a field.
    Choice {
        /// What the rule calls it.
        name: &'a str,
        /// Whether quotes stand around it.
        quoted: bool,
    },
}

impl Fix {
    /// The commands, taken apart. Quotes are those of a POSIX shell:
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02>.
    pub fn pieces(&self) -> Vec<FixPiece<'_>> {
        let mut pieces = Vec::new();
        let mut quote = None;
        let (mut rest, mut at) = (self.cli.as_str(), 0);
        while let Some(character) = rest.get(at..).and_then(|ahead| ahead.chars().next()) {
            let (before, ahead) = rest.split_at_checked(at).unwrap_or((rest, ""));
            if let Some((piece, behind)) = marked(before, ahead, quote.is_some()) {
                pieces.extend((!before.is_empty()).then_some(FixPiece::Text(before)));
                pieces.push(piece);
                (rest, at) = (behind, 0);
                continue;
            }
            at += character.len_utf8();
            match (quote, character) {
                // The next character stands for itself.
                (None | Some('"'), '\\') => {
                    at += rest.get(at..).and_then(|ahead| ahead.chars().next()).map_or(0, char::len_utf8);
                }
                (None, '"' | '\'') => quote = Some(character),
                (Some(open), _) if open == character => quote = None,
                _ => {}
            }
        }
        pieces.extend((!rest.is_empty()).then_some(FixPiece::Text(rest)));
        pieces
    }

    /// The paths of the document whose values stand in the commands.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.pieces().into_iter().filter_map(|piece| match piece {
            FixPiece::Field { path, .. } => Some(path),
            FixPiece::Text(_) | FixPiece::Choice { .. } => None,
        })
    }
}

/// The field or the choice that `ahead` begins with, and what stands behind it.
fn marked<'a>(before: &str, ahead: &'a str, quoted: bool) -> Option<(FixPiece<'a>, &'a str)> {
    // `${NAME}` is the shell's.
    if let Some(inside) = ahead.strip_prefix('{').filter(|_| !before.ends_with('$')) {
        let (path, behind) = inside.split_once('}')?;
        let is_path = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_';
        return is_word(path, is_path).then_some((FixPiece::Field { path, quoted }, behind));
    }
    // `<<NAME` is the shell's.
    let inside = ahead.strip_prefix('<').filter(|_| !before.ends_with('<'))?;
    let (name, behind) = inside.split_once('>')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b" _-.".contains(&byte);
    is_word(name, is_name).then_some((FixPiece::Choice { name, quoted }, behind))
}

fn is_word(text: &str, has: impl Fn(u8) -> bool) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(cli: &str) -> Vec<String> {
        let fix = Fix { cli: cli.to_owned(), ..Fix::default() };
        let shown = |piece: &FixPiece<'_>| match piece {
            FixPiece::Text(text) => (*text).to_owned(),
            FixPiece::Field { path, quoted } => format!("field {path} {quoted}"),
            FixPiece::Choice { name, quoted } => format!("choice {name} {quoted}"),
        };
        fix.pieces().iter().map(shown).collect()
    }

    #[test]
    fn fields_and_choices_are_told_from_text_and_know_their_quotes() {
        assert_eq!(
            pieces("aws x --name {a.b} --key <new key>"),
            ["aws x --name ", "field a.b false", " --key ", "choice new key false"]
        );
        assert_eq!(
            pieces(r#"--filters "Name=x,Values={a}" '{"b":"{c}"}' \"{d} "\"{e}" '\'{f}"#),
            [
                r#"--filters "Name=x,Values="#,
                "field a true",
                r#"" '{"b":""#,
                "field c true",
                r#""}' \""#,
                "field d false",
                r#" "\""#,
                "field e true",
                r#"" '\'"#,
                "field f false",
            ]
        );
    }

    #[test]
    fn braces_and_brackets_that_mark_nothing_are_text() {
        for cli in [
            "",
            "--policy '{\"a\":{}}'",
            "echo ${awsRegion}",
            "{a,b}",
            "{",
            "}{",
            "{awsRegion",
            "{{}",
            "a < b > c",
            "a 2>&1",
            "cat <<EOF > x",
            "<",
            "\\",
            "é{",
        ] {
            assert_eq!(pieces(cli).concat(), cli);
        }
    }
}
