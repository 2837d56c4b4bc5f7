//! Finding the rules that correlations name.

use std::collections::HashMap;

use super::window::Shape;
use super::{Correlated, Correlation, Feed, Step};
use crate::code::Code;
use crate::compile::{Compiler, NotCompiled};
use crate::error::{Place, RuleError};
use crate::expr::Expr;
use crate::message::Piece;
use crate::meta::Meta;

/// What became of a rule of the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    /// It is judged, under this number.
    Rule(usize),
    /// It is a correlation, under this number.
    Correlation(usize),
    /// A correlation that waits for what it names.
    Pending,
    /// It rests until the placeholder is set.
    Resting(String),
    /// It cannot be used.
    Wrong,
}

/// The rules of a set by everything that names them.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    slots: Vec<Slot>,
    origins: Vec<String>,
    names: HashMap<String, Vec<usize>>,
}

impl Directory {
    /// Adds a rule, and says under which number.
    pub(crate) fn add(&mut self, meta: &Meta, name: Option<&str>, slot: Slot) -> usize {
        let number = self.slots.len();
        self.slots.push(slot);
        self.origins.push(meta.origin.clone());
        for name in [Some(meta.id.as_str()), name, Some(meta.title.as_str())].into_iter().flatten() {
            let numbers = self.names.entry(name.to_owned()).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
        number
    }

    pub(crate) fn set(&mut self, number: usize, slot: Slot) {
        if let Some(old) = self.slots.get_mut(number) {
            *old = slot;
        }
    }

    /// The rule that a correlation of the file `origin` means: one of the same file before any other.
    fn find(&self, label: &str, origin: &str, own: usize, place: Place) -> Result<&Slot, RuleError> {
        let all = self.names.get(label).map(Vec::as_slice).unwrap_or_default();
        // A correlation may be called like its rule, which then is what it means.
        let others: Vec<usize> = all.iter().copied().filter(|number| *number != own).collect();
        let all = if others.is_empty() { all } else { &others };
        let here: Vec<usize> = all
            .iter()
            .copied()
            .filter(|number| self.origins.get(*number).is_some_and(|of| of == origin))
            .collect();
        let found = if here.is_empty() { all } else { &here };
        match found {
            [] => Err(RuleError::new(
                Code::UnknownRule,
                place,
                format!("the correlation names `{label}`, and no rule has that id, name or title"),
                "mend it, or load the file of that rule as well",
            )),
            [number] => Ok(self.slots.get(*number).unwrap_or(&Slot::Wrong)),
            _ => Err(RuleError::new(
                Code::AmbiguousRule,
                place,
                format!("the correlation names `{label}`, and {} rules are called so", found.len()),
                "name the rule by its id",
            )),
        }
    }
}

/// A correlation with its rules, ready to be put into the set.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) correlated: Correlated,
    /// Conditions of its own, with what each tells it.
    pub(crate) own: Vec<(Expr, Feed)>,
    /// Rules by number, with what each tells it.
    pub(crate) rules: Vec<(usize, Feed)>,
    /// Correlations by number, with what each tells it.
    pub(crate) correlations: Vec<(usize, Feed)>,
    pub(crate) generate: bool,
}

/// Why a correlation was not linked.
#[derive(Debug)]
pub(crate) enum NotLinked {
    /// Another correlation that it names has to come first.
    NotYet(Place),
    /// It is wrong, or rests.
    Failed(NotCompiled),
}

impl<T: Into<NotCompiled>> From<T> for NotLinked {
    fn from(error: T) -> Self {
        Self::Failed(error.into())
    }
}

/// Finds the rules that a correlation names, and compiles its own. `slot` is the correlation's in the directory, and
/// `levels` are those of the correlations that are in the set already.
pub(crate) fn link(
    correlation: &Correlation,
    meta: &Meta,
    message: Vec<Piece>,
    slot: usize,
    levels: &[usize],
    directory: &Directory,
    compiler: &mut Compiler<'_>,
) -> Result<Linked, NotLinked> {
    let number = levels.len();
    let mut linked = Linked {
        correlated: Correlated {
            meta: meta.clone(),
            reported: true,
            level: 0,
            shape: Shape {
                kind: correlation.kind,
                steps: Vec::new(),
                span: correlation.span,
                bounds: correlation.bounds.clone(),
            },
            bases: Vec::new(),
            group_by: correlation.group_by.clone(),
            message,
            feeds: Vec::new(),
        },
        own: Vec::new(),
        rules: Vec::new(),
        correlations: Vec::new(),
        generate: correlation.generate,
    };
    for step in &correlation.steps {
        // A step that stands there twice is one rule that has to match twice.
        if let Some(known) = linked.correlated.base(&step.label) {
            linked.correlated.shape.steps.push(known);
            continue;
        }
        let base = linked.correlated.bases.len();
        let feed = feed(correlation, step, number, base, compiler)?;
        match (&step.own, step) {
            (Some(detection), _) => linked.own.push((compiler.compile(detection)?, feed)),
            (None, Step { label, place, .. }) => match directory.find(label, &meta.origin, slot, *place)? {
                Slot::Rule(rule) => linked.rules.push((*rule, feed)),
                Slot::Correlation(other) => {
                    let level = levels.get(*other).copied().unwrap_or_default().saturating_add(1);
                    linked.correlated.level = linked.correlated.level.max(level);
                    linked.correlations.push((*other, feed));
                }
                Slot::Pending => return Err(NotLinked::NotYet(*place)),
                Slot::Resting(needs) => return Err(NotCompiled::Needs(needs.clone()).into()),
                Slot::Wrong => {
                    let problem = format!("the correlation names `{label}`, which cannot be used");
                    return Err(
                        RuleError::new(Code::BrokenRule, *place, problem, "mend that rule first").into()
                    );
                }
            },
        }
        linked.correlated.bases.push(step.label.clone());
        linked.correlated.shape.steps.push(base);
    }
    Ok(linked)
}

/// What a match of the step tells the correlation.
fn feed(
    correlation: &Correlation,
    step: &Step,
    number: usize,
    base: usize,
    compiler: &mut Compiler<'_>,
) -> Result<Feed, NotCompiled> {
    let mut paths = |names: &[String]| {
        names
            .iter()
            .map(|name| {
                let Some(alias) = correlation.aliases.iter().find(|alias| alias.name == *name) else {
                    return compiler.document_path(name);
                };
                match alias.fields.iter().find(|(label, _)| *label == step.label) {
                    Some((_, field)) => compiler.document_path(field),
                    None => Err(RuleError::new(
                        Code::AliasIncomplete,
                        alias.place,
                        format!("the alias `{name}` says nothing of `{}`", step.label),
                        "name the field that it stands for there",
                    )
                    .into()),
                }
            })
            .collect::<Result<Vec<_>, NotCompiled>>()
    };
    Ok(Feed {
        correlation: number,
        base,
        group: paths(&correlation.group_by)?,
        values: if correlation.kind.has_values() { paths(&correlation.fields)? } else { Vec::new() },
    })
}
