//! Order: events come late, early, twice and in any company, and the end is the same.

use std::collections::{BTreeMap, BTreeSet};

use engine::ports::{Store, StoreError};
use model::{Finding, NoticeId, NoticePolicy, Occurrence, OccurrenceId, Severity, Sighting, Timestamp};

use super::samples::{DAY, as_bad_as, at, sighting};

/// How many sightings [`arrivals_end_the_same`] draws from.
pub const SIGHTINGS: usize = 12;

/// Three findings over three days, of all severities, with events that happened in the same second.
fn sightings(rule: &str, now: Timestamp) -> Vec<Sighting> {
    (0..)
        .zip(Severity::ALL.into_iter().cycle())
        .take(SIGHTINGS)
        .map(|(number, severity)| {
            let time = at(now, (number * 7 % 3) * DAY + (number % 4 / 2));
            let scope = format!("scope {}", number % 3);
            as_bad_as(severity, sighting(rule, &scope, &format!("event {number}"), time))
        })
        .collect()
}

/// What the store has to hold of one finding.
fn expected(sightings: &[&Sighting]) -> Option<(Finding, Vec<Occurrence>)> {
    let distinct: BTreeMap<(Timestamp, &OccurrenceId), &Occurrence> = sightings
        .iter()
        .map(|one| ((one.occurrence.event_time, &one.occurrence.id), &one.occurrence))
        .collect();
    let occurrences: Vec<_> = distinct.values().rev().map(|&occurrence| occurrence.clone()).collect();
    let (newest, oldest) = (occurrences.first()?.clone(), occurrences.last()?);
    let finding = Finding {
        severity: occurrences.iter().map(|occurrence| occurrence.severity).max()?,
        first_seen: oldest.event_time,
        last_seen: newest.event_time,
        count: u64::try_from(occurrences.len()).ok()?,
        latest: newest,
        posture: None,
        closed: None,
        muted: None,
        ..Finding::open(sightings.first()?)
    };
    Some((finding, occurrences))
}

/// Records the sightings with these numbers (below [`SIGHTINGS`]), one call for each batch, and compares what the
/// store holds with what the sightings say. `rule` keeps apart what is recorded into one store.
pub async fn arrivals_end_the_same(
    store: &dyn Store,
    now: Timestamp,
    rule: &str,
    batches: &[Vec<usize>],
) -> Result<(), StoreError> {
    let samples = sightings(rule, now);
    let policy =
        NoticePolicy { channels: vec!["text".into(), "chat".into()], minimum: Some(Severity::Medium) };
    let mut arrived: BTreeMap<_, Vec<&Sighting>> = BTreeMap::new();
    for batch in batches {
        let batch: Vec<_> = batch.iter().filter_map(|&number| samples.get(number)).collect();
        for &one in &batch {
            arrived.entry(&one.occurrence.finding_id).or_default().push(one);
        }
        store.record(&batch.into_iter().cloned().collect::<Vec<_>>(), &policy, now).await?;
    }

    let mut told: BTreeSet<NoticeId> = BTreeSet::new();
    for (&id, sightings) in &arrived {
        let (finding, occurrences) = expected(sightings).unzip();
        let found = store.finding(id).await?;
        assert_eq!(serde_json::to_string(&found).ok(), serde_json::to_string(&finding).ok());
        assert_eq!(Some(store.occurrences(id, 100).await?), occurrences);
        let loud = sightings.iter().filter(|one| one.occurrence.severity >= Severity::Medium);
        told.extend(loud.flat_map(|one| {
            ["text", "chat"].map(|channel| NoticeId::new(id, one.occurrence.event_time, channel))
        }));
    }
    let due = store.due_notices(now, usize::MAX).await?;
    let of_these = due.into_iter().filter(|notice| arrived.contains_key(&notice.finding_id));
    assert_eq!(of_these.map(|notice| notice.id).collect::<BTreeSet<_>>(), told);
    Ok(())
}

/// Forwards, backwards, twice, all in one call, and shuffled: a few that are easy to read. Tests draw many more.
pub async fn arrivals_in_any_order_end_the_same(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let forwards: Vec<_> = (0..SIGHTINGS).collect();
    let backwards: Vec<_> = (0..SIGHTINGS).rev().collect();
    let shuffled: Vec<_> = (0..2 * SIGHTINGS).map(|place| place * 5 % SIGHTINGS).collect();
    let each_alone = |order: &[usize]| order.iter().map(|&number| vec![number]).collect::<Vec<_>>();
    let orders = [
        ("forwards", each_alone(&forwards)),
        ("backwards", each_alone(&backwards)),
        ("twice", vec![forwards.clone(), backwards.clone()]),
        ("at once", vec![forwards]),
        ("at once, backwards", vec![backwards]),
        ("shuffled", shuffled.chunks(5).map(<[usize]>::to_vec).collect()),
    ];
    for (rule, batches) in orders {
        arrivals_end_the_same(store, now, rule, &batches).await?;
    }
    Ok(())
}
