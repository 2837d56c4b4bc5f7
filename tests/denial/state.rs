//! What becomes of findings over several scans: with faults, with resources mended, and with resources gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use aws::Replay;
use aws::replay::Call;
use catalog::resource::{Listing, Operation, Read};
use engine::ports::{Aws, Cause, Place, ReadError, Store};
use engine::scan::{Scanned, Shard};
use libtest_mimic::{Failed, Trial};
use model::{FindingId, Resolution};
use rules::Truth;
use serde_json::{Value, json};
use store::Memory;

use crate::account::{Faulty, account, blocking, plain, replay};
use crate::operation::{self, standing};

const ACCOUNT: &str = "123456789012";

/// Named tests, and one for the listing of each type.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("a listing that is denied leaves one open row for each check", denied_listing),
        Trial::test("a parent that cannot be listed leaves its children open", denied_parent),
        Trial::test("one region of several that fails leaves open what needs it", one_region),
        Trial::test("a resource that cannot be told by name resolves nothing", nameless),
        Trial::test("a mended resource resolves the one finding about it", mended),
        Trial::test("a bucket that is gone takes its findings along", gone),
        Trial::test("what was not recorded is unknown", not_recorded),
    ];
    for row in account().rows.iter() {
        if let Listing::Call(read) = &row.listing {
            trials.push(Trial::test(format!("{} is listed without the last one", row.name), move || {
                without_last(&row.name, read)
            }));
        }
    }
    trials
}

fn sound() -> Arc<dyn Aws> {
    Arc::<Replay>::clone(&account().replay)
}

fn failing(operation: &str, regions: &[&str]) -> Arc<dyn Aws> {
    let message = "not authorized to perform the operation".into();
    Arc::new(Faulty {
        aws: sound(),
        operation: named(operation),
        error: ReadError { cause: Cause::Denied, code: "AccessDenied".into(), message },
        regions: regions.iter().map(ToString::to_string).collect(),
    })
}

fn named(operation: &str) -> Operation {
    let (service, name) = operation.rsplit_once(':').unwrap();
    Operation { service: service.into(), name: name.into() }
}

fn place(region: &str) -> Place {
    Place { account: ACCOUNT.into(), region: region.into() }
}

fn ensure(holds: bool, problem: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(problem.into().into()) }
}

/// Scans the shards of a type as it is, then as `aws` shows it, over one store.
fn twice(resource_type: &str, aws: &Arc<dyn Aws>) -> (Twice, Arc<Memory>) {
    let account = account();
    let shards = account.shards_of(resource_type);
    let (scanner, store) = account.scanner(&BTreeSet::from([resource_type]));
    let before = account.scan(&scanner, &sound(), &shards);
    let stood = standing(store.as_ref(), &shards);
    let after = account.scan(&scanner, aws, &shards);
    let stands = standing(store.as_ref(), &shards);
    (Twice { before, stood, after, stands }, store)
}

struct Twice {
    before: Vec<(Shard, Scanned)>,
    stood: BTreeSet<FindingId>,
    after: Vec<(Shard, Scanned)>,
    stands: BTreeSet<FindingId>,
}

fn verdicts(scanned: &[(Shard, Scanned)]) -> BTreeMap<FindingId, (Truth, String, String)> {
    let all = scanned.iter().flat_map(|(_, scanned)| &scanned.judged);
    all.map(|judged| (judged.finding.clone(), (judged.truth, judged.check.clone(), plain(&judged.resource))))
        .collect()
}

fn resolution(store: &Memory, finding: &FindingId) -> Option<Resolution> {
    blocking(store.finding(finding)).unwrap()?.posture?.resolution
}

/// Every check once, unknown, with the permission; and the findings stand.
fn only_open_rows(resource_type: &str, operation: &str, permission: &str) -> Result<(), Failed> {
    let (scans, _) = twice(resource_type, &failing(operation, &[]));
    let judged = |scans: &[(Shard, Scanned)]| scans.iter().any(|(_, scanned)| !scanned.judged.is_empty());
    ensure(judged(&scans.before), "nothing was judged before")?;
    for (shard, scanned) in &scans.after {
        let (scanner, _) = account().scanner(&BTreeSet::from([resource_type]));
        let wanted: BTreeSet<String> =
            scanner.checker().checks(resource_type).map(|check| check.id.clone()).collect();
        let checks: Vec<String> = scanned.judged.iter().map(|judged| judged.check.clone()).collect();
        ensure(checks.len() == wanted.len(), format!("{shard}: {checks:?}"))?;
        ensure(checks.into_iter().collect::<BTreeSet<_>>() == wanted, "not every check is told")?;
        for judged in &scanned.judged {
            let reason = plain(&judged.reason);
            ensure(judged.truth == Truth::Unknown, format!("{} is {:?}", judged.check, judged.truth))?;
            ensure(
                reason == format!("Denied: {operation} answered AccessDenied; allow {permission}"),
                reason,
            )?;
            ensure(plain(&judged.resource) == resource_type, "it is about a resource")?;
        }
    }
    ensure(scans.stood == scans.stands, "other findings stand than before")
}

fn denied_listing() -> Result<(), Failed> {
    only_open_rows("aws.s3.bucket", "s3:ListBuckets", "s3:ListAllMyBuckets")?;
    only_open_rows("aws.ec2.security_group", "ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroups")
}

fn denied_parent() -> Result<(), Failed> {
    only_open_rows("aws.ecs.service", "ecs:ListClusters", "ecs:ListClusters")?;
    only_open_rows(
        "aws.elbv2.listener",
        "elbv2:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancers",
    )
}

fn one_region() -> Result<(), Failed> {
    let mut open = 0;
    for row in account().rows.iter() {
        for read in row.reads().filter(|read| read.all_regions) {
            let operation = read.operation.to_string();
            let (scans, _) = twice(&row.name, &failing(&operation, &["eu-west-1"]));
            let (before, after) = (verdicts(&scans.before), verdicts(&scans.after));
            for (finding, (truth, check, _)) in &after {
                let was = before.get(finding).map(|(truth, ..)| *truth);
                ensure(
                    *truth == Truth::Unknown || Some(*truth) == was,
                    format!("{operation}: {check} was {was:?} and is {truth:?}"),
                )?;
                open += usize::from(*truth == Truth::Unknown && was != Some(Truth::Unknown));
            }
            ensure(scans.stood == scans.stands, format!("{operation}: other findings stand than before"))?;
        }
    }
    ensure(open > 0, "nothing is open without one of two regions")
}

/// An account of which one answer is another.
fn changed(region: &str, operation: &str, with: Value, answer: Result<Value, ReadError>) -> Replay {
    let mut replay = replay();
    replay.put(Call { place: place(region), operation: named(operation), parameters: with, answer });
    replay
}

fn nameless() -> Result<(), Failed> {
    // One table cannot be described, another is gone: which is which nobody can tell.
    let region = "eu-west-1";
    let listed =
        blocking(account().replay.read(&place(region), &named("dynamodb:ListTables"), &json!({}))).unwrap();
    let names: Vec<&str> =
        listed["TableNames"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let denied =
        ReadError { cause: Cause::Denied, code: "AccessDeniedException".into(), message: "no".into() };
    let mut replay = changed(region, "dynamodb:DescribeTable", json!({"TableName": names[0]}), Err(denied));
    replay.put(Call {
        place: place(region),
        operation: named("dynamodb:ListTables"),
        parameters: json!({}),
        answer: Ok(json!({"TableNames": names[..names.len() - 1]})),
    });
    let aws: Arc<dyn Aws> = Arc::new(replay);
    let (scans, _) = twice("aws.dynamodb.table", &aws);
    let (before, after) = (verdicts(&scans.before), verdicts(&scans.after));
    ensure(scans.stood == scans.stands, "other findings stand than before")?;
    let lost: BTreeSet<&str> = before
        .iter()
        .filter(|(finding, _)| !after.contains_key(*finding))
        .map(|(_, (.., resource))| resource.rsplit('/').next().unwrap())
        .collect();
    ensure(lost == BTreeSet::from([names[0], names[names.len() - 1]]), format!("{lost:?}"))?;
    let open: BTreeSet<&str> = after
        .iter()
        .filter(|(finding, (truth, ..))| *truth == Truth::Unknown && !before.contains_key(*finding))
        .map(|(_, (.., resource))| resource.as_str())
        .collect();
    ensure(open == BTreeSet::from(["aws.dynamodb.table"]), format!("{open:?}"))
}

fn mended() -> Result<(), Failed> {
    let bucket = "bucket-0-123456789012";
    let account = account();
    let shards = account.shards_of("aws.s3.bucket");
    let (scanner, store) = account.scanner(&BTreeSet::from(["aws.s3.bucket"]));
    account.scan(&scanner, &sound(), &shards);
    let stood = standing(store.as_ref(), &shards);
    account.scan(&scanner, &failing("s3:GetBucketVersioning", &[]), &shards);
    ensure(standing(store.as_ref(), &shards) == stood, "the fault resolves something")?;

    let enabled = Ok(json!({"Status": "Enabled"}));
    let aws: Arc<dyn Aws> =
        Arc::new(changed("us-east-1", "s3:GetBucketVersioning", json!({"Bucket": bucket}), enabled));
    let after = account.scan(&scanner, &aws, &shards);

    let stands = standing(store.as_ref(), &shards);
    let over: Vec<&FindingId> = stood.difference(&stands).collect();
    let seen = verdicts(&after);
    let (truth, check, resource) = &seen[over[0]];
    ensure(over.len() == 1, format!("{over:?}"))?;
    // A bucket that keeps versions can be asked what becomes of them.
    let new: Vec<&str> = stands.difference(&stood).map(|id| seen[id].1.as_str()).collect();
    ensure(new == ["s3-bucket-versions-kept-forever"], format!("{new:?}"))?;
    ensure(
        (*truth, check.as_str(), resource.as_str())
            == (Truth::False, "s3-bucket-versioning-off", "arn:aws:s3:::bucket-0-123456789012"),
        format!("{check} of {resource}"),
    )?;
    ensure(resolution(&store, over[0]) == Some(Resolution::Clean), "it is not resolved as clean")
}

fn gone() -> Result<(), Failed> {
    let with = json!({"MaxBuckets": 1000});
    let mut listed =
        blocking(account().replay.read(&place("us-east-1"), &named("s3:ListBuckets"), &with)).unwrap();
    listed["Buckets"].as_array_mut().unwrap().retain(|bucket| bucket["Name"] != "bucket-0-123456789012");
    let aws: Arc<dyn Aws> = Arc::new(changed("us-east-1", "s3:ListBuckets", with, Ok(listed)));
    let (scans, store) = twice("aws.s3.bucket", &aws);
    let of_bucket: BTreeSet<FindingId> = verdicts(&scans.before)
        .into_iter()
        .filter(|(_, (truth, _, resource))| {
            *truth == Truth::True && resource.ends_with(":bucket-0-123456789012")
        })
        .map(|(finding, _)| finding)
        .collect();
    let over: BTreeSet<FindingId> = scans.stood.difference(&scans.stands).cloned().collect();
    ensure(!over.is_empty() && over == of_bucket, format!("{over:?} and {of_bucket:?}"))?;
    ensure(over.iter().all(|id| resolution(&store, id) == Some(Resolution::Gone)), "not resolved as gone")
}

/// A replay never guesses.
fn not_recorded() -> Result<(), Failed> {
    let empty = r#"{"at":"2026-11-25T00:00:00Z","scene":{"account":"123456789012","home":"us-east-1","partition":"aws","regions":["us-east-1"]}}"#;
    let aws: Arc<dyn Aws> = Arc::new(Replay::read(empty.as_bytes()).unwrap());
    let account = account();
    let (scanner, _) = account.scanner(&account.rows.iter().map(|row| row.name.as_str()).collect());
    for (shard, scanned) in account.scan(&scanner, &aws, &account.shards) {
        for judged in &scanned.judged {
            ensure(
                judged.truth == Truth::Unknown,
                format!("{shard}: {} is {:?}", judged.check, judged.truth),
            )?;
            ensure(plain(&judged.reason).contains("answered NotRecorded"), plain(&judged.reason))?;
        }
    }
    Ok(())
}

/// Leaves out the last item of a listing, as if the resource had been deleted.
struct Shortened {
    operation: Operation,
    take: String,
}

#[async_trait]
impl Aws for Shortened {
    async fn read(&self, place: &Place, operation: &Operation, with: &Value) -> Result<Value, ReadError> {
        let mut answer = account().replay.read(place, operation, with).await?;
        if *operation == self.operation {
            shorten(&mut answer, &self.take);
        }
        Ok(answer)
    }

    fn permissions(&self, operation: &Operation) -> Vec<String> {
        account().replay.permissions(operation)
    }

    fn is_global(&self, service: &str, region: &str) -> bool {
        account().replay.is_global(service, region)
    }

    fn is_absent(&self, service: &str, region: &str) -> bool {
        account().replay.is_absent(service, region)
    }
}

/// Removes the last of the items at a path.
fn shorten(value: &mut Value, path: &str) {
    match (value, path.split_once('.')) {
        (Value::Array(items), _) => {
            if let Some(last) = items.last_mut() {
                shorten(last, path);
            }
        }
        (Value::Object(members), Some((first, rest))) => {
            if let Some(value) = members.get_mut(first) {
                shorten(value, rest);
            }
        }
        (Value::Object(members), None) => {
            if let Some(Value::Array(items)) = members.get_mut(path) {
                items.pop();
            }
        }
        _ => {}
    }
}

/// What stands is what was found, and what stood and is open now; what is not listed any more is gone.
fn without_last(resource_type: &str, read: &Read) -> Result<(), Failed> {
    let take = read.take.clone().unwrap_or_default();
    let aws: Arc<dyn Aws> = Arc::new(Shortened { operation: read.operation.clone(), take });
    let (scans, store) = twice(resource_type, &aws);
    let after = verdicts(&scans.after);
    let stays = |finding: &&FindingId| matches!(after.get(finding), Some((Truth::True | Truth::Unknown, ..)));
    let mut wanted: BTreeSet<FindingId> = scans.stood.iter().filter(stays).cloned().collect();
    wanted.extend(after.iter().filter(|(_, (truth, ..))| *truth == Truth::True).map(|(id, _)| id.clone()));
    ensure(scans.stands == wanted, "other findings stand than should")?;
    for over in scans.stood.difference(&scans.stands) {
        let wanted = if after.contains_key(over) { Resolution::Clean } else { Resolution::Gone };
        ensure(resolution(&store, over) == Some(wanted), format!("{over:?} is not {wanted:?}"))?;
    }
    let listed =
        |scans: &[(Shard, Scanned)]| scans.iter().map(|(_, scanned)| scanned.resources).sum::<usize>();
    operation::count_shortened(listed(&scans.before) - listed(&scans.after));
    Ok(())
}
