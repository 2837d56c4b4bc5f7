//! JSON as the tests see it: with keys that repeat, numbers as they were written, and places that cannot be seen.

use std::fmt;

/// A JSON value.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn number(text: &str) -> Self {
        Self::Number(text.into())
    }

    pub(crate) fn map<const N: usize>(members: [(&str, Json); N]) -> Self {
        Self::Map(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A value that could not be read.
    pub(crate) fn hole() -> Self {
        Self::map([("$unavailable", Self::text("Denied"))])
    }

    /// Reads JSON text in which no key repeats.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str::<serde_json::Value>(text).unwrap().into()
    }

    pub(crate) fn members(&self) -> &[(String, Json)] {
        match self {
            Self::Map(members) => members,
            _ => &[],
        }
    }

    /// The members called `key`.
    pub(crate) fn all<'a>(&'a self, key: &str) -> Vec<&'a Json> {
        self.members().iter().filter(|(name, _)| name == key).map(|(_, value)| value).collect()
    }

    /// Whether this stands where something could not be seen.
    pub(crate) fn is_hole(&self) -> bool {
        self.members().iter().any(|(key, value)| match key.as_str() {
            "$unavailable" => true,
            "omitted" => match value {
                Json::Bool(omitted) => *omitted,
                Json::Text(text) => text.to_lowercase() == "true",
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether something in here could not be seen.
    pub(crate) fn holds_hole(&self) -> bool {
        match self {
            Json::List(items) => items.iter().any(Json::holds_hole),
            Json::Map(members) => self.is_hole() || members.iter().any(|(_, value)| value.holds_hole()),
            _ => false,
        }
    }

    /// Whether an object in here repeats a key.
    pub(crate) fn has_twins(&self) -> bool {
        match self {
            Json::List(items) => items.iter().any(Json::has_twins),
            Json::Map(members) => {
                members.iter().any(|(key, value)| self.all(key).len() > 1 || value.has_twins())
            }
            _ => false,
        }
    }

    /// The same for libraries that know no twins: the last one stays.
    pub(crate) fn to_serde(&self) -> serde_json::Value {
        serde_json::from_str(&self.to_string()).unwrap()
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(items) => Self::List(items.into_iter().map(Into::into).collect()),
            serde_json::Value::Object(members) => {
                Self::Map(members.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

/// JSON text without white space.
impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Json::Null => formatter.write_str("null"),
            Json::Bool(value) => write!(formatter, "{value}"),
            Json::Number(text) => formatter.write_str(text),
            Json::Text(text) => formatter.write_str(&quoted(text)),
            Json::List(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(formatter, "[{}]", items.join(","))
            }
            Json::Map(members) => {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
                write!(formatter, "{{{}}}", members.join(","))
            }
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}
