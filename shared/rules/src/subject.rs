//! What is judged: a document, the facts derived from it, and the time.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::ops::ControlFlow;

use jiff::Timestamp;
use model::json::{Value, Writer};

use crate::compile::Names;
use crate::expr::{Path, Start};
use crate::path::Found;

/// Derives facts about a document. Implemented by whoever knows the derivations; the rules know only their names.
pub trait Facts {
    /// Writes the value of the fact `name`. `{"$unavailable": reason}` says that it cannot be known.
    fn derive(&self, name: &str, document: Value<'_>, out: &mut Writer);
}

/// No facts at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFacts;

impl Facts for NoFacts {
    fn derive(&self, _: &str, _: Value<'_>, out: &mut Writer) {
        out.null();
    }
}

/// How a document is looked at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Derives facts.
    pub facts: &'a dyn Facts,
    /// What `older_than` and `newer_than` count from.
    pub now: Timestamp,
    /// The document repeats a key: every one of the twins counts.
    pub ambiguous: bool,
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("View")
            .field("now", &self.now)
            .field("ambiguous", &self.ambiguous)
            .finish_non_exhaustive()
    }
}

/// Memory that judging uses again from document to document. One a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Where the members that rules ask for stand; [`ABSENT`] where there is none.
    roots: Vec<u32>,
    facts: Vec<OnceCell<Writer>>,
    /// What paths led to, by their numbers.
    reached: Vec<Cell<Reached>>,
    /// The number of the document that is looked at: what was reached in others does not count.
    document: u32,
    /// The memory of facts that were forgotten.
    spare: RefCell<Vec<Writer>>,
}

const ABSENT: u32 = u32::MAX;

/// What a path led to in one document. Several rules look at the same few paths, and most lead to one value.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    document: u32,
    what: What,
}

#[derive(Debug, Clone, Copy, Default)]
enum What {
    #[default]
    Nothing,
    /// The value at this position.
    One(u32),
    /// Several values, or a hole.
    More,
}

/// So many values of a list are written into a sentence.
const LISTED: usize = 5;

/// The root members that rules ask for, found by a hash of their length and ends.
#[derive(Debug, Clone)]
pub(crate) struct RootTable {
    buckets: Vec<Vec<(String, usize)>>,
    count: usize,
}

const BUCKETS: usize = 256;

fn bucket(key: &[u8]) -> usize {
    let first = usize::from(key.first().copied().unwrap_or_default());
    let last = usize::from(key.last().copied().unwrap_or_default());
    (key.len() * 31 + first * 7 + last * 3) % BUCKETS
}

impl RootTable {
    pub(crate) fn new(names: &Names) -> Self {
        let mut buckets = vec![Vec::new(); BUCKETS];
        for (number, name) in names.as_slice().iter().enumerate() {
            if let Some(bucket) = buckets.get_mut(bucket(name.as_bytes())) {
                bucket.push((name.clone(), number));
            }
        }
        Self { buckets, count: names.as_slice().len() }
    }

    fn number(&self, key: Value<'_>) -> Option<usize> {
        let decoded;
        let bytes = match key.plain_bytes() {
            Some(bytes) => bytes,
            None => {
                decoded = key.as_str()?;
                decoded.as_bytes()
            }
        };
        let candidates = self.buckets.get(bucket(bytes))?;
        candidates.iter().find(|(name, _)| name.as_bytes() == bytes).map(|(_, number)| *number)
    }
}

impl Scratch {
    /// Takes up `root`: notes where its members stand and forgets the facts of the document before.
    pub(crate) fn look_at(&mut self, root: Value<'_>, table: &RootTable, facts: usize, paths: usize) {
        self.document = self.document.checked_add(1).unwrap_or_else(|| {
            self.reached.clear();
            1
        });
        if self.reached.len() < paths {
            self.reached.resize(paths, Cell::default());
        }
        self.roots.clear();
        self.roots.resize(table.count, ABSENT);
        for (key, value) in root.members() {
            if let Some(number) = table.number(key)
                && let Some(slot) = self.roots.get_mut(number)
            {
                *slot = value.position();
            }
        }
        if self.facts.len() < facts {
            self.facts.resize_with(facts, OnceCell::new);
        }
        for fact in &mut self.facts {
            if let Some(mut writer) = fact.take() {
                writer.clear();
                self.spare.get_mut().push(writer);
            }
        }
    }
}

/// A document that is being judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'s> {
    pub(crate) root: Value<'s>,
    pub(crate) scratch: &'s Scratch,
    pub(crate) fact_names: &'s [String],
    pub(crate) view: View<'s>,
    /// The document itself, where a part of it could not be read and it cannot be told which.
    pub(crate) hole: Option<Value<'s>>,
}

impl<'s> Subject<'s> {
    /// The member of the document that has this number.
    pub(crate) fn member(&self, number: usize) -> Option<Value<'s>> {
        match self.scratch.roots.get(number) {
            Some(&position) if position != ABSENT => Some(self.root.at(position)),
            _ => None,
        }
    }

    fn fact(&self, number: usize) -> Option<Value<'s>> {
        let cell = self.scratch.facts.get(number)?;
        let name = self.fact_names.get(number)?;
        let fact = cell.get_or_init(|| {
            let spare = self.scratch.spare.try_borrow_mut().ok().and_then(|mut spare| spare.pop());
            let mut fact = spare.unwrap_or_default();
            self.view.facts.derive(name, self.root, &mut fact);
            fact
        });
        Some(fact.root())
    }

    /// Visits what `path` leads to, from the document or from `element`.
    #[inline]
    pub(crate) fn visit<B>(
        &self,
        path: &Path,
        element: Option<Value<'s>>,
        visit: &mut impl FnMut(Found<'s>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let Some(cell) = path.number.and_then(|number| self.scratch.reached.get(number)) else {
            return self.walk(path, element, visit);
        };
        let mut reached = cell.get();
        if reached.document != self.scratch.document {
            reached = Reached { document: self.scratch.document, what: self.reach(path) };
            cell.set(reached);
        }
        match reached.what {
            What::Nothing => ControlFlow::Continue(()),
            What::One(position) => {
                let root = match path.start {
                    Start::Fact(number) => self.fact(number).unwrap_or(self.root),
                    Start::Root(_) | Start::Element => self.root,
                };
                visit(Found::Value(root.at(position)))
            }
            What::More => self.walk(path, element, visit),
        }
    }

    /// What `path` leads to, from the document.
    fn reach(&self, path: &Path) -> What {
        let mut what = What::Nothing;
        let _ = self.walk(path, None, &mut |found| {
            what = match (what, found) {
                (What::Nothing, Found::Value(value)) => What::One(value.position()),
                _ => What::More,
            };
            if matches!(what, What::More) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        what
    }

    fn walk<B>(
        &self,
        path: &Path,
        element: Option<Value<'s>>,
        visit: &mut impl FnMut(Found<'s>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let twins = self.view.ambiguous;
        match path.start {
            Start::Root(_) if twins => path.segments.visit(self.root, 0, twins, visit),
            Start::Root(number) => match self.member(number) {
                Some(member) => path.segments.visit(member, 1, twins, visit),
                None if path.segments.is_single() => self.absent(visit),
                None => match self.root.get(&path.shown) {
                    Some(flat) => path.segments.visit(flat, usize::MAX, twins, visit),
                    None => self.absent(visit),
                },
            },
            Start::Fact(number) => match self.fact(number) {
                Some(fact) => path.segments.visit(fact, 0, twins, visit),
                None => ControlFlow::Continue(()),
            },
            Start::Element => match element {
                Some(element) => path.segments.visit(element, 0, twins, visit),
                None => ControlFlow::Continue(()),
            },
        }
    }

    /// Visits what stands for a member that the document does not have.
    fn absent<B>(&self, visit: &mut impl FnMut(Found<'s>) -> ControlFlow<B>) -> ControlFlow<B> {
        match self.hole {
            Some(hole) => visit(Found::Hole(hole)),
            None => ControlFlow::Continue(()),
        }
    }

    /// The texts that `path` leads to, each once, at most `most` of them.
    pub(crate) fn texts(&self, path: &Path, most: usize) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        let _ = self.visit(path, None, &mut |found| {
            if let Found::Value(value) = found
                && let Some(text) = value.text()
                && !texts.iter().any(|known| *known == text)
            {
                texts.push(text.into_owned());
            }
            if texts.len() >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        texts
    }

    /// The texts that `path` leads to, joined with commas, the first [`LISTED`] of them; `None` where there is none.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        let mut texts: Vec<String> = Vec::new();
        let _ = self.visit(path, None, &mut |found| {
            if let Found::Value(value) = found
                && let Some(text) = value.text()
            {
                if texts.len() == LISTED {
                    texts.push("…".into());
                    return ControlFlow::Break(());
                }
                texts.push(text.into_owned());
            }
            ControlFlow::Continue(())
        });
        (!texts.is_empty()).then(|| texts.join(", "))
    }
}
