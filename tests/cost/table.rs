//! A DynamoDB in memory that counts what requests would be charged for.
//!
//! Units as "DynamoDB read and write request units" has them,
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>, sizes as
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::{Map, Value, json};
use store::dynamodb::schema::{FINDINGS, Index, PK, SK};

type Item = Map<String, Value>;

/// What a table was charged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Units {
    pub(crate) writes: f64,
    /// Of the writes, those of copies in indexes.
    pub(crate) copies: f64,
    pub(crate) reads: f64,
}

#[derive(Debug, Default)]
struct Tables {
    items: BTreeMap<(String, String, String), Item>,
    units: BTreeMap<String, Units>,
}

/// The tables, and what they were charged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metered(Arc<Mutex<Tables>>);

impl Metered {
    pub(crate) fn client(&self) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .retry_config(RetryConfig::disabled())
            .http_client(self.clone())
            .build();
        Client::from_conf(config)
    }

    /// What was charged since this was asked last, by table.
    pub(crate) fn take(&self) -> BTreeMap<String, Units> {
        std::mem::take(&mut self.0.lock().unwrap().units)
    }

    /// The greatest item, in bytes.
    pub(crate) fn largest(&self) -> usize {
        self.0.lock().unwrap().items.values().map(size).max().unwrap_or_default()
    }
}

impl HttpConnector for Metered {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
        let (status, answer) = self.0.lock().unwrap().answer(operation, &body);
        HttpConnectorFuture::ready(Ok(HttpResponse::new(
            status.try_into().unwrap(),
            answer.to_string().into(),
        )))
    }
}

impl HttpClient for Metered {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Tables {
    fn answer(&mut self, operation: &str, body: &Value) -> (u16, Value) {
        let table = body["TableName"].as_str().unwrap_or_default();
        match operation {
            "PutItem" | "DeleteItem" => {
                let is_met = self.is_met(table, body);
                self.write(table, body, is_met, 1.0);
                if is_met { (200, json!({})) } else { (400, refusal("ConditionalCheckFailedException")) }
            }
            "TransactWriteItems" => self.transact(&body["TransactItems"]),
            "BatchWriteItem" => {
                for (table, requests) in body["RequestItems"].as_object().unwrap() {
                    for request in requests.as_array().unwrap() {
                        self.write(table, &request["PutRequest"], true, 1.0);
                    }
                }
                (200, json!({ "UnprocessedItems": {} }))
            }
            "GetItem" => match self.get(table, &body["Key"], &body["ConsistentRead"]) {
                Some(item) => (200, json!({ "Item": item })),
                None => (200, json!({})),
            },
            "BatchGetItem" => {
                let mut found: BTreeMap<String, Vec<Item>> = BTreeMap::new();
                for (table, request) in body["RequestItems"].as_object().unwrap() {
                    let keys = request["Keys"].as_array().unwrap().iter();
                    let items = keys.filter_map(|key| self.get(table, key, &request["ConsistentRead"]));
                    let items = items.collect();
                    found.insert(table.clone(), items);
                }
                (200, json!({ "Responses": found, "UnprocessedKeys": {} }))
            }
            "Query" => self.query(table, body),
            other => panic!("{other} is not counted"),
        }
    }

    fn transact(&mut self, writes: &Value) -> (u16, Value) {
        let writes: Vec<&Value> = writes
            .as_array()
            .unwrap()
            .iter()
            .map(|write| write.as_object().unwrap().values().next().unwrap())
            .collect();
        let table = |write: &Value| write["TableName"].as_str().unwrap().to_owned();
        let met: Vec<bool> = writes.iter().map(|write| self.is_met(&table(write), write)).collect();
        let all = met.iter().all(|met| *met);
        for write in &writes {
            // A transaction prepares and commits.
            self.write(&table(write), write, all, 2.0);
        }
        if all {
            return (200, json!({}));
        }
        let reasons =
            met.iter().map(|met| json!({"Code": if *met { "None" } else { "ConditionalCheckFailed" }}));
        let mut answer = refusal("TransactionCanceledException");
        answer["CancellationReasons"] = reasons.collect();
        (400, answer)
    }

    /// Puts or deletes, if `done`; a write that is refused is charged too.
    fn write(&mut self, table: &str, write: &Value, done: bool, times: f64) {
        let item = write["Item"].as_object();
        let key = key(table, item.map_or(&write["Key"], |_| &write["Item"]));
        let before = self.items.get(&key).cloned();
        let sizes = [before.as_ref().map(size), item.map(size)];
        let largest = sizes.into_iter().flatten().max().unwrap_or_default();
        let mut copies = 0.0;
        if done && table.ends_with(FINDINGS.suffix) {
            copies = FINDINGS.indexes.iter().map(|index| copied(index, before.as_ref(), item)).sum();
        }
        let units = self.units.entry(table.to_owned()).or_default();
        units.writes += times * steps(largest, 1024) + copies;
        units.copies += copies;
        if done {
            match item {
                Some(item) => drop(self.items.insert(key, item.clone())),
                None => drop(self.items.remove(&key)),
            }
        }
    }

    fn get(&mut self, table: &str, wanted: &Value, consistent: &Value) -> Option<Item> {
        let item = self.items.get(&key(table, wanted)).cloned();
        self.read(table, item.as_ref().map(size).unwrap_or_default(), consistent);
        item
    }

    fn query(&mut self, table: &str, body: &Value) -> (u16, Value) {
        assert!(body.get("IndexName").is_none(), "indexes are not asked on the way of an event");
        let value = |name: &str| body["ExpressionAttributeValues"][name]["S"].as_str().map(str::to_owned);
        let pk = value(":pk").unwrap();
        let (from, until) = (value(":from").unwrap_or_default(), value(":until"));
        let prefix = value(":sk").unwrap_or_default();
        let is_in = |sk: &str| {
            sk.starts_with(&prefix) && *sk >= *from && until.as_ref().is_none_or(|until| *sk <= **until)
        };
        let all = self.items.iter().filter(|((name, own, sk), _)| name == table && *own == pk && is_in(sk));
        let items: Vec<Item> = all.map(|(_, item)| item.clone()).collect();
        self.read(table, items.iter().map(size).sum(), &body["ConsistentRead"]);
        (200, json!({ "Count": items.len(), "Items": items }))
    }

    fn read(&mut self, table: &str, bytes: usize, consistent: &Value) {
        let share = if consistent == &json!(true) { 1.0 } else { 0.5 };
        self.units.entry(table.to_owned()).or_default().reads += share * steps(bytes, 4096);
    }

    fn is_met(&self, table: &str, write: &Value) -> bool {
        let Some(condition) = write["ConditionExpression"].as_str() else { return true };
        let key = key(table, if write["Item"].is_null() { &write["Key"] } else { &write["Item"] });
        let item = self.items.get(&key);
        let clause = |clause: &str| {
            if clause.starts_with("attribute_not_exists") {
                return item.is_none();
            }
            let [name, operator, value] = clause.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{clause}")
            };
            let name = write["ExpressionAttributeNames"][name].as_str().unwrap();
            let own = item.and_then(|item| item.get(name)).map(scalar);
            let value = scalar(&write["ExpressionAttributeValues"][value]);
            own.is_some_and(|own| match operator {
                "=" => own == value,
                "<" => own < value,
                "<=" => own <= value,
                other => panic!("{other}"),
            })
        };
        condition.split(" OR ").any(|one| one.split(" AND ").all(clause))
    }
}

fn refusal(code: &str) -> Value {
    json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "" })
}

fn key(table: &str, key: &Value) -> (String, String, String) {
    let text = |name: &str| key[name]["S"].as_str().unwrap().to_owned();
    (table.to_owned(), text(PK), text(SK))
}

fn scalar(value: &Value) -> String {
    value["S"].as_str().or(value["N"].as_str()).unwrap_or_default().to_owned()
}

/// What a change of an item costs in an index: a new copy, another one, or, where its key changes, both.
fn copied(index: &Index, before: Option<&Item>, after: Option<&Item>) -> f64 {
    let copy = |item: &Item| {
        let is_there = item.contains_key(index.pk) && item.contains_key(index.sk);
        let kept = [PK, SK, index.pk, index.sk].into_iter().chain(index.included.iter().copied());
        let kept: Item = kept.filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect();
        is_there.then_some(kept)
    };
    let units = |copy: &Item| steps(size(copy), 1024);
    match (before.and_then(copy), after.and_then(copy)) {
        (None, None) => 0.0,
        (Some(one), None) | (None, Some(one)) => units(&one),
        (Some(before), Some(after)) if before == after => 0.0,
        (Some(before), Some(after)) => {
            let is_moved = [index.pk, index.sk].iter().any(|name| before.get(*name) != after.get(*name));
            if is_moved { units(&before) + units(&after) } else { units(&after) }
        }
    }
}

fn steps(bytes: usize, step: usize) -> f64 {
    f64::from(u32::try_from(bytes.div_ceil(step).max(1)).unwrap())
}

fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + bytes(value)).sum()
}

fn bytes(value: &Value) -> usize {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(text)) => text.len().div_ceil(2) + 1,
        ("B", Value::String(text)) => text.len() / 4 * 3,
        ("M", Value::Object(members)) => {
            3 + members.iter().map(|(name, value)| 1 + name.len() + bytes(value)).sum::<usize>()
        }
        ("L", Value::Array(items)) => 3 + items.iter().map(|item| 1 + bytes(item)).sum::<usize>(),
        _ => 1,
    }
}
