//! Calls that nobody knows, counted.

use std::collections::BTreeMap;

use model::Event;

/// So many names are told apart; what comes after is counted together. A caller cannot choose names of events, but a
/// store should not depend on that.
const NAMES: usize = 5_000;

/// How often each call was seen, by event source and event name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unmapped {
    counts: BTreeMap<(String, String), u64>,
    others: u64,
}

impl Unmapped {
    /// Counts a record.
    pub fn add(&mut self, event: Event<'_>) {
        let source = event.source().unwrap_or_default().into_owned();
        let name = facts::family(&event.name().unwrap_or_default()).to_owned();
        self.add_many(source, name, 1);
    }

    /// Counts what was counted elsewhere.
    pub fn extend(&mut self, other: &Self) {
        for ((source, name), count) in &other.counts {
            self.add_many(source.clone(), name.clone(), *count);
        }
        self.others = self.others.saturating_add(other.others);
    }

    fn add_many(&mut self, source: String, name: String, count: u64) {
        let key = (source, name);
        let has_room = self.counts.len() < NAMES || self.counts.contains_key(&key);
        let counted = if has_room { self.counts.entry(key).or_default() } else { &mut self.others };
        *counted = counted.saturating_add(count);
    }

    /// The calls with their counts, by source and name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.counts.iter().map(|((source, name), count)| (source.as_str(), name.as_str(), *count))
    }

    /// How many records had names for which there was no room.
    pub fn others(&self) -> u64 {
        self.others
    }
}
