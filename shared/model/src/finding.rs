//! What a judgement leaves behind: a finding, its occurrences, and the notices that tell people of it.
//!
//! All ids are hashes of what they stand for, so that a record that arrives twice, or on two lanes, has one effect.
//! All merges are monotone (least first time, greatest last time, a count of distinct occurrences), so that the
//! order of arrival does not matter.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Cause, Closing, Muted, Outcome, Posture, Severity, Untrusted};

/// Hashes parts so that no two lists of parts give the same bytes.
pub(crate) fn digest<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hexadecimal(hasher.finalize().get(..16).unwrap_or_default())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub(crate) String);

        impl $name {
            /// The id as text: letters, digits and nothing that needs quoting.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Takes an id that was stored or typed.
            pub fn from_text(text: impl Into<String>) -> Self {
                Self(text.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(&self.0)
            }
        }
    };
}

pub(crate) use id;

id! {
    /// 32 hexadecimal digits that stand for (rule, account, region, scope key, outcome).
    FindingId
}
id! {
    /// 32 hexadecimal digits that stand for (finding, event).
    OccurrenceId
}
id! {
    /// Stands for (finding, UTC day, channel): a channel hears of a finding at most once a day.
    NoticeId
}

id! {
    /// 32 hexadecimal digits that stand for (correlation, values of its groups): what a rule over several events
    /// keeps together.
    WindowId
}

impl WindowId {
    /// The id of the window in which `rule` keeps what it sees of `group`.
    pub fn new(rule: &str, group: &[String]) -> Self {
        Self(digest(["window", rule].into_iter().chain(group.iter().map(String::as_str))))
    }

    /// The id of the entry that the rule `base` makes of `event` with `value`.
    pub fn entry(&self, event: &str, base: &str, value: &str) -> String {
        digest(["entry", self.as_str(), event, base, value])
    }
}

impl FindingId {
    /// The id of the finding that a check makes of a resource, however often it opens.
    pub fn of_resource(rule: &str, account: &Untrusted, region: &Untrusted, resource: &Untrusted) -> Self {
        Self(digest(["posture", rule, account.key(), region.key(), resource.key()]))
    }

    /// The id of the finding that `rule` makes of `scope` in `account` and `region`.
    pub fn new(rule: &str, account: &str, region: &str, scope: &str, outcome: Outcome) -> Self {
        Self(digest(["finding", rule, account, region, scope, outcome.as_str()]))
    }
}

impl OccurrenceId {
    /// The id of an episode of a finding about a resource.
    pub fn of_episode(finding: &FindingId, began: &str) -> Self {
        Self(digest(["episode", finding.as_str(), began]))
    }

    /// The id of the occurrence of `finding` in the event `event_id` as `account` received it.
    pub fn new(finding: &FindingId, event_id: &str, account: &str) -> Self {
        Self(digest(["occurrence", finding.as_str(), event_id, account]))
    }
}

impl NoticeId {
    /// What the id of a notice that a finding is over ends with.
    pub(crate) const END: &'static str = "-resolved";

    /// The id of the notice that tells `channel` of `finding` on the UTC day of `time`.
    pub fn new(finding: &FindingId, time: Timestamp, channel: &str) -> Self {
        Self(format!("{}{channel}", Self::day(finding, time)))
    }

    /// What the ids of all notices begin with that tell of `finding` on the UTC day of `time`.
    pub fn day(finding: &FindingId, time: Timestamp) -> String {
        let day = time.to_string();
        format!("{finding}-{}-", day.get(..10).unwrap_or_default())
    }

    /// The id of the notice that tells `channel` of `finding` on the UTC day of `time` although it was closed `at`.
    fn again(finding: &FindingId, time: Timestamp, at: Timestamp, channel: &str) -> Self {
        Self::new(finding, time, &format!("again-{}-{channel}", at.as_millisecond()))
    }

    /// The id of the notice that tells `channel` that `finding` is over, as of the UTC day of `time`.
    pub fn of_end(finding: &FindingId, time: Timestamp, channel: &str) -> Self {
        Self::new(finding, time, channel).end()
    }

    /// The id of the notice that what this one told of is over.
    fn end(&self) -> Self {
        Self(format!("{self}{}", Self::END))
    }
}

/// Whether somebody still has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nobody has dealt with it.
    Open,
    /// The cause is gone, or somebody has dealt with it.
    Resolved,
}

/// Who made a call, as far as its record tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// The role, user or service, stable over sessions: an ARN where there is one.
    pub principal: Untrusted,
    /// `userIdentity.type`.
    pub kind: Untrusted,
    /// The session of a role, which often names the person.
    pub session: Untrusted,
    /// The access key id.
    pub access_key: Untrusted,
    /// Whether the session was opened with MFA; `None` where the record does not say.
    pub mfa: Option<bool>,
    /// The AWS service that called on the principal's behalf.
    pub invoked_by: Untrusted,
    /// The address that the call came from.
    pub source_ip: Untrusted,
    /// The client.
    pub user_agent: Untrusted,
}

/// One event that matched one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// Its id.
    pub id: OccurrenceId,
    /// The finding that it belongs to.
    pub finding_id: FindingId,
    /// CloudTrail's `eventID`, or `sha256:` and the digest of a record that has none.
    pub event_id: Untrusted,
    /// When it happened.
    pub event_time: Timestamp,
    /// `eventSource`.
    pub event_source: Untrusted,
    /// `eventName`.
    pub event_name: Untrusted,
    /// Whether the call took effect.
    pub outcome: Outcome,
    /// The error code of an attempt.
    pub error: Untrusted,
    /// How bad this one is.
    pub severity: Severity,
    /// What happened, in a sentence.
    pub message: Untrusted,
    /// Who did it.
    pub actor: Actor,
    /// The record as compact JSON, secrets replaced, at most [`Occurrence::EVIDENCE_LIMIT`] bytes.
    pub evidence: Untrusted,
    /// Where the record came from: a file and record number, or a queue.
    pub lane: Untrusted,
}

impl Occurrence {
    /// The most bytes of a record that are kept, so that an item stays far below DynamoDB's 400 KB.
    pub const EVIDENCE_LIMIT: usize = 64 * 1024;

    /// Says which call did it, if that is one.
    pub(crate) fn blame(&mut self, cause: &Cause) {
        if let Some(culprit) = cause.exact() {
            self.event_source = culprit.source.clone();
            self.event_name = culprit.name.clone();
            self.actor = culprit.actor.clone();
        }
    }
}

/// What judging an event yields for one rule that matched: enough to open a finding or to add to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The rule.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// The account that it happened in.
    pub account: Untrusted,
    /// The region that it happened in.
    pub region: Untrusted,
    /// What repeated occurrences have in common, in words: the values of the rule's dedup paths.
    pub scope: Untrusted,
    /// The event.
    pub occurrence: Occurrence,
}

/// Something that somebody should know, with all its occurrences counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// The rule that matched.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// How bad: the worst of its occurrences.
    pub severity: Severity,
    /// Whether somebody still has to look.
    pub status: Status,
    /// Whether the calls took effect.
    pub outcome: Outcome,
    /// The account.
    pub account: Untrusted,
    /// The region.
    pub region: Untrusted,
    /// What its occurrences have in common.
    pub scope: Untrusted,
    /// When it happened first.
    pub first_seen: Timestamp,
    /// When it happened last; of a resource that stays as it is, when it was seen so, to within twelve hours.
    pub last_seen: Timestamp,
    /// How many distinct events.
    pub count: u64,
    /// The newest occurrence; of a finding about a resource, the beginning of its newest episode.
    pub latest: Occurrence,
    /// Of a finding about a resource: which, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posture: Option<Posture>,
    /// Of a finding about events: that somebody has dealt with what happened before. Open nevertheless: it happened
    /// again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closing>,
    /// The mute that covers it now. Whoever shows findings fills it in; stores neither keep nor give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Muted>,
}

impl Finding {
    /// Whether it is open on the word of a call's record alone: no read has confirmed it yet.
    pub fn is_provisional(&self) -> bool {
        self.posture.as_ref().is_some_and(Posture::is_provisional)
    }

    /// The finding that a first sighting opens.
    pub fn open(sighting: &Sighting) -> Self {
        let occurrence = &sighting.occurrence;
        Self {
            id: occurrence.finding_id.clone(),
            rule: sighting.rule.clone(),
            title: sighting.title.clone(),
            severity: occurrence.severity,
            status: Status::Open,
            outcome: occurrence.outcome,
            account: sighting.account.clone(),
            region: sighting.region.clone(),
            scope: sighting.scope.clone(),
            first_seen: occurrence.event_time,
            last_seen: occurrence.event_time,
            count: 1,
            latest: occurrence.clone(),
            posture: None,
            closed: None,
            muted: None,
        }
    }

    /// Adds an occurrence that the finding does not hold yet. The order of additions does not matter. What was closed
    /// is open again, whenever it happened: whoever closed it did not know of this one.
    pub fn add(&mut self, occurrence: &Occurrence) {
        self.status = Status::Open;
        self.severity = self.severity.max(occurrence.severity);
        self.first_seen = self.first_seen.min(occurrence.event_time);
        self.last_seen = self.last_seen.max(occurrence.event_time);
        self.count = self.count.saturating_add(1);
        if (occurrence.event_time, &occurrence.id) > (self.latest.event_time, &self.latest.id) {
            self.latest = occurrence.clone();
        }
    }
}

/// Which sightings people are told of, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoticePolicy {
    /// The names of the channels; empty: nobody is told.
    pub channels: Vec<String>,
    /// The least severity that is told; `None`: every one.
    pub minimum: Option<Severity>,
}

impl NoticePolicy {
    /// The notices that are due for `occurrence`, one a channel. The same on every delivery of the same event.
    ///
    /// `closed` is the newest closing of its finding: what happens again after it is told again.
    pub fn due(&self, occurrence: &Occurrence, closed: Option<&Closing>) -> Vec<Notice> {
        let (finding, time) = (&occurrence.finding_id, occurrence.event_time);
        if self.minimum.is_some_and(|minimum| occurrence.severity < minimum) {
            return Vec::new();
        }
        self.channels
            .iter()
            .map(|channel| Notice {
                id: match closed {
                    None => NoticeId::new(finding, time, channel),
                    Some(closing) => NoticeId::again(finding, time, closing.at, channel),
                },
                finding_id: finding.clone(),
                channel: channel.clone(),
            })
            .collect()
    }

    /// The notices that `finding` is over: for each channel that was told of it. One that was closed is given as it was
    /// before.
    pub fn end(&self, finding: &Finding, was_told: impl Fn(&NoticeId) -> bool) -> Vec<Notice> {
        let due = self.due(&finding.latest, finding.closed.as_ref());
        let told = due.into_iter().filter(|notice| was_told(&notice.id));
        told.map(|notice| Notice { id: notice.id.end(), ..notice }).collect()
    }
}

/// That one channel has to hear of one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id; receivers can tell a repeated delivery by it.
    pub id: NoticeId,
    /// The finding.
    pub finding_id: FindingId,
    /// The channel's name.
    pub channel: String,
}

/// A record that could not be judged, kept whole so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    /// SHA-256 of the bytes, hexadecimal: the key it is kept under.
    pub sha256: String,
    /// The bytes as they came.
    pub bytes: Vec<u8>,
    /// What is wrong with it.
    pub reason: String,
    /// Where it came from.
    pub lane: Untrusted,
    /// When it came.
    pub received_at: Timestamp,
}

impl Poison {
    /// Takes `bytes` into quarantine.
    pub fn new(bytes: &[u8], reason: impl Into<String>, lane: Untrusted, received_at: Timestamp) -> Self {
        let sha256 = hexadecimal(&Sha256::digest(bytes));
        Self { sha256, bytes: bytes.to_vec(), reason: reason.into(), lane, received_at }
    }
}
