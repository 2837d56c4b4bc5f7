//! Mutes through the real NOTIFY: what is held back, what comes again, and what people are told of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use engine::detect::Detector;
use engine::mute::{Book, Keeper};
use engine::notify::{Digest, Notifier};
use engine::ports::{Clock, Delivery, FindingQuery, MuteStore as _, Sink, SinkError, Store};
use lambda::Notify;
use model::{
    Actor, FindingId, Mute, MuteMatch, MuteRecord, MuteRemoval, NoticePolicy, Occurrence, OccurrenceId,
    Outcome, Severity, Sighting, Timestamp,
};
use rules::Settings;
use serde_json::json;
use store::Memory;

const RULE: &str = "cloudtrail-logging-stopped";
const ADA: &str = "arn:aws:iam::111111111111:user/ada";

/// A clock that is set.
struct Hand(Mutex<Timestamp>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A channel that remembers.
#[derive(Default)]
struct Heard(Mutex<Vec<(String, String)>>);

#[async_trait::async_trait]
impl Sink for Heard {
    fn channel(&self) -> &'static str {
        "text"
    }

    async fn deliver(&self, deliveries: &[Delivery<'_>]) -> Vec<Result<(), SinkError>> {
        let told = deliveries.iter().map(|delivery| delivery.finding);
        let told = told.map(|finding| (finding.rule.clone(), format!("{:?}", finding.latest.message)));
        self.0.lock().unwrap().extend(told);
        deliveries.iter().map(|_| Ok(())).collect()
    }

    async fn digest(&self, digest: &Digest) -> Result<(), SinkError> {
        unreachable!("{digest:?}: these few go out one by one")
    }
}

/// A deployment, as far as telling goes.
struct World {
    store: Arc<Memory>,
    clock: Arc<Hand>,
    heard: Arc<Heard>,
    notify: Notify,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl World {
    fn new(now: &str) -> Self {
        let store = Arc::new(Memory::default());
        let clock = Arc::new(Hand(Mutex::new(at(now))));
        let heard = Arc::new(Heard::default());
        let shared = || Arc::clone(&store) as Arc<dyn Store>;
        let loaded = catalog::builtin();
        let metas: Vec<_> = loaded.rules.iter().map(|rule| rule.meta.clone()).collect();
        let (detector, _) = Detector::new(loaded.rules, &Settings::default());
        let sinks: Vec<Arc<dyn Sink>> = vec![Arc::clone(&heard) as Arc<dyn Sink>];
        let book = Arc::new(Book::new(shared()));
        let time = || Arc::clone(&clock) as Arc<dyn Clock>;
        let keeper = Keeper::new(Arc::clone(&book), shared(), detector, vec!["text".to_owned()], time());
        let notifier = Notifier::new(shared(), sinks, metas, time(), "test").muting(book);
        let notify = Notify::new(notifier).keeping(keeper);
        Self { store, clock, heard, notify }
    }

    /// Somebody makes a call on `scope` at `time`.
    async fn call(&self, scope: &str, principal: &str, time: &str) {
        let finding_id = FindingId::new(RULE, "111111111111", "eu-west-1", scope, Outcome::Success);
        let sighting = Sighting {
            rule: RULE.to_owned(),
            title: "CloudTrail logging stopped".to_owned(),
            account: "111111111111".into(),
            region: "eu-west-1".into(),
            scope: scope.into(),
            occurrence: Occurrence {
                id: OccurrenceId::new(&finding_id, &format!("{principal} {time}"), "111111111111"),
                finding_id,
                event_id: time.into(),
                event_time: at(time),
                event_source: "cloudtrail.amazonaws.com".into(),
                event_name: "StopLogging".into(),
                outcome: Outcome::Success,
                error: "".into(),
                severity: Severity::High,
                message: scope.into(),
                actor: Actor { principal: principal.into(), ..Actor::default() },
                evidence: "{}".into(),
                lane: "test".into(),
            },
        };
        let policy = NoticePolicy { channels: vec!["text".to_owned()], minimum: None };
        self.store.record(&[sighting], &policy, at(time)).await.unwrap();
    }

    /// What is told in the sweep at `time`.
    async fn sweep(&self, time: &str) -> Vec<(String, String)> {
        *self.clock.0.lock().unwrap() = at(time);
        self.notify.handle(&json!({ "sweep": true })).await.unwrap();
        std::mem::take(&mut *self.heard.0.lock().unwrap())
    }

    async fn mute(&self, mute: Mute) -> MuteRecord {
        let record = MuteRecord::new(mute);
        assert!(self.store.put_mute(&record).await.unwrap());
        record
    }
}

fn mute(created: &str, expires: &str) -> Mute {
    Mute {
        id: "known".to_owned(),
        matches: MuteMatch {
            rule: vec![RULE.to_owned()],
            resource: vec!["trail-*".to_owned()],
            ..MuteMatch::default()
        },
        reason: "a test of the trail".into(),
        owner: "ada@example.com".into(),
        ticket: None,
        created: at(created),
        expires: at(expires),
        created_by: ADA.into(),
    }
}

fn rules(told: &[(String, String)]) -> Vec<&str> {
    told.iter().map(|(rule, _)| rule.as_str()).collect()
}

#[tokio::test]
async fn what_is_muted_is_kept_and_told_when_the_mute_expires() {
    let world = World::new("2026-11-01T00:00:00Z");
    world.mute(mute("2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z")).await;
    world.call("trail-a", ADA, "2026-11-02T10:00:00Z").await;
    world.call("trail-a", ADA, "2026-11-03T10:00:00Z").await;
    world.call("other", ADA, "2026-11-03T11:00:00Z").await;

    let first = world.sweep("2026-11-03T12:00:00Z").await;
    assert_eq!(first, [(RULE.to_owned(), "\"other\"".to_owned())], "what is not muted is told");
    assert_eq!(world.store.findings(&FindingQuery::default()).await.unwrap().items.len(), 2, "both are kept");

    for hour in ["2026-11-03T13:30:00Z", "2026-11-04T00:00:00Z", "2026-11-12T23:55:00Z"] {
        assert_eq!(world.sweep(hour).await, [], "{hour}");
    }

    let soon = world.sweep("2026-11-13T00:00:00Z").await;
    assert_eq!(rules(&soon), ["trailpost-mutes-expiring"]);
    assert!(soon[0].1.contains("1 open findings come back within seven days"), "{soon:?}");
    assert!(soon[0].1.contains("known of ada@example.com on 2026-11-20 (1 open)"), "{soon:?}");
    assert_eq!(world.sweep("2026-11-13T00:05:00Z").await, [], "one digest");
    assert_eq!(world.sweep("2026-11-19T23:59:59Z").await, []);

    let ended = world.sweep("2026-11-20T00:00:00Z").await;
    let mut told = rules(&ended);
    told.sort_unstable();
    assert_eq!(told, [RULE, "trailpost-mute-ended"], "one notice of two days, and one of the mute");
    let message = &ended.iter().find(|(rule, _)| rule == "trailpost-mute-ended").unwrap().1;
    assert!(message.contains("known of ada@example.com has expired; 1 findings are open again"), "{message}");
    assert_eq!(world.sweep("2026-11-20T00:05:00Z").await, []);
}

#[tokio::test]
async fn removing_a_mute_lets_what_waits_go() {
    let world = World::new("2026-11-01T00:00:00Z");
    let record = world.mute(mute("2026-11-01T00:00:00Z", "2026-12-20T00:00:00Z")).await;
    world.call("trail-a", ADA, "2026-11-02T10:00:00Z").await;
    assert_eq!(world.sweep("2026-11-02T10:05:00Z").await, []);

    let removal = MuteRemoval { at: at("2026-11-02T10:30:00Z"), by: "os:bob".into() };
    world.store.put_mute(&record.next(|next| next.removed = Some(removal))).await.unwrap();

    let told = world.sweep("2026-11-02T10:35:00Z").await;
    assert_eq!(rules(&told), ["trailpost-mute-ended"]);
    assert!(told[0].1.contains("was removed by os:bob"), "{told:?}");
    assert_eq!(rules(&world.sweep("2026-11-02T11:05:00Z").await), [RULE], "within an hour");
}

#[tokio::test]
async fn a_mute_of_a_principal_does_not_cover_what_somebody_else_does() {
    let world = World::new("2026-11-01T00:00:00Z");
    let by_ada = MuteMatch {
        principal: vec![ADA.to_owned()],
        ..mute("2026-11-01T00:00:00Z", "2026-12-20T00:00:00Z").matches
    };
    world.mute(Mute { matches: by_ada, ..mute("2026-11-01T00:00:00Z", "2026-12-20T00:00:00Z") }).await;
    world.call("trail-a", ADA, "2026-11-02T10:00:00Z").await;
    assert_eq!(world.sweep("2026-11-02T10:05:00Z").await, []);

    // The same finding on the same day, so that there is no other notice.
    world.call("trail-a", "arn:aws:iam::111111111111:user/mallory", "2026-11-02T10:10:00Z").await;
    world.call("trail-a", ADA, "2026-11-02T10:20:00Z").await;

    assert_eq!(rules(&world.sweep("2026-11-02T11:05:00Z").await), [RULE]);
}

#[tokio::test]
async fn a_mute_that_hides_nothing_ends_without_a_word() {
    let world = World::new("2026-11-01T00:00:00Z");
    world.mute(mute("2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z")).await;
    assert_eq!(world.sweep("2026-11-03T00:00:00Z").await, [], "it is for less than a week");
    assert_eq!(world.sweep("2026-11-05T00:00:00Z").await, []);
}

#[tokio::test]
async fn what_another_mute_covers_does_not_come_back() {
    let world = World::new("2026-11-01T00:00:00Z");
    world.mute(mute("2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z")).await;
    world
        .mute(Mute { id: "longer".to_owned(), ..mute("2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z") })
        .await;
    world.call("trail-a", ADA, "2026-11-02T10:00:00Z").await;
    assert_eq!(world.sweep("2026-11-05T00:00:00Z").await, []);
    let told = world.sweep("2026-11-06T00:00:00Z").await;
    assert!(
        told.iter().any(|(rule, message)| rule == "trailpost-mute-ended" && message.contains("longer")),
        "{told:?}"
    );
}

#[tokio::test]
async fn findings_about_mutes_cannot_be_muted() {
    let world = World::new("2026-11-01T00:00:00Z");
    let all = MuteMatch { rule: vec!["trailpost-*".to_owned()], ..MuteMatch::default() };
    world
        .mute(Mute {
            id: "quiet".to_owned(),
            matches: all,
            ..mute("2026-11-01T00:00:00Z", "2026-12-20T00:00:00Z")
        })
        .await;
    world.mute(mute("2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z")).await;
    world.call("trail-a", ADA, "2026-11-02T10:00:00Z").await;
    let told = world.sweep("2026-11-05T00:00:00Z").await;
    assert!(rules(&told).contains(&"trailpost-mute-ended"), "{told:?}");
}

#[tokio::test]
async fn a_damaged_mute_is_told_of_and_holds_on_as_it_was() {
    let world = World::new("2026-11-01T00:00:00Z");
    let record = world.mute(mute("2026-11-01T00:00:00Z", "2026-12-20T00:00:00Z")).await;
    world.call("trail-a", ADA, "2026-11-02T10:00:00Z").await;
    assert_eq!(world.sweep("2026-11-02T10:05:00Z").await, []);

    let everything = MuteMatch { rule: vec!["*".to_owned()], ..MuteMatch::default() };
    world.store.put_mute(&record.next(|next| next.mute.matches = everything)).await.unwrap();
    world.call("other", ADA, "2026-11-02T10:06:00Z").await;
    world.call("trail-b", ADA, "2026-11-02T10:07:00Z").await;

    let told = world.sweep("2026-11-02T10:10:00Z").await;
    let mut names = rules(&told);
    names.sort_unstable();
    assert_eq!(names, [RULE, "trailpost-mute-unreadable"], "the damaged mute does not hide everything");
    assert!(told.iter().any(|(_, message)| message == "\"other\""), "{told:?}");
}
