//! The template that this program was built with: what a stack should be like.

use std::sync::LazyLock;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The template as a document. Of intrinsic functions only what they are given is left: `!Ref Events` is `"Events"`.
pub(super) fn template() -> &'static Value {
    static READ: LazyLock<Value> = LazyLock::new(|| {
        let documents = Yaml::load_from_str(TEMPLATE).unwrap_or_default();
        documents.first().map(to_json).unwrap_or_default()
    });
    &READ
}

/// The digest that a stack of it has as the output `TemplateDigest`.
pub(super) fn digest() -> &'static str {
    template().pointer("/Outputs/TemplateDigest/Value").and_then(Value::as_str).unwrap_or_default()
}

/// The properties of a resource.
pub(super) fn properties(logical: &str) -> &'static Value {
    template().pointer(&format!("/Resources/{logical}/Properties")).unwrap_or(&Value::Null)
}

/// The rules that may send to a queue, as its policy names them.
pub(super) fn senders(queue: &str) -> Vec<&'static str> {
    let resources = || template().pointer("/Resources").and_then(Value::as_object).into_iter().flatten();
    let of_type = |kind| resources().filter(move |(_, one)| one.get("Type").is_some_and(|own| own == kind));
    let is_its = |policy: &&Value| {
        at(policy, "/Properties/Queues").as_array().is_some_and(|all| all.iter().any(|one| one == queue))
    };
    let policies = of_type("AWS::SQS::QueuePolicy").map(|(_, policy)| policy).filter(is_its);
    let statements = policies.flat_map(|policy| items(at(policy, "/Properties/PolicyDocument/Statement")));
    let sources = statements.flat_map(|statement| items(at(statement, "/Condition/ArnEquals/aws:SourceArn")));
    let named = sources.filter_map(|source| source.as_str()?.strip_suffix(".Arn"));
    named.filter(|name| of_type("AWS::Events::Rule").any(|(rule, _)| rule == name)).collect()
}

/// The actions that the managed policies of a role allow.
pub(super) fn allowed(role: &str) -> Vec<&'static str> {
    let resources = template().pointer("/Resources").and_then(Value::as_object).into_iter().flatten();
    let policies = resources.map(|(_, resource)| resource).filter(|resource| {
        let is_policy = resource.get("Type").is_some_and(|kind| kind == "AWS::IAM::ManagedPolicy");
        is_policy && items(at(resource, "/Properties/Roles")).iter().any(|one| one == role)
    });
    let statements = policies.flat_map(|policy| items(at(policy, "/Properties/PolicyDocument/Statement")));
    let allows = statements.filter(|statement| at(statement, "/Effect") == "Allow");
    allows.flat_map(|statement| items(at(statement, "/Action"))).filter_map(Value::as_str).collect()
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

/// One, or several: templates say both alike.
fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn to_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Mapping(members) => {
            let pairs = members.iter().map(|(key, value)| (key.as_str().unwrap_or_default(), to_json(value)));
            Value::Object(pairs.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
        }
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Tagged(_, inner) => to_json(inner),
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::FloatingPoint(value)) => Value::from(value.into_inner()),
        Yaml::Value(Scalar::String(text)) | Yaml::Representation(text, ..) => Value::String(text.to_string()),
        Yaml::Value(Scalar::Null) | Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_understood_with_its_anchors_and_tags() {
        assert_eq!(digest().len(), 12, "{}", digest());
        let pattern = &properties("CentralRecords")["EventPattern"];
        assert_eq!(pattern["source"][0]["prefix"], "aws.");
        assert_eq!(pattern["detail"]["eventName"][0]["exists"], false);
        assert_eq!(pattern["detail"]["eventName"][1]["anything-but"][0], "BatchImportFindings");
        assert_eq!(properties("FindingsTable")["TimeToLiveSpecification"]["AttributeName"], "ttl");
        assert_eq!(senders("Events"), ["DefaultRecords", "CentralRecords", "Heartbeats"]);
        assert_eq!(senders("EventsDeadLetters").len(), 5, "the bus is no rule");
        assert_eq!(senders("ScanJobs"), [""; 0]);
        assert!(allowed("ReadRole").len() > 300 && allowed("ReadRole").contains(&"s3:GetBucketPolicy"));
        assert_eq!(properties("EventsAge")["AlarmActions"][0], "OpsAlarms");
    }
}
