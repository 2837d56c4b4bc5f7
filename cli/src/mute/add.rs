//! `trailpost mute add` and `trailpost mute preview`.

use std::io::{BufRead as _, IsTerminal as _, Write};

use engine::mute::{Hidden, Mutes, hidden, mistakes};
use model::{Finding, Mute, MuteMatch, MuteRecord, Timestamp, Untrusted};

use super::args::{Add, Preview};
use super::{home, shown};
use crate::args::Shared;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::stored::{self, Stored};
use crate::who::who;

pub(super) fn add(args: &Add, shared: &Shared, config: &Config, now: Timestamp) -> Result<Ending, Failure> {
    let matches = MuteMatch::from(&args.matches);
    let mut mute = Mute {
        id: args.id.clone().unwrap_or_else(|| matches.id("mute", &now.to_string())),
        matches,
        reason: Untrusted::new(args.reason.as_str()),
        owner: Untrusted::new(args.owner.as_str()),
        ticket: args.ticket.as_deref().map(Into::into),
        created: now,
        expires: args.expires.from(now),
        created_by: Untrusted::default(),
    };
    refuse_mistakes(&mute, now)?;
    let store = stored::open(shared, config)?;
    let mut err = anstream::stderr().lock();
    let hides = preview_of(&store, &mute, now)?;
    writeln!(err, "{} until {}:", shown::matches(&mute.matches), mute.expires)?;
    tell(&mut err, &hides)?;
    for note in home::notes(&mute, &home::rule_ids(&args.rules, config)?) {
        writeln!(err, "{note}")?;
    }
    if !args.yes {
        ask(&mut err)?;
    }
    drop(err);
    mute.created_by = who(&store, shared, config)?;
    let id = mute.id.clone();
    let record = MuteRecord::new(mute);
    if !store.wait(|store| Box::pin(store.put_mute(&record)))? {
        return Err(Failure::usage(format!("there is, or was, a mute `{id}`; write another --id")));
    }
    writeln!(anstream::stdout(), "{id}")?;
    Ok(Ending::Clean)
}

/// Waits for a yes on a terminal; a program has to say it beforehand.
fn ask(err: &mut impl Write) -> Result<(), Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage("nobody is there to ask whether to add it; say so with --yes"));
    }
    write!(err, "Add it? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::Interrupted),
    }
}

fn refuse_mistakes(mute: &Mute, now: Timestamp) -> Result<(), Failure> {
    let lines: Vec<String> = mistakes(mute, now)
        .into_iter()
        .map(|mistake| {
            let field = mistake.field.trim_start_matches("match.");
            format!("{}: {}; {}", shown::text(field), shown::text(&mistake.problem), mistake.remedy)
        })
        .collect();
    if lines.is_empty() { Ok(()) } else { Err(Failure::usage(lines.join("\n"))) }
}

fn preview_of(store: &Stored, mute: &Mute, now: Timestamp) -> Result<Hidden, Failure> {
    // As it would be if it held now, so that one that is over can be looked at, too.
    let (only, _) = Mutes::new([Mute { expires: Timestamp::MAX, ..mute.clone() }]);
    store.wait(|store| {
        let only = &only;
        Box::pin(async move { hidden(store, only, now).await })
    })
}

fn tell(out: &mut impl Write, hides: &Hidden) -> std::io::Result<()> {
    let findings: Vec<&Finding> = hides.findings.iter().collect();
    let count = shown::count(&findings);
    writeln!(out, "Hides {count} of {} that are open or were seen within 30 days.", hides.looked_at)?;
    shown::findings(out, &findings)
}

pub(super) fn preview(
    args: &Preview,
    shared: &Shared,
    config: &Config,
    now: Timestamp,
) -> Result<Ending, Failure> {
    let filed = home::filed(shared, config, now)?;
    let store = stored::open(shared, config)?;
    let mute = match args.id.as_deref() {
        Some(id) => find(id, &filed, &store)?,
        None => {
            let day = model::SignedDuration::from_hours(24);
            let mute = Mute {
                id: "preview".to_owned(),
                matches: MuteMatch::from(&args.matches),
                reason: "a preview".into(),
                owner: "nobody".into(),
                ticket: None,
                created: now,
                expires: now.checked_add(day).unwrap_or(now),
                created_by: Untrusted::default(),
            };
            refuse_mistakes(&mute, now)?;
            mute
        }
    };
    let hides = preview_of(&store, &mute, now)?;
    for note in home::notes(&mute, &home::rule_ids(&args.rules, config)?) {
        writeln!(anstream::stderr(), "{note}")?;
    }
    let mut out = anstream::stdout().lock();
    if !args.json {
        tell(&mut out, &hides)?;
        return Ok(Ending::Clean);
    }
    for finding in &hides.findings {
        let posture = finding.posture.as_ref();
        let row = serde_json::json!({
            "id": finding.id, "rule": finding.rule, "severity": finding.severity, "status": finding.status,
            "account": finding.account, "region": finding.region,
            "resource": posture.map_or(&finding.scope, |posture| &posture.resource),
            "last_seen": finding.last_seen,
        });
        writeln!(out, "{}", report::escape_json(&row.to_string()))?;
    }
    Ok(Ending::Clean)
}

/// The mute of a file or of the store.
fn find(id: &str, filed: &home::Filed, store: &Stored) -> Result<Mute, Failure> {
    let kept = store.wait(|store| Box::pin(store.mutes()))?.records;
    let stored = kept.into_iter().map(|record| record.mute);
    let mut all = filed.mutes.iter().map(|(mute, _)| mute.clone()).chain(stored);
    all.find(|mute| mute.id == id).ok_or_else(|| {
        Failure::usage(format!(
            "there is no mute `{}`; `trailpost mute list --all` lists them",
            shown::text(id)
        ))
    })
}
