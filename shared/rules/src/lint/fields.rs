//! Whether what a path leads to exists.

use super::About;
use super::record::{IDENTITY, RECORD};
use crate::near::did_you_mean;

/// What is wrong with a path that starts at the document, and the mend; `None` where it exists, or nobody knows.
pub(super) fn astray(path: &str, about: &About<'_>) -> Option<(String, String)> {
    let path = path.strip_prefix("$.").unwrap_or(path);
    let mut names = path.split('.');
    let (first, second) = (names.next().unwrap_or_default(), names.next());
    let known = |name: &str, of: &[&str]| of.iter().any(|each| each.eq_ignore_ascii_case(name));
    if path.is_empty() || matches!(first, "facts" | "correlation" | "$unavailable" | "$resource") {
        return None;
    }
    let Some(kind) = about.resource else {
        if !about.is_read {
            return None;
        }
        if !known(first, RECORD) {
            let of_identity = IDENTITY.iter().find(|each| second.is_none() && known(first, &[**each]));
            let remedy = match of_identity {
                Some(name) => format!("did you mean `userIdentity.{name}`?"),
                None => did_you_mean(first, RECORD.iter().copied(), "the fields"),
            };
            return Some((format!("no CloudTrail record has a field `{first}`"), remedy));
        }
        let second =
            second.filter(|name| first.eq_ignore_ascii_case("userIdentity") && !known(name, IDENTITY))?;
        let remedy = did_you_mean(second, IDENTITY.iter().copied(), "the fields of userIdentity");
        return Some((format!("no CloudTrail record has a field `{second}` in its userIdentity"), remedy));
    };
    let yields = about.world.yields?;
    let members = about.world.resources.get(kind)?;
    // A leading part that documents can have is right; the first that they cannot is the mistake.
    let mut parent = String::new();
    for name in path.split('.') {
        let whole = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        if !yields(kind, &whole) {
            let place = if parent.is_empty() { String::new() } else { format!(" in its {parent}") };
            let remedy = match (parent.is_empty(), members.is_empty()) {
                (true, false) => did_you_mean(name, members.iter().map(String::as_str), "the members"),
                _ => format!("look at what `trailpost inventory --type {kind} --json` shows of one"),
            };
            return Some((format!("no {kind} has a member `{name}`{place}"), remedy));
        }
        parent = whole;
    }
    None
}
