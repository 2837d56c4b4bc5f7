//! `shared_with`: to whom a call gives access, where it says so in parameters and not in a policy.
//!
//! What a policy document says is the fact `policy`.

mod acl;
mod data;
mod messaging;
mod network;
mod recipient;

use model::Event;
use model::json::Writer;

use crate::Fact;
use crate::call::{family, service};
use crate::json_out::{array, object};
use crate::loose::text;
use recipient::Recipient;

/// To whom a call gives access.
pub static SHARED_WITH: Fact = Fact {
    name: "shared_with",
    about: "To whom the call gives access by its parameters (snapshots, images, layers, functions, keys, topics, peerings, shares, \
        ACLs…): [{principal: as written, account, service, organization: o-… or ou-…, public, external: public or another account, \
        narrowed: bound to a source account, source ARN or organization}].",
    reads: &["eventName", "eventSource", "recipientAccountId", "requestParameters", "responseElements"],
    derive,
};

/// How the calls of one service name whom they share with.
struct Sharing {
    service: &'static str,
    /// Event names without version.
    calls: &'static [&'static str],
    recipients: fn(Event<'_>) -> Vec<Recipient>,
}

const fn sharing(
    service: &'static str,
    calls: &'static [&'static str],
    recipients: fn(Event<'_>) -> Vec<Recipient>,
) -> Sharing {
    Sharing { service, calls, recipients }
}

static SHARINGS: &[Sharing] = &[
    sharing("ec2", &["ModifySnapshotAttribute"], data::snapshot),
    sharing("ec2", &["ModifyImageAttribute", "ModifyFpgaImageAttribute"], data::image),
    sharing(
        "rds",
        &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"],
        data::database_snapshot,
    ),
    sharing("redshift", &["AuthorizeSnapshotAccess"], data::redshift_snapshot),
    sharing("ssm", &["ModifyDocumentPermission"], data::document),
    sharing("kms", &["CreateGrant"], data::grant),
    sharing("s3", &["PutBucketReplication"], data::replication),
    sharing(
        "s3",
        &["PutBucketAcl", "PutObjectAcl", "CreateBucket", "PutObject", "CopyObject"],
        acl::grantees,
    ),
    sharing("logs", &["PutSubscriptionFilter"], data::log_subscription),
    sharing("lambda", &["AddPermission", "AddLayerVersionPermission"], messaging::function),
    sharing("events", &["PutPermission"], messaging::event_bus),
    sharing("sns", &["AddPermission"], messaging::queue_or_topic),
    sharing("sqs", &["AddPermission"], messaging::queue_or_topic),
    sharing("ec2", &["CreateVpcPeeringConnection", "AcceptVpcPeeringConnection"], network::peering),
    sharing("ec2", &["ModifyVpcEndpointServicePermissions"], network::endpoint_service),
    sharing("ram", &["CreateResourceShare", "AssociateResourceShare"], network::resource_share),
];

fn derive(event: Event<'_>, out: &mut Writer) {
    let (service, name) = (service(event), event.name().unwrap_or_default());
    let own_account = text(event.root(), "recipientAccountId");
    let recipients = SHARINGS
        .iter()
        .filter(|sharing| sharing.service == service && sharing.calls.contains(&family(&name)))
        .flat_map(|sharing| (sharing.recipients)(event));
    array(out, recipients, |recipient, out| {
        object(out, |fact| {
            fact.text("principal", &recipient.principal);
            fact.text("account", recipient.account());
            fact.text("service", recipient.service());
            fact.text("organization", recipient.organization());
            fact.flag("public", recipient.public);
            fact.flag("external", recipient.is_external(&own_account));
            fact.flag("narrowed", recipient.narrowed);
        });
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::laws::{assert_parts, derived};

    const OWN: &str = "111122223333";
    const OTHER: &str = "444455556666";

    fn shared(source: &str, name: &str, request: &Value, response: &Value) -> Value {
        derived(
            &SHARED_WITH,
            &json!({"eventSource": format!("{source}.amazonaws.com"), "eventName": name, "recipientAccountId": OWN,
                "requestParameters": request, "responseElements": response}),
        )
    }

    fn public() -> Value {
        json!({"public": true, "external": true, "account": "", "narrowed": false})
    }

    fn other() -> Value {
        json!({"public": false, "external": true, "account": OTHER})
    }

    #[test]
    fn every_way_to_share_is_read() {
        let other_arn = format!("arn:aws:iam::{OTHER}:root");
        for (source, name, request, wanted) in [
            (
                "ec2",
                "ModifySnapshotAttribute",
                json!({"createVolumePermission": {"add": {"items": [{"group": "all"}]}}}),
                public(),
            ),
            (
                "ec2",
                "ModifySnapshotAttribute",
                json!({"createVolumePermission": {"add": {"items": [{"userId": OTHER}]}}}),
                other(),
            ),
            (
                "ec2",
                "ModifySnapshotAttribute",
                json!({"createVolumePermission": {"add": {"items": {"userId": OTHER}}}}),
                other(),
            ),
            (
                "ec2",
                "ModifySnapshotAttribute",
                json!({"createVolumePermission": {"add": {"items": [{"userId": OWN}]}}}),
                json!({"external": false, "account": OWN}),
            ),
            (
                "ec2",
                "ModifyImageAttribute",
                json!({"launchPermission": {"add": {"items": [{"group": "all"}]}}}),
                public(),
            ),
            (
                "ec2",
                "ModifyImageAttribute",
                json!({"launchPermission": {"add": {"items": [{"organizationArn": "arn:aws:organizations::444455556666:organization/o-abc"}]}}}),
                json!({"organization": "o-abc", "account": "", "external": false}),
            ),
            (
                "rds",
                "ModifyDBSnapshotAttribute",
                json!({"attributeName": "restore", "valuesToAdd": ["all"]}),
                public(),
            ),
            (
                "rds",
                "ModifyDBClusterSnapshotAttribute",
                json!({"attributeName": "restore", "valuesToAdd": OTHER}),
                other(),
            ),
            ("redshift", "AuthorizeSnapshotAccess", json!({"accountWithRestoreAccess": OTHER}), other()),
            (
                "ssm",
                "ModifyDocumentPermission",
                json!({"accountIdsToAdd": ["all"], "permissionType": "Share"}),
                public(),
            ),
            ("ssm", "ModifyDocumentPermission", json!({"accountIdsToAdd": [444_455_556_666_u64]}), other()),
            (
                "lambda",
                "AddPermission20150331v2",
                json!({"principal": "*", "action": "lambda:InvokeFunction"}),
                public(),
            ),
            (
                "lambda",
                "AddPermission20150331v2",
                json!({"principal": "*", "principalOrgID": "o-abc"}),
                json!({"public": false, "narrowed": true, "organization": "o-abc", "external": false}),
            ),
            (
                "lambda",
                "AddPermission20150331v2",
                json!({"principal": "s3.amazonaws.com", "sourceAccount": OWN}),
                json!({"service": "s3.amazonaws.com", "narrowed": true, "public": false, "external": false, "account": ""}),
            ),
            (
                "lambda",
                "AddPermission20150331v2",
                json!({"principal": "s3.amazonaws.com"}),
                json!({"service": "s3.amazonaws.com", "narrowed": false}),
            ),
            ("lambda", "AddPermission20150331v2", json!({"principal": other_arn}), other()),
            (
                "lambda",
                "AddLayerVersionPermission20181031",
                json!({"principal": "*", "action": "lambda:GetLayerVersion"}),
                public(),
            ),
            (
                "lambda",
                "AddLayerVersionPermission20181031",
                json!({"principal": "*", "organizationId": "o-abc"}),
                json!({"public": false, "organization": "o-abc"}),
            ),
            ("kms", "CreateGrant", json!({"granteePrincipal": other_arn}), other()),
            (
                "kms",
                "CreateGrant",
                json!({"granteePrincipal": "rds.eu-west-1.amazonaws.com"}),
                json!({"service": "rds.eu-west-1.amazonaws.com", "external": false}),
            ),
            (
                "ec2",
                "ModifyVpcEndpointServicePermissions",
                json!({"ModifyVpcEndpointServicePermissionsRequest": {"AddAllowedPrincipals": {"content": "*", "tag": 1}}}),
                public(),
            ),
            (
                "ec2",
                "ModifyVpcEndpointServicePermissions",
                json!({"ModifyVpcEndpointServicePermissionsRequest": {"AddAllowedPrincipals": [{"content": other_arn, "tag": 1}]}}),
                other(),
            ),
            (
                "ram",
                "CreateResourceShare",
                json!({"principals": [OTHER], "allowExternalPrincipals": true}),
                other(),
            ),
            (
                "ram",
                "AssociateResourceShare",
                json!({"principals": ["arn:aws:organizations::111122223333:ou/o-abc/ou-x-1"]}),
                json!({"organization": "ou-x-1", "account": "", "external": false}),
            ),
            ("events", "PutPermission", json!({"principal": "*", "action": "events:PutEvents"}), public()),
            (
                "events",
                "PutPermission",
                json!({"principal": "*", "condition": {"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-abc"}}),
                json!({"public": false, "narrowed": true, "organization": "o-abc"}),
            ),
            ("events", "PutPermission", json!({"principal": OTHER}), other()),
            ("sns", "AddPermission", json!({"aWSAccountId": [OTHER], "actionName": ["Publish"]}), other()),
            ("sqs", "AddPermission", json!({"aWSAccountIds": [OTHER], "actions": ["*"]}), other()),
            ("sqs", "AddPermission", json!({"aWSAccountIds": ["*"]}), public()),
            (
                "logs",
                "PutSubscriptionFilter",
                json!({"destinationArn": "arn:aws:logs:eu-west-1:444455556666:destination:d"}),
                other(),
            ),
            (
                "s3",
                "PutBucketReplication",
                json!({"ReplicationConfiguration": {"Rule": {"Destination": {"Account": OTHER, "Bucket": "arn:aws:s3:::b"}}}}),
                other(),
            ),
            (
                "s3",
                "PutBucketReplication",
                json!({"ReplicationConfiguration": {"Rule": [{"Destination": {"Account": OTHER}}]}}),
                other(),
            ),
            (
                "s3",
                "PutBucketAcl",
                json!({"AccessControlPolicy": {"AccessControlList": {"Grant": [{"Permission": "READ",
                    "Grantee": {"xsi:type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]}}}),
                public(),
            ),
            (
                "s3",
                "PutBucketAcl",
                json!({"AccessControlPolicy": {"AccessControlList": {"Grant": {"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}}}}}),
                public(),
            ),
            ("s3", "PutObjectAcl", json!({"x-amz-acl": ["public-read-write"]}), public()),
            ("s3", "CreateBucket", json!({"x-amz-acl": "authenticated-read"}), public()),
            (
                "s3",
                "PutBucketAcl",
                json!({"x-amz-grant-read": "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""}),
                public(),
            ),
            (
                "s3",
                "PutBucketAcl",
                json!({"x-amz-grant-read": "id=\"79a59df9\""}),
                json!({"principal": "79a59df9", "public": false, "account": "", "external": false}),
            ),
        ] {
            let seen = shared(source, name, &request, &Value::Null);
            assert_eq!(seen.as_array().unwrap().len(), 1, "{name} {request}\n{seen:#}");
            assert_parts(&seen[0], &wanted, &json!([name, request]));
        }
    }

    #[test]
    fn what_shares_nothing_gives_nothing() {
        for (source, name, request) in [
            (
                "ec2",
                "ModifySnapshotAttribute",
                json!({"createVolumePermission": {"remove": {"items": [{"group": "all"}]}}}),
            ),
            (
                "rds",
                "ModifyDBSnapshotAttribute",
                json!({"attributeName": "restore", "valuesToRemove": ["all"]}),
            ),
            ("rds", "ModifyDBSnapshotAttribute", json!({"attributeName": "other", "valuesToAdd": ["all"]})),
            ("s3", "PutBucketAcl", json!({"x-amz-acl": ["private"], "acl": [""]})),
            ("ssm", "ModifyDocumentPermission", json!({"accountIdsToRemove": ["all"]})),
            ("sqs", "SetQueueAttributes", json!({"aWSAccountIds": ["*"]})),
            (
                "s3",
                "PutBucketReplication",
                json!({"ReplicationConfiguration": {"Rule": {"Destination": {"Bucket": "arn:aws:s3:::b"}}}}),
            ),
            ("ec2", "CreateVpcPeeringConnection", json!({"vpcId": "vpc-1", "peerVpcId": "vpc-2"})),
            ("iam", "CreateUser", json!(null)),
        ] {
            assert_eq!(shared(source, name, &request, &Value::Null), json!([]), "{name} {request}");
        }
    }

    #[test]
    fn both_ends_of_a_peering_are_looked_at() {
        let connection = |requester: &str, accepter: &str| json!({"vpcPeeringConnection": {"requesterVpcInfo": {"ownerId": requester}, "accepterVpcInfo": {"ownerId": accepter}}});
        for (request, response, accounts) in [
            (json!({"vpcId": "vpc-1", "peerOwnerId": OTHER}), json!(null), vec![OTHER]),
            (json!({"vpcId": "vpc-1", "peerOwnerId": OTHER}), connection(OWN, OTHER), vec![OTHER]),
            (json!({"vpcPeeringConnectionId": "pcx-1"}), connection(OTHER, OWN), vec![OTHER]),
            (json!({"vpcId": "vpc-1"}), connection(OWN, OWN), vec![]),
        ] {
            let seen = shared("ec2", "AcceptVpcPeeringConnection", &request, &response);
            let found: Vec<_> =
                seen.as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap()).collect();
            assert_eq!(found, accounts, "{request} {response}");
        }
    }
}
