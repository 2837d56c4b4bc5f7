//! The mutes of a deployment, as they were read last.

use std::sync::{Arc, Mutex, PoisonError};

use model::{Mute, MuteRecord, SignedDuration, Timestamp};

use super::Mutes;
use crate::ports::{KeptMutes, Store, StoreError};

/// How long mutes are not read again.
const FRESH: SignedDuration = SignedDuration::from_secs(30);

/// Reads the mutes of a store, and remembers the last good ones: a mute that somebody damaged holds on as it was.
pub struct Book {
    store: Arc<dyn Store>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    at: Option<Timestamp>,
    records: Vec<MuteRecord>,
    mutes: Arc<Mutes>,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Book").finish_non_exhaustive()
    }
}

/// What was read just now.
#[derive(Debug, Default)]
pub struct Reading {
    /// The records, the last good one of each.
    pub records: Vec<MuteRecord>,
    /// Mutes that cannot be read, by id, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// Why nothing could be read at all.
    pub failure: Option<StoreError>,
}

impl Book {
    /// Reads from `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, known: Mutex::default() }
    }

    /// The mutes that hold at `now`: read anew, unless that was done a moment ago. Where they cannot be read, those that
    /// were read last.
    pub async fn current(&self, now: Timestamp) -> Arc<Mutes> {
        let (at, known) = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            (known.at, Arc::clone(&known.mutes))
        };
        if at.is_some_and(|at| now >= at && now.duration_since(at) < FRESH) {
            return known;
        }
        self.read(now).await;
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner).mutes)
    }

    /// Reads the mutes, whenever they were read last.
    pub async fn read(&self, now: Timestamp) -> Reading {
        let kept = match self.store.mutes().await {
            Ok(kept) => kept,
            Err(error) => {
                tracing::error!(%error, "the mutes cannot be read; those that were read last hold on");
                let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                let records = known.records.clone();
                return Reading { records, unreadable: Vec::new(), failure: Some(error) };
            }
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let KeptMutes { mut records, mut unreadable } = kept;
        records.retain(|record| match Mutes::new([record.mute.clone()]).1.pop() {
            None => true,
            Some(wrong) => {
                unreadable.push(wrong);
                false
            }
        });
        let good = |id: &String| known.records.iter().find(|record| record.mute.id == *id);
        records.extend(unreadable.iter().filter_map(|(id, _)| good(id)).cloned().collect::<Vec<_>>());
        for (id, reason) in &unreadable {
            tracing::error!(mute = id, reason, "a mute cannot be read; as it was read last it holds on");
        }
        let holding = records.iter().filter(|record| now < record.ends());
        let (mutes, _) = Mutes::new(holding.map(|record| record.mute.clone()).collect::<Vec<Mute>>());
        *known = Known { at: Some(now), records: records.clone(), mutes: Arc::new(mutes) };
        Reading { records, unreadable, failure: None }
    }
}
