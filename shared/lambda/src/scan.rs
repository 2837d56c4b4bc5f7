//! SCAN: jobs from the queue, each within its time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws::Reader;
use engine::scan::{Job, Scanner};

use crate::batch::{Batch, BatchResponse};
use crate::jobs::{Accounts, JobQueue};

/// A shard is begun only when there is so much time left.
const ENOUGH: Duration = Duration::from_mins(2);

/// The function, once it has booted.
#[derive(Debug)]
pub struct Scan {
    scanner: Scanner,
    reader: Arc<Reader>,
    accounts: Accounts,
    queue: JobQueue,
}

impl Scan {
    /// Scans with `scanner` what `reader` may read.
    pub fn new(scanner: Scanner, reader: Arc<Reader>, accounts: Accounts, queue: JobQueue) -> Self {
        Self { scanner, reader, accounts, queue }
    }

    /// Does the jobs of a batch. What fails comes again; what there is no time for goes back to the queue.
    ///
    /// # Errors
    /// When the payload is no batch of a queue.
    pub async fn handle(
        &self,
        payload: &[u8],
        deadline: SystemTime,
    ) -> Result<BatchResponse, serde_json::Error> {
        let batch: Batch = serde_json::from_slice(payload)?;
        let mut response = BatchResponse::default();
        for message in batch.records {
            if let Err(problem) = self.job(&message.body, deadline).await {
                tracing::warn!(message_id = message.message_id, problem, "a job failed and comes again");
                response.fail(&message.message_id);
            }
        }
        Ok(response)
    }

    async fn job(&self, body: &str, deadline: SystemTime) -> Result<(), String> {
        let job: Job =
            serde_json::from_str(body).map_err(|error| format!("this is no job of a scan: {error}"))?;
        self.accounts.enter(&self.reader, &job.scene.account).await;
        let goes_on = || deadline.duration_since(SystemTime::now()).is_ok_and(|left| left > ENOUGH);
        let reader: Arc<dyn engine::ports::Aws> = Arc::<Reader>::clone(&self.reader);
        let worked = self.scanner.work(&job, reader, goes_on).await.map_err(|error| error.to_string())?;
        tracing::info!(
            scan = job.scan,
            account = job.scene.account,
            shards = worked.done,
            resources = worked.resources,
            findings = worked.findings,
            new = worked.new,
            resolved = worked.resolved,
            unknown = worked.unknown,
            left = worked.left.len(),
            "scanned"
        );
        if worked.left.is_empty() {
            return Ok(());
        }
        let rest = Job { shards: worked.left, ..job };
        self.queue.send(&[rest]).await.map_err(|error| error.to_string())
    }
}
