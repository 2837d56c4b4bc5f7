//! Where calls were told: so that a text leads to its timelines though nobody has read the resource yet.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::{TimelineId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::mapping::Affected;
use crate::ports::{Note, Notes, StoreError};

const SCOPE: &str = "places";

/// As long as a timeline is kept at least.
const STAY: Duration = Duration::from_hours(400 * 24);

/// A type of resource at a place, of which calls were told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ToldPlace {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The type.
    pub resource_type: String,
}

impl ToldPlace {
    pub(super) fn of(affected: &Affected) -> Self {
        let Affected { account, region, resource_type, .. } = affected;
        Self { account: account.clone(), region: region.clone(), resource_type: resource_type.clone() }
    }

    fn note(&self) -> Note {
        let Self { account, region, resource_type } = self;
        let key = TimelineId::of_resource(account, region, resource_type, "").to_string();
        Note { key, doc: serde_json::to_string(self).unwrap_or_default() }
    }
}

/// The places that are noted already.
#[derive(Debug, Default)]
pub(super) struct Noted(Mutex<BTreeSet<ToldPlace>>);

impl Noted {
    /// Notes the places that are new.
    pub(super) async fn add(
        &self,
        places: &BTreeSet<ToldPlace>,
        notes: &dyn Notes,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let fresh: BTreeSet<ToldPlace> = {
            let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            places.difference(&noted).cloned().collect()
        };
        if fresh.is_empty() {
            return Ok(());
        }
        let written: Vec<Note> = fresh.iter().map(ToldPlace::note).collect();
        notes.write_notes(SCOPE, &written, STAY, now).await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(fresh);
        Ok(())
    }
}

/// The timelines that stand under `text`, whatever it names and wherever it is; those on which nothing was told, too.
///
/// # Errors
/// When the store fails.
pub async fn timelines_of(text: &str, notes: &dyn Notes) -> Result<Vec<(ToldPlace, TimelineId)>, StoreError> {
    let places = notes.notes(SCOPE).await?;
    let places = places.iter().filter_map(|note| serde_json::from_str::<ToldPlace>(&note.doc).ok());
    let timelines = places.map(|place| {
        let ToldPlace { account, region, resource_type } = &place;
        let timeline = TimelineId::of_resource(account, region, resource_type, text);
        (place, timeline)
    });
    Ok(timelines.collect())
}
