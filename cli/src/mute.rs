//! `trailpost mute`: which findings nobody has to hear of, why, and until when.

mod add;
pub(crate) mod args;
mod home;
mod import;
mod list;
mod shown;

use std::io::Write as _;
use std::path::PathBuf;

use engine::mute::end;
use engine::ports::{Clock as _, SystemClock};
use model::{Finding, MuteRemoval, Timestamp};

pub(crate) use home::{Filed, filed};
pub(crate) use shown::muted;

use crate::args::{Rules, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::stored;
use args::MuteCommand;

pub(crate) fn run(command: MuteCommand, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let now = SystemClock.now();
    match command {
        MuteCommand::Add(args) => add::add(&args, shared, config, now),
        MuteCommand::List { all, json } => list::list(all, json, shared, config, now),
        MuteCommand::Lint { paths, rules } => lint(&paths, &rules, shared, config, now),
        MuteCommand::Preview(args) => add::preview(&args, shared, config, now),
        MuteCommand::Remove { id } => remove(&id, shared, config, now),
        MuteCommand::Import(args) => import::import(&args, shared, config, now),
    }
}

/// Says how many findings are muted.
pub(crate) fn hidden(count: usize, shown: bool) -> String {
    if shown { format!("{count} muted.") } else { format!("{count} muted (show with --muted).") }
}

fn lint(
    named: &[PathBuf],
    rules: &Rules,
    shared: &Shared,
    config: &Config,
    now: Timestamp,
) -> Result<Ending, Failure> {
    let paths = if named.is_empty() { home::paths(shared, config) } else { named.to_vec() };
    if paths.is_empty() {
        return Err(Failure::usage("there is no file of mutes here; name one"));
    }
    let (filed, mistakes) = home::read(&paths, now)?;
    let mut out = anstream::stdout().lock();
    for mistake in &mistakes {
        writeln!(out, "{mistake}\n")?;
    }
    let ids = home::rule_ids(rules, config)?;
    for (mute, file) in &filed.mutes {
        for note in home::notes(mute, &ids) {
            writeln!(out, "{file}: {note}")?;
        }
    }
    let over = filed.mutes.iter().filter(|(mute, _)| mute.expires <= now);
    for (mute, file) in over {
        writeln!(
            out,
            "{file}: `{}` expired on {}; take it away",
            mute.id,
            mute.expires.strftime("%Y-%m-%d")
        )?;
    }
    if mistakes.is_empty() {
        writeln!(anstream::stderr(), "{} mutes, no mistakes", filed.mutes.len())?;
        return Ok(Ending::Clean);
    }
    let (mutes, wrong) = (filed.mutes.len(), mistakes.len());
    Err(Failure::usage(format!("{mutes} mutes can be read; {wrong} mistakes keep the files from being used")))
}

fn remove(id: &str, shared: &Shared, config: &Config, now: Timestamp) -> Result<Ending, Failure> {
    let filed = filed(shared, config, now)?;
    if let Some((_, file)) = filed.mutes.iter().find(|(mute, _)| mute.id == id) {
        return Err(Failure::usage(format!("`{id}` stands in {file}; take it away there")));
    }
    let store = stored::open(shared, config)?;
    let mut kept = store.wait(|store| Box::pin(store.mutes()))?;
    let place = kept.records.iter().position(|record| record.mute.id == id && now < record.ends());
    let Some(place) = place else {
        return Err(Failure::usage(format!(
            "no mute `{}` holds; `trailpost mute list` lists those that do",
            shown::text(id)
        )));
    };
    let record = kept.records.swap_remove(place);
    let (others, _) = filed.holding(&kept, now);
    let visible = store.wait(|store| {
        let (mute, others) = (&record.mute, &others);
        Box::pin(async move { end(store, mute, others, now).await })
    })?;
    let by = crate::who::who(&store, shared, config)?;
    let removed = record.next(|next| next.removed = Some(MuteRemoval { at: now, by }));
    if !store.wait(|store| Box::pin(store.put_mute(&removed)))? {
        return Err(Failure::internal(format!("somebody else changed `{id}` just now; try again")));
    }
    let visible: Vec<&Finding> = visible.iter().collect();
    let mut out = anstream::stdout().lock();
    writeln!(out, "Removed {id}. Open again: {}.", shown::count(&visible))?;
    shown::findings(&mut out, &visible)?;
    Ok(Ending::Clean)
}
