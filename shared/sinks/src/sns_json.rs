//! Alerts for programs: one JSON document a finding, over an SNS topic.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use engine::ports::{Delivery, Sink, SinkError};

use crate::document;
use crate::topic::Topic;

/// Publishes JSON to a topic that queues, functions and web hooks subscribe to.
#[derive(Debug, Clone)]
pub struct SnsJson(Topic);

impl SnsJson {
    /// Publishes to the topic `arn` for the notices of `channel`.
    pub fn new(client: Client, arn: impl Into<String>, channel: impl Into<String>) -> Self {
        Self(Topic { client, arn: arn.into(), channel: channel.into() })
    }
}

#[async_trait]
impl Sink for SnsJson {
    fn channel(&self) -> &str {
        &self.0.channel
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<(), SinkError> {
        self.0.publish(document::render(delivery), delivery.finding).await
    }
}
