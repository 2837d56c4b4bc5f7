//! What a check is, and what it says.

use model::Untrusted;

use super::answers::Hole;
use super::look::Look;

/// A question about the account of a stack.
pub(super) struct Check {
    /// Its id, which names the defect.
    pub(super) id: &'static str,
    /// What is true where it is in order.
    pub(super) title: &'static str,
    /// What mends it.
    pub(super) fix: &'static str,
    /// Judges what the account answered.
    pub(super) judge: fn(&Look<'_>) -> Verdict,
}

/// What a check says.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// How many things were looked at. None: the check does not apply.
    pub(super) seen: usize,
    /// What is wrong, a line for each thing.
    pub(super) wrong: Vec<Untrusted>,
    /// What mends each of these things, where that is another command for each.
    pub(super) fixes: Vec<Untrusted>,
    /// What could not be seen, a line for each reason.
    pub(super) unknown: Vec<Untrusted>,
}

/// A verdict in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    /// Something is not as it should be.
    Wrong,
    /// Something could not be seen, and nothing that was seen is wrong.
    Unknown,
    /// All is as it should be.
    Fine,
    /// There is nothing to look at.
    Idle,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Unknown => "unknown",
            Self::Fine => "ok",
            Self::Idle => "does not apply",
        }
    }
}

/// Of one thing: what is wrong with it, if anything is.
pub(super) type Looked = Result<Option<String>, Hole>;

impl Verdict {
    /// The verdict on a single thing.
    pub(super) fn one(looked: Looked) -> Self {
        let mut verdict = Self::default();
        verdict.add(looked);
        verdict
    }

    /// Adds what was seen of one more thing. What does not exist is the business of the checks about that alone.
    pub(super) fn add(&mut self, looked: Looked) {
        match looked {
            Ok(wrong) => {
                self.seen += 1;
                self.wrong.extend(wrong.map(Untrusted::new));
            }
            Err(Hole::Unknown(why)) => {
                self.seen += 1;
                let why = Untrusted::new(why);
                if !self.unknown.contains(&why) {
                    self.unknown.push(why);
                }
            }
            Err(Hole::Absent | Hole::Unread) => {}
        }
    }

    pub(super) fn status(&self) -> Status {
        match self {
            Self { wrong, .. } if !wrong.is_empty() => Status::Wrong,
            Self { unknown, .. } if !unknown.is_empty() => Status::Unknown,
            Self { seen: 0, .. } => Status::Idle,
            _ => Status::Fine,
        }
    }
}
