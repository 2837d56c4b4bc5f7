//! The Open Cybersecurity Schema Framework: a Detection Finding for a signature, a Compliance Finding for a check.
//!
//! Source: <https://schema.ocsf.io>. What is written here is the same in all the versions that can be chosen, so that
//! they differ in `metadata.version` alone.

mod parts;

use std::io::{self, Write};

use model::{Severity, Timestamp};
use serde_json::{Value, json};

use crate::entry::{Entry, State};
use crate::json::write_array;
use crate::{Format, Row, Style, Verdict};

pub(crate) static OCSF: Format =
    of::<8>("ocsf", "for security lakes and SIEMs: an array of OCSF 1.8.0 findings");
pub(crate) static OCSF_1_7: Format = of::<7>("ocsf-1.7", "the same, as OCSF 1.7.0");
pub(crate) static OCSF_1_6: Format = of::<6>("ocsf-1.6", "the same, as OCSF 1.6.0");
pub(crate) static OCSF_1_5: Format = of::<5>("ocsf-1.5", "the same, as OCSF 1.5.0");

/// The format that writes version 1.`MINOR`.0.
const fn of<const MINOR: u8>(name: &'static str, about: &'static str) -> Format {
    Format { name, about, write: write::<MINOR>, write_verdicts: write_verdicts::<MINOR> }
}

fn write<const MINOR: u8>(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    write_array(out, rows.iter().map(|row| document(&row.into(), MINOR)))
}

fn write_verdicts<const MINOR: u8>(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    write_array(out, verdicts.iter().map(|verdict| document(&verdict.into(), MINOR)))
}

/// What the schema calls a thing, with its number.
struct Named(u32, &'static str);

/// The event about `entry`. All that somebody else wrote stands in it as JSON text, which no reader takes for more.
fn document(entry: &Entry<'_>, minor: u8) -> Value {
    let class =
        if entry.is_check() { Named(2003, "Compliance Finding") } else { Named(2004, "Detection Finding") };
    let activity = activity(entry);
    let severity = severity(entry.severity);
    let status = status(entry.state);
    let mut event = json!({
        "metadata": {
            "version": format!("1.{minor}.0"),
            "profiles": ["cloud"],
            "product": {
                "name": "Trailpost", "vendor_name": "Trailpost", "uid": "trailpost",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "uid": format!("{}-{}-{}", entry.id, entry.state.as_str(), entry.updated),
            "event_code": entry.rule,
            "tenant_uid": entry.account_id(),
        },
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": class.0,
        "class_name": class.1,
        "activity_id": activity.0,
        "activity_name": activity.1,
        "type_uid": class.0 * 100 + activity.0,
        "type_name": format!("{}: {}", class.1, activity.1),
        "severity_id": severity.0,
        "severity": severity.1,
        "status_id": status.0,
        "status": status.1,
        "status_code": entry.state.as_str(),
        "time": milliseconds(entry.updated),
        "start_time": milliseconds(entry.first_seen),
        "end_time": milliseconds(entry.last_seen),
        "count": i32::try_from(entry.count).unwrap_or(i32::MAX),
        "message": entry.sentence(),
        "cloud": parts::cloud(entry),
        "finding_info": parts::finding_info(entry),
        "resources": [parts::resource(entry)],
        "unmapped": parts::unmapped(entry),
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let (Some(value), Some(members)) = (value, event.as_object_mut()) {
            members.insert(name.to_owned(), value);
        }
    };
    put("remediation", parts::remediation(entry));
    put("status_detail", (entry.state == State::Unknown).then(|| json!(entry.message)));
    let is_alert = entry.state == State::Open && entry.severity > Severity::Info;
    put("is_alert", (!entry.is_check()).then(|| is_alert.into()));
    put("compliance", entry.is_check().then(|| compliance(entry)));
    if let Some(finding) = entry.finding {
        // The word of whoever dealt with it: <https://schema.ocsf.io/1.8.0/classes/detection_finding>.
        put("comment", finding.closed.as_ref().map(|closing| json!(closing.reason)));
        put("api", parts::api(entry, &finding.latest));
        put("evidences", parts::evidences(entry, finding).map(|evidence| json!([evidence])));
    }
    event
}

/// The schema's `timestamp_t`: milliseconds since 1970.
fn milliseconds(time: Timestamp) -> i64 {
    time.as_millisecond()
}

const fn activity(entry: &Entry<'_>) -> Named {
    match entry.state {
        State::Resolved => Named(3, "Close"),
        State::Open if !entry.is_new => Named(2, "Update"),
        State::Suppressed => Named(2, "Update"),
        State::Open | State::Clean | State::Unknown => Named(1, "Create"),
    }
}

const fn severity(severity: Severity) -> Named {
    match severity {
        Severity::Info => Named(1, "Informational"),
        Severity::Low => Named(2, "Low"),
        Severity::Medium => Named(3, "Medium"),
        Severity::High => Named(4, "High"),
        Severity::Critical => Named(5, "Critical"),
    }
}

const fn status(state: State) -> Named {
    match state {
        State::Unknown => Named(0, "Unknown"),
        State::Open => Named(1, "New"),
        State::Suppressed => Named(3, "Suppressed"),
        State::Resolved | State::Clean => Named(4, "Resolved"),
    }
}

fn compliance(entry: &Entry<'_>) -> Value {
    let status = match entry.state {
        State::Unknown => Named(0, "Unknown"),
        State::Resolved | State::Clean => Named(1, "Pass"),
        State::Open | State::Suppressed => Named(3, "Fail"),
    };
    let mut compliance = json!({
        "control": entry.rule,
        "desc": entry.title,
        "status_id": status.0,
        "status": status.1,
        "status_code": entry.state.as_str(),
    });
    // The same check elsewhere: `prowler/s3_bucket_public_access`.
    let elsewhere = entry.meta.iter().flat_map(|meta| &meta.equivalents);
    let elsewhere: Vec<String> =
        elsewhere.flat_map(|(tool, ids)| ids.iter().map(move |id| format!("{tool}/{id}"))).collect();
    if let (false, Some(members)) = (elsewhere.is_empty(), compliance.as_object_mut()) {
        members.insert("requirements".to_owned(), json!(elsewhere));
    }
    compliance
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn shown(value: &Value) -> String {
        serde_json::to_string_pretty(value).unwrap().replace(env!("CARGO_PKG_VERSION"), "[version]")
    }

    #[test]
    fn a_detection_finding() {
        let mut finding = samples::findings().swap_remove(1);
        finding.latest.actor.kind = "AssumedRole".into();
        finding.latest.actor.mfa = Some(true);
        finding.latest.evidence = r#"{"eventName":"StopLogging"}"#.into();
        let rule = samples::rule();
        insta::assert_snapshot!(shown(&document(&(&Row { finding: &finding, rule: Some(&rule) }).into(), 8)));
    }

    #[test]
    fn a_compliance_finding_that_is_over() {
        let finding = samples::posture();
        insta::assert_snapshot!(shown(&document(&(&Row { finding: &finding, rule: None }).into(), 8)));
    }

    #[test]
    fn verdicts_pass_fail_or_are_unknown() {
        let events = samples::verdicts().map(|verdict| document(&(&verdict).into(), 5));
        let numbers = events.each_ref().map(|event| {
            let number = |pointer: &str| event.pointer(pointer).and_then(Value::as_u64).unwrap();
            ["/type_uid", "/status_id", "/compliance/status_id"].map(number)
        });
        assert_eq!(numbers, [[200_301, 1, 3], [200_301, 4, 1], [200_301, 0, 0]]);
        assert_eq!(events[2]["status_detail"], "s3:ListAllMyBuckets was denied");
        assert_eq!(events[0]["metadata"]["version"], "1.5.0");
    }

    #[test]
    fn times_are_milliseconds() {
        let event = document(&(&samples::verdicts()[0]).into(), 8);
        assert_eq!(event["time"], 1_772_532_000_000_i64);
    }
}
