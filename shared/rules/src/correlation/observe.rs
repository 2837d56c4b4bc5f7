//! What a match tells the correlations that look at it.

use serde::{Deserialize, Serialize};

use super::{Correlated, Feed};
use crate::message::Piece;
use crate::set::Judged;

/// What a match tells one correlation about one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The id of the correlation.
    pub rule: String,
    /// What the correlation calls the rule that matched.
    pub base: String,
    /// The values of its `group-by`.
    pub group: Vec<String>,
    /// The value that counts.
    pub value: String,
    /// The sentence of its finding, if this event completes something.
    pub said: Vec<Said>,
    /// What the correlation then tells others.
    pub then: Vec<Observed>,
}

/// A piece of the sentence of a finding over several events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// Text.
    Text(String),
    /// How many there were.
    Count,
    /// Which values there were.
    Values,
}

/// Whether an observation is wanted: of a correlation, about a group, of the rule with that number, with a value.
pub type Admit<'a> = dyn FnMut(&Correlated, &[String], usize, &str) -> bool + 'a;

/// So many groups, and so many values of each, are made of one match whose fields are lists.
const GROUPS: usize = 32;
const VALUES: usize = 128;

impl Judged<'_> {
    /// Whether correlations look at the rule.
    pub fn is_observed(&self) -> bool {
        !self.feeds().is_empty()
    }

    /// What the match tells the correlations that look at it. Those observations are left out that `admit` does not
    /// want.
    pub fn observed(&self, admit: &mut Admit<'_>) -> Vec<Observed> {
        self.told(self.feeds(), admit)
    }

    fn told(&self, feeds: &[Feed], admit: &mut Admit<'_>) -> Vec<Observed> {
        let mut observed = Vec::new();
        for feed in feeds {
            let Some(correlation) = self.correlation(feed.correlation) else { continue };
            let values = if feed.values.is_empty() {
                vec![String::new()]
            } else {
                let all = self.combinations(&feed.values, VALUES);
                all.into_iter()
                    .filter(|parts| parts.iter().any(|part| !part.is_empty()))
                    .map(joined)
                    .collect()
            };
            for group in self.combinations(&feed.group, GROUPS) {
                // Events that say nothing of the group have nothing in common.
                if !group.is_empty() && group.iter().all(String::is_empty) {
                    continue;
                }
                for value in &values {
                    if admit(correlation, &group, feed.base, value) {
                        observed.push(Observed {
                            rule: correlation.meta.id.clone(),
                            base: correlation.bases.get(feed.base).cloned().unwrap_or_default(),
                            value: value.clone(),
                            said: self.said(correlation),
                            // Whether these are wanted is not known before the correlation has fired.
                            then: self.told(&correlation.feeds, &mut |_, _, _, _| true),
                            group: group.clone(),
                        });
                    }
                }
            }
        }
        observed
    }

    fn said(&self, correlation: &Correlated) -> Vec<Said> {
        let said = |piece: &Piece| match piece {
            Piece::Count => Said::Count,
            Piece::Values => Said::Values,
            other => Said::Text(self.rendered(other)),
        };
        correlation.message.iter().map(said).collect()
    }

    /// Every combination of what the paths lead to; of a path that leads nowhere the empty text.
    fn combinations(&self, paths: &[crate::expr::Path], most: usize) -> Vec<Vec<String>> {
        let mut all = vec![Vec::new()];
        for path in paths {
            let mut texts: Vec<String> = self.texts(path, most).into_iter().map(shortened).collect();
            if texts.is_empty() {
                texts.push(String::new());
            }
            all = all
                .iter()
                .flat_map(|start| texts.iter().map(move |text| start.iter().chain([text]).cloned().collect()))
                .take(most)
                .collect();
        }
        all
    }
}

/// The longest that a value may be: longer than any name in AWS, and short enough to be kept many times.
const CHARACTERS: usize = 2048;

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(CHARACTERS) {
        text.truncate(end);
    }
    text
}

/// Several values as one.
fn joined(parts: Vec<String>) -> String {
    match <[String; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => parts.join("\u{1f}"),
    }
}
