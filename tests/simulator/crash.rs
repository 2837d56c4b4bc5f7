//! Processes that die between any two writes: from then on nothing they ask for happens, and their message comes again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::ports::{
    Assessed, Entry, FindingQuery, Inventory, KeptMutes, Kind, Lease, MuteStore, Note, Notes, Page, Recorded,
    StateQuery, Step, Store, StoreError, Window,
};
use model::{
    Assessment, Closing, Finding, FindingId, Line, Moment, MuteRecord, Notice, NoticeId, NoticePolicy,
    Occurrence, Poison, Sighting, State, TimelineId, Timestamp,
};
use store::Memory;

/// When the running process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lives,
    /// After so many writes more.
    Dies(u64),
    Dead,
}

/// The process that runs.
#[derive(Debug)]
pub(crate) struct Process(Mutex<Fate>);

impl Default for Process {
    fn default() -> Self {
        Self(Mutex::new(Fate::Lives))
    }
}

fn dead() -> StoreError {
    StoreError::Unavailable("the process died".into())
}

impl Process {
    /// Begins one that dies after `writes`, if at all.
    pub(crate) fn begin(&self, writes: Option<u64>) {
        *self.0.lock().unwrap() = writes.map_or(Fate::Lives, Fate::Dies);
    }

    /// Whether it has died; then another begins.
    pub(crate) fn has_died(&self) -> bool {
        std::mem::replace(&mut *self.0.lock().unwrap(), Fate::Lives) == Fate::Dead
    }

    pub(crate) fn read(&self) -> Result<(), StoreError> {
        if *self.0.lock().unwrap() == Fate::Dead { Err(dead()) } else { Ok(()) }
    }

    pub(crate) fn write(&self) -> Result<(), StoreError> {
        let mut fate = self.0.lock().unwrap();
        *fate = match *fate {
            Fate::Lives => Fate::Lives,
            Fate::Dies(0) | Fate::Dead => Fate::Dead,
            Fate::Dies(left) => Fate::Dies(left - 1),
        };
        if *fate == Fate::Dead { Err(dead()) } else { Ok(()) }
    }
}

/// A store that a mortal process uses. What adapters do in one transaction happens whole or not at all.
#[derive(Debug)]
pub(crate) struct Mortal {
    pub(crate) store: Arc<Memory>,
    pub(crate) process: Arc<Process>,
}

#[async_trait]
impl Inventory for Mortal {
    async fn state(&self, key: &TimelineId) -> Result<Option<State>, StoreError> {
        self.process.read()?;
        self.store.state(key).await
    }

    async fn states_of(&self, kind: &Kind) -> Result<Vec<State>, StoreError> {
        self.process.read()?;
        self.store.states_of(kind).await
    }

    async fn states(&self, query: &StateQuery) -> Result<Page<State>, StoreError> {
        self.store.states(query).await
    }

    async fn named(&self, text: &str) -> Result<Vec<State>, StoreError> {
        self.process.read()?;
        self.store.named(text).await
    }

    async fn advance(&self, steps: &[Step]) -> Result<Vec<bool>, StoreError> {
        let mut taken = Vec::new();
        for step in steps {
            self.process.write()?;
            taken.extend(self.store.advance(std::slice::from_ref(step)).await?);
        }
        Ok(taken)
    }

    async fn tell(&self, moments: &[Moment]) -> Result<(), StoreError> {
        for moment in moments {
            self.process.write()?;
            self.store.tell(std::slice::from_ref(moment)).await?;
        }
        Ok(())
    }

    async fn timeline(
        &self,
        timelines: &[TimelineId],
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Moment>, StoreError> {
        self.process.read()?;
        self.store.timeline(timelines, from, until).await
    }

    async fn mark(&self, target: &str, now: Timestamp, window: Duration) -> Result<bool, StoreError> {
        self.process.write()?;
        self.store.mark(target, now, window).await
    }

    async fn unmark(&self, target: &str) -> Result<(), StoreError> {
        self.process.write()?;
        self.store.unmark(target).await
    }
}

#[async_trait]
impl Notes for Mortal {
    async fn write_notes(
        &self,
        scope: &str,
        notes: &[Note],
        stay: Duration,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.process.write()?;
        self.store.write_notes(scope, notes, stay, now).await
    }

    async fn note(&self, scope: &str, key: &str) -> Result<Option<String>, StoreError> {
        self.process.read()?;
        self.store.note(scope, key).await
    }

    async fn notes(&self, scope: &str) -> Result<Vec<Note>, StoreError> {
        self.process.read()?;
        self.store.notes(scope).await
    }
}

#[async_trait]
impl MuteStore for Mortal {
    async fn mutes(&self) -> Result<KeptMutes, StoreError> {
        self.store.mutes().await
    }

    async fn put_mute(&self, record: &MuteRecord) -> Result<bool, StoreError> {
        self.process.write()?;
        self.store.put_mute(record).await
    }
}

#[async_trait]
impl Store for Mortal {
    async fn record(
        &self,
        sightings: &[Sighting],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.process.write()?;
        self.store.record(sightings, policy, now).await
    }

    async fn assess(
        &self,
        assessments: &[Assessment],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Assessed>, StoreError> {
        let mut assessed = Vec::new();
        for assessment in assessments {
            self.process.write()?;
            assessed.extend(self.store.assess(std::slice::from_ref(assessment), policy, now).await?);
        }
        Ok(assessed)
    }

    async fn close(&self, id: &FindingId, closing: &Closing) -> Result<Option<Finding>, StoreError> {
        self.process.write()?;
        self.store.close(id, closing).await
    }

    async fn standing(&self, kind: &Kind) -> Result<Vec<Finding>, StoreError> {
        self.process.read()?;
        self.store.standing(kind).await
    }

    async fn finish_shard(&self, scan: &str, shard: &str, now: Timestamp) -> Result<(), StoreError> {
        self.process.write()?;
        self.store.finish_shard(scan, shard, now).await
    }

    async fn finished_shards(&self, scan: &str) -> Result<BTreeSet<String>, StoreError> {
        self.store.finished_shards(scan).await
    }

    async fn forget_shards(&self, scan: &str) -> Result<(), StoreError> {
        self.store.forget_shards(scan).await
    }

    async fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError> {
        self.process.read()?;
        self.store.finding(id).await
    }

    async fn findings_among(&self, ids: &[FindingId]) -> Result<Vec<Finding>, StoreError> {
        self.process.read()?;
        self.store.findings_among(ids).await
    }

    async fn findings(&self, query: &FindingQuery) -> Result<Page<Finding>, StoreError> {
        self.store.findings(query).await
    }

    async fn occurrences(&self, id: &FindingId, limit: usize) -> Result<Vec<Occurrence>, StoreError> {
        self.store.occurrences(id, limit).await
    }

    async fn due_notices(&self, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError> {
        self.store.due_notices(now, limit).await
    }

    async fn lease(
        &self,
        notice: &Notice,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.store.lease(notice, owner, now, until).await
    }

    async fn settle(&self, lease: &Lease, refused: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        self.store.settle(lease, refused, now).await
    }

    async fn release(&self, lease: &Lease, retry_at: Timestamp) -> Result<(), StoreError> {
        self.store.release(lease, retry_at).await
    }

    async fn admit(
        &self,
        span: &str,
        notice: &NoticeId,
        places: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.store.admit(span, notice, places, now).await
    }

    async fn bundle(
        &self,
        digest: &Notice,
        at: Timestamp,
        lines: &[Line],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.store.bundle(digest, at, lines, now).await
    }

    async fn bundled(&self, digest: &NoticeId, limit: usize) -> Result<Vec<Line>, StoreError> {
        self.store.bundled(digest, limit).await
    }

    async fn quarantine(&self, poison: &Poison) -> Result<bool, StoreError> {
        self.process.write()?;
        self.store.quarantine(poison).await
    }

    async fn quarantined(&self, sha256: &str) -> Result<Option<Poison>, StoreError> {
        self.store.quarantined(sha256).await
    }

    async fn observe(&self, windows: &[Window], now: Timestamp) -> Result<Vec<Vec<Entry>>, StoreError> {
        self.process.write()?;
        self.store.observe(windows, now).await
    }
}
