//! Targets of one type at one place, harvested with one call: each has its own fate.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use catalog::resource::Operation;
use engine::check::Checker;
use engine::collect::{Collector, Scene};
use engine::mapping::Reference;
use engine::ports::{Aws, Inventory as _, Kind, Place, ReadError, Store, SystemClock};
use engine::scan::{Scanner, Selection, plan};
use engine::track::Target;
use model::{NoticePolicy, Timestamp};
use rules::Settings;
use serde_json::{Value, json};
use store::Memory;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";

/// Security groups as EC2 answers: an id that there is not makes the whole call fail.
#[derive(Debug, Default)]
struct Groups {
    there: Mutex<BTreeMap<String, Value>>,
    asked: Mutex<Vec<usize>>,
}

#[async_trait]
impl Aws for Groups {
    async fn read(&self, _: &Place, operation: &Operation, asked: &Value) -> Result<Value, ReadError> {
        if operation.name != "DescribeSecurityGroups" {
            return Ok(json!({}));
        }
        let there = self.there.lock().unwrap();
        let Some(ids) = asked["GroupIds"].as_array() else {
            return Ok(json!({"SecurityGroups": there.values().collect::<Vec<_>>()}));
        };
        self.asked.lock().unwrap().push(ids.len());
        let found: Option<Vec<&Value>> = ids.iter().map(|id| there.get(id.as_str().unwrap())).collect();
        match found {
            Some(groups) => Ok(json!({ "SecurityGroups": groups })),
            None => Err(ReadError::failed("InvalidGroup.NotFound", "The security group does not exist")),
        }
    }
}

fn group(id: &str, note: &str) -> Value {
    json!({"GroupId": id, "GroupName": id, "OwnerId": ACCOUNT, "Description": note, "IpPermissions": []})
}

struct Setting {
    groups: Arc<Groups>,
    store: Arc<Memory>,
    scanner: Scanner,
    scene: Scene,
    rows: Arc<Vec<catalog::resource::Row>>,
}

impl Setting {
    async fn new() -> Self {
        let groups = Arc::new(Groups::default());
        for number in 0..6 {
            let id = format!("sg-0000000{number}");
            groups.there.lock().unwrap().insert(id.clone(), group(&id, "before"));
        }
        let loaded = catalog::builtin();
        let is_group = |name: &str| name == "aws.ec2.security_group";
        let rows: Vec<_> = loaded.rows.into_iter().filter(|row| is_group(&row.name)).collect();
        let rows = Arc::new(rows);
        let rules = loaded.rules.into_iter();
        let rules =
            rules.filter(|rule| matches!(&rule.target, rules::Target::Resource(kind) if is_group(kind)));
        let (checker, _) = Checker::new(rules, &Settings::default());
        let store = Arc::new(Memory::default());
        let kept = Arc::clone(&store) as Arc<dyn Store>;
        let clock = Arc::new(SystemClock);
        let scanner = Scanner::new(Arc::clone(&rows), checker, kept, NoticePolicy::default(), clock);
        let scene = Scene {
            account: ACCOUNT.into(),
            partition: "aws".into(),
            home: REGION.into(),
            regions: vec![REGION.into()],
        };
        let setting = Self { groups, store, scanner, scene, rows };
        let collector = setting.collector();
        for shard in
            plan(&setting.rows, setting.scanner.checker(), &collector, &setting.scene, &Selection::default())
        {
            setting.scanner.shard(&collector, &shard).await.unwrap();
        }
        setting
    }

    fn collector(&self) -> Collector {
        Collector::new(Arc::clone(&self.groups) as Arc<dyn Aws>, Arc::clone(&self.rows), self.scene.clone())
    }

    async fn harvest(&self) -> Vec<bool> {
        let target = |number: usize| Target {
            account: ACCOUNT.into(),
            region: REGION.into(),
            resource_type: "aws.ec2.security_group".into(),
            which: Reference::Id(format!("sg-0000000{number}")),
            since: Timestamp::now(),
            tries: 0,
            last: false,
        };
        let targets: Vec<Target> = (0..6).map(target).collect();
        let mut collector = self.collector();
        let done = self.scanner.harvest_together(&mut collector, &self.scene, &targets).await;
        done.into_iter().map(|harvested| harvested.unwrap().changed > 0).collect()
    }

    async fn notes(&self) -> Vec<(String, bool)> {
        let kind = Kind { account: ACCOUNT.into(), resource_type: "aws.ec2.security_group".into() };
        let states = self.store.states_of(&kind).await.unwrap();
        let text = |state: &model::State| {
            let document = state.document.to_document().unwrap();
            let document: Value = serde_json::from_slice(document.bytes()).unwrap();
            document["Description"].as_str().unwrap().to_owned()
        };
        let mut notes: Vec<_> = states
            .iter()
            .map(|state| {
                (
                    format!("{} {}", serde_json::to_string(&state.arn).unwrap(), text(state)),
                    state.is_present(),
                )
            })
            .collect();
        notes.sort();
        notes
    }
}

#[tokio::test]
async fn several_targets_cost_one_call() {
    let setting = Setting::new().await;
    for (id, own) in setting.groups.there.lock().unwrap().iter_mut().take(3) {
        *own = group(id, "after");
    }
    let changed = setting.harvest().await;

    assert_eq!(changed, [true, true, true, false, false, false]);
    assert_eq!(*setting.groups.asked.lock().unwrap(), [6]);
    let notes = setting.notes().await;
    assert_eq!(notes.iter().filter(|(note, _)| note.ends_with("after")).count(), 3);
}

#[tokio::test]
async fn one_that_is_gone_spoils_the_call_and_not_the_others() {
    let setting = Setting::new().await;
    {
        let mut there = setting.groups.there.lock().unwrap();
        there.remove("sg-00000002");
        there.insert("sg-00000004".into(), group("sg-00000004", "after"));
    }
    let changed = setting.harvest().await;

    assert_eq!(changed, [false, false, true, false, true, false]);
    assert_eq!(*setting.groups.asked.lock().unwrap(), [6, 1, 1, 1, 1, 1, 1]);
    let there: Vec<bool> = setting.notes().await.into_iter().map(|(_, there)| there).collect();
    assert_eq!(there, [true, true, false, true, true, true]);
}

#[test]
fn many_types_are_read_by_lists_of_ids() {
    let rows = catalog::builtin().rows;
    let is_list = |row: &&catalog::resource::Row| {
        matches!(row.by_id.as_slice(), [(_, catalog::resource::Source::List(_))])
            && row.item.is_empty()
            && matches!(row.listing, catalog::resource::Listing::Call(_))
    };
    let count = rows.iter().filter(is_list).count();
    println!("{count} of {} types are read by lists of ids", rows.len());
    assert!(count > 10, "{count}");
}
