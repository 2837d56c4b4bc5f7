//! INGEST: the files of a trail, as notices name them; and, by schedule, polling for new ones and counting losses.

use std::time::{Duration, SystemTime};

use engine::ingest::losses::Loss;
use engine::ingest::poll::{PollError, Poller};
use engine::ingest::{Became, File, Ingest as Files, IngestError, Named, files};
use engine::ports::{StoreError, TrailError};
use model::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::batch::{Batch, BatchResponse};
use crate::jobs::JobQueue;

/// Polling ends so long before the function's time does.
const RESERVE: Duration = Duration::from_secs(30);

/// The function, once it has booted.
#[derive(Debug)]
pub struct Ingest {
    files: Files,
    poller: Option<(Poller, JobQueue)>,
}

/// What a schedule asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Work {
    /// Looking for new files.
    Poll,
    /// Counting what the buses lost.
    Losses,
}

#[derive(Debug, Deserialize)]
struct Scheduled {
    work: Work,
}

/// Why scheduled work was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The payload is neither a batch of a queue nor scheduled work.
    #[error("this is no payload of this function: {0}")]
    Payload(#[from] serde_json::Error),
    /// Polling failed.
    #[error(transparent)]
    Poll(#[from] PollError),
    /// Counting failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no queue to tell of what is found.
    #[error("TRAILPOST_TRAIL_QUEUE is not set; the template sets it")]
    NoQueue,
}

impl Ingest {
    /// Takes in through `files`; `poller` looks for new ones.
    pub fn new(files: Files, poller: Option<(Poller, JobQueue)>) -> Self {
        Self { files, poller }
    }

    /// Takes in the files that a batch of notices names, or does what a schedule asks for. Notices whose files could not
    /// be taken in are in the answer.
    ///
    /// # Errors
    /// When the payload is neither, or scheduled work failed; the schedule tries again.
    pub async fn handle(&self, payload: &[u8], deadline: SystemTime) -> Result<BatchResponse, WorkError> {
        if let Ok(Scheduled { work }) = serde_json::from_slice(payload) {
            match work {
                Work::Poll => self.poll(deadline).await?,
                Work::Losses => self.losses().await?,
            }
            return Ok(BatchResponse::default());
        }
        Ok(self.batch(serde_json::from_slice(payload)?).await)
    }

    async fn batch(&self, batch: Batch) -> BatchResponse {
        let mut response = BatchResponse::default();
        for message in batch.records {
            let Named::Files(files) = files(&message.body) else {
                tracing::warn!(message_id = message.message_id, "this is no notice of a file");
                response.fail(&message.message_id);
                continue;
            };
            for file in files.iter().filter(|file| self.is_ours(file)) {
                match self.file(file).await {
                    Ok(()) => {}
                    Err(error @ IngestError::Trail(TrailError::Gone(_))) => {
                        tracing::error!(%error, "a file is passed over");
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a file could not be taken in and comes again");
                        response.fail(&message.message_id);
                        break;
                    }
                }
            }
        }
        response
    }

    /// Files of other buckets are nobody's word.
    fn is_ours(&self, file: &File) -> bool {
        let is_ours = file.bucket == self.files.trail().bucket();
        if !is_ours {
            tracing::warn!(bucket = file.bucket, "a notice names another bucket and is passed over");
        }
        is_ours
    }

    async fn file(&self, file: &File) -> Result<(), IngestError> {
        let key = &file.key;
        match self.files.key(key).await? {
            Became::Known => tracing::debug!(key, "taken in before"),
            Became::Taken(taken) => tracing::info!(
                key,
                records = taken.records,
                problems = taken.problems,
                sightings = taken.sightings,
                new = taken.new,
                "taken in"
            ),
            Became::Checked { files, late, breaches } => {
                tracing::info!(key, files, late, breaches, "checked");
            }
        }
        Ok(())
    }

    async fn poll(&self, deadline: SystemTime) -> Result<(), WorkError> {
        let (poller, queue) = self.poller.as_ref().ok_or(WorkError::NoQueue)?;
        let deadline = Timestamp::try_from(deadline).unwrap_or(Timestamp::MAX);
        let until = deadline.checked_sub(RESERVE).unwrap_or(deadline);
        let polled = poller.poll(queue, until).await?;
        tracing::info!(folders = polled.folders, files = polled.files, left = polled.left, "polled");
        Ok(())
    }

    async fn losses(&self) -> Result<(), WorkError> {
        let changed = self.files.settle().await?;
        for (loss, before) in &changed {
            metric(loss, *before);
        }
        tracing::info!(changed = changed.len(), "counted what the buses lost");
        Ok(())
    }
}

/// Publishes what a count adds, in CloudWatch's embedded metric format: a line on standard output,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
/// The time is that of the hour, so that its sum is the hour's count however often it was counted.
#[expect(clippy::print_stdout, reason = "that is how the format is handed over")]
fn metric(loss: &Loss, before: usize) {
    if !loss.on_bus {
        return;
    }
    let hour: Option<Timestamp> = format!("{}:00:00Z", loss.hour).parse().ok();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let line = json!({
        "_aws": {
            "Timestamp": hour.unwrap_or_default().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Trailpost",
                "Dimensions": [["Account", "Region"], []],
                "Metrics": [{ "Name": "EventsLostByBus", "Unit": "Count" }],
            }],
        },
        "Account": loss.account,
        "Region": loss.region,
        "Expected": loss.expected,
        "EventsLostByBus": count(loss.lost) - count(before),
    });
    println!("{line}");
}
