//! Which events complete something: windows slide, and end with each event in the order of time.

use std::collections::{BTreeMap, HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{Bound, Kind, thin};

/// What one event told a correlation about one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen<'a> {
    /// When it happened.
    pub time: Timestamp,
    /// The event. Of several at the same time the id decides which came first.
    pub event: &'a str,
    /// Which of the correlation's rules matched, as [`super::Correlated::base`] numbers them.
    pub base: usize,
    /// The value that counts; empty where none does.
    pub value: &'a str,
    /// Whether the call took effect.
    pub success: bool,
}

/// An event that completes something.
#[derive(Debug, Clone, PartialEq)]
pub struct Fired {
    /// Which of the entries that were handed in.
    pub at: usize,
    /// How many events, values or steps there were, or their sum.
    pub count: f64,
    /// The values, the first few of them.
    pub values: Vec<String>,
    /// Whether it took effect: the last step, or what counts without the calls that failed.
    pub success: bool,
}

/// So many values are told.
const TOLD: usize = 5;

/// What makes a window complete.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    /// The number of the rule of each step.
    pub(super) steps: Vec<usize>,
    pub(super) span: SignedDuration,
    pub(super) bounds: Vec<Bound>,
}

/// An entry, and where it stood among those that were handed in. Lists of them are in the order of time.
pub(super) type Entry<'a> = (usize, Seen<'a>);

impl Shape {
    /// The entries that complete something, in the order of time. Each entry stands in `entries` once.
    pub(super) fn fired(&self, mut entries: Vec<Entry<'_>>) -> Vec<Fired> {
        match self.kind {
            Kind::Ordered => self.ordered(&entries),
            Kind::NewTerms { learning } => self.new_terms(learning, &entries),
            _ => {
                let mut fired = self.slid(&entries);
                entries.retain(|(_, seen)| seen.success);
                let sure: HashSet<usize> = self.slid(&entries).into_iter().map(|fired| fired.at).collect();
                for fired in &mut fired {
                    fired.success = sure.contains(&fired.at);
                }
                fired
            }
        }
    }

    fn holds(&self, value: f64) -> bool {
        self.bounds.iter().all(|bound| bound.holds(value))
    }

    fn slid(&self, entries: &[Entry<'_>]) -> Vec<Fired> {
        let mut window = Window::default();
        let mut fired = Vec::new();
        for (at, seen) in entries {
            window.slide_to(*seen, self.span);
            let count = window.measure(self.kind);
            let complete = match self.kind {
                Kind::Temporal if self.bounds.is_empty() => {
                    self.steps.iter().all(|step| window.bases.contains_key(step))
                }
                _ => self.holds(count),
            };
            if complete {
                let values = window.values.keys().take(TOLD).map(|value| (*value).to_owned()).collect();
                let values = if self.kind == Kind::ValueCount { values } else { Vec::new() };
                fired.push(Fired { at: *at, count, values, success: false });
            }
        }
        fired
    }

    /// From each last step back: the latest event of the step before, and so on. If that chain is too long, each is.
    fn ordered(&self, entries: &[Entry<'_>]) -> Vec<Fired> {
        let Some((last, before)) = self.steps.split_last() else { return Vec::new() };
        let mut of_step: BTreeMap<usize, Vec<Seen<'_>>> = BTreeMap::new();
        for (_, seen) in entries {
            of_step.entry(seen.base).or_default().push(*seen);
        }
        let complete = |end: Seen<'_>| {
            let mut chain = vec![end];
            for step in before.iter().rev() {
                let limit = chain.last().map_or(end.time, |next| next.time);
                let candidates = of_step.get(step).map(Vec::as_slice).unwrap_or_default();
                let until = candidates.partition_point(|seen| seen.time <= limit);
                let Some(found) = candidates
                    .get(..until)
                    .unwrap_or_default()
                    .iter()
                    .rev()
                    .find(|seen| chain.iter().all(|other| other.event != seen.event))
                else {
                    return false;
                };
                chain.push(*found);
            }
            chain.last().is_some_and(|first| first.time.duration_until(end.time) <= self.span)
        };
        let ends = entries.iter().filter(|(_, seen)| seen.base == *last && complete(*seen));
        #[expect(clippy::cast_precision_loss, reason = "a rule has few steps")]
        let count = self.steps.len() as f64;
        ends.map(|(at, seen)| Fired { at: *at, count, values: Vec::new(), success: seen.success }).collect()
    }

    /// Parts of time are remembered whole, because one entry of each value is kept of a part.
    fn new_terms(&self, learning: SignedDuration, entries: &[Entry<'_>]) -> Vec<Fired> {
        let part = thin::part(self.kind, self.span);
        // As many as it takes to hold the span.
        let parts = (self.span.as_secs() + part.as_secs() - 1).div_euclid(part.as_secs().max(1));
        let mut known: BTreeMap<&str, Timestamp> = BTreeMap::new();
        let mut times: VecDeque<Timestamp> = VecDeque::new();
        let mut fired = Vec::new();
        for (at, seen) in entries {
            let remembered = |time| thin::number(part, time) >= thin::number(part, seen.time) - parts;
            while times.front().is_some_and(|time| !remembered(*time)) {
                times.pop_front();
            }
            let learned = times.front().is_some_and(|first| first.duration_until(seen.time) >= learning);
            let is_new = known.insert(seen.value, seen.time).is_none_or(|before| !remembered(before));
            times.push_back(seen.time);
            if learned && is_new {
                let values = vec![seen.value.to_owned()];
                fired.push(Fired { at: *at, count: 1.0, values, success: seen.success });
            }
        }
        fired
    }
}

/// The entries that are at most one span older than the newest, counted.
#[derive(Debug, Default)]
struct Window<'a> {
    entries: VecDeque<Seen<'a>>,
    events: BTreeMap<&'a str, usize>,
    bases: BTreeMap<usize, usize>,
    values: BTreeMap<&'a str, usize>,
}

impl<'a> Window<'a> {
    fn slide_to(&mut self, seen: Seen<'a>, span: SignedDuration) {
        while self.entries.front().is_some_and(|first| first.time.duration_until(seen.time) > span) {
            if let Some(gone) = self.entries.pop_front() {
                one_less(&mut self.events, &gone.event);
                one_less(&mut self.bases, &gone.base);
                one_less(&mut self.values, &gone.value);
            }
        }
        *self.events.entry(seen.event).or_default() += 1;
        *self.bases.entry(seen.base).or_default() += 1;
        *self.values.entry(seen.value).or_default() += 1;
        self.entries.push_back(seen);
    }

    #[expect(clippy::cast_precision_loss, reason = "windows hold some thousand entries")]
    fn measure(&self, kind: Kind) -> f64 {
        match kind {
            Kind::EventCount => self.events.len() as f64,
            Kind::ValueCount => self.values.len() as f64,
            Kind::Sum => self.numbers().sum(),
            Kind::Average => self.numbers().sum::<f64>() / (self.numbers().count().max(1) as f64),
            Kind::Least => self.numbers().fold(f64::INFINITY, f64::min),
            Kind::Greatest => self.numbers().fold(f64::NEG_INFINITY, f64::max),
            Kind::Temporal | Kind::Ordered | Kind::NewTerms { .. } => self.bases.len() as f64,
        }
    }

    fn numbers(&self) -> impl Iterator<Item = f64> {
        self.entries.iter().filter_map(|seen| seen.value.parse().ok())
    }
}

fn one_less<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}
