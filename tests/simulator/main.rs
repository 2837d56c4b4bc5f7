//! The inventory against a small AWS whose truth is known: whatever is lost, late, doubled or out of order on the way, in
//! the end the inventory is what there is, timelines are the calls, findings are true, and causes are right.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod crash;
mod reads;
mod rule;
mod run;
mod truth;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::detect::Detector;
use engine::intake::{Intake, Message};
use engine::ports::StoreError;
use engine::track::{Harvests, Target, Tracker};
use model::NoticePolicy;
use rules::Settings;
use store::Memory;

use run::{Weather, run};
use truth::{Causes, causes, findings_are_true, inventory_is_true, timelines_are_the_calls};
use world::SimulatedClock;

const FAIR: Weather = Weather {
    calls: 120,
    pace: 40_000,
    lag: Duration::ZERO,
    delay: Duration::from_secs(2),
    duplicated: 0,
    lost: 0,
    throttled: 0,
    drifts: 0,
    crashes: 0,
    shuffled: Duration::ZERO,
    predicts: false,
    hasty: 0,
};

const FOUL: Weather = Weather {
    lag: Duration::from_secs(8),
    delay: Duration::from_secs(20),
    duplicated: 20,
    lost: 5,
    throttled: 4,
    hasty: 3,
    ..FAIR
};

fn is_wanted(seed: u64) -> bool {
    let only = std::env::var("SHOW").ok().and_then(|show| show.split_once(' ')?.0.parse::<u64>().ok());
    only.is_none_or(|only| only == seed)
}

/// Tells everything of one resource of one run: `SHOW="401 bucket-0"`.
async fn show(seed: u64, ran: &run::Ran) {
    if let Ok(wanted) = std::env::var("SHOW")
        && let Some((number, name)) = wanted.split_once(' ')
        && number == seed.to_string()
    {
        truth::show(ran, name).await;
    }
}

async fn seeds(seeds: std::ops::Range<u64>, weather: Weather) -> Causes {
    let mut sum = Causes::default();
    for seed in seeds.filter(|seed| is_wanted(*seed)) {
        let ran = run(seed, weather).await;
        show(seed, &ran).await;
        inventory_is_true(seed, &ran).await;
        timelines_are_the_calls(seed, &ran).await;
        findings_are_true(seed, &ran).await;
        sum += causes(seed, &ran).await;
    }
    println!("{sum:?}");
    sum
}

#[tokio::test]
async fn in_fair_weather_every_cause_is_exact() {
    let causes = seeds(0..10, FAIR).await;
    assert_eq!(causes.wrong, 0);
    assert!(causes.exact > 300, "{causes:?}");
    assert_eq!(causes.vague, 0, "{causes:?}");
}

#[tokio::test]
async fn in_foul_weather_the_end_is_the_truth() {
    foul(100..120).await;
}

/// Many more of them.
#[tokio::test]
#[ignore = "takes minutes: ./scripts/test --full"]
async fn in_any_foul_weather_the_end_is_the_truth() {
    foul(1_000..1_200).await;
}

async fn foul(numbers: std::ops::Range<u64>) {
    let causes = seeds(numbers, FOUL).await;
    assert_eq!(causes.wrong, 0, "{causes:?}");
    assert!(causes.exact * 100 >= 95 * (causes.exact + causes.vague), "{causes:?}");
}

#[tokio::test]
async fn a_finding_that_ended_says_what_was_taken_away() {
    let mut told = 0;
    for seed in 0..12 {
        told += truth::revoked_ranges_are_told_as_taken_away(seed, &run(seed, FAIR).await).await;
    }
    assert!(told > 24, "{told}");
}

/// So many of a hundred invocations die.
const CRASHES: u64 = 20;

/// Whatever runs dies between any two writes, and its message comes again.
async fn dying(numbers: std::ops::Range<u64>, weather: Weather) {
    let causes = seeds(numbers, Weather { crashes: CRASHES, ..weather }).await;
    assert_eq!(causes.wrong, 0, "{causes:?}");
    assert!(causes.exact * 100 >= 95 * (causes.exact + causes.vague), "{causes:?}");
}

#[tokio::test]
async fn processes_that_die_between_writes_leave_the_truth_behind() {
    dying(300..310, FAIR).await;
}

#[tokio::test]
async fn findings_that_open_on_the_word_of_records_have_the_right_causes() {
    let fair = seeds(500..505, Weather { predicts: true, ..FAIR }).await;
    assert_eq!(fair.wrong, 0, "{fair:?}");
    assert!(fair.exact > 100 * fair.vague, "{fair:?}");
    let foul = seeds(500..510, Weather { predicts: true, ..FOUL }).await;
    assert_eq!(foul.wrong, 0, "{foul:?}");
    assert!(foul.exact * 100 >= 95 * (foul.exact + foul.vague), "{foul:?}");
}

/// What is opened and closed at once: calls of one second, closed in any form, before anybody looks. Records that are late
/// or lost foretell less, so that in foul weather fewer ends are told of what nobody saw.
async fn hasty(numbers: std::ops::Range<u64>, weather: Weather) {
    let share = if weather.lost > 0 { 2 } else { 1 };
    let causes = seeds(numbers.clone(), Weather { predicts: true, hasty: 20, ..weather }).await;
    assert_eq!(causes.wrong, 0, "{causes:?}");
    assert!(causes.exact * 100 >= 90 * (causes.exact + causes.vague), "{causes:?}");
    assert!(causes.undone * share >= numbers.count(), "{causes:?}");
}

#[tokio::test]
async fn what_is_opened_and_closed_before_anybody_looks_has_the_right_ends() {
    hasty(600..605, FAIR).await;
    hasty(600..605, FOUL).await;
}

#[tokio::test]
#[ignore = "takes minutes: ./scripts/test --full"]
async fn whatever_is_opened_and_closed_before_anybody_looks_has_the_right_ends() {
    hasty(4_000..4_050, FAIR).await;
}

#[tokio::test]
#[ignore = "takes minutes: ./scripts/test --full"]
async fn whatever_is_opened_and_closed_in_foul_weather_has_the_right_ends() {
    hasty(4_000..4_050, FOUL).await;
}

#[tokio::test]
#[ignore = "takes minutes: ./scripts/test --full"]
async fn wherever_processes_die_they_leave_the_truth_behind() {
    dying(2_000..2_050, FAIR).await;
    dying(2_050..2_060, FOUL).await;
}

/// The whole stream in another order, and all of it twice.
async fn shuffled(numbers: std::ops::Range<u64>) {
    let shuffled = Weather { shuffled: Duration::from_mins(30), duplicated: 100, ..FAIR };
    let mut sum = Causes::default();
    for seed in numbers.filter(|seed| is_wanted(*seed)) {
        let (one, other) = (run(seed, FAIR).await, run(seed, shuffled).await);
        show(seed, &other).await;
        assert_eq!(truth::tables(&one).await, truth::tables(&other).await, "seed {seed}");
        sum += causes(seed, &other).await;
    }
    println!("{sum:?}");
    assert_eq!(sum.wrong, 0, "{sum:?}");
    assert!(sum.exact * 100 >= 90 * (sum.exact + sum.vague), "{sum:?}");
}

#[tokio::test]
async fn the_order_of_arrival_and_repetitions_do_not_change_the_tables() {
    shuffled(400..405).await;
}

#[tokio::test]
#[ignore = "takes minutes: ./scripts/test --full"]
async fn no_order_of_arrival_changes_the_tables() {
    shuffled(3_000..3_050).await;
}

#[tokio::test]
async fn what_no_event_explains_is_told_as_such() {
    for seed in 200..205 {
        let ran = run(seed, Weather { drifts: 3, ..FAIR }).await;
        truth::drifts_are_told(seed, &ran).await;
    }
}

/// Asks for nothing, as often as it is told to, and then takes what it is asked.
#[derive(Default)]
struct Refusing {
    refuses: AtomicUsize,
    asked: AtomicUsize,
}

#[async_trait]
impl Harvests for Refusing {
    async fn ask(&self, targets: &[Target], _: Duration) -> Result<(), StoreError> {
        if self.refuses.load(Ordering::Relaxed) > 0 {
            self.refuses.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Unavailable("the queue is away".into()));
        }
        self.asked.fetch_add(targets.len(), Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn what_could_not_be_asked_for_is_asked_for_when_it_is_told_again() {
    let harvests = Arc::new(Refusing { refuses: AtomicUsize::new(1), ..Refusing::default() });
    let rows = Arc::new(catalog::resources().rows);
    let tracker = Tracker::new(rows).harvesting(Arc::clone(&harvests) as _, Duration::from_secs(3));
    let (detector, _) = Detector::new([], &Settings::default());
    let store = Arc::new(Memory::default());
    let began = "2026-11-20T08:00:00Z".parse().unwrap();
    let clock = Arc::new(SimulatedClock(Arc::new(Mutex::new(began))));
    let intake = Intake::new(detector, store, NoticePolicy::default(), clock).tracking(tracker);
    let mut world = world::World::default();
    let mut dice = world::Dice(3);
    while !world.made.first().is_some_and(|made| made.success) {
        world.made.clear();
        world.act(&mut dice, began, false);
    }
    let record = world.made[0].record.to_string();
    let message = || Message { body: record.as_bytes(), lane: "bus" };

    assert!(intake.take(message()).await.is_err(), "the message has to come again");
    intake.take(message()).await.unwrap();
    intake.take(message()).await.unwrap();

    assert_eq!(harvests.asked.load(Ordering::Relaxed), 1, "once, and then it is marked");
}

#[tokio::test]
async fn a_storm_costs_few_reads() {
    let ran = run(7, Weather { calls: 400, pace: 20, ..FAIR }).await;
    println!("{} reads of {} events", ran.harvests, ran.deliveries);
    assert!(ran.harvests * 4 < ran.deliveries, "{} reads of {} events", ran.harvests, ran.deliveries);
    inventory_is_true(7, &ran).await;
}
