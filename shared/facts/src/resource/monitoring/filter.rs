//! Metric filters.
//!
//! `MetricFilter`, <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html>.

use model::json::Value;

use crate::loose::{list, text};

/// A metric, which has no more than a name to be known by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
}

/// A filter with one of the metrics that it counts into, if any.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) pattern: String,
    pub(super) log_group: String,
    pub(super) metric: Option<Metric>,
}

impl Filter {
    pub(super) fn read(filter: Value<'_>) -> Vec<Self> {
        let with = |metric: Option<Metric>| Self {
            name: text(filter, "filterName").into_owned(),
            pattern: text(filter, "filterPattern").into_owned(),
            log_group: text(filter, "logGroupName").into_owned(),
            metric,
        };
        let metric = |metric: Value<'_>| Metric {
            namespace: text(metric, "metricNamespace").into_owned(),
            name: text(metric, "metricName").into_owned(),
        };
        let metrics = list(filter, "metricTransformations");
        if metrics.is_empty() {
            return vec![with(None)];
        }
        metrics.into_iter().map(|each| with(Some(metric(each)))).collect()
    }
}
