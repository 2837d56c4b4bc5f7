//! Which call made a difference.
//!
//! A call counts if it took effect between two looks, and may change what differs. Of several, the one whose request
//! says what now stands there, or what stood there, did it; the last one that says so, since later calls prevail.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{Call, Cause, Certainty, Culprit, Effect, Moment, Outcome, State, Timestamp, Turn, Untrusted};
use serde_json::Value;

use super::canonical;
use super::delta::Delta;
use crate::ports::{Inventory, StoreError};

/// How long after a call a look may still miss what it did: AWS's APIs are eventually consistent.
///
/// "Eventual consistency in the Amazon EC2 API", <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>.
const LAG: Duration = Duration::from_mins(5);

/// How much the clocks of AWS and of this machine may differ; CloudTrail's times have a grain of one second.
const SKEW: Duration = Duration::from_secs(5);

/// The calls that may have made a difference.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects {
    /// Made between the looks, in the order of time.
    between: Vec<Call>,
    /// Made shortly before the earlier look, and the cause of nothing that was seen since, or shortly after the later one.
    nearby: Vec<Call>,
}

/// One part of a difference: in which member it is, and the texts that stood there, and that stand there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    member: String,
    was: BTreeSet<String>,
    is: BTreeSet<String>,
    around: BTreeSet<String>,
}

impl Trace {
    pub(super) fn of(delta: &Delta) -> Self {
        Self {
            member: delta.member(),
            was: texts(delta.before.as_ref()),
            is: texts(delta.after.as_ref()),
            around: texts(Some(&Value::Object(delta.around.clone()))),
        }
    }

    /// How much a request says of what is there now, or, if it takes something away, of what was there. What is away
    /// was taken away rather than put.
    fn said_by(&self, call: &Call) -> usize {
        let said = said(call);
        // The same range of other ports is another one.
        let around = said.intersection(&self.around).count();
        if takes(call) {
            let gone = self.was.difference(&self.is).filter(|text| said.contains(*text)).count();
            return said.intersection(&self.is).count() + gone + around + usize::from(self.is.is_empty());
        }
        let is = said.intersection(&self.is).count();
        if is == 0 { 0 } else { is + around }
    }

    /// The parts of a change as a patch has it.
    pub(crate) fn of_patch(patch: &Untrusted) -> Vec<Self> {
        let text = patch.to_document().map(|document| document.bytes().to_vec()).unwrap_or_default();
        let operations: Vec<Value> = serde_json::from_slice(&text).unwrap_or_default();
        let trace = |operation: &Value| {
            let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
            let member = path.split('/').nth(1).unwrap_or_default().replace("~1", "/").replace("~0", "~");
            Self {
                member,
                was: texts(operation.get("was")),
                is: texts(operation.get("value")),
                around: texts(operation.get("in")),
            }
        };
        operations.iter().map(trace).collect()
    }
}

fn texts(value: Option<&Value>) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    if let Some(value) = value {
        canonical::texts(value, &mut texts);
    }
    texts
}

/// Asks for the calls on a resource that a difference between a look at `since` and one at `until` may be due to.
pub(crate) async fn suspects(
    inventory: &dyn Inventory,
    state: &State,
    related: &[model::TimelineId],
    since: Option<Timestamp>,
    until: Timestamp,
) -> Result<Suspects, StoreError> {
    let mut timelines = state.timelines();
    timelines.extend(related.iter().cloned());
    let from = since.map_or(Timestamp::UNIX_EPOCH, |since| since - LAG);
    let moments = inventory.timeline(&timelines, from, until + SKEW).await?;
    Ok(Suspects::among(&moments, since, until))
}

impl Suspects {
    /// The calls among moments that a difference between `since` and `until` may be due to.
    pub(crate) fn among(moments: &[Moment], since: Option<Timestamp>, until: Timestamp) -> Self {
        let differences =
            moments.iter().filter(|moment| moment.time < until).filter_map(Moment::as_difference);
        let credited: BTreeSet<_> = differences
            .filter_map(|difference| difference.cause.exact())
            .map(|culprit| &culprit.event_id)
            .collect();
        let mut suspects = Self::default();
        let calls =
            moments.iter().filter_map(Moment::as_call).filter(|call| call.outcome == Outcome::Success);
        for call in calls {
            let is_credited = since.is_some() && credited.contains(&call.event_id);
            let is_early = since.is_some_and(|since| call.time <= since);
            let is_near = since.is_none_or(|since| call.time + LAG >= since) && call.time <= until + SKEW;
            if !is_credited && is_near {
                let list =
                    if is_early || call.time > until { &mut suspects.nearby } else { &mut suspects.between };
                list.push(call.clone());
            }
        }
        suspects
    }

    /// Whether no call may have done anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.between.is_empty() && self.nearby.is_empty()
    }

    /// The calls that `fits` lets pass: those between the looks, or else those nearby.
    fn that(&self, fits: impl Fn(&Call) -> bool) -> Vec<&Call> {
        let between: Vec<_> = self.between.iter().filter(|call| fits(call)).collect();
        if between.is_empty() {
            return self.nearby.iter().filter(|call| fits(call)).collect();
        }
        between
    }
}

/// Which of the calls made a difference that consists of `traces`.
pub(crate) fn attribute(turn: Turn, traces: &[Trace], suspects: &Suspects) -> Cause {
    match turn {
        Turn::Vanished => {
            let gone = suspects.that(|call| call.effect == Effect::Gone);
            exact_or(gone.last().copied(), &[])
        }
        Turn::Appeared => made(traces, suspects),
        Turn::Changed => of_traces(traces, suspects),
    }
}

/// Which of the calls made a resource, or a part of it, such that it has `traces`: the last one after its making that
/// says what stands there, or else the one that made it.
pub(crate) fn made(traces: &[Trace], suspects: &Suspects) -> Cause {
    let calls = suspects.that(|call| call.effect != Effect::Gone);
    let makes = |call: &&&Call| MAKE.iter().any(|verb| call.name.begins_with(verb));
    let maker = calls.iter().rfind(makes).or(match calls.as_slice() {
        [only] => Some(only),
        _ => None,
    });
    let Some(maker) = maker.copied() else {
        let said: Vec<&Call> = calls.iter().copied().filter(|call| says_any(call, traces)).collect();
        return match said.as_slice() {
            [only] => exact_or(Some(*only), &[]),
            [] => exact_or(None, &calls),
            several => exact_or(None, several),
        };
    };
    let later = calls.iter().copied().filter(|call| call.time >= maker.time && *call != maker);
    let later = Suspects { between: later.cloned().collect(), nearby: Vec::new() };
    let each: Vec<(Vec<&Call>, bool)> = traces
        .iter()
        .map(|trace| of_trace(trace, &later))
        .filter(|(calls, _)| calls.iter().any(|call| says_any(call, traces)))
        .collect();
    match each.as_slice() {
        [] => exact_or(Some(maker), &[]),
        _ => combined(&each),
    }
}

/// Whether a request says more of what stands there than what any request may say by chance.
fn says_any(call: &Call, traces: &[Trace]) -> bool {
    traces.iter().any(|trace| may_change(call, &trace.member) && trace.said_by(call) > 0)
}

/// The members that differ though no call may have changed them.
pub(crate) fn unexplained(traces: &[Trace], suspects: &Suspects) -> BTreeSet<String> {
    let is_explained = |trace: &&Trace| !suspects.that(|call| may_change(call, &trace.member)).is_empty();
    traces.iter().filter(|trace| !is_explained(trace)).map(|trace| trace.member.clone()).collect()
}

/// How the names of calls begin that make something.
const MAKE: &[&str] =
    &["Create", "Run", "Register", "Import", "Allocate", "Copy", "Restore", "Request", "Launch", "Subscribe"];

fn of_traces(traces: &[Trace], suspects: &Suspects) -> Cause {
    let each: Vec<(Vec<&Call>, bool)> = traces.iter().map(|trace| of_trace(trace, suspects)).collect();
    combined(&each)
}

fn combined(each: &[(Vec<&Call>, bool)]) -> Cause {
    let mut culprits: Vec<&Call> = Vec::new();
    let mut add = |call| {
        if !culprits.contains(&call) {
            culprits.push(call);
        }
    };
    each.iter().filter(|(_, sure)| *sure).flat_map(|(calls, _)| calls).for_each(|call| add(*call));
    // What follows from a change, such as a new date, is told by no request: one call did both.
    for (calls, _) in each.iter().filter(|(_, sure)| !sure) {
        let explained =
            each.iter().any(|(sure, is_sure)| *is_sure && sure.iter().any(|call| calls.contains(call)));
        if !explained {
            for call in calls {
                add(call);
            }
        }
    }
    let alone = each.iter().any(|(_, sure)| *sure);
    match culprits.as_slice() {
        [only] if alone => exact_or(Some(*only), &[]),
        several => exact_or(None, several),
    }
}

/// The calls that may have changed one part, and whether that is one for sure.
///
/// Of calls that say as much of it, the last one counts; of several in a row that ask for the same, the first one of
/// them, since the others changed nothing.
fn of_trace<'s>(trace: &Trace, suspects: &'s Suspects) -> (Vec<&'s Call>, bool) {
    let mut fitting: Vec<Fit<'_>> = Vec::new();
    for (calls, is_between) in [(&suspects.nearby, false), (&suspects.between, true)] {
        let calls = calls.iter().filter(|call| may_change(call, &trace.member));
        fitting.extend(calls.map(|call| Fit { score: trace.said_by(call), is_between, call }));
    }
    fitting.sort_by_key(|fit| fit.call.time);
    // One that is nearby only counts if it says more than all between.
    let best = fitting.iter().map(Fit::rank).max().unwrap_or_default();
    let is_best = |fit: &Fit<'_>| fit.rank() == best;
    let best_ones = || fitting.iter().filter(|fit| is_best(fit)).map(|fit| fit.call);
    if best.0 == 0 {
        // A request that says nothing of what is there now is believed where it can have changed nothing else.
        let is_telling = |call: &Call| takes(call) || !call.facets.is_empty() || trace.is.is_empty();
        let winners: Vec<&Call> = best_ones().collect();
        let is_sure = matches!(winners.as_slice(), [only] if is_telling(only));
        return (winners, is_sure);
    }
    let Some(last) = fitting.iter().rposition(is_best) else { return (Vec::new(), false) };
    let row = fitting.get(..=last).unwrap_or_default();
    let asks_the_same = |fit: &&Fit<'_>| {
        let later = row.last().map(|fit| fit.call);
        is_best(fit)
            && later.is_some_and(|later| fit.call.name == later.name && said(fit.call) == said(later))
    };
    let Some(first) = row.iter().rev().take_while(asks_the_same).last() else { return (Vec::new(), false) };
    let same_second: Vec<&Call> = best_ones().filter(|call| call.time == first.call.time).collect();
    let is_sure = same_second.iter().all(|other| takes(other) == takes(first.call));
    if is_sure { (vec![first.call], true) } else { (same_second, false) }
}

/// A call that may have changed a part.
struct Fit<'s> {
    /// How much its request says of the part.
    score: usize,
    /// It was made between the looks.
    is_between: bool,
    call: &'s Call,
}

impl Fit<'_> {
    fn rank(&self) -> (usize, bool) {
        (self.score, self.is_between)
    }
}

/// Whether a call takes something away.
fn takes(call: &Call) -> bool {
    TAKE.iter().any(|verb| call.name.begins_with(verb))
}

fn may_change(call: &Call, member: &str) -> bool {
    if call.effect == Effect::Tags {
        return member.to_ascii_lowercase().contains("tag");
    }
    call.facets.is_empty() || call.facets.iter().any(|facet| facet.eq_ignore_ascii_case(member))
}

/// Whether a document is as a call that changes it would leave it: it has what the request says, or, where something is
/// taken away, has not all of it.
pub(crate) fn is_as_said(call: &Call, document: &serde_json::Map<String, Value>) -> bool {
    let mut there = BTreeSet::new();
    document.values().for_each(|value| canonical::texts(value, &mut there));
    let said = said(call);
    // What names the resource itself stands in requests in many forms.
    let missing = said.iter().filter(|text| !there.contains(*text)).count();
    if takes(call) { missing > 1 || said.len() <= 1 } else { missing <= 1 }
}

/// How the names of calls begin that take something away from a resource.
const TAKE: &[&str] =
    &["Revoke", "Delete", "Remove", "Detach", "Disassociate", "Disable", "Untag", "Deregister"];

/// The texts that a request says.
fn said(call: &Call) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    if let Ok(document) = call.request.to_document()
        && let Ok(request) = serde_json::from_slice::<Value>(document.bytes())
    {
        canonical::texts(&request, &mut texts);
    }
    texts
}

fn exact_or(exact: Option<&Call>, several: &[&Call]) -> Cause {
    let (certainty, calls) = match (exact, several) {
        (Some(call), _) => (Certainty::Exact, vec![Culprit::of(call)]),
        (None, []) => (Certainty::None, Vec::new()),
        (None, several) => (Certainty::Several, several.iter().map(|call| Culprit::of(call)).collect()),
    };
    Cause { certainty, calls, ..Cause::default() }
}
