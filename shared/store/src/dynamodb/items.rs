//! What stands in the tables: attributes, and how they are read back.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use engine::ports::StoreError;
use model::{Finding, FindingId, Notice, NoticeId, Occurrence, Timestamp};

use super::keys::{HEAD, Item, due_at, finding_pk, key, notice_sk, occurrence_sk, partition, shard};
use super::packed::{pack, unpack};
use super::schema::{BY_RULE, DUE_NOTICES, Index, PK, RECENT, SK, TTL};
use crate::column::column;
use crate::document;
use crate::listing::{Position, stamp};

/// How long occurrences are kept.
const OCCURRENCES_STAY: Duration = days(400);

/// The most bytes of an item: a little less than the 400 KB (409,600 bytes) that DynamoDB takes.
const ITEM_LIMIT: usize = 400_000;

pub(super) const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// When an item that is written at `now` may be deleted.
pub(super) fn expiry(now: Timestamp, stay: Duration) -> AttributeValue {
    number(now.as_second().saturating_add_unsigned(stay.as_secs()))
}

/// The item at `key` with these attributes.
pub(super) fn item<const N: usize>(key: Item, attributes: [(&str, AttributeValue); N]) -> Item {
    let mut item = key;
    item.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
    item
}

/// A finding as it was read: the version tells whether somebody changed it since.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) finding: Finding,
    pub(super) version: u64,
}

/// The item of a finding. Where it would be too large, without the record of the newest occurrence: better a finding
/// without evidence than no finding.
pub(super) fn head_item(finding: &Finding, version: u64) -> Result<Item, StoreError> {
    let whole = whole_head_item(finding, version)?;
    if size(&whole) <= ITEM_LIMIT {
        return Ok(whole);
    }
    let slim = Finding { latest: without_evidence(&finding.latest), ..finding.clone() };
    fitting(&finding.id, whole_head_item(&slim, version)?)
}

fn whole_head_item(finding: &Finding, version: u64) -> Result<Item, StoreError> {
    let mut head = item(
        key(finding_pk(&finding.id), HEAD),
        [
            ("kind", text("finding")),
            ("rule", text(&finding.rule)),
            ("severity", text(finding.severity.as_str())),
            ("severity_rank", number(finding.severity.rank())),
            ("status", text(document::status(finding.status))),
            ("account", text(column(&finding.account))),
            ("region", text(column(&finding.region))),
            ("first_seen", text(stamp(finding.first_seen))),
            ("last_seen", text(stamp(finding.last_seen))),
            ("count", number(finding.count)),
            ("version", number(version)),
        ],
    );
    pack(&mut head, finding)?;
    let mut list = |index: &Index, of, place: String| {
        head.insert(index.pk.to_owned(), text(partition(index, of, shard(&finding.id))));
        head.insert(index.sk.to_owned(), text(place));
    };
    list(&RECENT, None, Position::of(finding).to_string());
    list(&BY_RULE, Some(&finding.rule), finding.id.as_str().to_owned());
    Ok(head)
}

/// The item of an occurrence; where it would be too large, without its record.
pub(super) fn occurrence_item(occurrence: &Occurrence, now: Timestamp) -> Result<Item, StoreError> {
    let whole = whole_occurrence_item(occurrence, now)?;
    if size(&whole) <= ITEM_LIMIT {
        return Ok(whole);
    }
    fitting(&occurrence.finding_id, whole_occurrence_item(&without_evidence(occurrence), now)?)
}

fn whole_occurrence_item(occurrence: &Occurrence, now: Timestamp) -> Result<Item, StoreError> {
    let mut whole = item(
        key(finding_pk(&occurrence.finding_id), occurrence_sk(occurrence)),
        [("kind", text("occurrence")), (TTL, expiry(now, OCCURRENCES_STAY))],
    );
    pack(&mut whole, occurrence)?;
    Ok(whole)
}

/// The item of a notice that nobody has held yet. What it says is in attributes of its own, for readers of the stream.
pub(super) fn notice_item(notice: &Notice, now: Timestamp) -> Item {
    item(
        key(finding_pk(&notice.finding_id), notice_sk(&notice.id)),
        [
            ("kind", text("notice")),
            ("notice_id", text(notice.id.as_str())),
            ("finding_id", text(notice.finding_id.as_str())),
            ("channel", text(&notice.channel)),
            ("state", text("due")),
            ("epoch", number(0)),
            ("created_at", text(stamp(now))),
            (DUE_NOTICES.pk, text(partition(&DUE_NOTICES, None, shard(&notice.finding_id)))),
            (DUE_NOTICES.sk, text(due_at(now, &notice.id))),
        ],
    )
}

/// How many bytes DynamoDB counts for an item, at least: names and values.
pub(super) fn size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| {
            name.len()
                + match value {
                    AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
                    AttributeValue::B(bytes) => bytes.as_ref().len(),
                    _ => 0,
                }
        })
        .sum()
}

/// Evidence within its limit takes at most twice its bytes as JSON text, so that only an event whose other fields are
/// huge, or are control characters, comes here.
fn without_evidence(occurrence: &Occurrence) -> Occurrence {
    Occurrence { evidence: "left out: the item would be too large".into(), ..occurrence.clone() }
}

fn fitting(id: &FindingId, item: Item) -> Result<Item, StoreError> {
    let bytes = size(&item);
    if bytes <= ITEM_LIMIT {
        return Ok(item);
    }
    Err(StoreError::Unusable(format!(
        "an event of finding {id} takes {bytes} bytes, DynamoDB takes {ITEM_LIMIT}"
    )))
}

/// Where `item` stands, for messages.
pub(super) fn place(item: &Item) -> String {
    let part = |name| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
    format!("{} {}", part(PK), part(SK))
}

pub(super) fn corrupt(item: &Item, reason: impl Into<String>) -> StoreError {
    StoreError::Corrupt { key: place(item), reason: reason.into() }
}

/// The text of an attribute.
pub(super) fn read_text<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| corrupt(item, format!("`{name}` is no text")))
}

/// The number of an attribute.
pub(super) fn read_number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, StoreError> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| corrupt(item, format!("`{name}` is no such number")))
}

pub(super) fn read_head(item: &Item) -> Result<Head, StoreError> {
    Ok(Head { finding: unpack(item)?, version: read_number(item, "version")? })
}

pub(super) fn read_occurrence(item: &Item) -> Result<Occurrence, StoreError> {
    unpack(item)
}

pub(super) fn read_notice(item: &Item) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: NoticeId::from_text(read_text(item, "notice_id")?),
        finding_id: FindingId::from_text(read_text(item, "finding_id")?),
        channel: read_text(item, "channel")?.to_owned(),
    })
}
