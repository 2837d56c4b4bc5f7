//! Through which program a call came, by what its user agent says.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::automation::SIGN_IN;

/// What the words of a user agent say of the program.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as rules read them")]
pub(super) struct Client {
    /// The attack or audit tool, or `""`.
    pub(super) tool: &'static str,
    /// What deploys infrastructure, or `""`.
    pub(super) deployer: &'static str,
    pub(super) console: bool,
    pub(super) lambda: bool,
    pub(super) cloudshell: bool,
    pub(super) scim: bool,
}

/// What a word stands for.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    /// An attack or audit tool. The word has to begin one: `kali` is not in `alkalinity`.
    Tool(&'static str),
    Deployer(&'static str),
    Console,
    Lambda,
    CloudShell,
    Scim,
    /// The domain of AWS, which says something only behind `console.`.
    Aws,
}

use Meaning::{Aws, CloudShell, Console, Deployer, Lambda, Scim, Tool};

/// What user agents contain, letter case aside. Of several tools or deployers the first in this list counts.
const WORDS: &[(&str, Meaning)] = &[
    ("blackarch", Tool("blackarch")),
    ("cloudfox", Tool("cloudfox")),
    ("cloudmapper", Tool("cloudmapper")),
    ("cloudsploit", Tool("cloudsploit")),
    ("kali", Tool("kali")),
    ("pacu", Tool("pacu")),
    ("parrot", Tool("parrot")),
    ("pentoo", Tool("pentoo")),
    ("prowler", Tool("prowler")),
    ("s3 browser", Tool("s3-browser")),
    ("scout suite", Tool("scoutsuite")),
    ("scoutsuite", Tool("scoutsuite")),
    ("steampipe", Tool("steampipe")),
    ("stratus-red-team", Tool("stratus-red-team")),
    ("trufflehog", Tool("trufflehog")),
    ("terraform", Deployer("terraform")),
    ("opentofu", Deployer("terraform")),
    ("pulumi", Deployer("pulumi")),
    ("aws-cdk", Deployer("cdk")),
    ("s3console/", Console),
    ("console.amazonaws.com", Console),
    (SIGN_IN, Console),
    ("aws console", Console),
    (".amazonaws.com", Aws),
    ("exec-env/aws_lambda", Lambda),
    ("exec-env/cloudshell", CloudShell),
    ("scim", Scim),
];

/// All the words at once. Nothing but a list a thousand times as long could make it fail to build.
static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = WORDS.iter().map(|(word, _)| word);
    AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words).ok()
});

impl Client {
    pub(super) fn of(user_agent: &str) -> Self {
        let mut client = Self::default();
        let (mut first_tool, mut first_deployer) = (usize::MAX, usize::MAX);
        let found = FINDER.iter().flat_map(|finder| finder.find_overlapping_iter(user_agent));
        for word in found {
            let number = word.pattern().as_usize();
            match WORDS.get(number).map(|(_, meaning)| *meaning) {
                Some(Tool(tool)) if number < first_tool && begins_word(user_agent, word.start()) => {
                    (first_tool, client.tool) = (number, tool);
                }
                Some(Deployer(deployer)) if number < first_deployer => {
                    (first_deployer, client.deployer) = (number, deployer);
                }
                Some(Console) => client.console = true,
                Some(Aws) => client.console |= is_console_of_service(user_agent),
                Some(Lambda) => client.lambda = true,
                Some(CloudShell) => client.cloudshell = true,
                Some(Scim) => client.scim = true,
                Some(Tool(_) | Deployer(_)) | None => {}
            }
        }
        client
    }
}

/// Whether a word starts at `at`. `12parrot1` is a Parrot kernel: a digit before the word does no harm, a letter
/// does.
fn begins_word(text: &str, at: usize) -> bool {
    !text.get(..at).is_some_and(|before| before.ends_with(char::is_alphabetic))
}

/// Whether a user agent starts as those of the consoles of services do: `console.ec2.amazonaws.com`.
fn is_console_of_service(user_agent: &str) -> bool {
    let start = user_agent.trim_matches(['[', ']']).get(.."console.".len());
    start.is_some_and(|start| start.eq_ignore_ascii_case("console."))
}
