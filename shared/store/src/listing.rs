//! The order that lists have, the same in every adapter: newest first, and ids decide between equals.
//!
//! Times are compared as text with a grain of one millisecond, because that is what keys and columns hold.

use std::fmt;

use engine::ports::{FindingQuery, Page, StateQuery, StoreError};
use model::{Finding, Moment, State, Timestamp};

use crate::column::column;

/// How many findings a page has when the query does not say.
const DEFAULT_LIMIT: usize = 100;

/// The second that year 0 begins with. Earlier years have a sign, and signs do not sort.
const YEAR_ZERO: i64 = -62_167_219_200;

/// `time` as text of one width, so that text order is time order.
pub(crate) fn stamp(time: Timestamp) -> String {
    if time.as_second() < YEAR_ZERO { "0000-01-01T00:00:00.000Z".to_owned() } else { format!("{time:.3}") }
}

/// Where a finding stands in a list; as text, what `FindingQuery::after` and `Page::next` carry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// When it was seen last, as [`stamp`] writes it.
    pub(crate) last_seen: String,
    /// Its id.
    pub(crate) id: String,
}

impl Position {
    /// Where `finding` stands.
    pub(crate) fn of(finding: &Finding) -> Self {
        Self { last_seen: stamp(finding.last_seen), id: finding.id.as_str().to_owned() }
    }

    /// Reads what [`fmt::Display`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (last_seen, id) = text.split_once('#')?;
        Some(Self { last_seen: last_seen.to_owned(), id: id.to_owned() })
    }

    /// Where the page before the one that `query` asks for ended.
    pub(crate) fn before(query: &FindingQuery) -> Result<Option<Self>, StoreError> {
        query
            .after
            .as_deref()
            .map(|text| {
                Self::parse(text)
                    .ok_or_else(|| StoreError::Unusable(format!("{text:?} is not where a page ends")))
            })
            .transpose()
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.last_seen, self.id)
    }
}

/// How many findings `query` asks for.
pub(crate) fn limit(query: &FindingQuery) -> usize {
    if query.limit == 0 { DEFAULT_LIMIT } else { query.limit }
}

/// Makes a page of at most `limit` of `rows`, which hold one more when there is more to come.
pub(crate) fn page<T>(mut rows: Vec<(Position, T)>, limit: usize) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(position, _)| position.to_string());
    Page { items: rows.into_iter().map(|(_, item)| item).collect(), next }
}

/// How many resources a page has when the query does not say.
const STATE_LIMIT: usize = 1_000;

/// How many resources `query` asks for.
pub(crate) fn state_limit(query: &StateQuery) -> usize {
    if query.limit == 0 { STATE_LIMIT } else { query.limit }
}

/// Whether `query` asks for this resource, wherever the page begins.
pub(crate) fn is_asked(query: &StateQuery, state: &State) -> bool {
    let is = |asked: &Option<String>, own: &str| asked.as_ref().is_none_or(|asked| asked == own);
    is(&query.account, &state.account)
        && is(&query.resource_type, &state.resource_type)
        && is(&query.region, &state.region)
        && (query.gone || state.is_present())
}

/// Where a resource stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot(String);

impl Spot {
    /// Where the resource of `state` stands: by account, type, region and ARN.
    pub(crate) fn of(state: &State) -> Self {
        let State { account, resource_type, region, arn, .. } = state;
        Self(format!("{account} {resource_type} {region} {}", column(arn)))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Moments in the order of time, and of equals by id; each once.
pub(crate) fn in_order(mut moments: Vec<Moment>) -> Vec<Moment> {
    moments.sort_by_cached_key(|moment| (stamp(moment.time), moment.id.clone(), moment.timeline.clone()));
    moments.dedup_by(|one, other| one.id == other.id && one.time == other.time && one.as_call().is_some());
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_sort_as_times_do() {
        let times = [
            "-009999-01-02T01:59:59Z",
            "0000-01-01T00:00:00.001Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "2026-11-22T05:00:00.0019Z",
            "2026-11-22T05:00:00.01Z",
            "9999-12-30T22:00:00.999999999Z",
        ];
        let stamps: Vec<_> = times.map(|time| stamp(time.parse().unwrap())).into_iter().collect();
        assert!(stamps.is_sorted(), "{stamps:?}");
        assert!(stamps.iter().all(|text| text.len() == "2026-11-22T05:00:00.001Z".len()), "{stamps:?}");
        assert_eq!(stamps[4], "2026-11-22T05:00:00.001Z");
    }

    #[test]
    fn a_page_ends_with_where_it_ended_only_when_there_is_more() {
        let row = |id: &str| (Position { last_seen: "t".into(), id: id.into() }, id.to_owned());
        assert_eq!(
            page(vec![row("b"), row("a")], 2),
            Page { items: vec!["b".into(), "a".into()], next: None }
        );
        let cut = page(vec![row("b"), row("a")], 1);
        assert_eq!(cut.next.as_deref().and_then(Position::parse), Some(row("b").0));
        assert_eq!(cut.items, ["b"]);
    }
}
