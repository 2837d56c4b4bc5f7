//! The stack as checks see it.

use serde_json::{Value, json};

use super::answers::{Answers, Hole};
use super::check::{Looked, Verdict};
use super::producers::Seen;

/// Which stack is looked at.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) stack: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) partition: String,
    /// The region in which global services report.
    pub(super) home: String,
}

/// A resource of the stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'a> {
    /// Its name in the template.
    pub(super) logical: &'a str,
    /// Its name in the account.
    pub(super) physical: &'a str,
    /// What it is, such as `AWS::SQS::Queue`.
    pub(super) kind: &'a str,
    /// What CloudFormation did with it last.
    pub(super) status: &'a str,
}

/// A look at a stack, by what the account has answered so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) subject: &'a Subject,
    pub(super) answers: &'a Answers,
    /// What was seen of the producers; nothing before they were looked at.
    pub(super) producers: Option<&'a Seen>,
    /// The check that asks.
    pub(super) check: &'static str,
}

impl<'a> Look<'a> {
    /// The answer to a call in the stack's region.
    pub(super) fn read(&self, call: &str, with: &Value) -> Result<&'a Value, Hole> {
        self.answers.read(&self.subject.region, call, with)
    }

    /// The stack, as CloudFormation describes it.
    pub(super) fn stack(&self) -> Result<&'a Value, Hole> {
        let stacks =
            self.read("cloudformation:DescribeStacks", &json!({ "StackName": self.subject.stack }))?;
        stacks.pointer("/Stacks/0").ok_or(Hole::Absent)
    }

    /// What is asked of the account alone, so that it is true of a stack that is not there yet, with its default.
    pub(super) fn parameter_or(&self, name: &str, default: &str) -> Result<String, Hole> {
        match self.parameter(name) {
            Err(Hole::Absent) => Ok(default.to_owned()),
            known => Ok(known?.to_owned()),
        }
    }

    /// A parameter of the stack; empty where it has none of that name.
    pub(super) fn parameter(&self, name: &str) -> Result<&'a str, Hole> {
        let found = list(self.stack()?, "Parameters").find(|given| text(given, "ParameterKey") == name);
        Ok(found.map(|given| text(given, "ParameterValue")).unwrap_or_default())
    }

    /// An output of the stack; empty where it has none of that name.
    pub(super) fn output(&self, name: &str) -> Result<&'a str, Hole> {
        let found = list(self.stack()?, "Outputs").find(|given| text(given, "OutputKey") == name);
        Ok(found.map(|given| text(given, "OutputValue")).unwrap_or_default())
    }

    /// All resources of the stack.
    pub(super) fn resources(&self) -> Result<Vec<Resource<'a>>, Hole> {
        let answer =
            self.read("cloudformation:ListStackResources", &json!({ "StackName": self.subject.stack }))?;
        let resources = list(answer, "StackResourceSummaries").map(|summary| Resource {
            logical: text(summary, "LogicalResourceId"),
            physical: text(summary, "PhysicalResourceId"),
            kind: text(summary, "ResourceType"),
            status: text(summary, "ResourceStatus"),
        });
        Ok(resources.collect())
    }

    /// The resource of that name in the template.
    pub(super) fn resource(&self, logical: &str) -> Result<Resource<'a>, Hole> {
        self.resources()?.into_iter().find(|resource| resource.logical == logical).ok_or(Hole::Absent)
    }

    /// The verdict on each resource of a kind.
    pub(super) fn each(&self, kind: &str, judge: impl Fn(Resource<'a>) -> Looked) -> Verdict {
        let mut verdict = Verdict::default();
        match self.resources() {
            Ok(resources) => {
                for resource in resources.into_iter().filter(|resource| resource.kind == kind) {
                    let logical = resource.logical;
                    let looked = judge(resource);
                    verdict.add(looked.map(|wrong| wrong.map(|wrong| format!("{logical} {wrong}"))));
                }
            }
            Err(hole) => verdict.add(Err(hole)),
        }
        verdict
    }

    /// The ARN of something in the stack's account and region.
    pub(super) fn arn(&self, service: &str, rest: &str) -> String {
        let Subject { partition, region, account, .. } = self.subject;
        format!("arn:{partition}:{service}:{region}:{account}:{rest}")
    }
}

/// What stands at a pointer in an answer, such as `/Table/TableStatus`; null where nothing does.
pub(super) fn at<'a>(answer: &'a Value, pointer: &str) -> &'a Value {
    answer.pointer(pointer).unwrap_or(&Value::Null)
}

/// The elements of a list in an answer.
pub(super) fn list<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    answer.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A text in an answer; empty where there is none.
pub(super) fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer.get(key).and_then(Value::as_str).unwrap_or_default()
}
