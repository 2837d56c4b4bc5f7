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
        assert_eq!(properties("EventsAge")["AlarmActions"][0], "OpsAlarms");
    }
}
