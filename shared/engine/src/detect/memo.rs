//! What was told to correlations before, so that noise is left out before anything is made of it.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher as _, RandomState};

use model::Timestamp;
use rules::Correlated;

/// So many classes are remembered; then the memo starts anew, which costs time and nothing else.
const CLASSES: usize = 1 << 18;

/// The first entries of each class, as far as they are needed to tell which others are not.
#[derive(Debug, Default)]
pub struct Memo {
    hasher: RandomState,
    classes: HashMap<u64, BTreeSet<(Timestamp, u64)>>,
}

impl Memo {
    /// Whether an entry has to be kept: whether fewer than the limit of its class came before it, by the time of the
    /// events, whatever the order of arrival.
    pub(super) fn admits(
        &mut self,
        correlation: &Correlated,
        group: &[String],
        base: usize,
        value: &str,
        time: Timestamp,
        event: &str,
    ) -> bool {
        let class = correlation.class(time, base, value);
        let key = self.hasher.hash_one((&correlation.meta().id, group, class));
        let entry = self.hasher.hash_one((event, base, value));
        if self.classes.len() >= CLASSES && !self.classes.contains_key(&key) {
            self.classes.clear();
        }
        let first = self.classes.entry(key).or_default();
        if first.len() < correlation.limit() {
            first.insert((time, entry));
            return true;
        }
        match first.last().copied() {
            Some(last) if time < last.0 => {
                if first.insert((time, entry)) {
                    first.remove(&last);
                }
                true
            }
            // Of equal times the ids decide, which is not the memo's affair.
            Some(last) => time == last.0,
            None => true,
        }
    }
}
