//! The functions, and what wakes them.

use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::{Check, Looked, Verdict};
use super::super::look::{Look, Resource, at, text};
use super::MAKE_AGAIN;
use super::events::rule_arn;

const FUNCTION: &str = "AWS::Lambda::Function";

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "function-missing",
        title: "every function is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(FUNCTION, |function| match configuration(look, function) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "function-inactive",
        title: "every function is active, and its last update succeeded",
        fix: "the reason stands beside the state; `sam deploy` again, or for a disabled key switch the key on",
        judge: |look| {
            look.each(FUNCTION, |function| {
                let found = configuration(look, function)?;
                let (state, update) = (text(found, "State"), text(found, "LastUpdateStatus"));
                // Lambda puts a function to sleep that nobody called for weeks; the next call wakes it.
                let active = matches!(state, "Active" | "Inactive" | "");
                Ok((!active || update == "Failed").then(|| {
                    let reason = text(found, if active { "LastUpdateStatusReason" } else { "StateReason" });
                    format!("is {state}, its last update {update}: {reason}")
                }))
            })
        },
    },
    Check {
        id: "function-changed",
        title: "every function has the runtime and processor of the template",
        fix: "sam deploy again, with the parameter Architecture that the functions were built for",
        judge: |look| {
            look.each(FUNCTION, |function| {
                let found = configuration(look, function)?;
                let wanted = look.parameter("Architecture")?;
                let has = at(found, "/Architectures/0").as_str().unwrap_or("x86_64");
                let runtime = text(found, "Runtime");
                let right = runtime == "provided.al2023" && (wanted.is_empty() || has == wanted);
                Ok((!right).then(|| format!("is {runtime} on {has}, not provided.al2023 on {wanted}")))
            })
        },
    },
    Check {
        id: "function-switched-off",
        title: "no function is reserved a concurrency of zero",
        fix: "aws lambda delete-function-concurrency --function-name NAME",
        judge: |look| {
            look.each(FUNCTION, |function| {
                let found = look.read("lambda:GetFunctionConcurrency", &named(function))?;
                let reserved = found.get("ReservedConcurrentExecutions").and_then(Value::as_u64);
                Ok((reserved == Some(0))
                    .then(|| format!("may not run: nothing is reserved for {}", function.physical)))
            })
        },
    },
    Check {
        id: "concurrency-quota-low",
        title: "the account's concurrency has room for what the queues may use",
        fix: "have the Lambda quota \"Concurrent executions\" raised in Service Quotas, or lower MaximumConcurrency, ScanConcurrency and HarvestConcurrency",
        judge: |look| Verdict::one(quota(look)),
    },
    Check {
        id: "event-source-disabled",
        title: "the queues and the stream wake their functions",
        fix: "aws lambda update-event-source-mapping --enabled --uuid UUID; a mapping that is gone: sam deploy after a change of it",
        judge: |look| {
            look.each("AWS::Lambda::EventSourceMapping", |mapping| {
                match look.read("lambda:GetEventSourceMapping", &json!({ "UUID": mapping.physical })) {
                    Err(Hole::Absent) => Ok(Some("does not exist".into())),
                    found => match text(found?, "State") {
                        "Enabled" | "Enabling" | "Creating" | "Updating" => Ok(None),
                        state => Ok(Some(format!("is {state} ({})", mapping.physical))),
                    },
                }
            })
        },
    },
    Check {
        id: "urgent-lane-closed",
        title: "the urgent rules may call DETECT",
        fix: "aws lambda add-permission --action lambda:InvokeFunction --principal events.amazonaws.com with the rule's ARN as --source-arn",
        judge: |look| Verdict::one(urgent(look)),
    },
];

fn named(function: Resource<'_>) -> Value {
    json!({ "FunctionName": function.physical })
}

fn configuration<'a>(look: &Look<'a>, function: Resource<'_>) -> Result<&'a Value, Hole> {
    look.read("lambda:GetFunctionConfiguration", &named(function))
}

/// What the queues may use together: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>.
fn quota(look: &Look<'_>) -> Looked {
    let settings = look.read("lambda:GetAccountSettings", &json!({}))?;
    let free = at(settings, "/AccountLimit/UnreservedConcurrentExecutions").as_u64().unwrap_or_default();
    let mut wanted = 0_u64;
    for (name, default) in
        [("MaximumConcurrency", "10"), ("ScanConcurrency", "5"), ("HarvestConcurrency", "5")]
    {
        wanted += look.parameter_or(name, default)?.parse().unwrap_or(0);
    }
    Ok((free < wanted).then(|| format!("{free} executions are free, the queues may use {wanted}")))
}

/// Each urgent rule is named by a statement of the function's policy.
fn urgent(look: &Look<'_>) -> Looked {
    let function = look.resource("DetectFunction")?;
    configuration(look, function)?;
    let policy = match look.read("lambda:GetPolicy", &named(function)) {
        Err(Hole::Absent) => "",
        found => text(found?, "Policy"),
    };
    let mut closed = Vec::new();
    for rule in ["DefaultUrgent", "CentralUrgent"] {
        if !policy.contains(&format!("\"{}\"", rule_arn(look, rule)?)) {
            closed.push(rule);
        }
    }
    Ok((!closed.is_empty()).then(|| format!("DetectFunction does not let {} in", closed.join(", "))))
}
