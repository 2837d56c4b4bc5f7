//! Closing: what somebody has dealt with is over until it happens again.

use engine::ports::{Store, StoreError};
use model::{Closing, FindingId, NoticePolicy, Severity, Status, Timestamp};

use super::notices::taken;
use super::posture::bad;
use super::samples::{as_bad_as, at, sighting, telling};

fn by_ada(time: Timestamp) -> Closing {
    Closing { at: time, by: "arn:aws:iam::111111111111:user/ada".into(), reason: "a drill; \u{1f600}".into() }
}

/// Who closed it and why stays with it, and nothing else changes.
pub async fn what_is_closed_says_by_whom_and_why(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = sighting("rule", "bucket", "event", at(now, 60));
    let id = event.occurrence.finding_id.clone();
    store.record(&[event], &NoticePolicy::default(), now).await?;
    let before = store.finding(&id).await?;
    let closed = store.close(&id, &by_ada(at(now, 90))).await?;
    assert_eq!(closed.as_ref().map(|finding| finding.status), Some(Status::Resolved));
    assert_eq!(closed.as_ref().and_then(|finding| finding.closed.clone()), Some(by_ada(at(now, 90))));
    assert_eq!(store.finding(&id).await?, closed);
    let as_before = closed.map(|finding| model::Finding { status: Status::Open, closed: None, ..finding });
    assert_eq!(as_before, before);
    Ok(())
}

/// There is nothing to close twice, nothing where there is no finding, and nothing about a resource.
pub async fn only_what_is_open_and_about_events_can_be_closed(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = sighting("rule", "bucket", "event", at(now, 60));
    let id = event.occurrence.finding_id.clone();
    assert_eq!(store.close(&id, &by_ada(now)).await?, None);
    store.record(&[event], &NoticePolicy::default(), now).await?;
    assert!(store.close(&id, &by_ada(at(now, 90))).await?.is_some());
    assert_eq!(store.close(&id, &by_ada(at(now, 95))).await?, None);
    assert_eq!(store.finding(&id).await?.and_then(|finding| finding.closed), Some(by_ada(at(now, 90))));

    let public = bad("bucket", at(now, 60));
    store.assess(std::slice::from_ref(&public), &NoticePolicy::default(), now).await?;
    assert_eq!(store.close(&public.finding_id(), &by_ada(now)).await?, None);
    Ok(())
}

/// Another event opens it again, even one that happened before and came late: whoever closed it did not know of it. One
/// that was known does not.
pub async fn what_happens_again_is_open_again(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let of = |event: &str, seconds| sighting("rule", "bucket", event, at(now, seconds));
    let id = of("first", 60).occurrence.finding_id;
    let status = async |event: &str, seconds| {
        store.record(&[of(event, seconds)], &NoticePolicy::default(), now).await?;
        let finding = store.finding(&id).await?;
        Ok::<_, StoreError>(finding.map(|finding| (finding.status, finding.count, finding.closed.is_some())))
    };
    assert_eq!(status("first", 60).await?, Some((Status::Open, 1, false)));
    store.close(&id, &by_ada(at(now, 90))).await?;
    assert_eq!(status("first", 60).await?, Some((Status::Resolved, 1, true)));
    assert_eq!(status("late", 30).await?, Some((Status::Open, 2, true)));
    store.close(&id, &by_ada(at(now, 100))).await?;
    assert_eq!(status("again", 120).await?, Some((Status::Open, 3, true)));
    Ok(())
}

/// Those who were told of it are told of its end, and told again if it happens again, on the same day, too.
pub async fn whoever_was_told_is_told_of_the_end(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let of = |event: &str, severity, seconds| {
        as_bad_as(severity, sighting("rule", "bucket", event, at(now, seconds)))
    };
    let policy = NoticePolicy { minimum: Some(Severity::High), ..telling(&["chat", "text"]) };
    let first = of("first", Severity::High, 60);
    let id: FindingId = first.occurrence.finding_id.clone();
    let mut told = Vec::new();
    let mut due = async |what: &str| {
        for notice in store.due_notices(at(now, 300), 10).await? {
            let lease = taken(store, &notice, "a", at(now, 300)).await?;
            store.settle(&lease, None, at(now, 300)).await?;
            told.push(format!("{what} {}: {}", notice.channel, if notice.is_end() { "over" } else { "so" }));
        }
        Ok::<_, StoreError>(())
    };
    store.record(&[first], &policy, at(now, 60)).await?;
    due("opened").await?;
    store.close(&id, &by_ada(at(now, 90))).await?;
    due("closed").await?;
    store.record(&[of("again", Severity::High, 120)], &policy, at(now, 60)).await?;
    store.record(&[of("once more", Severity::High, 125)], &policy, at(now, 60)).await?;
    due("again").await?;
    store.close(&id, &by_ada(at(now, 150))).await?;
    due("closed again").await?;
    // Nobody is told of what is not bad enough, nor of its end.
    store.record(&[of("lesser", Severity::Low, 160)], &policy, at(now, 60)).await?;
    store.close(&id, &by_ada(at(now, 170))).await?;
    due("lesser").await?;
    told.sort();
    let mut expected: Vec<String> = ["chat", "text"]
        .iter()
        .flat_map(|channel| {
            ["opened C: so", "closed C: over", "again C: so", "closed again C: over"]
                .map(|line| line.replace('C', channel))
        })
        .collect();
    expected.sort();
    assert_eq!(told, expected);
    Ok(())
}
