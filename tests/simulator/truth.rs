//! What is kept, held against what is true.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::ports::{FindingQuery, Inventory as _, StateQuery, Store as _};
use model::json::Document;
use model::{
    Certainty, Finding, FindingId, Moment, Outcome, State, Status, TimelineId, Timestamp, Turn, Untrusted,
};
use rules::{Scratch, Truth};
use serde_json::{Map, Value, json};

use crate::run::{Ran, TRUTH};
use crate::world::{ACCOUNT, Kind, REGION, World, url};

async fn states(ran: &Ran) -> Vec<State> {
    let query = StateQuery { gone: true, limit: 10_000, ..StateQuery::default() };
    ran.store.states(&query).await.unwrap().items
}

fn end() -> Timestamp {
    Timestamp::MAX
}

/// Resources by ARN, as they are at a time.
fn there(world: &World, time: Timestamp) -> BTreeMap<String, (Kind, Value)> {
    let things = world.things.keys().filter_map(|(kind, name)| {
        Some((kind.arn(name), (*kind, world.version(*kind, name, time)?.clone())))
    });
    things.collect()
}

pub(crate) async fn inventory_is_true(seed: u64, ran: &Ran) {
    let kept: BTreeSet<Untrusted> =
        states(ran).await.into_iter().filter(State::is_present).map(|state| state.arn).collect();
    let world = ran.world.lock().unwrap();
    let true_ones: BTreeSet<Untrusted> = there(&world, end()).into_keys().map(Untrusted::new).collect();
    assert_eq!(kept, true_ones, "seed {seed}");
}

pub(crate) async fn timelines_are_the_calls(seed: u64, ran: &Ran) {
    let mut told: BTreeMap<Untrusted, BTreeSet<(Untrusted, bool)>> = BTreeMap::new();
    for state in states(ran).await {
        let moments = ran.store.timeline(&state.timelines(), Timestamp::UNIX_EPOCH, end()).await.unwrap();
        let calls = moments.iter().filter_map(Moment::as_call);
        let calls = calls.map(|call| (call.event_id.clone(), call.outcome == Outcome::Success));
        told.entry(state.arn.clone()).or_default().extend(calls);
    }
    let mut made: BTreeMap<Untrusted, BTreeSet<(Untrusted, bool)>> = BTreeMap::new();
    for call in &ran.world.lock().unwrap().made {
        // A group that could not be made has no id.
        if call.success
            || told.contains_key(&Untrusted::new(call.arn.as_str()))
                && call.record["eventName"] != "CreateSecurityGroup"
        {
            let entry = (Untrusted::new(call.event_id.as_str()), call.success);
            made.entry(Untrusted::new(call.arn.as_str())).or_default().insert(entry);
        }
    }
    for (arn, calls) in &made {
        let told = match told.get(arn) {
            Some(told) => told.clone(),
            // It came and went before anybody looked: its calls stand under the name that they gave.
            None => unseen(ran, &arn.encode(&Plain)).await,
        };
        assert_eq!(told, *calls, "seed {seed}: {arn:?}");
    }
}

/// The calls that are told of what nobody saw.
async fn unseen(ran: &Ran, arn: &str) -> BTreeSet<(Untrusted, bool)> {
    let queue = arn.rsplit(':').next().map(url).unwrap_or_default();
    let texts =
        [Some(arn), arn.rsplit(':').next(), arn.rsplit('/').next(), Some(&queue)].into_iter().flatten();
    let timeline =
        |kind: Kind, text: &str| TimelineId::of_resource(ACCOUNT, REGION, kind.resource_type(), text);
    let kinds = [Kind::Group, Kind::Bucket, Kind::Queue];
    let timelines: BTreeSet<_> = texts.flat_map(|text| kinds.map(|kind| timeline(kind, text))).collect();
    let timelines: Vec<_> = timelines.into_iter().collect();
    let moments = ran.store.timeline(&timelines, Timestamp::UNIX_EPOCH, end()).await.unwrap();
    let calls = moments.iter().filter_map(Moment::as_call);
    calls.map(|call| (call.event_id.clone(), call.outcome == Outcome::Success)).collect()
}

async fn findings(ran: &Ran) -> Vec<Finding> {
    let query = FindingQuery { limit: 100_000, ..FindingQuery::default() };
    ran.store.findings(&query).await.unwrap().items
}

/// What is kept in the end, however it came there: resources and their documents, the calls on each, open findings.
pub(crate) async fn tables(ran: &Ran) -> BTreeMap<String, String> {
    let mut tables = BTreeMap::new();
    for state in states(ran).await {
        let moments = ran.store.timeline(&state.timelines(), Timestamp::UNIX_EPOCH, end()).await.unwrap();
        let calls = moments.iter().filter_map(Moment::as_call).map(|call| call.event_id.encode(&Plain));
        let calls: Vec<String> = calls.collect();
        let arn = state.arn.encode(&Plain);
        tables.insert(format!("calls {arn}"), calls.join(" "));
        let document = if state.is_present() { state.document.encode(&Plain) } else { "gone".into() };
        tables.insert(arn, document);
    }
    for finding in findings(ran).await.iter().filter(|finding| finding.status == Status::Open) {
        tables.insert(format!("open {}", finding.id), finding.rule.clone());
    }
    // What came and went before anybody could look is known in one order and not in the other.
    tables.retain(|_, kept| kept != "gone");
    let is_known = |arn: &str, tables: &BTreeMap<String, String>| tables.contains_key(arn);
    let known = tables.clone();
    tables.retain(|key, _| key.strip_prefix("calls ").is_none_or(|arn| is_known(arn, &known)));
    tables
}

/// The document that a scan would read of a resource.
fn document(kind: Kind, name_arn: &str, thing: &Value) -> Document {
    let mut members: Map<String, Value> = thing.as_object().unwrap().clone();
    if kind == Kind::Bucket {
        for facet in [
            "PublicAccessBlock",
            "AccountPublicAccessBlock",
            "OwnershipControls",
            "Policy",
            "PolicyStatus",
            "Encryption",
            "Logging",
            "Lifecycle",
            "ObjectLock",
            "Replication",
            "Website",
            "Tags",
        ] {
            members.entry(facet).or_insert(Value::Null);
        }
        for facet in ["Acl", "Versioning", "Notification"] {
            members.entry(facet).or_insert(json!({}));
        }
        members.insert("BucketRegion".into(), REGION.into());
    } else {
        for facet in ["Interface", "Function", "Tags"] {
            members.entry(facet).or_insert(Value::Null);
        }
        members.entry("Sources").or_insert(json!([]));
    }
    let id = name_arn.rsplit([':', '/']).next().unwrap();
    members.insert("$resource".into(), json!({"type": kind.resource_type(), "id": id, "name": id, "arn": name_arn, "account": ACCOUNT, "region": REGION, "partition": "aws"}));
    Document::parse(Value::Object(members).to_string()).unwrap()
}

/// The findings that there are at a time.
fn failing(world: &World, time: Timestamp) -> BTreeSet<FindingId> {
    let mut found = BTreeSet::new();
    for (arn, (kind, thing)) in there(world, time) {
        let document = document(kind, &arn, &thing);
        let mut scratch = Scratch::default();
        for verdict in TRUTH.judge(
            kind.resource_type(),
            &document,
            time.min("2027-01-01T00:00:00Z".parse().unwrap()),
            &mut scratch,
        ) {
            if verdict.truth == Truth::True {
                found.insert(FindingId::of_resource(
                    &verdict.check.id,
                    &ACCOUNT.into(),
                    &REGION.into(),
                    &Untrusted::new(arn.as_str()),
                ));
            }
        }
    }
    found
}

pub(crate) async fn findings_are_true(seed: u64, ran: &Ran) {
    let findings = findings(ran).await;
    let open: BTreeSet<FindingId> = (findings.iter())
        .filter(|finding| finding.status == Status::Open)
        .map(|finding| finding.id.clone())
        .collect();
    let world = ran.world.lock().unwrap();
    let failing = failing(&world, end());
    let wrong: Vec<_> = findings
        .iter()
        .filter(|finding| open.contains(&finding.id) != failing.contains(&finding.id))
        .map(|finding| (&finding.rule, &finding.scope, finding.status))
        .collect();
    assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
    assert_eq!(open.len(), failing.len(), "seed {seed}");
}

/// How many causes are what.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Causes {
    pub(crate) exact: usize,
    pub(crate) vague: usize,
    pub(crate) wrong: usize,
    /// Of the exact ones: ends of what a record began and nobody saw.
    pub(crate) undone: usize,
}

impl std::ops::AddAssign for Causes {
    fn add_assign(&mut self, other: Self) {
        self.exact += other.exact;
        self.vague += other.vague;
        self.wrong += other.wrong;
        self.undone += other.undone;
    }
}

/// Everything that is known of a resource, for who looks into a failure.
pub(crate) async fn show(ran: &Ran, name: &str) {
    for state in states(ran).await.iter().filter(|state| state.arn.encode(&Plain).ends_with(name)) {
        for moment in ran.store.timeline(&state.timelines(), Timestamp::UNIX_EPOCH, end()).await.unwrap() {
            match &moment.what {
                model::What::Call(call) => println!(
                    "{} call {} {:?} {} {}",
                    moment.time,
                    call.name.encode(&Plain),
                    call.outcome,
                    call.request.encode(&Plain),
                    call.event_id.encode(&Plain)
                ),
                model::What::Difference(difference) => println!(
                    "{} since {:?} {:?} {} BY {:?}",
                    moment.time,
                    difference.since,
                    difference.turn,
                    difference.patch.encode(&Plain),
                    difference
                        .cause
                        .calls
                        .iter()
                        .map(|call| call.event_id.encode(&Plain))
                        .collect::<Vec<_>>()
                ),
            }
        }
    }
}

/// Holds the causes of all episodes against the calls that really turned the verdicts.
pub(crate) async fn causes(seed: u64, ran: &Ran) -> Causes {
    let findings = findings(ran).await;
    let world = ran.world.lock().unwrap();
    // After each call, which findings there are.
    let mut turns: BTreeMap<FindingId, Vec<(Timestamp, String, bool)>> = BTreeMap::new();
    let mut before = BTreeSet::new();
    for call in world.made.iter().filter(|call| call.success) {
        let after = failing(&world, call.time);
        for id in after.symmetric_difference(&before) {
            let turn = (call.time, call.event_id.clone(), after.contains(id));
            turns.entry(id.clone()).or_default().push(turn);
        }
        before = after;
    }
    let (mut sum, mut undone) = (Causes::default(), 0);
    for finding in &findings {
        let name = finding.scope.encode(&Plain);
        let name = name.rsplit([':', '/']).next().unwrap().to_owned();
        let last = |shown: Timestamp, fails: bool| {
            let mut turned = turns.get(&finding.id).into_iter().flatten();
            turned.rfind(|(time, _, failing)| *time <= shown && *failing == fails).cloned()
        };
        for episode in finding.posture.iter().flat_map(|posture| &posture.episodes) {
            let mut hold = |cause: &model::Cause, seen_at: Timestamp, shown: Timestamp, fails: bool| {
                let Some((turned_at, true_one, _)) = last(shown, fails) else {
                    // Nothing turned the verdict, so that no call may be blamed.
                    if let Some(culprit) = cause.exact() {
                        sum.wrong += 1;
                        println!(
                            "seed {seed}: {} of {name} at {seen_at} (fails {fails}): {:?}, and nothing did it",
                            finding.rule, culprit.event_id
                        );
                    }
                    return;
                };
                // What was mended and then deleted before anybody looked ended either way.
                let ends = |culprit: &model::Culprit| {
                    let is_it = |made: &&crate::world::Made| {
                        Untrusted::new(made.event_id.as_str()) == culprit.event_id && made.time <= shown
                    };
                    let made = world.made.iter().find(is_it);
                    !fails
                        && made.is_some_and(|made| {
                            let deletes = made.record["eventName"].as_str().unwrap().starts_with("Delete");
                            deletes
                                && made.arn.ends_with(&name)
                                && made.time >= turned_at
                                && !there(&world, shown).contains_key(&made.arn)
                        })
                };
                match (cause.certainty, cause.exact()) {
                    (Certainty::Exact, Some(culprit)) if ends(culprit) => sum.exact += 1,
                    (Certainty::Exact, Some(culprit))
                        if culprit.event_id == Untrusted::new(true_one.as_str()) =>
                    {
                        sum.exact += 1;
                    }
                    (Certainty::Exact, culprit) => {
                        sum.wrong += 1;
                        println!(
                            "seed {seed}: {} of {name} at {seen_at} ({}): {:?} and not {true_one}",
                            finding.rule,
                            if fails { "opened" } else { "resolved" },
                            culprit.map(|culprit| (&culprit.name, &culprit.event_id, culprit.time)),
                        );
                    }
                    (certainty, _) => {
                        sum.vague += 1;
                        println!(
                            "seed {seed}: {} of {name} at {seen_at} (fails {fails}): {certainty:?}, {true_one}",
                            finding.rule
                        );
                    }
                }
            };
            let is_unseen = episode.provisional;
            let is_over = episode.resolved_at.is_some();
            let opener = episode.cause.exact().map(|culprit| culprit.event_id.clone());
            if episode.is_withdrawn() {
                let opened = turns.get(&finding.id).into_iter().flatten();
                let was_so =
                    opened.filter(|(_, id, fails)| *fails && opener == Some(id.as_str().into())).count() > 0;
                if was_so {
                    sum.vague += 1;
                    println!("seed {seed}: {} of {name} was so, and is withdrawn: {opener:?}", finding.rule);
                }
                continue;
            }
            // What a record began, began with its call, whose time is told to the second.
            let began = match episode.cause.between {
                Some((_, called_at)) if episode.is_told() => called_at + Duration::from_millis(999),
                _ => world.shown_at(&name, episode.opened_at),
            };
            hold(&episode.cause, episode.opened_at, began, true);
            if let (Some(resolved_at), Some(fix)) = (episode.resolved_at, &episode.fix) {
                // What nobody saw ended as records say, whatever a look that lags behind shows.
                let is_undone = is_unseen && is_over;
                let shown = if is_undone { resolved_at } else { world.shown_at(&name, resolved_at) };
                hold(fix, resolved_at, shown, false);
                undone += usize::from(is_undone && fix.exact().is_some());
            }
        }
    }
    Causes { undone, ..sum }
}

/// What ended a finding because it was taken away is told as such: a range that somebody revoked is no addition.
pub(crate) async fn revoked_ranges_are_told_as_taken_away(seed: u64, ran: &Ran) -> usize {
    let mut told = 0;
    for finding in findings(ran).await.iter().filter(|finding| finding.rule.ends_with("-open")) {
        for fix in
            finding.posture.iter().flat_map(|posture| &posture.episodes).filter_map(|one| one.fix.as_ref())
        {
            let is_revoked = fix.exact().is_some_and(|by| by.name.encode(&Plain).starts_with("Revoke"));
            let patch = fix.patch.encode(&Plain);
            if is_revoked {
                assert!(
                    patch.contains(r#""op":"remove""#) && !patch.contains(r#""op":"add""#),
                    "seed {seed}: {patch}"
                );
                told += 1;
            }
        }
    }
    told
}

struct Plain;

impl model::Encoder for Plain {
    fn encode(&self, text: &str) -> String {
        text.to_owned()
    }
}

pub(crate) async fn drifts_are_told(seed: u64, ran: &Ran) {
    let mut unexplained = BTreeSet::new();
    for state in states(ran).await {
        let moments =
            ran.store.timeline(std::slice::from_ref(&state.key), Timestamp::UNIX_EPOCH, end()).await.unwrap();
        for difference in moments.iter().filter_map(Moment::as_difference) {
            let told = difference.patch.encode(&Plain).contains("by-nobody");
            if told && difference.turn == Turn::Changed {
                assert!(difference.unexplained.contains("Logging"), "seed {seed}: {difference:?}");
                unexplained.insert(state.arn.clone());
            }
        }
    }
    assert!(!ran.drifted.is_empty(), "seed {seed}");
    assert!(!unexplained.is_empty(), "seed {seed}");
}
