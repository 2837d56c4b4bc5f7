//! A resource before and after a look, and the parts of which what differs consists.

use std::collections::{BTreeMap, BTreeSet};

use model::{Call, Cause, Certainty, Decisive, Difference, Moment, State, Timestamp, Turn, Untrusted};
use serde_json::{Map, Value};

use super::cause::{About, Question, attribute, made};
use super::delta::{self, Delta};
use super::keep::document_of;
use super::named::told;
use super::suspects::{Suspects, suspects};
use super::trace::Trace;
use crate::ports::{Inventory, StoreError};

/// A resource before and after a look.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The state as it is kept now.
    pub(crate) state: State,
    /// The document before, if it was there.
    pub(crate) before: Option<Map<String, Value>>,
    /// The document now.
    pub(crate) after: Map<String, Value>,
    /// What differs.
    pub(crate) deltas: Vec<Delta>,
    /// What is told of it.
    pub(crate) difference: Option<Difference>,
    /// What may have done it.
    pub(crate) suspects: Suspects,
}

impl Kept {
    /// A resource that was seen to be gone before, as the look that saw it.
    pub(crate) async fn gone(inventory: &dyn Inventory, state: &State) -> Result<Option<Self>, StoreError> {
        let Some(gone_at) = state.gone_at else { return Ok(None) };
        let moments = inventory.timeline(std::slice::from_ref(&state.key), gone_at, gone_at).await?;
        Ok(moments.iter().find_map(Moment::as_difference).map(|difference| Self {
            state: state.clone(),
            before: None,
            after: document_of(state),
            deltas: Vec::new(),
            difference: Some(difference.clone()),
            suspects: Suspects::default(),
        }))
    }

    /// A resource as the calls of one second should leave it, and that they did it.
    pub(crate) fn expected(
        state: &State,
        before: Map<String, Value>,
        after: Map<String, Value>,
        calls: &[&Call],
    ) -> Self {
        let deltas = delta::between(&before, &after);
        let told = calls.iter().map(|call| Moment::call(state.key.clone(), (*call).clone()));
        let told: Vec<Moment> = told.collect();
        let called_at = calls.first().map_or(state.read_at, |call| call.time);
        let difference = Difference {
            turn: Turn::Changed,
            since: Some(state.read_at),
            unread: BTreeMap::new(),
            patch: text(&delta::patch(&deltas)),
            undo: text(&delta::undo(&deltas)),
            related: false,
            cause: Cause::default(),
            unexplained: BTreeSet::new(),
            lane: calls.first().map(|call| call.lane.clone()).unwrap_or_default(),
        };
        Self {
            state: State { read_at: called_at, ..state.clone() },
            before: Some(before),
            after,
            deltas,
            difference: Some(difference),
            suspects: Suspects::up_to_a_call(&told, state.read_at, called_at),
        }
    }

    /// The document before, with what was read for the first time now: that is no difference.
    pub(crate) fn comparable(&self) -> Option<Map<String, Value>> {
        let mut before = self.before.clone()?;
        let differs = |key: &str| self.deltas.iter().any(|delta| delta.member() == key);
        for (key, value) in self.after.iter().filter(|(key, _)| !differs(key)) {
            before.entry(key.clone()).or_insert_with(|| value.clone());
        }
        Some(before)
    }

    /// The earlier differences of the resource since it came into being, the newest first, each as the look that saw it.
    pub(crate) async fn steps_back(&self, inventory: &dyn Inventory) -> Result<Vec<Self>, StoreError> {
        let until = self.state.read_at;
        let moments = told(inventory, &self.state.timelines(), Timestamp::UNIX_EPOCH, until).await?;
        let mut steps = Vec::new();
        let mut after = Value::Object(self.comparable().unwrap_or_default());
        for moment in moments.iter().rev().filter(|moment| moment.time < until) {
            let Some(difference) = moment.as_difference() else { continue };
            let undo = difference.undo.to_document().map(|undo| undo.bytes().to_vec()).unwrap_or_default();
            let undone = serde_json::from_slice(&undo).ok();
            let undone = undone.and_then(|undo: Value| delta::applied(after.clone(), &undo));
            let (Turn::Changed, Some(before)) = (difference.turn, undone) else { break };
            let (Value::Object(old), Value::Object(new)) = (&before, &after) else { break };
            steps.push(Self {
                state: State { read_at: moment.time, ..self.state.clone() },
                before: Some(old.clone()),
                after: new.clone(),
                deltas: delta::between(old, new),
                difference: Some(difference.clone()),
                suspects: Suspects::among(&moments, (difference.since, &difference.unread), moment.time),
            });
            after = before;
        }
        Ok(steps)
    }

    /// The cause of those `parts` of the difference, of which `decisive` ones count.
    pub(crate) fn cause_of(&self, parts: &[Delta], decisive: Decisive, about: About) -> Option<Cause> {
        let difference = self.difference.as_ref()?;
        let traces: Vec<Trace> = parts.iter().map(Trace::of).collect();
        let question = Question { turn: difference.turn, decisive, about };
        let mut cause = attribute(question, &traces, &self.suspects);
        cause.decisive = decisive;
        cause.between = difference.since.map(|since| (since, self.state.read_at));
        cause.patch = text(&delta::patch(parts));
        Some(cause)
    }

    /// The smallest parts of what is there now where `whole` says that something became so.
    pub(crate) fn within_after(&self, whole: &[Delta]) -> Vec<Delta> {
        let parts = self.parts().into_iter();
        parts.filter(|part| whole.iter().any(|delta| part.is_within_after(delta))).collect()
    }

    /// The smallest parts of what was there before where `whole` says that something is not so any more.
    pub(crate) fn within_before(&self, whole: &[Delta]) -> Vec<Delta> {
        let Some(before) = &self.before else { return Vec::new() };
        let parts = finest(delta::between(&skeleton(before), before)).into_iter();
        parts.filter(|part| whole.iter().any(|delta| part.is_within_before(delta))).collect()
    }

    /// The document before without one of its parts, and with `others` of the difference done.
    pub(crate) fn before_without(&self, part: Option<&Delta>, others: &[Delta]) -> Option<Value> {
        let without =
            delta::applied(Value::Object(self.before.clone()?), &delta::undo(part.map_or(&[], one)))?;
        delta::applied(without, &delta::patch(others))
    }

    /// The parts of the document as it is now, as if each had been added.
    pub(crate) fn parts(&self) -> Vec<Delta> {
        finest(delta::between(&skeleton(&self.after), &self.after))
    }

    /// The members that a check reads, as if each had been added as a whole, without those that name the resource: every
    /// request does.
    pub(crate) fn members_in(&self, reads: &BTreeSet<String>) -> Vec<Delta> {
        let is_read = |key: &str| reads.iter().any(|read| read.eq_ignore_ascii_case(key));
        let names = [&self.state.id, &self.state.name, &self.state.arn].map(super::plain);
        let is_name =
            |value: &Value| value.as_str().is_some_and(|text| names.iter().any(|name| name == text));
        let members = self.after.iter().filter(|(key, value)| is_read(key) && !is_name(value));
        delta::between(&Map::new(), &members.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// What of the calls since it came into being made those `parts` of the resource.
    pub(crate) async fn cause_of_parts(
        &self,
        inventory: &dyn Inventory,
        parts: &[Delta],
        decisive: Decisive,
    ) -> Result<Cause, StoreError> {
        let all;
        let suspects = if self.before.is_none() && self.difference.is_some() {
            &self.suspects
        } else {
            let never = (None, &BTreeMap::new());
            all = suspects(inventory, &self.state, &[], never, self.state.read_at).await?;
            &all
        };
        let traces: Vec<Trace> = parts.iter().map(Trace::of).collect();
        let mut cause = made(decisive, &traces, suspects);
        cause.decisive = decisive;
        if cause.certainty == Certainty::None && self.difference.is_none() {
            cause.certainty = Certainty::Before;
        }
        cause.patch = text(&delta::patch(parts));
        Ok(cause)
    }

    /// The document before with only one part of the difference, and `others`, done.
    pub(crate) fn with_only(&self, part: Option<&Delta>, others: &[Delta]) -> Option<Value> {
        let with = delta::applied(Value::Object(self.before.clone()?), &delta::patch(part.map_or(&[], one)))?;
        delta::applied(with, &delta::patch(others))
    }

    /// The document now with only one part of the difference, and `others`, undone.
    pub(crate) fn without_only(&self, part: Option<&Delta>, others: &[Delta]) -> Option<Value> {
        let without = delta::applied(Value::Object(self.after.clone()), &delta::undo(part.map_or(&[], one)))?;
        delta::applied(without, &delta::undo(others))
    }

    /// What cannot differ without the member of a part, in other members: every call that may have changed it changes
    /// that, too. So S3's word on whether a policy is public follows from the policy.
    pub(crate) fn companions(&self, part: &Delta) -> Vec<Delta> {
        let member = part.member();
        let makers = self.suspects.on(&member);
        let follows = |delta: &&Delta| {
            let calls = self.suspects.on(&delta.member());
            delta.member() != member
                && !calls.is_empty()
                && calls.iter().all(|call| !call.facets.is_empty() && makers.contains(call))
        };
        self.deltas.iter().filter(follows).cloned().collect()
    }
}

const fn one(part: &Delta) -> &[Delta] {
    std::slice::from_ref(part)
}

/// A document with nothing in its lists.
fn skeleton(document: &Map<String, Value>) -> Map<String, Value> {
    fn emptied(value: &Value) -> Value {
        match value {
            Value::Array(_) => Value::Array(Vec::new()),
            Value::Object(members) => Value::Object(skeleton(members)),
            other => other.clone(),
        }
    }
    document.iter().map(|(key, value)| (key.clone(), emptied(value))).collect()
}

/// Elements of lists that have lists themselves, as the elements of those.
fn finest(parts: Vec<Delta>) -> Vec<Delta> {
    let split = |part: Delta| match part.inner() {
        inner if inner.is_empty() => vec![part],
        inner => finest(inner),
    };
    parts.into_iter().flat_map(split).collect()
}

pub(crate) fn text(value: &Value) -> Untrusted {
    Untrusted::new(value.to_string())
}
