//! Partial batch responses: what failed comes again, and nothing else.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse};
use serde::{Deserialize, Serialize};

/// What a function answers: nothing to a single event, the failures of a batch to a queue or a stream.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct BatchResponse(SqsBatchResponse);

impl BatchResponse {
    /// Has the item come again: an SQS message by its id, a record of a stream by its sequence number.
    pub fn fail(&mut self, item: &str) {
        let mut failure = BatchItemFailure::default();
        item.clone_into(&mut failure.item_identifier);
        self.0.batch_item_failures.push(failure);
    }

    /// The items that come again.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        self.0.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str())
    }
}

/// What a queue hands over, <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.
#[derive(Debug, Deserialize)]
pub(crate) struct Batch {
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Message>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) message_id: String,
    pub(crate) body: String,
}
