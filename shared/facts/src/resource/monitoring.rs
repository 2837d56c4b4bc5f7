//! `monitoring`: whom a trail tells of what it sees.
//!
//! A trail delivers to a log group, a metric filter counts some of what arrives there, an alarm watches the
//! metric and tells a topic, and the topic tells those who subscribed: "Creating CloudWatch alarms for CloudTrail
//! events",
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html>.

mod alarm;
mod filter;
mod subscription;
mod trail;

#[cfg(test)]
mod tests;

use model::json::{Value, Writer};

use self::alarm::Alarm;
use self::filter::Filter;
use self::subscription::Subscriptions;
use self::trail::Trail;
use super::ResourceFact;
use crate::hole::{Gathered, Hole, Known, member, write};
use crate::json_out::{Members, object};
use crate::loose::text;

/// Whom a trail tells of what it sees.
pub(super) static MONITORING: ResourceFact = ResourceFact {
    name: "monitoring",
    about: "Whom trails tell of what they see, one entry for each trail, metric filter of its log group, alarm on the metric and topic \
        of the alarm: [{trail: ARN, multi_region, logging, all_management_events: reads and writes, sources that are excluded \
        aside, log_group, filter, pattern, metric, alarm: ARN, topic: ARN, subscribed: somebody confirmed}]; null from where the \
        chain is broken.",
    reads: &[
        "$resource",
        "Alarms",
        "MetricFilters",
        "Subscriptions",
        "TrailSelectors",
        "TrailStatuses",
        "Trails",
    ],
    derive,
};

fn derive(document: Value<'_>, out: &mut Writer) {
    let account = member(document, "$resource")
        .map(|resource| resource.map(|resource| text(resource, "account")).unwrap_or_default());
    write(account, out, |account, out| {
        let onward = Onward {
            account: &account,
            filters: Gathered::list(document, "MetricFilters").flat_map(Filter::read),
            alarms: Gathered::list(document, "Alarms").flat_map(|alarm| vec![Alarm::read(alarm)]),
            subscriptions: Subscriptions::read(document),
        };
        let trails = trail::read(document);
        let chains = trails.flat_map(|trail| {
            let trail = std::rc::Rc::new(trail);
            onward.of(&trail).into_iter().map(|chain| (trail.clone(), chain)).collect()
        });
        chains.write(out, |(trail, chain), out| {
            object(out, |fact| {
                trail.write(fact);
                chain.write(fact);
            });
        });
    });
}

/// What may follow on a trail.
struct Onward<'a, 'o> {
    account: &'o str,
    filters: Gathered<'a, Filter>,
    alarms: Gathered<'a, Alarm>,
    subscriptions: Subscriptions<'a>,
}

/// One link of a chain: what is there, that nothing is, or that it is hidden.
type Link<'a, T> = Known<'a, Option<T>>;

/// What follows on a trail, link by link.
struct Chain<'a, 'o> {
    filter: Link<'a, &'o Filter>,
    alarm: Link<'a, &'o Alarm>,
    topic: Link<'a, &'o str>,
    subscribed: Link<'a, bool>,
}

impl<'a, 'o> Chain<'a, 'o> {
    /// The chain that ends before the filter, or is hidden from there on.
    fn ended(end: Option<Hole<'a>>) -> Self {
        Self { filter: link(end), alarm: link(end), topic: link(end), subscribed: link(end) }
    }

    fn write(&self, fact: &mut Members<'_>) {
        let mut part = |key, link: Link<'a, &str>| {
            fact.known(key, link, |text, out| match text {
                Some(text) => out.text(text),
                None => out.null(),
            });
        };
        part("filter", self.filter.map(|filter| filter.map(|filter| filter.name.as_str())));
        part("pattern", self.filter.map(|filter| filter.map(|filter| filter.pattern.as_str())));
        let metric = |filter: &'o Filter| filter.metric.as_ref().map(|metric| metric.name.as_str());
        part("metric", self.filter.map(|filter| filter.and_then(metric)));
        part("alarm", self.alarm.map(|alarm| alarm.map(|alarm| alarm.arn.as_str())));
        part("topic", self.topic);
        fact.known_maybe_flag("subscribed", self.subscribed);
    }
}

/// No link, or one that is hidden.
fn link<T>(end: Option<Hole<'_>>) -> Link<'_, T> {
    end.map_or(Ok(None), Err)
}

impl<'a> Onward<'a, '_> {
    /// The chains that begin at `trail`.
    fn of(&self, trail: &Trail<'_>) -> Vec<Chain<'a, '_>> {
        let mut chains = Vec::new();
        let Some(log_group) = trail.log_group.as_ref().filter(|group| group.is_in(self.account)) else {
            return vec![Chain::ended(None)];
        };
        for filter in self.filters.items.iter().filter(|filter| filter.log_group == log_group.name) {
            let watching = self.alarms.items.iter().filter(|alarm| alarm.watches(filter, log_group));
            let before = chains.len();
            for alarm in watching {
                let start =
                    || Chain { filter: Ok(Some(filter)), alarm: Ok(Some(alarm)), ..Chain::ended(None) };
                chains.extend(alarm.topics.iter().map(|topic| Chain {
                    topic: Ok(Some(topic)),
                    subscribed: self.subscriptions.of(topic).map(Some),
                    ..start()
                }));
                if alarm.topics.is_empty() {
                    chains.push(start());
                }
            }
            // A filter without a metric has no alarm, hidden or not.
            let hole = self.alarms.hole.filter(|_| filter.metric.is_some());
            if chains.len() == before || hole.is_some() {
                chains.push(Chain { filter: Ok(Some(filter)), ..Chain::ended(hole) });
            }
        }
        if chains.is_empty() || self.filters.hole.is_some() {
            chains.push(Chain::ended(self.filters.hole));
        }
        chains
    }
}
