//! States, timelines and marks.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use engine::ports::{Inventory, Kind, Page, StateQuery, Step, StoreError};
use model::{Moment, State, TimelineId, Timestamp};

use super::Memory;
use crate::listing::{self, Spot, stamp};

#[derive(Debug, Default)]
pub(super) struct Resources {
    states: BTreeMap<TimelineId, State>,
    moments: BTreeMap<TimelineId, BTreeMap<(String, String), Moment>>,
    marks: BTreeMap<String, String>,
}

impl Resources {
    fn advance(&mut self, step: &Step) -> bool {
        let kept = self.states.get(&step.state.key).map(|state| state.read_at);
        if kept != step.before || kept.is_some_and(|kept| kept >= step.state.read_at) {
            return false;
        }
        self.states.insert(step.state.key.clone(), step.state.clone());
        step.moments.iter().for_each(|moment| self.tell(moment));
        true
    }

    fn tell(&mut self, moment: &Moment) {
        let key = (stamp(moment.time), moment.id.clone());
        self.moments.entry(moment.timeline.clone()).or_default().insert(key, moment.clone());
    }
}

#[async_trait]
impl Inventory for Memory {
    async fn state(&self, key: &TimelineId) -> Result<Option<State>, StoreError> {
        Ok(self.kept().resources.states.get(key).cloned())
    }

    async fn states_of(&self, kind: &Kind) -> Result<Vec<State>, StoreError> {
        let is_of =
            |state: &&State| state.account == kind.account && state.resource_type == kind.resource_type;
        Ok(self.kept().resources.states.values().filter(is_of).cloned().collect())
    }

    async fn states(&self, query: &StateQuery) -> Result<Page<State>, StoreError> {
        let kept = self.kept();
        let is_asked = |state: &&State| listing::is_asked(query, state);
        let mut states: Vec<&State> = kept.resources.states.values().filter(is_asked).collect();
        states.sort_by_cached_key(|state| Spot::of(state));
        let after = query.after.as_deref();
        states.retain(|state| after.is_none_or(|after| *Spot::of(state).to_string() > *after));
        let limit = listing::state_limit(query);
        let next = states.get(limit.saturating_sub(1)).filter(|_| states.len() > limit);
        let next = next.map(|state| Spot::of(state).to_string());
        Ok(Page { items: states.into_iter().take(limit).cloned().collect(), next })
    }

    async fn named(&self, text: &str) -> Result<Vec<State>, StoreError> {
        let text = text.into();
        let is_named = |state: &&State| state.arn == text || state.id == text;
        Ok(self.kept().resources.states.values().filter(is_named).cloned().collect())
    }

    async fn advance(&self, steps: &[Step]) -> Result<Vec<bool>, StoreError> {
        let mut kept = self.kept();
        Ok(steps.iter().map(|step| kept.resources.advance(step)).collect())
    }

    async fn tell(&self, moments: &[Moment]) -> Result<(), StoreError> {
        let mut kept = self.kept();
        for moment in moments {
            kept.resources.tell(moment);
        }
        Ok(())
    }

    async fn timeline(
        &self,
        timelines: &[TimelineId],
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Moment>, StoreError> {
        let (from, until) = (stamp(from), stamp(until));
        let kept = self.kept();
        let of = |timeline| kept.resources.moments.get(timeline).into_iter().flatten();
        let asked = timelines.iter().flat_map(of).filter(|((time, _), _)| *time >= from && *time <= until);
        Ok(listing::in_order(asked.map(|(_, moment)| moment.clone()).collect()))
    }

    async fn mark(&self, target: &str, now: Timestamp, window: Duration) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let (now, until) = (stamp(now), stamp(now + window));
        let is_held = kept.resources.marks.get(target).is_some_and(|until| *until > now);
        if !is_held {
            kept.resources.marks.insert(target.to_owned(), until);
        }
        Ok(!is_held)
    }

    async fn unmark(&self, target: &str) -> Result<(), StoreError> {
        self.kept().resources.marks.remove(target);
        Ok(())
    }
}
