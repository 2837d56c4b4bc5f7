//! Which shards of a scan are done.

use engine::ports::{Store, StoreError};
use model::Timestamp;

/// A shard is noted once, and for its scan only.
pub async fn a_shard_is_done_once_and_for_its_scan(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (scan, shard) in [("one", "b"), ("one", "a"), ("one", "b"), ("two", "c")] {
        store.finish_shard(scan, shard, now).await?;
    }
    assert_eq!(store.finished_shards("one").await?.into_iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(store.finished_shards("two").await?.into_iter().collect::<Vec<_>>(), ["c"]);
    assert!(store.finished_shards("three").await?.is_empty());
    Ok(())
}

/// A scan that is forgotten begins anew; others are left alone.
pub async fn a_scan_can_be_forgotten(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    store.finish_shard("one", "a", now).await?;
    store.finish_shard("two", "a", now).await?;
    store.forget_shards("one").await?;
    store.forget_shards("one").await?;
    assert!(store.finished_shards("one").await?.is_empty());
    assert_eq!(store.finished_shards("two").await?.len(), 1);
    Ok(())
}
