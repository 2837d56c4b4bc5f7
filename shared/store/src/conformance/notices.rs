//! Notices: told once a day and channel, by one holder at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use engine::ports::{Lease, Store, StoreError};
use futures_util::future::try_join_all;
use model::{FindingId, Notice, NoticeId, NoticePolicy, Severity, Timestamp};

use super::samples::{DAY, as_bad_as, at, sighting, telling};

const MINUTE: Duration = Duration::from_mins(1);

/// Records an event at noon, and gives the one notice that it makes.
async fn one_notice(store: &dyn Store, now: Timestamp) -> Result<Notice, StoreError> {
    let one = sighting("rule", "bucket", "event", at(now, DAY / 2));
    let notice = Notice {
        id: NoticeId::new(&one.occurrence.finding_id, one.occurrence.event_time, "text"),
        finding_id: one.occurrence.finding_id.clone(),
        channel: "text".into(),
    };
    store.record(&[one], &telling(&["text"]), now).await?;
    assert_eq!(store.due_notices(now, 10).await?, std::slice::from_ref(&notice));
    Ok(notice)
}

/// Takes a notice that is free.
pub(super) async fn taken(
    store: &dyn Store,
    notice: &Notice,
    owner: &str,
    now: Timestamp,
) -> Result<Lease, StoreError> {
    let lease = store.lease(notice, owner, now, now + MINUTE).await?;
    lease.ok_or_else(|| StoreError::Conflict(format!("{owner} did not get {}", notice.id)))
}

fn is_conflict(result: &Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict(_)))
}

/// Due, held by one and by nobody else, done for ever.
pub async fn a_notice_goes_from_due_to_done(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let notice = one_notice(store, now).await?;
    let lease = taken(store, &notice, "a", now).await?;
    assert_eq!(lease, Lease { notice: notice.clone(), epoch: 1 });
    assert_eq!(store.lease(&notice, "b", now, now + MINUTE).await?, None);
    assert_eq!(store.due_notices(now, 10).await?, []);
    store.settle(&lease, None, now).await?;
    let later = now + 100 * MINUTE;
    assert_eq!(store.due_notices(later, 10).await?, []);
    assert_eq!(store.lease(&notice, "b", later, later + MINUTE).await?, None);
    Ok(())
}

/// The second event of a day is told by the notice of the first; the next day has its own.
pub async fn one_day_makes_one_notice_a_channel(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let policy = telling(&["text", "chat"]);
    let of = |event: &str, seconds| [sighting("rule", "bucket", event, at(now, seconds))];
    store.record(&of("morning", 0), &policy, now).await?;
    let first: BTreeSet<_> = store.due_notices(now, 10).await?.into_iter().map(|notice| notice.id).collect();
    assert_eq!(first.len(), 2);
    store.record(&of("evening", DAY - 1), &policy, now).await?;
    let due = store.due_notices(now, 10).await?;
    assert_eq!(due.iter().map(|notice| notice.id.clone()).collect::<BTreeSet<_>>(), first);
    for notice in &due {
        let lease = taken(store, notice, "a", now).await?;
        store.settle(&lease, None, now).await?;
    }
    store.record(&of("night", DAY - 2), &policy, now).await?;
    assert_eq!(store.due_notices(now, 10).await?, []);
    store.record(&of("next day", DAY), &policy, now).await?;
    let next: BTreeSet<_> = store.due_notices(now, 10).await?.into_iter().map(|notice| notice.id).collect();
    assert_eq!(next.len(), 2);
    assert!(next.is_disjoint(&first));
    Ok(())
}

/// Nobody hears of what is below the minimum, or when there is no channel. What is worse later is told then.
pub async fn the_policy_says_who_is_told(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let of = |event, severity| [as_bad_as(severity, sighting("rule", "bucket", event, at(now, 60)))];
    store.record(&of("1", Severity::Critical), &NoticePolicy::default(), now).await?;
    assert_eq!(store.due_notices(now, 10).await?, []);
    let policy = NoticePolicy { minimum: Some(Severity::High), ..telling(&["text"]) };
    store.record(&of("2", Severity::Medium), &policy, now).await?;
    assert_eq!(store.due_notices(now, 10).await?, []);
    store.record(&of("3", Severity::High), &policy, now).await?;
    assert_eq!(store.due_notices(now, 10).await?.len(), 1);
    Ok(())
}

/// A holder who is too slow loses the notice, and cannot speak for the next one.
pub async fn an_expired_lease_passes_to_the_next_holder(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let notice = one_notice(store, now).await?;
    let slow = taken(store, &notice, "slow", now).await?;
    let expiry = now + MINUTE;
    assert_eq!(store.lease(&notice, "early", expiry - Duration::from_secs(1), expiry + MINUTE).await?, None);
    assert_eq!(store.due_notices(expiry, 10).await?, std::slice::from_ref(&notice));
    let next = taken(store, &notice, "next", expiry).await?;
    assert_eq!(next.epoch, 2);
    assert!(is_conflict(&store.settle(&slow, None, expiry).await));
    assert!(is_conflict(&store.settle(&slow, Some("refused"), expiry).await));
    assert!(is_conflict(&store.release(&slow, expiry).await));
    assert_eq!(store.due_notices(expiry, 10).await?, []);
    store.settle(&next, None, expiry).await?;
    assert!(is_conflict(&store.release(&slow, expiry).await));
    assert_eq!(store.due_notices(expiry + MINUTE, 10).await?, []);
    Ok(())
}

/// Given back, it is due at the time that was said, not before, and not to be taken before.
pub async fn a_released_notice_is_due_later(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let notice = one_notice(store, now).await?;
    let lease = taken(store, &notice, "a", now).await?;
    let (before, retry) = (now + 5 * MINUTE, now + 10 * MINUTE);
    store.release(&lease, retry).await?;
    assert_eq!(store.due_notices(before, 10).await?, []);
    assert_eq!(store.lease(&notice, "b", before, retry).await?, None);
    assert!(is_conflict(&store.settle(&lease, None, before).await));
    assert_eq!(store.due_notices(retry, 10).await?, std::slice::from_ref(&notice));
    assert_eq!(taken(store, &notice, "b", retry).await?.epoch, 2);
    Ok(())
}

/// A channel that will never take it is not asked again.
pub async fn a_refused_notice_is_over(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let notice = one_notice(store, now).await?;
    let lease = taken(store, &notice, "a", now).await?;
    store.settle(&lease, Some("the topic does not exist"), now).await?;
    let later = now + 100 * MINUTE;
    assert_eq!(store.due_notices(later, 10).await?, []);
    assert_eq!(store.lease(&notice, "b", later, later + MINUTE).await?, None);
    assert!(is_conflict(&store.release(&lease, later).await));
    Ok(())
}

/// A step whose answer was lost is done again by who did it. A late step of an expired lease counts while nobody
/// else took the notice.
pub async fn steps_may_be_repeated(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let notice = one_notice(store, now).await?;
    let lease = taken(store, &notice, "a", now).await?;
    store.release(&lease, now).await?;
    store.release(&lease, now).await?;
    let lease = taken(store, &notice, "a", now).await?;
    let late = now + 5 * MINUTE;
    store.settle(&lease, None, late).await?;
    store.settle(&lease, None, late).await?;
    assert!(is_conflict(&store.settle(&lease, Some("refused"), late).await));
    assert_eq!(store.due_notices(late, 10).await?, []);
    Ok(())
}

/// The oldest are told first, and only as many as asked for; what is made later is not due yet. A clock that is
/// behind may still take what it was told of.
pub async fn notices_come_oldest_first(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let mut expected = Vec::new();
    for number in [3, 1, 4, 2, 0_u32] {
        let one = [sighting("rule", &format!("scope {number}"), "event", at(now, 60))];
        store.record(&one, &telling(&["text"]), now + number * MINUTE).await?;
        expected.extend(one.map(|one| (number, one.occurrence.finding_id)));
    }
    expected.sort_unstable();
    for (limit, minutes) in [(10, 4), (2, 4), (10, 2), (1, 0), (0, 4)] {
        let due = store.due_notices(now + minutes * MINUTE, limit).await?;
        let due: Vec<_> = due.into_iter().map(|notice| notice.finding_id).collect();
        let of_then = expected.iter().filter(|(number, _)| *number <= minutes);
        assert_eq!(due, of_then.map(|(_, id)| id.clone()).take(limit).collect::<Vec<_>>());
    }
    for newest in store.due_notices(now + 4 * MINUTE, 10).await?.into_iter().skip(4) {
        assert_eq!(taken(store, &newest, "a clock that is behind", now).await?.epoch, 1);
    }
    Ok(())
}

/// No row is made by asking.
pub async fn an_unknown_notice_is_not_to_be_had(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let finding_id = FindingId::from_text("0".repeat(32));
    let notice = Notice { id: NoticeId::new(&finding_id, now, "text"), finding_id, channel: "text".into() };
    assert_eq!(store.lease(&notice, "a", now, now + MINUTE).await?, None);
    let lease = Lease { notice, epoch: 1 };
    assert!(is_conflict(&store.settle(&lease, None, now).await));
    assert!(is_conflict(&store.release(&lease, now).await));
    assert_eq!(store.due_notices(now + MINUTE, 10).await?, []);
    Ok(())
}

/// Workers who ask at the same time.
pub async fn one_of_many_gets_the_lease(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let notice = one_notice(store, now).await?;
    let owners = ["a", "b", "c", "d", "e"];
    let leases = try_join_all(owners.map(|owner| store.lease(&notice, owner, now, now + MINUTE))).await?;
    assert_eq!(leases.into_iter().flatten().collect::<Vec<_>>(), [Lease { notice, epoch: 1 }]);
    Ok(())
}
