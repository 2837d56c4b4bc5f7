//! Quarantine: what could not be judged is kept byte for byte.

use engine::ports::{Store, StoreError};
use model::{Poison, Timestamp};

/// Bytes that do not compress and are no text.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    })
    .flatten()
    .take(length)
    .collect()
}

/// From nothing to one MiB, the most that any lane delivers, and around the edges of pieces.
pub async fn bytes_come_back_as_they_were(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    for length in [0, 1, 349_999, 350_000, 350_001, 1024 * 1024] {
        let poison = Poison::new(&noise(length), "not JSON: \0 \u{1f980}", "queue".into(), now);
        assert!(store.quarantine(&poison).await?, "{length}");
        let kept = store.quarantined(&poison.sha256).await?;
        assert!(kept.as_ref() == Some(&poison), "{length} bytes come back otherwise");
    }
    Ok(())
}

/// The second time is no news, whatever is said about it.
pub async fn a_record_is_kept_once(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let first = Poison::new(b"{", "not JSON", "queue".into(), now);
    let again = Poison { reason: "still not JSON".into(), ..first.clone() };
    assert!(store.quarantine(&first).await?);
    assert!(!store.quarantine(&again).await?);
    assert_eq!(store.quarantined(&first.sha256).await?, Some(first));
    Ok(())
}

/// Another digest, nothing.
pub async fn an_unknown_record_is_not_there(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    store.quarantine(&Poison::new(b"{", "not JSON", "queue".into(), now)).await?;
    assert_eq!(store.quarantined(&"0".repeat(64)).await?, None);
    Ok(())
}
