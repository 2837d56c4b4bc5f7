//! A type with more resources than one job can read is read in slices, and its findings end as if it was read at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use catalog::resource::{Operation, read_rows};
use engine::check::Checker;
use engine::collect::Scene;
use engine::ports::{Aws, Kind, Place, ReadError, Store, SystemClock};
use engine::scan::{Job, Scanner, Shard};
use model::NoticePolicy;
use rules::Settings;
use serde_json::{Value, json};
use store::Memory;

const ROW: &str = "
aws.test.thing:
  list: { call: test:ListThings, items: Things }
  id: Name
  arn: 'arn:{partition}:test:{region}:{account}:thing/{Name}'
  facets:
    Lock: { call: test:GetLock, with: { Name: Name } }
";

const CHECK: &str = "
id: test-thing-unlocked
title: Thing without a lock
severity: low
resource: aws.test.thing
detection: { on: { Lock.On: true }, condition: not on }
";

/// An account with so many things, of which every second is locked; counts what is asked about single ones.
struct Things {
    count: usize,
    asked: AtomicUsize,
}

#[async_trait::async_trait]
impl Aws for Things {
    async fn read(&self, _: &Place, operation: &Operation, parameters: &Value) -> Result<Value, ReadError> {
        if operation.name == "ListThings" {
            let things: Vec<_> =
                (0..self.count).map(|number| json!({ "Name": format!("t{number}") })).collect();
            return Ok(json!({ "Things": things }));
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let name = parameters["Name"].as_str().unwrap();
        let number: usize = name.trim_start_matches('t').parse().unwrap();
        Ok(json!({ "On": number.is_multiple_of(2) }))
    }
}

fn job(scan: &str, shards: Vec<Shard>) -> Job {
    let regions = vec!["eu-west-1".to_owned()];
    let scene =
        Scene { account: "111122223333".into(), partition: "aws".into(), home: "us-east-1".into(), regions };
    Job { scan: scan.into(), scene, shards }
}

fn whole() -> Shard {
    Shard {
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        resource_type: "aws.test.thing".into(),
        everywhere: false,
        only: Vec::new(),
        slice: None,
    }
}

/// Does a scan to its end, job by job, as the queue would.
async fn scan(scanner: &Scanner, aws: &Arc<Things>, name: &str) -> usize {
    let mut waiting = vec![whole()];
    let mut jobs = 0;
    while !waiting.is_empty() {
        jobs += 1;
        let aws: Arc<dyn Aws> = Arc::<Things>::clone(aws);
        let worked =
            scanner.work(&job(name, waiting.split_off(waiting.len() - 1)), aws, || true).await.unwrap();
        waiting.extend(worked.left);
    }
    jobs
}

#[tokio::test]
async fn what_is_too_much_for_one_job_is_done_in_slices() {
    let (rows, errors) = read_rows(ROW, "test/resources.yaml");
    assert_eq!(errors, []);
    let (checks, _) = rules::read(CHECK, "test.yaml");
    let (checker, errors) = Checker::new(checks, &Settings::default());
    assert_eq!(errors, []);
    let store = Arc::new(Memory::default());
    let kept: Arc<dyn Store> = Arc::<Memory>::clone(&store);
    let scanner = Scanner::new(Arc::new(rows), checker, kept, NoticePolicy::default(), Arc::new(SystemClock));
    let kind = Kind { account: "111122223333".into(), resource_type: "aws.test.thing".into() };

    let many = Arc::new(Things { count: 1_100, asked: AtomicUsize::new(0) });
    assert_eq!(scan(&scanner, &many, "first").await, 1 + 4, "one that is too much, and four slices");
    assert_eq!(many.asked.load(Ordering::Relaxed), 1_100, "each thing is asked about once");
    assert_eq!(store.standing(&kind).await.unwrap().len(), 550);

    // Every slice resolves its own, and only its own.
    let fewer = Arc::new(Things { count: 900, asked: AtomicUsize::new(0) });
    assert_eq!(scan(&scanner, &fewer, "second").await, 1 + 2);
    assert_eq!(store.standing(&kind).await.unwrap().len(), 450);

    let again = Arc::new(Things { count: 900, asked: AtomicUsize::new(0) });
    assert_eq!(scan(&scanner, &again, "second").await, 1 + 2, "the slices are looked up, and not read again");
    assert_eq!(again.asked.load(Ordering::Relaxed), 0);
}
