//! Rules that are compiled together, so that one look at an event finds those that can match it.

use std::collections::BTreeSet;
use std::fmt;

use model::Untrusted;
use model::json::{Kind, Value};

use crate::compile::Names;
use crate::correlation::{Correlated, Feed};
use crate::explain::{Explanation, explain};
use crate::expr::{Expr, Matcher, Path, Start};
use crate::index::Index;
use crate::judge::judge;
use crate::message::{self, Piece};
use crate::meta::Meta;
use crate::subject::{RootTable, Scratch, Subject, View};
use crate::truth::Truth;

/// Compiled rules.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(crate) rules: Vec<Compiled>,
    pub(crate) correlations: Vec<Correlated>,
    /// The rules as people know them, in the order in which they came.
    pub(crate) metas: Vec<Meta>,
    pub(crate) resting: Vec<Resting>,
    pub(crate) index: Index,
    pub(crate) table: RootTable,
    pub(crate) facts: Names,
    /// How many paths there are.
    pub(crate) paths: usize,
    pub(crate) source: usize,
    pub(crate) name: usize,
    pub(crate) unavailable: usize,
}

/// A compiled rule.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(crate) meta: Meta,
    pub(crate) expr: Expr,
    pub(crate) message: Vec<Piece>,
    pub(crate) dedup: Vec<Path>,
    /// Whether a match is a finding. `false`: a correlation stands for it.
    pub(crate) reported: bool,
    /// The correlations that look at it.
    pub(crate) feeds: Vec<Feed>,
}

/// A rule that is not judged until a placeholder is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resting {
    /// The rule.
    pub meta: Meta,
    /// The placeholders that it needs, with commas between them.
    pub needs: String,
}

/// When a rule that needs these placeholders rests no more: "`a` and `b` are set".
pub fn until(needs: &str) -> String {
    match needs.rsplit_once(", ") {
        None => format!("`{needs}` is set"),
        Some((others, last)) => format!("`{}` and `{last}` are set", others.replace(", ", "`, `")),
    }
}

/// What can be asked about a rule that was judged.
#[derive(Clone, Copy)]
pub struct Judged<'s> {
    correlations: &'s [Correlated],
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

    /// Whether a match is a finding of its own. `false`: a correlation stands for it.
    pub fn is_reported(&self) -> bool {
        self.rule.reported
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

    pub(crate) fn feeds(&self) -> &'s [Feed] {
        &self.rule.feeds
    }

    pub(crate) fn correlation(&self, number: usize) -> Option<&'s Correlated> {
        self.correlations.get(number)
    }

    pub(crate) fn texts(&self, path: &Path, most: usize) -> Vec<String> {
        self.subject.texts(path, most)
    }

    pub(crate) fn rendered(&self, piece: &Piece) -> String {
        message::render(std::slice::from_ref(piece), &self.subject)
    }

    /// The tree of conditions, with the values that they saw.
    pub fn explain(&self) -> Explanation {
        explain(&self.rule.expr, &self.subject, None)
    }
}

impl RuleSet {
    /// The rules that are judged.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Meta> {
        self.metas.iter()
    }

    /// The correlations.
    pub fn correlations(&self) -> &[Correlated] {
        &self.correlations
    }

    /// The correlation `id`.
    pub fn correlation(&self, id: &str) -> Option<&Correlated> {
        self.correlations.iter().find(|correlation| correlation.meta.id == id)
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
        let correlation = self.correlations.iter().position(|correlation| correlation.meta.id == id);
        for rule in &self.rules {
            let feeds = rule.feeds.iter().filter(|feed| Some(feed.correlation) == correlation);
            let mut is_read = rule.meta.id == id;
            for feed in feeds {
                is_read = true;
                for path in feed.group.iter().chain(&feed.values) {
                    reads.insert(path.shown.clone());
                }
            }
            if is_read {
                read_paths(&rule.expr, false, &mut reads);
                reads.extend(rule.message.iter().filter_map(Piece::path).map(|path| path.shown.clone()));
            }
        }
        reads
    }

    fn subject<'s>(&'s self, root: Value<'s>, view: View<'s>, scratch: &'s mut Scratch) -> Subject<'s> {
        scratch.look_at(root, &self.table, self.facts.as_slice().len(), self.paths);
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
        self.look_at(root, view, scratch, |judged| {
            if judged.truth != Truth::False {
                each(judged);
            }
        });
    }

    /// Judges an event by every rule that can match it, as far as its source and name tell, and hands over each verdict,
    /// false ones too.
    pub fn look_at<'s>(
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
            each(Judged { correlations: &self.correlations, rule, subject, truth });
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
            let truth = judge(&rule.expr, &subject, None);
            each(Judged { correlations: &self.correlations, rule, subject, truth });
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
        let truth = judge(&rule.expr, &subject, None);
        Some(Judged { correlations: &self.correlations, rule, subject, truth })
    }

    /// Why a document is, or is not, a match of the rule `id`; of a correlation, whether it counts. `None` where there
    /// is no such rule.
    pub fn explain<'s>(
        &'s self,
        id: &str,
        root: Value<'s>,
        view: View<'s>,
        scratch: &'s mut Scratch,
    ) -> Option<Explanation> {
        let Some(number) = self.correlations.iter().position(|correlation| correlation.meta.id == id) else {
            return self.judge_by(id, root, view, scratch).map(|judged| judged.explain());
        };
        let subject = self.subject(root, view, scratch);
        self.explain_correlation(number, &subject)
    }

    fn explain_correlation(&self, number: usize, subject: &Subject<'_>) -> Option<Explanation> {
        let correlation = self.correlations.get(number)?;
        let fed = |feeds: &'_ [Feed]| feeds.iter().position(|feed| feed.correlation == number);
        let mut parts: Vec<(&Feed, Explanation)> = Vec::new();
        for rule in &self.rules {
            let feed = fed(&rule.feeds).and_then(|at| rule.feeds.get(at));
            parts.extend(feed.map(|feed| (feed, explain(&rule.expr, subject, None))));
        }
        for (other, inner) in self.correlations.iter().enumerate() {
            if let Some(feed) = fed(&inner.feeds).and_then(|at| inner.feeds.get(at)) {
                parts.extend(self.explain_correlation(other, subject).map(|part| (feed, part)));
            }
        }
        parts.sort_by_key(|(feed, _)| feed.base);
        let parts = parts
            .into_iter()
            .map(|(feed, part)| {
                let label = correlation.bases.get(feed.base).map_or("", String::as_str);
                let mut counted = Explanation::new(part.truth(), format!("counts as `{label}`"), vec![part]);
                for (name, paths) in [("window", &feed.group), ("value", &feed.values)] {
                    for path in paths {
                        let values = subject.texts(path, SHOWN_KEYS).join(" or ");
                        counted.seen.push(Untrusted::new(format!("{name} {}: {values}", path.shown)));
                    }
                }
                counted
            })
            .collect::<Vec<_>>();
        let truth = parts.iter().fold(Truth::False, |truth, part| truth.or(part.truth()));
        Some(Explanation::new(truth, format!("counts towards {}", correlation.words()), parts))
    }
}

/// So many values of one key of a window are shown.
const SHOWN_KEYS: usize = 5;

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
