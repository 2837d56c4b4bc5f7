//! What a mute has to be, wherever it was written.

use model::{Mute, Timestamp};

use super::pattern::Pattern;
use crate::inventory::plain;

/// The longest time that a mute may be for.
pub const LONGEST_DAYS: i64 = 365;

/// The longest id.
const ID: usize = 64;

/// The most characters of a reason, an owner or a ticket, and of one pattern.
const TEXT: usize = 1_000;

/// The most patterns of one field.
const PATTERNS: usize = 500;

/// What is wrong with one field of a mute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field, such as `match.rule`.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// Everything that is wrong with a mute that is written at `now`; nothing: it can be used.
pub fn mistakes(mute: &Mute, now: Timestamp) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut wrong = |field: &str, problem: String, remedy: &str| {
        found.push(Mistake { field: field.to_owned(), problem, remedy: remedy.to_owned() });
    };
    if !is_id(&mute.id) {
        wrong(
            "id",
            format!("`{}` is no id", mute.id.escape_debug()),
            "write at most 64 lower-case letters, digits, `-`, `_` or `.`, as in public-website",
        );
    }
    let texts =
        [("reason", Some(&mute.reason)), ("owner", Some(&mute.owner)), ("ticket", mute.ticket.as_ref())];
    for (field, text) in texts {
        let Some(text) = text.map(plain) else { continue };
        if text.trim().is_empty() {
            wrong(field, format!("the {field} is empty"), "say it, so that others can judge the mute later");
        } else if text.chars().count() > TEXT {
            wrong(field, format!("the {field} is too long"), "write at most 1,000 characters");
        }
    }
    let matches = &mute.matches;
    let mut is_narrow = false;
    let mut is_sound = true;
    let fields = [
        ("match.rule", &matches.rule, true),
        ("match.resource", &matches.resource, true),
        ("match.account", &matches.account, false),
        ("match.region", &matches.region, false),
        ("match.principal", &matches.principal, false),
    ];
    for (field, patterns, narrows) in fields {
        if patterns.len() > PATTERNS {
            wrong(
                field,
                format!("{} patterns", patterns.len()),
                "write at most 500; make another mute of the rest",
            );
        }
        let mut everything = false;
        for text in patterns {
            match pattern(text) {
                Ok(pattern) => everything |= pattern.is_everything(),
                Err(problem) => {
                    is_sound = false;
                    wrong(
                        field,
                        problem,
                        "write the whole text, with `*` and `?`, or an expression behind `re:`",
                    );
                }
            }
        }
        is_narrow |= narrows && !patterns.is_empty() && !everything;
    }
    for (key, text) in &matches.tags {
        if let Err(problem) = pattern(text) {
            let field = format!("match.tags.{key}");
            wrong(&field, problem, "write the whole value, with `*` and `?`, or an expression behind `re:`");
        }
    }
    if is_sound && !is_narrow {
        wrong(
            "match",
            "it matches every rule and every resource".to_owned(),
            "name a rule or a resource by more than `*`",
        );
    }
    times(mute, now, &mut wrong);
    found
}

/// The patterns of rules that match none of these ids: a slip of the pen, or rules that are not loaded here.
pub fn idle<'m>(mute: &'m Mute, ids: &[&str]) -> Vec<&'m str> {
    let matches_none =
        |text: &&String| Pattern::new(text).is_ok_and(|pattern| !ids.iter().any(|id| pattern.matches(id)));
    mute.matches.rule.iter().filter(matches_none).map(String::as_str).collect()
}

fn times(mute: &Mute, now: Timestamp, wrong: &mut impl FnMut(&str, String, &str)) {
    let day = 24 * 60 * 60;
    let slack = 5 * 60;
    if mute.created.as_second() > now.as_second().saturating_add(slack) {
        wrong("created", "it is in the future".to_owned(), "write when it was decided");
    }
    let spans = mute.expires.as_second().saturating_sub(mute.created.as_second());
    if spans <= 0 {
        wrong("expires", "it ends before it begins".to_owned(), "write a day behind `created`");
    } else if spans > LONGEST_DAYS * day {
        let days = spans / day;
        let problem = format!("it is {days} days ahead");
        wrong("expires", problem, "write a day at most 365 days ahead, and decide anew then");
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    if text.chars().count() > TEXT {
        return Err("a pattern of more than 1,000 characters".to_owned());
    }
    Pattern::new(text)
}

fn is_id(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    (1..=ID).contains(&text.len())
        && text.bytes().all(is_inner)
        && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}
