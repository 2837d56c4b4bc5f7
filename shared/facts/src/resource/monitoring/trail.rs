//! Trails: what they record, and where it goes.

use std::collections::BTreeSet;

use model::json::Value;

use crate::arn::{Arn, is_other_account};
use crate::hole::{Gathered, Hole, Known};
use crate::json_out::Members;
use crate::loose::{field, first_text, flag, items, list, same_text, text};

/// A trail.
#[derive(Debug)]
pub(super) struct Trail<'a> {
    arn: String,
    multi_region: bool,
    logging: Known<'a, Option<bool>>,
    all_management_events: Known<'a, Option<bool>>,
    /// Where its events can be counted, if anywhere.
    pub(super) log_group: Option<LogGroup>,
}

/// A log group that a trail delivers to.
#[derive(Debug)]
pub(super) struct LogGroup {
    pub(super) name: String,
    pub(super) region: String,
    account: String,
}

/// The trails of a document. A trail of several regions is listed in each of them.
pub(super) fn read(document: Value<'_>) -> Gathered<'_, Trail<'_>> {
    let mut seen = BTreeSet::new();
    Gathered::list(document, "Trails").flat_map(|trail| {
        let arn = first_text(trail, &["TrailARN", "Name"]).into_owned();
        let is_new = seen.insert(arn.clone());
        is_new.then(|| Trail::read(document, trail, arn)).into_iter().collect()
    })
}

impl<'a> Trail<'a> {
    /// `Trail`, <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html>.
    fn read(document: Value<'a>, trail: Value<'a>, arn: String) -> Self {
        let status = about(document, "TrailStatuses", &arn);
        let selectors = about(document, "TrailSelectors", &arn);
        Self {
            multi_region: flag(trail, "IsMultiRegionTrail").unwrap_or(false),
            logging: status.map(|status| flag(status?, "IsLogging")),
            all_management_events: selectors.map(|selectors| selectors.and_then(records_all)),
            log_group: LogGroup::read(&text(trail, "CloudWatchLogsLogGroupArn")),
            arn,
        }
    }

    pub(super) fn write(&self, fact: &mut Members<'_>) {
        fact.text("trail", &self.arn);
        fact.flag("multi_region", self.multi_region);
        fact.known_maybe_flag("logging", self.logging);
        fact.known_maybe_flag("all_management_events", self.all_management_events);
        match &self.log_group {
            Some(group) => fact.text("log_group", &group.name),
            None => fact.maybe_flag("log_group", None),
        }
    }
}

impl LogGroup {
    /// Reads `arn:aws:logs:region:account:log-group:name:*`.
    fn read(arn: &str) -> Option<Self> {
        let parsed = Arn::parse(arn)?;
        let name = parsed.resource.strip_prefix("log-group:")?;
        let name = name.split(':').next().filter(|name| !name.is_empty())?;
        Some(Self {
            name: name.to_owned(),
            region: parsed.region.to_owned(),
            account: parsed.account.to_owned(),
        })
    }

    /// Whether it may be in `account`: the trail of an organization delivers to another.
    pub(super) fn is_in(&self, account: &str) -> bool {
        !is_other_account(&self.account, account)
    }
}

/// What the list `name` holds `Of` the trail `arn`. Of a hole that does not say whose it is, it may be this one's.
fn about<'a>(document: Value<'a>, name: &str, arn: &str) -> Known<'a, Option<Value<'a>>> {
    let mut hidden = None;
    let entries = field(document, name).map(items).unwrap_or_default();
    for entry in entries {
        let of = text(entry, "Of");
        let hole = Hole::within(entry);
        if same_text(&of, arn) {
            return hole.map_or(Ok(Some(entry)), Err);
        }
        if of.is_empty() {
            hidden = hidden.or(hole);
        }
    }
    hidden.map_or(Ok(None), Err)
}

/// Whether selectors have a trail record what reads and what writes; `None` where there are none.
/// `GetEventSelectors`, <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html>.
fn records_all(selectors: Value<'_>) -> Option<bool> {
    let basic = list(selectors, "EventSelectors").into_iter().map(recorded);
    let advanced = list(selectors, "AdvancedEventSelectors").into_iter().map(recorded_by_fields);
    basic
        .chain(advanced)
        .reduce(|one, other| Recorded { reads: one.reads || other.reads, writes: one.writes || other.writes })
        .map(|recorded| recorded.reads && recorded.writes)
}

/// Which management events a selector takes.
#[derive(Debug, Clone, Copy)]
struct Recorded {
    reads: bool,
    writes: bool,
}

/// `EventSelector`, <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html>: what is
/// left out means all.
fn recorded(selector: Value<'_>) -> Recorded {
    let management = flag(selector, "IncludeManagementEvents").unwrap_or(true);
    let kind = text(selector, "ReadWriteType");
    Recorded {
        reads: management && !same_text(&kind, "WriteOnly"),
        writes: management && !same_text(&kind, "ReadOnly"),
    }
}

/// `AdvancedFieldSelector`,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>: all fields have
/// to fit. Leaving out the many events of a source such as KMS is no restriction to some.
fn recorded_by_fields(selector: Value<'_>) -> Recorded {
    let mut recorded = Recorded { reads: true, writes: true };
    let (mut management, mut restricted) = (false, false);
    for selected in list(selector, "FieldSelectors") {
        let equals = |word: &str| {
            list(selected, "Equals").into_iter().filter_map(Value::text).any(|value| same_text(&value, word))
        };
        let takes_some =
            ["Equals", "StartsWith", "EndsWith"].iter().any(|name| !list(selected, name).is_empty());
        match text(selected, "Field").as_ref() {
            "eventCategory" => management = equals("Management"),
            "readOnly" => {
                recorded.reads &= equals("true");
                recorded.writes &= equals("false");
            }
            _ => restricted |= takes_some,
        }
    }
    let taken = management && !restricted;
    Recorded { reads: recorded.reads && taken, writes: recorded.writes && taken }
}
