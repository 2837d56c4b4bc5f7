//! Filters: what other rules have to leave out, or to keep to, in an installation.
//!
//! "Sigma Filters Specification" 2.1,
//! <https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-filters-specification.md>. The rules that
//! a filter names match where their condition and that of the filter hold.

use std::collections::BTreeSet;

use crate::code::Code;
use crate::compile::{Compiler, NotCompiled};
use crate::detection::{self, Detection};
use crate::error::{Place, RuleError};
use crate::expr::Expr;
use crate::meta::Meta;
use crate::rule::Rule;
use crate::set::Resting;
use crate::tree::{Data, Node};

/// A filter as it stands in a file.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// The ids, names or titles of the rules; `None`: every rule that users bring.
    rules: Option<Vec<(String, Place)>>,
    pub(crate) detection: Detection,
}

/// The word for every rule.
const ANY: &str = "any";

const REMEDY: &str = "list the ids, names or titles of rules, or write `rules: any`";

/// Reads the block behind `filter`.
pub(crate) fn read(block: &Node) -> Result<Filter, RuleError> {
    let wrong = |place, problem: &str| RuleError::new(Code::FilterRules, place, problem, REMEDY);
    let Some(named) = block.get("rules") else { return Err(wrong(block.place, "the filter names no rules")) };
    let mut rules = Vec::new();
    for node in named.items() {
        let name = node.text().ok_or_else(|| wrong(node.place, "a rule's name that is no text"))?;
        rules.push((name, node.place));
    }
    if rules.is_empty() {
        return Err(wrong(named.place, "the filter names no rules"));
    }
    let is_any = matches!(rules.as_slice(), [(name, _)] if name == ANY);
    Ok(Filter { rules: (!is_any).then_some(rules), detection: detection::parse(&searches(block))? })
}

/// The searches and the condition of a filter, without the names of its rules.
pub(crate) fn searches(block: &Node) -> Node {
    let members = block.members().iter().filter(|(key, _)| key.text != "rules");
    Node { data: Data::Map(members.cloned().collect()), place: block.place }
}

/// The filters of a rule set.
#[derive(Debug, Default)]
pub(crate) struct Filters {
    used: Vec<Compiled>,
    /// Filters that wait for a placeholder. Nothing is filtered by them.
    pub(crate) resting: Vec<Resting>,
    pub(crate) errors: Vec<RuleError>,
}

#[derive(Debug)]
struct Compiled {
    label: String,
    rules: Option<BTreeSet<String>>,
    expr: Expr,
}

impl Filters {
    /// Compiles the filters among `rules`. One that names a rule that is not there is left out, and said.
    pub(crate) fn new(
        filters: Vec<(Meta, Place, Filter)>,
        rules: &[Rule],
        compiler: &mut Compiler<'_>,
    ) -> Self {
        let mut all = Self::default();
        for (meta, place, filter) in filters {
            let unknown = filter.rules.iter().flatten().find(|(name, _)| {
                !rules.iter().any(|rule| names(&rule.meta, rule.name.as_deref()).any(|known| known == name))
            });
            let compiled = match unknown {
                Some((name, place)) => Err(NotCompiled::Wrong(RuleError::new(
                    Code::UnknownRule,
                    *place,
                    format!("the filter names `{name}`, and no rule of its kind has that id, name or title"),
                    "mend it, or load the file of that rule as well",
                ))),
                None => compiler.compile(&filter.detection),
            };
            match compiled {
                Ok(expr) => all.used.push(Compiled {
                    label: format!("filter {}", meta.id),
                    rules: filter.rules.map(|rules| rules.into_iter().map(|(name, _)| name).collect()),
                    expr,
                }),
                Err(NotCompiled::Needs(needs)) => all.resting.push(Resting { meta, needs }),
                Err(NotCompiled::Wrong(mut error)) => {
                    if error.place.line == 0 {
                        error.place = place;
                    }
                    all.errors.push(error.in_file(&meta.origin));
                }
            }
        }
        all
    }

    /// The condition of a rule with those of its filters. `any` is for the rules of users: what comes with the program
    /// is filtered only where it is named.
    pub(crate) fn applied(&self, expr: Expr, meta: &Meta, name: Option<&str>, shipped: bool) -> Expr {
        let mut parts = vec![expr];
        for filter in &self.used {
            let is_meant = match &filter.rules {
                None => !shipped,
                Some(rules) => names(meta, name).any(|name| rules.contains(name)),
            };
            if is_meant {
                parts.push(Expr::Named(filter.label.clone(), Box::new(filter.expr.clone())));
            }
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Expr::All(parts)
            }
        }
    }
}

fn names<'r>(meta: &'r Meta, name: Option<&'r str>) -> impl Iterator<Item = &'r str> {
    [Some(meta.id.as_str()), name, Some(meta.title.as_str())].into_iter().flatten()
}
