//! Judging resources by checks.

use std::collections::{BTreeMap, BTreeSet};

use catalog::resource::Row;
use model::Timestamp;
use model::json::{Document, Kind, Value, Writer};
use rules::{Explanation, Meta, Rule, RuleError, RuleSet, Scratch, Settings, Target, Truth, View};

/// Derives facts about resources.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceFacts;

impl rules::Facts for ResourceFacts {
    fn derive(&self, name: &str, document: Value<'_>, out: &mut Writer) {
        match facts::resource_fact(name) {
            Some(fact) => (fact.derive)(document, out),
            None => out.null(),
        }
    }
}

/// The names of the facts about resources.
pub fn resource_fact_names() -> Vec<&'static str> {
    facts::RESOURCE_FACTS.iter().map(|fact| fact.name).collect()
}

/// Judges resources by the checks of their type.
#[derive(Debug)]
pub struct Checker {
    sets: BTreeMap<String, RuleSet>,
}

/// What a check says of a resource.
#[derive(Debug)]
pub struct Verdict<'s> {
    /// The check.
    pub check: &'s Meta,
    /// True: a finding. Unknown: something that it takes could not be read.
    pub truth: Truth,
    /// The check's sentence about the resource; empty for what is clean.
    pub message: String,
    /// What could not be read, where that left the verdict open.
    pub holes: Vec<Hole>,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hole {
    /// `Denied`, `Throttled`, `Unsupported` or `Failed`.
    pub cause: String,
    /// The operation.
    pub operation: String,
    /// The service's error code.
    pub code: String,
    /// The missing permission, of what was denied.
    pub permission: String,
}

impl std::fmt::Display for Hole {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cause, operation, code, permission } = self;
        match (operation.is_empty(), permission.is_empty()) {
            (true, _) => write!(formatter, "{cause}"),
            (false, true) => write!(formatter, "{cause}: {operation} answered {code}"),
            (false, false) => write!(formatter, "{cause}: {operation} answered {code}; allow {permission}"),
        }
    }
}

impl Hole {
    /// Reads the hole that a value is; `None` where it is none.
    pub fn of(value: Value<'_>) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::text).unwrap_or_default().into_owned();
        (value.kind() == Kind::Object && value.get("$unavailable").is_some()).then(|| Self {
            cause: text("$unavailable"),
            operation: text("operation"),
            code: text("code"),
            permission: text("permission"),
        })
    }
}

impl Checker {
    /// Compiles checks. Rules over events, and rules over what is not read here, are left out.
    pub fn new(rules: impl IntoIterator<Item = Rule>, settings: &Settings) -> (Self, Vec<RuleError>) {
        let mut by_type: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
        for rule in rules {
            if let Target::Resource(kind) = &rule.target {
                by_type.entry(kind.clone()).or_default().push(rule);
            }
        }
        let known_facts = resource_fact_names();
        let mut errors = Vec::new();
        let compile = |(kind, rules): (String, Vec<Rule>)| {
            let (set, wrong) = RuleSet::new(rules, settings, &known_facts);
            errors.extend(wrong);
            (kind, set)
        };
        let sets = by_type.into_iter().map(compile).collect();
        (Self { sets }, errors)
    }

    /// Every check, and the placeholder that it rests for.
    pub fn all(&self) -> impl Iterator<Item = (&Meta, Option<&str>)> {
        self.sets.values().flat_map(|set| {
            let resting = set.resting().iter().map(|resting| (&resting.meta, Some(resting.needs.as_str())));
            set.rules().map(|meta| (meta, None)).chain(resting)
        })
    }

    /// The types of resources that there are checks for.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(String::as_str)
    }

    /// The checks about types of resources that are not among `rows`, each with the type: nothing would ever judge them.
    pub fn astray<'s>(&'s self, rows: &'s [Row]) -> impl Iterator<Item = (&'s Meta, &'s str)> {
        let is_known = |kind: &str| rows.iter().any(|row| row.name == kind);
        let astray = self.sets.iter().filter(move |(kind, _)| !is_known(kind));
        astray.flat_map(|(kind, set)| set.rules().map(move |meta| (meta, kind.as_str())))
    }

    /// The checks of a type.
    pub fn checks(&self, kind: &str) -> impl Iterator<Item = &Meta> {
        self.sets.get(kind).into_iter().flat_map(RuleSet::rules)
    }

    /// The members of a document that the checks of a type read, facts resolved to what they are derived from.
    pub fn reads(&self, kind: &str) -> BTreeSet<String> {
        let Some(set) = self.sets.get(kind) else { return BTreeSet::new() };
        set.rules().flat_map(|meta| members_read(set, &meta.id)).collect()
    }

    /// The members of a document that one check reads.
    pub fn reads_of(&self, kind: &str, check: &str) -> BTreeSet<String> {
        self.sets.get(kind).map(|set| members_read(set, check)).unwrap_or_default()
    }

    /// The members of a document that are kept beside a finding of one check: those that it reads, and those whose values
    /// stand in the commands of its fix.
    pub fn keeps_of(&self, kind: &str, check: &str) -> BTreeSet<String> {
        let mut members = self.reads_of(kind, check);
        let meta = self.checks(kind).find(|meta| meta.id == check);
        members.extend(members_of(meta.iter().flat_map(|meta| meta.fix.paths())));
        members
    }

    /// Judges a resource by every check of its type.
    pub fn judge<'s>(
        &'s self,
        kind: &str,
        document: &'s Document,
        now: Timestamp,
        scratch: &'s mut Scratch,
    ) -> Vec<Verdict<'s>> {
        let Some(set) = self.sets.get(kind) else { return Vec::new() };
        let view = View { facts: &ResourceFacts, now, ambiguous: false };
        let mut verdicts = Vec::new();
        set.judge_each(document.root(), view, scratch, |judged| {
            let holes = match judged.truth {
                Truth::Unknown => holes(document.root(), &members_read(set, &judged.meta().id)),
                Truth::True | Truth::False => Vec::new(),
            };
            let message = if judged.truth == Truth::True { judged.message() } else { String::new() };
            verdicts.push(Verdict { check: judged.meta(), truth: judged.truth, message, holes });
        });
        verdicts
    }

    /// Why a check says what it says of a resource.
    pub fn explain(
        &self,
        kind: &str,
        check: &str,
        document: &Document,
        now: Timestamp,
    ) -> Option<(Truth, Explanation)> {
        let view = View { facts: &ResourceFacts, now, ambiguous: false };
        let mut scratch = Scratch::default();
        let judged = self.sets.get(kind)?.judge_by(check, document.root(), view, &mut scratch)?;
        Some((judged.truth, judged.explain()))
    }
}

/// The members of a document that a check reads.
fn members_read(set: &RuleSet, check: &str) -> BTreeSet<String> {
    members_of(set.reads(check).iter().map(String::as_str))
}

/// The members of a document that paths lead through, facts resolved to what they are derived from.
fn members_of<'p>(paths: impl Iterator<Item = &'p str>) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    for path in paths {
        let mut names = path.split('.');
        match (names.next(), names.next()) {
            (Some("facts"), Some(fact)) => {
                let reads = facts::resource_fact(fact).map(|fact| fact.reads).unwrap_or_default();
                members.extend(reads.iter().map(|member| (*member).to_owned()));
            }
            (Some(member), _) => {
                members.insert(member.to_owned());
            }
            (None, _) => {}
        }
    }
    members
}

/// The holes among the members `read` of a document, and the one at its root.
fn holes(root: Value<'_>, read: &BTreeSet<String>) -> Vec<Hole> {
    let mut found = BTreeSet::new();
    found.extend(Hole::of(root));
    for (key, value) in root.members() {
        // As rules find members: whatever the case of their letters.
        if key.as_str().is_some_and(|key| read.iter().any(|read| read.eq_ignore_ascii_case(&key))) {
            below(value, &mut found);
        }
    }
    found.into_iter().collect()
}

fn below(value: Value<'_>, found: &mut BTreeSet<Hole>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match (Hole::of(value), value.kind()) {
            (Some(hole), _) => {
                found.insert(hole);
            }
            (None, Kind::Array) => open.extend(value.items()),
            (None, Kind::Object) => open.extend(value.members().map(|(_, member)| member)),
            (None, _) => {}
        }
    }
}
