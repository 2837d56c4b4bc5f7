//! A minimal record of every call in `curated-events.csv`, made of the paths at which its ids stand.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{ACCOUNT, ROWS, mapped};

const TABLE: &str = include_str!("curated-events.csv");

/// What records have besides the path of the table, and what it takes to tell which resource is meant: a stage and
/// its API, a node group and its cluster, an alias and its key.
fn company(event: &str) -> Value {
    match event {
        "CreateNodegroup" | "UpdateNodegroupConfig" | "DeleteNodegroup" => {
            json!({"requestParameters": {"name": "cluster"}})
        }
        "CreateAccessEntry" | "AssociateAccessPolicy" => json!({"requestParameters": {"name": "cluster"}}),
        "CreateStage" | "UpdateStage" | "DeleteStage" => json!({"requestParameters": {"stageName": "prod"}}),
        "DeleteAlias" => json!({"resources": [{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/k"}]}),
        "PutMetricFilter" | "DeleteMetricFilter" => json!({"requestParameters": {"filterName": "f"}}),
        "CreateTransitGatewayVpcAttachment" => {
            json!({"requestParameters": {"CreateTransitGatewayVpcAttachmentRequest": {"TransitGatewayId": "tgw-0a1b2c3d"}}})
        }
        "DeleteTransitGatewayVpcAttachment" => {
            json!({"responseElements": {"DeleteTransitGatewayVpcAttachmentResponse": {"transitGatewayVpcAttachment": {"transitGatewayId": "tgw-0a1b2c3d"}}}})
        }
        // The listener is a parameter that has to be given.
        "CreateRule" => json!({"requestParameters": {"listenerArn": arn("ListenerRule")}}),
        "CreateMountTarget" => json!({"requestParameters": {"fileSystemId": "fs-1"}}),
        "DeleteRecoveryPoint" => json!({"requestParameters": {"backupVaultName": "v"}}),
        "CreateResource" | "UpdateResource" | "DeleteResource" => {
            json!({"requestParameters": {"typeName": "AWS::S3::Bucket"}})
        }
        _ => json!({}),
    }
}

/// An id for the last part of a path.
fn sample(part: &str, kind: &str, types: &str) -> String {
    let part = part.to_lowercase();
    let prefixes = [
        ("instanceid", "i-"),
        ("volumeid", "vol-"),
        ("snapshotid", "snap-"),
        ("vpcid", "vpc-"),
        ("subnetid", "subnet-"),
        ("routetableid", "rtb-"),
        ("internetgatewayid", "igw-"),
        ("imageid", "ami-"),
        ("resourceid", "i-"),
    ];
    let prefixed = prefixes.iter().find(|(name, _)| part == *name && types.contains("EC2"));
    if let Some((_, prefix)) = prefixed {
        return format!("{prefix}0123456789abcdef0");
    }
    if part.ends_with("arn") || (kind == "arn" && part.contains("arn")) {
        return arn(types);
    }
    if part == "queueurl" {
        return format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/sample");
    }
    "sample".to_owned()
}

/// An ARN of the first type of ours among `types`.
fn arn(types: &str) -> String {
    let listed =
        types.split(' ').find_map(|name| ROWS.iter().find(|row| row.cloudformation.as_deref() == Some(name)));
    let own =
        |row: &catalog::resource::Row| row.known_as.arn.first().cloned().unwrap_or_else(|| row.arn.clone());
    let template = match types {
        types if types.contains("Any::") => "arn:{partition}:sns:{region}:{account}:{TopicName}".to_owned(),
        types if types.contains("WAFv2::WebACLAssociation") => {
            "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{n}/{h}".to_owned()
        }
        types if types.contains("WAFv2") => {
            "arn:{partition}:wafv2:{region}:{account}:regional/webacl/{n}/{i}".to_owned()
        }
        types if types.contains("ListenerRule") => {
            "arn:{partition}:elasticloadbalancing:{region}:{account}:listener/app/{n}/{h}/{l}".to_owned()
        }
        _ => listed.map(own).unwrap_or_default(),
    };
    let mut arn = String::new();
    for (index, part) in template.replace('*', "").split(['{', '}']).enumerate() {
        arn.push_str(match (index % 2, part) {
            (0, text) => text,
            (_, "partition") => "aws",
            (_, "region") => "eu-west-1",
            (_, "account") => ACCOUNT,
            _ => "sample",
        });
    }
    arn
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// The record with texts at one alternative of a path of the table, or nothing where that is no path.
fn record(line: &[&str], path: &str) -> Value {
    let [source, event, _, types, _, kind] = line else { return Value::Null };
    let mut record = json!({
        "eventSource": source, "eventName": event, "awsRegion": "eu-west-1", "recipientAccountId": ACCOUNT, "readOnly": false,
        "eventTime": "2026-01-15T12:00:00Z", "eventID": "e",
    });
    if let Some((front, parts)) = path.split_once(".[") {
        for part in parts.trim_end_matches(']').split_whitespace() {
            merge(&mut record, at(&format!("{front}.{part}"), kind, types));
        }
    } else if path.starts_with("resources[") {
        merge(&mut record, json!({"resources": [{"type": "AWS::KMS::Key", "ARN": arn(types)}]}));
    } else if !path.starts_with('\'') && path != "recipientAccountId" {
        merge(&mut record, at(path, kind, types));
    }
    merge(&mut record, company(event));
    record
}

fn at(path: &str, kind: &str, types: &str) -> Value {
    let last = path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
    path.split('.').rev().fold(Value::from(sample(last, kind, types)), |inner, part| {
        match part.strip_suffix("[]") {
            Some(part) => json!({ part: [inner] }),
            None => Value::Object(Map::from_iter([(part.to_owned(), inner)])),
        }
    })
}

fn lines() -> impl Iterator<Item = Vec<&'static str>> {
    TABLE
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|line| line.get(2) != Some(&"signal-only"))
}

#[test]
fn calls_that_write_yield_their_resources() {
    let (mut names, mut yielding) = (0, 0);
    let (mut paths, mut paths_yielding) = (0, 0);
    let mut silent = BTreeSet::new();
    for line in lines() {
        names += 1;
        let found: Vec<bool> = line[4]
            .split(" || ")
            .map(|path| !mapped(&record(&line, path.trim())).affected().is_empty())
            .collect();
        paths += found.len();
        paths_yielding += found.iter().filter(|found| **found).count();
        if found[0] {
            yielding += 1;
        } else {
            silent.insert(format!("{} {}", line[0].trim_end_matches(".amazonaws.com"), line[1]));
        }
    }
    println!(
        "{yielding} of {names} calls yield ids; {paths_yielding} of {paths} ways of writing them; silent: {silent:#?}"
    );
    assert!(yielding * 100 >= names * 95, "{yielding} of {names}: {silent:#?}");
    assert!(paths_yielding * 100 >= paths * 95, "{paths_yielding} of {paths}");
    // What yields nothing is of a type that no row describes; anything else is a gap.
    let gaps: Vec<_> = silent.iter().filter(|call| !WITHOUT_A_TYPE.contains(&call.as_str())).collect();
    assert!(gaps.is_empty(), "{gaps:#?}");
}

/// Calls on types that are not read.
const WITHOUT_A_TYPE: &[&str] = &[
    "apigateway CreateApiKey",
    "apigateway DeleteApiKey",
    "cloudtrail CreateEventDataStore",
    "cloudtrail DeleteEventDataStore",
    "cloudtrail UpdateEventDataStore",
    "config DeleteConfigRule",
    "config PutConfigRule",
    "ec2 AllocateHosts",
    "ec2 CreatePlacementGroup",
    "ec2 CreateTrafficMirrorSession",
    "ec2 DeletePlacementGroup",
    "ec2 ModifyHosts",
    "ec2 ReleaseHosts",
    "ram AssociateResourceShare",
    "ram CreateResourceShare",
    "rds AuthorizeDBSecurityGroupIngress",
    "rds RevokeDBSecurityGroupIngress",
    "rolesanywhere CreateProfile",
    "rolesanywhere CreateTrustAnchor",
    "route53resolver DeleteResolverQueryLogConfig",
    "sso AttachManagedPolicyToPermissionSet",
    "sso CreateAccountAssignment",
    "sso CreatePermissionSet",
    "sso DeleteAccountAssignment",
    "sso PutInlinePolicyToPermissionSet",
];

#[test]
fn attempts_name_the_same_resources() {
    let mut attempts = 0;
    for line in lines() {
        let mut record = record(&line, line[4].split(" || ").next().unwrap_or_default());
        let success = mapped(&record);
        merge(&mut record, json!({"errorCode": "AccessDenied"}));
        let attempt = mapped(&record);
        assert_eq!(success.affected().len(), attempt.affected().len(), "{record}");
        assert!(attempt.affected().iter().all(|affected| affected.outcome == model::Outcome::Attempt));
        attempts += attempt.affected().len();
    }
    assert!(attempts > 500);
}

#[test]
fn reads_yield_nothing() {
    for line in lines() {
        let mut record = record(&line, line[4].split(" || ").next().unwrap_or_default());
        merge(&mut record, json!({"readOnly": true}));
        assert_eq!(mapped(&record), trailpost_engine::mapping::Mapped::Nothing);
    }
}
