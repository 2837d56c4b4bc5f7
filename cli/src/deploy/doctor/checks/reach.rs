//! What the stack reaches beside itself: accounts through roles, regions, Security Hub, the bucket of a trail.

use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::{Check, Looked, Verdict};
use super::super::look::{Look, Resource, list, text};
use super::MAKE_AGAIN;
use crate::deploy::template;

const ROLE: &str = "AWS::IAM::Role";

/// The roles that enter accounts through the read role.
const ENTER: [&str; 4] = ["PlanRole", "ScanRole", "HarvestRole", "HealthRole"];

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "role-missing",
        title: "every role is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(ROLE, |role| match describe(look, role) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "read-role-closed",
        title: "the read role of this account trusts the functions that scan",
        fix: "aws iam update-assume-role-policy with the trust that template.yaml has for ReadRole; a role that was made again is another one for it",
        judge: |look| Verdict::one(trust(look)),
    },
    Check {
        id: "read-role-denied",
        title: "no service control policy and no permissions boundary keeps the read role from reading",
        fix: "allow the actions in the organization's service control policies, and in the boundary of the role; aws iam simulate-principal-policy shows which denies",
        judge: |look| Verdict::one(denials(look)),
    },
    Check {
        id: "scan-region-off",
        title: "the regions that are scanned are switched on in this account",
        fix: "take the region out of the parameter ScanRegions, or switch it on: aws account enable-region --region-name REGION",
        judge: |look| Verdict::one(regions(look)),
    },
    Check {
        id: "security-hub-off",
        title: "Security Hub is on where findings are imported into it",
        fix: "aws securityhub enable-security-hub, or deploy with SecurityHub=false",
        judge: |look| Verdict::one(hub(look)),
    },
    Check {
        id: "trail-bucket-untold",
        title: "the bucket of the trail tells of new files",
        fix: "have the bucket notify the queue of the output TrailFilesQueue, or deploy with TrailTopic or TrailPolling=on; docs/accounts.md tells how",
        judge: |look| Verdict::one(bucket(look)),
    },
];

fn describe<'a>(look: &Look<'a>, role: Resource<'_>) -> Result<&'a Value, Hole> {
    look.read("iam:GetRole", &json!({ "RoleName": role.physical }))?.get("Role").ok_or(Hole::Absent)
}

/// IAM replaces the ARN of a role that is deleted by its id, and a new role of that name has another:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
fn trust(look: &Look<'_>) -> Looked {
    let policy = match &describe(look, look.resource("ReadRole")?)?["AssumeRolePolicyDocument"] {
        Value::String(text) => text.clone(),
        document => document.to_string(),
    };
    let mut closed = Vec::new();
    for logical in ENTER {
        let role = look.resource(logical)?;
        let known = describe(look, role)?;
        let (arn, id) = (text(known, "Arn"), text(known, "RoleId"));
        let names = |word: &str| !word.is_empty() && policy.contains(&format!("\"{word}\""));
        if !names(arn) && !names(id) {
            closed.push(logical);
        }
    }
    Ok((!closed.is_empty()).then(|| format!("ReadRole does not let {} in", closed.join(", "))))
}

/// So many actions are asked about with one call, whose answer has one page then.
const ACTIONS: usize = 100;

/// So many denied actions are named.
const NAMED: usize = 3;

/// What IAM says that the read role may do, organization and boundary included:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>.
fn denials(look: &Look<'_>) -> Looked {
    let role = text(describe(look, look.resource("ReadRole")?)?, "Arn");
    let actions = template::allowed("ReadRole");
    let mut denied = Vec::new();
    let mut hole = None;
    for actions in actions.chunks(ACTIONS) {
        let with = json!({ "PolicySourceArn": role, "ActionNames": actions });
        match look.read("iam:SimulatePrincipalPolicy", &with) {
            Ok(found) => denied.extend(list(found, "EvaluationResults").filter_map(denial)),
            Err(missing) => hole = Some(missing),
        }
    }
    if let Some(hole) = hole {
        return Err(hole);
    }
    let more = denied.len().saturating_sub(NAMED);
    let named = denied.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let rest = if more > 0 { format!(", and {more} more actions") } else { String::new() };
    Ok((!denied.is_empty()).then(|| format!("ReadRole may not {named}{rest}")))
}

fn denial(result: &Value) -> Option<String> {
    if text(result, "EvalDecision") == "allowed" {
        return None;
    }
    let refuses = |pointer| result.pointer(pointer).and_then(Value::as_bool) == Some(false);
    let who = if refuses("/OrganizationsDecisionDetail/AllowedByOrganizations") {
        " (a service control policy)"
    } else if refuses("/PermissionsBoundaryDecisionDetail/AllowedByPermissionsBoundary") {
        " (its boundary)"
    } else {
        ""
    };
    Some(format!("{}{who}", text(result, "EvalActionName")))
}

fn regions(look: &Look<'_>) -> Looked {
    let wanted = look.parameter("ScanRegions")?;
    if wanted.is_empty() {
        return Err(Hole::Absent);
    }
    let found = look.read("ec2:DescribeRegions", &json!({}))?;
    let on: Vec<&str> = list(found, "Regions")
        .filter(|region| text(region, "OptInStatus") != "not-opted-in")
        .map(|region| text(region, "RegionName"))
        .collect();
    let off: Vec<&str> = wanted.split(',').map(str::trim).filter(|region| !on.contains(region)).collect();
    Ok((!off.is_empty()).then(|| format!("not switched on: {}", off.join(", "))))
}

fn hub(look: &Look<'_>) -> Looked {
    if look.parameter("SecurityHub")? != "true" {
        return Err(Hole::Absent);
    }
    match look.read("securityhub:DescribeHub", &json!({})) {
        Err(Hole::Absent) => Ok(Some(format!("Security Hub is off in {}", look.subject.region))),
        found => found.map(|_| None),
    }
}

fn bucket(look: &Look<'_>) -> Looked {
    let bucket = look.parameter("TrailBucket")?;
    let told = look.parameter("TrailPolling")? == "on" || !look.parameter("TrailTopic")?.is_empty();
    if bucket.is_empty() || told {
        return Err(Hole::Absent);
    }
    let queue = look.resource("TrailFiles")?.physical.rsplit('/').next().unwrap_or_default();
    let queue = look.arn("sqs", queue);
    let found = match look.read("s3:GetBucketNotificationConfiguration", &json!({ "Bucket": bucket })) {
        Err(Hole::Absent) => return Ok(Some(format!("the bucket {bucket} does not exist"))),
        found => found?,
    };
    let tells = found.get("EventBridgeConfiguration").is_some()
        || list(found, "QueueConfigurations").any(|given| text(given, "QueueArn") == queue);
    Ok((!tells).then(|| format!("{bucket} does not notify {queue}")))
}
