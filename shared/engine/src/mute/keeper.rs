//! Telling people of mutes that end, and of those that cannot be read.
//!
//! What there is to tell is an event of the engine itself, judged by signatures of the catalogue. Its id and time come from
//! the mute, so that telling it twice has one effect; that it was told is noted in the mute's record afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Finding, MuteRecord, NoticePolicy, SignedDuration, Timestamp, Untrusted};
use rules::Scratch;
use serde_json::{Value, json};

use super::{Book, Mutes, Reading, end};
use crate::detect::{Detector, Judgement};
use crate::inventory::plain;
use crate::ports::{Clock, Store, StoreError};

/// How long before a mute expires people are told.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So many findings are named.
const NAMED: usize = 5;

/// So many mutes are named in one message.
const MUTES: usize = 20;

/// Tells people of mutes that end.
pub struct Keeper {
    book: Arc<Book>,
    store: Arc<dyn Store>,
    detector: Detector,
    policy: NoticePolicy,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Keeper").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// What people were told of, by the ids of mutes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tended {
    /// Those that are going to expire.
    pub expiring: Vec<String>,
    /// Those that have ended.
    pub ended: Vec<String>,
    /// Those that cannot be read.
    pub unreadable: Vec<String>,
}

impl Keeper {
    /// Tells `channels` of the mutes of `book`, whatever severity they ask for otherwise.
    pub fn new(
        book: Arc<Book>,
        store: Arc<dyn Store>,
        detector: Detector,
        channels: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { book, store, detector, policy: NoticePolicy { channels, minimum: None }, clock }
    }

    /// Looks after the mutes, as of now.
    ///
    /// # Errors
    /// When the store fails, also when the mutes cannot be read at all. The next time does what is left.
    pub async fn tend(&self) -> Result<Tended, StoreError> {
        let now = self.clock.now();
        let Reading { records, unreadable, failure } = self.book.read(now).await;
        if let Some(failure) = failure {
            return Err(failure);
        }
        let mut tended = Tended::default();
        for (id, reason) in unreadable {
            self.tell_unreadable(&id, &reason, now).await?;
            tended.unreadable.push(id);
        }
        let expiring: Vec<&MuteRecord> = records.iter().filter(|record| is_expiring(record, now)).collect();
        for some in expiring.chunks(MUTES) {
            self.tell_expiring(some, &records, now).await?;
            tended.expiring.extend(some.iter().map(|record| record.mute.id.clone()));
        }
        for record in records.iter().filter(|record| record.ends() <= now && record.end_told_at.is_none()) {
            self.tell_end(record, &records, now).await?;
            tended.ended.push(record.mute.id.clone());
        }
        Ok(tended)
    }

    /// One message for all mutes that expire soon.
    async fn tell_expiring(
        &self,
        expiring: &[&MuteRecord],
        all: &[MuteRecord],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(first) = expiring.iter().map(|record| record.mute.expires).min() else { return Ok(()) };
        let mut lines = Vec::new();
        let mut come_back = BTreeMap::new();
        for record in expiring {
            let mute = &record.mute;
            // Others that expire at the same time do not go on hiding what this one hides.
            let others = holding(all, mute.expires, &mute.id);
            let findings = end(self.store.as_ref(), mute, &others, now).await?;
            let (owner, day) = (plain(&mute.owner), mute.expires.strftime("%Y-%m-%d"));
            lines.push(format!("{} of {owner} on {day} ({} open)", mute.id, findings.len()));
            come_back.extend(findings.into_iter().map(|finding| (finding.id.clone(), finding)));
        }
        let ids: Vec<&str> = expiring.iter().map(|record| record.mute.id.as_str()).collect();
        let findings: Vec<Finding> = come_back.into_values().collect();
        let parameters = json!({
            "ids": ids.join(" "),
            "mutes": lines.join(", "),
            "findings": findings.len(),
            "examples": examples(&findings),
        });
        let told_at = first.checked_sub(AHEAD).unwrap_or(first);
        self.tell("MutesExpiring", &ids.join(" "), told_at, parameters, now).await?;
        for record in expiring {
            self.store.put_mute(&record.next(|next| next.warned_at = Some(now))).await?;
        }
        Ok(())
    }

    async fn tell_end(
        &self,
        record: &MuteRecord,
        all: &[MuteRecord],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mute = &record.mute;
        let findings = end(self.store.as_ref(), mute, &holding(all, now, &mute.id), now).await?;
        if !findings.is_empty() {
            let how = match &record.removed {
                Some(removed) if removed.at < mute.expires => {
                    format!("was removed by {}", plain(&removed.by))
                }
                _ => "has expired".to_owned(),
            };
            let parameters = json!({
                "id": mute.id,
                "owner": mute.owner,
                "reason": mute.reason,
                "how": how,
                "findings": findings.len(),
                "examples": examples(&findings),
            });
            self.tell("MuteEnded", &mute.id, record.ends(), parameters, now).await?;
        }
        self.store.put_mute(&record.next(|next| next.end_told_at = Some(now))).await?;
        Ok(())
    }

    /// Once a day, as long as it cannot be read.
    async fn tell_unreadable(&self, id: &str, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let midnight = now.as_second().div_euclid(86_400).saturating_mul(86_400);
        let day = Timestamp::from_second(midnight).unwrap_or(now);
        let id: String = id.chars().take(100).collect();
        let parameters = json!({ "id": id, "reason": reason.chars().take(300).collect::<String>() });
        self.tell("MuteUnreadable", &id, day, parameters, now).await
    }

    async fn tell(
        &self,
        name: &str,
        about: &str,
        time: Timestamp,
        parameters: Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let event = json!({
            "eventVersion": "1.11",
            "eventSource": "trailpost.engine",
            "eventName": name,
            "eventID": format!("{name}:{about}:{time}"),
            "eventTime": time.to_string(),
            "eventType": "AwsServiceEvent",
            "requestParameters": parameters,
        });
        let mut judgement = Judgement::default();
        self.detector.judge_own(&event.to_string(), &mut Scratch::default(), &mut judgement);
        if judgement.sightings.is_empty() {
            tracing::error!(event = name, about, "no signature tells people of it; build the function again");
        }
        self.store.record(&judgement.sightings, &self.policy, now).await.map(drop)
    }
}

/// Whether it is time to say that a mute expires. One that is for a week or less is expected to.
fn is_expiring(record: &MuteRecord, now: Timestamp) -> bool {
    let mute = &record.mute;
    record.removed.is_none()
        && record.warned_at.is_none()
        && now < mute.expires
        && mute.expires.duration_since(now) <= AHEAD
        && mute.expires.duration_since(mute.created) > AHEAD
}

/// The mutes that hold at `time`, but for the one called `id`.
fn holding(records: &[MuteRecord], time: Timestamp, id: &str) -> Mutes {
    let holding = records.iter().filter(|record| record.mute.id != id && time < record.ends());
    Mutes::new(holding.map(|record| record.mute.clone()).collect::<Vec<_>>()).0
}

/// The worst of some findings, in words.
fn examples(findings: &[Finding]) -> String {
    let mut worst: Vec<&Finding> = findings.iter().collect();
    worst.sort_by(|a, b| (b.severity, &a.rule, &a.id).cmp(&(a.severity, &b.rule, &b.id)));
    let named = worst.iter().take(NAMED).map(|finding| {
        let resource: &Untrusted =
            finding.posture.as_ref().map_or(&finding.scope, |posture| &posture.resource);
        let resource: String = plain(resource).chars().take(120).collect();
        format!("{} {resource}", finding.rule)
    });
    let mut words: Vec<String> = named.collect();
    if worst.len() > NAMED {
        words.push(format!("and {} more", worst.len().saturating_sub(NAMED)));
    }
    words.join(", ")
}
