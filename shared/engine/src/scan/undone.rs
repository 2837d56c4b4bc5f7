//! What a later call ended before anybody looked.
//!
//! Of what the record of a call began no read shows that it was so. Where other records say what was done to the resource
//! since, the document is followed through all of them, and the check says after which it was over. Calls of one second
//! are followed in every order. Where any of it is not known, nothing is said.

use std::collections::BTreeSet;

use model::{
    Assessment, Basis, Call, Cause, Certainty, Change, Culprit, Episode, Finding, Moment, Outcome, Posture,
    Resolution, Standing, State, Timestamp,
};
use rules::Truth;
use serde_json::{Map, Value};

use super::Scanner;
use super::settle::Seen;
use super::way::{Step, Way, permutations};
use crate::inventory::{Kept, LAG, Past, add_chains, at, makes, plain, told};
use crate::ports::{Assessed, StoreError};

/// In more orders than this calls are not followed.
const ORDERS: usize = 24;

/// A look that finds over what a record began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Over<'a> {
    pub(super) check: &'a str,
    pub(super) episode: &'a Episode,
    pub(super) state: &'a State,
    pub(super) observed_at: Timestamp,
    /// It shows what all known calls did.
    pub(super) is_late: bool,
}

impl Scanner {
    /// Says of what records began and this look finds over which call ended it.
    pub(super) async fn end_undone(
        &self,
        seen: &Seen<'_>,
        assessments: &[Assessment],
        assessed: &mut [Assessed],
    ) -> Result<(), StoreError> {
        let mut better = Vec::new();
        for (index, (assessment, assessed)) in assessments.iter().zip(assessed.iter()).enumerate() {
            let is_over = matches!(assessed.change, Change::Pending | Change::Resolved)
                && assessment.standing == Standing::Over(Resolution::Clean);
            let kept = seen.kept.iter().find(|kept| kept.state.arn == assessment.resource);
            let (Some(kept), None, true) = (kept, &assessment.cause, is_over) else { continue };
            let finding = self.store.finding(&assessed.finding_id).await?;
            let posture = finding.and_then(|finding| finding.posture);
            let Some(episode) = posture.as_ref().and_then(Posture::episode) else { continue };
            let over = Over {
                check: &assessment.rule,
                episode,
                state: &kept.state,
                observed_at: seen.observed_at,
                is_late: seen.basis == Basis::Read,
            };
            if let Some(cause) = self.undone(over).await? {
                better.push((index, Assessment { cause: Some(cause), ..assessment.clone() }));
            }
        }
        if better.is_empty() {
            return Ok(());
        }
        let (indexes, better): (Vec<usize>, Vec<Assessment>) = better.into_iter().unzip();
        let ended = self.store.assess(&better, &self.policy, seen.observed_at).await?;
        for (index, ended) in indexes.into_iter().zip(ended) {
            if let Some(assessed) = assessed.get_mut(index).filter(|_| ended.change == Change::Resolved) {
                *assessed = ended;
            }
        }
        Ok(())
    }

    /// The ends of those episodes of `findings`, about the resource of `state`, that records began and that were over
    /// before anybody looked: which call ended each, as more calls are known now.
    pub(super) async fn ends_of_told(
        &self,
        findings: &[Finding],
        state: &State,
    ) -> Result<Vec<(Finding, Timestamp, Cause)>, StoreError> {
        let mut found = Vec::new();
        for finding in findings {
            let Some(posture) = &finding.posture else { continue };
            let is_last = |episode: &Episode| posture.episode() == Some(episode);
            let is_unread = posture
                .resolution
                .is_some_and(|why| matches!(why, Resolution::Clean | Resolution::Withdrawn));
            for episode in posture.episodes.iter().filter(|episode| is_unread || !is_last(episode)) {
                let Some(observed_at) = episode.resolved_at else { continue };
                let over = Over { check: &finding.rule, episode, state, observed_at, is_late: true };
                if let Some(cause) = self.undone(over).await? {
                    found.push((finding.clone(), observed_at, cause));
                }
            }
        }
        Ok(found)
    }

    /// Which call ended what the record of another one began, if records say so.
    async fn undone(&self, over: Over<'_>) -> Result<Option<Cause>, StoreError> {
        let Over { episode, state, observed_at, .. } = over;
        let (true, [_, ..], Some((since, _))) =
            (episode.provisional, episode.cause.calls.as_slice(), episode.cause.between)
        else {
            return Ok(None);
        };
        let moments = told(self.store(), &state.timelines(), since - LAG, state.read_at).await?;
        let Past::Present(Value::Object(before)) = at(state, &moments, since) else { return Ok(None) };
        let calls = calls(&moments, since, observed_at);
        let is_opening =
            |call: &&Call| episode.cause.calls.iter().any(|opening| opening.event_id == call.event_id);
        let are_known = calls.iter().filter(|call| is_opening(call)).count() == episode.cause.calls.len();
        if !are_known || calls.iter().all(is_opening) {
            return Ok(None);
        }
        let way = Way::new(&self.checker, state, over.check, observed_at);
        let Some(ends) = ends(&way, &before, &calls, over.is_late) else { return Ok(None) };
        let certainty = match ends.len() {
            0 => return Ok(None),
            1 => Certainty::Exact,
            _ => Certainty::Several,
        };
        let culprits = ends.iter().map(|end| Culprit::of(end.call)).collect();
        let mut cause = Cause { certainty, calls: culprits, ..Cause::default() };
        if let (Certainty::Exact, Some(end)) = (certainty, ends.into_iter().next()) {
            let expected = Kept::expected(state, end.before, end.after, &[end.call]);
            cause.patch = expected.difference.map(|difference| difference.patch).unwrap_or_default();
        }
        add_chains(self.store(), &mut cause).await?;
        Ok(Some(cause))
    }
}

/// The calls that took effect until a look, each once, in the order of time. What made the resource made what was seen.
fn calls(moments: &[Moment], since: Timestamp, until: Timestamp) -> Vec<&Call> {
    let mut known = BTreeSet::new();
    let mut is_new = |call: &&Call| {
        let shared = plain(&call.shared_event_id);
        known.insert(if shared.is_empty() { plain(&call.event_id) } else { shared })
    };
    let counts = |call: &&Call| {
        call.outcome == Outcome::Success && call.time <= until && !(makes(call) && call.time <= since)
    };
    let mut calls: Vec<&Call> = moments.iter().filter_map(Moment::as_call).filter(counts).collect();
    calls.retain(&mut is_new);
    calls.sort_by(|one, other| (one.time, &one.event_id).cmp(&(other.time, &other.event_id)));
    calls
}

/// A call that ended it, and the document around it.
struct End<'c> {
    call: &'c Call,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

/// Where following the calls led.
enum Led<'c> {
    /// It was over with this one.
    Over(End<'c>),
    /// It would be so still, or would never have been.
    Open,
}

/// The calls that may have ended it, one for each order in which the calls may have been made; `None`: nobody knows.
fn ends<'c>(
    way: &Way<'_>,
    before: &Map<String, Value>,
    calls: &[&'c Call],
    is_late: bool,
) -> Option<Vec<End<'c>>> {
    let mut ends: Vec<End<'c>> = Vec::new();
    for order in orders(calls)? {
        match follow(way, before.clone(), &order)? {
            Led::Over(end) if ends.iter().all(|known| known.call.event_id != end.call.event_id) => {
                ends.push(end);
            }
            Led::Over(_) => {}
            // A read that shows all calls says that they were made in another order.
            Led::Open if is_late => {}
            Led::Open => return None,
        }
    }
    Some(ends)
}

/// Where it leads if the calls were made in this order; `None`: what one of them did is not known.
fn follow<'c>(way: &Way<'_>, mut document: Map<String, Value>, calls: &[&'c Call]) -> Option<Led<'c>> {
    let mut end = None;
    let mut was = way.truth(&document);
    for call in calls {
        let Step::To(after) = way.step(&document, call)? else { continue };
        let is = way.truth(&after);
        match (was, is) {
            (_, Truth::True) => end = None,
            (Truth::True, Truth::False) => end = Some(End { call, before: document, after: after.clone() }),
            (_, Truth::Unknown) => return None,
            (_, Truth::False) => {}
        }
        document = after;
        was = is;
    }
    Some(end.map_or(Led::Open, Led::Over))
}

/// Every order in which the calls may have been made; `None`: too many.
fn orders<'c>(calls: &[&'c Call]) -> Option<Vec<Vec<&'c Call>>> {
    let mut orders: Vec<Vec<&'c Call>> = vec![Vec::new()];
    for second in calls.chunk_by(|one, other| one.time == other.time) {
        let ways = permutations(second)?;
        let longer = orders.iter().flat_map(|order| ways.iter().map(|way| [order.as_slice(), way].concat()));
        orders = longer.collect();
        if orders.len() > ORDERS {
            return None;
        }
    }
    Some(orders)
}
