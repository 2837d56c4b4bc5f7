//! `trailpost mute import`.

use std::io::Write as _;

use engine::mute::import::{Imported, Terms, cloudsploit, is_prowler, prowler};
use model::{MuteRecord, Timestamp, Untrusted};

use super::args::{Import, Tool};
use super::{home, shown};
use crate::args::Shared;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::who::who;
use crate::{load, stored};

pub(super) fn import(
    args: &Import,
    shared: &Shared,
    config: &Config,
    now: Timestamp,
) -> Result<Ending, Failure> {
    let imported = read(args, config, now)?;
    let mut out = anstream::stdout().lock();
    for (what, why) in &imported.left_out {
        writeln!(out, "left out  {}\n          {}", shown::text(what), shown::text(why))?;
    }
    if !args.yes {
        for mute in &imported.mutes {
            writeln!(out, "mute      {}  {}", mute.id, shown::matches(&mute.matches))?;
        }
        let (mutes, left_out) = (imported.mutes.len(), imported.left_out.len());
        writeln!(anstream::stderr(), "{mutes} mutes, {left_out} left out; --yes adds them.")?;
        return Ok(Ending::Clean);
    }
    let store = stored::open(shared, config)?;
    let by = who(&store, shared, config)?;
    let (mut added, mut known) = (0_usize, 0_usize);
    for mut mute in imported.mutes {
        mute.created_by = by.clone();
        let id = mute.id.clone();
        let record = MuteRecord::new(mute);
        if store.wait(|store| Box::pin(store.put_mute(&record)))? {
            added += 1;
            writeln!(out, "added     {id}  {}", shown::matches(&record.mute.matches))?;
        } else {
            known += 1;
            writeln!(out, "there is  {id} already")?;
        }
    }
    let left_out = imported.left_out.len();
    writeln!(anstream::stderr(), "{added} added, {known} there already, {left_out} left out.")?;
    Ok(Ending::Clean)
}

fn read(args: &Import, config: &Config, now: Timestamp) -> Result<Imported, Failure> {
    let name = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| Failure::usage(format!("{name}: {error}; name a readable file")))?;
    let is_own = || text.lines().any(|line| line.starts_with("mutes:"));
    let tool = match args.from {
        Some(tool) => tool,
        None if is_prowler(&text) => Tool::Prowler,
        None if is_own() => Tool::Trailpost,
        None => Tool::CloudSploit,
    };
    if tool == Tool::Trailpost {
        let (filed, mistakes) = home::read(std::slice::from_ref(&args.file), now)?;
        if !mistakes.is_empty() {
            return Err(Failure::usage(mistakes.join("\n")));
        }
        let mutes = filed.mutes.into_iter().map(|(mute, _)| mute).collect();
        return Ok(Imported { mutes, left_out: Vec::new() });
    }
    let owner = args.owner.as_deref().ok_or_else(|| {
        Failure::usage("other tools do not say who answers for what is muted; write --owner NAME")
    })?;
    let terms = Terms {
        owner: Untrusted::new(owner),
        reason: Untrusted::new(args.reason.as_str()),
        created: now,
        expires: args.expires.from(now),
    };
    let metas: Vec<_> = load::rules(&args.rules, config)?.rules.into_iter().map(|rule| rule.meta).collect();
    match tool {
        Tool::Prowler => prowler(&text, &name, &terms, &metas)
            .map_err(|error| Failure::usage(shown::mistake(&error, &text))),
        _ => Ok(cloudsploit(&text, &terms, &metas)),
    }
}
