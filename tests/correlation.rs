//! Rules over several events, from the message to the finding: in whatever order and however often records arrive, and
//! with whatever else they arrive, the same findings stand in the store.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use engine::detect::Detector;
use engine::intake::{Intake, Message};
use engine::ports::{FindingQuery, Store, SystemClock};
use model::{Finding, NoticePolicy};
use proptest::prelude::*;
use rules::Settings;
use serde_json::{Value, json};
use store::{Memory, Sqlite};

/// A count, distinct values, a sequence, and a chain of a count and a sequence.
const RULES: &str = r"
title: Failed
name: failed
id: failed
logsource: { product: aws, service: cloudtrail }
detection: { s: { eventName: ConsoleLogin, errorMessage: Failed authentication }, condition: s }
---
title: Succeeded
name: succeeded
id: succeeded
detection: { s: { eventName: ConsoleLogin, errorMessage: null }, condition: s }
---
title: Many failures
name: many
id: many
level: medium
message: '{userIdentity.userName} failed {correlation.count} times'
correlation: { type: event_count, rules: [failed], group-by: [userIdentity.userName], timespan: 5m, condition: { gte: 3 } }
---
title: Spray
id: spray
correlation:
  type: value_count
  rules: [failed]
  group-by: [sourceIPAddress]
  timespan: 5m
  condition: { gte: 2, field: userIdentity.userName }
---
title: Failures and then a success
id: guessed
level: high
generate: true
correlation: { type: temporal_ordered, rules: [many, succeeded], group-by: [userIdentity.userName], timespan: 30m }
";

fn detector() -> Detector {
    let (rules, errors) = rules::read(RULES, "rules.yaml");
    assert_eq!(errors, []);
    let (detector, errors) = Detector::new(rules, &Settings::default());
    assert_eq!(errors, []);
    detector
}

fn login(number: usize, second: usize, user: &str, ip: &str, fails: bool) -> Value {
    let mut record = json!({
        "eventVersion": "1.11", "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
        "userIdentity": { "type": "IAMUser", "userName": user, "accountId": "111122223333" },
        "eventTime": format!("2026-01-15T10:{:02}:{:02}Z", second / 60, second % 60),
        "awsRegion": if number.is_multiple_of(2) { "us-east-1" } else { "eu-north-1" }, "sourceIPAddress": ip,
        "eventID": format!("00000000-0000-4000-8000-{number:012}"), "eventType": "AwsConsoleSignIn",
        "recipientAccountId": "111122223333",
    });
    if fails {
        record["errorMessage"] = json!("Failed authentication");
    }
    record
}

/// Logins over half an hour.
fn logins() -> impl Strategy<Value = Vec<Value>> {
    let one = (0..1800_usize, 0..2_usize, 0..2_usize, prop::bool::weighted(0.8));
    prop::collection::vec(one, 1..30).prop_map(|all| {
        let logins = all.into_iter().enumerate().map(|(number, (second, user, ip, fails))| {
            // Half of them in a burst.
            let second = if number.is_multiple_of(2) { 600 + second % 240 } else { second };
            login(number, second, ["ada", "bob"][user], ["192.0.2.1", "192.0.2.2"][ip], fails)
        });
        logins.collect()
    })
}

/// The findings, as far as they may not depend on the way.
async fn found(store: Arc<dyn Store>, messages: &[Vec<Value>]) -> Vec<String> {
    let intake = Intake::new(detector(), Arc::clone(&store), NoticePolicy::default(), Arc::new(SystemClock));
    for records in messages {
        let body = json!({ "Records": records }).to_string();
        intake.take(Message { body: body.as_bytes(), lane: "tests" }).await.unwrap();
    }
    let page = store.findings(&FindingQuery { limit: 500, ..FindingQuery::default() }).await.unwrap();
    let shown = |finding: &Finding| {
        let Finding { rule, severity, outcome, region, scope, first_seen, last_seen, count, latest, .. } =
            finding;
        format!(
            "{rule} {severity} {outcome:?} {region:?} {scope:?} {first_seen} {last_seen} {count} {:?} {:?} {:?}",
            latest.event_id, latest.message, latest.evidence
        )
    };
    let mut found: Vec<_> = page.items.iter().map(shown).collect();
    found.sort();
    found
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neither_order_nor_repetition_nor_batches_matter(
        (logins, shuffled) in logins().prop_flat_map(|logins| {
            let twice: Vec<_> = logins.iter().chain(&logins).cloned().collect();
            (Just(logins), Just(twice).prop_shuffle())
        }),
        batch in 1..9_usize,
    ) {
        let at_once = wait(found(Arc::new(Memory::default()), &[logins]));
        let batches: Vec<_> = shuffled.chunks(batch).map(<[Value]>::to_vec).collect();
        let messages = wait(found(Arc::new(Memory::default()), &batches));
        // What a sentence counts is what was known when the event was judged first.
        let without_counts = |all: &[String]| {
            all.iter().map(|row| row.split(" failed ").next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        prop_assert_eq!(without_counts(&at_once), without_counts(&messages));
    }
}

fn attack() -> Vec<Value> {
    (0..5)
        .map(|number| login(number, 600 + number, "ada", "192.0.2.1", number < 4))
        .chain([login(9, 610, "bob", "192.0.2.1", true)])
        .collect()
}

#[test]
fn a_burst_is_one_finding_that_grows_and_a_chain_is_another() {
    let found = wait(found(
        Arc::new(Memory::default()),
        &attack().iter().map(|one| vec![one.clone()]).collect::<Vec<_>>(),
    ));
    let of = |rule: &str| found.iter().filter(|row| row.starts_with(rule)).cloned().collect::<Vec<_>>();
    // What one correlation names is silent; what another names and wants reported is not.
    assert_eq!((of("failed").len(), of("succeeded").len(), found.len()), (0, 1, 4), "{found:#?}");
    assert!(of("many")[0].contains("\"ada\" 2026-01-15T10:10:02Z 2026-01-15T10:10:03Z 2 "), "{found:#?}");
    assert!(of("many")[0].contains("ada failed 4 times"), "{found:#?}");
    assert!(
        of("guessed")[0].starts_with("guessed high Success \"global\" \"ada\" 2026-01-15T10:10:04Z"),
        "{found:#?}"
    );
    assert!(of("spray")[0].contains("Attempt"), "{found:#?}");
}

#[test]
fn what_somebody_made_too_long_counts_all_the_same() {
    let mut attack = attack();
    for record in &mut attack {
        record["userAgent"] = json!("x".repeat(300_000));
        record["additionalEventData"] = json!("y".repeat(300_000));
    }
    let found = wait(found(Arc::new(Memory::default()), &[attack]));
    assert_eq!(found.iter().filter(|row| row.starts_with("guessed")).count(), 1);
}

#[test]
fn windows_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(Sqlite::open(&folder.path().join("findings.db")).unwrap());
    let attack = attack();
    let (first, second) = attack.split_at(3);
    wait(found(open(), &[first.to_vec()]));
    let after = wait(found(open(), &[second.to_vec()]));
    assert_eq!(after, wait(found(Arc::new(Memory::default()), std::slice::from_ref(&attack))));
}

#[test]
fn a_burst_is_found_at_the_end_of_a_long_and_busy_history() {
    let mut told = json!(null);
    let steady = (0..6000).map(|number| (number, number * 600));
    let burst = (6000..6003).map(|number| (number, 6000 * 600));
    let records: Vec<_> = steady
        .chain(burst)
        .map(|(number, second)| {
            let mut record = login(number, 0, "ada", "192.0.2.1", true);
            let time = "2026-01-15T00:00:00Z".parse::<model::Timestamp>().unwrap();
            let time = time.checked_add(std::time::Duration::from_secs(second as u64)).unwrap();
            told = json!(time.to_string());
            record["eventTime"] = told.clone();
            record
        })
        .collect();
    let found = wait(found(Arc::new(Memory::default()), &[records]));
    let many = found.iter().find(|row| row.starts_with("many")).unwrap();
    assert!(many.contains(told.as_str().unwrap()), "{many}");
}
