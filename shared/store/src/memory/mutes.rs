//! Mutes in memory.

use async_trait::async_trait;
use engine::ports::{KeptMutes, MuteStore, StoreError};
use model::MuteRecord;

use super::Memory;

#[async_trait]
impl MuteStore for Memory {
    async fn mutes(&self) -> Result<KeptMutes, StoreError> {
        Ok(KeptMutes { records: self.kept().mutes.values().cloned().collect(), unreadable: Vec::new() })
    }

    async fn put_mute(&self, record: &MuteRecord) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let before = kept.mutes.get(&record.mute.id).map_or(0, |record| record.revision);
        let follows = before.checked_add(1) == Some(record.revision);
        if follows {
            kept.mutes.insert(record.mute.id.clone(), record.clone());
        }
        Ok(follows)
    }
}
