//! A check of a type of resource and one condition.

use aws::model::Models;
use model::Severity;
use rules::nearest;
use serde_json::{Value, json};

use super::{Draft, scalar};
use crate::exit::Failure;

/// What is wrong, as it is typed: a path, a sign, a value.
const SIGNS: &[&str] = &["!=", "==", "=", "<", ">", "contains", "exists", "absent"];

pub(super) fn of(
    kind: &str,
    condition: &str,
    title: Option<&str>,
    severity: Severity,
) -> Result<Draft, Failure> {
    let rows = catalog::resources().rows;
    let Some(row) = rows.iter().find(|row| row.name == kind) else {
        let names = rows.iter().map(|row| row.name.as_str());
        let mend = match nearest(kind, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`trailpost resources list` lists them".to_owned(),
        };
        return Err(Failure::usage(format!("no type of resource `{kind}`; {mend}")));
    };
    let (path, sign, value) = split(condition)?;
    let models = Models::default();
    if !path.starts_with("facts.") && !aws::lint::can_have(row, &rows, &models, path) {
        let members = aws::lint::members(row, &models);
        let first = path.split('.').next().unwrap_or_default();
        let mend = match nearest(first, members.iter().map(String::as_str)) {
            Some(near) if near != first => format!("did you mean `{near}`?"),
            _ => format!("its members are {}", members.into_iter().collect::<Vec<_>>().join(", ")),
        };
        return Err(Failure::usage(format!("no {kind} has `{path}`; {mend}")));
    }
    if path.starts_with("facts.") {
        return Err(Failure::usage("tests cannot be made for facts; write the path of a member"));
    }
    let plain = scalar_of(value);
    let shown = plain.as_str().map_or_else(|| plain.to_string(), scalar);
    let number = value.parse::<i64>().ok();
    let needs = |found: Option<i64>| {
        found.ok_or_else(|| Failure::usage(format!("`{value}` is no number; compare with one")))
    };
    // The search, whether it has to fail, and the member in a bad and in a good resource.
    let (search, negated, bad, good) = match sign {
        "!=" => (format!("{path}: {shown}"), true, Value::Null, plain),
        "=" | "==" => (format!("{path}: {shown}"), false, plain, Value::Null),
        "contains" => (format!("{path}|contains: {shown}"), false, plain, Value::Null),
        "exists" => (format!("{path}|exists: true"), false, json!("example"), Value::Null),
        "absent" => (format!("{path}|exists: true"), true, Value::Null, json!("example")),
        "<" => {
            let bound = needs(number)?;
            (format!("{path}|lt: {bound}"), false, json!(bound.saturating_sub(1)), json!(bound))
        }
        _ => {
            let bound = needs(number)?;
            (format!("{path}|gt: {bound}"), false, json!(bound.saturating_add(1)), json!(bound))
        }
    };
    let noun = kind.split('.').skip(1).collect::<Vec<_>>().join(" ").replace('_', " ");
    let title = title.map_or_else(
        || format!("{noun} with {path} {}", format!("{} {value}", words(sign)).trim()),
        str::to_owned,
    );
    let name = if negated { "right" } else { "wrong" };
    let first = path.split('.').next().unwrap_or_default();
    let text = format!(
        "title: {}\nseverity: {severity}\nresource: {kind}\ndetection:\n  {name}: {{ {search} }}\n  condition: {}{name}\n\
         message: \"{{facts.resource.arn}}: {}\"\nbase: {}\ntests:\n  - finding: it is so\n    given: {}\n  - clean: it is not\n  \
         - unknown: it may not be read\n    given: {{ {first}: {{ $unavailable: Denied }} }}\n",
        scalar(&title),
        if negated { "not " } else { "" },
        title.replace(['"', '\\', '{', '}'], ""),
        at(path, good),
        at(path, bad),
    );
    Ok(Draft { title, text })
}

/// Path, sign and value of a condition.
fn split(condition: &str) -> Result<(&str, &str, &str), Failure> {
    let mut words = condition.trim().splitn(3, char::is_whitespace);
    let (path, sign, value) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let needs_value = !matches!(sign, "exists" | "absent");
    if path.is_empty()
        || path.contains(['|', '['])
        || !SIGNS.contains(&sign)
        || (needs_value == value.trim().is_empty())
    {
        return Err(Failure::usage(format!(
            "`{condition}` is no condition; write a path, one of {}, and a value, with spaces between",
            SIGNS.join(" ")
        )));
    }
    Ok((path, sign, value.trim()))
}

fn words(sign: &str) -> &str {
    match sign {
        "!=" => "other than",
        "=" | "==" => "set to",
        "<" => "below",
        ">" => "above",
        other => other,
    }
}

fn scalar_of(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        other => match other.parse::<i64>() {
            Ok(number) if number.to_string() == other => number.into(),
            _ => other.into(),
        },
    }
}

/// A document that has a value at a path.
fn at(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |inner, name| json!({ name: inner }))
}
