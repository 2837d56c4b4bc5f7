//! The policies of the role that scans assume: the actions that the resource rows call, and no other.
//!
//! They are written between two marks in the templates. A managed policy takes 6,144 characters besides white space:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aws::model::Models;
use aws::permissions;
use sha2::{Digest as _, Sha256};

/// What keeps the policies from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// A template without its marks.
    #[error("{0} has no lines `{BEGIN}` and `{END}`")]
    Marks(String),
    /// `--check` found a difference.
    #[error("{0} is not what the resource rows need; run `cargo xtask iam`")]
    Stale(String),
}

const BEGIN: &str = "  # <read policies> made by `cargo xtask iam` from the resource rows; not to be edited";
const END: &str = "  # </read policies>";

/// The templates, each with the condition under which it makes the role.
const TEMPLATES: &[(&str, Option<&str>)] = &[
    ("template.yaml", None),
    ("templates/read-role.yaml", None),
    ("templates/producer.yaml", Some("MakesRoles")),
];

/// Why checkov's rules on policies are not asked here, in the templates' own words.
const SKIPS: &str = "          - { id: CKV_AWS_111, comment: \"every action reads; a test holds the list against the calls\" }
          - { id: CKV_AWS_107, comment: \"no action hands out credentials; reading data is denied besides\" }
          - { id: CKV_AWS_108, comment: \"no action reads what is kept in the account; reading data is denied besides\" }
          - { id: CKV_AWS_109, comment: \"no action changes permissions; a scan has to read all resources\" }
          - { id: CKV_AWS_356, comment: \"a scan has to read all resources; most of these actions know no other resource\" }
";

/// Behind the digest of a template.
const DIGEST: &str = " # <digest> of all other lines, made by `cargo xtask iam`";

/// So many characters of actions go into one policy.
const ROOM: usize = 5_400;

/// Makes the policies, or says whether they are up to date.
pub(crate) fn make(root: &Path, check: bool) -> Result<String, Error> {
    let actions = permissions::needed(&catalog::builtin().rows, &Models::default());
    for (name, condition) in TEMPLATES {
        let text = policies(&actions, *condition);
        let path = root.join(name);
        let failed = |error| Error::File((*name).to_owned(), error);
        let before = fs::read_to_string(&path).map_err(failed)?;
        let after = replaced(&before, &text).ok_or_else(|| Error::Marks((*name).to_owned()))?;
        let after = with_digest(&after);
        if before != after {
            if check {
                return Err(Error::Stale((*name).to_owned()));
            }
            fs::write(&path, after).map_err(failed)?;
        }
    }
    Ok(format!("{} actions in {} policies", actions.len(), chunks(&actions).len()))
}

fn replaced(template: &str, policies: &str) -> Option<String> {
    let (before, rest) = template.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{policies}{END}{after}"))
}

/// The template with the digest of its other lines in the line that has one: it tells producers which template they are of.
fn with_digest(template: &str) -> String {
    let is_digest = |line: &&str| line.contains(DIGEST);
    let mut hash = Sha256::new();
    for line in template.lines().filter(|line| !is_digest(line)) {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    let digest = hash.finalize().iter().take(6).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot go wrong.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let line = |line: &str| match line.split_once('"').filter(|_| is_digest(&line)) {
        Some((before, _)) => format!("{before}\"{digest}\"{DIGEST}\n"),
        None => format!("{line}\n"),
    };
    template.lines().map(line).collect()
}

fn chunks(actions: &BTreeSet<String>) -> Vec<Vec<&str>> {
    let mut chunks: Vec<Vec<&str>> = vec![Vec::new()];
    let mut used = 0;
    for action in actions {
        used += action.len() + 3;
        if used > ROOM {
            used = action.len() + 3;
            chunks.push(Vec::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(action);
        }
    }
    chunks
}

fn policies(actions: &BTreeSet<String>, condition: Option<&str>) -> String {
    let condition = condition.map(|name| format!("    Condition: {name}\n")).unwrap_or_default();
    let mut text = String::new();
    for (index, chunk) in chunks(actions).into_iter().enumerate() {
        // Writing to a String cannot go wrong.
        let _ = write!(
            text,
            "  ReadPolicy{}:\n    Type: AWS::IAM::ManagedPolicy\n{condition}    Metadata:\n      checkov:\n        skip:\n{SKIPS}    Properties:\n      \
             Description: Reads how resources are set up, and nothing that is in them.\n      Roles: [!Ref ReadRole]\n      \
             PolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n          - Effect: Allow\n            \
             Resource: \"*\"\n            Action:\n",
            index + 1
        );
        for action in chunk {
            let _ = writeln!(text, "              - {action}");
        }
        text.push('\n');
    }
    let _ = write!(
        text,
        "  NoDataPolicy:\n    Type: AWS::IAM::ManagedPolicy\n{condition}    Properties:\n      \
         Description: What people keep in the account is not read, whatever else is attached to the role.\n      \
         Roles: [!Ref ReadRole]\n      PolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n          \
         - Effect: Deny\n            Resource: \"*\"\n            Action:\n"
    );
    for action in permissions::DATA {
        let _ = writeln!(text, "              - {action}");
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_policy_is_larger_than_iam_takes() {
        let actions: BTreeSet<String> =
            (0..900).map(|number| format!("service:DescribeThing{number}")).collect();
        let chunks = chunks(&actions);
        assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), 900);
        for chunk in chunks {
            assert!(chunk.iter().map(|action| action.len() + 3).sum::<usize>() < 5_900);
        }
    }

    #[test]
    fn a_template_knows_its_digest_and_any_other_line_changes_it() {
        let template = |text: &str| format!("a: {text}\n  Value: \"\"{DIGEST}\n");
        let one = with_digest(&template("1"));
        assert_eq!(one, with_digest(&one));
        assert_ne!(one.lines().last(), with_digest(&template("2")).lines().last());
        assert_eq!(with_digest("a: 1\n"), "a: 1\n");
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let template = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        assert_eq!(replaced(&template, "  new\n").unwrap(), format!("a\n{BEGIN}\n  new\n{END}\nb\n"));
        assert_eq!(replaced("nothing", "new"), None);
    }
}
