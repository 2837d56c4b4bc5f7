//! Taking in the files of a trail: as notices name them, or as polling finds them, checked against their digests, and
//! compared with what the buses brought.

pub mod digest;
mod file;
mod ids;
mod key;
pub mod losses;
mod notice;
pub mod poll;
pub mod verify;

use std::sync::Arc;
use std::time::Duration;

use model::Timestamp;
use tokio::sync::Mutex;

use crate::intake::{Intake, Taken};
use crate::ports::{Clock, Note, Store, StoreError, Trail, TrailError, TrailFile};
use losses::{Lane, Loss};
use verify::{Breach, KeyRing, check_digest, check_file};

pub use file::{FileError, take};
pub use ids::Ids;
pub use key::{Holds, TrailKey};
pub use notice::{File, Named, files};

/// It is remembered so long which files were taken in.
const TAKEN_STAYS: Duration = Duration::from_hours(15 * 24);

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// It could not be read.
    #[error(transparent)]
    Trail(#[from] TrailError),
    /// It broke off, or what was found could not be kept.
    #[error(transparent)]
    File(#[from] FileError),
    /// What was found could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It was taken in.
    Taken(Taken),
    /// It had been before.
    Known,
    /// It is a digest, of which this many files were checked, this many for the first time taken in, and this many things
    /// were wrong.
    Checked {
        /// Files that it names.
        files: usize,
        /// Of these, those that nobody had told of.
        late: usize,
        /// What is wrong with it and with them.
        breaches: usize,
    },
}

/// Takes in the files of one bucket.
pub struct Ingest {
    intake: Arc<Intake>,
    trail: Arc<dyn Trail>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keys: Mutex<KeyRing>,
}

impl std::fmt::Debug for Ingest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ingest").field("bucket", &self.trail.bucket()).finish_non_exhaustive()
    }
}

impl Ingest {
    /// Judges and keeps through `intake` what is in `trail`, and remembers in `store` what was taken in.
    pub fn new(
        intake: Arc<Intake>,
        trail: Arc<dyn Trail>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { intake, trail, store, clock, keys: Mutex::default() }
    }

    /// The files.
    pub fn trail(&self) -> &Arc<dyn Trail> {
        &self.trail
    }

    /// Takes in a file, or checks a digest. Again, it changes nothing.
    ///
    /// # Errors
    /// When it could not be read, or what was found not be kept; then it has to come again.
    pub async fn key(&self, key: &str) -> Result<Became, IngestError> {
        if TrailKey::parse(key).is_some_and(|parts| parts.holds == Holds::Digest) {
            return self.digest(key).await;
        }
        if self.is_taken(key).await? {
            return Ok(Became::Known);
        }
        let file = self.trail.file(key).await?;
        Ok(Became::Taken(self.take(key, file).await?))
    }

    async fn is_taken(&self, key: &str) -> Result<bool, StoreError> {
        Ok(self.store.note(&taken_scope(key), key).await?.is_some())
    }

    async fn take(&self, key: &str, file: TrailFile) -> Result<Taken, IngestError> {
        let name = format!("s3://{}/{key}", self.trail.bucket());
        let (taken, seen) = take(Arc::clone(&self.intake), file.bytes, name).await?;
        let now = self.clock.now();
        seen.leave(Lane::Files, self.store.as_ref(), now).await?;
        let note = Note { key: key.to_owned(), doc: now.to_string() };
        self.store.write_notes(&taken_scope(key), &[note], TAKEN_STAYS, now).await?;
        Ok(taken)
    }

    /// Checks a digest, the one before it, and every file that it names; those that nobody told of are taken in. What is
    /// wrong becomes findings. A file that was altered is taken in as it is now, since it was not before.
    async fn digest(&self, key: &str) -> Result<Became, IngestError> {
        let trail = self.trail.as_ref();
        let checked = check_digest(trail, key, None, &mut *self.keys.lock().await).await?;
        let mut breaches = checked.breaches;
        let (mut files, mut late) = (0, 0);
        if let Some(digest) = &checked.digest {
            for named in &digest.log_files {
                let found = check_file(trail, named).await?;
                files += 1;
                breaches.extend(found.breach(trail, named, digest));
                if let verify::Found::Intact(file) | verify::Found::Altered(file) = found
                    && !self.is_taken(&named.s3_object).await?
                {
                    late += 1;
                    self.take(&named.s3_object, file).await?;
                }
            }
        }
        let events: Vec<String> = breaches.iter().map(Breach::event).collect();
        self.intake.tell(&events, "digest").await?;
        Ok(Became::Checked { files, late, breaches: breaches.len() })
    }

    /// Counts what the buses lost; see [`losses::count`]. More than was known becomes a finding.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle(&self) -> Result<Vec<(Loss, usize)>, StoreError> {
        let now = self.clock.now();
        let changed = losses::count(self.store.as_ref(), now).await?;
        let more = changed.iter().filter(|(loss, before)| loss.lost > *before);
        let events: Vec<String> = more.map(|(loss, _)| loss.event()).collect();
        // Before the counts are kept: what is counted is told only once.
        self.intake.tell(&events, "losses").await?;
        losses::keep(self.store.as_ref(), &changed, now).await?;
        Ok(changed)
    }
}

/// Files are remembered day by day.
fn taken_scope(key: &str) -> String {
    let parts = TrailKey::parse(key);
    parts.map_or_else(
        || "taken".to_owned(),
        |TrailKey { account, region, day, .. }| format!("taken#{account}#{region}#{day}"),
    )
}

/// A time as in the names of files: `20261120T0915`.
fn stamp(time: Timestamp) -> String {
    let text = time.to_string();
    text.chars().take(16).filter(|char| !matches!(char, '-' | ':')).collect()
}

/// The time that a stamp says, which has minutes.
fn time_of_stamp(stamp: &str) -> Option<Timestamp> {
    let part = |from: usize, until: usize| stamp.get(from..until);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute) = (part(9, 11)?, part(11, 13)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:00Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_times_to_the_minute() {
        let time: Timestamp = "2026-11-20T09:15:59Z".parse().unwrap();
        assert_eq!(stamp(time), "20261120T0915");
        assert_eq!(time_of_stamp("20261120T0915"), Some("2026-11-20T09:15:00Z".parse().unwrap()));
        assert_eq!(time_of_stamp("20261320T0915"), None);
    }
}
