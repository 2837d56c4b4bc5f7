//! A heartbeat: an event that HEALTH puts on the central bus, and that DETECT counts. Its silence alarms, so that a bus, a
//! queue or a function that stopped is noticed on a quiet day, too.

use engine::canary::envelope;
use engine::ports::{Place, ReadError};
use serde_json::json;

/// The source of heartbeats. Customers cannot put events of `aws.` sources, so that no record has this one.
pub(crate) const SOURCE: &str = "trailpost.heartbeat";

/// Whether a message is a heartbeat, and no record.
pub(crate) fn is_one(body: &[u8]) -> bool {
    envelope(body, SOURCE).is_some()
}

/// The metric `Heartbeat` of DETECT as a log line that `CloudWatch` understands,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
pub(crate) fn metric(milliseconds: i64, function: &str) -> String {
    json!({
        "_aws": {
            "Timestamp": milliseconds,
            "CloudWatchMetrics": [{
                "Namespace": "Trailpost",
                "Dimensions": [["FunctionName"]],
                "Metrics": [{ "Name": "Heartbeat", "Unit": "Count" }],
            }],
        },
        "FunctionName": function,
        "Heartbeat": 1,
    })
    .to_string()
}

/// Puts a heartbeat on a bus, with the function's own credentials.
pub(crate) async fn put(reader: &aws::Reader, region: &str, bus: &str) -> Result<(), ReadError> {
    let entry =
        json!({ "Source": SOURCE, "DetailType": "Trailpost Heartbeat", "Detail": "{}", "EventBusName": bus });
    let act = aws::Act {
        service: "events",
        operation: "PutEvents",
        parameters: aws::Parameters::Json(json!({ "Entries": [entry] })),
    };
    let place = Place { account: String::new(), region: region.to_owned() };
    let answer = reader.act(&place, &act).await?;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
    match answer.get("FailedEntryCount").and_then(serde_json::Value::as_u64) {
        Some(0) => Ok(()),
        _ => Err(ReadError::failed("PutEvents", format!("the bus did not take the heartbeat: {answer}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_source_of_the_envelope_makes_a_heartbeat() {
        assert!(is_one(
            br#"{"source":"trailpost.heartbeat","detail-type":"Trailpost Heartbeat","detail":{}}"#
        ));
        for record in [
            &br#"{"source":"aws.s3","detail":{"requestParameters":{"x":"trailpost.heartbeat"}}}"#[..],
            br#"{"detail":{"source":"trailpost.heartbeat"}}"#,
            br#"{"source":"trailpost.heartbeats"}"#,
            b"trailpost.heartbeat",
            b"",
        ] {
            assert!(!is_one(record), "{}", String::from_utf8_lossy(record));
        }
    }

    #[test]
    fn the_log_line_is_a_metric() {
        let line: serde_json::Value = serde_json::from_str(&metric(1_700_000_000_000, "detect")).unwrap();
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "Heartbeat");
        assert_eq!((&line["Heartbeat"], &line["FunctionName"]), (&json!(1), &json!("detect")));
    }
}
