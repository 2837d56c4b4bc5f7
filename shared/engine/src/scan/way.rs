//! Which calls may have turned a verdict: what their records say is followed from one look to the next.
//!
//! The earlier look showed what some of the first calls had done, the later one what all but some of the last had done,
//! and the calls of one second were made in any order. That leaves a number of ways, and one of them is what happened. On
//! each the check judges every step; the call that turned the verdict last is the one that turned it on that way. So the
//! true one is among those of all ways, whatever any request looks like: a call that all ways name did it, and where ways
//! name several, it was one of those. A way that ends elsewhere than the later look is none. Where any step is not known
//! nothing is said, and what requests look like has to do (`inventory::cause`).

use std::collections::{BTreeMap, BTreeSet};

use catalog::resource::How;
use model::json::Document;
use model::{Call, Cause, Certainty, Culprit, Effect, State, Timestamp};
use rules::Truth;
use serde_json::{Map, Value};

use crate::check::Checker;
use crate::collect::Resource;
use crate::inventory::{SKEW, Suspects, makes, sort};
use crate::mapping::outcome::told_by;
use crate::mapping::taken::{Described, described};

/// More ways than these are not followed at once.
const WAYS: usize = 200;

/// The check and the resource that it judges on the way.
pub(super) struct Way<'a> {
    checker: &'a Checker,
    state: &'a State,
    check: &'a str,
    now: Timestamp,
    reads: BTreeSet<String>,
}

/// What a call does to a document.
pub(super) enum Step {
    /// Nothing that the check reads.
    Aside,
    /// It makes this of it.
    To(Map<String, Value>),
}

/// What may have happened so far.
#[derive(Debug, Clone)]
struct Path<'c> {
    document: Map<String, Value>,
    truth: Truth,
    /// Who turned the verdict last to what it is in the end.
    turner: Option<&'c Call>,
    /// A call was made that the earlier look does not show, so that it shows none behind it.
    has_begun: bool,
    /// A call was made that the later look does not show.
    has_ended: bool,
}

impl PartialEq for Path<'_> {
    fn eq(&self, other: &Self) -> bool {
        let turner = |path: &Self| path.turner.map(|call| call.event_id.clone());
        (self.has_begun, self.has_ended, self.truth) == (other.has_begun, other.has_ended, other.truth)
            && turner(self) == turner(other)
            && self.document == other.document
    }
}

impl<'a> Way<'a> {
    pub(super) fn new(checker: &'a Checker, state: &'a State, check: &'a str, now: Timestamp) -> Self {
        Self { checker, state, check, now, reads: checker.reads_of(&state.resource_type, check) }
    }

    /// What `call` does to a document; `None`: that is not known.
    pub(super) fn step(&self, document: &Map<String, Value>, call: &Call) -> Option<Step> {
        let sets = told_by(call);
        if call.effect != Effect::Gone && !self.is_about(call, sets.iter().map(|set| set.member.as_str())) {
            return Some(Step::Aside);
        }
        let is_told = |facet: &String| {
            let is_it = |member: &str| member.split('.').next() == Some(facet.as_str());
            !self.is_read(facet) || sets.iter().any(|set| set.how != How::Name && is_it(&set.member))
        };
        if call.effect == Effect::Gone || sets.is_empty() || !call.facets.iter().all(is_told) {
            return None;
        }
        let mut document = document.clone();
        if !sets.iter().all(|set| set.apply(&mut document)) {
            return None;
        }
        let mut whole = Value::Object(document);
        sort(&mut whole);
        let Value::Object(after) = whole else { return None };
        Some(Step::To(after))
    }

    /// What the check says of a document.
    pub(super) fn truth(&self, document: &Map<String, Value>) -> Truth {
        let resource = Resource::of_state(self.state, document);
        let document = Document::parse(Value::Object(resource.document).to_string()).unwrap_or_default();
        let explained = self.checker.explain(&self.state.resource_type, self.check, &document, self.now);
        explained.map_or(Truth::Unknown, |(truth, _)| truth)
    }

    /// The cause that was found for a verdict that is `wanted` since the later look, held against every way: where another
    /// call may have turned it, nobody knows which.
    pub(super) fn hold(
        &self,
        cause: Cause,
        suspects: &Suspects,
        (before, after): (&Map<String, Value>, Option<&Map<String, Value>>),
        wanted: Truth,
    ) -> Cause {
        let Some(found) = cause.exact().cloned() else { return cause };
        let turners = self.turners(suspects, (before, after), wanted).unwrap_or_default();
        let mut others: Vec<Culprit> = turners.into_iter().map(Culprit::of).collect();
        others.retain(|other| other.event_id != found.event_id);
        if others.is_empty() {
            return cause;
        }
        let mut calls = cause.calls.clone();
        calls.extend(others);
        calls.sort_by_key(|call| call.time);
        Cause { certainty: Certainty::Several, calls, ..cause }
    }

    /// The calls that may have turned the verdict last to `wanted`; `None`: that is not known.
    fn turners<'c>(
        &self,
        suspects: &'c Suspects,
        (before, after): (&Map<String, Value>, Option<&Map<String, Value>>),
        wanted: Truth,
    ) -> Option<Vec<&'c Call>> {
        let since = suspects.since()?;
        if suspects.is_unread(|facet| self.is_read(facet)) {
            return None;
        }
        let truth = self.truth(before);
        if truth == wanted || truth == Truth::Unknown {
            return None;
        }
        // It was there already when the earlier look saw it.
        let calls = suspects.all().into_iter().filter(|call| !(makes(call) && call.time <= since));
        let calls: Vec<&Call> = calls.collect();
        let document = before.clone();
        let mut paths = vec![Path { document, truth, turner: None, has_begun: false, has_ended: false }];
        for second in calls.chunk_by(|one, other| one.time == other.time) {
            let may_be_shown = second.iter().any(|call| call.time <= since + SKEW);
            let may_be_missed = second.iter().any(|call| call.time > suspects.sure_until());
            let mut next: Vec<Path<'c>> = Vec::new();
            for order in permutations(second)? {
                let mut ways = paths.clone();
                for call in order {
                    ways = self.on(&ways, call, (may_be_shown, may_be_missed), wanted)?;
                }
                for way in ways {
                    add(&mut next, way);
                }
                if next.len() > WAYS {
                    return None;
                }
            }
            paths = next;
        }
        paths.retain(|path| path.truth == wanted && path.turner.is_some());
        // What a record says may be written otherwise than what is read, so that no way may end there.
        let wanted = after.map(|after| self.said_by(after));
        let is_there =
            |path: &&Path<'_>| wanted.as_ref().is_none_or(|wanted| self.said_by(&path.document) == *wanted);
        let arriving: Vec<&Path<'_>> = paths.iter().filter(is_there).collect();
        let ways = if arriving.is_empty() { paths.iter().collect() } else { arriving };
        let mut turners: Vec<&Call> = Vec::new();
        for turner in ways.into_iter().filter_map(|path| path.turner) {
            if !turners.contains(&turner) {
                turners.push(turner);
            }
        }
        Some(turners)
    }

    /// The paths with one call more.
    fn on<'c>(
        &self,
        paths: &[Path<'c>],
        call: &'c Call,
        (may_be_shown, may_be_missed): (bool, bool),
        wanted: Truth,
    ) -> Option<Vec<Path<'c>>> {
        let mut next = Vec::new();
        for path in paths {
            if path.has_ended {
                add(&mut next, path.clone());
                continue;
            }
            if may_be_shown && !path.has_begun {
                add(&mut next, path.clone());
            }
            if may_be_missed {
                add(&mut next, Path { has_ended: true, ..path.clone() });
            }
            let begun = Path { has_begun: true, ..path.clone() };
            let Step::To(document) = self.step(&path.document, call)? else {
                add(&mut next, begun);
                continue;
            };
            let truth = self.truth(&document);
            let turner = match (path.truth, truth) {
                (_, Truth::Unknown) => return None,
                (was, is) if is == wanted && was != wanted => Some(call),
                (_, is) if is == wanted => path.turner,
                _ => None,
            };
            add(&mut next, Path { document, truth, turner, ..begun });
        }
        Some(next)
    }

    /// What the check reads of a document, as records describe it: by member, without what is empty.
    fn said_by(&self, document: &Map<String, Value>) -> BTreeMap<String, BTreeSet<Described>> {
        let read = document.iter().filter(|(member, _)| self.is_read(member));
        let said =
            read.map(|(member, value)| (member.to_ascii_lowercase(), described(value).into_iter().collect()));
        said.filter(|(_, said): &(String, BTreeSet<Described>)| !said.is_empty()).collect()
    }

    /// Whether a call may change what the check reads.
    fn is_about<'s>(&self, call: &Call, mut members: impl Iterator<Item = &'s str>) -> bool {
        if call.effect == Effect::Tags {
            return self.reads.iter().any(|read| read.to_ascii_lowercase().contains("tag"));
        }
        let is_top = |member: &str| self.is_read(member.split('.').next().unwrap_or_default());
        let is_open = call.facets.is_empty() && call.sets.is_empty();
        is_open || call.facets.iter().any(|facet| self.is_read(facet)) || members.any(is_top)
    }

    fn is_read(&self, member: &str) -> bool {
        self.reads.iter().any(|read| read.eq_ignore_ascii_case(member))
    }
}

fn add<'c>(paths: &mut Vec<Path<'c>>, path: Path<'c>) {
    if !paths.contains(&path) {
        paths.push(path);
    }
}

/// Every order in which the calls of one second may have been made; `None`: too many.
pub(super) fn permutations<'c>(calls: &[&'c Call]) -> Option<Vec<Vec<&'c Call>>> {
    let [first, rest @ ..] = calls else { return Some(vec![Vec::new()]) };
    if calls.len() > 4 {
        return None;
    }
    let mut found = Vec::new();
    for way in permutations(rest)? {
        for place in 0..=way.len() {
            let mut longer = way.clone();
            longer.insert(place, first);
            found.push(longer);
        }
    }
    Some(found)
}
