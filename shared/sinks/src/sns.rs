//! Alerts over an SNS topic: text for mail and SMS, JSON for programs, or what Amazon Q Developer shows in chats.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use engine::notify::Digest;
use engine::notify::alerts::Form;
use engine::ports::{Delivery, Sink, SinkError};

use crate::attributes::{of_digest, of_finding};
use crate::topic::Topic;
use crate::{chat, document, text};

/// Publishes one message a finding, or a digest, to a topic.
#[derive(Debug, Clone)]
pub struct Sns {
    topic: Topic,
    form: Form,
}

impl Sns {
    /// Publishes messages of this form to the topic `arn`, for the notices of `channel`.
    pub fn new(client: Client, arn: impl Into<String>, channel: impl Into<String>, form: Form) -> Self {
        Self { topic: Topic { client, arn: arn.into(), channel: channel.into() }, form }
    }
}

#[async_trait]
impl Sink for Sns {
    fn channel(&self) -> &str {
        &self.topic.channel
    }

    async fn deliver(&self, deliveries: &[Delivery<'_>]) -> Vec<Result<(), SinkError>> {
        let mut answers = Vec::with_capacity(deliveries.len());
        for &delivery in deliveries {
            let message = match self.form {
                Form::Text => text::render(delivery),
                Form::Json => document::render(delivery),
                Form::Chat => chat::render(delivery),
            };
            answers.push(self.topic.publish(message, of_finding(delivery.finding)).await);
        }
        answers
    }

    async fn digest(&self, digest: &Digest) -> Result<(), SinkError> {
        let message = match self.form {
            Form::Text => text::digest(digest),
            Form::Json => document::digest(digest),
            Form::Chat => chat::digest(digest),
        };
        self.topic.publish(message, of_digest(digest)).await
    }
}
