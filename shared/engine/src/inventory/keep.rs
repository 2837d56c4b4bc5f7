//! From what was read to what is kept: the state is compared with the one before, and what differs is told with its
//! cause. States are written from reads only.

use std::collections::{BTreeMap, BTreeSet};

use catalog::resource::{Listing, Row};
use model::{Difference, Moment, State, TimelineId, Timestamp, Turn, Untrusted};
use serde_json::{Map, Value};

use super::canonical::{has_hole, kept as kept_form, kept_before};
use super::cause::{Question, attribute, unexplained};
use super::chain::add_chains;
use super::delta::{self, Delta};
use super::kept::{Kept, text};
use super::suspects::{Suspects, suspects};
use super::trace::Trace;
use crate::collect::{Resource, is_shared};
use crate::ports::{Inventory, Step, StoreError};

/// Who looked at resources of a type, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    /// The types of resources.
    pub(crate) rows: &'a [Row],
    /// The type.
    pub(crate) row: &'a Row,
    /// When the read began.
    pub(crate) observed_at: Timestamp,
    /// A scan, a harvest.
    pub(crate) lane: &'a str,
    /// Whether resources of the type were looked at before, so that one that is new has become.
    pub(crate) again: bool,
}

/// What a look changed.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// The resources that were kept as this look saw them.
    pub(crate) kept: Vec<Kept>,
    /// The ARNs of those that somebody else saw later: this look has nothing to say of them.
    pub(crate) outdated: BTreeSet<Untrusted>,
}

/// A resource that is to be kept as it was seen: there, or gone.
enum Sight<'a> {
    There(&'a Resource, TimelineId),
    Gone(TimelineId),
}

/// So many times a look is compared again with what somebody else kept meanwhile.
const TRIES: usize = 4;

/// Keeps what a look saw of `resources`, and that those of `missing` are gone. `known` are the states before, by key, those
/// of what is missing among them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn keep(
    inventory: &dyn Inventory,
    look: &Look<'_>,
    resources: &[Resource],
    missing: Vec<TimelineId>,
    mut known: BTreeMap<TimelineId, State>,
) -> Result<Looked, StoreError> {
    let mut looked = Looked::default();
    let there = resources.iter().map(|resource| Sight::There(resource, key_of(resource)));
    let mut left: Vec<Sight<'_>> = there.chain(missing.into_iter().map(Sight::Gone)).collect();
    for _ in 0..TRIES {
        let mut seen = Vec::with_capacity(left.len());
        for sight in left {
            match known.get(sight.key()) {
                Some(later) if later.read_at > look.observed_at => {
                    looked.outdated.insert(later.arn.clone());
                }
                // This very look, once more.
                Some(same) if same.read_at == look.observed_at => {}
                before => seen.extend(sight.compare(inventory, look, before).await?),
            }
        }
        let steps: Vec<Step> = seen.iter().map(|(_, step, _)| step.clone()).collect();
        let taken = inventory.advance(&steps).await?;
        left = Vec::new();
        for ((sight, _, kept), taken) in seen.into_iter().zip(taken) {
            if taken {
                looked.kept.push(kept);
                continue;
            }
            // Somebody else was faster, and may have seen less.
            match inventory.state(sight.key()).await? {
                Some(state) => drop(known.insert(state.key.clone(), state)),
                None => drop(known.remove(sight.key())),
            }
            left.push(sight);
        }
        if left.is_empty() {
            return Ok(looked);
        }
    }
    Err(StoreError::Unavailable("others keep changing the same resources; try again".to_owned()))
}

impl Sight<'_> {
    const fn key(&self) -> &TimelineId {
        match self {
            Self::There(_, key) | Self::Gone(key) => key,
        }
    }

    /// What is to be written, and how the resource differs; `None`: that it is gone is known.
    async fn compare(
        self,
        inventory: &dyn Inventory,
        look: &Look<'_>,
        before: Option<&State>,
    ) -> Result<Option<(Self, Step, Kept)>, StoreError> {
        let (step, kept) = match (&self, before) {
            (Self::There(resource, _), _) => {
                seen_again(inventory, look, resource, state_of(look, resource), before).await?
            }
            (Self::Gone(_), Some(before)) if before.is_present() => {
                seen_gone(inventory, look, before.clone()).await?
            }
            (Self::Gone(_), _) => return Ok(None),
        };
        Ok(Some((self, step, kept)))
    }
}

async fn seen_again(
    inventory: &dyn Inventory,
    look: &Look<'_>,
    resource: &Resource,
    mut state: State,
    before: Option<&State>,
) -> Result<(Step, Kept), StoreError> {
    let fresh = kept_form(&resource.document, &look.row.volatile);
    let earlier = before.map(|before| kept_before(document_of(before), &look.row.volatile));
    state.unread = unread(look.row, before, earlier.as_ref(), &fresh);
    let after = merged(look.row, earlier.as_ref(), fresh);
    let was_there = before.is_some_and(State::is_present);
    let deltas = match &earlier {
        Some(earlier) => delta::between(&comparable(look.row, earlier, &after), &after),
        None => Vec::new(),
    };
    if let Some(before) = before {
        state.first_seen = before.first_seen;
        state.incarnation = before.incarnation.saturating_add(u32::from(!was_there));
        state.changed_at = if deltas.is_empty() && was_there { before.changed_at } else { look.observed_at };
    }
    state.document = text(&Value::Object(after.clone()));
    let turn = if was_there { Turn::Changed } else { Turn::Appeared };
    let since = before.map(|before| before.read_at);
    let mut kept = Kept {
        state,
        before: earlier.filter(|_| was_there),
        after,
        deltas,
        difference: None,
        suspects: Suspects::default(),
    };
    if !kept.deltas.is_empty() || !was_there {
        let related = related(look, &kept);
        let unread = before.map_or(&NOTHING, |before| &before.unread);
        kept.suspects = suspects(inventory, &kept.state, &related, (since, unread), look.observed_at).await?;
        // Of what is seen for the first time nobody knows whether it is new, unless a call says so.
        let is_told = was_there || before.is_some() || look.again || !kept.suspects.is_empty();
        if is_told {
            tell(inventory, look, &mut kept, turn, before).await?;
        }
    }
    Ok((step_of(before, &kept), kept))
}

async fn seen_gone(
    inventory: &dyn Inventory,
    look: &Look<'_>,
    before: State,
) -> Result<(Step, Kept), StoreError> {
    let document = document_of(&before);
    let since = Some(before.read_at);
    let state = State {
        read_at: look.observed_at,
        changed_at: look.observed_at,
        gone_at: Some(look.observed_at),
        ..before.clone()
    };
    let suspects = suspects(inventory, &state, &[], (since, &NOTHING), look.observed_at).await?;
    let mut kept = Kept {
        state,
        before: Some(document.clone()),
        after: document,
        deltas: Vec::new(),
        difference: None,
        suspects,
    };
    tell(inventory, look, &mut kept, Turn::Vanished, Some(&before)).await?;
    Ok((step_of(Some(&before), &kept), kept))
}

async fn tell(
    inventory: &dyn Inventory,
    look: &Look<'_>,
    kept: &mut Kept,
    turn: Turn,
    before: Option<&State>,
) -> Result<(), StoreError> {
    let mut traces: Vec<Trace> = kept.deltas.iter().map(Trace::of).collect();
    let members: BTreeSet<String> = kept.deltas.iter().map(Delta::member).collect();
    if turn == Turn::Appeared {
        // What it has it has been made with, or got since: the question is who made it.
        traces.clear();
    }
    let mut cause = attribute(Question::whole(turn), &traces, &kept.suspects);
    add_chains(inventory, &mut cause).await?;
    let unexplained = match turn {
        Turn::Changed => unexplained(&traces, &kept.suspects),
        Turn::Appeared | Turn::Vanished => BTreeSet::new(),
    };
    kept.difference = Some(Difference {
        turn,
        since: before.map(|before| before.read_at),
        unread: before
            .iter()
            .flat_map(|before| &before.unread)
            .filter(|(facet, _)| members.contains(*facet))
            .map(|(facet, read_at)| (facet.clone(), *read_at))
            .collect(),
        patch: text(&delta::patch(&kept.deltas)),
        undo: text(&delta::undo(&kept.deltas)),
        related: !kept.deltas.is_empty()
            && kept.deltas.iter().all(|delta| is_joined(look.row, &delta.member())),
        cause,
        unexplained,
        lane: Untrusted::new(look.lane),
    });
    Ok(())
}

fn step_of(before: Option<&State>, kept: &Kept) -> Step {
    let told = kept
        .difference
        .iter()
        .map(|difference| Moment::difference(kept.state.key.clone(), kept.state.read_at, difference.clone()));
    Step { before: before.map(|before| before.read_at), state: kept.state.clone(), moments: told.collect() }
}

/// Under which key the state of a resource is kept.
fn key_of(resource: &Resource) -> TimelineId {
    TimelineId::of_resource(&resource.account, &resource.region, &resource.kind, &resource.arn)
}

/// The state of a resource that is seen for the first time.
fn state_of(look: &Look<'_>, resource: &Resource) -> State {
    State {
        key: key_of(resource),
        resource_type: resource.kind.clone(),
        account: resource.account.clone(),
        region: resource.region.clone(),
        id: Untrusted::new(resource.id.as_str()),
        name: Untrusted::new(resource.name.as_str()),
        arn: Untrusted::new(resource.arn.as_str()),
        document: Untrusted::default(),
        first_seen: look.observed_at,
        read_at: look.observed_at,
        unread: BTreeMap::new(),
        changed_at: look.observed_at,
        gone_at: None,
        incarnation: 1,
    }
}

/// The document of a state.
pub(crate) fn document_of(state: &State) -> Map<String, Value> {
    let text = state.document.to_document().map(|document| document.bytes().to_vec()).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// What was read, and of what could not be read, or was not asked for, what is known of before.
fn merged(row: &Row, before: Option<&Map<String, Value>>, fresh: Map<String, Value>) -> Map<String, Value> {
    let mut merged: Map<String, Value> = Map::new();
    for (key, value) in fresh {
        let known = before.and_then(|before| before.get(&key)).filter(|_| has_hole(&value));
        match known {
            Some(known) => drop(merged.insert(key, known.clone())),
            None if has_hole(&value) => {}
            None => drop(merged.insert(key, value)),
        }
    }
    for (key, value) in before.into_iter().flatten() {
        if row.facet(key).is_some() && !merged.contains_key(key) {
            merged.insert(key.clone(), value.clone());
        }
    }
    merged
}

/// Facets that are known and were not read this time, and when they were read last.
fn unread(
    row: &Row,
    before: Option<&State>,
    known: Option<&Map<String, Value>>,
    fresh: &Map<String, Value>,
) -> BTreeMap<String, Timestamp> {
    let (Some(before), Some(known)) = (before, known) else { return BTreeMap::new() };
    let is_unread = |facet: &&String| row.facet(facet).is_some() && fresh.get(*facet).is_none_or(has_hole);
    let last = |facet: &String| before.unread.get(facet).copied().unwrap_or(before.read_at);
    known.keys().filter(is_unread).map(|facet| (facet.clone(), last(facet))).collect()
}

/// Every facet was read.
static NOTHING: BTreeMap<String, Timestamp> = BTreeMap::new();

/// The document before, with what was read for the first time now: that is no difference.
fn comparable(row: &Row, before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut comparable = before.clone();
    for (key, value) in after.iter().filter(|(key, _)| row.facet(key).is_some()) {
        comparable.entry(key.clone()).or_insert_with(|| value.clone());
    }
    comparable
}

/// Whether a member holds what other resources say.
fn is_joined(row: &Row, member: &str) -> bool {
    row.facet(member).is_some_and(|read| !read.filter.is_empty() && is_shared(row, read))
}

/// The timelines of other resources whose parts of the document differ: of a joined facet, those of the type that the
/// same call lists.
fn related(look: &Look<'_>, kept: &Kept) -> Vec<TimelineId> {
    let mut found = BTreeSet::new();
    for delta in kept.deltas.iter().filter(|delta| is_joined(look.row, &delta.member())) {
        let member = delta.member();
        let Some(read) = look.row.facet(&member) else { continue };
        let lists =
            |row: &&Row| matches!(&row.listing, Listing::Call(list) if list.operation == read.operation);
        let Some(other) = look.rows.iter().find(lists) else { continue };
        let Some(id) = other.id_member() else { continue };
        let [before, after] = delta.positions();
        let elements = [(before, kept.before.as_ref()), (after, Some(&kept.after))];
        for (position, document) in elements {
            let list = document.and_then(|document| document.get(&member)).and_then(Value::as_array);
            let element = position.and_then(|position| list?.get(position));
            if let Some(text) = element.and_then(|element| element.get(id)).and_then(Value::as_str) {
                let state = &kept.state;
                found.insert(TimelineId::of_resource(&state.account, &state.region, &other.name, text));
            }
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests;
