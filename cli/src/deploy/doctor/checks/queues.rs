//! The queues.

use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::Check;
use super::super::look::{Look, Resource, text};
use super::MAKE_AGAIN;
use super::events::rule_arn;
use crate::deploy::template;

const QUEUE: &str = "AWS::SQS::Queue";

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "queue-missing",
        title: "every queue is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(QUEUE, |queue| match attributes(look, queue) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "queue-redrive-removed",
        title: "what fails again and again goes to a dead-letter queue",
        fix: "aws sqs set-queue-attributes with RedrivePolicy as template.yaml has it",
        judge: |look| {
            look.each(QUEUE, |queue| {
                let attributes = attributes(look, queue)?;
                let wanted = template::properties(queue.logical).get("RedrivePolicy").is_some();
                let policy: Value =
                    serde_json::from_str(text(attributes, "RedrivePolicy")).unwrap_or_default();
                Ok((wanted && text(&policy, "deadLetterTargetArn").is_empty())
                    .then(|| "has no dead-letter queue".into()))
            })
        },
    },
    Check {
        id: "dead-letters-waiting",
        title: "the dead-letter queues are empty",
        fix: "docs/operations.md says what each holds; mend the cause, then redrive it: aws sqs start-message-move-task",
        judge: |look| {
            look.each(QUEUE, |queue| {
                let attributes = attributes(look, queue)?;
                let is_last = template::properties(queue.logical).get("RedriveAllowPolicy").is_some();
                let waiting = text(attributes, "ApproximateNumberOfMessages");
                Ok((is_last && !matches!(waiting, "0" | "")).then(|| format!("holds {waiting}")))
            })
        },
    },
    Check {
        id: "queue-closed",
        title: "the rules may put events into the queue, and what they give up into its dead letters",
        fix: "aws sqs set-queue-attributes with Policy as template.yaml has it under EventsPolicy and EventsDeadLettersPolicy",
        judge: |look| {
            look.each(QUEUE, |queue| {
                let rules = template::senders(queue.logical);
                if rules.is_empty() {
                    return Err(Hole::Absent);
                }
                let policy = text(attributes(look, queue)?, "Policy");
                let mut closed = Vec::new();
                for rule in rules {
                    if !policy.contains(&format!("\"{}\"", rule_arn(look, rule)?)) {
                        closed.push(rule);
                    }
                }
                Ok((!closed.is_empty()).then(|| format!("does not let {} in", closed.join(", "))))
            })
        },
    },
];

fn attributes<'a>(look: &Look<'a>, queue: Resource<'_>) -> Result<&'a Value, Hole> {
    let with = json!({ "QueueUrl": queue.physical, "AttributeNames": ["All"] });
    look.read("sqs:GetQueueAttributes", &with)?.get("Attributes").ok_or(Hole::Absent)
}
