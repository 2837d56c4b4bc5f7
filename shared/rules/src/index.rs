//! Which rules can match an event at all, told by its source and name alone.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use model::json::Value;

use crate::expr::{Expr, Matcher, Test};

/// The values of `eventSource` and `eventName` without which a condition cannot hold, in lower case. `None`: any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    sources: Option<BTreeSet<String>>,
    names: Option<BTreeSet<String>>,
}

impl Needs {
    /// What the condition cannot do without.
    pub(crate) fn of(expr: &Expr) -> Self {
        match expr {
            Expr::Named(_, part) => Self::of(part),
            Expr::All(parts) => parts.iter().map(Self::of).fold(Self::default(), Self::both),
            Expr::Any(parts) => {
                let mut needs = parts.iter().map(Self::of);
                let Some(first) = needs.next() else { return Self::default() };
                needs.fold(first, Self::either)
            }
            Expr::Test(test) => {
                Self { sources: exact_values(test, "eventSource"), names: exact_values(test, "eventName") }
            }
            Expr::AtLeast(..) | Expr::Not(_) | Expr::Elements(..) | Expr::Keyword(_) => Self::default(),
        }
    }

    fn both(self, other: Self) -> Self {
        Self { sources: narrower(self.sources, other.sources), names: narrower(self.names, other.names) }
    }

    fn either(self, other: Self) -> Self {
        Self { sources: union(self.sources, other.sources), names: union(self.names, other.names) }
    }
}

fn narrower(a: Option<BTreeSet<String>>, b: Option<BTreeSet<String>>) -> Option<BTreeSet<String>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a.len() <= b.len() { a } else { b }),
        (a, b) => a.or(b),
    }
}

fn union(a: Option<BTreeSet<String>>, b: Option<BTreeSet<String>>) -> Option<BTreeSet<String>> {
    let (mut a, b) = (a?, b?);
    a.extend(b);
    Some(a)
}

fn exact_values(test: &Test, path: &str) -> Option<BTreeSet<String>> {
    if test.path.shown != path || test.every {
        return None;
    }
    test.matchers
        .iter()
        .map(|matcher| match matcher {
            Matcher::Text(pattern) => pattern.exact().map(str::to_lowercase),
            _ => None,
        })
        .collect()
}

/// Rules by what they need. A rule stands in exactly one kind of entry, so that it is looked at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pairs: HashMap<u64, Vec<usize>>,
    sources: HashMap<u64, Vec<usize>>,
    names: HashMap<u64, Vec<usize>>,
    always: Vec<usize>,
}

impl Index {
    pub(crate) fn add(&mut self, rule: usize, needs: &Needs) {
        match (&needs.sources, &needs.names) {
            (Some(sources), Some(names)) => {
                for source in sources {
                    for name in names {
                        let pair = pair(hash(source.as_bytes()), hash(name.as_bytes()));
                        self.pairs.entry(pair).or_default().push(rule);
                    }
                }
            }
            (Some(sources), None) => {
                for source in sources {
                    self.sources.entry(hash(source.as_bytes())).or_default().push(rule);
                }
            }
            (None, Some(names)) => {
                for name in names {
                    self.names.entry(hash(name.as_bytes())).or_default().push(rule);
                }
            }
            (None, None) => self.always.push(rule),
        }
    }

    /// The rules that can match an event of this source and name. Hashes may collide: then a rule is judged that
    /// cannot match, which costs time and nothing else.
    pub(crate) fn candidates(
        &self,
        source: Option<Value<'_>>,
        name: Option<Value<'_>>,
    ) -> impl Iterator<Item = usize> {
        let source = hash(&folded(source));
        let name = hash(&folded(name));
        let found = [
            self.pairs.get(&pair(source, name)),
            self.sources.get(&source),
            self.names.get(&name),
            Some(&self.always),
        ];
        found.into_iter().flatten().flatten().copied()
    }

    /// The rules that are judged on every event.
    pub(crate) fn always(&self) -> &[usize] {
        &self.always
    }
}

/// The text, in lower case where hashing its bytes would not see to that.
fn folded(value: Option<Value<'_>>) -> Cow<'_, [u8]> {
    if let Some(bytes) = value.and_then(Value::plain_bytes).filter(|bytes| bytes.is_ascii()) {
        return Cow::Borrowed(bytes);
    }
    let text = value.and_then(Value::as_str).unwrap_or_default();
    Cow::Owned(text.to_lowercase().into_bytes())
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over the bytes in lower case.
fn hash(text: &[u8]) -> u64 {
    text.iter()
        .fold(SEED, |hash, byte| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3))
}

fn pair(source: u64, name: u64) -> u64 {
    source.rotate_left(32).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ name
}
