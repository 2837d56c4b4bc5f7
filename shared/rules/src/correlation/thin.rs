//! How much of a window is kept, so that somebody who makes noise cannot fill the store.
//!
//! Entries fall into classes: by their part of time, and by what tells them apart for the correlation. Of a class the
//! first so many are kept, in the order of time, whatever the order of arrival. Where events count, a class that is
//! full has completed what it can complete; of values and steps so many are kept that noise of one cannot hide another.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::window::Entry;
use super::{Kind, Seen};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How many entries of one class are kept at least, where events or numbers count.
const COUNTED: usize = 256;
/// How many sums are made of at most.
const SUMMED: usize = 4096;
/// Of each step.
const STEPPED: usize = 64;
/// Of each value.
const VALUED: usize = 64;
/// Of a window as a whole, where its classes have no number.
const WHOLE: usize = 4096;

/// The longest value that tells classes apart.
const VALUE: usize = 256;

/// In how many parts the memory of `new_terms` is kept: of each value one entry a part.
const PARTS: i64 = 8;

/// The parts of time that classes are of. Those of `new_terms` are whole days.
pub(super) fn part(kind: Kind, span: SignedDuration) -> SignedDuration {
    match kind {
        Kind::NewTerms { .. } => {
            let days = span.as_secs().div_euclid(DAY.as_secs()).div_euclid(PARTS).max(1);
            SignedDuration::from_secs(days.saturating_mul(DAY.as_secs()))
        }
        _ => span,
    }
}

/// The number of the part that a time is in.
pub(super) fn number(part: SignedDuration, time: Timestamp) -> i64 {
    time.as_second().div_euclid(part.as_secs().max(1))
}

/// The class of an entry.
pub(super) fn class(kind: Kind, span: SignedDuration, time: Timestamp, base: usize, value: &str) -> String {
    let number = number(part(kind, span), time);
    match kind {
        Kind::EventCount | Kind::Sum | Kind::Average | Kind::Least | Kind::Greatest => number.to_string(),
        Kind::Temporal | Kind::Ordered => format!("{number} {base}"),
        Kind::ValueCount | Kind::NewTerms { .. } => {
            format!("{number} {}", value.chars().take(VALUE).collect::<String>())
        }
    }
}

/// How many entries of a class are kept, where the greatest bound is `most`.
pub(super) fn limit(kind: Kind, most: usize) -> usize {
    match kind {
        Kind::EventCount => COUNTED.max(most.saturating_mul(2)),
        Kind::Sum | Kind::Average | Kind::Least | Kind::Greatest => SUMMED,
        Kind::Temporal | Kind::Ordered => STEPPED,
        Kind::ValueCount => VALUED,
        Kind::NewTerms { .. } => 1,
    }
}

/// How many entries of a window are looked at: enough for the bound, whatever classes they are of.
pub(super) fn whole(kind: Kind, most: usize) -> usize {
    WHOLE.max(limit(kind, most).saturating_mul(most.saturating_add(1)).saturating_mul(3))
}

/// The entries in the order of time, each once, and of each class no more than `limit`.
pub(super) fn thinned<'a>(
    seen: &[Seen<'a>],
    limit: usize,
    class: impl Fn(&Seen<'a>) -> String,
) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = seen.iter().copied().enumerate().collect();
    entries.sort_by_key(|(_, seen)| *seen);
    // Whether it took effect is no part of what tells entries apart: the same event has one outcome.
    entries.dedup_by_key(|(_, seen)| (seen.time, seen.event, seen.base, seen.value));
    let mut filled: HashMap<String, usize> = HashMap::new();
    entries.retain(|(_, seen)| {
        let kept = filled.entry(class(seen)).or_default();
        *kept = kept.saturating_add(1);
        *kept <= limit
    });
    entries
}
