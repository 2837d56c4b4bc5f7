//! The stack itself.

use super::super::answers::Hole;
use super::super::check::{Check, Verdict};
use super::super::look::{Look, text};
use crate::deploy::template;

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "stack-missing",
        title: "the stack is there",
        fix: "sam build && sam deploy --guided; or name it with --stack and --region",
        judge: |look| match look.stack() {
            Err(Hole::Absent) => Verdict::one(Ok(Some(format!(
                "no stack {} in {} of account {}",
                look.subject.stack, look.subject.region, look.subject.account
            )))),
            found => Verdict::one(found.map(|_| None)),
        },
    },
    Check {
        id: "stack-failed",
        title: "the last deployment of the stack succeeded",
        fix: "its events in CloudFormation name the first resource that failed and why; mend that and `sam deploy` again",
        judge: |look| {
            Verdict::one(look.stack().map(|stack| match text(stack, "StackStatus") {
                "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => None,
                other => Some(format!("the stack is {other}")),
            }))
        },
    },
    Check {
        id: "stack-template-outdated",
        title: "the stack is of the template of this version",
        fix: "deploy this version: sam build && sam deploy",
        judge: |look| {
            Verdict::one(look.output("TemplateDigest").map(|digest| {
                let told = if digest.is_empty() { "older than this check" } else { digest };
                (digest != template::digest()).then(|| {
                    format!("the stack's template is {told}, this version's is {}", template::digest())
                })
            }))
        },
    },
    Check {
        id: "stack-resource-failed",
        title: "CloudFormation made every resource of the stack",
        fix: "the events of the stack say why; mend that and `sam deploy` again",
        judge: |look| {
            let mut verdict = Verdict::default();
            match look.resources() {
                Ok(resources) => {
                    for resource in resources {
                        let failed = resource.status.ends_with("_FAILED") || resource.physical.is_empty();
                        verdict
                            .add(Ok(failed.then(|| format!("{} is {}", resource.logical, resource.status))));
                    }
                }
                Err(hole) => verdict.add(Err(hole)),
            }
            verdict
        },
    },
];

/// Whether the stack is of this program's template, so that its properties can be compared.
pub(super) fn is_current(look: &Look<'_>) -> Result<bool, Hole> {
    Ok(look.output("TemplateDigest")? == template::digest())
}
