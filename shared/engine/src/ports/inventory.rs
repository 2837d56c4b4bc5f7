//! Where the states and the timelines of resources are kept.

use std::time::Duration;

use async_trait::async_trait;
use model::{Moment, State, TimelineId, Timestamp};

use super::{Kind, Page, StoreError};

/// A new state of a resource, and what there is to tell of how it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When the state was read that this one was compared with; `None`: there was none.
    pub before: Option<Timestamp>,
    /// The new state.
    pub state: State,
    /// What goes with it.
    pub moments: Vec<Moment>,
}

/// Which resources to list, by type, region and ARN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateQuery {
    /// In this account.
    pub account: Option<String>,
    /// Of this type.
    pub resource_type: Option<String>,
    /// In this region.
    pub region: Option<String>,
    /// Those that are gone, too.
    pub gone: bool,
    /// Not more than this many; 0 means 1,000.
    pub limit: usize,
    /// Continue behind this page.
    pub after: Option<String>,
}

/// Keeps states and timelines of resources, and which reads are due.
#[async_trait]
pub trait Inventory: Send + Sync {
    /// The state of the resource that is kept under `key`, gone or not.
    async fn state(&self, key: &TimelineId) -> Result<Option<State>, StoreError>;

    /// The states of all resources of a type in an account, gone or not, in any order.
    async fn states_of(&self, kind: &Kind) -> Result<Vec<State>, StoreError>;

    /// Resources, by account, type, region and ARN.
    async fn states(&self, query: &StateQuery) -> Result<Page<State>, StoreError>;

    /// The resources whose ARN or id is `text`, in any account.
    async fn named(&self, text: &str) -> Result<Vec<State>, StoreError>;

    /// Takes each step, the state and what goes with it together or not at all. `false`: the state that is kept is not
    /// the one that this one was compared with, or is as new as it, and nothing changed.
    async fn advance(&self, steps: &[Step]) -> Result<Vec<bool>, StoreError>;

    /// Adds moments, or replaces those with the same timeline, time and id.
    async fn tell(&self, moments: &[Moment]) -> Result<(), StoreError>;

    /// The moments of timelines from one time to another, both included, in the order of time; of equals by id.
    async fn timeline(
        &self,
        timelines: &[TimelineId],
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Moment>, StoreError>;

    /// Notes that `target` is going to be read. `true`: nobody had noted it, or not within `window`, so that whoever asks
    /// has to see to it.
    async fn mark(&self, target: &str, now: Timestamp, window: Duration) -> Result<bool, StoreError>;

    /// Takes the note away: what happens from now on needs another read.
    async fn unmark(&self, target: &str) -> Result<(), StoreError>;
}
