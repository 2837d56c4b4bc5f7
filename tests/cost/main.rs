//! What a million events cost: the real use cases over the DynamoDB adapter, and a DynamoDB that counts.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it counted"
)]
#![allow(clippy::cast_precision_loss, reason = "counts are small")]

#[path = "../simulator/reads.rs"]
mod reads;
#[path = "../simulator/rule.rs"]
mod rule;
mod table;
#[allow(dead_code, reason = "the simulator asks more of it")]
#[path = "../simulator/world.rs"]
mod world;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use catalog::resource::Row;
use engine::check::Checker;
use engine::collect::{Collector, Scene};
use engine::detect::Detector;
use engine::intake::{Intake, Message};
use engine::ports::{Aws, Store, StoreError};
use engine::scan::{Scanner, Selection, plan};
use engine::track::{Harvests, Target, Tracker};
use model::{NoticePolicy, Timestamp};
use rules::{Settings, Target as Judges};
use store::DynamoDb;

use reads::Reads;
use table::{Metered, Units};
use world::{ACCOUNT, Dice, Kind, REGION, SimulatedClock, World};

const KINDS: [Kind; 3] = [Kind::Group, Kind::Bucket, Kind::Queue];

/// A price, in dollars for a million, and where it is from: the price lists of us-east-1 of 2026-11-25.
const PRICES: [(&str, f64); 6] = [
    ("DynamoDB write request units, on demand", 0.625),
    ("DynamoDB read request units, on demand", 0.125),
    ("SQS requests", 0.40),
    ("EventBridge events to another account", 1.00),
    ("Lambda GB-seconds, arm64", 13.3334),
    ("Lambda requests", 0.20),
];

/// Nobody has measured these here: how long a record and a read take in the functions, of 512 MB each.
const ASSUMED: (f64, f64) = (0.005, 0.4);

#[derive(Debug, Default)]
struct Asked(Mutex<Vec<(Target, Duration)>>);

#[async_trait]
impl Harvests for Asked {
    async fn ask(&self, targets: &[Target], delay: Duration) -> Result<(), StoreError> {
        self.0.lock().unwrap().extend(targets.iter().map(|target| (target.clone(), delay)));
        Ok(())
    }
}

#[tokio::test]
#[ignore = "takes minutes in a debug build; `scripts/test --full` runs it"]
async fn what_a_million_events_cost() {
    let began: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    let clock = SimulatedClock(Arc::new(Mutex::new(began)));
    let world = Arc::new(Mutex::new(World::default()));
    let tables = Metered::default();
    let store: Arc<dyn Store> = Arc::new(DynamoDb::new(tables.client(), "cost"));
    let loaded = catalog::builtin();
    let is_known = |name: &str| KINDS.iter().any(|kind| kind.resource_type() == name);
    let rows: Arc<Vec<Row>> = Arc::new(loaded.rows.into_iter().filter(|row| is_known(&row.name)).collect());
    let rules: Vec<_> = loaded
        .rules
        .into_iter()
        .filter(|rule| matches!(&rule.target, Judges::Resource(kind) if is_known(kind)))
        .collect();
    let scanner = || {
        let (checker, _) = Checker::new(rules.iter().cloned(), &Settings::default());
        let (policy, clock) = (NoticePolicy::default(), Arc::new(clock.clone()));
        Scanner::new(Arc::clone(&rows), checker, Arc::clone(&store), policy, clock)
    };
    let aws: Arc<dyn Aws> = Arc::new(Reads { world: Arc::clone(&world), clock: clock.clone() });
    let scene = Scene {
        account: ACCOUNT.into(),
        partition: "aws".into(),
        home: REGION.into(),
        regions: vec![REGION.into()],
    };
    let collector = || Collector::new(Arc::clone(&aws), Arc::clone(&rows), scene.clone());
    let asked = Arc::new(Asked::default());
    let tracker = Tracker::new(Arc::clone(&rows))
        .harvesting(Arc::clone(&asked) as Arc<dyn Harvests>, Duration::from_secs(3))
        .predicting(Arc::new(scanner()));
    let (detector, _) = Detector::new([], &Settings::default());
    let policy = NoticePolicy::default();
    let intake = Intake::new(detector, Arc::clone(&store), policy, Arc::new(clock.clone())).tracking(tracker);
    let scanner = scanner();

    let mut dice = Dice(1);
    for _ in 0..100 {
        let now = *clock.0.lock().unwrap();
        world.lock().unwrap().act(&mut dice, now, false);
        pass(&clock, Duration::from_mins(1));
    }
    pass(&clock, Duration::from_mins(10));
    let mut scans = [(); 2].map(|()| Totals::default());
    for totals in &mut scans {
        for shard in plan(&rows, scanner.checker(), &collector(), &scene, &Selection::default()) {
            let scanned = scanner.shard(&collector(), &shard).await.unwrap();
            totals.times += scanned.resources;
            totals.turned += scanned.judged.iter().filter(|judged| judged.change.is_new()).count();
        }
        totals.add(tables.take());
        pass(&clock, Duration::from_hours(1));
    }

    let (mut events, mut messages, mut reads) = (0_u32, 0_u32, 0_u32);
    let mut detect = Totals::default();
    let [mut quiet, mut again, mut turning] = [(); 3].map(|()| Totals::default());
    for _ in 0..600 {
        pass(&clock, Duration::from_millis(60_000 + dice.below(600_000)));
        let made = {
            let now = *clock.0.lock().unwrap();
            let mut world = world.lock().unwrap();
            let before = world.made.len();
            world.act(&mut dice, now, false);
            world.made[before..].to_vec()
        };
        pass(&clock, Duration::from_secs(2));
        for made in made {
            events += 1;
            let record = made.record.to_string();
            intake.take(Message { body: record.as_bytes(), lane: "bus" }).await.unwrap();
        }
        detect.add(tables.take());
        detect.times = events as usize;
        let mut due: VecDeque<(Target, Duration)> = asked.0.lock().unwrap().drain(..).collect();
        while let Some((target, delay)) = due.pop_front() {
            messages += 1;
            pass(&clock, delay);
            let before = world.lock().unwrap().reads;
            let done = scanner.harvest(&collector(), &scene, &target).await.unwrap();
            reads += u32::from(world.lock().unwrap().reads > before);
            let turned = done.scanned.resolved
                + done.scanned.judged.iter().filter(|judged| judged.change.is_new()).count();
            let units = tables.take();
            let is_written =
                units.iter().any(|(table, units)| table.ends_with("-findings") && units.writes > 0.0);
            let totals = match (turned, is_written) {
                (0, false) => &mut quiet,
                (0, true) => &mut again,
                _ => &mut turning,
            };
            totals.add(units);
            totals.times += 1;
            totals.turned += turned;
            due.extend(done.again);
        }
    }
    let million = |count: f64| count / f64::from(events) * 1e6;
    println!("{events} write events, {messages} messages to HARVEST, {reads} of them with reads of AWS");
    let [first, second] = &scans;
    let lines = [
        ("SCAN, a resource that is seen for the first time", first),
        ("SCAN, a resource as it was an hour ago", second),
        ("DETECT, an event", &detect),
        ("HARVEST, where every finding says what it said", &quiet),
        ("HARVEST, where findings say something else, or have to say when they were seen", &again),
        ("HARVEST, where findings turn", &turning),
    ];
    for (name, totals) in lines {
        let times = totals.times.max(1) as f64;
        println!("{name}: {} times, {:.1} findings turned each", totals.times, totals.turned as f64 / times);
        println!("  table                     writes  of them in indexes   reads");
        for (table, units) in &totals.tables {
            let [writes, copies, reads] =
                [units.writes, units.copies, units.reads].map(|count| count / times);
            println!("  {table:<24} {writes:>7.2} {copies:>19.2} {reads:>7.2}");
        }
    }
    let sum = |part: fn(&Units) -> f64| {
        [&detect, &quiet, &again, &turning].iter().map(|totals| totals.sum(part)).sum::<f64>()
    };
    let (writes, reads_units) = (sum(|units| units.writes), sum(|units| units.reads));
    // Each message is sent alone; ten are received, and deleted, with one request.
    let requests = 1.2 * f64::from(events + messages);
    let seconds = 0.5 * (ASSUMED.0 * f64::from(events) + ASSUMED.1 * f64::from(reads));
    let invocations = f64::from(events + messages) / 10.0;
    let counts = [writes, reads_units, requests, f64::from(events), seconds, invocations];
    let mut total = 0.0;
    for ((name, price), count) in PRICES.iter().zip(counts) {
        let dollars = million(count) / 1e6 * price;
        total += dollars;
        println!("{name:<40} {:>12.0} a million events   ${dollars:.2}", million(count));
    }
    println!("a million write events, each far from the others: ${total:.2}");
    println!("the largest item: {} bytes", tables.largest());
    let each = detect.sum(|units| units.writes) / f64::from(events);
    assert!(each > 1.0 && each < 8.0, "DETECT takes {each} write units an event");
    let each = quiet.sum(|units| units.writes) / quiet.times as f64;
    assert!(each > 1.0 && each < 8.0, "a look at what stays as it is takes {each} write units");
}

/// What was charged so far, by table.
#[derive(Debug, Default)]
struct Totals {
    tables: BTreeMap<String, Units>,
    times: usize,
    turned: usize,
}

impl Totals {
    fn add(&mut self, tables: BTreeMap<String, Units>) {
        for (table, units) in tables {
            let sum = self.tables.entry(table).or_default();
            sum.writes += units.writes;
            sum.copies += units.copies;
            sum.reads += units.reads;
        }
    }

    fn sum(&self, part: fn(&Units) -> f64) -> f64 {
        self.tables.values().map(part).sum()
    }
}

fn pass(clock: &SimulatedClock, time: Duration) {
    let mut now = clock.0.lock().unwrap();
    *now += time;
}
