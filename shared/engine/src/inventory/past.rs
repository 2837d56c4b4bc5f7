//! A resource as it was: its newest state, with what happened since undone.

use model::{Moment, State, Timestamp, Turn};
use serde_json::Value;

use super::delta::applied;

/// What is known of a resource at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Past {
    /// It was there, and its document was this one.
    Present(Value),
    /// It was not there.
    Absent,
    /// Nobody had looked yet, or what was seen since is not known any more.
    Unknown,
}

/// What is known of the resource of `state` at `time`, from the moments of its timeline after that.
pub fn at(state: &State, moments: &[Moment], time: Timestamp) -> Past {
    let text = state.document.to_document().map(|document| document.bytes().to_vec()).unwrap_or_default();
    let Ok(mut document) = serde_json::from_slice::<Value>(&text) else { return Past::Unknown };
    let mut present = state.is_present();
    let mut later: Vec<_> = moments
        .iter()
        .filter(|moment| moment.time > time)
        .filter_map(|moment| Some((moment.time, moment.as_difference()?)))
        .collect();
    later.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    for (_, difference) in later {
        present = difference.turn != Turn::Appeared;
        let undo = difference.undo.to_document().map(|undo| undo.bytes().to_vec()).unwrap_or_default();
        let undone = serde_json::from_slice(&undo).ok().and_then(|undo: Value| applied(document, &undo));
        match undone {
            Some(earlier) => document = earlier,
            None => return Past::Unknown,
        }
    }
    if present && time < state.first_seen {
        return Past::Unknown;
    }
    if present { Past::Present(document) } else { Past::Absent }
}
