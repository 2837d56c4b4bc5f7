//! Peerings, endpoint services and resource shares.

use model::Event;
use model::json::Value;

use super::recipient::Recipient;
use crate::loose::{list, text};

/// The owners of the other end, as the answer names them or, where there is none, the request.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnection.html>
pub(super) fn peering(event: Event<'_>) -> Vec<Recipient> {
    let root = event.root();
    let mut owners: Vec<_> = [
        "responseElements.vpcPeeringConnection.requesterVpcInfo.ownerId",
        "responseElements.vpcPeeringConnection.accepterVpcInfo.ownerId",
        "requestParameters.peerOwnerId",
    ]
    .into_iter()
    .map(|path| text(root, path))
    .filter(|owner| !owner.is_empty() && *owner != text(root, "recipientAccountId"))
    .collect();
    owners.dedup();
    owners.into_iter().map(Recipient::new).collect()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpointServicePermissions.html>
pub(super) fn endpoint_service(event: Event<'_>) -> Vec<Recipient> {
    [
        "requestParameters.ModifyVpcEndpointServicePermissionsRequest.AddAllowedPrincipals",
        "requestParameters.addAllowedPrincipals",
    ]
    .into_iter()
    .flat_map(|path| list(event.root(), path))
    // XML lists become objects that hold the text and a position.
    .filter_map(|item| item.text().or_else(|| item.path_text("content")))
    .map(Recipient::new)
    .collect()
}

/// <https://docs.aws.amazon.com/ram/latest/APIReference/API_AssociateResourceShare.html>
pub(super) fn resource_share(event: Event<'_>) -> Vec<Recipient> {
    list(event.root(), "requestParameters.principals")
        .into_iter()
        .filter_map(Value::text)
        .map(Recipient::new)
        .collect()
}
