//! Digests: who goes out one by one, and what is told together.

use std::collections::BTreeSet;
use std::time::Duration;

use engine::ports::{Store, StoreError};
use futures_util::future::try_join_all;
use model::{Line, Notice, NoticeId, Timestamp};

use super::notices::taken;
use super::samples::{at, sighting};

const MINUTE: Duration = Duration::from_mins(1);

fn id(number: usize) -> NoticeId {
    NoticeId::from_text(format!("notice-{number:05}"))
}

/// A line about a finding of its own.
fn line(now: Timestamp, number: usize) -> Line {
    let finding = model::Finding::open(&sighting("rule", &number.to_string(), "event", at(now, 60)));
    let notice = Notice { id: id(number), finding_id: finding.id.clone(), channel: "text".into() };
    Line::of(&notice, &finding)
}

/// Whoever has a place has it on every try; the others never get one.
pub async fn the_first_have_places_and_keep_them(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    for _ in 0..2 {
        for number in 0..5 {
            assert_eq!(store.admit("text 1", &id(number), 3, now).await?, number < 3, "{number}");
        }
    }
    assert!(store.admit("text 2", &id(4), 3, now).await?);
    assert!(!store.admit("text 3", &id(4), 0, now).await?);
    assert!(store.admit("text 1", &id(0), 3, now + MINUTE).await?);
    Ok(())
}

/// Workers who ask at the same time.
pub async fn of_many_at_once_no_more_are_admitted(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ids: Vec<NoticeId> = (0..20).map(id).collect();
    let admitted = try_join_all(ids.iter().map(|id| store.admit("text", id, 4, now))).await?;
    assert_eq!(admitted.into_iter().filter(|is| *is).count(), 4);
    Ok(())
}

/// A line that is added again is one line, and digests do not mix.
pub async fn lines_come_back_once(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let due = now + 10 * MINUTE;
    let (text, chat) = (Notice::of_digest("text", due), Notice::of_digest("chat", due));
    let [one, two, three] = [0, 1, 2].map(|number| line(now, number));
    let all = [one.clone(), two.clone(), three.clone()];
    assert!(store.bundle(&text, due, &[two.clone(), three], now).await?);
    assert!(store.bundle(&text, due, &all, now).await?);
    assert!(store.bundle(&chat, due, std::slice::from_ref(&one), now).await?);
    assert_eq!(store.bundled(&text.id, 10).await?, all);
    assert_eq!(store.bundled(&text.id, 2).await?, [one.clone(), two]);
    assert_eq!(store.bundled(&chat.id, 10).await?, [one]);
    assert_eq!(store.bundled(&NoticeId::of_digest("text", now), 10).await?, []);
    Ok(())
}

/// Not to be taken before; then once.
pub async fn a_digest_is_due_when_it_was_said(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let due = now + 10 * MINUTE;
    let digest = Notice::of_digest("text", due);
    store.bundle(&digest, due, &[line(now, 1)], now).await?;
    let before = due - MINUTE;
    assert_eq!(store.due_notices(before, 10).await?, []);
    assert_eq!(store.lease(&digest, "early", before, due).await?, None);
    assert_eq!(store.due_notices(due, 10).await?, std::slice::from_ref(&digest));
    let lease = taken(store, &digest, "a", due).await?;
    store.settle(&lease, None, due).await?;
    assert_eq!(store.due_notices(due + 10 * MINUTE, 10).await?, []);
    Ok(())
}

/// Whoever reads the lines of a digest has taken it; from then on it takes no more.
pub async fn what_comes_too_late_is_told(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let digest = Notice::of_digest("text", now);
    assert!(store.bundle(&digest, now, &[line(now, 1)], now).await?);
    let lease = taken(store, &digest, "a", now).await?;
    assert!(!store.bundle(&digest, now, &[line(now, 2)], now).await?);
    store.settle(&lease, None, now).await?;
    assert!(!store.bundle(&digest, now, &[line(now, 3)], now).await?);
    Ok(())
}

/// A digest that could not be delivered is read again, so that it can take what came meanwhile.
pub async fn what_is_given_back_takes_more(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let digest = Notice::of_digest("text", now);
    store.bundle(&digest, now, &[line(now, 1)], now).await?;
    let lease = taken(store, &digest, "a", now).await?;
    store.release(&lease, now + MINUTE).await?;
    assert!(store.bundle(&digest, now, &[line(now, 2)], now).await?);
    assert_eq!(store.bundled(&digest.id, 10).await?.len(), 2);
    assert_eq!(store.due_notices(now, 10).await?, []);
    assert_eq!(store.due_notices(now + MINUTE, 10).await?, [digest]);
    Ok(())
}

/// Workers who need the same digest at the same time.
pub async fn makers_at_once_make_one_digest(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let due = now + MINUTE;
    let digest = Notice::of_digest("text", due);
    let lines: Vec<[Line; 1]> = (0..5).map(|number| [line(now, number)]).collect();
    let open = try_join_all(lines.iter().map(|line| store.bundle(&digest, due, line, now))).await?;
    assert_eq!(open, [true; 5]);
    assert_eq!(store.due_notices(due, 10).await?, std::slice::from_ref(&digest));
    assert_eq!(store.bundled(&digest.id, 10).await?.len(), 5);
    Ok(())
}

/// More lines than one request or one page holds.
pub async fn a_long_digest_comes_back_whole(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let digest = Notice::of_digest("text", now);
    let lines: Vec<Line> = (0..600).map(|number| line(now, number)).collect();
    assert!(store.bundle(&digest, now, &lines, now).await?);
    let ids: BTreeSet<NoticeId> =
        store.bundled(&digest.id, 1000).await?.into_iter().map(|line| line.notice).collect();
    assert_eq!(ids, (0..600).map(id).collect());
    Ok(())
}
