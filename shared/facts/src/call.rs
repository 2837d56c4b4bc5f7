//! `call`: what kind of call a record is of.

use std::borrow::Cow;

use model::Event;
use model::json::{Value, Writer};

use crate::Fact;
use crate::json_out::object;
use crate::loose::{fields, flag_of, same_text, text_of};

/// What kind of call it is.
pub static CALL: Fact = Fact {
    name: "call",
    about: "What kind of call it is: {service: the event source without .amazonaws.com, family: the event name without the \
        version that Lambda and CloudFront add, write, global: recorded in a region that says nothing of where it acts, denied, \
        dry_run, truncated: CloudTrail left parameters out}.",
    reads: &[
        "awsRegion",
        "errorCode",
        "errorMessage",
        "eventName",
        "eventSource",
        "readOnly",
        "requestParameters",
        "responseElements",
        "tlsDetails",
    ],
    derive,
};

fn derive(event: Event<'_>, out: &mut Writer) {
    let [read_only, message, request, response, tls] = fields(
        event.root(),
        ["readOnly", "errorMessage", "requestParameters", "responseElements", "tlsDetails"],
    );
    let [dry_run, request_omitted, scope] = fields(request, ["dryRun", "omitted", "scope"]);
    let [response_omitted] = fields(response, ["omitted"]);
    let [host] = fields(tls, ["clientProvidedHostHeader"]);
    let service = service(event);
    let name = event.name().unwrap_or_default();
    let region = event.region().unwrap_or_default();
    let error = event.error().unwrap_or_default().to_ascii_lowercase();
    let message = text_of(message).to_ascii_lowercase();
    let holds = |value| flag_of(value) == Some(true);
    object(out, |fact| {
        fact.text("service", &service);
        fact.text("family", family(&name));
        fact.flag("write", writes(read_only, &name));
        fact.flag("global", is_global(&service, &region, &text_of(host), &text_of(scope)));
        fact.flag("denied", is_denied(&error) || message.contains("not authorized to perform"));
        fact.flag("dry_run", error.contains("dryrunoperation") || holds(dry_run));
        fact.flag("truncated", holds(request_omitted) || holds(response_omitted));
    });
}

const DOMAIN: &str = ".amazonaws.com";

/// The event source without its domain, such as `iam`.
pub fn service(event: Event<'_>) -> Cow<'_, str> {
    match event.source().unwrap_or_default() {
        Cow::Borrowed(source) => Cow::Borrowed(source.strip_suffix(DOMAIN).unwrap_or(source)),
        Cow::Owned(source) => Cow::Owned(source.strip_suffix(DOMAIN).unwrap_or(&source).to_owned()),
    }
}

/// An event name without the API version behind it: `UpdateFunctionCode` of `UpdateFunctionCode20150331v2`,
/// `CreateDistribution` of `CreateDistribution2020_05_31`.
///
/// "Logging AWS Lambda API calls using AWS CloudTrail",
/// <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>.
pub fn family(name: &str) -> &str {
    let unversioned = match name.rsplit_once('v') {
        Some((front, version))
            if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            front
        }
        _ => name,
    };
    let stem = unversioned.trim_end_matches(|character: char| character.is_ascii_digit() || character == '_');
    let date = unversioned.get(stem.len()..).unwrap_or_default();
    let is_date =
        date.bytes().filter(u8::is_ascii_digit).count() == 8 && date.starts_with("20") && !stem.is_empty();
    if is_date { stem } else { name }
}

/// Whether a call changes something, as far as the record says.
pub fn is_write(event: Event<'_>) -> bool {
    let [read_only] = fields(event.root(), ["readOnly"]);
    writes(read_only, &event.name().unwrap_or_default())
}

fn writes(read_only: Option<Value<'_>>, name: &str) -> bool {
    flag_of(read_only).map_or_else(|| !reads(name), |read_only| !read_only)
}

/// Whether a name speaks of a read. Only for records so old that they have no `readOnly`.
fn reads(name: &str) -> bool {
    [
        "Get", "List", "Describe", "Head", "Lookup", "Search", "BatchGet", "Query", "Scan", "Select",
        "Simulate", "Check", "Validate",
    ]
    .iter()
    .any(|verb| name.starts_with(verb))
}

/// Whether an error means that the caller was not allowed to. Services have their own words for it:
/// `Client.UnauthorizedOperation` (EC2), `AccessDeniedException`, `VpceAccessDenied` (network activity),
/// `AuthorizationError` (SNS)…
///
/// "Common error types", <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html> and
/// the like. In lower case.
fn is_denied(error: &str) -> bool {
    ["accessdenied", "unauthorized", "notauthorized", "authorizationerror", "forbidden"]
        .iter()
        .any(|word| error.contains(word))
}

/// The services that have one endpoint for a whole partition, so that every record of theirs carries that
/// endpoint's region.
///
/// "Global services" of the fault isolation whitepaper,
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html>, and
/// "Global service events",
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html>.
const GLOBAL_SERVICES: &[&str] = &[
    "account",
    "artifact",
    "aws-marketplace",
    "billing",
    "billingconsole",
    "budgets",
    "ce",
    "cloudfront",
    "consolidatedbilling",
    "cost-optimization-hub",
    "cur",
    "ecr-public",
    "freetier",
    "globalaccelerator",
    "health",
    "iam",
    "importexport",
    "invoicing",
    "networkmanager",
    "notifications",
    "organizations",
    "payments",
    "pricing",
    "route53",
    "route53-recovery-control-config",
    "route53-recovery-readiness",
    "route53domains",
    "savingsplans",
    "shield",
    "support",
    "supportplans",
    "tax",
    "trustedadvisor",
    "waf",
];

/// Where global services record, by partition.
const GLOBAL_REGIONS: &[&str] = &["us-east-1", "us-west-2", "cn-north-1", "cn-northwest-1", "us-gov-west-1"];

/// Where a sign-in through the global endpoint may be recorded: "AWS Management Console sign-in events",
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html>.
const SIGN_IN_REGIONS: &[&str] = &["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"];

fn is_global(service: &str, region: &str, host: &str, scope: &str) -> bool {
    match service {
        "signin" => SIGN_IN_REGIONS.contains(&region),
        // Regional endpoints of STS record where they stand.
        "sts" => region == "us-east-1" && matches!(host, "" | "sts.amazonaws.com"),
        "wafv2" => region == "us-east-1" && same_text(scope, "CLOUDFRONT"),
        service => GLOBAL_SERVICES.contains(&service) && GLOBAL_REGIONS.contains(&region),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::laws::{assert_parts, derived};

    #[test]
    fn families_have_no_version() {
        for (name, wanted) in [
            ("CreateFunction20150331", "CreateFunction"),
            ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
            ("PublishLayerVersion20181031", "PublishLayerVersion"),
            ("CreateDistribution2020_05_31", "CreateDistribution"),
            ("CreateFunctionUrlConfig", "CreateFunctionUrlConfig"),
            ("ListObjectsV2", "ListObjectsV2"),
            ("CreateDetectorv2", "CreateDetectorv2"),
            ("PutBucketAcl", "PutBucketAcl"),
            ("20150331", "20150331"),
            ("Éclair20150331v2", "Éclair"),
            ("", ""),
        ] {
            assert_eq!(family(name), wanted);
        }
    }

    #[test]
    fn calls_are_described() {
        for (record, wanted) in [
            (
                json!({"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "awsRegion": "us-east-1", "readOnly": false}),
                json!({"service": "iam", "family": "CreateUser", "write": true, "global": true, "denied": false, "dry_run": false,
                    "truncated": false}),
            ),
            (
                json!({"eventSource": "ec2.amazonaws.com", "awsRegion": "us-east-1", "readOnly": "true"}),
                json!({"write": false, "global": false}),
            ),
            (json!({"eventName": "DescribeInstances"}), json!({"write": false})),
            (json!({"eventName": "DeleteTrail", "readOnly": null}), json!({"write": true})),
            (
                json!({"eventSource": "signin.amazonaws.com", "awsRegion": "eu-north-1"}),
                json!({"global": true}),
            ),
            (
                json!({"eventSource": "signin.amazonaws.com", "awsRegion": "eu-west-1"}),
                json!({"global": false}),
            ),
            (json!({"eventSource": "iam.amazonaws.com", "awsRegion": "eu-west-1"}), json!({"global": false})),
            (
                json!({"eventSource": "sts.amazonaws.com", "awsRegion": "us-east-1", "tlsDetails": {"clientProvidedHostHeader": "sts.us-east-1.amazonaws.com"}}),
                json!({"global": false}),
            ),
            (json!({"eventSource": "sts.amazonaws.com", "awsRegion": "us-east-1"}), json!({"global": true})),
            (
                json!({"eventSource": "wafv2.amazonaws.com", "awsRegion": "us-east-1", "requestParameters": {"scope": "CLOUDFRONT"}}),
                json!({"global": true}),
            ),
            (json!({"errorCode": "Client.DryRunOperation"}), json!({"dry_run": true, "denied": false})),
            (json!({"requestParameters": {"dryRun": true}}), json!({"dry_run": true})),
            (
                json!({"requestParameters": {"omitted": true, "reason": "requestParameters too large"}}),
                json!({"truncated": true}),
            ),
            (json!({"responseElements": {"omitted": "true"}}), json!({"truncated": true})),
            (
                json!({"errorCode": "Other", "errorMessage": "User: x is not authorized to perform: y"}),
                json!({"denied": true}),
            ),
        ] {
            assert_parts(&derived(&CALL, &record), &wanted, &record);
        }
    }

    #[test]
    fn services_say_no_in_many_ways() {
        for (error, denied) in [
            ("AccessDenied", true),
            ("AccessDeniedException", true),
            ("UnauthorizedException", true),
            ("Client.UnauthorizedOperation", true),
            ("VpceAccessDenied", true),
            ("NotAuthorizedException", true),
            ("AuthorizationError", true),
            ("Forbidden", true),
            ("NoSuchEntityException", false),
            ("ThrottlingException", false),
            ("", false),
        ] {
            assert_eq!(derived(&CALL, &json!({"errorCode": error}))["denied"], json!(denied), "{error}");
        }
    }
}
