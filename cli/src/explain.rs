//! `trailpost explain`: the conditions of a rule and the values that they saw.

mod event;
mod resource;

use std::io::Write as _;
use std::ops::ControlFlow;

use engine::EventFacts;
use engine::check::Checker;
use engine::detect::Detector;
use engine::mute::mark;
use engine::ports::{Clock as _, SystemClock};
use model::{Episode, Finding, Posture, Status, Timestamp};
use records::Item;
use report::Terminal;
use rules::{Explanation, Scratch, View};

use crate::args::{Explain, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::lookup::finding;
use crate::stored::{self, Stored};
use crate::{load, mute, told, tree};

const SHOWN: Terminal = Terminal { longest: 400 };

pub(crate) fn run(args: &Explain, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let loaded = load::rules(&args.rules, config)?;
    let (detector, _) = Detector::new(loaded.rules.iter().cloned(), &config.settings);
    if let Some(event) = &args.event {
        return event::run(event, args.rule.as_deref(), &detector, args.json, || {
            stored::open(shared, config)
        });
    }
    let now = SystemClock.now();
    let filed = mute::filed(shared, config, now)?;
    let store = stored::open(shared, config)?;
    if let Some(resource) = &args.resource {
        let (checker, _) = Checker::new(loaded.rules, &config.settings);
        return resource::run(resource, args.rule.as_deref(), &checker, &loaded.rows, &store, args.json);
    }
    let mut finding = finding(&store, args.finding.as_deref().unwrap_or_default())?;
    store.wait(|store| {
        let (filed, findings) = (&filed, std::slice::from_mut(&mut finding));
        Box::pin(async move { mark(store, &filed.mutes(store, now).await?, findings, now).await })
    })?;
    let mut out = anstream::stdout().lock();
    if let Some(posture) = &finding.posture {
        let (checker, _) = Checker::new(loaded.rules, &config.settings);
        let looked_at = looked_at(&store, posture)?;
        return of_resource(&mut out, (&finding, posture), looked_at, &checker, args.json);
    }
    // The kept record says how to read it; its secrets are gone, which no rule looks at.
    let mut explained = None;
    if let Ok(evidence) = finding.latest.evidence.to_document() {
        let _ = records::read_message(evidence.bytes(), "the kept record", &mut |item| {
            if let Item::Record(record) = item {
                explained = explain(&detector, &finding.rule, &record);
            }
            ControlFlow::Continue(())
        });
    }
    if args.json {
        let explanation = serde_json::json!({ "finding": finding, "explanation": explained });
        writeln!(out, "{explanation}")?;
        return Ok(Ending::Clean);
    }
    let latest = &finding.latest;
    let shown = |text: &model::Untrusted| text.encode(&SHOWN);
    writeln!(out, "{}  [{}, {}]", finding.title, finding.severity, finding.outcome.as_str())?;
    writeln!(out, "{}\n", shown(&latest.message))?;
    writeln!(out, "finding     {}", finding.id)?;
    muted(&mut out, &finding)?;
    closed(&mut out, &finding)?;
    writeln!(out, "rule        {}", finding.rule)?;
    writeln!(out, "where       {} {}", shown(&finding.account), shown(&finding.region))?;
    match finding.count {
        1 => writeln!(out, "seen        once, {}", finding.first_seen)?,
        count => {
            writeln!(
                out,
                "seen        {count} times, first {}, last {}",
                finding.first_seen, finding.last_seen
            )?;
        }
    }
    writeln!(out, "who         {} {}", shown(&latest.actor.principal), shown(&latest.actor.session))?;
    writeln!(out, "from        {} {}", shown(&latest.actor.source_ip), shown(&latest.actor.user_agent))?;
    writeln!(
        out,
        "call        {} {} {}",
        shown(&latest.event_source),
        shown(&latest.event_name),
        shown(&latest.error)
    )?;
    writeln!(out, "event       {} ({})\n", shown(&latest.event_id), shown(&latest.lane))?;
    match explained {
        Some(explanation) => tree::show(&mut out, &explanation, 0)?,
        None => writeln!(out, "The rule is not loaded here; add it with --rules.")?,
    }
    Ok(Ending::Clean)
}

/// When the resource was looked at last: a finding that stays as it is does not say so each time.
fn looked_at(store: &Stored, posture: &Posture) -> Result<Timestamp, Failure> {
    let arn = posture.resource.encode(&SHOWN);
    let states = store.wait(|store| Box::pin(store.named(&arn)))?;
    let read_at =
        states.iter().filter(|state| state.arn == posture.resource).map(|state| state.read_at).max();
    Ok(read_at.into_iter().fold(posture.checked_at, Timestamp::max))
}

/// Explains a finding about a resource by the part of its document that was kept.
fn of_resource(
    out: &mut impl std::io::Write,
    (finding, posture): (&Finding, &Posture),
    looked_at: Timestamp,
    checker: &Checker,
    json: bool,
) -> Result<Ending, Failure> {
    let evidence = finding.latest.evidence.to_document().ok();
    // What depends on the time is explained as of the last look, not as of now.
    let explained = evidence.and_then(|document| {
        checker.explain(&posture.resource_type, &finding.rule, &document, posture.checked_at)
    });
    if json {
        let explanation = explained.map(|(_, explanation)| explanation);
        writeln!(out, "{}", serde_json::json!({ "finding": finding, "explanation": explanation }))?;
        return Ok(Ending::Clean);
    }
    let shown = |text: &model::Untrusted| text.encode(&SHOWN);
    let status = match finding.status {
        Status::Open => "open",
        Status::Resolved => "resolved",
    };
    writeln!(out, "{}  [{}, {status}]", finding.title, finding.severity)?;
    writeln!(out, "{}\n", shown(&finding.latest.message))?;
    writeln!(out, "finding     {}", finding.id)?;
    muted(out, finding)?;
    writeln!(out, "check       {}", finding.rule)?;
    writeln!(out, "resource    {}", shown(&posture.resource))?;
    writeln!(out, "where       {} {}", shown(&finding.account), shown(&finding.region))?;
    writeln!(out, "open since  {} (episode {})", finding.latest.event_time, finding.count)?;
    writeln!(out, "looked at   {looked_at}")?;
    if let Some(resolved) = posture.resolved_at {
        writeln!(out, "resolved    {resolved}")?;
    }
    if finding.is_provisional() {
        writeln!(out, "provisional the record of the call says so; no read has confirmed it yet")?;
    } else if let Some(why) = posture.resolution.and_then(model::Resolution::withdrawn) {
        writeln!(out, "withdrawn   {why}")?;
    } else if let Some(confirmed) = posture.episode().and_then(|episode| episode.confirmed_at) {
        writeln!(out, "confirmed   {confirmed}, told before from the record of the call")?;
    }
    if let Some(episode) = posture.episode() {
        because(out, episode)?;
    }
    writeln!(out)?;
    match explained {
        Some((_, explanation)) => tree::show(out, &explanation, 0)?,
        None => writeln!(out, "The check is not loaded here; add it with --rules.")?,
    }
    Ok(Ending::Clean)
}

/// Which mute covers it.
fn muted(out: &mut impl std::io::Write, finding: &Finding) -> std::io::Result<()> {
    match &finding.muted {
        Some(by) => writeln!(out, "muted       {}", mute::muted(by)),
        None => Ok(()),
    }
}

/// Who dealt with it, and whether it happened again since.
fn closed(out: &mut impl std::io::Write, finding: &Finding) -> std::io::Result<()> {
    let Some(closing) = &finding.closed else { return Ok(()) };
    let again = if finding.status == Status::Open { "; it happened again" } else { "" };
    let (by, reason) = (closing.by.encode(&SHOWN), closing.reason.encode(&SHOWN));
    writeln!(out, "closed      {} by {by}: {reason}{again}", told::when(closing.at))
}

/// Why the newest episode began, and why it ended.
fn because(out: &mut impl std::io::Write, episode: &Episode) -> std::io::Result<()> {
    writeln!(out, "because     {}", told::cause(&episode.cause))?;
    if let Some(culprit) = episode.cause.exact() {
        told::chain(out, culprit)?;
        let actor = &culprit.actor;
        writeln!(out, "from        {} {}", actor.source_ip.encode(&SHOWN), actor.user_agent.encode(&SHOWN))?;
    }
    told::patch(out, &episode.cause.patch)?;
    for clause in &episode.cause.clause {
        writeln!(out, "turned by   {}", clause.encode(&SHOWN))?;
    }
    if let Some(fix) = &episode.fix {
        writeln!(out, "ended       {}", told::cause(fix))?;
    }
    let spans = [
        ("detected in ", episode.time_to_detect()),
        ("resolved in ", episode.time_to_resolve()),
        ("exposed for ", episode.exposure()),
    ];
    for (what, span) in spans {
        if let Some(span) = span {
            writeln!(out, "{what}{span:#}")?;
        }
    }
    Ok(())
}

/// Why a rule says what it says of a record; `None` where there is no such rule, or it rests.
fn explain(detector: &Detector, rule: &str, record: &records::Record<'_>) -> Option<Explanation> {
    let view = View { facts: &EventFacts, now: SystemClock.now(), ambiguous: record.ambiguous.is_some() };
    let mut scratch = Scratch::default();
    detector.rules().explain(rule, record.event.root(), view, &mut scratch)
}
