//! Following changes: each call goes onto the timelines of what it changes, and what it changed is read again.
//!
//! A call that took effect is always followed by a read that begins later: its target is marked, whoever marks it first
//! asks for the read, and the mark is taken away before the read begins. So many calls in a window cost one read.

mod places;
mod predict;
mod record;
mod resolve;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog::resource::Row;
use model::{Moment, Outcome, TimelineId, Timestamp};
use records::Record;
use serde::{Deserialize, Serialize};

use crate::mapping::{Affected, Mapped, Mapping, Reference, affected};
use crate::ports::{Kind, Store, StoreError};
use crate::scan::Scanner;

use places::Noted;
use record::call_of;

pub use places::{ToldPlace, timelines_of};

/// How long a target stays marked where nothing takes the mark away: a read that was lost is asked for again after that.
const MARKED: Duration = Duration::from_mins(1);

/// Calls may be told so much later than what they did is seen, most of the time.
pub(crate) const LATE: Duration = Duration::from_mins(20);

/// More targets of one type at one place than this are read as one: all of them.
const STORM: usize = 40;

/// Something to read again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The type.
    pub resource_type: String,
    /// Which one, or all.
    pub which: Reference,
    /// When the earliest of the calls was made that ask for it.
    pub since: Timestamp,
    /// How often it was read without what a call did being seen.
    #[serde(default)]
    pub tries: u32,
    /// This read has the last word on what is provisional; where nothing is, nothing is read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

impl Target {
    /// What marks of it are kept under: letters and digits.
    pub fn key(&self) -> String {
        let Self { account, region, resource_type, which, .. } = self;
        let which = serde_json::to_string(which).unwrap_or_default();
        TimelineId::of_resource(account, region, resource_type, &which).to_string()
    }

    /// Whether it is every resource of the type.
    pub fn is_all(&self) -> bool {
        self.which == Reference::All
    }

    /// Whether it is of the type and place of another.
    pub fn is_at(&self, other: &Self) -> bool {
        (&self.account, &self.region, &self.resource_type)
            == (&other.account, &other.region, &other.resource_type)
    }
}

/// Where reads are asked for.
#[async_trait]
pub trait Harvests: Send + Sync {
    /// Has the targets be read after `delay`.
    ///
    /// # Errors
    /// When nobody could be asked; whoever tells the same again asks again.
    async fn ask(&self, targets: &[Target], delay: Duration) -> Result<(), StoreError>;
}

/// Follows changes.
pub struct Tracker {
    mapping: Mapping,
    rows: Arc<Vec<Row>>,
    harvests: Option<(Arc<dyn Harvests>, Duration)>,
    scanner: Option<Arc<Scanner>>,
    noted: Noted,
}

impl std::fmt::Debug for Tracker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tracker").field("types", &self.rows.len()).finish_non_exhaustive()
    }
}

/// What records told, on its way into the store.
#[derive(Debug, Default)]
pub struct Tracks {
    moments: Vec<Moment>,
    /// Where they happened.
    places: BTreeSet<ToldPlace>,
    /// Resources that are known by what they are linked with.
    linked: Vec<(Affected, model::Call)>,
    /// Records of which only the inventory may know what they change.
    puzzles: Vec<Puzzle>,
    targets: BTreeMap<String, Target>,
    /// Calls whose records say what they made of a resource.
    telling: Vec<(Affected, model::Call)>,
    records: usize,
}

/// A record that names resources, if at all, in a place that nobody knows.
#[derive(Debug)]
struct Puzzle {
    bytes: Vec<u8>,
    texts: BTreeSet<String>,
    call: model::Call,
    is_known: bool,
}

impl Tracks {
    /// How many changes were told.
    pub fn waiting(&self) -> usize {
        self.records
    }

    /// Takes in what other records told, which come behind these.
    pub fn append(&mut self, other: Self) {
        let Self { moments, places, linked, puzzles, targets, telling, records } = other;
        self.moments.extend(moments);
        self.places.extend(places);
        self.linked.extend(linked);
        self.puzzles.extend(puzzles);
        for target in targets.into_values() {
            self.want(target);
        }
        self.telling.extend(telling);
        self.records += records;
    }

    /// Takes down what is to be read, with the earliest call that asks for it.
    fn want(&mut self, target: Target) {
        let since = target.since;
        let known = self.targets.entry(target.key()).or_insert(target);
        known.since = known.since.min(since);
    }
}

impl Tracker {
    /// Follows what changes resources of `rows`.
    pub fn new(rows: Arc<Vec<Row>>) -> Self {
        let mapping = Mapping::new(Arc::clone(&rows), &catalog::derived_changes());
        Self { mapping, rows, harvests: None, scanner: None, noted: Noted::default() }
    }

    /// Has what changed be read again, each after `delay`, in which further calls on it are waited for.
    #[must_use]
    pub fn harvesting(mut self, harvests: Arc<dyn Harvests>, delay: Duration) -> Self {
        self.harvests = Some((harvests, delay));
        self
    }

    /// Takes down what a record tells of resources, and of sessions.
    pub fn follow(&self, record: &Record<'_>, tracks: &mut Tracks) {
        if let Some(opened) = record::session(record) {
            tracks.moments.push(opened);
            tracks.records += 1;
        }
        match affected(&self.mapping, record.event, &|_: &str| None) {
            Mapped::Nothing => {}
            Mapped::Affected(list) if !list.is_empty() => {
                tracks.records += 1;
                for affected in list {
                    tracks.add(affected, record);
                }
            }
            mapped => {
                tracks.records += 1;
                tracks.puzzles.push(Puzzle {
                    bytes: record.bytes.to_vec(),
                    texts: crate::mapping::candidates(record.event.root()),
                    call: record::unmapped(record),
                    is_known: mapped != Mapped::Unmapped,
                });
            }
        }
    }

    /// Keeps what was taken down, and has what changed be read again. Keeping the same again changes nothing. The answer
    /// is what nobody was asked to read.
    ///
    /// # Errors
    /// When the store fails, or nobody could be asked to read.
    pub async fn keep(
        &self,
        tracks: &mut Tracks,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Vec<Target>, StoreError> {
        self.solve(tracks, store).await?;
        self.link(tracks, store).await?;
        self.noted.add(&tracks.places, store, now).await?;
        store.tell(&tracks.moments).await?;
        self.predict(tracks).await?;
        tracks.moments.clear();
        tracks.places.clear();
        tracks.records = 0;
        let targets = std::mem::take(&mut tracks.targets).into_values();
        let Some((harvests, delay)) = &self.harvests else { return Ok(targets.collect()) };
        let mut due = Vec::new();
        for target in calmed(targets) {
            // Whoever reads for another call does not look back as far as a call that is told so late.
            let is_late = target.since + LATE < now;
            if store.mark(&target.key(), now, MARKED).await? || is_late {
                due.push(target);
            }
        }
        if due.is_empty() {
            return Ok(Vec::new());
        }
        if let Err(error) = harvests.ask(&due, *delay).await {
            // Whoever tells the same again has to ask again: a mark that nobody acts on would keep them from it.
            for target in &due {
                store.unmark(&target.key()).await?;
            }
            return Err(error);
        }
        Ok(Vec::new())
    }
}

impl Tracks {
    fn add(&mut self, affected: Affected, record: &Record<'_>) {
        let call = call_of(record, &affected);
        match &affected.which {
            Reference::Where(_) => self.linked.push((affected, call)),
            _ => self.put(&affected, call),
        }
    }

    fn put(&mut self, affected: &Affected, call: model::Call) {
        let Affected { account, region, resource_type, which, .. } = affected;
        let timeline = match which {
            Reference::Id(text) | Reference::Arn(text) | Reference::Name(text) => {
                TimelineId::of_resource(account, region, resource_type, text)
            }
            Reference::All | Reference::Where(_) => TimelineId::of_all(account, resource_type),
        };
        if call.outcome == Outcome::Success {
            if !affected.sets.is_empty() {
                self.telling.push((affected.clone(), call.clone()));
            }
            self.want(Target::of(affected, call.time));
        }
        self.places.insert(ToldPlace::of(affected));
        self.moments.push(Moment::call(timeline, call));
    }
}

/// The targets, many of one type at one place as one.
pub fn calmed(targets: impl IntoIterator<Item = Target>) -> Vec<Target> {
    let mut places: BTreeMap<(String, String, String), Vec<Target>> = BTreeMap::new();
    let (last, targets): (Vec<_>, Vec<_>) = targets.into_iter().partition(|target| target.last);
    for target in targets {
        let place = (target.account.clone(), target.region.clone(), target.resource_type.clone());
        places.entry(place).or_default().push(target);
    }
    let calm = |targets: Vec<Target>| match targets.first() {
        Some(first) if targets.len() > STORM => {
            let since = targets.iter().map(|target| target.since).min().unwrap_or(first.since);
            vec![Target { which: Reference::All, since, ..first.clone() }]
        }
        _ => targets,
    };
    places.into_values().flat_map(calm).chain(last).collect()
}

/// The resources of a type in an account.
fn kind_of(affected: &Affected) -> Kind {
    Kind { account: affected.account.clone(), resource_type: affected.resource_type.clone() }
}
