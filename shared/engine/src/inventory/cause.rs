//! Which call made a difference.
//!
//! Of the calls that may have changed what differs, the first one did it that asks for what stands there now, and that
//! no other contradicts afterwards: those behind it that ask for the same changed nothing. Which of the last calls the
//! look shows nobody knows; so each possibility is gone through, and only if all come to the same call, that one did it.

use std::collections::BTreeSet;

use model::{Call, Cause, Certainty, Culprit, Decisive, Effect, Timestamp, Turn, Untrusted};

use super::named::takes_unknown;
use super::passing::undone;
use super::suspects::Suspects;
use super::trace::{Stance, Trace, makes, may_make, takes};

/// What is asked about a difference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// What became of the resource.
    pub(crate) turn: Turn,
    /// Which of several parts counts.
    pub(crate) decisive: Decisive,
    /// Whether it is about a verdict.
    pub(crate) about: About,
}

impl Question {
    /// Who did all of it.
    pub(crate) const fn whole(turn: Turn) -> Self {
        Self { turn, decisive: Decisive::All, about: About::Values }
    }
}

/// What is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// That there stands what stands there.
    Values,
    /// That a check matches since then.
    Opening,
    /// That it matches no more, so that the end of the resource may be why.
    Ending,
}

/// Records tell the time of a call in whole seconds: it was made up to so much later.
const TICK: std::time::Duration = std::time::Duration::from_secs(1);

/// Who did one part.
#[derive(Debug)]
enum Blame<'s> {
    /// One of these did, since it asked for it.
    Said(Vec<&'s Call>),
    /// One of these may have, and none says so.
    Silent(Vec<&'s Call>),
}

impl<'s> Blame<'s> {
    fn calls(&self) -> &[&'s Call] {
        match self {
            Self::Said(calls) | Self::Silent(calls) => calls,
        }
    }
}

/// Which of the calls made a difference that consists of `traces`.
pub(crate) fn attribute(question: Question, traces: &[Trace], suspects: &Suspects) -> Cause {
    match question.turn {
        Turn::Vanished => told(&lives(suspects, Effect::Gone)),
        Turn::Appeared => made(question.decisive, traces, suspects),
        Turn::Changed => changed(question, traces, suspects),
    }
}

/// Which of the calls made a resource, or a part of it, such that it has `traces`: the one after its making that asked
/// for what stands there, or else the one that made it.
pub(crate) fn made(decisive: Decisive, traces: &[Trace], suspects: &Suspects) -> Cause {
    let calls: Vec<&Call> = suspects.all().into_iter().filter(|call| call.effect != Effect::Gone).collect();
    let makers = match (lives(suspects, Effect::Upsert), calls.as_slice()) {
        (makers, [only]) if makers.is_empty() && may_make(only) => vec![*only],
        (makers, _) => makers,
    };
    let Some(first) = makers.iter().map(|call| call.time).min() else {
        let speaks = |call: &&&Call| traces.iter().any(|trace| trace.said_by(call) > 0);
        let said: Vec<&Call> = calls.iter().filter(speaks).copied().collect();
        return match said.as_slice() {
            [] => exact_or(None, &calls.into_iter().filter(|call| may_make(call)).collect::<Vec<_>>()),
            _ => told(&said),
        };
    };
    if traces.is_empty() {
        return told(&makers);
    }
    let each: Vec<Blame<'_>> = traces
        .iter()
        .map(|trace| {
            let later = suspects.on(&trace.member).into_iter();
            let later: Vec<&Call> =
                later.filter(|call| call.time >= first && !makers.contains(call)).collect();
            let of = |trace: &Trace| {
                blame((trace, About::Opening), &later, (suspects.sure_until(), None), &makers)
            };
            match in_parts(trace, &of) {
                Blame::Silent(_) => Blame::Said(makers.clone()),
                // Where no part alone decides, it may have been so from the beginning.
                Blame::Said(later) if decisive == Decisive::All => Blame::Said(joined(makers.clone(), later)),
                said @ Blame::Said(_) => said,
            }
        })
        .collect();
    combined(decisive, &each)
}

/// The members that differ though no call may have changed them.
pub(crate) fn unexplained(traces: &[Trace], suspects: &Suspects) -> BTreeSet<String> {
    let is_explained = |trace: &&Trace| !suspects.on(&trace.member).is_empty();
    traces.iter().filter(|trace| !is_explained(trace)).map(|trace| trace.member.clone()).collect()
}

fn changed(question: Question, traces: &[Trace], suspects: &Suspects) -> Cause {
    let each: Vec<Blame<'_>> = traces
        .iter()
        .map(|trace| in_parts(trace, &|trace| of_trace((trace, question.about), suspects)))
        .collect();
    remade(question.about, traces, suspects).unwrap_or_else(|| combined(question.decisive, &each))
}

/// Who did it where the resource may have been ended and made anew between the looks, so that it is another one with the
/// same name; `None`: it was not.
///
/// What it was made with nobody knows, and whether the later look shows what it became or what was before, only where the
/// end is long over. So every call counts that may have changed what differs, and those that ended or made it; of what is
/// there, those behind the last end that the look shows for sure, since nothing of what was before is left.
fn remade(about: About, traces: &[Trace], suspects: &Suspects) -> Option<Cause> {
    let all = suspects.all();
    let ends: Vec<&Call> = all.iter().filter(|call| call.effect == Effect::Gone).copied().collect();
    let first = ends.first()?.time;
    let sure = ends.iter().rfind(|end| end.time <= suspects.sure_until()).map(|end| end.time);
    let is_maker = |call: &&&Call| makes(call) && call.effect == Effect::Upsert && call.time >= first;
    let makers: Vec<&Call> = all.iter().filter(is_maker).copied().collect();
    if makers.is_empty() {
        return None;
    }
    let on = traces.iter().flat_map(|trace| suspects.on(&trace.member)).collect();
    let is_ending = about == About::Ending;
    let mut may = joined(if is_ending { ends } else { makers.clone() }, on);
    may.retain(
        |call| if is_ending { !makers.contains(call) } else { sure.is_none_or(|sure| call.time >= sure) },
    );
    Some(told(&may))
}

/// Who did one part, which may have come to be in several.
fn in_parts<'s>(trace: &Trace, of: &dyn Fn(&Trace) -> Blame<'s>) -> Blame<'s> {
    let whole = of(trace);
    let said = trace.inner.iter().map(of).filter_map(|blame| match blame {
        Blame::Said(calls) => Some(calls),
        Blame::Silent(_) => None,
    });
    match said.reduce(joined) {
        Some(calls) => Blame::Said(calls),
        None => whole,
    }
}

/// Who did one part.
fn of_trace<'s>((trace, about): (&Trace, About), suspects: &'s Suspects) -> Blame<'s> {
    let calls = suspects.on(&trace.member);
    let known = (suspects.sure_until(), suspects.shown_on(&trace.member));
    let found = blame((trace, about), &calls, known, &[]);
    let Some(since) = suspects.since else { return found };
    let is_early = |call: &&Call| call.time <= since;
    if !found.calls().iter().any(is_early) {
        return found;
    }
    // The earlier look may have shown it already. Then it was one of those behind it, if one asks for as much.
    let behind: Vec<&Call> = calls.into_iter().filter(|call| call.time + TICK > since).collect();
    match (found, blame((trace, about), &behind, known, &[])) {
        (Blame::Said(early), Blame::Said(late)) => {
            let is_less = |one: &[&Call], other: &[&Call]| {
                let score = |calls: &[&Call]| calls.iter().map(|call| trace.said_by(call)).max();
                score(one) < score(other)
            };
            if is_less(&late, &early) { Blame::Said(early) } else { Blame::Said(joined(early, late)) }
        }
        (Blame::Silent(_), Blame::Silent(late)) if !late.is_empty() => Blame::Silent(late),
        (found, _) => found,
    }
}

/// Who of `calls` made a part what it is, where one of `makers` made all of it before. The look shows what was done until
/// `sure_until`, and an earlier one what a call at `shown` did: of the calls of that second nobody knows which came behind
/// it, so that another one behind them may have done anew what they did.
fn blame<'s>(
    (trace, about): (&Trace, About),
    calls: &[&'s Call],
    (sure_until, shown): (Timestamp, Option<Timestamp>),
    makers: &[&'s Call],
) -> Blame<'s> {
    let best = calls.iter().map(|call| trace.said_by(call)).max().unwrap_or_default();
    // What one takes away of which nobody knows what it is may be this, or what stood here before it was put again.
    let unknown = calls.iter().copied().filter(|call| trace.is_listed() && takes_unknown(call));
    let unknown: Vec<&Call> = unknown.collect();
    if best > 0 && !unknown.is_empty() {
        let asks = calls.iter().copied().filter(|call| trace.said_by(call) == best);
        return Blame::Said(joined(asks.collect(), unknown));
    }
    if best == 0 {
        // A request that says nothing of what is there now is believed where it can have changed nothing else.
        let is_telling = |call: &Call| takes(call) || !call.facets.is_empty() || trace.is_empty();
        let may: Vec<&Call> = calls.iter().copied().filter(|call| !trace.is_put_by(call)).collect();
        return match may.as_slice() {
            [] => Blame::Silent(calls.to_vec()),
            [only] if makers.is_empty() && is_telling(only) => Blame::Said(may),
            _ => Blame::Silent(may),
        };
    }
    let asks = |call: &&&Call| trace.said_by(call) == best;
    let names: BTreeSet<&Untrusted> = calls.iter().filter(asks).map(|call| &call.name).collect();
    let stance = |call: &Call| trace.stance(call, best, &names);
    // What a resource is made without stands there from its making on.
    let mut current: Vec<&Call> = if trace.is_empty() { makers.to_vec() } else { Vec::new() };
    let mut possible: Vec<&Call> = Vec::new();
    // What stood there in between may have been as good, or as bad, as what stands there now.
    let mut passed: Vec<&Call> = Vec::new();
    // Those of `current` may not be the ones: nobody knows in which order the calls of one second were made.
    let mut is_open = current.is_empty();
    for second in calls.chunk_by(|one, other| one.time == other.time) {
        if second.first().is_some_and(|call| call.time > sure_until) {
            possible = joined(possible, current.clone());
        }
        let against = || second.iter().filter(|call| stance(call) == Stance::Against).copied();
        let is_contradicted = against().next().is_some();
        if is_contradicted {
            current.clear();
            is_open = true;
        }
        passed.extend(against().filter(|call| about != About::Values && trace.is_on_the_way(call)));
        let asking: Vec<&Call> = second.iter().filter(asks).copied().collect();
        if is_open {
            let is_shown = second.first().is_some_and(|call| Some(call.time) == shown);
            is_open = is_contradicted || asking.is_empty() || is_shown;
            current = joined(current, asking);
        }
    }
    possible = joined(possible, current);
    // Where all are contradicted, what contradicts was meant for something else: it was one of those that ask.
    if possible.is_empty() {
        possible = calls.iter().filter(asks).copied().collect();
    }
    // Where one element of a list stands in the place of another, one call may have taken away and another put.
    passed.extend(calls.iter().filter(|call| trace.is_taken_by(call)));
    let last = possible.iter().map(|call| call.time).max();
    passed.retain(|call| trace.is_taken_by(call) || last.is_none_or(|last| call.time <= last));
    if trace.is_listed() && about != About::Values {
        // What is nearly the same, such as the same range of another port, may have turned it as well.
        let score = |call: &Call| trace.said_by(call);
        let is_like = |call: &Call| score(call) > 0 && score(call) * 2 >= best;
        passed.extend(undone(about, calls, &possible, &is_like));
    }
    Blame::Said(joined(possible, passed))
}

/// The calls of which one made the resource be there, or be gone: the first of its kind that none of the other kind
/// follows, as far as the look shows them.
fn lives(suspects: &Suspects, wanted: Effect) -> Vec<&Call> {
    let all = suspects.all();
    let turning: Vec<&Call> =
        all.into_iter().filter(|call| call.effect == Effect::Gone || makes(call)).collect();
    // Who may have been the one so far; `None`: nobody, since it may be otherwise.
    let shown = suspects.shown();
    let mut current: Vec<Option<&Call>> = vec![None];
    let mut possible: Vec<Option<&Call>> = Vec::new();
    for second in turning.chunk_by(|one, other| one.time == other.time) {
        if second.first().is_some_and(|call| call.time > suspects.sure_until()) {
            possible.extend(&current);
        }
        let is_wanted = |call: &&&Call| (call.effect == Effect::Gone) == (wanted == Effect::Gone);
        let (those, others): (Vec<&&Call>, Vec<&&Call>) = second.iter().partition(is_wanted);
        let those = those.into_iter().map(|call| Some(*call));
        // Nobody knows in which order the calls of one second were made.
        let before = std::mem::take(&mut current);
        let stays = if others.is_empty() { before } else { vec![None] };
        for one in stays {
            match one {
                None => current.extend(those.clone()),
                one => current.push(one),
            }
        }
        // One of the other kind that an earlier look showed may have come behind these.
        let is_shown = second.first().is_some_and(|call| Some(call.time) == shown);
        if !others.is_empty() || is_shown {
            current.push(None);
        }
    }
    possible.extend(current);
    joined(Vec::new(), possible.into_iter().flatten().collect())
}

fn joined<'s>(mut one: Vec<&'s Call>, other: Vec<&'s Call>) -> Vec<&'s Call> {
    for call in other {
        if !one.contains(&call) {
            one.push(call);
        }
    }
    one
}

/// Who did it, of those who did each part.
fn combined(decisive: Decisive, each: &[Blame<'_>]) -> Cause {
    let said: Vec<&[&Call]> =
        each.iter().filter(|blame| matches!(blame, Blame::Said(_))).map(Blame::calls).collect();
    // What follows from a change, such as a new date, is told by no request: one call did both.
    let is_explained = |calls: &[&Call]| said.iter().any(|said| said.iter().any(|call| calls.contains(call)));
    let silent: Vec<&[&Call]> = each
        .iter()
        .filter(|blame| matches!(blame, Blame::Silent(_)))
        .map(Blame::calls)
        .filter(|calls| !is_explained(calls))
        .collect();
    let parts: Vec<&[&Call]> =
        said.iter().chain(&silent).copied().filter(|calls| !calls.is_empty()).collect();
    // Each part was done by one of its calls, at one of their times.
    let times = |calls: &[&Call]| {
        (calls.iter().map(|call| call.time).min(), calls.iter().map(|call| call.time).max())
    };
    let last = parts.iter().filter_map(|calls| times(calls).0).max();
    let first = parts.iter().filter_map(|calls| times(calls).1).min();
    let counts = |call: &&Call| match decisive {
        Decisive::All => true,
        Decisive::Last => last.is_none_or(|last| call.time >= last),
        Decisive::First => first.is_none_or(|first| call.time <= first),
    };
    let culprits = parts.iter().flat_map(|calls| calls.iter().copied()).filter(counts).collect();
    let culprits = joined(Vec::new(), culprits);
    match culprits.as_slice() {
        [only] if !said.is_empty() => exact_or(Some(only), &[]),
        several => exact_or(None, several),
    }
}

/// One of the calls, and whether that is one for sure.
fn told(calls: &[&Call]) -> Cause {
    match joined(Vec::new(), calls.to_vec()).as_slice() {
        [only] => exact_or(Some(only), &[]),
        several => exact_or(None, several),
    }
}

fn exact_or(exact: Option<&Call>, several: &[&Call]) -> Cause {
    let (certainty, calls) = match (exact, several) {
        (Some(call), _) => (Certainty::Exact, vec![Culprit::of(call)]),
        (None, []) => (Certainty::None, Vec::new()),
        (None, several) => {
            let mut several: Vec<&&Call> = several.iter().collect();
            several.sort_by_key(|call| call.time);
            (Certainty::Several, several.into_iter().map(|call| Culprit::of(call)).collect())
        }
    };
    Cause { certainty, calls, ..Cause::default() }
}

#[cfg(test)]
mod tests;
