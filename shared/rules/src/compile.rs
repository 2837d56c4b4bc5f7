//! From a parsed detection to a condition that can be judged.

mod matcher;

use std::collections::HashMap;

use crate::code::Code;
use crate::condition::Condition;
use crate::detection::{Detection, Item, Search, Wanted};
use crate::error::{Place, RuleError};
use crate::expr::{Expr, Matcher, Path, Start, Test};
use crate::modifier::{Field, Modifier};
use crate::path::Segments;
use crate::settings::Settings;

use matcher::together;

/// So many names a path may have.
const MAX_NAMES: usize = 100;

/// The names that compiled paths start from, numbered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
}

impl Names {
    pub(crate) fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    pub(crate) fn as_slice(&self) -> &[String] {
        &self.names
    }
}

/// Why a rule was not compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotCompiled {
    /// It is wrong.
    Wrong(RuleError),
    /// It needs a placeholder that is not set.
    Needs(String),
}

impl From<RuleError> for NotCompiled {
    fn from(error: RuleError) -> Self {
        Self::Wrong(error)
    }
}

/// Compiles detections for one rule set.
#[derive(Debug)]
pub(crate) struct Compiler<'a> {
    pub(crate) settings: &'a Settings,
    /// The facts that exist.
    pub(crate) known_facts: &'a [&'a str],
    pub(crate) roots: &'a mut Names,
    pub(crate) facts: &'a mut Names,
    /// The paths that start at the document or at a fact.
    pub(crate) paths: &'a mut Names,
}

impl Compiler<'_> {
    pub(crate) fn compile(&mut self, detection: &Detection) -> Result<Expr, NotCompiled> {
        self.detection(detection, false)
    }

    fn detection(&mut self, detection: &Detection, in_scope: bool) -> Result<Expr, NotCompiled> {
        self.condition(&detection.condition, detection, in_scope)
    }

    fn condition(
        &mut self,
        condition: &Condition,
        of: &Detection,
        in_scope: bool,
    ) -> Result<Expr, NotCompiled> {
        let each = |parts: &[Condition], this: &mut Self| {
            parts.iter().map(|part| this.condition(part, of, in_scope)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match condition {
            Condition::And(parts) => Expr::All(soonest_refuted_first(each(parts, self)?)),
            Condition::Or(parts) => Expr::Any(cheapest_first(each(parts, self)?)),
            Condition::Not(part) => Expr::Not(Box::new(self.condition(part, of, in_scope)?)),
            Condition::Name(name) => self
                .named(of, in_scope, |search| search == name)?
                .into_iter()
                .next()
                .unwrap_or(Expr::Any(Vec::new())),
            Condition::Of(count, pattern) => {
                let searches = self.named(of, in_scope, |search| pattern.names(search))?;
                match count {
                    None => Expr::All(searches),
                    Some(1) => Expr::Any(searches),
                    Some(count) => Expr::AtLeast(*count, searches),
                }
            }
        })
    }

    fn named(
        &mut self,
        detection: &Detection,
        in_scope: bool,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Expr>, NotCompiled> {
        detection
            .searches
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, search)| Ok(Expr::Named(name.clone(), Box::new(self.search(search, in_scope)?))))
            .collect()
    }

    fn search(&mut self, search: &Search, in_scope: bool) -> Result<Expr, NotCompiled> {
        match search {
            Search::Any(searches) => {
                let searches: Result<_, _> =
                    searches.iter().map(|each| self.search(each, in_scope)).collect();
                Ok(Expr::Any(searches?))
            }
            Search::All(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.item(item, in_scope)).collect();
                let mut items = items?;
                match items.pop() {
                    Some(only) if items.is_empty() => Ok(only),
                    Some(last) => {
                        items.push(last);
                        Ok(Expr::All(soonest_refuted_first(items)))
                    }
                    None => Ok(Expr::All(items)),
                }
            }
            Search::Keyword(literal) => {
                let field = Field { path: String::new(), modifiers: vec![Modifier::Contains] };
                let values =
                    self.matchers(&field, std::slice::from_ref(literal), in_scope, Place::default())?;
                Ok(Expr::Any(values.into_iter().flatten().map(Expr::Keyword).collect()))
            }
        }
    }

    fn item(&mut self, item: &Item, in_scope: bool) -> Result<Expr, NotCompiled> {
        let Item { field, wanted, place } = item;
        let values = match wanted {
            Wanted::Values(values) => values,
            Wanted::Elements(quantifier, body) => {
                let path = self.path(&field.path, in_scope, *place)?;
                return Ok(Expr::Elements(path, *quantifier, Box::new(self.detection(body, true)?)));
            }
        };
        let mut field = field.clone();
        let path = if field.path.is_empty() {
            // `|all:` and its kin: every value of the document is looked at.
            field.modifiers.push(Modifier::Contains);
            None
        } else {
            Some(self.path(&field.path, in_scope, *place)?)
        };
        let values = self.matchers(&field, values, in_scope, *place)?;
        let one_fits = |matchers: Vec<Matcher>| match &path {
            Some(path) => Expr::Test(Test { path: path.clone(), every: false, matchers: together(matchers) }),
            None => Expr::Any(matchers.into_iter().map(Expr::Keyword).collect()),
        };
        // With `all` each value has to fit, in one of its forms. Where no value is left, none fits.
        let every = field.has(Modifier::All) && !values.is_empty();
        let has_forms = values.iter().any(|forms| forms.len() != 1);
        let found = match &path {
            Some(path) if every && !has_forms => Expr::Test(Test {
                path: path.clone(),
                every,
                matchers: values.into_iter().flatten().collect(),
            }),
            _ if every => Expr::All(values.into_iter().map(one_fits).collect()),
            _ => one_fits(values.into_iter().flatten().collect()),
        };
        Ok(if field.has(Modifier::Neq) { Expr::Not(Box::new(found)) } else { found })
    }

    /// A path that starts at the document, as messages and dedup keys have them.
    pub(crate) fn document_path(&mut self, path: &str) -> Result<Path, NotCompiled> {
        self.path(path, false, Place::default())
    }

    fn path(&mut self, path: &str, in_scope: bool, place: Place) -> Result<Path, NotCompiled> {
        if path.split('.').count() > MAX_NAMES {
            return Err(
                RuleError::new(Code::PathTooLong, place, "a path with too many dots", "shorten it").into()
            );
        }
        let shown = path.to_owned();
        // Within a scope paths start at the element; `$.` leads back to the document.
        let (path, in_scope) = match path.strip_prefix("$.") {
            Some(path) => (path, false),
            None => (path, in_scope),
        };
        if in_scope {
            let segments = Segments::new(if path == "." { "" } else { path });
            return Ok(Path { shown, start: Start::Element, segments, number: None });
        }
        let segments = Segments::new(path);
        if let Some(fact) = path.strip_prefix("facts.") {
            let name = fact.split('.').next().unwrap_or_default();
            if !self.known_facts.contains(&name) {
                let remedy = format!("the facts are {}", self.known_facts.join(", "));
                return Err(RuleError::new(
                    Code::UnknownFact,
                    place,
                    format!("unknown fact `{name}`"),
                    remedy,
                )
                .into());
            }
            let number = self.facts.number(name);
            let inside = fact.strip_prefix(name).unwrap_or_default().trim_start_matches('.');
            let (start, segments) = (Start::Fact(number), Segments::new(inside));
            return Ok(Path { start, segments, number: Some(self.paths.number(path)), shown });
        }
        let start = Start::Root(self.roots.number(segments.first().unwrap_or_default()));
        Ok(Path { start, segments, number: Some(self.paths.number(path)), shown })
    }
}

/// Of conditions that all have to hold, the one that may fail at the least cost; the order of a file stays among equals.
fn soonest_refuted_first(mut parts: Vec<Expr>) -> Vec<Expr> {
    parts.sort_by_cached_key(Expr::cost_to_refute);
    parts
}

/// Of conditions of which one has to hold, the cheapest.
fn cheapest_first(mut parts: Vec<Expr>) -> Vec<Expr> {
    parts.sort_by_cached_key(Expr::cost);
    parts
}
