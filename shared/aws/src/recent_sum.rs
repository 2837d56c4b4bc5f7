//! `code:cloudwatch:RecentSum`: what a metric came to lately. A row knows no time, so that this is more than one call.

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

/// The parameters of `GetMetricStatistics` for the sum over the last `Hours` hours of the metric whose `Dimension` is
/// `Of`, <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>. The span is one
/// period, so that there is one data point at most.
pub(crate) fn parameters(asked: &Value, now: Timestamp) -> Option<Value> {
    let hours = asked.get("Hours").and_then(Value::as_i64)?;
    let minute = now.as_second().div_euclid(60).checked_mul(60)?;
    let end = Timestamp::from_second(minute).ok()?;
    let start = end.checked_sub(hours.hours()).ok()?;
    Some(json!({
        "Namespace": asked.get("Namespace")?,
        "MetricName": asked.get("MetricName")?,
        "Dimensions": [{ "Name": asked.get("Dimension")?, "Value": asked.get("Of")? }],
        "StartTime": start.to_string(),
        "EndTime": end.to_string(),
        "Period": hours.checked_mul(3600)?,
        "Statistics": ["Sum"],
    }))
}

/// `{Hours, Sum}`; a metric without data came to nothing.
pub(crate) fn sum(asked: &Value, answer: &Value) -> Value {
    let points = answer.get("Datapoints").and_then(Value::as_array).into_iter().flatten();
    let sum: f64 = points.filter_map(|point| point.get("Sum")?.as_f64()).sum();
    json!({ "Hours": asked.get("Hours"), "Sum": sum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_ends_with_the_last_whole_minute() {
        let asked = json!({"Namespace": "AWS/Events", "MetricName": "Invocations", "Dimension": "RuleName", "Of": "r", "Hours": 168});
        let parameters = parameters(&asked, "2026-11-20T09:14:03Z".parse().unwrap()).unwrap();
        assert_eq!(parameters["StartTime"], "2026-11-13T09:14:00Z");
        assert_eq!(parameters["EndTime"], "2026-11-20T09:14:00Z");
        assert_eq!(parameters["Period"], 604_800);
        assert_eq!(parameters["Dimensions"], json!([{"Name": "RuleName", "Value": "r"}]));
    }

    #[test]
    fn points_are_added_and_none_are_nothing() {
        let asked = json!({"Hours": 1});
        let of = |answer: Value| sum(&asked, &answer);
        assert_eq!(of(json!({"Datapoints": [{"Sum": 2.0}, {"Sum": 3.0}]})), json!({"Hours": 1, "Sum": 5.0}));
        assert_eq!(of(json!({"Datapoints": []})), json!({"Hours": 1, "Sum": 0.0}));
    }
}
