//! What a record tells a rule over several events, with everything that its finding needs once it has fired.

use facts::is_automated;
use model::{Actor, Sighting, Timestamp, Untrusted, WindowId};
use rules::{Correlated, Fired, Judged, Observed, Said};
use serde::{Deserialize, Serialize};

use super::Judgement;
use super::sighting::{self, Grade, Place, Witness};
use crate::ports::Entry;

/// So many bytes of a record are kept in an entry: whole records, but for the largest.
const EVIDENCE: usize = 4 * 1024;

/// The most bytes of an entry, far below what any store takes.
const LONGEST: usize = 128 * 1024;

/// The region of a finding over several events, which may have happened in several.
const REGION: &str = "global";

/// What one event told one correlation about one group: an entry of a window.
#[derive(Debug, Clone)]
pub struct Observation {
    pub(crate) rule: String,
    pub(crate) window: WindowId,
    pub(crate) told: Told,
}

/// What is kept of an observation, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) base: String,
    pub(crate) value: String,
    group: Vec<String>,
    said: Vec<Said>,
    then: Vec<Observed>,
    /// The event and the account that received it.
    pub(crate) event: String,
    account: String,
    pub(crate) success: bool,
    automated: bool,
    /// The sighting, but for what depends on other events.
    sighting: Sighting,
}

/// Takes down what a match tells the correlations that look at its rule.
pub(super) fn of(judged: &Judged<'_>, witness: &Witness<'_, '_>, judgement: &mut Judgement) {
    let record = witness.record;
    let Judgement { memo, observations, brief, .. } = judgement;
    let time = record.event.happened();
    let event = sighting::event_id(record);
    let observed = judged.observed(&mut |correlation, group, base, value| {
        memo.admits(correlation, group, base, value, time, &event)
    });
    if observed.is_empty() {
        return;
    }
    let witness = if *brief { sighting::brief(record) } else { witness.with(EVIDENCE) };
    let from = Told {
        base: String::new(),
        value: String::new(),
        group: Vec::new(),
        said: Vec::new(),
        then: Vec::new(),
        event,
        account: sighting::account(record),
        success: witness.occurrence.outcome == model::Outcome::Success,
        automated: is_automated(record.event),
        sighting: witness,
    };
    observations.extend(observed.into_iter().map(|observed| Observation::new(observed, &from)));
}

impl Observation {
    fn new(observed: Observed, from: &Told) -> Self {
        let Observed { rule, base, group, value, said, then } = observed;
        let window = WindowId::new(&rule, &group);
        Self { rule, window, told: Told { base, value, group, said, then, ..from.clone() } }
    }
}

impl Told {
    /// When the event happened.
    pub(crate) fn time(&self) -> Timestamp {
        self.sighting.occurrence.event_time
    }

    /// The entry to keep in the window; `None` for a rule that the correlation does not know.
    pub(crate) fn entry(&self, window: &WindowId, correlation: &Correlated) -> Option<Entry> {
        let Self { base, value, event, account, .. } = self;
        let time = self.time();
        Some(Entry {
            id: window.entry(&format!("{event} {account}"), base, value),
            time,
            class: correlation.class(time, correlation.base(base)?, value),
            doc: self.doc()?,
        })
    }

    /// As JSON; where somebody made it too long, without what only people read, and `None` if it still is.
    fn doc(&self) -> Option<String> {
        let whole = serde_json::to_string(self).ok()?;
        if whole.len() <= LONGEST {
            return Some(whole);
        }
        let mut brief = self.clone();
        let occurrence = &mut brief.sighting.occurrence;
        occurrence.actor = Actor::default();
        occurrence.evidence = Untrusted::default();
        serde_json::to_string(&brief).ok().filter(|doc| doc.len() <= LONGEST)
    }

    /// The sighting of a correlation that this event completes, and what that tells others.
    pub(crate) fn fired(&self, correlation: &Correlated, fired: &Fired) -> (Sighting, Vec<Observation>) {
        let meta = correlation.meta();
        let message = self.said.iter().map(|said| match said {
            Said::Text(text) => text.clone(),
            Said::Count => fired.count.to_string(),
            Said::Values => fired.values.join(", "),
        });
        let place = Place { event: &self.event, account: &self.account, region: REGION };
        let grade = Grade::new(meta, fired.success, self.automated);
        let mut sighting = self.sighting.clone();
        sighting::fill(&mut sighting, meta, place, &self.group.join(" "), grade, message.collect());
        let from = Self { success: fired.success, ..self.clone() };
        let then = self.then.iter().cloned().map(|observed| Observation::new(observed, &from)).collect();
        (sighting, then)
    }
}
