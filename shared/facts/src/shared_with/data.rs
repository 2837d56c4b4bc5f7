//! Snapshots, images, documents, keys, replicas and log streams.

use model::Event;
use model::json::Value;

use super::recipient::Recipient;
use crate::loose::{first_text, list, same_text, text};

fn texts(event: Event<'_>, path: &str) -> Vec<Recipient> {
    list(event.root(), path).into_iter().filter_map(Value::text).map(Recipient::new).collect()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html>
pub(super) fn snapshot(event: Event<'_>) -> Vec<Recipient> {
    permissions(event, "requestParameters.createVolumePermission.add")
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html>
pub(super) fn image(event: Event<'_>) -> Vec<Recipient> {
    let mut recipients = permissions(event, "requestParameters.launchPermission.add");
    recipients.extend(permissions(event, "requestParameters.loadPermission.add"));
    recipients
}

fn permissions(event: Event<'_>, path: &str) -> Vec<Recipient> {
    list(event.root(), path)
        .into_iter()
        .map(|item| first_text(item, &["group", "userId", "organizationArn", "organizationalUnitArn"]))
        .filter(|principal| !principal.is_empty())
        .map(Recipient::new)
        .collect()
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSnapshotAttribute.html>
pub(super) fn database_snapshot(event: Event<'_>) -> Vec<Recipient> {
    if !same_text(&text(event.root(), "requestParameters.attributeName"), "restore") {
        return Vec::new();
    }
    texts(event, "requestParameters.valuesToAdd")
}

/// <https://docs.aws.amazon.com/redshift/latest/APIReference/API_AuthorizeSnapshotAccess.html>
pub(super) fn redshift_snapshot(event: Event<'_>) -> Vec<Recipient> {
    texts(event, "requestParameters.accountWithRestoreAccess")
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ModifyDocumentPermission.html>
pub(super) fn document(event: Event<'_>) -> Vec<Recipient> {
    texts(event, "requestParameters.accountIdsToAdd")
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
pub(super) fn grant(event: Event<'_>) -> Vec<Recipient> {
    texts(event, "requestParameters.granteePrincipal")
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html>: `Account` only where the owner of
/// the replica changes.
pub(super) fn replication(event: Event<'_>) -> Vec<Recipient> {
    ["Rule", "Rules"]
        .into_iter()
        .flat_map(|rules| list(event.root(), &format!("requestParameters.ReplicationConfiguration.{rules}")))
        .map(|rule| text(rule, "Destination.Account"))
        .filter(|account| !account.is_empty())
        .map(Recipient::new)
        .collect()
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html>
pub(super) fn log_subscription(event: Event<'_>) -> Vec<Recipient> {
    texts(event, "requestParameters.destinationArn")
}
