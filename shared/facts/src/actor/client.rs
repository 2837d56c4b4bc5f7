//! Through which program a call came.

use model::Event;

use super::automation::SIGN_IN;
use crate::loose::{flag, text};

/// What the user agents of attack and audit tools contain, and the tool. The text has to begin a word.
const TOOLS: &[(&str, &str)] = &[
    ("blackarch", "blackarch"),
    ("cloudfox", "cloudfox"),
    ("cloudmapper", "cloudmapper"),
    ("cloudsploit", "cloudsploit"),
    ("kali", "kali"),
    ("pacu", "pacu"),
    ("parrot", "parrot"),
    ("pentoo", "pentoo"),
    ("prowler", "prowler"),
    ("s3 browser", "s3-browser"),
    ("scout suite", "scoutsuite"),
    ("scoutsuite", "scoutsuite"),
    ("steampipe", "steampipe"),
    ("stratus-red-team", "stratus-red-team"),
    ("trufflehog", "trufflehog"),
];

/// The tool that a user agent in lower case names, or `""`.
pub(super) fn tool(user_agent: &str) -> &'static str {
    // `12parrot1` is a Parrot kernel: a digit before the word does no harm, a letter does.
    let begins =
        |at: usize| !user_agent.get(..at).is_some_and(|before| before.ends_with(char::is_alphabetic));
    TOOLS
        .iter()
        .find(|(part, _)| user_agent.match_indices(part).any(|(at, _)| begins(at)))
        .map_or("", |(_, tool)| tool)
}

/// Whether the call came out of the console, by what AWS writes or by a user agent in lower case.
pub(super) fn is_console(event: Event<'_>, user_agent: &str) -> bool {
    let root = event.root();
    let agent = user_agent.trim_matches(['[', ']']);
    flag(root, "sessionCredentialFromConsole") == Some(true)
        || text(root, "eventSource") == SIGN_IN
        || text(root, "eventType").starts_with("AwsConsole")
        || text(root, "userIdentity.invokedBy") == SIGN_IN
        || ["s3console/", "console.amazonaws.com", SIGN_IN, "aws console"]
            .iter()
            .any(|part| agent.contains(part))
        || (agent.starts_with("console.") && agent.contains(".amazonaws.com"))
}
