//! What checks say of a resource as a call should have left it, before anybody has read it.
//!
//! The record of the call changes the stored document as the resource's row says (`sets:`), and the same checks judge
//! it. What comes of it is provisional: a read confirms or withdraws it. States are written from reads only.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use catalog::resource::{How, Row};
use model::{
    Assessment, Basis, Call, Certainty, Culprit, Effect, Moment, Outcome, Resolution, State, TimelineId,
    Timestamp, Untrusted,
};
use rules::Truth;
use serde_json::{Map, Value, json};

use super::settle::{Extent, Seen};
use super::{Judged, Scanner, causes, findings_about, standing};
use crate::collect::Resource;
use crate::inventory::{Kept, add_chains, document_of, sort};
use crate::mapping::{Affected, Reference, Set};
use crate::ports::StoreError;
use crate::track::Target;

/// Who said so: the record of a call.
const RECORD: &str = "record";

/// A record that is older than this was followed by a read long ago, or soon will be.
const TIMELY: Duration = Duration::from_mins(5);

/// How much clocks may differ.
const SKEW: Duration = Duration::from_secs(5);

impl Scanner {
    /// The findings that open if `calls`, on one resource and in the order of time, did what their records say. None, if
    /// the resource is not known as it was right before the first of them, or other calls were made since.
    pub(crate) async fn forecast(
        &self,
        target: &Target,
        calls: &[(Affected, Call)],
    ) -> Result<Vec<Assessment>, StoreError> {
        let now = self.now();
        let (Some(row), Reference::Id(text) | Reference::Arn(text), Some((_, first))) =
            (self.rows().iter().find(|row| row.name == target.resource_type), &target.which, calls.first())
        else {
            return Ok(Vec::new());
        };
        let is_before = |state: &State| state.is_present() && state.read_at < first.time;
        let Some(state) = self.known(row, target, text).await?.filter(is_before) else {
            return Ok(Vec::new());
        };
        if first.time + TIMELY < now {
            return Ok(Vec::new());
        }
        let Some(unsure) = self.unsure(target, text, &state, calls).await? else { return Ok(Vec::new()) };
        let mut document = document_of(&state);
        let mut truths = self.truths(&Resource::of_state(&state, &document), now);
        let mut found = Vec::new();
        // Nobody knows in which order the calls of one second were made: they are one step.
        for second in calls.chunk_by(|(_, one), (_, other)| one.time == other.time) {
            let Some(step) = Step::of(row, &document, second, &unsure) else { return Ok(Vec::new()) };
            let judged = self.judge(&[Resource::of_state(&state, &step.judged)], now).judged;
            let turned = judged.iter().filter(|judged| {
                judged.truth == Truth::True
                    && truths.get(&judged.check) != Some(&Truth::True)
                    && self.rests_on(row, judged, &step)
            });
            let turned: Vec<Judged> = turned.cloned().collect();
            truths = judged.into_iter().map(|judged| (judged.check, judged.truth)).collect();
            let calls: Vec<&Call> = second.iter().map(|(_, call)| call).collect();
            found.extend(self.opened(row, &state, &document, &step, &turned, &calls).await?);
            document = step.after;
        }
        found.retain(|one: &Assessment| truths.get(&one.rule) == Some(&Truth::True));
        Ok(found)
    }

    /// Opens what was forecast.
    pub(crate) async fn foretell(&self, forecast: &[Assessment]) -> Result<(), StoreError> {
        self.store.assess(forecast, &self.policy, self.now()).await.map(drop)
    }

    /// Whether any finding about a resource is provisional.
    pub(crate) async fn is_provisional(&self, state: &State) -> Result<bool, StoreError> {
        let findings = findings_about(self.store(), self.checker(), state).await?;
        Ok(findings.iter().any(model::Finding::is_provisional))
    }

    /// Withdraws what is provisional about a resource that nobody could read in time.
    pub(crate) async fn withdraw(&self, row: &Row, state: &State, lane: &str) -> Result<(), StoreError> {
        let observed_at = self.now();
        let (resources, kept, outdated, basis) = (&[][..], &[][..], &BTreeSet::new(), Basis::Read);
        let seen = Seen { row, extent: Extent::One, resources, kept, outdated, observed_at, basis, lane };
        let findings = findings_about(self.store(), self.checker(), state).await?.into_iter();
        let over = findings
            .filter(model::Finding::is_provisional)
            .map(|finding| standing::resolved(finding, &seen, Resolution::Unconfirmed, None));
        let over: Vec<_> = over.collect();
        self.store.assess(&over, &self.policy, observed_at).await.map(drop)
    }

    /// The facets that other calls may have changed since the resource was read; `None` where that may be anything.
    async fn unsure(
        &self,
        target: &Target,
        text: &str,
        state: &State,
        calls: &[(Affected, Call)],
    ) -> Result<Option<BTreeSet<String>>, StoreError> {
        let mut timelines = state.timelines();
        timelines.push(TimelineId::of_resource(&target.account, &target.region, &target.resource_type, text));
        timelines.sort();
        timelines.dedup();
        let moments = self.store().timeline(&timelines, state.read_at, self.now() + SKEW).await?;
        let is_own = |other: &Call| {
            let is_same = |call: &Call| {
                call.event_id == other.event_id
                    || (!call.shared_event_id.is_empty() && call.shared_event_id == other.shared_event_id)
            };
            calls.iter().any(|(_, call)| is_same(call))
        };
        let is_other = |other: &&Call| other.outcome == Outcome::Success && !is_own(other);
        // What the last read did not bring may have changed since the one that did.
        let mut unsure: BTreeSet<String> = state.unread.keys().cloned().collect();
        for other in moments.iter().filter_map(Moment::as_call).filter(is_other) {
            match other.effect {
                Effect::Tags if other.facets.is_empty() => {
                    unsure.extend(["Tags", "TagSet", "TagList"].map(str::to_owned));
                }
                _ if other.facets.is_empty() => return Ok(None),
                _ => unsure.extend(other.facets.iter().cloned()),
            }
        }
        Ok(Some(unsure))
    }

    fn truths(&self, resource: &Resource, now: Timestamp) -> HashMap<String, Truth> {
        let judged = self.judge(std::slice::from_ref(resource), now).judged.into_iter();
        judged.map(|judged| (judged.check, judged.truth)).collect()
    }

    /// Whether a verdict rests on what the call set, and on nothing that nobody has read.
    fn rests_on(&self, row: &Row, judged: &Judged, step: &Step) -> bool {
        let reads = self.checker.reads_of(&row.name, &judged.check);
        let is_read = |name: &str| reads.iter().any(|read| read.eq_ignore_ascii_case(name));
        let mut facets = row.facets.iter().map(|(facet, _)| facet).filter(|facet| is_read(facet));
        step.set.iter().any(|member| is_read(member))
            && facets.all(|facet| step.judged.contains_key(facet.as_str()))
    }

    /// The findings that the calls of a second open, each with the one as its cause that its request says did it.
    async fn opened(
        &self,
        row: &Row,
        state: &State,
        before: &Map<String, Value>,
        step: &Step,
        turned: &[Judged],
        calls: &[&Call],
    ) -> Result<Vec<Assessment>, StoreError> {
        let (false, Some(first)) = (turned.is_empty(), calls.first()) else { return Ok(Vec::new()) };
        let now = self.now();
        let resources = [Resource::of_state(state, &step.after)];
        let kept = [Kept::expected(state, before.clone(), step.after.clone(), calls)];
        let documents = resources.iter();
        let documents = documents
            .map(|resource| (Untrusted::new(resource.arn.as_str()), resource.document.clone()))
            .collect();
        let mut causes = causes::causes(self.store(), &self.checker, &kept, turned, &documents, now).await?;
        let basis = Basis::Record(first.time);
        let (resources, kept, outdated) = (&resources[..], &kept[..], &BTreeSet::new());
        let (extent, observed_at, lane) = (Extent::One, now, RECORD);
        let seen = Seen { row, extent, resources, kept, outdated, observed_at, basis, lane };
        let mut opened = Vec::with_capacity(turned.len());
        for judged in turned {
            let mut cause = causes.remove(&judged.finding).unwrap_or_default();
            if calls.len() == 1 || cause.exact().is_none() {
                cause.certainty = if calls.len() == 1 { Certainty::Exact } else { Certainty::Several };
                cause.calls = calls.iter().map(|call| Culprit::of(call)).collect();
            }
            add_chains(self.store(), &mut cause).await?;
            opened.push(self.finding(judged, &seen, Some(cause)));
        }
        Ok(opened)
    }
}

/// A document after the calls of a second.
struct Step {
    /// As far as it is known.
    after: Map<String, Value>,
    /// With holes where one of them, or another call, may have changed what nobody knows.
    judged: Map<String, Value>,
    /// The members at the top that they set.
    set: BTreeSet<String>,
}

impl Step {
    /// `None`: they set something whose surroundings are not known, or what comes of it depends on their order.
    fn of(
        row: &Row,
        before: &Map<String, Value>,
        calls: &[(Affected, Call)],
        unsure: &BTreeSet<String>,
    ) -> Option<Self> {
        let mut after = before.clone();
        let mut set = BTreeSet::new();
        let sets =
            || calls.iter().flat_map(|(affected, _)| &affected.sets).filter(|one| one.how != How::Name);
        let is_told_twice = |one: &Set| {
            let same = sets().filter(|other| other.member == one.member);
            same.clone().count() > 1 && !same.clone().all(|other| other.how == How::Add)
        };
        if calls.len() > 1 && sets().any(is_told_twice) {
            return None;
        }
        for one in sets() {
            if !one.apply(&mut after) {
                return None;
            }
            set.insert(one.member.split('.').next().unwrap_or_default().to_owned());
        }
        let mut whole = Value::Object(after);
        sort(&mut whole);
        let Value::Object(after) = whole else { return None };
        let mut judged = after.clone();
        let is_open = |facet: &&String| unsure.contains(*facet) || !set.contains(*facet);
        let facets = calls.iter().flat_map(|(affected, _)| &affected.facets);
        let changed = facets.filter(|facet| row.facet(facet).is_some()).filter(is_open);
        for facet in changed.chain(unsure) {
            judged.insert(facet.clone(), json!({ "$unavailable": "Pending" }));
        }
        Some(Self { after, judged, set })
    }
}
