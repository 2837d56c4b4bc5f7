//! Where mutes come from: files, and the store.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use engine::mute::{Mutes, file, idle};
use engine::ports::{KeptMutes, Store, StoreError};
use model::{Mute, Timestamp};
use report::Terminal;

use super::shown;
use crate::args::{Rules, Shared};
use crate::config::Config;
use crate::exit::Failure;
use crate::load;

/// The file that is read when none is named.
const FILE: &str = "mutes.yaml";

/// The mutes of files.
#[derive(Debug, Default)]
pub(crate) struct Filed {
    /// Each with the name of its file.
    pub(crate) mutes: Vec<(Mute, String)>,
}

/// The files and folders that the arguments name, else the configuration, else the one in this folder if there is one.
pub(super) fn paths(shared: &Shared, config: &Config) -> Vec<PathBuf> {
    match (shared.mutes.as_slice(), config.mutes.as_slice()) {
        ([], []) => Some(PathBuf::from(FILE)).filter(|path| path.exists()).into_iter().collect(),
        ([], of_config) => of_config.to_vec(),
        (of_arguments, _) => of_arguments.to_vec(),
    }
}

/// Reads the mutes of files. One mistake in them, and nothing is read: what is muted has to be what was meant.
pub(crate) fn filed(shared: &Shared, config: &Config, now: Timestamp) -> Result<Filed, Failure> {
    let (filed, mistakes) = read(&paths(shared, config), now)?;
    if mistakes.is_empty() {
        return Ok(filed);
    }
    Err(Failure::usage(format!("the mutes cannot be read:\n{}", mistakes.join("\n"))))
}

/// Reads files and folders: the mutes, and every mistake as it is shown.
pub(super) fn read(paths: &[PathBuf], now: Timestamp) -> Result<(Filed, Vec<String>), Failure> {
    let mut filed = Filed::default();
    let mut mistakes = Vec::new();
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for path in files(paths)? {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        let read = file::read(&text, &name, now);
        mistakes.extend(read.errors.iter().map(|error| shown::mistake(error, &text)));
        for mute in read.mutes {
            if let Some(other) = ids.insert(mute.id.clone(), name.clone()).filter(|other| *other != name) {
                mistakes
                    .push(format!("{name}: the id `{}` is taken by {other}; rename one of them", mute.id));
            }
            filed.mutes.push((mute, name.clone()));
        }
    }
    Ok((filed, mistakes))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{}: {error}; name a file of mutes, or a folder of such", path.display()))
}

/// The YAML files at `paths`, those of folders by name.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
        let mut inner = Vec::new();
        for entry in entries {
            inner.push(entry.map_err(|error| unreadable(path, &error))?.path());
        }
        let is_yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        inner.retain(is_yaml);
        inner.sort();
        found.append(&mut inner);
    }
    Ok(found)
}

/// The ids of the rules that are known.
pub(super) fn rule_ids(rules: &Rules, config: &Config) -> Result<Vec<String>, Failure> {
    Ok(load::rules(rules, config)?.rules.into_iter().map(|rule| rule.meta.id).collect())
}

/// Notes on the patterns of a mute that match none of these rules.
pub(super) fn notes(mute: &Mute, ids: &[String]) -> Vec<String> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let note = |text: &str| {
        let text = shown::text(text);
        format!("`{}`: no rule is called `{text}`; `trailpost rules list` lists them", mute.id)
    };
    idle(mute, &ids).into_iter().map(note).collect()
}

impl Filed {
    /// The mutes that hold: those of files, and those of `store`.
    pub(crate) async fn mutes(&self, store: &dyn Store, now: Timestamp) -> Result<Mutes, StoreError> {
        let kept = store.mutes().await?;
        let (mutes, wrong) = self.holding(&kept, now);
        for (id, reason) in kept.unreadable.into_iter().chain(wrong) {
            let shown = |text: String| model::Untrusted::new(text).encode(&Terminal { longest: 200 });
            // Nobody reads standard error: then nobody has to hear of it.
            let _ = writeln!(
                anstream::stderr(),
                "The mute {} of the store cannot be read and hides nothing: {}",
                shown(id),
                shown(reason)
            );
        }
        Ok(mutes)
    }

    /// The mutes that hold, and what is wrong with others of the store.
    pub(super) fn holding(&self, kept: &KeptMutes, now: Timestamp) -> (Mutes, Vec<(String, String)>) {
        let stored =
            kept.records.iter().filter(|record| now < record.ends()).map(|record| record.mute.clone());
        let filed = self.mutes.iter().map(|(mute, _)| mute.clone());
        Mutes::new(filed.chain(stored).collect::<Vec<_>>())
    }
}
