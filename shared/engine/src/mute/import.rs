//! Mutes of other tools, as far as they say what a mute can say. What would hide more here than there is left out.

mod cloudsploit;
mod prowler;

use model::{Mute, MuteMatch, Timestamp, Untrusted};
use rules::Meta;

pub use cloudsploit::cloudsploit;
pub use prowler::{is_prowler, prowler};

use super::mistakes;

/// What other tools do not say of a mute.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Who answers for it.
    pub owner: Untrusted,
    /// Why, where the file does not say.
    pub reason: Untrusted,
    /// Now.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// What a file says.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The mutes.
    pub mutes: Vec<Mute>,
    /// What was left out: which part of the file, and why.
    pub left_out: Vec<(String, String)>,
}

impl Imported {
    /// Takes a mute, unless it could not be added by hand either.
    fn take(&mut self, tool: &str, what: &str, matches: MuteMatch, reason: Option<String>, terms: &Terms) {
        let mute = Mute {
            id: matches.id(tool, ""),
            matches,
            reason: reason.map_or_else(|| terms.reason.clone(), Untrusted::new),
            owner: terms.owner.clone(),
            ticket: None,
            created: terms.created,
            expires: terms.expires,
            created_by: Untrusted::default(),
        };
        match mistakes(&mute, terms.created).into_iter().next() {
            Some(mistake) => self.leave(what, format!("{}: {}", mistake.field, mistake.problem)),
            None if self.mutes.iter().any(|other| other.id == mute.id) => {}
            None => self.mutes.push(mute),
        }
    }

    fn leave(&mut self, what: &str, why: impl Into<String>) {
        self.left_out.push((what.to_owned(), why.into()));
    }
}

/// The ids of the rules that `tool` calls by an id that `is_meant`.
fn equivalents(metas: &[Meta], tool: &str, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let ids = |meta: &&Meta| meta.equivalents.get(tool).is_some_and(|ids| ids.iter().any(|id| is_meant(id)));
    metas.iter().filter(ids).map(|meta| meta.id.clone()).collect()
}

/// A text of another tool as an exact pattern.
fn exact(text: &str) -> String {
    if text.contains(['*', '?']) || text.starts_with("re:") {
        format!("re:{}", regex::escape(text))
    } else {
        text.to_owned()
    }
}
