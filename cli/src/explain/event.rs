//! `trailpost explain --event`: what rules say of records, and why.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use engine::EventFacts;
use engine::detect::Detector;
use engine::ports::{Clock as _, FindingQuery, SystemClock};
use model::{Occurrence, Timestamp};
use records::{Item, Limits, Record};
use report::Terminal;
use rules::{Explanation, Scratch, Truth, View};
use serde_json::json;

use crate::exit::{Ending, Failure};
use crate::stored::Stored;
use crate::{told, tree};

const SHOWN: Terminal = Terminal { longest: 200 };

/// The keys of a window of a correlation, with how many of its events were seen, from when to when.
type Windows = BTreeMap<Vec<String>, (usize, Timestamp, Timestamp)>;

pub(super) fn run(
    event: &Path,
    rule: Option<&str>,
    detector: &Detector,
    json: bool,
    store: impl FnOnce() -> Result<Stored, Failure>,
) -> Result<Ending, Failure> {
    if let Some(rule) = rule {
        let rules = detector.rules();
        if let Some(resting) = rules.resting().iter().find(|resting| resting.meta.id == rule) {
            let until = rules::until(&resting.needs);
            return Err(Failure::usage(format!("the rule `{rule}` rests until {until}")));
        }
        if !rules.rules().any(|meta| meta.id == rule) {
            return Err(Failure::usage(format!(
                "no rule `{rule}` about events; `trailpost rules list` lists them"
            )));
        }
    }
    let mut out = anstream::stdout().lock();
    let mut windows = Windows::new();
    let mut result = Ok(());
    let mut seen = 0_usize;
    let mut each = |item: Item<'_>| {
        seen += 1;
        result = match (&item, rule) {
            (Item::Record(record), Some(rule)) => {
                observe(detector, rule, record, &mut windows);
                by_rule(&mut out, detector, rule, record, json)
            }
            (Item::Record(record), None) => by_all(&mut out, detector, record, json),
            (Item::Problem(problem), _) => writeln!(out, "{problem}").map_err(Failure::from),
        };
        if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    if event.as_os_str() == "-" || event.exists() {
        let sources =
            records::sources(&[event.to_owned()]).map_err(|error| Failure::usage(error.to_string()))?;
        for source in &sources.found {
            let read = source.read(&Limits::default(), &mut |_| {}, &mut each);
            read.map_err(|error| Failure::usage(error.to_string()))?;
        }
    } else {
        let id = event.display().to_string();
        let evidence = evidence(&store()?, &id)?;
        let _ = records::read_message(evidence.as_bytes(), "the kept record", &mut each);
    }
    result?;
    if seen == 0 {
        return Err(Failure::usage(format!("{} holds no record", event.display())));
    }
    if let Some(correlation) = rule.and_then(|rule| detector.rules().correlation(rule)) {
        windows_told(&mut out, &correlation.words(), &windows, json)?;
    }
    Ok(Ending::Clean)
}

fn view(record: &Record<'_>) -> View<'static> {
    View { facts: &EventFacts, now: SystemClock.now(), ambiguous: record.ambiguous.is_some() }
}

/// One rule on one record: the whole tree, and the condition that decides.
fn by_rule(
    out: &mut impl Write,
    detector: &Detector,
    rule: &str,
    record: &Record<'_>,
    json: bool,
) -> Result<(), Failure> {
    let Some(explanation) = super::explain(detector, rule, record) else {
        return Err(Failure::usage(format!(
            "no rule `{rule}`, or it rests; `trailpost rules list` lists them"
        )));
    };
    let decisive = explanation.decisive();
    if json {
        let origin = record.origin.to_string();
        let row =
            json!({ "record": origin, "rule": rule, "decided_by": decisive, "explanation": explanation });
        writeln!(out, "{row}")?;
        return Ok(());
    }
    writeln!(out, "{}: {}", record.origin, word(explanation.truth()))?;
    if explanation.truth() != Truth::True {
        writeln!(out, "    decided by: {}", brief(decisive))?;
    }
    tree::show(out, &explanation, 1)?;
    Ok(())
}

/// Every rule that looked at a record, each in a line.
fn by_all(out: &mut impl Write, detector: &Detector, record: &Record<'_>, json: bool) -> Result<(), Failure> {
    let mut scratch = Scratch::default();
    let mut found = Vec::new();
    detector.rules().look_at(record.event.root(), view(record), &mut scratch, |judged| {
        found.push((judged.truth, judged.meta().id.clone(), judged.explain()));
    });
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    if !json {
        writeln!(out, "{}: {} looked at it", record.origin, told::counted(found.len(), "rule"))?;
    }
    for (truth, rule, explanation) in &found {
        let decisive = explanation.decisive();
        if json {
            let origin = record.origin.to_string();
            let row =
                json!({ "record": origin, "rule": rule, "truth": truth.as_str(), "decided_by": decisive });
            writeln!(out, "{row}")?;
        } else {
            writeln!(out, "  {:8} {rule}: {}", word(*truth), brief(decisive))?;
        }
    }
    Ok(())
}

const fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "match",
        Truth::False => "no match",
        Truth::Unknown => "unknown",
    }
}

fn brief(condition: &Explanation) -> String {
    let seen: Vec<_> = condition.seen.iter().map(|value| value.encode(&SHOWN)).collect();
    match seen.as_slice() {
        [] => format!("{} (saw nothing)", condition.condition),
        values => format!("{} (saw {})", condition.condition, values.join(", ")),
    }
}

/// Takes down in which windows of a correlation a record counts.
fn observe(detector: &Detector, rule: &str, record: &Record<'_>, windows: &mut Windows) {
    let time = record.event.happened();
    let mut scratch = Scratch::default();
    detector.rules().judge(record.event.root(), view(record), &mut scratch, |judged| {
        if judged.truth != Truth::True {
            return;
        }
        let mut open = judged.observed(&mut |_, _, _, _| true);
        while let Some(observed) = open.pop() {
            if observed.rule == rule {
                let (count, first, last) = windows.entry(observed.group).or_insert((0, time, time));
                *count += 1;
                (*first, *last) = ((*first).min(time), (*last).max(time));
            }
            open.extend(observed.then);
        }
    });
}

fn windows_told(out: &mut impl Write, words: &str, windows: &Windows, json: bool) -> Result<(), Failure> {
    if json {
        for (group, (count, first, last)) in windows {
            writeln!(
                out,
                "{}",
                json!({ "window": group, "events": count, "first": first, "last": last, "wants": words })
            )?;
        }
        return Ok(());
    }
    writeln!(out, "wants {words}; saw {}", told::counted(windows.len(), "window"))?;
    for (group, (count, first, last)) in windows {
        let group: Vec<_> = group.iter().map(|key| model::Untrusted::new(key).encode(&SHOWN)).collect();
        writeln!(out, "    [{}]  {}, {first} to {last}", group.join(", "), told::counted(*count, "event"))?;
    }
    Ok(())
}

/// The record that was kept of an event by this id: of the newest of a finding, or of an earlier one.
fn evidence(store: &Stored, id: &str) -> Result<String, Failure> {
    let mut query = FindingQuery { limit: 500, ..FindingQuery::default() };
    let wanted = model::Untrusted::new(id);
    let record = |occurrence: &Occurrence| {
        let is_wanted = occurrence.event_id == wanted;
        let document = is_wanted.then(|| occurrence.evidence.to_document().ok()).flatten();
        document.map(|document| document.root().to_json())
    };
    let mut with_earlier = Vec::new();
    loop {
        let page = store.wait(|store| Box::pin(store.findings(&query)))?;
        // What a check found has no record.
        for finding in page.items.iter().filter(|finding| finding.posture.is_none()) {
            if let Some(record) = record(&finding.latest) {
                return Ok(record);
            }
            with_earlier.extend((finding.count > 1).then(|| finding.id.clone()));
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    for finding in &with_earlier {
        let occurrences = store.wait(|store| Box::pin(store.occurrences(finding, usize::MAX)))?;
        if let Some(record) = occurrences.iter().find_map(record) {
            return Ok(record);
        }
    }
    Err(Failure::usage(format!("{id} is no file, and no event of a finding; name a file of records")))
}
