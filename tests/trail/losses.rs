//! What the bus lost is counted, place by place and hour by hour, and judged from the files all the same.

use engine::ingest::losses::{Loss, losses};
use engine::intake::Message;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::bucket::{ACCOUNT, REGION};
use crate::{World, stopped};

async fn bring(world: &World, record: &Value) {
    let event = json!({
        "source": "aws.cloudtrail", "detail-type": "AWS API Call via CloudTrail", "account": ACCOUNT,
        "region": REGION, "detail": record,
    });
    let body = event.to_string();
    world.bus.take(Message { body: body.as_bytes(), lane: "bus" }).await.unwrap();
}

fn loss(hour: &str, expected: usize, lost: usize, on_bus: bool) -> Loss {
    Loss { hour: hour.into(), account: ACCOUNT.into(), region: REGION.into(), expected, lost, on_bus }
}

/// `record` with other values.
fn but(record: &Value, changes: &[(&str, Value)]) -> Value {
    let mut record = record.clone();
    for (key, value) in changes {
        record[key] = value.clone();
    }
    record
}

#[tokio::test]
async fn what_did_not_come_on_the_bus_is_counted_once_and_judged() {
    let world = World::at("2026-03-01T09:20:00Z");
    let [came, lost] = ["came", "lost"].map(|id| stopped(id, "2026-03-01T09:01:00Z"));
    bring(&world, &came).await;
    bring(&world, &came).await;
    world.bus.leave_seen().await.unwrap();
    let read = but(&stopped("read", "2026-03-01T09:02:00Z"), &[("readOnly", json!(true))]);
    let data = but(
        &stopped("data", "2026-03-01T09:02:00Z"),
        &[("managementEvent", json!(false)), ("eventCategory", json!("Data"))],
    );
    let noise =
        but(&stopped("noise", "2026-03-01T09:02:00Z"), &[("eventName", json!("UpdateInstanceInformation"))]);
    let key = world.bucket.write("20260301T0905", "x", &[came.clone(), lost.clone(), read, data, noise]);
    world.ingest.key(&key).await.unwrap();
    assert_eq!(world.found().await.len(), 5 - 1, "the lost one was judged, as were the others but the noise");

    assert_eq!(world.ingest.settle().await.unwrap(), [], "the hour is not over");
    world.clock.set("2026-03-01T10:31:00Z");
    let expected = loss("2026-03-01T09", 2, 1, true);
    assert_eq!(world.ingest.settle().await.unwrap(), [(expected.clone(), 0)]);
    assert_eq!(world.ingest.settle().await.unwrap(), [], "it is told once");
    assert!(world.found().await.contains(&"trail-events-lost medium".to_owned()));

    bring(&world, &lost).await;
    world.bus.leave_seen().await.unwrap();
    let mended = loss("2026-03-01T09", 2, 0, true);
    assert_eq!(world.ingest.settle().await.unwrap(), [(mended.clone(), 1)], "it came late");
    assert_eq!(losses(world.store.as_ref()).await.unwrap(), [mended]);
}

#[tokio::test]
async fn where_no_bus_brings_anything_nothing_is_lost() {
    let world = World::at("2026-03-01T10:31:00Z");
    let key = world.bucket.write("20260301T0905", "x", &[stopped("one", "2026-03-01T09:01:00Z")]);
    world.ingest.key(&key).await.unwrap();
    let counted = world.ingest.settle().await.unwrap();
    assert_eq!(counted, [(loss("2026-03-01T09", 1, 0, false), 0)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the bus drops, and however both sides are cut into batches, the count is what was dropped.
    #[test]
    fn the_count_is_what_was_dropped(events in prop::collection::vec((0u8..3, any::<bool>(), 0u8..4), 1..40)) {
        let world = World::at("2026-03-01T12:40:00Z");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let records: Vec<(Value, u8, bool, u8)> = events
            .iter()
            .enumerate()
            .map(|(number, (hour, dropped, batch))| {
                let time = format!("2026-03-01T{:02}:10:00Z", 9 + hour);
                (stopped(&format!("{number}"), &time), *hour, *dropped, *batch)
            })
            .collect();
        let counted = runtime.block_on(async {
            for batch in 0..4 {
                for (record, ..) in records.iter().filter(|(_, _, dropped, of)| !dropped && *of == batch) {
                    bring(&world, record).await;
                }
                world.bus.leave_seen().await.unwrap();
                let file: Vec<Value> =
                    records.iter().filter(|(.., of)| *of == batch).map(|(record, ..)| record.clone()).collect();
                let key = world.bucket.write("20260301T1200", &format!("b{batch}"), &file);
                world.ingest.key(&key).await.unwrap();
            }
            world.ingest.settle().await.unwrap();
            losses(world.store.as_ref()).await.unwrap()
        });
        let came = records.iter().any(|(_, _, dropped, _)| !dropped);
        let dropped = records.iter().filter(|(_, _, dropped, _)| *dropped).count();
        let first = records.iter().filter(|(_, _, dropped, _)| !dropped).map(|(_, hour, ..)| *hour).min();
        let since = records.iter().filter(|(_, hour, dropped, _)| *dropped && Some(*hour) >= first).count();
        prop_assert_eq!(counted.iter().map(|loss| loss.expected).sum::<usize>(), records.len());
        prop_assert_eq!(counted.iter().map(|loss| loss.lost).sum::<usize>(), if came { since } else { 0 });
        prop_assert!(since <= dropped);
    }
}
