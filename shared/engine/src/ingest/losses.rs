//! Which events the buses lost: what the files of a trail hold, against what DETECT received.
//!
//! `EventBridge` delivers CloudTrail's events as best it can; the files hold them all. Both sides leave the ids of what
//! they saw, many in one note, by the hour of the events, the account and the region. When an hour has settled the two
//! are joined by id. Counted are only events that a bus should have brought: management writes, but for those that the
//! rules leave out, of places that a bus brings events from at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Event, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ids::Ids;
use crate::ports::{Note, Notes, StoreError};

/// Notes of what was seen are kept so long.
const SEEN_STAYS: Duration = Duration::from_hours(3 * 24);

/// What was lost is kept so long.
const LOSSES_STAY: Duration = Duration::from_hours(90 * 24);

/// A place of which nothing came so long has no producer.
const PLACES_STAY: Duration = Duration::from_hours(7 * 24);

/// An hour is settled so long after its end: files are delivered within about five minutes, and the bus tries longer.
pub const SETTLING: Duration = Duration::from_mins(30);

/// So many hours are counted again with each run, since files may be late.
const AGAIN: u32 = 6;

/// Where counts are kept.
const LOSSES: &str = "losses";

/// Places that a bus brings events from.
const PLACES: &str = "bus-places";

/// Which events a bus brings.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    left_out: BTreeSet<String>,
}

impl Carried {
    /// All management writes, but those with names that the rules leave out.
    pub fn but(left_out: impl IntoIterator<Item = String>) -> Self {
        Self { left_out: left_out.into_iter().collect() }
    }

    fn carries(&self, event: Event<'_>) -> bool {
        let text = |path: &str| event.root().path_text(path);
        let is = |path: &str, word: &str| text(path).is_some_and(|text| text.eq_ignore_ascii_case(word));
        let management = is("eventCategory", "Management") || is("managementEvent", "true");
        management
            && is("readOnly", "false")
            && event.name().is_some_and(|name| !self.left_out.contains(name.as_ref()))
    }
}

/// Which way events came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Through `EventBridge`.
    Bus,
    /// In the files of a trail.
    Files,
}

/// The ids of what was seen on a lane, by hour and place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<String, BTreeMap<String, Ids>>);

impl Seen {
    /// Takes down an event, if a bus should bring it.
    pub fn see(&mut self, event: Event<'_>, carried: &Carried) {
        if !carried.carries(event) {
            return;
        }
        let (Some(id), Some(time)) = (event.id(), event.time()) else { return };
        let (Some(account), Some(region)) = (event.account(), event.region()) else { return };
        let place = format!("{account} {region}");
        self.0.entry(hour(time)).or_default().entry(place).or_default().add(&id);
    }

    /// Takes down what another one did.
    pub fn join(&mut self, other: Self) {
        for (hour, places) in other.0 {
            let known = self.0.entry(hour).or_default();
            for (place, ids) in places {
                known.entry(place).or_default().join(&ids);
            }
        }
    }

    /// Leaves a note for each hour. The same again changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn leave(&self, lane: Lane, notes: &dyn Notes, now: Timestamp) -> Result<(), StoreError> {
        for (hour, places) in &self.0 {
            let packed: BTreeMap<&str, String> =
                places.iter().map(|(place, ids)| (place.as_str(), ids.pack())).collect();
            let doc = serde_json::to_string(&packed)
                .map_err(|error| StoreError::Unusable(format!("ids cannot be written: {error}")))?;
            let mut name = Ids::default();
            name.add(&doc);
            let note = Note { key: name.pack(), doc };
            notes.write_notes(&scope(lane, hour), &[note], SEEN_STAYS, now).await?;
        }
        Ok(())
    }
}

/// What became of the events of an hour at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// The hour, as `2026-11-20T09`.
    pub hour: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many events of the files a bus should have brought.
    pub expected: usize,
    /// How many of them it did not bring; each was judged from its file.
    pub lost: usize,
    /// Whether a bus brings anything from there; if not, nothing counts as lost.
    pub on_bus: bool,
}

impl Loss {
    /// Under which key it is kept.
    fn key(&self) -> String {
        format!("{} {} {}", self.hour, self.account, self.region)
    }

    /// The event that tells of it.
    pub fn event(&self) -> String {
        let Self { hour, account, region, expected, lost, .. } = self;
        json!({
            "eventVersion": "1.11",
            "eventSource": "trailpost.engine",
            "eventName": "EventsLost",
            "eventID": format!("EventsLost:{account} {region} {hour}:{lost}"),
            "eventTime": format!("{hour}:00:00Z"),
            "eventType": "AwsServiceEvent",
            "awsRegion": region,
            "recipientAccountId": account,
            "requestParameters": { "hour": hour, "expected": expected, "lost": lost },
        })
        .to_string()
    }
}

/// Counts the hours that have settled. The answer is each count that is new or differs from the one that is kept, with
/// what was lost by that.
///
/// # Errors
/// When the store fails.
pub async fn count(notes: &dyn Notes, now: Timestamp) -> Result<Vec<(Loss, usize)>, StoreError> {
    let mut changed = Vec::new();
    let known: BTreeMap<String, Loss> =
        losses(notes).await?.into_iter().map(|loss| (loss.key(), loss)).collect();
    let mut on_bus: BTreeSet<String> = notes
        .notes(PLACES)
        .await?
        .into_iter()
        // A store may keep notes longer than they were needed.
        .filter(|note| note.doc.parse::<Timestamp>().is_ok_and(|at| at + PLACES_STAY >= now))
        .map(|note| note.key)
        .collect();
    for back in (1..=AGAIN).rev() {
        let hour = hour(now - SETTLING - Duration::from_hours(1) * back);
        let (bus, files) = (seen(notes, Lane::Bus, &hour).await?, seen(notes, Lane::Files, &hour).await?);
        let places: Vec<Note> =
            bus.keys().map(|place| Note { key: place.clone(), doc: now.to_string() }).collect();
        notes.write_notes(PLACES, &places, PLACES_STAY, now).await?;
        on_bus.extend(bus.keys().cloned());
        let none = Ids::default();
        for (place, ids) in &files {
            let (account, region) = place.split_once(' ').unwrap_or((place, ""));
            let on_bus = on_bus.contains(place);
            let lost = if on_bus { ids.missing_from(bus.get(place).unwrap_or(&none)) } else { 0 };
            let loss = Loss {
                hour: hour.clone(),
                account: account.to_owned(),
                region: region.to_owned(),
                expected: ids.len(),
                lost,
                on_bus,
            };
            let before = known.get(&loss.key());
            if before != Some(&loss) {
                changed.push((loss, before.map_or(0, |before| before.lost)));
            }
        }
    }
    Ok(changed)
}

/// Keeps counts.
///
/// # Errors
/// When the store fails.
pub async fn keep(notes: &dyn Notes, counts: &[(Loss, usize)], now: Timestamp) -> Result<(), StoreError> {
    let note = |loss: &Loss| {
        let doc = serde_json::to_string(loss)
            .map_err(|error| StoreError::Unusable(format!("a count cannot be written: {error}")))?;
        Ok(Note { key: loss.key(), doc })
    };
    let kept: Vec<Note> = counts.iter().map(|(loss, _)| note(loss)).collect::<Result<_, StoreError>>()?;
    notes.write_notes(LOSSES, &kept, LOSSES_STAY, now).await
}

/// The counts that are kept, by hour, account and region.
///
/// # Errors
/// When the store fails.
pub async fn losses(notes: &dyn Notes) -> Result<Vec<Loss>, StoreError> {
    let kept = notes.notes(LOSSES).await?;
    Ok(kept.iter().filter_map(|note| serde_json::from_str(&note.doc).ok()).collect())
}

async fn seen(notes: &dyn Notes, lane: Lane, hour: &str) -> Result<BTreeMap<String, Ids>, StoreError> {
    let mut all: BTreeMap<String, Ids> = BTreeMap::new();
    for note in notes.notes(&scope(lane, hour)).await? {
        let places: BTreeMap<String, String> = serde_json::from_str(&note.doc)
            .map_err(|error| StoreError::Corrupt { key: note.key.clone(), reason: error.to_string() })?;
        for (place, ids) in places {
            all.entry(place).or_default().join(&Ids::unpack(&ids));
        }
    }
    Ok(all)
}

fn scope(lane: Lane, hour: &str) -> String {
    match lane {
        Lane::Bus => format!("bus#{hour}"),
        Lane::Files => format!("files#{hour}"),
    }
}

/// The hour of a time, as `2026-11-20T09`.
fn hour(time: Timestamp) -> String {
    time.to_string().chars().take(13).collect()
}
