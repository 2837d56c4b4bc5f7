//! The calls that a difference between two looks may be due to.
//!
//! A look at T that lags behind by up to L shows how things were at some time in (T - L, T]. So a call counts from L
//! before the earlier look on, and whether the later look shows a call of its last L nobody knows beforehand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Call, Difference, Effect, Moment, Outcome, State, TimelineId, Timestamp, Turn};

use super::named::told;
use super::trace::may_change;
use crate::ports::{Inventory, StoreError};

/// How long after a call a look may still miss what it did: AWS's APIs are eventually consistent.
///
/// "Eventual consistency in the Amazon EC2 API", <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>.
pub(crate) const LAG: Duration = Duration::from_mins(5);

/// How much the clocks of AWS and of this machine may differ; CloudTrail's times have a grain of one second.
pub(crate) const SKEW: Duration = Duration::from_secs(5);

/// The calls that may have made a difference.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects {
    /// Those that took effect, in the order of time.
    calls: Vec<Call>,
    /// The events that are known to have made an earlier difference: a look showed what they did.
    credited: BTreeSet<String>,
    /// When the earlier look began.
    pub(super) since: Option<Timestamp>,
    /// When the later look began.
    pub(super) until: Timestamp,
    /// Facets that the earlier look did not read, and when they were read last.
    unread: BTreeMap<String, Timestamp>,
}

/// Asks for the calls on a resource that a difference between a look at `since` and one at `until` may be due to.
pub(super) async fn suspects(
    inventory: &dyn Inventory,
    state: &State,
    related: &[TimelineId],
    (since, unread): (Option<Timestamp>, &BTreeMap<String, Timestamp>),
    until: Timestamp,
) -> Result<Suspects, StoreError> {
    let mut timelines = state.timelines();
    timelines.extend(related.iter().cloned());
    let moments = told(inventory, &timelines, from(since, unread), until + SKEW).await?;
    Ok(Suspects::among(&moments, (since, unread), until))
}

/// From when on calls count after a look at `since`.
fn from(since: Option<Timestamp>, unread: &BTreeMap<String, Timestamp>) -> Timestamp {
    let first = since.map(|since| unread.values().copied().fold(since, Timestamp::min));
    first.map_or(Timestamp::UNIX_EPOCH, |first| first - LAG)
}

/// From when on calls may have made a difference.
pub(crate) fn suspects_from(difference: &Difference) -> Timestamp {
    from(difference.since, &difference.unread)
}

impl Suspects {
    /// The calls among moments that a difference between `since` and `until` may be due to.
    pub(crate) fn among(
        moments: &[Moment],
        (since, unread): (Option<Timestamp>, &BTreeMap<String, Timestamp>),
        until: Timestamp,
    ) -> Self {
        let earlier = || moments.iter().filter(|moment| moment.time < until);
        let differences = || earlier().filter_map(|moment| Some((moment.time, moment.as_difference()?)));
        let credited = differences().filter_map(|(_, difference)| difference.cause.exact());
        let credited = credited.map(|culprit| super::plain(&culprit.event_id)).collect();
        // Nothing that was done to what is gone did anything to what came after it.
        let ended = |(seen_at, difference): (Timestamp, &Difference)| {
            let by = difference.cause.exact().map(|culprit| culprit.time);
            (difference.turn == Turn::Vanished).then(|| by.unwrap_or(seen_at - LAG))
        };
        let born = differences().filter_map(ended).max();
        let is_suspect = |call: &&Call| {
            call.outcome == Outcome::Success
                && call.time <= until + SKEW
                && born
                    .is_none_or(|born| call.time > born || (call.time == born && call.effect != Effect::Gone))
        };
        let mut calls: Vec<Call> =
            moments.iter().filter_map(Moment::as_call).filter(is_suspect).cloned().collect();
        calls.sort_by_key(|call| call.time);
        Self { calls, credited, since, until, unread: unread.clone() }
    }

    /// The calls among moments that may have made what the record of a call at `called_at` says, after a look at `since`:
    /// what they did stood there when that call was made.
    pub(crate) fn up_to_a_call(moments: &[Moment], since: Timestamp, called_at: Timestamp) -> Self {
        let earlier = moments.iter().filter(|moment| moment.time <= called_at).cloned();
        let earlier: Vec<Moment> = earlier.collect();
        Self::among(&earlier, (Some(since), &BTreeMap::new()), called_at + LAG)
    }

    /// Whether no call may have done anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.of(|_| true, self.since).is_empty()
    }

    /// The calls that may have changed a member, in the order of time.
    pub(super) fn on(&self, member: &str) -> Vec<&Call> {
        let since = self.unread.get(member).copied().or(self.since);
        self.of(|call| call.effect != Effect::Gone && may_change(call, member), since)
    }

    /// The calls that change whether the resource is there, or that `fits` lets pass.
    pub(crate) fn all(&self) -> Vec<&Call> {
        self.of(|_| true, self.since)
    }

    /// When the last call on a member was made of which an earlier look showed what it did.
    pub(super) fn shown_on(&self, member: &str) -> Option<Timestamp> {
        let since = self.unread.get(member).copied().or(self.since);
        self.last_shown(|call| call.effect != Effect::Gone && may_change(call, member), since)
    }

    /// When the last call was made of which an earlier look showed what it did.
    pub(super) fn shown(&self) -> Option<Timestamp> {
        self.last_shown(|_| true, self.since)
    }

    fn last_shown(&self, fits: impl Fn(&Call) -> bool, since: Option<Timestamp>) -> Option<Timestamp> {
        let credited = self.calls.iter().filter(|call| fits(call) && self.is_credited(call, since));
        credited.map(|call| call.time).max()
    }

    fn is_credited(&self, call: &Call, since: Option<Timestamp>) -> bool {
        since.is_some() && self.credited.contains(&super::plain(&call.event_id))
    }

    fn of(&self, fits: impl Fn(&Call) -> bool, since: Option<Timestamp>) -> Vec<&Call> {
        // A look showed what was done before what another look showed.
        let shown = self.last_shown(&fits, since);
        (self.calls.iter())
            .filter(|call| fits(call) && !self.is_credited(call, since))
            .filter(|call| since.is_none_or(|since| call.time + LAG >= since))
            .filter(|call| shown.is_none_or(|shown| call.time >= shown))
            .collect()
    }

    /// The later look shows what was done until then.
    pub(crate) fn sure_until(&self) -> Timestamp {
        self.until - LAG
    }

    /// When the earlier look began.
    pub(crate) const fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Whether the earlier look did not read a facet that `counts`.
    pub(crate) fn is_unread(&self, counts: impl Fn(&str) -> bool) -> bool {
        self.unread.keys().any(|facet| counts(facet))
    }
}
