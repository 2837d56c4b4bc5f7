//! The producer's stack in one account and region.

use std::time::Duration;

use aws::{Act, Parameters, Reader};
use catalog::resource::Operation;
use engine::health::{TEMPLATE, expected};
use engine::ports::{Aws as _, Place, ReadError};
use model::Timestamp;
use serde_json::{Value, json};

/// How often, and how many times, a stack is asked whether it is done: a quarter of an hour.
const PAUSE: Duration = Duration::from_secs(3);
const TRIES: usize = 300;

/// The output by which a stack says that it is a producer's, and of which template.
const OUTPUT: &str = "ProducerTemplate";

/// A stack as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stack {
    pub(super) name: String,
    pub(super) status: String,
    /// The digest of its template; nothing where it is not made yet.
    pub(super) template: Option<String>,
    pub(super) parameters: Vec<(String, String)>,
}

impl Stack {
    fn read(value: &Value) -> Self {
        let text =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pairs = |list: &str, key: &str, of: &str| -> Vec<(String, String)> {
            let items = value.get(list).and_then(Value::as_array).into_iter().flatten();
            items.map(|item| (text(item, key), text(item, of))).collect()
        };
        let outputs = pairs("Outputs", "OutputKey", "OutputValue");
        Self {
            name: text(value, "StackName"),
            status: text(value, "StackStatus"),
            template: outputs.into_iter().find(|(key, _)| key == OUTPUT).map(|(_, value)| value),
            parameters: pairs("Parameters", "ParameterKey", "ParameterValue"),
        }
    }

    /// Whether it is of this program's template.
    pub(super) fn is_current(&self) -> bool {
        self.template.as_deref() == Some(&expected().template)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it has each of these parameters already.
    pub(super) fn has(&self, wanted: &[(String, String)]) -> bool {
        wanted.iter().all(|(name, value)| self.parameter(name) == Some(value))
    }
}

/// The producers' stacks of a place: the one called `name`, and those that say that they are.
pub(super) async fn stacks(reader: &Reader, place: &Place, name: &str) -> Result<Vec<Stack>, ReadError> {
    let answer = read(reader, place, "DescribeStacks", &json!({})).await?;
    let stacks = answer.get("Stacks").and_then(Value::as_array).into_iter().flatten();
    let mut stacks: Vec<Stack> = stacks.map(Stack::read).collect();
    stacks.retain(|stack| stack.name == name || stack.template.is_some());
    Ok(stacks)
}

/// How many events the producer's rule sent from a place in so many hours until now.
pub(super) async fn sent(reader: &Reader, place: &Place, hours: u32) -> Result<u64, ReadError> {
    let operation = Operation { service: "code:cloudwatch".into(), name: "RecentSum".into() };
    let asked = json!({
        "Namespace": "AWS/Events", "MetricName": "Invocations",
        "Dimension": "RuleName", "Of": "trailpost-producer", "Hours": hours,
    });
    let answer = reader.read(place, &operation, &asked).await?;
    let sum = answer.get("Sum").and_then(Value::as_f64).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts")]
    Ok(sum.max(0.0) as u64)
}

/// A read of `CloudFormation`.
pub(super) async fn read(
    reader: &Reader,
    place: &Place,
    operation: &str,
    parameters: &Value,
) -> Result<Value, ReadError> {
    let operation = Operation { service: "cloudformation".into(), name: operation.into() };
    reader.read(place, &operation, parameters).await
}

/// A call of `CloudFormation` that changes something.
pub(super) fn call(operation: &'static str, fields: Vec<(String, String)>) -> Act {
    Act { service: "cloudformation", operation, parameters: Parameters::Form(fields) }
}

/// The fields of a list in a form.
pub(super) fn members(name: &str, values: &[String]) -> Vec<(String, String)> {
    let numbered = values.iter().zip(1_usize..);
    numbered.map(|(value, number)| (format!("{name}.member.{number}"), value.clone())).collect()
}

/// The fields of the template and its parameters: those in `given`, and the others as they are in `before`.
pub(super) fn template(given: &[(String, String)], before: &[(String, String)]) -> Vec<(String, String)> {
    let mut fields = vec![
        ("TemplateBody".to_owned(), TEMPLATE.to_owned()),
        ("Capabilities.member.1".to_owned(), "CAPABILITY_NAMED_IAM".to_owned()),
    ];
    let kept = before.iter().filter(|(name, _)| !given.iter().any(|(other, _)| other == name));
    for ((name, value), number) in given.iter().chain(kept).zip(1_usize..) {
        fields.push((format!("Parameters.member.{number}.ParameterKey"), name.clone()));
        fields.push((format!("Parameters.member.{number}.ParameterValue"), value.clone()));
    }
    fields
}

/// What makes a repeated call the same call.
pub(super) fn token() -> String {
    format!("trailpost-{}", Timestamp::now().as_nanosecond())
}

/// Waits until nothing is going on with the stack called `name`. `None`: it is gone.
pub(super) async fn settled(reader: &Reader, place: &Place, name: &str) -> Result<Option<Stack>, ReadError> {
    for _ in 0..TRIES {
        let answer = read(reader, place, "DescribeStacks", &json!({ "StackName": name })).await;
        let stack = match answer {
            Ok(answer) => answer.pointer("/Stacks/0").map(Stack::read),
            Err(error) if error.code == "ValidationError" => None,
            Err(error) => return Err(error),
        };
        match stack {
            Some(stack) if stack.status.ends_with("_IN_PROGRESS") => tokio::time::sleep(PAUSE).await,
            Some(stack) if stack.status == "DELETE_COMPLETE" => return Ok(None),
            settled => return Ok(settled),
        }
    }
    Err(ReadError::failed("Timeout", format!("the stack {name} is not done after a quarter of an hour")))
}

/// Waits until an operation on a stack set is over.
pub(super) async fn operated(reader: &Reader, place: &Place, asked: &Value) -> Result<(), ReadError> {
    for _ in 0..TRIES {
        let answer = read(reader, place, "DescribeStackSetOperation", asked).await?;
        let status = answer.pointer("/StackSetOperation/Status").and_then(Value::as_str).unwrap_or_default();
        match status {
            "SUCCEEDED" => return Ok(()),
            "RUNNING" | "QUEUED" | "STOPPING" => tokio::time::sleep(PAUSE).await,
            other => {
                let message = format!("the stack set's operation is {other}; its stack instances say why");
                return Err(ReadError::failed("StackSet", message));
            }
        }
    }
    Err(ReadError::failed(
        "Timeout",
        "the stack set's operation goes on; `producers list` shows how far it is",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_stays_as_it_is() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields =
            template(&[pair("CentralBus", "b")], &[pair("CentralBus", "a"), pair("HomeRegion", "eu-west-1")]);
        assert_eq!(
            fields.get(2..).unwrap(),
            [
                pair("Parameters.member.1.ParameterKey", "CentralBus"),
                pair("Parameters.member.1.ParameterValue", "b"),
                pair("Parameters.member.2.ParameterKey", "HomeRegion"),
                pair("Parameters.member.2.ParameterValue", "eu-west-1"),
            ]
        );
    }
}
