//! Joining what records told rules over several events.
//!
//! Event time counts, not arrival: an entry that comes late is put where it belongs, and every window that holds it is
//! looked at again. Sightings that come of it a second time change nothing in a store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Sighting, Timestamp, WindowId};
use rules::{Correlated, Seen};

use crate::detect::{Detector, Observation, Told};
use crate::ports::{Entry, Store, StoreError, Window};

/// So many windows are asked for at once.
const TOGETHER: usize = 128;

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
    entries: Vec<Entry>,
}

impl Gathering {
    /// Takes observations up.
    pub fn add(&mut self, detector: &Detector, observations: impl IntoIterator<Item = Observation>) {
        for observation in observations {
            let Some(correlation) = detector.rules().correlation(&observation.rule) else { continue };
            let Some(entry) = observation.entry(correlation) else { continue };
            let level = self.levels.entry(correlation.level()).or_default();
            let touched = level.entry(observation.window).or_insert_with(|| Touched {
                rule: observation.rule,
                times: BTreeSet::new(),
                entries: Vec::new(),
            });
            touched.times.insert(entry.time);
            touched.entries.push(entry);
            self.waiting = self.waiting.saturating_add(1);
        }
    }

    /// Takes observations up for [`Gathering::join`] where only rule, event, severity and outcome are wanted.
    pub fn add_slim(&mut self, detector: &Detector, observations: impl IntoIterator<Item = Observation>) {
        self.add(
            detector,
            observations.into_iter().map(|mut observation| {
                observation.slim();
                observation
            }),
        );
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
            if !touched.entries.is_empty() {
                windows.push(Window { asked: None, ..touched.window(id, correlation) });
            }
        }
        for some in windows.chunks(TOGETHER) {
            store.observe(some, now).await?;
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
            let mut level = level.into_iter();
            loop {
                let some: Vec<_> = level.by_ref().take(TOGETHER).collect();
                if some.is_empty() {
                    break;
                }
                let (touched, windows) = asked(detector, some);
                let answers = store.observe(&windows, now).await?;
                for (touched, entries) in touched.iter().zip(&answers) {
                    self.evaluate(detector, touched, entries, &mut sightings);
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
            for touched in level.into_values() {
                self.evaluate(detector, &touched, &touched.entries, &mut sightings);
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
        entries: &[Entry],
        sightings: &mut Vec<Sighting>,
    ) {
        let Some(correlation) = detector.rules().correlation(&touched.rule) else { return };
        // What another version of the rule kept may be of no use.
        let told: Vec<(Timestamp, usize, Told)> = entries
            .iter()
            .filter_map(|entry| {
                let told: Told = serde_json::from_str(&entry.doc).ok()?;
                Some((told.time(), correlation.base(&told.base)?, told))
            })
            .collect();
        let seen: Vec<Seen<'_>> = told
            .iter()
            .map(|(time, base, told)| Seen {
                time: *time,
                event: &told.event,
                base: *base,
                value: &told.value,
                success: told.success,
            })
            .collect();
        for fired in correlation.fired(&seen) {
            let Some((time, _, told)) = told.get(fired.at) else { continue };
            let earliest = time.saturating_sub(correlation.reach()).unwrap_or(Timestamp::MIN);
            if touched.times.range(earliest..=*time).next().is_none() {
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
    /// Hands the entries over, and asks for all that has to do with what happened.
    fn window(&mut self, id: &WindowId, correlation: &Correlated) -> Window {
        let reach = correlation.reach();
        let first = self.times.first().copied().unwrap_or_default();
        let last = self.times.last().copied().unwrap_or_default();
        Window {
            id: id.clone(),
            entries: std::mem::take(&mut self.entries),
            limit: correlation.limit(),
            asked: Some((
                first.saturating_sub(reach).unwrap_or(Timestamp::MIN),
                last.saturating_add(reach).unwrap_or(Timestamp::MAX),
            )),
            most: correlation.whole(),
            stay: Duration::try_from(reach).unwrap_or_default().saturating_mul(2).saturating_add(LATE),
        }
    }
}

/// The windows of correlations that are loaded, with what is asked of them.
fn asked(detector: &Detector, some: Vec<(WindowId, Touched)>) -> (Vec<Touched>, Vec<Window>) {
    some.into_iter()
        .filter_map(|(id, mut touched)| {
            let window = touched.window(&id, detector.rules().correlation(&touched.rule)?);
            Some((touched, window))
        })
        .unzip()
}
