//! Polling a bucket that tells nobody of new files: the newest keys of each account and region are listed, and those that
//! were not seen yet are told of as notices, so that they go the way of all files.
//!
//! Of each folder of a region the keys are remembered that were seen in the last hours, so that files which come late,
//! or whose names come before others of the same minute, are seen as well. A folder's note is written when its notices are
//! sent: what is interrupted in between is told again, and has one effect.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ids::Ids;
use super::key::{Holds, TrailKey, is_account};
use crate::ports::{Clock, Note, Notes, StoreError, Trail, TrailError};

/// Files that come so late are seen.
const LATE: Duration = Duration::from_hours(3);

/// The longest time that is caught up with, after polling stood still.
const LONGEST: Duration = Duration::from_hours(14 * 24);

/// New accounts and regions are looked for so often.
const DISCOVER: Duration = Duration::from_hours(1);

/// A folder without a new file for a day is looked at so often. Digests come once an hour.
const SELDOM: Duration = Duration::from_mins(30);
const QUIET: Duration = Duration::from_hours(24);

/// Notes stay longer than is caught up with.
const STAY: Duration = Duration::from_hours(15 * 24);

/// So many folders are listed at once, and so many keys go into one notice.
const AT_ONCE: usize = 8;
const TOGETHER: usize = 10;

/// Where it is kept which folders there are, and how far each was seen.
const PLAN: &str = "poll";
const FOLDERS: &str = "poll-folders";

/// Why polling ended early.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// The bucket cannot be listed.
    #[error(transparent)]
    Trail(#[from] TrailError),
    /// The store, or the queue, failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where notices go.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Has the files that each notice names be taken in.
    ///
    /// # Errors
    /// When nobody could be told; some may have been.
    async fn tell(&self, notices: &[serde_json::Value]) -> Result<(), StoreError>;
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Polled {
    /// Folders that were listed.
    pub folders: usize,
    /// Keys that were told of.
    pub files: usize,
    /// Folders that are left for the next run.
    pub left: usize,
}

/// Polls a bucket.
pub struct Poller {
    trail: Arc<dyn Trail>,
    notes: Arc<dyn Notes>,
    clock: Arc<dyn Clock>,
    prefix: String,
}

impl std::fmt::Debug for Poller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Poller").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Which folders there are, and with which one the next run begins.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Plan {
    folders: Vec<String>,
    found: Option<Timestamp>,
    #[serde(default)]
    next: Option<String>,
}

/// How far a folder was seen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Progress {
    looked: Option<Timestamp>,
    newest: Option<Timestamp>,
    /// The keys that were seen, by the hour in their names.
    seen: BTreeMap<String, String>,
}

impl Poller {
    /// Polls what stands below `AWSLogs/` behind `prefix`, which is empty or ends with a slash.
    pub fn new(
        trail: Arc<dyn Trail>,
        notes: Arc<dyn Notes>,
        clock: Arc<dyn Clock>,
        prefix: impl Into<String>,
    ) -> Self {
        Self { trail, notes, clock, prefix: prefix.into() }
    }

    /// Looks for new files until `until`; what is left is looked at first the next time.
    ///
    /// # Errors
    /// When the bucket cannot be listed, or nobody be told; every folder that can be is seen to first.
    pub async fn poll(&self, notices: &dyn Notices, until: Timestamp) -> Result<Polled, PollError> {
        let started = self.clock.now();
        let mut plan = self.plan(started).await?;
        let known: BTreeMap<String, Progress> = self
            .notes
            .notes(&self.folders())
            .await?
            .into_iter()
            .filter_map(|note| Some((note.key, serde_json::from_str(&note.doc).ok()?)))
            .collect();
        let first = plan.next.take();
        let at = first.and_then(|next| plan.folders.iter().position(|folder| *folder == next));
        let mut folders = plan.folders.clone();
        folders.rotate_left(at.unwrap_or_default());
        folders.retain(|folder| {
            known.get(folder).is_none_or(|progress| progress.is_due(holds(folder), started))
        });
        let mut polled = Polled { left: folders.len(), ..Polled::default() };
        let mut failure = None;
        for some in folders.chunks(AT_ONCE) {
            if self.clock.now() >= until {
                plan.next = some.first().cloned();
                break;
            }
            let looks = some.iter().map(|folder| {
                let progress = known.get(folder).cloned().unwrap_or_default();
                self.folder(folder, progress, notices)
            });
            for looked in join_all(looks).await {
                polled.left -= 1;
                match looked {
                    Ok(files) => {
                        polled.folders += 1;
                        polled.files += files;
                    }
                    // Others may be well.
                    Err(error) => failure = Some(error),
                }
            }
        }
        self.write_plan(&plan).await?;
        failure.map_or(Ok(polled), Err)
    }

    fn name(&self) -> String {
        format!("{}/{}", self.trail.bucket(), self.prefix)
    }

    fn folders(&self) -> String {
        format!("{FOLDERS}#{}", self.trail.bucket())
    }

    /// The folders, looked for again every now and then.
    async fn plan(&self, now: Timestamp) -> Result<Plan, PollError> {
        let kept = self.notes.note(PLAN, &self.name()).await?;
        let mut plan: Plan = kept.and_then(|doc| serde_json::from_str(&doc).ok()).unwrap_or_default();
        if plan.found.is_none_or(|found| found + DISCOVER <= now) {
            plan.folders = discover(self.trail.as_ref(), &self.prefix).await?;
            plan.found = Some(now);
        }
        Ok(plan)
    }

    async fn write_plan(&self, plan: &Plan) -> Result<(), StoreError> {
        let note = Note { key: self.name(), doc: written(plan)? };
        self.notes.write_notes(PLAN, &[note], STAY, self.clock.now()).await
    }

    /// Tells of what is new in a folder.
    async fn folder(
        &self,
        folder: &str,
        mut progress: Progress,
        notices: &dyn Notices,
    ) -> Result<usize, PollError> {
        let now = self.clock.now();
        let from = progress.looked.unwrap_or(now).max(now - LONGEST) - LATE;
        let mut fresh = Vec::new();
        let mut seen: BTreeMap<String, Ids> =
            progress.seen.iter().map(|(hour, ids)| (hour.clone(), Ids::unpack(ids))).collect();
        for day in days(from, now) {
            let prefix = format!("{folder}{day}/");
            let mut after = first_name(folder, from).map(|name| format!("{prefix}{name}"));
            loop {
                let page = self.trail.list(&prefix, after.as_deref(), false).await?;
                for object in page.objects {
                    let Some(stamp) = TrailKey::parse(&object.key).and_then(|key| key.stamp()) else {
                        continue;
                    };
                    let time = super::time_of_stamp(stamp);
                    if time.is_none_or(|time| time < from) {
                        continue;
                    }
                    let hour = stamp.get(..11).unwrap_or_default().to_owned();
                    if seen.entry(hour).or_default().add(&object.key) {
                        progress.newest = progress.newest.max(time);
                        fresh.push(object.key);
                    }
                }
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        let bucket = self.trail.bucket();
        let told: Vec<_> =
            fresh.chunks(TOGETHER).map(|keys| json!({ "s3Bucket": bucket, "s3ObjectKey": keys })).collect();
        if !told.is_empty() {
            notices.tell(&told).await?;
        }
        if !fresh.is_empty() || progress.looked.is_none_or(|looked| looked + SELDOM <= now) {
            progress.looked = Some(now);
            let oldest = stamp_hour(now - LATE);
            progress.seen = seen
                .into_iter()
                .filter(|(hour, _)| *hour >= oldest)
                .map(|(hour, ids)| (hour, ids.pack()))
                .collect();
            let note = Note { key: folder.to_owned(), doc: written(&progress)? };
            self.notes.write_notes(&self.folders(), &[note], STAY, now).await?;
        }
        Ok(fresh.len())
    }
}

impl Progress {
    fn is_due(&self, holds: Holds, now: Timestamp) -> bool {
        let seldom = holds == Holds::Digest || self.newest.is_none_or(|newest| newest + QUIET < now);
        !seldom || self.looked.is_none_or(|looked| looked + SELDOM <= now)
    }
}

/// The folders of regions below a prefix: `…/ACCOUNT/CloudTrail/REGION/`, and those of digests.
///
/// # Errors
/// When they cannot be listed.
pub async fn discover(trail: &dyn Trail, prefix: &str) -> Result<Vec<String>, TrailError> {
    let mut accounts = Vec::new();
    for folder in folders(trail, &format!("{prefix}AWSLogs/")).await? {
        if last(&folder).starts_with("o-") {
            accounts.extend(folders(trail, &folder).await?);
        } else {
            accounts.push(folder);
        }
    }
    let mut regions = Vec::new();
    for account in accounts.iter().filter(|account| is_account(last(account))) {
        for holds in [Holds::Records, Holds::Digest] {
            regions.extend(folders(trail, &format!("{account}{}/", holds.folder())).await?);
        }
    }
    Ok(regions)
}

async fn folders(trail: &dyn Trail, prefix: &str) -> Result<Vec<String>, TrailError> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = trail.list(prefix, after.as_deref(), true).await?;
        found.extend(page.folders);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

/// The last part of a folder's path.
fn last(folder: &str) -> &str {
    folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

fn holds(folder: &str) -> Holds {
    let of = folder.trim_end_matches('/').rsplit('/').nth(1);
    of.and_then(Holds::of_folder).unwrap_or(Holds::Records)
}

/// What comes before the names of all files that were delivered from a time on. Names of digests begin with that of the
/// trail, so that theirs say nothing about the time.
fn first_name(folder: &str, from: Timestamp) -> Option<String> {
    let mut parts = folder.trim_end_matches('/').rsplit('/');
    let (region, of, account) = (parts.next()?, parts.next()?, parts.next()?);
    let stamp = super::stamp(from);
    (Holds::of_folder(of) == Some(Holds::Records)).then(|| format!("{account}_{of}_{region}_{stamp}"))
}

/// The days from one time to another, as in keys.
fn days(from: Timestamp, until: Timestamp) -> Vec<String> {
    let day = |time: Timestamp| time.to_string().chars().take(10).collect::<String>().replace('-', "/");
    let last = day(until);
    let mut days = Vec::new();
    let mut time = from;
    while day(time) < last {
        days.push(day(time));
        time += Duration::from_hours(24);
    }
    days.push(last);
    days
}

fn stamp_hour(time: Timestamp) -> String {
    super::stamp(time).chars().take(11).collect()
}

fn written(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Unusable(format!("a note cannot be written: {error}")))
}
