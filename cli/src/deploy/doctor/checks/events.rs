//! The buses, their rules, and what reports in another region only.

use facts::canonical_pattern;
use model::json::Document;
use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::{Check, Looked, Verdict};
use super::super::look::{Look, Resource, list, text};
use super::MAKE_AGAIN;
use super::stack::is_current;
use crate::deploy::template;

const RULE: &str = "AWS::Events::Rule";

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "bus-missing",
        title: "the central bus is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each("AWS::Events::EventBus", |bus| match describe_bus(look, bus) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "bus-closed",
        title: "accounts of the organization may send to the central bus",
        fix: "aws events put-permission --event-bus-name NAME --policy as template.yaml has it under CentralBusPolicy",
        judge: |look| {
            look.each("AWS::Events::EventBus", |bus| {
                let organization = look.parameter("OrganizationId")?;
                if organization.is_empty() {
                    return Err(Hole::Absent);
                }
                let policy = text(describe_bus(look, bus)?, "Policy");
                Ok((!policy.contains(organization)).then(|| format!("does not let {organization} in")))
            })
        },
    },
    Check {
        id: "rule-missing",
        title: "every rule is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(RULE, |rule| match describe(look, rule) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "rule-disabled",
        title: "every rule is switched on",
        fix: "aws events enable-rule --name NAME --event-bus-name BUS",
        judge: |look| {
            look.each(RULE, |rule| {
                let state = text(describe(look, rule)?, "State");
                Ok((!state.starts_with("ENABLED")).then(|| format!("is {state}")))
            })
        },
    },
    Check {
        id: "rule-read-only-off",
        title: "calls that only read are asked for where IncludeReadOnlyEvents is true",
        fix: "aws events put-rule --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS with the pattern of the rule",
        judge: |look| {
            look.each(RULE, |rule| {
                if look.parameter("IncludeReadOnlyEvents")? != "true" || !rule.logical.ends_with("Records") {
                    return Err(Hole::Absent);
                }
                let state = text(describe(look, rule)?, "State");
                Ok((state == "ENABLED").then(|| "takes calls that write only".into()))
            })
        },
    },
    Check {
        id: "rule-pattern-changed",
        title: "every rule asks for what the template asks for",
        fix: "aws events put-rule with the EventPattern that template.yaml has for it",
        judge: |look| {
            look.each(RULE, |rule| {
                let found = describe(look, rule)?;
                // Of another version's template nothing is known here; that it is one is said by another check.
                if !is_current(look)? {
                    return Err(Hole::Absent);
                }
                let wanted = template::properties(rule.logical)["EventPattern"].to_string();
                let wanted = wanted.replace("AWS::AccountId", &look.subject.account);
                let same = canonical(&wanted) == canonical(text(found, "EventPattern"));
                Ok((!same).then(|| "has another pattern".into()))
            })
        },
    },
    Check {
        id: "rule-target-missing",
        title: "every rule has its target",
        fix: "aws events put-targets with the target that template.yaml has for the rule",
        judge: |look| {
            look.each(RULE, |rule| {
                describe(look, rule)?;
                let (bus, name) = parts(look, rule)?;
                let found =
                    look.read("events:ListTargetsByRule", &json!({ "Rule": name, "EventBusName": bus }))?;
                let wanted = target(look, rule)?;
                let has = list(found, "Targets").any(|target| text(target, "Arn") == wanted);
                Ok((!has).then(|| format!("does not send to {wanted}")))
            })
        },
    },
    Check {
        id: "global-services-unseen",
        title: "IAM, sign-ins and other global services, which report in us-east-1 only, come here",
        fix: "add a producer there: trailpost producers add --region us-east-1 --central-bus with the output CentralBusArn",
        judge: |look| Verdict::one(global(look)),
    },
];

/// Bus and name of a rule. The id of one that is on a bus of its own is `bus|name`.
fn parts<'a>(look: &Look<'a>, rule: Resource<'a>) -> Result<(&'a str, &'a str), Hole> {
    let on_bus = template::properties(rule.logical).get("EventBusName").is_some();
    let bus = if on_bus { look.resource("CentralBus")?.physical } else { "default" };
    Ok((bus, rule.physical.rsplit('|').next().unwrap_or_default()))
}

/// The ARN of the rule of that name in the template.
pub(super) fn rule_arn(look: &Look<'_>, logical: &str) -> Result<String, Hole> {
    let (bus, name) = parts(look, look.resource(logical)?)?;
    let path = if bus == "default" { name.to_owned() } else { format!("{bus}/{name}") };
    Ok(look.arn("events", &format!("rule/{path}")))
}

fn describe<'a>(look: &Look<'a>, rule: Resource<'a>) -> Result<&'a Value, Hole> {
    let (bus, name) = parts(look, rule)?;
    look.read("events:DescribeRule", &json!({ "Name": name, "EventBusName": bus }))
}

fn describe_bus<'a>(look: &Look<'a>, bus: Resource<'_>) -> Result<&'a Value, Hole> {
    look.read("events:DescribeEventBus", &json!({ "Name": bus.physical }))
}

/// The ARN that the rule has to send to: the queue, or DETECT itself.
fn target(look: &Look<'_>, rule: Resource<'_>) -> Result<String, Hole> {
    let detect = rule.logical.ends_with("Urgent");
    let physical = look.resource(if detect { "DetectFunction" } else { "Events" })?.physical;
    let name = physical.rsplit('/').next().unwrap_or_default();
    Ok(if detect { look.arn("lambda", &format!("function:{name}")) } else { look.arn("sqs", name) })
}

fn canonical(pattern: &str) -> Option<String> {
    Some(canonical_pattern(Document::parse(pattern).ok()?.root()))
}

/// Whether a rule of the home region sends to the central bus: of a stack elsewhere, which else does not see
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events>.
fn global(look: &Look<'_>) -> Looked {
    look.stack()?;
    let home = look.subject.home.as_str();
    if look.subject.region == home {
        return Ok(None);
    }
    // The files of an organization's trail have the events of all regions.
    if !look.parameter("TrailBucket")?.is_empty() {
        return Ok(None);
    }
    let bus = look.output("CentralBusArn")?;
    let rules = look.answers.read(home, "events:ListRuleNamesByTarget", &json!({ "TargetArn": bus }))?;
    for name in list(rules, "RuleNames") {
        let rule = look.answers.read(home, "events:DescribeRule", &json!({ "Name": name }))?;
        if text(rule, "State").starts_with("ENABLED") {
            return Ok(None);
        }
    }
    Ok(Some(format!("no rule on the default bus of {home} that is switched on sends to {bus}")))
}
