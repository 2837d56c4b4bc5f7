//! Polling tells of each file once, whatever comes late, and resumes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::ingest::poll::{Notices, Polled, Poller};
use engine::ports::{Clock as _, StoreError};
use model::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use crate::World;
use crate::bucket::{BUCKET, Chain, signer};

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

#[async_trait]
impl Notices for Told {
    async fn tell(&self, notices: &[Value]) -> Result<(), StoreError> {
        for notice in notices {
            assert_eq!(notice["s3Bucket"], BUCKET);
            let keys = notice["s3ObjectKey"].as_array().unwrap().iter();
            self.0.lock().unwrap().extend(keys.map(|key| key.as_str().unwrap().to_owned()));
        }
        Ok(())
    }
}

impl Told {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn poller(world: &World) -> Poller {
    Poller::new(world.bucket.clone(), world.store.clone(), world.clock.clone(), "")
}

async fn poll(world: &World, told: &Told) -> Polled {
    poller(world).poll(told, Timestamp::MAX).await.unwrap()
}

#[tokio::test]
async fn a_file_is_told_of_once_and_files_that_come_late_are_too() {
    let world = World::at("2026-03-02T00:40:00Z");
    let told = Told::default();
    let old = world.bucket.write("20260301T1200", "a", &[]);
    let first = world.bucket.write("20260301T2350", "m", &[]);
    let second = world.bucket.write("20260302T0035", "m", &[]);
    assert_eq!(poll(&world, &told).await.files, 2);
    assert_eq!(told.take(), [first, second], "from both days, and nothing from before");
    assert_eq!(poll(&world, &told).await.files, 0);

    world.clock.set("2026-03-02T00:45:00Z");
    let beside = world.bucket.write("20260302T0035", "a", &[]);
    let late = world.bucket.write("20260301T2310", "z", &[]);
    poll(&world, &told).await;
    assert_eq!(told.take(), [late, beside]);
    assert!(!told.take().contains(&old));
}

#[tokio::test]
async fn digests_are_told_of_and_looked_for_seldom() {
    let world = World::at("2026-03-01T10:05:00Z");
    let told = Told::default();
    let file = world.bucket.write("20260301T0915", "a", &[]);
    let mut chain = Chain::default();
    let digest = chain.digest(&world.bucket, 10, std::slice::from_ref(&file), &signer());
    assert_eq!(poll(&world, &told).await, Polled { folders: 2, files: 2, left: 0 });
    assert_eq!(told.take().into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([digest, file]));
    world.clock.set("2026-03-01T10:10:00Z");
    assert_eq!(poll(&world, &told).await.folders, 1);
    world.clock.set("2026-03-01T10:40:00Z");
    assert_eq!(poll(&world, &told).await.folders, 2);
}

#[tokio::test]
async fn what_a_pause_left_behind_is_caught_up_with() {
    let world = World::at("2026-03-01T10:05:00Z");
    let told = Told::default();
    world.bucket.write("20260301T1000", "a", &[]);
    poll(&world, &told).await;
    told.take();
    let missed: Vec<String> = ["20260301T1100", "20260302T0300", "20260303T2300"]
        .iter()
        .map(|stamp| world.bucket.write(stamp, "a", &[]))
        .collect();
    world.clock.set("2026-03-04T09:00:00Z");
    poll(&world, &told).await;
    assert_eq!(told.take(), missed);
}

#[tokio::test]
async fn a_run_without_time_leaves_its_folders_to_the_next() {
    let world = World::at("2026-03-01T10:05:00Z");
    let told = Told::default();
    let file = world.bucket.write("20260301T1000", "a", &[]);
    let now = world.clock.now();
    let polled = poller(&world).poll(&told, now).await.unwrap();
    assert_eq!((polled, told.take()), (Polled { folders: 0, files: 0, left: 1 }, Vec::new()));
    assert_eq!(poll(&world, &told).await.left, 0);
    assert_eq!(told.take(), [file]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Files that appear up to two hours after their stamp, in any order, are each told of once.
    #[test]
    fn every_file_is_told_of_exactly_once(
        files in prop::collection::vec((0u32..1200, 0u32..120, "[a-z]{4}"), 1..25),
    ) {
        let world = World::at("2026-03-01T04:00:00Z");
        let told = Told::default();
        let start: Timestamp = world.clock.now();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut written = BTreeSet::new();
        for tick in 0..(1330 / 5) {
            let minute = tick * 5;
            let now = start + std::time::Duration::from_mins(minute);
            world.clock.set(&now.to_string());
            for (stamp, delay, random) in &files {
                if u64::from((stamp + delay) / 5) == tick {
                    let at = start + std::time::Duration::from_mins(u64::from(*stamp));
                    let text: String =
                        at.to_string().chars().take(16).filter(|char| !matches!(char, '-' | ':')).collect();
                    written.insert(world.bucket.write(&text, random, &[]));
                }
            }
            runtime.block_on(poll(&world, &told));
        }
        let told = told.take();
        let once: BTreeSet<String> = told.iter().cloned().collect();
        prop_assert_eq!(told.len(), once.len());
        prop_assert_eq!(once, written);
    }
}

#[test]
fn the_poller_is_debug() {
    let world = World::at("2026-03-01T10:05:00Z");
    assert!(format!("{:?}", Arc::new(poller(&world))).contains("Poller"));
}
