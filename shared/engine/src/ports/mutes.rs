//! Where mutes are kept.

use async_trait::async_trait;
use model::MuteRecord;

use super::StoreError;

/// The mutes of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptMutes {
    /// Those that can be read, by id, also those that have ended.
    pub records: Vec<MuteRecord>,
    /// The ids of those that cannot, with the reason. They harm no other.
    pub unreadable: Vec<(String, String)>,
}

/// Keeps mutes. None is ever deleted.
#[async_trait]
pub trait MuteStore: Send + Sync {
    /// All mutes that were ever added.
    async fn mutes(&self) -> Result<KeptMutes, StoreError>;

    /// Keeps `record`, if the one that is kept has the revision before its own; the first one has revision 1. `false`:
    /// it has not, and nothing changed.
    async fn put_mute(&self, record: &MuteRecord) -> Result<bool, StoreError>;
}
