//! `trailpost timeline`: the life of a resource, moment by moment.

use std::collections::BTreeSet;
use std::io::Write as _;

use engine::check::Checker;
use engine::mute::mark;
use engine::ports::{Clock as _, SystemClock};
use engine::scan::findings_about;
use engine::track::{ToldPlace, timelines_of};
use model::{
    Call, Cause, Certainty, Difference, Finding, Moment, Outcome, State, Status, TimelineId, Timestamp, Turn,
    Untrusted, What,
};
use report::Terminal;

use crate::args::{Shared, Timeline};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::stored::{self, Stored};
use crate::{load, mute, told};

const SHOWN: Terminal = Terminal { longest: 300 };

/// What is told at a time.
enum Line<'a> {
    Call(&'a Call),
    Difference(&'a Difference),
    Opened(&'a Finding, &'a Cause),
    Resolved(&'a Finding, Option<&'a Cause>),
}

pub(crate) fn run(args: &Timeline, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let now = SystemClock.now();
    let filed = mute::filed(shared, config, now)?;
    let store = stored::open(shared, config)?;
    let states = store.wait(|store| Box::pin(store.named(&args.resource)))?;
    let [state] = states.as_slice() else {
        return if states.is_empty() { unread(args, &store) } else { Err(unclear(&args.resource, &states)) };
    };
    let timelines = state.timelines();
    let moments =
        store.wait(|store| Box::pin(store.timeline(&timelines, Timestamp::UNIX_EPOCH, Timestamp::MAX)))?;
    let loaded = load::rules(&args.rules, config)?;
    let (checker, _) = Checker::new(loaded.rules, &config.settings);
    let mut findings = store.wait(|store| Box::pin(findings_about(store, &checker, state)))?;
    store.wait(|store| {
        let (filed, findings) = (&filed, &mut findings);
        Box::pin(async move { mark(store, &filed.mutes(store, now).await?, findings, now).await })
    })?;
    let lines = lines(&moments, &findings);
    let mut out = anstream::stdout().lock();
    if args.json {
        return tell(&mut out, &lines, true);
    }
    let shown = |text: &Untrusted| text.encode(&SHOWN);
    writeln!(out, "{}  {}", state.resource_type, shown(&state.arn))?;
    writeln!(out, "first seen  {}", told::when(state.first_seen))?;
    writeln!(out, "read last   {}", told::when(state.read_at))?;
    if let Some(gone) = state.gone_at {
        writeln!(out, "gone since  {}", told::when(gone))?;
    }
    if lines.is_empty() {
        writeln!(out, "\nNothing is known to have happened to it since it was seen first.")?;
    }
    tell(&mut out, &lines, false)
}

/// What calls were told of something that nobody has read.
fn unread(args: &Timeline, store: &Stored) -> Result<Ending, Failure> {
    let text = args.resource.as_str();
    // Records name by an id or a name, too, what has an ARN.
    let behind = |mark: char| text.starts_with("arn:").then(|| text.rsplit(mark).next()).flatten();
    let texts: BTreeSet<&str> = [Some(text), behind(':'), behind('/')].into_iter().flatten().collect();
    let mut about = Vec::new();
    for text in texts.into_iter().filter(|text| !text.is_empty()) {
        about.extend(store.wait(|store| Box::pin(timelines_of(text, store)))?);
    }
    let timelines: Vec<TimelineId> = about.iter().map(|(_, timeline)| timeline.clone()).collect();
    let moments =
        store.wait(|store| Box::pin(store.timeline(&timelines, Timestamp::UNIX_EPOCH, Timestamp::MAX)))?;
    if moments.is_empty() {
        return Err(unclear(text, &[]));
    }
    let mut out = anstream::stdout().lock();
    let told: BTreeSet<&TimelineId> = moments.iter().map(|moment| &moment.timeline).collect();
    for (place, _) in about.iter().filter(|(_, timeline)| !args.json && told.contains(timeline)) {
        let ToldPlace { account, region, resource_type } = place;
        let name = Untrusted::new(text).encode(&SHOWN);
        let at = [account, region].map(|word| Untrusted::new(word.as_str()).encode(&SHOWN)).join(" ");
        writeln!(out, "{resource_type}  {name}  {at}\nread last   never; `trailpost scan` reads it")?;
    }
    tell(&mut out, &lines(&moments, &[]), args.json)
}

/// Tells what happened, one after the other.
fn tell(
    out: &mut impl std::io::Write,
    lines: &[(Timestamp, Line<'_>)],
    as_json: bool,
) -> Result<Ending, Failure> {
    for (time, line) in lines {
        if as_json {
            writeln!(out, "{}", json(*time, line))?;
        } else {
            writeln!(out)?;
            show(out, *time, line)?;
        }
    }
    Ok(Ending::Clean)
}

pub(crate) fn unclear(text: &str, states: &[State]) -> Failure {
    if states.is_empty() {
        return Failure::usage(format!(
            "nothing is known of `{text}`; `trailpost inventory` lists the resources that were read"
        ));
    }
    let arns: Vec<String> = states.iter().map(|state| state.arn.encode(&SHOWN)).collect();
    Failure::usage(format!(
        "several resources are called `{text}`; name one of them:\n  {}",
        arns.join("\n  ")
    ))
}

/// Everything in the order of time.
fn lines<'a>(moments: &'a [Moment], findings: &'a [Finding]) -> Vec<(Timestamp, Line<'a>)> {
    let mut lines: Vec<(Timestamp, Line<'_>)> = Vec::new();
    for moment in moments {
        lines.push((
            moment.time,
            match &moment.what {
                What::Call(call) => Line::Call(call),
                What::Difference(difference) => Line::Difference(difference),
            },
        ));
    }
    for finding in findings {
        for episode in finding.posture.iter().flat_map(|posture| &posture.episodes) {
            lines.push((episode.opened_at, Line::Opened(finding, &episode.cause)));
            if let Some(resolved) = episode.resolved_at {
                lines.push((resolved, Line::Resolved(finding, episode.fix.as_ref())));
            }
        }
    }
    lines.sort_by_key(|(time, _)| *time);
    lines
}

fn show(out: &mut impl std::io::Write, time: Timestamp, line: &Line<'_>) -> std::io::Result<()> {
    let shown = |text: &Untrusted| text.encode(&SHOWN);
    let time = told::when(time);
    match line {
        Line::Call(call) => {
            let verb = if call.outcome == Outcome::Success { "call     " } else { "attempt  " };
            write!(out, "{time}  {verb}{}", told::call(&call.source, &call.name))?;
            if !call.error.is_empty() {
                write!(out, "  refused: {}", shown(&call.error))?;
            }
            writeln!(out)?;
            told::actor(out, &call.actor)
        }
        Line::Difference(difference) => {
            let what = match (difference.turn, difference.related) {
                (Turn::Appeared, _) => "it appeared",
                (Turn::Vanished, _) => "it is gone",
                (Turn::Changed, true) => "what others say of it changed",
                (Turn::Changed, false) => "it changed",
            };
            writeln!(out, "{time}  change   {what}; {}", told::cause(&difference.cause))?;
            told::patch(out, &difference.patch)
        }
        Line::Opened(finding, cause) => {
            let severity = finding.severity;
            writeln!(out, "{time}  finding  [{severity}] {}: opened; {}", finding.rule, told::cause(cause))?;
            match &finding.muted {
                Some(by) if finding.status == Status::Open => writeln!(out, "    muted {}", mute::muted(by)),
                _ => Ok(()),
            }
        }
        Line::Resolved(finding, fix) => {
            let why = fix.filter(|fix| fix.certainty != Certainty::Before).map(told::cause);
            let why = why.unwrap_or_else(|| "no event explains it".to_owned());
            writeln!(out, "{time}  resolved {}; {why}", finding.rule)
        }
    }
}

fn json(time: Timestamp, line: &Line<'_>) -> serde_json::Value {
    let about = |kind: &str, finding: &Finding, cause: Option<&Cause>| {
        serde_json::json!({
            "time": time, "kind": kind, "finding": finding.id, "rule": finding.rule,
            "severity": finding.severity, "cause": cause, "muted": finding.muted,
        })
    };
    match line {
        Line::Call(call) => serde_json::json!({ "time": time, "kind": "call", "call": call }),
        Line::Difference(difference) => {
            serde_json::json!({ "time": time, "kind": "difference", "difference": difference })
        }
        Line::Opened(finding, cause) => about("opened", finding, Some(*cause)),
        Line::Resolved(finding, fix) => about("resolved", finding, *fix),
    }
}
