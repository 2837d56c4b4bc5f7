//! How long it takes: to detect what went wrong, to resolve it, and for how long resources were exposed.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Certainty, Episode, Finding, TimelineId, Untrusted};
use serde::Serialize;

use crate::inventory::{document_of, plain};
use crate::ports::{FindingQuery, Store, StoreError};

/// What episodes are put together by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The check.
    Check,
    /// The account.
    Account,
    /// The value of a tag of the resource, as it was read last.
    Tag(String),
}

/// Some durations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// Half of them are no longer than this, in seconds.
    pub median: u64,
    /// Nine of ten are no longer than this, in seconds.
    pub most: u64,
    /// The longest, in seconds.
    pub longest: u64,
}

impl Spread {
    /// The spread of durations. Of an even number the lower middle one is the median: it is one that happened.
    pub fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut seconds: Vec<u64> = durations.into_iter().map(|duration| duration.as_secs()).collect();
        seconds.sort_unstable();
        let count = seconds.len();
        let at = |tenths: usize| {
            let rank = (count * tenths).div_ceil(10).max(1) - 1;
            seconds.get(rank).copied().unwrap_or_default()
        };
        Self { count, median: at(5), most: at(9), longest: at(10) }
    }
}

/// What became of the episodes of one check, account or team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Which; empty for resources without the tag.
    pub key: Untrusted,
    /// How many episodes.
    pub episodes: usize,
    /// How many of them are not over.
    pub open: usize,
    /// Of how many exactly one call is known to be the cause.
    pub exact: usize,
    /// From the causing call to the read that found it.
    pub detect: Spread,
    /// From there to the call that ended it, or the read that found it over.
    pub resolve: Spread,
    /// From the causing call, or the read that found it, to its end.
    pub exposure: Spread,
}

/// The times of everything that is kept, by the key.
///
/// # Errors
/// When the store fails.
pub async fn times(store: &dyn Store, by: &By) -> Result<Vec<Times>, StoreError> {
    let mut groups: BTreeMap<String, Vec<Episode>> = BTreeMap::new();
    let mut query = FindingQuery { limit: 500, ..FindingQuery::default() };
    loop {
        let page = store.findings(&query).await?;
        for finding in page.items {
            if finding.posture.is_none() {
                continue;
            }
            let key = key_of(store, &finding, by).await?;
            // What was withdrawn was never so.
            let was_so = |episode: &Episode| !episode.provisional;
            groups
                .entry(key)
                .or_default()
                .extend(finding.posture.into_iter().flat_map(|posture| posture.episodes).filter(was_so));
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    Ok(groups.into_iter().map(|(key, episodes)| Times::of(key, &episodes)).collect())
}

impl Times {
    fn of(key: String, episodes: &[Episode]) -> Self {
        let spread = |span: &dyn Fn(&Episode) -> Option<model::SignedDuration>| {
            Spread::of(episodes.iter().filter_map(span).map(model::SignedDuration::unsigned_abs))
        };
        Self {
            key: Untrusted::new(key),
            episodes: episodes.len(),
            open: episodes.iter().filter(|episode| episode.resolved_at.is_none()).count(),
            exact: episodes.iter().filter(|episode| episode.cause.certainty == Certainty::Exact).count(),
            detect: spread(&Episode::time_to_detect),
            resolve: spread(&Episode::time_to_resolve),
            exposure: spread(&Episode::exposure),
        }
    }
}

async fn key_of(store: &dyn Store, finding: &Finding, by: &By) -> Result<String, StoreError> {
    let tag = match by {
        By::Check => return Ok(finding.rule.clone()),
        By::Account => return Ok(plain(&finding.account)),
        By::Tag(tag) => tag,
    };
    Ok(tag_value(store, finding, tag).await?.unwrap_or_default())
}

/// The value of a tag of the resource that a finding is about, as it was read last.
pub(crate) async fn tag_value(
    store: &dyn Store,
    finding: &Finding,
    tag: &str,
) -> Result<Option<String>, StoreError> {
    let Some(posture) = &finding.posture else { return Ok(None) };
    let (account, region) = (plain(&finding.account), plain(&finding.region));
    let key = TimelineId::of_resource(&account, &region, &posture.resource_type, &plain(&posture.resource));
    let state = store.state(&key).await?;
    Ok(state.and_then(|state| tag_of(&document_of(&state).into(), tag)))
}

/// The value of a tag: services write them as a list of keys and values, or as a map.
pub(crate) fn tag_of(document: &serde_json::Value, tag: &str) -> Option<String> {
    let lists = ["Tags", "TagSet", "TagList", "tags", "Tag"];
    let tags = lists.iter().find_map(|name| document.get(name).filter(|tags| !tags.is_null()))?;
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    if let Some(found) = tags.get(tag) {
        return text(found);
    }
    let is_it = |item: &&serde_json::Value| {
        ["Key", "key", "TagKey"].iter().any(|key| item.get(key).and_then(|name| name.as_str()) == Some(tag))
    };
    let found = tags.as_array()?.iter().find(is_it)?;
    ["Value", "value", "TagValue"].iter().find_map(|key| found.get(key)).and_then(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn spread(seconds: &[u64]) -> Spread {
        Spread::of(seconds.iter().map(|seconds| Duration::from_secs(*seconds)))
    }

    #[test]
    fn a_spread_says_what_is_usual_and_what_is_not() {
        assert_eq!(spread(&[]), Spread::default());
        assert_eq!(spread(&[7]), Spread { count: 1, median: 7, most: 7, longest: 7 });
        let ten = spread(&[10, 1, 9, 2, 8, 3, 7, 4, 6, 5]);
        assert_eq!(ten, Spread { count: 10, median: 5, most: 9, longest: 10 });
    }

    #[test]
    fn tags_are_found_in_either_form() {
        assert_eq!(
            tag_of(&json!({"Tags": [{"Key": "team", "Value": "red"}]}), "team").as_deref(),
            Some("red")
        );
        assert_eq!(tag_of(&json!({"tags": {"team": "red"}}), "team").as_deref(), Some("red"));
        assert_eq!(tag_of(&json!({"Tags": null}), "team"), None);
    }

    proptest! {
        #[test]
        fn at_least_half_are_no_longer_than_the_median(seconds in prop::collection::vec(0..1000_u64, 1..50)) {
            let spread = spread(&seconds);
            let within = |bound: u64| seconds.iter().filter(|second| **second <= bound).count();
            prop_assert!(within(spread.median) * 2 >= seconds.len());
            prop_assert!(within(spread.most) * 10 >= seconds.len() * 9);
            prop_assert_eq!(within(spread.longest), seconds.len());
            prop_assert!(seconds.contains(&spread.median) && seconds.contains(&spread.most));
        }
    }
}
