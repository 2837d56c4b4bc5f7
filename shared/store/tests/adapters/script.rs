//! DynamoDB from a script: answers that an emulator does not give, or not when they are wanted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use engine::ports::{Recorded, Store, StoreError};
use libtest_mimic::{Failed, Trial};
use model::{Sighting, Timestamp};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use trailpost_store::DynamoDb;
use trailpost_store::conformance::samples::{at, sighting, telling};

type Test = fn() -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let trials: [(&str, Test); 7] = [
        ("a_notice_that_exists_is_left_out", a_notice_that_exists_is_left_out),
        ("a_known_occurrence_takes_its_notices_with_it", a_known_occurrence_takes_its_notices_with_it),
        ("a_conflict_is_read_again", a_conflict_is_read_again),
        ("an_endless_conflict_ends", an_endless_conflict_ends),
        ("a_cancellation_without_reasons_ends", a_cancellation_without_reasons_ends),
        ("throttling_is_handed_back", throttling_is_handed_back),
        ("keys_left_over_are_asked_again", keys_left_over_are_asked_again),
    ];
    trials.map(|(name, test)| Trial::test(format!("script::{name}"), test)).into()
}

/// What DynamoDB answers: a status and a body.
type Answer = (u16, Value);

/// What `record` gave.
type Outcome = Result<Vec<Recorded>, StoreError>;

/// What was asked: the operation and the body.
type Request = (String, Value);

/// Answers as scripted, and notes what was asked.
#[derive(Debug, Clone, Default)]
struct Script(Arc<Mutex<(VecDeque<Answer>, Vec<Request>)>>);

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answers, asked) = &mut *self.0.lock().unwrap();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        asked.push((operation, serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap()));
        HttpConnectorFuture::ready(match answers.pop_front() {
            Some((status, body)) => {
                Ok(HttpResponse::new(status.try_into().unwrap(), body.to_string().into()))
            }
            None => Err(ConnectorError::io("the script has ended".into())),
        })
    }
}

impl HttpClient for Script {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Records `sightings`, to be told on channel `text`, while DynamoDB answers as scripted; pauses take no time.
fn recorded(
    sightings: &[Sighting],
    answers: impl IntoIterator<Item = Answer>,
) -> Result<(Outcome, Vec<Request>), Failed> {
    let script = Script::default();
    script.0.lock().unwrap().0.extend(answers);
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .http_client(script.clone())
        .build();
    let store = DynamoDb::new(Client::from_conf(config), "test");
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
    let outcome = runtime.block_on(store.record(sightings, &telling(&["text"]), now()));
    let asked = std::mem::take(&mut script.0.lock().unwrap().1);
    Ok((outcome, asked))
}

fn now() -> Timestamp {
    "2026-11-22T05:00:00Z".parse().unwrap()
}

fn one() -> [Sighting; 1] {
    [sighting("rule", "bucket", "event", at(now(), 60))]
}

fn outcome(opened: bool, new: bool) -> Vec<Recorded> {
    one().map(|one| Recorded { finding_id: one.occurrence.finding_id, opened, new }).into()
}

fn nothing_there() -> Answer {
    (200, json!({ "Responses": {}, "UnprocessedKeys": {} }))
}

fn done() -> Answer {
    (200, json!({}))
}

fn cancelled<const N: usize>(codes: [&str; N]) -> Answer {
    let reasons: Vec<_> = codes.into_iter().map(|code| json!({ "Code": code })).collect();
    (400, json!({ "__type": "TransactionCanceledException", "CancellationReasons": reasons }))
}

/// Which kinds of items each transaction wanted to write.
fn written(requests: &[Request]) -> Vec<Vec<String>> {
    let transactions = requests.iter().filter(|(operation, _)| operation == "TransactWriteItems");
    let kinds = transactions.map(|(_, body)| {
        let writes = body["TransactItems"].as_array().unwrap().iter();
        writes.map(|write| write["Put"]["Item"]["kind"]["S"].as_str().unwrap().to_owned()).collect()
    });
    kinds.collect()
}

/// Made by a writer between the two reads that make one answer of ours.
fn a_notice_that_exists_is_left_out() -> Result<(), Failed> {
    let script = [nothing_there(), cancelled(["None", "None", "ConditionalCheckFailed"]), done()];
    let (answer, requests) = recorded(&one(), script)?;
    assert_eq!(answer?, outcome(true, true));
    assert_eq!(written(&requests), [vec!["finding", "occurrence", "notice"], vec!["finding", "occurrence"]]);
    Ok(())
}

fn a_known_occurrence_takes_its_notices_with_it() -> Result<(), Failed> {
    let [first] = one();
    let next_day = sighting("rule", "bucket", "next day", at(now(), 86_460));
    // The transaction: the finding, two occurrences, a notice for each day.
    let script =
        [nothing_there(), cancelled(["None", "ConditionalCheckFailed", "None", "None", "None"]), done()];
    let (answer, requests) = recorded(&[first, next_day], script)?;
    assert_eq!(answer?, [outcome(false, false), outcome(true, true)].concat());
    let kept: Vec<_> = requests[2].1["TransactItems"].as_array().unwrap().iter().collect();
    assert_eq!(kept.len(), 3);
    assert!(kept[2]["Put"]["Item"]["notice_id"]["S"].as_str().unwrap().contains("2026-11-23"));
    Ok(())
}

fn a_conflict_is_read_again() -> Result<(), Failed> {
    for conflict in [
        cancelled(["TransactionConflict", "None", "None"]),
        cancelled(["None", "None", "TransactionConflict"]),
        cancelled(["ConditionalCheckFailed", "None", "None"]),
    ] {
        let (answer, requests) = recorded(&one(), [nothing_there(), conflict, nothing_there(), done()])?;
        assert_eq!(answer?, outcome(true, true));
        let operations: Vec<_> = requests.iter().map(|(operation, _)| operation.as_str()).collect();
        assert_eq!(operations, ["BatchGetItem", "TransactWriteItems", "BatchGetItem", "TransactWriteItems"]);
    }
    Ok(())
}

fn an_endless_conflict_ends() -> Result<(), Failed> {
    let conflict = || [nothing_there(), cancelled(["TransactionConflict", "None", "None"])];
    let (answer, requests) = recorded(&one(), std::iter::repeat_with(conflict).take(50).flatten())?;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert!((10..30).contains(&requests.len()), "{}", requests.len());
    Ok(())
}

fn a_cancellation_without_reasons_ends() -> Result<(), Failed> {
    for reasons in [cancelled([]), cancelled(["None", "None", "None"])] {
        let script = || [nothing_there(), reasons.clone()];
        let (answer, requests) = recorded(&one(), std::iter::repeat_with(script).take(50).flatten())?;
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        assert!((10..30).contains(&requests.len()), "{}", requests.len());
    }
    Ok(())
}

fn throttling_is_handed_back() -> Result<(), Failed> {
    for throttled in [
        cancelled(["None", "ThrottlingError", "None"]),
        cancelled(["None", "ProvisionedThroughputExceeded", "None"]),
        (400, json!({ "__type": "ThrottlingException", "message": "slow down" })),
        (500, json!({ "__type": "InternalServerError" })),
    ] {
        let (answer, requests) = recorded(&one(), [nothing_there(), throttled])?;
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        assert_eq!(requests.len(), 2);
    }
    Ok(())
}

fn keys_left_over_are_asked_again() -> Result<(), Failed> {
    let keys = json!([{ "pk": { "S": "F#1" }, "sk": { "S": "#" } }]);
    let left = json!({ "Responses": {}, "UnprocessedKeys": { "test-findings": { "Keys": keys } } });
    let (answer, requests) = recorded(&one(), [(200, left), nothing_there(), done()])?;
    assert_eq!(answer?, outcome(true, true));
    assert_eq!(requests[1].1["RequestItems"]["test-findings"]["Keys"], keys);
    Ok(())
}
