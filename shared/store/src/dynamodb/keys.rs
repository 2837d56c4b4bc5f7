//! Keys: under which text items stand, in the tables and in their indexes.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | finding | `F#<finding id>` | `#` |
//! | occurrence | `F#<finding id>` | `O#<event time>#<occurrence id>` |
//! | notice | `F#<finding id>` | `N#<notice id>` |
//! | finding about a resource that is open | `P#<account>#<resource type>` | `<timeline id>#<finding id>` |
//! | shard of a scan that is done | `S#<scan>` | `<shard>` |
//! | digest, which is a notice | `F#<digest id>` | `N#<digest id>` |
//! | line of a digest | `D#<digest id>#<shard>` | `<notice id>` |
//! | who is among the first of a span | `B#<channel> <beginning>` | `#` |
//! | entry of a window | `W#<window id>` | `<event time>#<entry id>` |
//! | state of a resource | `R#<timeline id>` | `#` |
//! | what leads to it | `A#<SHA-256 of its ARN or id>`, `K#<account>#<resource type>` | `<timeline id>` |
//! | type of which an account has resources | `K` | `<account> <resource type>` |
//! | moment of a timeline | `R#<timeline id>` | `<time>#<moment id>` |
//! | read that is going to happen | `M#<target>` | `#` |
//! | mute | `U` | `<mute id>` |
//! | note of a use case | `T#<scope>` | `<key>` |
//! | record in quarantine | `Q#<sha256>` | `#`, and its bytes in `0000`, `0001`, ... |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use model::{FindingId, NoticeId, Occurrence, Poison, TimelineId, Timestamp, Untrusted, WindowId};

use super::schema::{Index, PK, SHARDS, SK};
use crate::listing::stamp;

/// An item, or the key of one, as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The sort key of the item that the others of its partition belong to.
pub(super) const HEAD: &str = "#";

/// The most characters of foreign text in a key, of which DynamoDB takes 2048 bytes.
const TEXT_LIMIT: usize = 256;

/// A key, for requests.
pub(super) fn key(pk: String, sk: impl Into<String>) -> Item {
    Item::from([(PK.to_owned(), AttributeValue::S(pk)), (SK.to_owned(), AttributeValue::S(sk.into()))])
}

pub(super) fn finding_pk(id: &FindingId) -> String {
    format!("F#{id}")
}

/// The partition of what stands about resources of a type.
pub(super) fn standing_pk(account: &str, resource_type: &str) -> String {
    format!("P#{account}#{resource_type}")
}

/// What the sort keys of all that stands about one resource begin with.
pub(super) fn standing_sk(resource: &TimelineId) -> String {
    format!("{resource}#")
}

/// The partition of a scan, with an item for each shard that is done.
pub(super) fn scan_pk(scan: &str) -> String {
    format!("S#{scan}")
}

/// The partition of a resource in the table of states, or of a timeline.
pub(super) fn timeline_pk(id: &TimelineId) -> String {
    format!("R#{id}")
}

/// The partition of the resources that go by a name, which may be longer than a key.
pub(super) fn named_pk(name: &str) -> String {
    let digest = Poison::new(name.as_bytes(), "", Untrusted::default(), Timestamp::UNIX_EPOCH).sha256;
    format!("A#{digest}")
}

/// The partition of the resources of a type in an account.
pub(super) fn kind_pk(account: &str, resource_type: &str) -> String {
    format!("K#{account}#{resource_type}")
}

/// The partition of all types, account by account.
pub(super) const KINDS: &str = "K";

/// The partition of all mutes.
pub(super) const MUTES: &str = "U";

/// The partition of a mark.
pub(super) fn mark_pk(target: &str) -> String {
    format!("M#{target}")
}

/// What the sort keys of all occurrences begin with.
pub(super) const OCCURRENCES: &str = "O#";

pub(super) fn occurrence_sk(occurrence: &Occurrence) -> String {
    format!("{OCCURRENCES}{}#{}", stamp(occurrence.event_time), occurrence.id)
}

pub(super) fn notice_sk(id: &NoticeId) -> String {
    format!("N#{id}")
}

/// A partition of the lines of a digest.
pub(super) fn line_pk(digest: &NoticeId, shard: u8) -> String {
    format!("D#{digest}#{shard}")
}

/// The partition of those who go out one by one in a span.
pub(super) fn span_pk(span: &str) -> String {
    format!("B#{span}")
}

pub(super) fn quarantine_pk(sha256: &str) -> String {
    format!("Q#{sha256}")
}

/// The partition of the notes of a scope.
pub(super) fn notes_pk(scope: &str) -> String {
    format!("T#{scope}")
}

pub(super) fn window_pk(id: &WindowId) -> String {
    format!("W#{id}")
}

/// The sort key of what happened at `time`, and has this id.
pub(super) fn entry_sk(time: Timestamp, id: &str) -> String {
    format!("{}#{id}", stamp(time))
}

/// Which partition of an index a finding and its notices are in.
pub(super) fn shard(id: &FindingId) -> u8 {
    id.as_str().bytes().fold(0, u8::wrapping_add) % SHARDS
}

/// One partition of `index`: of what is listed under `of`, a rule, or of everything.
pub(super) fn partition(index: &Index, of: Option<&str>, shard: u8) -> String {
    let tag = index.tag;
    match of {
        // The id of a user's rule may be long. Those that are cut alike share a partition; queries compare the whole text.
        Some(of) => format!("{tag}#{}#{shard}", of.chars().take(TEXT_LIMIT).collect::<String>()),
        None => format!("{tag}#{shard}"),
    }
}

/// The sort key of a notice that is due at `time`.
pub(super) fn due_at(time: Timestamp, id: &NoticeId) -> String {
    entry_sk(time, id.as_str())
}

/// Greater than every [`due_at`] and [`entry_sk`] until `time`, less than every later one: `$` comes behind `#`.
pub(super) fn due_until(time: Timestamp) -> String {
    format!("{}$", stamp(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::schema::{BY_RULE, DUE_NOTICES};

    #[test]
    fn shards_are_filled_evenly() {
        let mut filled = [0; SHARDS as usize];
        for number in 0..4000 {
            let id = FindingId::new(
                "rule",
                "111111111111",
                "eu-west-1",
                &number.to_string(),
                model::Outcome::Success,
            );
            filled[usize::from(shard(&id))] += 1;
        }
        assert!(filled.iter().all(|count| (900..1100).contains(count)), "{filled:?}");
    }

    #[test]
    fn foreign_text_cannot_make_a_key_too_long() {
        let pk = partition(&BY_RULE, Some(&"\u{1f980}".repeat(100_000)), 3);
        assert!(pk.len() < 2048 && pk.ends_with("#3"));
        assert_eq!(partition(&BY_RULE, Some(""), 0), "S##0");
        assert_eq!(partition(&DUE_NOTICES, None, 1), "D#1");
    }

    #[test]
    fn what_is_due_now_is_below_the_bound_and_what_is_due_later_is_not() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let bound = due_until(at("2026-11-22T05:00:00.500Z"));
        let id = NoticeId::from_text("\u{10ffff}");
        assert!(due_at(at("2026-11-22T05:00:00.5009Z"), &id) < bound);
        assert!(due_at(at("2026-11-22T05:00:00.501Z"), &id) > bound);
    }
}
