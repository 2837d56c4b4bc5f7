//! The inventory against a small AWS whose truth is known: whatever is lost, late, doubled or out of order on the way, in
//! the end the inventory is what there is, timelines are the calls, findings are true, and causes are right.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod reads;
mod run;
mod truth;
mod world;

use std::time::Duration;

use run::{Weather, run};
use truth::{Causes, causes, findings_are_true, inventory_is_true, timelines_are_the_calls};

const FAIR: Weather = Weather {
    calls: 120,
    pace: 40_000,
    lag: Duration::ZERO,
    delay: Duration::from_secs(2),
    duplicated: 0,
    lost: 0,
    throttled: 0,
    drifts: 0,
};

const FOUL: Weather = Weather {
    lag: Duration::from_secs(8),
    delay: Duration::from_secs(20),
    duplicated: 20,
    lost: 5,
    throttled: 4,
    ..FAIR
};

async fn seeds(seeds: std::ops::Range<u64>, weather: Weather) -> Causes {
    let mut sum = Causes::default();
    for seed in seeds {
        let ran = run(seed, weather).await;
        inventory_is_true(seed, &ran).await;
        timelines_are_the_calls(seed, &ran).await;
        findings_are_true(seed, &ran).await;
        sum += causes(seed, &ran).await;
        if let Ok(wanted) = std::env::var("SHOW") {
            let (number, name) = wanted.split_once(' ').unwrap();
            if number == seed.to_string() {
                truth::show(&ran, name).await;
            }
        }
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
    let causes = seeds(100..120, FOUL).await;
    // Where a read lags behind two calls that ask for the same, nobody can tell which of them it shows.
    assert!(causes.wrong * 200 <= causes.exact, "{causes:?}");
    assert!(causes.exact * 100 >= 95 * (causes.exact + causes.vague), "{causes:?}");
}

#[tokio::test]
async fn what_no_event_explains_is_told_as_such() {
    for seed in 200..205 {
        let ran = run(seed, Weather { drifts: 3, ..FAIR }).await;
        truth::drifts_are_told(seed, &ran).await;
    }
}

#[tokio::test]
async fn a_storm_costs_few_reads() {
    let ran = run(7, Weather { calls: 400, pace: 20, ..FAIR }).await;
    println!("{} reads of {} events", ran.harvests, ran.deliveries);
    assert!(ran.harvests * 4 < ran.deliveries, "{} reads of {} events", ran.harvests, ran.deliveries);
    inventory_is_true(7, &ran).await;
}
