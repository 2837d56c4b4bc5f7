//! A store that lives as long as the process: for tests, simulation, and runs that keep nothing.

mod inventory;
mod mutes;
mod notes;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engine::ports::{Assessed, Entry, FindingQuery, Kind, Lease, Page, Recorded, Store, StoreError, Window};
use model::{
    Assessment, Change, Closing, Finding, FindingId, Line, Notice, NoticeId, NoticePolicy, Occurrence,
    OccurrenceId, Poison, Sighting, Status, Timestamp, WindowId,
};

use crate::growth::grown;
use crate::listing::{self, Position, stamp};

/// Findings in memory.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    findings: BTreeMap<FindingId, Finding>,
    occurrences: BTreeMap<FindingId, BTreeMap<(String, OccurrenceId), Occurrence>>,
    notices: BTreeMap<NoticeId, Row>,
    admitted: BTreeMap<String, BTreeSet<NoticeId>>,
    digests: BTreeMap<NoticeId, BTreeMap<NoticeId, Line>>,
    quarantine: BTreeMap<String, Poison>,
    shards: BTreeMap<String, BTreeSet<String>>,
    windows: BTreeMap<WindowId, BTreeMap<(String, String), Entry>>,
    resources: inventory::Resources,
    mutes: BTreeMap<String, model::MuteRecord>,
    notes: BTreeMap<String, BTreeMap<String, String>>,
}

/// A notice and how far it is.
#[derive(Debug)]
struct Row {
    notice: Notice,
    state: State,
    epoch: u64,
    created_at: String,
    /// Not to be taken before, once somebody has held it.
    until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Due,
    Held,
    Done,
    Refused,
}

impl Row {
    fn open(&self) -> bool {
        matches!(self.state, State::Due | State::Held)
    }

    /// When it is due, and the id for the order between equals.
    fn due(&self) -> (&str, &NoticeId) {
        (self.until.as_deref().unwrap_or(&self.created_at), &self.notice.id)
    }
}

impl Memory {
    /// What is kept. A panic elsewhere while it was locked leaves it whole, since each change is a few insertions.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn record(&mut self, sighting: &Sighting, policy: &NoticePolicy, now: Timestamp) -> Recorded {
        let occurrence = &sighting.occurrence;
        let finding_id = occurrence.finding_id.clone();
        let occurrences = self.occurrences.entry(finding_id.clone()).or_default();
        let key = (stamp(occurrence.event_time), occurrence.id.clone());
        if occurrences.contains_key(&key) {
            return Recorded { finding_id, opened: false, new: false };
        }
        occurrences.insert(key, occurrence.clone());
        let before = self.findings.remove(&finding_id);
        let opened = before.is_none();
        let finding = grown(before, sighting);
        self.tell(policy.due(occurrence, finding.closed.as_ref()), now);
        self.findings.insert(finding_id.clone(), finding);
        Recorded { finding_id, opened, new: true }
    }

    fn tell(&mut self, notices: Vec<Notice>, now: Timestamp) {
        for notice in notices {
            self.notices.entry(notice.id.clone()).or_insert_with(|| Row {
                notice,
                state: State::Due,
                epoch: 0,
                created_at: stamp(now),
                until: None,
            });
        }
    }

    fn assess(&mut self, assessment: &Assessment, policy: &NoticePolicy, now: Timestamp) -> Assessed {
        let finding_id = assessment.finding_id();
        let (after, change) = assessment.apply(self.findings.remove(&finding_id));
        if let Some(finding) = after {
            if change.is_new() {
                let episode = finding.latest.clone();
                let key = (stamp(episode.event_time), episode.id.clone());
                self.tell(policy.due(&episode, None), now);
                self.occurrences.entry(finding_id.clone()).or_default().insert(key, episode);
            }
            if change == Change::Resolved {
                let notices = policy.end(&finding, |told| self.notices.contains_key(told));
                self.tell(notices, now);
            }
            self.findings.insert(finding_id.clone(), finding);
        }
        Assessed { finding_id, change }
    }

    fn close(&mut self, id: &FindingId, closing: &Closing) -> Option<Finding> {
        let before = self.findings.get(id)?;
        let after = before.close(closing)?;
        let told = self.notices.values().filter(|row| row.notice.finding_id == *id);
        let notices = before.ended(told.map(|row| &row.notice));
        self.tell(notices, closing.at);
        self.findings.insert(id.clone(), after.clone());
        Some(after)
    }

    fn observe(&mut self, window: &Window) -> Vec<Entry> {
        let kept = self.windows.entry(window.id.clone()).or_default();
        for entry in &window.entries {
            kept.entry((stamp(entry.time), entry.id.clone())).or_insert_with(|| entry.clone());
        }
        let mut filled: HashMap<String, usize> = HashMap::new();
        kept.retain(|_, entry| {
            let of_class = filled.entry(entry.class.clone()).or_default();
            *of_class = of_class.saturating_add(1);
            *of_class <= window.limit
        });
        let Some((from, until)) = window.asked else { return Vec::new() };
        let (from, until) = (stamp(from), stamp(until));
        let asked = kept.iter().filter(|((time, _), _)| *time >= from && *time <= until);
        asked.take(window.most).map(|(_, entry)| entry.clone()).collect()
    }

    fn bundle(&mut self, digest: &Notice, at: Timestamp, lines: &[Line], now: Timestamp) -> bool {
        let kept = self.digests.entry(digest.id.clone()).or_default();
        for line in lines {
            kept.entry(line.notice.clone()).or_insert_with(|| line.clone());
        }
        let row = self.notices.entry(digest.id.clone()).or_insert_with(|| Row {
            notice: digest.clone(),
            state: State::Due,
            epoch: 0,
            created_at: stamp(now),
            until: Some(stamp(at)),
        });
        row.state == State::Due
    }

    /// The notice of `lease`, unless a later holder took it, or it was left in a state that is not one of `states`.
    fn held(&mut self, lease: &Lease, states: &[State]) -> Result<&mut Row, StoreError> {
        self.notices
            .get_mut(&lease.notice.id)
            .filter(|row| row.epoch == lease.epoch && states.contains(&row.state))
            .ok_or_else(|| StoreError::Conflict(lease.notice.id.to_string()))
    }
}

#[async_trait]
impl Store for Memory {
    async fn record(
        &self,
        sightings: &[Sighting],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut kept = self.kept();
        Ok(sightings.iter().map(|sighting| kept.record(sighting, policy, now)).collect())
    }

    async fn assess(
        &self,
        assessments: &[Assessment],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Assessed>, StoreError> {
        let mut kept = self.kept();
        Ok(assessments.iter().map(|assessment| kept.assess(assessment, policy, now)).collect())
    }

    async fn close(&self, id: &FindingId, closing: &Closing) -> Result<Option<Finding>, StoreError> {
        Ok(self.kept().close(id, closing))
    }

    async fn standing(&self, kind: &Kind) -> Result<Vec<Finding>, StoreError> {
        let kept = self.kept();
        let account = kind.account.as_str().into();
        let stands = |finding: &&Finding| {
            let of_type =
                finding.posture.as_ref().is_some_and(|posture| posture.resource_type == kind.resource_type);
            of_type && finding.status == Status::Open && finding.account == account
        };
        Ok(kept.findings.values().filter(stands).cloned().collect())
    }

    async fn finish_shard(&self, scan: &str, shard: &str, _: Timestamp) -> Result<(), StoreError> {
        self.kept().shards.entry(scan.to_owned()).or_default().insert(shard.to_owned());
        Ok(())
    }

    async fn finished_shards(&self, scan: &str) -> Result<BTreeSet<String>, StoreError> {
        Ok(self.kept().shards.get(scan).cloned().unwrap_or_default())
    }

    async fn forget_shards(&self, scan: &str) -> Result<(), StoreError> {
        self.kept().shards.remove(scan);
        Ok(())
    }

    async fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError> {
        Ok(self.kept().findings.get(id).cloned())
    }

    async fn findings_among(&self, ids: &[FindingId]) -> Result<Vec<Finding>, StoreError> {
        let kept = self.kept();
        Ok(ids.iter().filter_map(|id| kept.findings.get(id).cloned()).collect())
    }

    async fn findings(&self, query: &FindingQuery) -> Result<Page<Finding>, StoreError> {
        let before = Position::before(query)?;
        let account = query.account.as_deref().map(Into::into);
        let kept = self.kept();
        let mut rows: Vec<_> = kept
            .findings
            .values()
            .filter(|finding| query.minimum.is_none_or(|minimum| finding.severity >= minimum))
            .filter(|finding| query.rule.as_ref().is_none_or(|rule| finding.rule == *rule))
            .filter(|finding| account.as_ref().is_none_or(|account| finding.account == *account))
            .map(|finding| (Position::of(finding), finding))
            .filter(|(position, _)| before.as_ref().is_none_or(|before| position < before))
            .collect();
        rows.sort_unstable_by(|(left, _), (right, _)| right.cmp(left));
        let limit = listing::limit(query);
        let page = listing::page(rows, limit);
        Ok(Page { items: page.items.into_iter().cloned().collect(), next: page.next })
    }

    async fn occurrences(&self, id: &FindingId, limit: usize) -> Result<Vec<Occurrence>, StoreError> {
        let kept = self.kept();
        let occurrences =
            kept.occurrences.get(id).map(|occurrences| occurrences.values().rev().take(limit).cloned());
        Ok(occurrences.into_iter().flatten().collect())
    }

    async fn due_notices(&self, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError> {
        let now = stamp(now);
        let kept = self.kept();
        let mut due: Vec<_> =
            kept.notices.values().filter(|row| row.open() && *row.due().0 <= *now).collect();
        due.sort_unstable_by_key(|row| row.due());
        Ok(due.into_iter().take(limit).map(|row| row.notice.clone()).collect())
    }

    async fn lease(
        &self,
        notice: &Notice,
        _owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let now = stamp(now);
        let mut kept = self.kept();
        let free = |row: &&mut Row| row.open() && row.until.as_ref().is_none_or(|until| *until <= now);
        Ok(kept.notices.get_mut(&notice.id).filter(free).map(|row| {
            row.state = State::Held;
            row.epoch = row.epoch.saturating_add(1);
            row.until = Some(stamp(until));
            Lease { notice: row.notice.clone(), epoch: row.epoch }
        }))
    }

    async fn settle(&self, lease: &Lease, refused: Option<&str>, _now: Timestamp) -> Result<(), StoreError> {
        let end = if refused.is_some() { State::Refused } else { State::Done };
        self.kept().held(lease, &[State::Held, end])?.state = end;
        Ok(())
    }

    async fn release(&self, lease: &Lease, retry_at: Timestamp) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let row = kept.held(lease, &[State::Held, State::Due])?;
        row.state = State::Due;
        row.until = Some(stamp(retry_at));
        Ok(())
    }

    async fn admit(
        &self,
        span: &str,
        notice: &NoticeId,
        places: usize,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let admitted = kept.admitted.entry(span.to_owned()).or_default();
        if admitted.len() < places {
            admitted.insert(notice.clone());
        }
        Ok(admitted.contains(notice))
    }

    async fn bundle(
        &self,
        digest: &Notice,
        at: Timestamp,
        lines: &[Line],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.kept().bundle(digest, at, lines, now))
    }

    async fn bundled(&self, digest: &NoticeId, limit: usize) -> Result<Vec<Line>, StoreError> {
        let kept = self.kept();
        let lines = kept.digests.get(digest).into_iter().flat_map(BTreeMap::values);
        Ok(lines.take(limit).cloned().collect())
    }

    async fn quarantine(&self, poison: &Poison) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let new = !kept.quarantine.contains_key(&poison.sha256);
        if new {
            kept.quarantine.insert(poison.sha256.clone(), poison.clone());
        }
        Ok(new)
    }

    async fn quarantined(&self, sha256: &str) -> Result<Option<Poison>, StoreError> {
        Ok(self.kept().quarantine.get(sha256).cloned())
    }

    async fn observe(&self, windows: &[Window], _now: Timestamp) -> Result<Vec<Vec<Entry>>, StoreError> {
        let mut kept = self.kept();
        Ok(windows.iter().map(|window| kept.observe(window)).collect())
    }
}
