//! Rules that are compiled together, so that one look at an event finds those that can match it.

use std::collections::BTreeSet;
use std::fmt;

use model::json::{Kind, Value};

use crate::compile::{Compiler, Names, NotCompiled};
use crate::error::RuleError;
use crate::explain::{Explanation, explain};
use crate::expr::{Expr, Matcher, Path, Start};
use crate::index::{Index, Needs};
use crate::judge::judge;
use crate::message::{self, Piece};
use crate::meta::Meta;
use crate::path::{Segments, UNAVAILABLE};
use crate::rule::Rule;
use crate::settings::Settings;
use crate::subject::{RootTable, Scratch, Subject, View};
use crate::truth::Truth;

/// Compiled rules.
#[derive(Debug, Clone)]
pub struct RuleSet {
    rules: Vec<Compiled>,
    resting: Vec<Resting>,
    index: Index,
    table: RootTable,
    facts: Names,
    source: usize,
    name: usize,
    unavailable: usize,
}

/// A compiled rule.
#[derive(Debug, Clone)]
pub struct Compiled {
    meta: Meta,
    expr: Expr,
    message: Vec<Piece>,
    dedup: Vec<Path>,
}

/// A rule that is not judged until a placeholder is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resting {
    /// The rule.
    pub meta: Meta,
    /// The placeholder that it needs.
    pub needs: String,
}

/// What can be asked about a rule that was judged.
#[derive(Clone, Copy)]
pub struct Judged<'s> {
    rule: &'s Compiled,
    subject: Subject<'s>,
    /// The verdict.
    pub truth: Truth,
}

impl fmt::Debug for Judged<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Judged")
            .field("rule", &self.rule.meta.id)
            .field("truth", &self.truth)
            .finish()
    }
}

impl<'s> Judged<'s> {
    /// The rule.
    pub fn meta(&self) -> &'s Meta {
        &self.rule.meta
    }

    /// The rule's sentence about this document.
    pub fn message(&self) -> String {
        message::render(&self.rule.message, &self.subject)
    }

    /// The values of the rule's dedup paths, joined; empty where the rule names none.
    pub fn scope(&self) -> String {
        let values: Vec<_> =
            self.rule.dedup.iter().map(|path| self.subject.text(path).unwrap_or_default()).collect();
        values.join(" ")
    }

    /// A fact or a field of the document, as text.
    pub fn explain(&self) -> Explanation {
        explain(&self.rule.expr, &self.subject, None)
    }
}

impl RuleSet {
    /// Compiles rules. A rule that is wrong is left out and said; one that needs a placeholder rests.
    pub fn new(
        rules: impl IntoIterator<Item = Rule>,
        settings: &Settings,
        known_facts: &[&str],
    ) -> (Self, Vec<RuleError>) {
        let mut roots = Names::default();
        let mut facts = Names::default();
        let mut compiler = Compiler { settings, known_facts, roots: &mut roots, facts: &mut facts };
        let source = compiler.root("eventSource");
        let name = compiler.root("eventName");
        let unavailable = compiler.root(UNAVAILABLE);
        let mut compiled: Vec<Compiled> = Vec::new();
        let mut resting = Vec::new();
        let mut errors = Vec::new();
        let mut index = Index::default();
        for rule in rules {
            let place = rule.place;
            match compiler.rule(rule) {
                Ok(rule) => {
                    index.add(compiled.len(), &Needs::of(&rule.expr));
                    compiled.push(rule);
                }
                Err((meta, NotCompiled::Needs(needs))) => resting.push(Resting { meta: *meta, needs }),
                Err((meta, NotCompiled::Wrong(mut error))) => {
                    if error.place.line == 0 {
                        error.place = place;
                    }
                    errors.push(error.in_file(&meta.origin));
                }
            }
        }
        let table = RootTable::new(&roots);
        (Self { rules: compiled, resting, index, table, facts, source, name, unavailable }, errors)
    }

    /// The rules that are judged.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Meta> {
        self.rules.iter().map(|rule| &rule.meta)
    }

    /// The rules that are not judged until a placeholder is set.
    pub fn resting(&self) -> &[Resting] {
        &self.resting
    }

    /// The rules that are judged on every event, because neither its source nor its name rules them out. Their
    /// conditions are what judging costs.
    pub fn judged_always(&self) -> impl Iterator<Item = &Meta> {
        self.index.always().iter().filter_map(|number| self.rules.get(*number)).map(|rule| &rule.meta)
    }

    /// What a rule reads, its message included: paths of the document, and `facts.name` for facts.
    pub fn reads(&self, id: &str) -> BTreeSet<String> {
        let mut reads = BTreeSet::new();
        for rule in self.rules.iter().filter(|rule| rule.meta.id == id) {
            read_paths(&rule.expr, false, &mut reads);
            reads.extend(rule.message.iter().filter_map(|piece| match piece {
                Piece::Field { path, .. } => Some(path.shown.clone()),
                Piece::Text(_) => None,
            }));
        }
        reads
    }

    fn subject<'s>(&'s self, root: Value<'s>, view: View<'s>, scratch: &'s mut Scratch) -> Subject<'s> {
        scratch.look_at(root, &self.table, self.facts.as_slice().len());
        let scratch: &'s Scratch = scratch;
        let subject = Subject { root, scratch, fact_names: self.facts.as_slice(), view, hole: None };
        Subject { hole: subject.member(self.unavailable).map(|_| root), ..subject }
    }

    /// Judges an event by every rule that can match it, and hands over what holds or is not known.
    pub fn judge<'s>(
        &'s self,
        root: Value<'s>,
        view: View<'s>,
        scratch: &'s mut Scratch,
        mut each: impl FnMut(Judged<'s>),
    ) {
        let subject = self.subject(root, view, scratch);
        let source = subject.member(self.source);
        let name = subject.member(self.name);
        let is_text = |value: Option<Value<'_>>| {
            value.is_none_or(|value| matches!(value.kind(), Kind::String | Kind::Null))
        };
        let mut judge_one = |rule: &'s Compiled| {
            let truth = judge(&rule.expr, &subject, None);
            if truth != Truth::False {
                each(Judged { rule, subject, truth });
            }
        };
        if view.ambiguous || !is_text(source) || !is_text(name) {
            // The index would look at one reading of the event only.
            self.rules.iter().for_each(judge_one);
            return;
        }
        for number in self.index.candidates(source, name) {
            if let Some(rule) = self.rules.get(number) {
                judge_one(rule);
            }
        }
    }

    /// Judges a document by every rule and hands over each verdict, false ones too.
    pub fn judge_each<'s>(
        &'s self,
        root: Value<'s>,
        view: View<'s>,
        scratch: &'s mut Scratch,
        mut each: impl FnMut(Judged<'s>),
    ) {
        let subject = self.subject(root, view, scratch);
        for rule in &self.rules {
            each(Judged { rule, subject, truth: judge(&rule.expr, &subject, None) });
        }
    }

    /// Judges a document by the rule `id`, whatever the index says; `None` where there is no such rule.
    pub fn judge_by<'s>(
        &'s self,
        id: &str,
        root: Value<'s>,
        view: View<'s>,
        scratch: &'s mut Scratch,
    ) -> Option<Judged<'s>> {
        let rule = self.rules.iter().find(|rule| rule.meta.id == id)?;
        let subject = self.subject(root, view, scratch);
        Some(Judged { rule, subject, truth: judge(&rule.expr, &subject, None) })
    }
}

fn read_paths(expr: &Expr, in_scope: bool, reads: &mut BTreeSet<String>) {
    // What starts at an element is covered by the path of its scope.
    let read = |path: &Path, reads: &mut BTreeSet<String>| {
        if path.start != Start::Element {
            reads.insert(path.shown.strip_prefix("$.").unwrap_or(&path.shown).to_owned());
        }
    };
    match expr {
        Expr::All(parts) | Expr::Any(parts) | Expr::AtLeast(_, parts) => {
            for part in parts {
                read_paths(part, in_scope, reads);
            }
        }
        Expr::Not(part) | Expr::Named(_, part) => read_paths(part, in_scope, reads),
        Expr::Elements(path, _, body) => {
            read(path, reads);
            read_paths(body, true, reads);
        }
        Expr::Test(test) => {
            read(&test.path, reads);
            for matcher in &test.matchers {
                if let Matcher::Reference { path, .. } = matcher {
                    read(path, reads);
                }
            }
        }
        Expr::Keyword(_) if in_scope => {}
        Expr::Keyword(_) => {
            reads.insert("*".into());
        }
    }
}

impl Compiler<'_> {
    fn root(&mut self, name: &str) -> usize {
        match self.top_level(name).start {
            Start::Root(number) => number,
            Start::Fact(_) | Start::Element => usize::MAX,
        }
    }

    fn rule(&mut self, rule: Rule) -> Result<Compiled, (Box<Meta>, NotCompiled)> {
        let Rule { meta, detection, .. } = rule;
        let compiled = self.compile(&detection).and_then(|expr| {
            let template = if meta.message.is_empty() { &meta.title } else { &meta.message };
            let message = message::split(template)
                .into_iter()
                .map(|piece| match piece {
                    Ok(text) => Ok(Piece::Text(text)),
                    Err((path, default)) => Ok(Piece::Field { path: self.document_path(&path)?, default }),
                })
                .collect::<Result<_, NotCompiled>>()?;
            let dedup = meta.dedup.iter().map(|path| self.document_path(path)).collect::<Result<_, _>>()?;
            Ok((expr, message, dedup))
        });
        match compiled {
            Ok((expr, message, dedup)) => Ok(Compiled { meta, expr, message, dedup }),
            Err(error) => Err((Box::new(meta), error)),
        }
    }

    fn top_level(&mut self, name: &str) -> Path {
        Path {
            shown: name.into(),
            start: Start::Root(self.roots.number(name)),
            segments: Segments::new(name),
        }
    }
}
