//! What rules over several events keep: entries by time, each once, of a class the first.

use std::time::Duration;

use engine::ports::{Entry, Store, StoreError, Window};
use futures_util::future::join;
use model::{Timestamp, WindowId};

use super::samples::at;

fn entry(now: Timestamp, second: u64, id: &str, class: &str) -> Entry {
    Entry {
        id: id.into(),
        time: at(now, second),
        class: class.into(),
        doc: format!("{{\"\u{1f980}\":\"{id}\"}}"),
    }
}

/// A window of one group that asks for the whole day.
fn window(now: Timestamp, group: &str, entries: Vec<Entry>) -> Window {
    Window {
        id: WindowId::new("rule", &[group.to_owned()]),
        entries,
        limit: 100,
        asked: Some((at(now, 0), at(now, 86_400))),
        most: 1000,
        stay: Duration::from_hours(1),
    }
}

async fn one(store: &dyn Store, window: Window, now: Timestamp) -> Result<Vec<Entry>, StoreError> {
    let mut told = store.observe(&[window], now).await?;
    assert_eq!(told.len(), 1);
    Ok(told.remove(0))
}

/// No windows, no entries, no questions.
pub async fn nothing_asked_is_nothing_told(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    assert_eq!(store.observe(&[], now).await?, Vec::<Vec<Entry>>::new());
    assert_eq!(one(store, window(now, "a", Vec::new()), now).await?, []);
    let kept = Window { asked: None, ..window(now, "a", vec![entry(now, 5, "x", "")]) };
    assert_eq!(one(store, kept.clone(), now).await?, []);
    assert_eq!(one(store, Window { entries: Vec::new(), ..kept.clone() }, now).await?, []);
    assert_eq!(one(store, window(now, "a", Vec::new()), now).await?, kept.entries);
    Ok(())
}

/// However they arrive.
pub async fn entries_come_back_in_the_order_of_time(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let of = |second, id| entry(now, second, id, "");
    one(store, window(now, "a", vec![of(30, "a"), of(10, "c")]), now).await?;
    let told = one(store, window(now, "a", vec![of(20, "b"), of(10, "b")]), now).await?;
    assert_eq!(told, [of(10, "b"), of(10, "c"), of(20, "b"), of(30, "a")]);
    Ok(())
}

/// In one call and in the next.
pub async fn the_same_entry_again_changes_nothing(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let twice = window(now, "a", vec![entry(now, 10, "a", ""), entry(now, 10, "a", "")]);
    let first = one(store, twice.clone(), now).await?;
    assert_eq!(first.len(), 1);
    assert_eq!(one(store, twice, now).await?, first);
    Ok(())
}

/// Many windows in one call, each with its own.
pub async fn windows_do_not_mix(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let windows: Vec<_> = (0..40)
        .map(|number| {
            let id = format!("e{number}");
            window(now, &format!("group {number}"), vec![entry(now, number, &id, "")])
        })
        .collect();
    let told = store.observe(&windows, now).await?;
    for (window, told) in windows.iter().zip(&told) {
        assert_eq!(told, &window.entries);
    }
    Ok(())
}

/// Both ends are included.
pub async fn only_what_is_asked_is_told(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let all = (0..6).map(|second| entry(now, second, "e", "")).collect();
    one(store, window(now, "a", all), now).await?;
    let asked = Window { asked: Some((at(now, 2), at(now, 4))), ..window(now, "a", Vec::new()) };
    let times: Vec<_> = one(store, asked, now).await?.into_iter().map(|entry| entry.time).collect();
    assert_eq!(times, [at(now, 2), at(now, 3), at(now, 4)]);
    Ok(())
}

/// Others may be there as well, but the first always are, and other classes lose nothing.
pub async fn of_a_class_the_first_are_kept(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let of = |second: u64, class: &str| entry(now, second, &format!("e{second}"), class);
    let limited = |entries| Window { limit: 3, ..window(now, "a", entries) };
    for second in [9, 8, 7, 6, 5, 1, 2] {
        one(store, limited(vec![of(second, "noisy")]), now).await?;
    }
    let told = one(store, limited(vec![of(20, "quiet"), of(21, "noisy")]), now).await?;
    for first in [of(1, "noisy"), of(2, "noisy"), of(5, "noisy"), of(20, "quiet")] {
        assert!(told.contains(&first), "{first:?} is not among {told:?}");
    }
    assert!(!told.contains(&of(21, "noisy")), "what comes behind a full class is left out");
    Ok(())
}

/// So many, and the first.
pub async fn an_answer_has_an_end(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let all = (0..20).map(|second| entry(now, second, "e", "")).collect();
    let told = one(store, Window { most: 5, ..window(now, "a", all) }, now).await?;
    assert_eq!(told.len(), 5);
    assert_eq!(told.last().map(|entry| entry.time), Some(at(now, 4)));
    Ok(())
}

/// Otherwise both would think that nothing is complete.
pub async fn of_two_at_once_one_is_told_of_both(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    for round in 0..10 {
        let group = format!("group {round}");
        let call = |id| one(store, window(now, &group, vec![entry(now, 10, id, "")]), now);
        let (a, b) = join(call("a"), call("b")).await;
        assert_eq!(a?.len().max(b?.len()), 2);
    }
    Ok(())
}
