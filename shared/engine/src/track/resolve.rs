//! What only the inventory can tell: which resources are linked with what a record names, and whose the ids are that
//! stand somewhere in it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::{Moment, State, TimelineId};
use records::Item;

use super::{Puzzle, Tracker, Tracks, kind_of};
use crate::collect::texts_at;
use crate::inventory::{document_of, plain};
use crate::mapping::{Affected, Reference, affected};
use crate::ports::{Store, StoreError};

/// More linked resources than this are read as one: all of the type.
const MOST: usize = 500;

impl Tracker {
    /// Finds the resources that records name in places that nobody knows. What remains is kept to be counted.
    pub(super) async fn solve(&self, tracks: &mut Tracks, store: &dyn Store) -> Result<(), StoreError> {
        let mut names: BTreeMap<String, (String, String)> = BTreeMap::new();
        let puzzles = std::mem::take(&mut tracks.puzzles);
        for text in puzzles.iter().flat_map(|puzzle| &puzzle.texts) {
            if names.contains_key(text) {
                continue;
            }
            let found = store.named(text).await?;
            if let Some(state) = found.into_iter().find(State::is_present) {
                names.insert(text.clone(), (state.resource_type.clone(), plain(&state.id)));
            }
        }
        for puzzle in puzzles {
            let known = |text: &str| names.get(text).cloned();
            if !self.is_solved(&puzzle, &known, tracks) && !puzzle.is_known {
                tracks.moments.push(Moment::call(TimelineId::of_unmapped(), puzzle.call));
            }
        }
        Ok(())
    }

    fn is_solved(&self, puzzle: &Puzzle, known: &dyn crate::mapping::Inventory, tracks: &mut Tracks) -> bool {
        let mut solved = false;
        let _ = records::read_message(&puzzle.bytes, "", &mut |item| {
            if let Item::Record(record) = item {
                for affected in affected(&self.mapping, record.event, known).affected() {
                    let call =
                        model::Call { lane: puzzle.call.lane.clone(), ..super::call_of(&record, affected) };
                    tracks.put(affected, call);
                    solved = true;
                }
            }
            ControlFlow::Continue(())
        });
        solved
    }

    /// Finds the resources that are known by what they are linked with.
    pub(super) async fn link(&self, tracks: &mut Tracks, store: &dyn Store) -> Result<(), StoreError> {
        for (affected, call) in std::mem::take(&mut tracks.linked) {
            let Reference::Where(conditions) = &affected.which else { continue };
            let states = store.states_of(&kind_of(&affected)).await?;
            let is_linked = |state: &&State| {
                let document = document_of(state);
                state.is_present()
                    && conditions.iter().all(|(path, values)| {
                        texts_at(&document, path).iter().any(|text| values.contains(text))
                    })
            };
            let linked: Vec<&State> = states.iter().filter(is_linked).collect();
            if linked.len() > MOST {
                tracks.put(&Affected { which: Reference::All, ..affected.clone() }, call);
                continue;
            }
            for state in linked {
                let which = Reference::Arn(plain(&state.arn));
                tracks
                    .put(&Affected { which, region: state.region.clone(), ..affected.clone() }, call.clone());
            }
        }
        Ok(())
    }
}
