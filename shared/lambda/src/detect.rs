//! DETECT: one EventBridge event, or a batch from the queue.

use std::io::Write as _;
use std::time::SystemTime;

use engine::canary;
use engine::intake::{Intake, Message};
use engine::ports::StoreError;
use model::json::{Document, Value};

use crate::batch::BatchResponse;
use crate::heartbeat;

/// The function, once it has booted.
#[derive(Debug)]
pub struct Detect {
    intake: Intake,
}

impl Detect {
    /// Judges and keeps through `intake`.
    pub fn new(intake: Intake) -> Self {
        Self { intake }
    }

    /// Takes in a payload as Lambda hands it over. Messages of a batch that could not be kept are in the answer.
    ///
    /// # Errors
    /// When a single event could not be kept; Lambda then tries again.
    pub async fn handle(&self, payload: &[u8]) -> Result<BatchResponse, StoreError> {
        let mut response = BatchResponse::default();
        let document = Document::parse(payload).unwrap_or_default();
        let messages: Vec<_> =
            document.root().get("Records").map(Value::items).into_iter().flatten().collect();
        let is_batch = !messages.is_empty() && messages.iter().all(|message| is_sqs(*message));
        if !is_batch {
            self.take(payload, "a direct event").await?;
            self.leave_seen().await;
            return Ok(response);
        }
        for message in messages {
            let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default();
            let (id, body) = (text("messageId"), text("body"));
            let lane = format!("queue message {id}");
            if let Err(error) = self.take(body.as_bytes(), &lane).await {
                tracing::warn!(message_id = %id, %error, "a message could not be kept and comes again");
                response.fail(&id);
            }
        }
        self.leave_seen().await;
        Ok(response)
    }

    /// Notes what has come. Without the note its events count as lost by the bus, which is wrong, and harms nothing
    /// else: they were judged.
    async fn leave_seen(&self) {
        if let Err(error) = self.intake.leave_seen().await {
            tracing::warn!(%error, "what has come could not be noted; it will count as lost by the bus");
        }
    }

    async fn take(&self, body: &[u8], lane: &str) -> Result<(), StoreError> {
        if heartbeat::is_one(body) {
            beat();
            return Ok(());
        }
        if let Some(record) = canary::record(body) {
            tracing::info!(lane, "a test of the deployment");
            return self.intake.tell(&[record], lane).await;
        }
        let taken = self.intake.take(Message { body, lane }).await?;
        if taken.problems > 0 {
            tracing::warn!(
                lane,
                problems = taken.problems,
                "records could not be read and are in quarantine"
            );
        }
        tracing::info!(
            lane,
            records = taken.records,
            sightings = taken.sightings,
            new = taken.new,
            unknown = taken.unknown,
            "judged"
        );
        Ok(())
    }
}

/// Counts a heartbeat, in a line that is a metric and no log of ours.
fn beat() {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let milliseconds = i64::try_from(since.as_millis()).unwrap_or_default();
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    // Nobody is left to hear that the standard output is closed.
    let _ = writeln!(std::io::stdout(), "{}", heartbeat::metric(milliseconds, &function));
}

fn is_sqs(message: Value<'_>) -> bool {
    message.get("eventSource").and_then(Value::as_str).is_some_and(|source| source == "aws:sqs")
        && message.get("messageId").is_some()
        && message.get("body").is_some()
}
