//! Joining what records told rules over several events.
//!
//! Event time counts, not arrival: an entry that comes late is put where it belongs, and every window that holds it is
//! looked at again. Sightings that come of it a second time change nothing in a store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Sighting, Timestamp, WindowId};
use rules::{Correlated, Seen};

use crate::detect::{Detector, Observation, Told};
use crate::ports::{Store, StoreError, Window};

/// So many windows are asked for at once.
const TOGETHER: usize = 128;

/// So many reaches the news of one question lies apart at most.
const PART: i32 = 4;

/// How much longer than its window an entry is kept, for what arrives late.
const LATE: Duration = Duration::from_hours(24);

/// Observations on their way into windows.
#[derive(Debug, Default)]
pub struct Gathering {
    /// By the level of the correlations, since those of a higher level look at those below.
    levels: BTreeMap<usize, BTreeMap<WindowId, Touched>>,
    waiting: usize,
}

/// A window with news.
#[derive(Debug)]
struct Touched {
    rule: String,
    /// When the news happened.
    times: BTreeSet<Timestamp>,
    /// What is not kept yet.
    told: Vec<Told>,
}

impl Gathering {
    /// Takes observations up.
    pub fn add(&mut self, detector: &Detector, observations: impl IntoIterator<Item = Observation>) {
        for observation in observations {
            let Observation { rule, window, told } = observation;
            let Some(correlation) = detector.rules().correlation(&rule) else { continue };
            let level = self.levels.entry(correlation.level()).or_default();
            let touched = level.entry(window).or_insert_with(|| Touched {
                rule,
                times: BTreeSet::new(),
                told: Vec::new(),
            });
            touched.times.insert(told.time());
            touched.told.push(told);
            self.waiting = self.waiting.saturating_add(1);
        }
    }

    /// Whether there is nothing to settle.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// How many entries are not kept yet.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Hands the entries to the store without asking what comes of it, so that they need no memory here.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep(
        &mut self,
        detector: &Detector,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut windows = Vec::new();
        for (id, touched) in self.levels.values_mut().flatten() {
            let Some(correlation) = detector.rules().correlation(&touched.rule) else { continue };
            if !touched.told.is_empty() {
                windows.push(kept(id, correlation, &std::mem::take(&mut touched.told)));
            }
        }
        if !windows.is_empty() {
            store.observe(&windows, now).await?;
        }
        self.waiting = 0;
        Ok(())
    }

    /// Keeps the entries and looks at every window that they belong to. Nothing is left afterwards.
    ///
    /// # Errors
    /// When the store fails; then what was gathered has to be gathered again.
    pub async fn settle(
        &mut self,
        detector: &Detector,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Vec<Sighting>, StoreError> {
        let mut sightings = Vec::new();
        while let Some((_, level)) = self.levels.pop_first() {
            let mut parts = level.into_iter().flat_map(|(id, touched)| {
                let correlation = detector.rules().correlation(&touched.rule);
                correlation.map(|correlation| touched.parts(&id, correlation)).unwrap_or_default()
            });
            loop {
                let (touched, windows): (Vec<_>, Vec<_>) = parts.by_ref().take(TOGETHER).unzip();
                if windows.is_empty() {
                    break;
                }
                let answers = store.observe(&windows, now).await?;
                for (touched, entries) in touched.iter().zip(&answers) {
                    // What another version of the rule kept may be of no use.
                    let told =
                        entries.iter().filter_map(|entry| serde_json::from_str(&entry.doc).ok()).collect();
                    self.evaluate(detector, touched, told, &mut sightings);
                }
            }
        }
        self.waiting = 0;
        Ok(sightings)
    }

    /// Looks at the windows as if there were nothing but what was gathered. Nothing is left afterwards.
    pub fn join(&mut self, detector: &Detector) -> Vec<Sighting> {
        let mut sightings = Vec::new();
        while let Some((_, level)) = self.levels.pop_first() {
            for mut touched in level.into_values() {
                let told = std::mem::take(&mut touched.told);
                self.evaluate(detector, &touched, told, &mut sightings);
            }
        }
        self.waiting = 0;
        sightings
    }

    /// Finds what the news of a window completes.
    fn evaluate(
        &mut self,
        detector: &Detector,
        touched: &Touched,
        told: Vec<Told>,
        sightings: &mut Vec<Sighting>,
    ) {
        let Some(correlation) = detector.rules().correlation(&touched.rule) else { return };
        let told: Vec<(usize, Told)> =
            told.into_iter().filter_map(|told| Some((correlation.base(&told.base)?, told))).collect();
        let seen: Vec<Seen<'_>> = told
            .iter()
            .map(|(base, told)| Seen {
                time: told.time(),
                event: &told.event,
                base: *base,
                value: &told.value,
                success: told.success,
            })
            .collect();
        for fired in correlation.fired(&seen) {
            let Some((_, told)) = told.get(fired.at) else { continue };
            let time = told.time();
            let earliest = time.saturating_sub(correlation.reach()).unwrap_or(Timestamp::MIN);
            if touched.times.range(earliest..=time).next().is_none() {
                continue;
            }
            let (sighting, then) = told.fired(correlation, &fired);
            if correlation.is_reported() {
                sightings.push(sighting);
            }
            self.add(detector, then);
        }
    }
}

impl Touched {
    /// Hands the entries over, and asks for all that has to do with what happened: in parts, since the news of a busy
    /// window may be of years, and an answer has an end.
    fn parts(mut self, id: &WindowId, correlation: &Correlated) -> Vec<(Self, Window)> {
        let reach = correlation.reach();
        let longest = reach.saturating_mul(PART);
        let mut parts: Vec<(Self, Window)> = Vec::new();
        for time in std::mem::take(&mut self.times) {
            let until = time.saturating_add(reach).unwrap_or(Timestamp::MAX);
            if let Some((part, window)) = parts.last_mut()
                && part.times.first().is_some_and(|first| first.duration_until(time) <= longest)
            {
                part.times.insert(time);
                window.asked = window.asked.map(|(from, _)| (from, until));
                continue;
            }
            let told = std::mem::take(&mut self.told);
            let from = time.saturating_sub(reach).unwrap_or(Timestamp::MIN);
            let window = Window { asked: Some((from, until)), ..kept(id, correlation, &told) };
            parts.push((
                Self { rule: self.rule.clone(), times: BTreeSet::from([time]), told: Vec::new() },
                window,
            ));
        }
        parts
    }
}

/// Entries to keep, with nothing asked.
fn kept(id: &WindowId, correlation: &Correlated, told: &[Told]) -> Window {
    Window {
        id: id.clone(),
        entries: told.iter().filter_map(|told| told.entry(id, correlation)).collect(),
        limit: correlation.limit(),
        asked: None,
        most: correlation.whole(),
        stay: Duration::try_from(correlation.reach())
            .unwrap_or_default()
            .saturating_mul(2)
            .saturating_add(LATE),
    }
}
