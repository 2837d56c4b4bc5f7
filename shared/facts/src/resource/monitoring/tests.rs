//! Cases of the fact.

use serde_json::{Value, json};

use super::*;
use crate::resource::laws::{assert_cases, derived, hole};

const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:security";
const ALARM: &str = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:root";

/// An account where all is in place, with these members in place of some.
fn account(members: &Value) -> Value {
    let mut document = json!({
        "$resource": {"account": "111122223333", "region": "eu-west-1"},
        "Trails": [{"Name": "main", "TrailARN": TRAIL, "IsMultiRegionTrail": true,
            "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"}],
        "TrailStatuses": [{"Of": TRAIL, "IsLogging": true}],
        "TrailSelectors": [{"Of": TRAIL, "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}]}],
        "MetricFilters": [{"filterName": "root", "filterPattern": "{ $.userIdentity.type = Root }", "logGroupName": "trail",
            "metricTransformations": [{"metricName": "RootUse", "metricNamespace": "Security", "metricValue": "1"}]}],
        "Alarms": [{"AlarmName": "root", "AlarmArn": ALARM, "MetricName": "RootUse", "Namespace": "Security", "ActionsEnabled": true,
            "AlarmActions": [TOPIC]}],
        "Subscriptions": [{"TopicArn": TOPIC, "SubscriptionArn": format!("{TOPIC}:1234")}],
    });
    document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    document
}

fn alarm(members: &Value) -> Value {
    let mut alarm = account(&json!({}))["Alarms"][0].clone();
    alarm.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({"Alarms": [alarm]})
}

fn case(members: &Value, wanted: Value) -> (Value, Value) {
    (account(members), wanted)
}

#[test]
fn a_chain_is_followed_to_where_it_breaks() {
    let whole = json!([{"trail": TRAIL, "multi_region": true, "logging": true, "all_management_events": true, "log_group": "trail",
        "filter": "root", "pattern": "{ $.userIdentity.type = Root }", "metric": "RootUse", "alarm": ALARM, "topic": TOPIC,
        "subscribed": true}]);
    let no_filter = json!([{"log_group": "trail", "filter": null, "pattern": null, "metric": null, "alarm": null, "topic": null, "subscribed": null}]);
    let no_alarm =
        json!([{"filter": "root", "metric": "RootUse", "alarm": null, "topic": null, "subscribed": null}]);
    let no_topic = json!([{"alarm": ALARM, "topic": null, "subscribed": null}]);
    let filter = |group: &str| json!({"MetricFilters": [{"filterName": "f", "logGroupName": group, "metricTransformations": []}]});
    let trail = |arn: &str| json!({"Trails": [{"TrailARN": TRAIL, "CloudWatchLogsLogGroupArn": arn}]});
    let pending = json!({"Subscriptions": [{"TopicArn": TOPIC, "SubscriptionArn": "PendingConfirmation"}]});
    let math = json!({"MetricName": null, "Namespace": null,
        "Metrics": [{"Id": "e", "Expression": "m"}, {"Id": "m", "MetricStat": {"Metric": {"MetricName": "RootUse", "Namespace": "Security"}}}]});
    assert_cases(
        &MONITORING,
        &[
            case(&json!({}), whole.clone()),
            (json!({}), json!([])),
            case(&json!({"Trails": []}), json!([])),
            case(
                &json!({"Trails": [{"TrailARN": TRAIL}]}),
                json!([{"log_group": null, "filter": null, "logging": true}]),
            ),
            case(&trail("arn:aws:logs:eu-west-1:444455556666:log-group:trail:*"), no_filter.clone()),
            case(
                &trail("arn:aws:logs:eu-west-1:111122223333:log-group:other"),
                json!([{"log_group": "other", "filter": null}]),
            ),
            case(&json!({"MetricFilters": null}), no_filter.clone()),
            case(&filter("other"), no_filter),
            case(&filter("trail"), json!([{"filter": "f", "metric": null, "alarm": null}])),
            case(&json!({"Alarms": []}), no_alarm.clone()),
            case(&alarm(&json!({"Namespace": "Other"})), no_alarm.clone()),
            case(
                &alarm(&json!({"AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:root"})),
                no_alarm,
            ),
            case(&alarm(&math), whole),
            case(&alarm(&json!({"ActionsEnabled": false})), no_topic.clone()),
            case(&alarm(&json!({"AlarmActions": ["arn:aws:automate:eu-west-1:ec2:stop"]})), no_topic),
            case(&json!({"Subscriptions": []}), json!([{"topic": TOPIC, "subscribed": false}])),
            case(&pending, json!([{"topic": TOPIC, "subscribed": false}])),
            // Two topics are two ways, and a trail that is listed twice is one.
            case(
                &alarm(&json!({"AlarmActions": [TOPIC, "arn:aws:sns:eu-west-1:111122223333:other"]})),
                json!([{"topic": TOPIC, "subscribed": true}, {"topic": "arn:aws:sns:eu-west-1:111122223333:other", "subscribed": false}]),
            ),
            case(&json!({"Trails": [{"TrailARN": TRAIL}, {"TrailARN": TRAIL}]}), json!([{"trail": TRAIL}])),
        ],
    );
}

#[test]
fn what_is_hidden_hides_the_chain_from_there() {
    let hidden = hole();
    let other = json!({"$unavailable": "Throttled", "Of": TRAIL});
    let foreign =
        json!({"$unavailable": "Throttled", "Of": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/x"});
    let with_hole = |name: &str| {
        let mut list = account(&json!({}))[name].clone();
        list.as_array_mut().unwrap().push(hole());
        json!({name: list})
    };
    assert_cases(
        &MONITORING,
        &[
            case(&json!({"Trails": hidden}), hidden.clone()),
            case(&json!({"$resource": hidden}), hidden.clone()),
            case(&with_hole("Trails"), json!([{"subscribed": true}, hidden])),
            case(
                &json!({"TrailStatuses": hidden}),
                json!([{"logging": hidden, "all_management_events": true, "subscribed": true}]),
            ),
            case(&json!({"TrailStatuses": [other]}), json!([{"logging": other}])),
            case(&json!({"TrailStatuses": [foreign]}), json!([{"logging": null}])),
            case(
                &json!({"TrailStatuses": [{"Of": TRAIL, "IsLogging": hidden}]}),
                json!([{"logging": hidden}]),
            ),
            case(&with_hole("TrailStatuses"), json!([{"logging": true}])),
            case(
                &json!({"TrailSelectors": hidden}),
                json!([{"logging": true, "all_management_events": hidden}]),
            ),
            case(
                &json!({"MetricFilters": hidden}),
                json!([{"log_group": "trail", "filter": hidden, "pattern": hidden, "metric": hidden, "alarm": hidden, "subscribed": hidden}]),
            ),
            case(
                &with_hole("MetricFilters"),
                json!([{"filter": "root", "subscribed": true}, {"filter": hidden, "subscribed": hidden}]),
            ),
            case(
                &json!({"Alarms": hidden}),
                json!([{"filter": "root", "metric": "RootUse", "alarm": hidden, "topic": hidden}]),
            ),
            case(
                &with_hole("Alarms"),
                json!([{"alarm": ALARM, "subscribed": true}, {"filter": "root", "alarm": hidden}]),
            ),
            case(&json!({"Subscriptions": hidden}), json!([{"topic": TOPIC, "subscribed": hidden}])),
            case(&with_hole("Subscriptions"), json!([{"topic": TOPIC, "subscribed": true}])),
            // A trail without a log group tells nobody, whatever filters there are.
            case(
                &json!({"Trails": [{"TrailARN": TRAIL}], "MetricFilters": hidden}),
                json!([{"filter": null, "subscribed": null}]),
            ),
        ],
    );
}

#[test]
fn a_trail_records_all_management_events_or_not() {
    let basic =
        |kind: &str, management: bool| json!({"ReadWriteType": kind, "IncludeManagementEvents": management});
    let advanced = |fields: &[(&str, &str, &str)]| {
        let fields: Vec<_> = fields
            .iter()
            .map(|(field, operator, value)| json!({"Field": field, *operator: [value]}))
            .collect();
        json!({"FieldSelectors": fields})
    };
    let management = ("eventCategory", "Equals", "Management");
    for (selectors, all) in [
        (json!({"EventSelectors": [basic("All", true)]}), json!(true)),
        (json!({"EventSelectors": [basic("WriteOnly", true)]}), json!(false)),
        (json!({"EventSelectors": [basic("All", false)]}), json!(false)),
        (json!({"EventSelectors": [basic("ReadOnly", true), basic("WriteOnly", true)]}), json!(true)),
        (json!({"EventSelectors": [basic("All", false), basic("ReadOnly", true)]}), json!(false)),
        (json!({"AdvancedEventSelectors": [advanced(&[management])]}), json!(true)),
        (
            json!({"AdvancedEventSelectors": [advanced(&[management, ("readOnly", "Equals", "false")])]}),
            json!(false),
        ),
        (
            json!({"AdvancedEventSelectors": [advanced(&[management, ("readOnly", "Equals", "true")]),
                advanced(&[management, ("readOnly", "Equals", "false")])]}),
            json!(true),
        ),
        (
            json!({"AdvancedEventSelectors": [advanced(&[management, ("eventSource", "NotEquals", "kms.amazonaws.com")])]}),
            json!(true),
        ),
        (
            json!({"AdvancedEventSelectors": [advanced(&[("eventSource", "Equals", "iam.amazonaws.com"), management])]}),
            json!(false),
        ),
        (json!({"AdvancedEventSelectors": [advanced(&[("eventCategory", "Equals", "Data")])]}), json!(false)),
        (json!({"EventSelectors": [], "AdvancedEventSelectors": []}), json!(null)),
        (json!({}), json!(null)),
    ] {
        let mut entry = selectors.clone();
        entry["Of"] = json!(TRAIL);
        let seen = derived(&MONITORING, &account(&json!({"TrailSelectors": [entry]})));
        assert_eq!(seen[0]["all_management_events"], all, "{selectors}");
    }
}
