//! Harvesting: what a call changed is read again, compared, judged, and told with its cause.

mod together;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use catalog::resource::{Row, Scope};
use model::{
    Basis, Call, Difference, Effect, Moment, Outcome, State, TimelineId, Timestamp, Turn, Untrusted,
};

use crate::check::Hole;
use crate::collect::{Collector, One, Resource, Scene};
use crate::inventory::{
    Kept, Look, Question, SKEW, Suspects, Trace, add_chains, attribute, is_as_said, keep, suspects_from, told,
};
use crate::mapping::Reference;
use crate::ports::{Cause, Place, StoreError};
use crate::scan::{Scanned, Scanner, Shard, findings_about};
use crate::track::{LATE, Target};

/// After which times a read is repeated that does not show what a call did.
const AGAIN: &[Duration] = &[
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(45),
    Duration::from_mins(2),
    Duration::from_mins(5),
];

/// What came of reading one target again.
#[derive(Debug, Default)]
pub struct Harvested {
    /// The verdicts, and what the store made of them.
    pub scanned: Scanned,
    /// How many resources differ from what was known.
    pub changed: usize,
    /// It has to be read again after a while: a call's effect was not to be seen yet, or AWS did not answer.
    pub again: Option<(Target, Duration)>,
    /// It could not be read, and there is no use in trying again.
    pub refused: bool,
}

impl Scanner {
    /// Reads what `target` names again and takes down what became of it.
    ///
    /// # Errors
    /// When the store fails; then it has to be harvested again.
    pub async fn harvest(
        &self,
        collector: &Collector,
        scene: &Scene,
        target: &Target,
    ) -> Result<Harvested, StoreError> {
        // Before the read: a call that comes from here on asks for another.
        self.store().unmark(&target.key()).await?;
        let Some(row) = self.rows().iter().find(|row| row.name == target.resource_type) else {
            return Ok(Harvested::default());
        };
        match &target.which {
            Reference::Id(text) | Reference::Arn(text) => {
                self.harvest_one(collector, scene, row, target, text).await
            }
            Reference::Name(text) => {
                let id = TimelineId::of_resource(&target.account, &target.region, &row.name, text);
                match self.named(row, target, &id).await? {
                    Some(arn) => self.harvest_one(collector, scene, row, target, &arn).await,
                    None => self.harvest_all(collector, scene, row, target).await,
                }
            }
            Reference::All | Reference::Where(_) => self.harvest_all(collector, scene, row, target).await,
        }
    }

    /// Says of what was seen before which of the calls did it that were told only now, for whoever cannot read the target.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn explain_late(&self, target: &Target) -> Result<(), StoreError> {
        let (Some(row), Reference::Id(text) | Reference::Arn(text)) =
            (self.rows().iter().find(|row| row.name == target.resource_type), &target.which)
        else {
            return Ok(());
        };
        match self.known(row, target, text).await? {
            Some(known) if target.since <= known.read_at + SKEW => self.repair(&known, target.since).await,
            _ => Ok(()),
        }
    }

    /// The ARN of the resource that goes by a name.
    async fn named(
        &self,
        row: &Row,
        target: &Target,
        name: &TimelineId,
    ) -> Result<Option<String>, StoreError> {
        let kind = crate::ports::Kind { account: target.account.clone(), resource_type: row.name.clone() };
        let states = self.store().states_of(&kind).await?;
        let state = states.iter().find(|state| state.is_present() && state.timelines().contains(name));
        Ok(state.map(|state| crate::inventory::plain(&state.arn)))
    }

    async fn harvest_all(
        &self,
        collector: &Collector,
        scene: &Scene,
        row: &Row,
        target: &Target,
    ) -> Result<Harvested, StoreError> {
        let region = match row.scope {
            Scope::Global => &scene.home,
            Scope::Regional => &target.region,
        };
        let shard = Shard::of(row, &target.account, region);
        let scanned = self.shard_of(collector, &shard, HARVEST).await?;
        Ok(Harvested { scanned, ..Harvested::default() })
    }

    async fn harvest_one(
        &self,
        collector: &Collector,
        scene: &Scene,
        row: &Row,
        target: &Target,
        text: &str,
    ) -> Result<Harvested, StoreError> {
        let place = place_of(row, scene, target);
        let observed_at = collector.seen_at(row, &place, text).unwrap_or_else(|| self.now());
        let known = self.known(row, target, text).await?;
        let mut harvested = Harvested::default();
        if target.last {
            match &known {
                Some(known) if self.is_provisional(known).await? => {}
                _ => return Ok(harvested),
            }
        }
        // A call that is told late, of what was read long after it, needs no other read: only its part has to be told. A read
        // that is repeated has not seen everything yet.
        let told = self.calls(row, target, text, known.as_ref(), observed_at).await?;
        let newest = told.iter().map(|call| call.time).max();
        if let (Some(known), Some(newest)) = (&known, newest)
            && newest + SETTLED < known.read_at
            && target.tries == 0
            && !target.last
        {
            self.repair(known, target.since).await?;
            return Ok(harvested);
        }
        let wanted = self.wanted(row);
        let one = collector.one(row, &place, text, &wanted).await;
        let (resources, missing): (Vec<Resource>, Option<&State>) = match one {
            One::Present(resource) if resource.nameless.is_some() => {
                return self.unread(row, target, known.as_ref()).await;
            }
            One::Present(resource) => (vec![*resource], None),
            One::Gone => (Vec::new(), known.as_ref()),
            One::Unknown(_) => return self.unread(row, target, known.as_ref()).await,
        };
        let is_there = !resources.is_empty();
        let mut states: BTreeMap<_, _> =
            missing.map(|state| (state.key.clone(), state.clone())).into_iter().collect();
        let missing = states.keys().cloned().collect();
        if let Some(resource) = resources.first() {
            let key =
                TimelineId::of_resource(&resource.account, &resource.region, &resource.kind, &resource.arn);
            let state = match &known {
                Some(known) if known.key == key => Some(known.clone()),
                _ => self.store().state(&key).await?,
            };
            states.extend(state.map(|state| (key, state)));
        }
        // Whatever is new since the beginning of the harvest has become.
        let look = Look { rows: self.rows(), row, observed_at, lane: HARVEST, again: true };
        let mut looked = keep(self.store(), &look, &resources, missing, states).await?;
        harvested.changed = looked.kept.iter().filter(|kept| kept.difference.is_some()).count();
        if let Some(known) = known.as_ref().filter(|known| !is_there && !known.is_present()) {
            // Whoever saw its end may have been interrupted before it had ended what was open.
            looked.kept.extend(Kept::gone(self.store(), known).await?);
        }
        let kept = &looked.kept;
        let mut delay = not_seen_yet(&told, kept, is_there, observed_at, target.tries);
        let newest = told.iter().max_by_key(|call| call.time);
        let is_seen = newest.is_some_and(|newest| explained(kept).contains(&newest.event_id));
        let is_early = !target.last && (delay.is_some() || (target.tries < SURE && !is_seen));
        let basis = if is_early { Basis::EarlyRead } else { Basis::Read };
        harvested.scanned = self.settle_one(row, &resources, &looked, (observed_at, basis), HARVEST).await?;
        let next = AGAIN.get(target.tries as usize).copied();
        if harvested.scanned.pending > 0 {
            delay = delay.or(next);
        }
        if let Some(known) = &known {
            let late = told.iter().map(|call| call.time).filter(|time| *time + LATE > known.read_at);
            let first = late.chain([target.since]).filter(|time| *time <= known.read_at + SKEW).min();
            if let Some(first) = first {
                self.repair(known, first).await?;
            }
        }
        // What AWS was too busy to say is asked again, or else it would be unknown until the next scan.
        let is_throttled = |hole: &Hole| hole.cause == Cause::Throttled.as_str();
        let busy = harvested.scanned.holes.iter().any(is_throttled);
        if let Some(delay) = delay.or_else(|| next.filter(|_| busy)).filter(|_| !target.last) {
            let tries = target.tries.saturating_add(1);
            harvested.again = Some((Target { tries, ..target.clone() }, delay));
        }
        Ok(harvested)
    }

    /// What is known of the resource before it is read.
    pub(crate) async fn known(
        &self,
        row: &Row,
        target: &Target,
        text: &str,
    ) -> Result<Option<State>, StoreError> {
        let key = TimelineId::of_resource(&target.account, &target.region, &row.name, text);
        if let Some(state) = self.store().state(&key).await? {
            return Ok(Some(state));
        }
        let named = self.store().named(text).await?;
        let is_it = |state: &State| {
            state.account == target.account
                && state.resource_type == row.name
                && (state.region == target.region || row.region.is_some() || row.scope == Scope::Global)
        };
        Ok(named.into_iter().find(is_it))
    }

    /// The calls that are told of the resource and took effect, as far as they matter now.
    async fn calls(
        &self,
        row: &Row,
        target: &Target,
        text: &str,
        known: Option<&State>,
        now: Timestamp,
    ) -> Result<Vec<Call>, StoreError> {
        let mut timelines = vec![TimelineId::of_resource(&target.account, &target.region, &row.name, text)];
        timelines.extend(known.into_iter().flat_map(State::timelines));
        timelines.sort();
        timelines.dedup();
        let from = now - RECENT;
        let moments = self.store().timeline(&timelines, from, now + SETTLED).await?;
        let calls = moments.iter().filter_map(Moment::as_call);
        Ok(calls.filter(|call| call.outcome == Outcome::Success).cloned().collect())
    }

    /// Nothing was seen: what stands stays, and it is tried again. What is provisional ends with the last try.
    async fn unread(
        &self,
        row: &Row,
        target: &Target,
        known: Option<&State>,
    ) -> Result<Harvested, StoreError> {
        if let (true, Some(known)) = (target.last, known) {
            self.withdraw(row, known, HARVEST).await?;
            return Ok(Harvested::default());
        }
        let delay = AGAIN.get(target.tries as usize).copied();
        let again =
            delay.map(|delay| (Target { tries: target.tries.saturating_add(1), ..target.clone() }, delay));
        Ok(Harvested { refused: again.is_none(), again, ..Harvested::default() })
    }

    /// Tells the causes of the differences of a resource anew that were seen since `from`.
    async fn repair(&self, state: &State, from: Timestamp) -> Result<(), StoreError> {
        let (timelines, until) = (state.timelines(), state.read_at + SETTLED);
        let mut moments = told(self.store(), &timelines, from - SKEW, until).await?;
        // Each difference is told anew from all calls that may have made it, however long before the late one.
        let differences = moments.iter().filter_map(Moment::as_difference);
        if let Some(first) = differences.map(suspects_from).min() {
            moments = told(self.store(), &timelines, first.min(from - SKEW), until).await?;
        }
        let findings = findings_about(self.store(), self.checker(), state).await?;
        for index in 0..moments.len() {
            let Some(moment) = moments.get(index) else { continue };
            let Some(difference) = moment.as_difference() else { continue };
            if moment.time + SKEW < from {
                continue;
            }
            let looked = (difference.since, &difference.unread);
            let suspects = Suspects::among(&moments, looked, moment.time);
            let traces = match difference.turn {
                Turn::Appeared => Vec::new(),
                Turn::Changed | Turn::Vanished => Trace::of_patch(&difference.patch),
            };
            let mut cause = attribute(Question::whole(difference.turn), &traces, &suspects);
            cause.between = difference.cause.between;
            // What other resources say of it stands on their timelines.
            let is_less = difference.related && cause.certainty < difference.cause.certainty;
            let mut corrected = None;
            if cause.corrects(&difference.cause) && !is_less {
                add_chains(self.store(), &mut cause).await?;
                let better = Difference { cause, ..difference.clone() };
                let better = Moment::difference(moment.timeline.clone(), moment.time, better);
                self.store().tell(std::slice::from_ref(&better)).await?;
                // Who made this one made none of those behind it.
                corrected = Some(better);
            }
            self.amend(&findings, (state, &moments), (moment.time, difference.turn), &suspects).await?;
            if let (Some(corrected), Some(moment)) = (corrected, moments.get_mut(index)) {
                *moment = corrected;
            }
        }
        self.amend_told(&findings, state).await?;
        self.amend_undone(&findings, state).await?;
        self.amend_first_seen(&findings, state).await
    }
}

/// Where a target is read.
fn place_of(row: &Row, scene: &Scene, target: &Target) -> Place {
    let place = Place { account: target.account.clone(), region: target.region.clone() };
    match row.scope {
        Scope::Global if row.region.is_none() => Place { region: scene.home.clone(), ..place },
        _ => place,
    }
}

/// The lane of what a harvest sees.
pub(crate) const HARVEST: &str = "harvest";

/// After this long nobody doubts that a read shows what a call did.
const SETTLED: Duration = Duration::from_mins(5);

/// Calls that are older than this are no reason to read again.
const RECENT: Duration = Duration::from_hours(24 * 14);

/// A provisional finding is withdrawn by the read after this many tries, though it may show none of what the call did.
const SURE: u32 = 2;

/// The events that explain what was seen.
fn explained(kept: &[Kept]) -> BTreeSet<&Untrusted> {
    let differences = kept.iter().filter_map(|kept| kept.difference.as_ref());
    differences
        .flat_map(|difference| difference.cause.calls.iter().map(|culprit| &culprit.event_id))
        .collect()
}

/// How long to wait for what a call did, if it is not to be seen yet: a call that makes or ends something has to be
/// seen; one that changes something may have changed nothing.
fn not_seen_yet(
    told: &[Call],
    kept: &[Kept],
    is_there: bool,
    now: Timestamp,
    tries: u32,
) -> Option<Duration> {
    let delay = AGAIN.get(tries as usize).copied()?;
    let newest = told.iter().max_by_key(|call| call.time)?;
    if newest.time + SETTLED < now {
        return None;
    }
    let explained = explained(kept);
    let is_seen = match newest.effect {
        Effect::Gone => !is_there,
        Effect::Upsert | Effect::Tags if !is_there => false,
        Effect::Upsert | Effect::Tags => {
            explained.contains(&newest.event_id)
                || kept.first().is_some_and(|kept| is_as_said(newest, &kept.after))
        }
    };
    (!is_seen).then_some(delay)
}
