//! Who hears of what, and when: the user's alerts file, decided.

mod file;

use std::collections::{BTreeMap, BTreeSet};

use model::{Finding, Severity, Timestamp};

use super::hours::{Every, Hours};
use crate::inventory::plain;
use crate::ports::{Store, StoreError};
use crate::times::tag_value;

/// The channels that every deployment has for people and programs.
pub const TOPICS: [&str; 3] = ["text", "json", "chat"];

/// What a message on a channel looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text for mail and SMS.
    Text,
    /// A JSON document.
    Json,
    /// What Amazon Q Developer shows in chats.
    Chat,
}

/// A further topic of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The ARN of the SNS topic.
    pub topic: String,
    /// What its messages look like.
    pub form: Form,
}

/// Who hears of what, and when. The default tells the three topics of everything, at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerts {
    channels: BTreeMap<String, Channel>,
    routes: Vec<Route>,
    digests: BTreeMap<Severity, Every>,
    hours: Hours,
    burst: Burst,
    /// Channels on which nothing is put together and nothing waits.
    complete: BTreeSet<String>,
}

/// Which findings go where. All conditions that are given have to hold, each by any of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Route {
    at_least: Option<Severity>,
    accounts: Vec<String>,
    regions: Vec<String>,
    /// Ids of rules; a `*` at the end stands for anything.
    rules: Vec<String>,
    tags: Vec<(String, Vec<String>)>,
    to: Vec<String>,
}

/// How many messages a channel gets one by one before the rest of the span becomes a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// Of all severities.
    pub singly: usize,
    /// Critical ones beyond that.
    pub critical: usize,
    /// The minutes of a span.
    pub minutes: u32,
}

/// Any ten minutes touch two spans of ten: 2 × (5 + 4) messages and 2 digests are twenty.
impl Default for Burst {
    fn default() -> Self {
        Self { singly: 5, critical: 4, minutes: 10 }
    }
}

/// When a channel hears of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Never: it is routed elsewhere.
    Never,
    /// At once, unless too many come at once.
    Now,
    /// At once, whatever comes.
    NowAlways,
    /// In the digest of then.
    At(Timestamp),
}

impl Alerts {
    /// The further topics, by channel.
    pub fn channels(&self) -> impl Iterator<Item = (&str, &Channel)> {
        self.channels.iter().map(|(name, channel)| (name.as_str(), channel))
    }

    /// When `channel`, one for people, hears of `finding`.
    ///
    /// # Errors
    /// When a route asks for a tag and the store fails.
    pub async fn when(
        &self,
        channel: &str,
        finding: &Finding,
        now: Timestamp,
        store: &dyn Store,
    ) -> Result<When, StoreError> {
        if !self.goes_to(channel, finding, store).await? {
            return Ok(When::Never);
        }
        if self.complete.contains(channel) {
            return Ok(When::NowAlways);
        }
        if finding.severity == Severity::Critical {
            return Ok(When::Now);
        }
        if let Some(every) = self.digests.get(&finding.severity) {
            return Ok(When::At(self.hours.next(*every, now)));
        }
        let awake = self.hours.after_quiet(now);
        Ok(if awake == now { When::Now } else { When::At(awake) })
    }

    /// The first route that fits decides; where none does, the three topics hear.
    async fn goes_to(&self, channel: &str, finding: &Finding, store: &dyn Store) -> Result<bool, StoreError> {
        for route in &self.routes {
            if route.fits(finding, store).await? {
                return Ok(route.to.iter().any(|to| to == channel));
            }
        }
        Ok(TOPICS.contains(&channel))
    }

    /// The span that `now` lies in, and when it ends: the digest of a burst is due then, or when the quiet hours end.
    pub fn span(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let length = i64::from(self.burst.minutes.max(1)).saturating_mul(60);
        let start = now.as_second().div_euclid(length).saturating_mul(length);
        let at = |second: i64| Timestamp::from_second(second).unwrap_or(now);
        (at(start), self.hours.after_quiet(at(start.saturating_add(length))))
    }

    /// How many messages go out one by one.
    pub const fn burst(&self) -> Burst {
        self.burst
    }
}

impl Route {
    async fn fits(&self, finding: &Finding, store: &dyn Store) -> Result<bool, StoreError> {
        let one_of =
            |wanted: &[String], text: &str| wanted.is_empty() || wanted.iter().any(|one| one == text);
        let rule = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => finding.rule.starts_with(start),
            None => finding.rule == *pattern,
        };
        let plainly = self.at_least.is_none_or(|least| finding.severity >= least)
            && one_of(&self.accounts, &plain(&finding.account))
            && one_of(&self.regions, &plain(&finding.region))
            && (self.rules.is_empty() || self.rules.iter().any(rule));
        if !plainly {
            return Ok(false);
        }
        for (tag, values) in &self.tags {
            let value = tag_value(store, finding, tag).await?;
            if !value.is_some_and(|value| values.contains(&value)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
