//! Who is told by a topic.

use std::collections::BTreeSet;

use model::json::Value;

use crate::hole::{Gathered, Hole, Known};
use crate::loose::text;

/// The topics that somebody hears.
#[derive(Debug)]
pub(super) struct Subscriptions<'a> {
    heard: BTreeSet<String>,
    hole: Option<Hole<'a>>,
}

impl<'a> Subscriptions<'a> {
    /// `ListSubscriptions`, <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html>: until it is
    /// confirmed, a subscription has `PendingConfirmation` in place of an ARN.
    pub(super) fn read(document: Value<'a>) -> Self {
        let listed = Gathered::list(document, "Subscriptions");
        let confirmed = |subscription: &Value<'_>| text(*subscription, "SubscriptionArn").starts_with("arn:");
        let topic = |subscription: Value<'_>| text(subscription, "TopicArn").into_owned();
        Self { heard: listed.items.into_iter().filter(confirmed).map(topic).collect(), hole: listed.hole }
    }

    /// Whether somebody hears `topic`.
    pub(super) fn of(&self, topic: &str) -> Known<'a, bool> {
        match self.hole {
            Some(hole) if !self.heard.contains(topic) => Err(hole),
            _ => Ok(self.heard.contains(topic)),
        }
    }
}
