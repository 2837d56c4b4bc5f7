//! One run of the small AWS: calls, their records on the way, and the real use cases at the other end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, LazyLock, Mutex};
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
use rules::{Rule, Settings, Target as Judges};
use store::Memory;

use crate::crash::{Mortal, Process};
use crate::reads::Reads;
use crate::world::{ACCOUNT, Dice, Kind, REGION, SimulatedClock, World};

const KINDS: [Kind; 3] = [Kind::Group, Kind::Bucket, Kind::Queue];

static ROWS: LazyLock<Arc<Vec<Row>>> = LazyLock::new(|| {
    let is_known = |row: &Row| KINDS.iter().any(|kind| kind.resource_type() == row.name);
    Arc::new(catalog::builtin().rows.into_iter().filter(is_known).collect())
});

static CHECKS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let is_known = |rule: &Rule| matches!(&rule.target, Judges::Resource(kind) if KINDS.iter().any(|own| own.resource_type() == kind));
    catalog::builtin().rules.into_iter().filter(is_known).collect()
});

/// The checks as they judge what is true.
pub(crate) static TRUTH: LazyLock<Checker> = LazyLock::new(checker);

fn checker() -> Checker {
    Checker::new(CHECKS.iter().cloned(), &Settings::default()).0
}

/// What happens to records and reads on their way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    pub(crate) calls: u64,
    /// The longest time between two calls, in milliseconds.
    pub(crate) pace: u64,
    /// The longest time that a read shows the past.
    pub(crate) lag: Duration,
    /// The longest time that a record takes.
    pub(crate) delay: Duration,
    /// So many of a hundred.
    pub(crate) duplicated: u64,
    pub(crate) lost: u64,
    pub(crate) throttled: u64,
    /// Changes without a record.
    pub(crate) drifts: u64,
    /// Of a hundred invocations so many die between two writes.
    pub(crate) crashes: u64,
    /// The longest time by which records are put out of order.
    pub(crate) shuffled: Duration,
    /// Findings open on the word of records.
    pub(crate) predicts: bool,
    /// Of a hundred calls so many are followed by another one on the same resource, within two seconds; half of those undo
    /// it, where it can be undone.
    pub(crate) hasty: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// On the same resource as the last one, or any.
    Call {
        again: bool,
    },
    Drift,
    Deliver(usize),
    Harvest(Target),
    Scan,
}

/// How long a message stays away that a process died over: longer than marks stand, as the template has it.
const AWAY: Duration = Duration::from_secs(361);

/// Takes down which reads are asked for.
#[derive(Debug, Default)]
struct Asked {
    targets: Mutex<Vec<(Target, Duration)>>,
    process: Arc<Process>,
}

#[async_trait]
impl Harvests for Asked {
    async fn ask(&self, targets: &[Target], delay: Duration) -> Result<(), StoreError> {
        for target in targets {
            self.process.write()?;
            self.targets.lock().unwrap().push((target.clone(), delay));
        }
        Ok(())
    }
}

/// What is left after a run.
pub(crate) struct Ran {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) store: Arc<Memory>,
    pub(crate) drifted: Vec<String>,
    pub(crate) harvests: usize,
    pub(crate) deliveries: usize,
}

pub(crate) async fn run(seed: u64, weather: Weather) -> Ran {
    let began: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    let mut dice = Dice(seed);
    let clock = SimulatedClock(Arc::new(Mutex::new(began)));
    let world = World { lag: weather.lag, throttled: weather.throttled, ..World::default() };
    let world = Arc::new(Mutex::new(world));
    let store = Arc::new(Memory::default());
    let aws: Arc<dyn Aws> = Arc::new(Reads { world: Arc::clone(&world), clock: clock.clone() });
    let scene = Scene {
        account: ACCOUNT.into(),
        partition: "aws".into(),
        home: REGION.into(),
        regions: vec![REGION.into()],
    };
    let process = Arc::new(Process::default());
    let asked = Arc::new(Asked { process: Arc::clone(&process), ..Asked::default() });
    let mortal = Arc::new(Mortal { store: Arc::clone(&store), process: Arc::clone(&process) });
    // What becomes of records does not change what becomes of the world.
    let (mut way, mut fates) = (Dice(seed ^ 0x5555), Dice(seed ^ 0xaaaa));
    let mut fate = || fates.hits(weather.crashes).then(|| fates.below(8));
    let rows = Arc::clone(&ROWS);
    let shared = || Arc::clone(&mortal) as Arc<dyn Store>;
    let scanner = || {
        let clock = Arc::new(clock.clone());
        Scanner::new(Arc::clone(&rows), checker(), shared(), NoticePolicy::default(), clock)
    };
    let mut tracker = Tracker::new(Arc::clone(&rows))
        .harvesting(Arc::clone(&asked) as Arc<dyn Harvests>, Duration::from_secs(3));
    if weather.predicts {
        tracker = tracker.predicting(Arc::new(scanner()));
    }
    let (detector, _) = Detector::new([], &Settings::default());
    let intake =
        Intake::new(detector, shared(), NoticePolicy::default(), Arc::new(clock.clone())).tracking(tracker);
    let scanner = scanner();

    let mut acts: BinaryHeap<Reverse<(Timestamp, u64, Act)>> = BinaryHeap::new();
    let mut order = 0;
    let late = |way: &mut Dice| {
        Duration::from_millis(way.below(1 + u64::try_from(weather.shuffled.as_millis()).unwrap()))
    };
    let mut put = |acts: &mut BinaryHeap<_>, time: Timestamp, act: Act| {
        order += 1;
        acts.push(Reverse((time, order, act)));
    };
    put(&mut acts, began, Act::Scan);
    let mut time = began + Duration::from_secs(30);
    for number in 0..weather.calls {
        let is_hasty = number > 0 && weather.hasty > 0 && dice.hits(weather.hasty);
        time += Duration::from_millis(1 + dice.below(if is_hasty { 2_000 } else { weather.pace }));
        put(&mut acts, time, Act::Call { again: is_hasty });
        if weather.drifts > 0 && number.is_multiple_of(weather.calls / weather.drifts) {
            put(&mut acts, time + Duration::from_millis(7), Act::Drift);
        }
    }
    // Long after everything has arrived, one more look.
    put(&mut acts, time + Duration::from_hours(2), Act::Scan);
    let mut ran = Ran { world, store: Arc::clone(&store), drifted: Vec::new(), harvests: 0, deliveries: 0 };
    while let Some(Reverse((time, _, act))) = acts.pop() {
        *clock.0.lock().unwrap() = time;
        match act {
            Act::Call { again } => {
                let mut world = ran.world.lock().unwrap();
                let before = world.made.len();
                world.act(&mut dice, time, again);
                for number in before..world.made.len() {
                    let bus =
                        time + Duration::from_millis(
                            500 + dice.below(u64::try_from(weather.delay.as_millis()).unwrap() + 1),
                        ) + late(&mut way);
                    // What the bus loses comes with the files of the trail.
                    let trail = time + Duration::from_secs(200 + dice.below(400)) + late(&mut way);
                    let first = if dice.hits(weather.lost) { trail } else { bus };
                    put(&mut acts, first, Act::Deliver(number));
                    let again = dice.below(100) < weather.duplicated;
                    if again {
                        put(&mut acts, trail, Act::Deliver(number));
                    }
                }
            }
            Act::Drift => {
                let arn = ran.world.lock().unwrap().drift(time);
                ran.drifted.extend(arn);
            }
            Act::Deliver(number) => {
                ran.deliveries += 1;
                let record = ran.world.lock().unwrap().made[number].record.to_string();
                process.begin(fate());
                let taken = intake.take(Message { body: record.as_bytes(), lane: "bus" }).await;
                if process.has_died() {
                    put(&mut acts, time + AWAY, Act::Deliver(number));
                } else {
                    taken.unwrap();
                }
            }
            Act::Harvest(target) => {
                ran.harvests += 1;
                let collector = Collector::new(Arc::clone(&aws), Arc::clone(&rows), scene.clone());
                process.begin(fate());
                let harvested = scanner.harvest(&collector, &scene, &target).await;
                let again = harvested.as_ref().ok().and_then(|harvested| harvested.again.clone());
                let asked = again.filter(|_| process.write().is_ok());
                if let Some((target, delay)) = asked {
                    put(&mut acts, time + delay, Act::Harvest(target));
                }
                if process.has_died() {
                    put(&mut acts, time + AWAY, Act::Harvest(target));
                } else {
                    harvested.unwrap();
                }
            }
            Act::Scan => {
                let collector = Collector::new(Arc::clone(&aws), Arc::clone(&rows), scene.clone());
                for shard in plan(&rows, scanner.checker(), &collector, &scene, &Selection::default()) {
                    scanner.shard(&collector, &shard).await.unwrap();
                }
            }
        }
        for (target, delay) in asked.targets.lock().unwrap().drain(..) {
            put(&mut acts, time + delay, Act::Harvest(target));
        }
    }
    ran
}
