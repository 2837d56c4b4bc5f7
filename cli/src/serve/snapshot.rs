//! The data of the page, read anew when somebody asks, but no more often than is cheap.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::ports::{Clock as _, Store, StoreError, SystemClock};
use hyper::body::Bytes;
use model::Timestamp;
use report::html;
use tokio::sync::Mutex;

use crate::page::{self, Known};

/// What was read lately serves for at least so long.
const SHORTEST: Duration = Duration::from_secs(1);

/// And for so many times as long as it took to read it, so that a large store is not read all the time.
const REST: u32 = 5;

/// The data at a time.
#[derive(Clone)]
pub(super) struct Snapshot {
    /// JSON.
    pub(super) data: Bytes,
    /// Tells it from every other data: an entity tag (RFC 9110, section 8.8.3).
    pub(super) version: String,
}

struct Kept {
    snapshot: Snapshot,
    good_until: Instant,
}

pub(super) struct Snapshots {
    store: Arc<dyn Store>,
    known: Known,
    kept: Mutex<Option<Kept>>,
}

impl Snapshots {
    pub(super) fn new(store: Arc<dyn Store>, known: Known) -> Self {
        Self { store, known, kept: Mutex::new(None) }
    }

    /// The newest data. Those who ask at the same time wait for one reading.
    pub(super) async fn newest(&self) -> Result<Snapshot, StoreError> {
        let mut kept = self.kept.lock().await;
        let began = Instant::now();
        if let Some(kept) = kept.as_ref().filter(|kept| began < kept.good_until) {
            return Ok(kept.snapshot.clone());
        }
        let before = kept.take().map(|kept| kept.snapshot);
        let snapshot = self.read(before).await?;
        let rest = SHORTEST.max(began.elapsed() * REST);
        *kept = Some(Kept { snapshot: snapshot.clone(), good_until: Instant::now() + rest });
        Ok(snapshot)
    }

    /// Reads the store. Where nothing is new, `before` stays: that it was looked at again is no news.
    async fn read(&self, before: Option<Snapshot>) -> Result<Snapshot, StoreError> {
        let gathered = page::gather(self.store.as_ref(), &self.known, SystemClock.now()).await?;
        let written = |made_at| html::report_json(&gathered.report(&self.known, made_at));
        let failure = |error: std::io::Error| StoreError::Unusable(error.to_string());
        let version = html::version(&written(Timestamp::UNIX_EPOCH).map_err(failure)?);
        match before {
            Some(before) if before.version == version => Ok(before),
            _ => {
                let data = written(SystemClock.now()).map_err(failure)?;
                Ok(Snapshot { data: Bytes::from(data), version })
            }
        }
    }
}
