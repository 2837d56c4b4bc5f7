//! Alerts for people: one e-mail a finding, over an SNS topic.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use engine::ports::{Delivery, Sink, SinkError};

use crate::text;
use crate::topic::Topic;

/// Publishes plain text with a subject to a topic that people subscribe to by e-mail.
#[derive(Debug, Clone)]
pub struct SnsText(Topic);

impl SnsText {
    /// Publishes to the topic `arn` for the notices of `channel`.
    pub fn new(client: Client, arn: impl Into<String>, channel: impl Into<String>) -> Self {
        Self(Topic { client, arn: arn.into(), channel: channel.into() })
    }
}

#[async_trait]
impl Sink for SnsText {
    fn channel(&self) -> &str {
        &self.0.channel
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<(), SinkError> {
        self.0.publish(text::render(delivery), delivery.finding).await
    }
}
