//! Alarms, and the topics that they tell.
//!
//! `MetricAlarm`, <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html>.

use model::json::Value;

use super::filter::{Filter, Metric};
use super::trail::LogGroup;
use crate::arn::Arn;
use crate::loose::{at, first_text, flag, list, text};

/// An alarm on one metric or several.
#[derive(Debug)]
pub(super) struct Alarm {
    pub(super) arn: String,
    metrics: Vec<Metric>,
    pub(super) topics: Vec<String>,
}

impl Alarm {
    pub(super) fn read(alarm: Value<'_>) -> Self {
        let metric = |metric: Value<'_>| Metric {
            namespace: text(metric, "Namespace").into_owned(),
            name: text(metric, "MetricName").into_owned(),
        };
        // Metric math names its metrics one by one.
        let in_math = list(alarm, "Metrics").into_iter().filter_map(|each| at(each, "MetricStat.Metric"));
        let is_topic = |action: &String| Arn::parse(action).is_some_and(|arn| arn.service == "sns");
        // An alarm whose actions are off changes its state and tells nobody.
        let tells = flag(alarm, "ActionsEnabled") != Some(false);
        let actions = list(alarm, "AlarmActions").into_iter().filter_map(Value::as_str);
        Self {
            arn: first_text(alarm, &["AlarmArn", "AlarmName"]).into_owned(),
            metrics: std::iter::once(alarm).chain(in_math).map(metric).collect(),
            topics: actions.map(String::from).filter(is_topic).filter(|_| tells).collect(),
        }
    }

    /// Whether the alarm is on the metric of a filter of `log_group`: it has to be in the same region, as a
    /// metric is where its filter is.
    pub(super) fn watches(&self, filter: &Filter, log_group: &LogGroup) -> bool {
        let elsewhere = Arn::parse(&self.arn).is_some_and(|arn| arn.region != log_group.region);
        let watched = |metric: &Metric| !metric.name.is_empty() && self.metrics.contains(metric);
        !elsewhere && filter.metric.as_ref().is_some_and(watched)
    }
}
