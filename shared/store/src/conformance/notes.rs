//! What use cases keep for themselves: each note under its key, in its scope.

use std::time::Duration;

use engine::ports::{Note, Store, StoreError};
use model::Timestamp;

const DAY: Duration = Duration::from_hours(24);

fn note(key: &str, doc: &str) -> Note {
    Note { key: key.into(), doc: doc.into() }
}

/// A note is found under its key, in its scope only.
pub async fn a_note_stands_in_its_scope(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    store.write_notes("one", &[note("b", "2"), note("a", "\u{1f980}\n\"")], DAY, now).await?;
    store.write_notes("two", &[note("a", "other")], DAY, now).await?;
    assert_eq!(store.note("one", "a").await?.as_deref(), Some("\u{1f980}\n\""));
    assert_eq!(store.note("one", "c").await?, None);
    assert_eq!(store.note("three", "a").await?, None);
    assert_eq!(store.notes("one").await?, [note("a", "\u{1f980}\n\""), note("b", "2")]);
    assert_eq!(store.notes("three").await?, []);
    Ok(())
}

/// The last word stands.
pub async fn a_note_is_written_over(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    store.write_notes("one", &[note("a", "1"), note("b", "1")], DAY, now).await?;
    store.write_notes("one", &[note("a", "2")], DAY, now).await?;
    assert_eq!(store.notes("one").await?, [note("a", "2"), note("b", "1")]);
    Ok(())
}

/// More than one page of a database, and long ones.
pub async fn many_notes_come_back_in_order(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let long = |number: usize| format!("{number}{}", "x".repeat(20_000));
    let notes: Vec<Note> = (0..120).map(|number| note(&format!("{number:03}"), &long(number))).collect();
    let mut shuffled = notes.clone();
    shuffled.rotate_left(77);
    store.write_notes("one", &shuffled, DAY, now).await?;
    assert_eq!(store.notes("one").await?, notes);
    Ok(())
}
