//! What can be typed behind `trailpost mute`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use engine::mute::{LONGEST_DAYS, file};
use model::{MuteMatch, SignedDuration, Timestamp};

use crate::args::Rules;

#[derive(Debug, Subcommand)]
pub(crate) enum MuteCommand {
    /// Adds a mute to the store, after showing what it hides
    Add(Box<Add>),
    /// Lists mutes with the days that are left and what they hide
    List {
        /// Lists those that have ended, too: who added and who removed them
        #[arg(long)]
        all: bool,
        /// Prints JSON lines
        #[arg(long)]
        json: bool,
    },
    /// Says what is wrong with files of mutes, by line
    Lint {
        /// Files and folders [default: those of --mutes and of the configuration]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        rules: Rules,
    },
    /// Shows what a mute hides, or would hide: open findings about resources, and what was seen in the last 30 days
    Preview(Box<Preview>),
    /// Ends a mute of the store, and says what becomes visible again; the mute stays on record
    Remove {
        /// Its id
        id: String,
    },
    /// Adds mutes of files to the store: Trailpost's own, Prowler's mutelist, CloudSploit's suppressions
    Import(Import),
}

/// What a mute covers.
#[derive(Debug, Args)]
pub(crate) struct Matches {
    /// The id of a signature or check; `*` and `?` are wildcards, `re:` begins a regular expression; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(crate) rule: Vec<String>,
    /// The resource's ARN, or what occurrences of a signature have in common; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(crate) resource: Vec<String>,
    /// The account's id; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(crate) account: Vec<String>,
    /// The region; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(crate) region: Vec<String>,
    /// A tag of the resource; of several all have to match
    #[arg(long, value_name = "KEY=PATTERN", value_parser = tag)]
    pub(crate) tag: Vec<(String, String)>,
    /// Who made the calls, every one of the newest hundred; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(crate) principal: Vec<String>,
}

impl From<&Matches> for MuteMatch {
    fn from(typed: &Matches) -> Self {
        Self {
            rule: typed.rule.clone(),
            account: typed.account.clone(),
            region: typed.region.clone(),
            resource: typed.resource.clone(),
            tags: typed.tag.iter().cloned().collect::<BTreeMap<_, _>>(),
            principal: typed.principal.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) matches: Matches,
    /// Why nobody has to hear of it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: String,
    /// Where it was decided
    #[arg(long, value_name = "TEXT")]
    pub(crate) ticket: Option<String>,
    /// A day (2027-01-31, from its midnight UTC on), a time, or a number of days (90d), at most 365 days ahead
    #[arg(long, value_name = "WHEN", value_parser = end)]
    pub(crate) expires: End,
    /// Its id [default: made of what it covers]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Does not ask
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// A mute, by its id, in place of --rule and --resource
    #[arg(value_name = "ID", conflicts_with_all = ["rule", "resource", "account", "region", "tag", "principal"])]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) matches: Matches,
    /// Prints the findings as JSON lines
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file
    pub(crate) file: PathBuf,
    /// Whose it is [default: told by the content]
    #[arg(long, value_name = "TOOL")]
    pub(crate) from: Option<Tool>,
    /// Who answers for what other tools muted
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,
    /// Why, where the file does not say
    #[arg(long, value_name = "TEXT", default_value = "imported; nobody has written down why")]
    pub(crate) reason: String,
    /// When they end, since other tools do not say: as for `mute add`
    #[arg(long, value_name = "WHEN", value_parser = end, default_value = "90d")]
    pub(crate) expires: End,
    /// Adds them; without, they are only shown
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub(crate) enum Tool {
    Trailpost,
    Prowler,
    CloudSploit,
}

/// When a mute ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    At(Timestamp),
    In(SignedDuration),
}

impl End {
    pub(crate) fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::In(span) => now.checked_add(span).unwrap_or(Timestamp::MAX),
        }
    }
}

fn end(text: &str) -> Result<End, String> {
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok()) {
        if !(1..=LONGEST_DAYS).contains(&days) {
            return Err(format!("a mute is for 1 to {LONGEST_DAYS} days; write, for example, 90d"));
        }
        return Ok(End::In(SignedDuration::from_hours(24 * days)));
    }
    file::day(text).map(End::At).ok_or_else(|| "no day: write 2027-01-31 or 90d".to_owned())
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, pattern)) if !key.is_empty() => Ok((key.to_owned(), pattern.to_owned())),
        _ => Err("no tag: write KEY=PATTERN, as in team=web".to_owned()),
    }
}
