//! The lines of a recording.

use catalog::resource::Operation;
use engine::collect::Scene;
use engine::ports::{Place, ReadError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A question, and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Where it was asked.
    pub place: Place,
    /// What.
    pub operation: Operation,
    /// With what.
    pub parameters: Value,
    /// What came of it.
    pub answer: Result<Value, ReadError>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// An account that is read, and when.
    Scene {
        /// The account.
        scene: Scene,
        /// When its reading began.
        at: Timestamp,
    },
    /// A question and its answer.
    Call(Call),
}

#[derive(Debug, Serialize, Deserialize)]
struct Written {
    account: String,
    region: String,
    call: String,
    with: Value,
    // An answer of null is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    answer: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<ReadError>,
}

fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Line {
    /// Reads a line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let line: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if let (Some(scene), Some(at)) = (line.get("scene"), line.get("at")) {
            let scene = Scene::deserialize(scene).map_err(|error| error.to_string())?;
            let at = Timestamp::deserialize(at).map_err(|error| error.to_string())?;
            return Ok(Self::Scene { scene, at });
        }
        let written: Written = serde_json::from_value(line).map_err(|error| error.to_string())?;
        let Written { account, region, call, with, answer, error } = written;
        let Some((service, name)) = call.rsplit_once(':') else {
            return Err(format!("`{call}` is no operation"));
        };
        let answer = match (answer, error) {
            (Some(answer), None) => Ok(answer),
            (None, Some(error)) => Err(error),
            _ => return Err("it has to have either an answer or an error".into()),
        };
        Ok(Self::Call(Call {
            place: Place { account, region },
            operation: Operation { service: service.into(), name: name.into() },
            parameters: with,
            answer,
        }))
    }

    /// The line as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Scene { scene, at } => json!({"scene": scene, "at": at}),
            Self::Call(call) => {
                let (answer, error) = match call.answer.clone() {
                    Ok(answer) => (Some(answer), None),
                    Err(error) => (None, Some(error)),
                };
                json!(Written {
                    account: call.place.account.clone(),
                    region: call.place.region.clone(),
                    call: call.operation.to_string(),
                    with: call.parameters.clone(),
                    answer,
                    error,
                })
            }
        }
    }
}

/// The same text for the same value, whatever the order of its members.
pub(super) fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let mut names: Vec<&String> = members.keys().collect();
                names.sort();
                let of = |name: &String| members.get(name).map(sorted).unwrap_or_default();
                Value::Object(names.into_iter().map(|name| (name.clone(), of(name))).collect::<Map<_, _>>())
            }
            Value::Array(items) => items.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    sorted(value).to_string()
}
