//! A hundred thousand findings in ten minutes: a channel for people gets at most twenty messages, and no finding is
//! lost: each is in a message of its own, or in a digest.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::notify::alerts::When;
use engine::notify::{Alerts, Digest, Notifier};
use engine::ports::{Clock, Delivery, Inventory, Sink, SinkError, Step, Store};
use model::{
    Actor, Assessment, FindingId, NoticeId, NoticePolicy, Occurrence, OccurrenceId, Outcome, Severity,
    Sighting, Standing, State, TimelineId, Timestamp,
};
use store::{Memory, Sqlite};

const FINDINGS: usize = 100_000;
/// So many arrive at a time; sixty times in ten minutes.
const ROUNDS: usize = 60;

/// A clock that is moved by hand.
struct Wall(Mutex<Timestamp>);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl Wall {
    /// Not at the beginning of a span, so that ten minutes touch two.
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new("2026-11-25T12:03:00Z".parse().unwrap())))
    }

    fn pass(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += time;
    }
}

/// What a channel got.
#[derive(Default)]
struct Heard {
    singly: Vec<(FindingId, Severity, Timestamp)>,
    digests: Vec<Digest>,
}

struct Channel {
    heard: Mutex<Heard>,
    clock: Arc<Wall>,
    people: bool,
    /// So many messages of the beginning are sent, and then nobody learns of it.
    ambiguous: Mutex<usize>,
}

impl Channel {
    fn new(clock: &Arc<Wall>, people: bool) -> Arc<Self> {
        let (heard, ambiguous) = (Mutex::default(), Mutex::new(0));
        Arc::new(Self { heard, clock: Arc::clone(clock), people, ambiguous })
    }
}

#[async_trait::async_trait]
impl Sink for Channel {
    fn channel(&self) -> &'static str {
        if self.people { "text" } else { "eventbridge" }
    }

    fn most(&self) -> usize {
        if self.people { 1 } else { 10 }
    }

    fn is_for_people(&self) -> bool {
        self.people
    }

    async fn deliver(&self, deliveries: &[Delivery<'_>]) -> Vec<Result<(), SinkError>> {
        let mut heard = self.heard.lock().unwrap();
        let mut answers = Vec::new();
        for delivery in deliveries {
            let finding = delivery.finding;
            heard.singly.push((finding.id.clone(), finding.severity, self.clock.now()));
            let mut left = self.ambiguous.lock().unwrap();
            if *left > 0 {
                *left -= 1;
                answers.push(Err(SinkError::unanswered("text")));
            } else {
                answers.push(Ok(()));
            }
        }
        answers
    }

    async fn digest(&self, digest: &Digest) -> Result<(), SinkError> {
        self.heard.lock().unwrap().digests.push(digest.clone());
        Ok(())
    }
}

/// A match of its own; every thousandth is critical.
fn sighting(number: usize, time: Timestamp) -> Sighting {
    let (rule, account) = (format!("rule-{}", number % 7), format!("11112222{:04}", number % 30));
    let finding_id = FindingId::new(&rule, &account, "eu-central-1", &number.to_string(), Outcome::Success);
    let severity = if number % 1000 == 999 { Severity::Critical } else { Severity::Medium };
    Sighting {
        rule,
        title: "Something happened".into(),
        account: account.as_str().into(),
        region: "eu-central-1".into(),
        scope: number.to_string().as_str().into(),
        occurrence: Occurrence {
            id: OccurrenceId::new(&finding_id, &number.to_string(), &account),
            finding_id,
            event_id: number.to_string().as_str().into(),
            event_time: time,
            event_source: "s3.amazonaws.com".into(),
            event_name: "PutBucketPolicy".into(),
            outcome: Outcome::Success,
            error: "".into(),
            severity,
            message: "Somebody changed something".into(),
            actor: Actor::default(),
            evidence: "{}".into(),
            lane: "test".into(),
        },
    }
}

/// Delivers what is due until nothing is.
async fn drain(notifiers: &[&Notifier]) {
    loop {
        let mut some = false;
        for notifier in notifiers {
            let due = notifier.due(500).await.unwrap();
            some |= !due.is_empty();
            for told in notifier.tell(&due).await {
                told.unwrap();
            }
        }
        if !some {
            return;
        }
    }
}

async fn weather(store: Arc<dyn Store>, people: bool) -> (Arc<Channel>, Arc<dyn Store>) {
    let clock = Wall::new();
    let channel = Channel::new(&clock, people);
    let notifier = |owner: &str| {
        let sinks = vec![Arc::clone(&channel) as Arc<dyn Sink>];
        Notifier::new(Arc::clone(&store), sinks, [], Arc::clone(&clock) as Arc<dyn Clock>, owner)
    };
    // Two functions that know nothing of each other.
    let (one, other) = (notifier("one"), notifier("other"));
    let policy = NoticePolicy { channels: vec![channel.channel().to_owned()], minimum: None };
    for round in 0..ROUNDS {
        let now = clock.now();
        let numbers = (round * FINDINGS / ROUNDS)..((round + 1) * FINDINGS / ROUNDS);
        let sightings: Vec<Sighting> = numbers.map(|number| sighting(number, now)).collect();
        store.record(&sightings, &policy, now).await.unwrap();
        drain(&[&one, &other]).await;
        clock.pass(Duration::from_mins(10) / u32::try_from(ROUNDS).unwrap());
    }
    for _ in 0..3 {
        clock.pass(Duration::from_mins(10));
        drain(&[&one, &other]).await;
    }
    (channel, store)
}

async fn assert_calm(store: Arc<dyn Store>) {
    let (channel, store) = weather(store, true).await;
    let Heard { singly, digests } = std::mem::take(&mut *channel.heard.lock().unwrap());
    let messages = singly.len() + digests.len();
    assert!(messages <= 20, "{messages} messages");
    assert!(singly.iter().filter(|(_, severity, _)| *severity == Severity::Critical).count() >= 4);
    let mut told: BTreeSet<FindingId> = singly.into_iter().map(|(id, ..)| id).collect();
    let mut counted = told.len();
    for digest in digests {
        assert_eq!(digest.severities.iter().map(|(_, count)| count).sum::<usize>(), digest.findings);
        assert_eq!(digest.rules.len(), 7);
        assert_eq!(digest.accounts.len(), 30);
        assert_eq!(digest.worst.first().map(|line| line.severity), Some(Severity::Critical));
        counted += digest.findings;
        told.extend(store.bundled(&digest.id, FINDINGS).await.unwrap().into_iter().map(|line| line.finding));
    }
    assert_eq!((told.len(), counted), (FINDINGS, FINDINGS));
}

#[tokio::test]
async fn a_storm_is_at_most_twenty_messages_and_loses_nothing_in_memory() {
    assert_calm(Arc::new(Memory::default())).await;
}

#[tokio::test]
async fn a_storm_is_at_most_twenty_messages_and_loses_nothing_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    assert_calm(Arc::new(Sqlite::open(&folder.path().join("findings.db")).unwrap())).await;
}

#[tokio::test]
async fn another_system_gets_every_finding_by_itself() {
    let (channel, _) = weather(Arc::new(Memory::default()), false).await;
    let heard = channel.heard.lock().unwrap();
    let distinct: BTreeSet<_> = heard.singly.iter().map(|(id, ..)| id).collect();
    assert_eq!((heard.singly.len(), distinct.len(), heard.digests.len()), (FINDINGS, FINDINGS, 0));
}

/// A store with findings, and a notifier with these alerts.
async fn alerted(text: &str, start: &str, findings: &[Sighting]) -> (Notifier, Arc<Channel>, Arc<Wall>) {
    let clock = Wall::new();
    *clock.0.lock().unwrap() = start.parse().unwrap();
    let channel = Channel::new(&clock, true);
    let store = Arc::new(Memory::default());
    let policy = NoticePolicy { channels: vec!["text".into()], minimum: None };
    store.record(findings, &policy, clock.now()).await.unwrap();
    let sinks = vec![Arc::clone(&channel) as Arc<dyn Sink>];
    let notifier = Notifier::new(store, sinks, [], Arc::clone(&clock) as Arc<dyn Clock>, "test");
    (notifier.with_alerts(Alerts::parse(text).unwrap()), channel, clock)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn at_night_only_what_is_critical_wakes_somebody() {
    let alerts = "{time_zone: Europe/Berlin, quiet_hours: {from: '20:00', until: '07:00'}}";
    let night = "2026-11-25T22:00:00Z";
    let findings: Vec<Sighting> = (990..1000).map(|number| sighting(number, at(night))).collect();
    let (notifier, channel, clock) = alerted(alerts, night, &findings).await;

    drain(&[&notifier]).await;
    let singly = channel.heard.lock().unwrap().singly.clone();
    assert_eq!(singly.iter().map(|(_, severity, _)| *severity).collect::<Vec<_>>(), [Severity::Critical]);

    clock.pass(Duration::from_mins(8 * 60 - 1));
    drain(&[&notifier]).await;
    assert_eq!(channel.heard.lock().unwrap().digests.len(), 0, "it is 06:59 in Berlin");
    clock.pass(Duration::from_mins(1));
    drain(&[&notifier]).await;
    let heard = channel.heard.lock().unwrap();
    assert_eq!((heard.singly.len(), heard.digests.len(), heard.digests[0].findings), (1, 1, 9));
}

#[tokio::test]
async fn what_has_a_digest_waits_for_it_and_what_is_routed_elsewhere_is_not_told() {
    let alerts = "{digest: {medium: daily}, routes: [{account: '111122220993', to: [chat]}]}";
    let noon = "2026-11-25T12:00:00Z";
    let mut findings: Vec<Sighting> = (990..994).map(|number| sighting(number, at(noon))).collect();
    findings[0].account = "111122220993".into();
    let (notifier, channel, clock) = alerted(alerts, noon, &findings).await;
    drain(&[&notifier]).await;
    assert_eq!(channel.heard.lock().unwrap().singly.len(), 0);
    clock.pass(Duration::from_hours(20));
    drain(&[&notifier]).await;
    let heard = channel.heard.lock().unwrap();
    assert_eq!((heard.digests.len(), heard.digests[0].findings), (1, 3));
    assert_eq!(heard.digests[0].id, NoticeId::of_digest("text", at("2026-11-26T08:00:00Z")));
}

/// The only messages that come twice are those of which nobody knows whether they went out.
#[tokio::test]
async fn a_message_without_an_answer_comes_again_and_takes_no_place() {
    let noon = "2026-11-25T12:00:00Z";
    let findings: Vec<Sighting> = (0..9).map(|number| sighting(number, at(noon))).collect();
    let (notifier, channel, clock) = alerted("", noon, &findings).await;
    *channel.ambiguous.lock().unwrap() = 2;
    drain(&[&notifier]).await;
    clock.pass(Duration::from_mins(2));
    drain(&[&notifier]).await;
    clock.pass(Duration::from_mins(8));
    drain(&[&notifier]).await;
    let heard = channel.heard.lock().unwrap();
    let distinct: BTreeSet<_> = heard.singly.iter().map(|(id, ..)| id).collect();
    assert_eq!((heard.singly.len(), distinct.len()), (7, 5));
    assert_eq!((heard.digests.len(), heard.digests[0].findings), (1, 4));
}

/// A bucket that a check found, as the inventory knows it: it belongs to the team.
#[tokio::test]
async fn a_route_asks_for_the_tag_of_the_resource() {
    let now = at("2026-11-25T12:00:00Z");
    let store = Memory::default();
    let (account, region, arn) = ("111122223333", "eu-central-1", "arn:aws:s3:::ledger");
    let resource_type = "aws.s3.bucket";
    let state = State {
        key: TimelineId::of_resource(account, region, resource_type, arn),
        resource_type: resource_type.into(),
        account: account.into(),
        region: region.into(),
        id: "ledger".into(),
        name: "ledger".into(),
        arn: arn.into(),
        document: r#"{"Tags":[{"Key":"team","Value":"payments"}]}"#.into(),
        first_seen: now,
        read_at: now,
        unread: BTreeMap::new(),
        changed_at: now,
        gone_at: None,
        incarnation: 1,
    };
    assert_eq!(store.advance(&[Step { before: None, state, moments: Vec::new() }]).await.unwrap(), [true]);
    let assessment = Assessment {
        rule: "s3-bucket-public".into(),
        title: "S3 bucket open to everybody".into(),
        severity: Severity::High,
        account: account.into(),
        region: region.into(),
        resource_type: resource_type.into(),
        resource: arn.into(),
        standing: Standing::Finding { message: "m".into(), evidence: "{}".into() },
        cause: None,
        observed_at: now,
        lane: "scan".into(),
        basis: model::Basis::Read,
    };
    store.assess(std::slice::from_ref(&assessment), &NoticePolicy::default(), now).await.unwrap();
    let about_bucket = store.finding(&assessment.finding_id()).await.unwrap().unwrap();
    let about_call = model::Finding::open(&sighting(1, now));
    let alerts = Alerts::parse(
        "routes: [{tag: {team: [payments, ledger]}, to: [chat]}, {at_least: high, to: [json]}]",
    )
    .unwrap();
    for (finding, channel, when) in [
        (&about_bucket, "chat", When::Now),
        (&about_bucket, "json", When::Never),
        (&about_call, "chat", When::Now),
        (&about_call, "json", When::Now),
    ] {
        assert_eq!(alerts.when(channel, finding, now, &store).await.unwrap(), when, "{channel}");
    }
}
