//! Functions, layers, event buses, topics and queues: permissions that a call adds one at a time.

use model::Event;
use model::json::Value;

use super::recipient::Recipient;
use crate::loose::{first_text, list, same_text, text};

/// <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html> and
/// <https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html>
pub(super) fn function(event: Event<'_>) -> Vec<Recipient> {
    let organization =
        first_text(event.root(), &["requestParameters.principalOrgID", "requestParameters.organizationId"]);
    let source = first_text(
        event.root(),
        &[
            "requestParameters.sourceAccount",
            "requestParameters.sourceArn",
            "requestParameters.eventSourceToken",
        ],
    );
    named(event, "requestParameters.principal", &organization, &source)
}

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html>
pub(super) fn event_bus(event: Event<'_>) -> Vec<Recipient> {
    let by_organization =
        same_text(&text(event.root(), "requestParameters.condition.key"), "aws:PrincipalOrgID");
    let value = text(event.root(), "requestParameters.condition.value");
    named(event, "requestParameters.principal", if by_organization { &value } else { "" }, "")
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html> and
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html>
pub(super) fn queue_or_topic(event: Event<'_>) -> Vec<Recipient> {
    ["aWSAccountId", "aWSAccountIds"]
        .into_iter()
        .flat_map(|name| named(event, &format!("requestParameters.{name}"), "", ""))
        .collect()
}

fn named(event: Event<'_>, path: &str, organization: &str, source: &str) -> Vec<Recipient> {
    list(event.root(), path)
        .into_iter()
        .filter_map(Value::text)
        .map(|principal| Recipient::new(principal).narrowed_to(organization, source))
        .collect()
}
