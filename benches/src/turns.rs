//! Turns: every contender runs once before any runs again.

use std::fmt;
use std::time::{Duration, Instant};

use crate::data::Data;

pub(crate) type Contender<'a> = (String, Box<dyn FnMut() -> usize + 'a>);

/// The best time of each contender, and what it returned last.
pub(crate) fn best_of(turns: usize, contenders: &mut [Contender<'_>]) -> Vec<(String, Duration, usize)> {
    let mut best: Vec<_> = contenders.iter().map(|(name, _)| (name.clone(), Duration::MAX, 0)).collect();
    for _ in 0..turns {
        for ((_, run), (_, time, result)) in contenders.iter_mut().zip(&mut best) {
            let start = Instant::now();
            *result = std::hint::black_box(run());
            *time = start.elapsed().min(*time);
        }
    }
    best
}

/// One line of the table.
pub(crate) struct Row<'a> {
    pub(crate) name: &'a str,
    pub(crate) time: Duration,
    pub(crate) matches: usize,
    pub(crate) data: &'a Data,
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time.as_secs_f64();
        write!(
            formatter,
            "{:55} {:9.1} {:11.2} {:9.0} {:8}",
            self.name,
            seconds * 1e3,
            seconds * 1e6 / self.data.records as f64,
            self.data.plain.len() as f64 / 1e6 / seconds,
            self.matches
        )
    }
}
