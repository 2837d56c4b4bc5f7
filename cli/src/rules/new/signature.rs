//! A signature of the names of events, or of a record.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use model::Severity;
use records::{Item, Limits};
use serde_json::{Value, json};

use super::{Draft, scalar};
use crate::exit::Failure;

/// The fields of a record that tests do without: they are each call's own.
const OWN: &[&str] = &["eventID", "requestID", "sharedEventID"];

pub(super) fn of_names(
    source: &str,
    events: &[String],
    title: Option<&str>,
    severity: Severity,
) -> Result<Draft, Failure> {
    let Some(first) = events.first() else { return Err(Failure::usage("name an event with `--event`")) };
    let base = json!({ "eventSource": source, "eventName": first });
    Ok(draft(source, events, title, severity, &base, &[]))
}

/// Makes a signature of the first record in a file.
pub(super) fn of_record(path: &Path, title: Option<&str>, severity: Severity) -> Result<Draft, Failure> {
    let sources = records::sources(&[path.to_owned()]).map_err(|error| Failure::usage(error.to_string()))?;
    let mut found: Option<Value> = None;
    for source in &sources.found {
        let read = source.read(&Limits::default(), &mut |_| {}, &mut |item| {
            if let Item::Record(record) = item {
                found = serde_json::from_str(&record.event.root().to_json()).ok();
            }
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        read.map_err(|error| Failure::usage(error.to_string()))?;
    }
    let Some(Value::Object(mut record)) = found else {
        return Err(Failure::usage(format!(
            "{} holds no record; name a file of CloudTrail records",
            path.display()
        )));
    };
    let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (source, event) = (text("eventSource"), text("eventName"));
    let narrower: Vec<String> = record
        .get("requestParameters")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(key, value)| !key.contains(['.', '|', '[']) && (value.is_string() || value.is_boolean()))
        .map(|(key, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), scalar);
            format!("requestParameters.{key}: {value}")
        })
        .collect();
    record.retain(|key, _| !OWN.contains(&key.as_str()));
    Ok(draft(&source, &[event], title, severity, &Value::Object(record), &narrower))
}

fn draft(
    source: &str,
    events: &[String],
    title: Option<&str>,
    severity: Severity,
    base: &Value,
    narrower: &[String],
) -> Draft {
    let service = source.split('.').next().unwrap_or_default();
    let title = title.map_or_else(|| format!("{service} {} called", events.join(" or ")), str::to_owned);
    let names: Vec<String> = events.iter().map(|event| scalar(event)).collect();
    let names = match names.as_slice() {
        [name] => name.clone(),
        names => format!("[{}]", names.join(", ")),
    };
    let error = base.get("errorCode").is_some_and(|code| !code.is_null());
    let mut text = format!(
        "title: {}\nseverity: {severity}\nlogsource: {{ product: aws, service: cloudtrail }}\ndetection:\n  call:\n    \
         eventSource: {}\n    eventName: {names}\n",
        scalar(&title),
        scalar(source),
    );
    // Writing to a String cannot go wrong.
    for line in narrower {
        let _ = writeln!(text, "    # {line}");
    }
    let _ = writeln!(
        text,
        "  condition: call\nmessage: \"{{facts.actor.name|default:somebody}} called {{eventName}} of {{eventSource}}\"\n\
         base: {base}\ntests:\n  - finding: the call\n    outcome: {}",
        if error { "attempt" } else { "success" }
    );
    for event in events.iter().skip(1) {
        let _ = writeln!(
            text,
            "  - finding: {}\n    given: {{ eventName: {} }}\n    outcome: {}",
            scalar(&format!("the call {event}")),
            scalar(event),
            if error { "attempt" } else { "success" }
        );
    }
    if !error {
        text.push_str(
            "  - finding: a refused call\n    given: { errorCode: AccessDenied }\n    outcome: attempt\n",
        );
    }
    text.push_str("  - clean: another call of the service\n    given: { eventName: ListTagsForResource }\n");
    Draft { title, text }
}
