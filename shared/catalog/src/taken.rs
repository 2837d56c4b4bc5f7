//! Rules that cannot be told from each other.

use std::collections::HashMap;
use std::path::Path;

use rules::{Code, Rule, RuleError};

/// Leaves out each rule whose id an earlier one has, and says so: their findings would be taken for each other.
pub(crate) fn leave_out(rules: &mut Vec<Rule>, errors: &mut Vec<RuleError>) {
    let mut known: HashMap<String, Holder> = HashMap::with_capacity(rules.len());
    rules.retain(|rule| match known.get(&rule.meta.id) {
        Some(holder) => {
            errors.push(duplicate(rule, holder));
            false
        }
        None => {
            known.insert(rule.meta.id.clone(), Holder::new(rule));
            true
        }
    });
}

/// The rules whose ids built-in ones have, so that they are left out beside them. A file of the catalogue itself may
/// be looked at.
pub fn taken_by_builtin(rules: &[Rule], builtin: &[Rule]) -> Vec<RuleError> {
    let known: HashMap<&str, &Rule> = builtin.iter().map(|rule| (rule.meta.id.as_str(), rule)).collect();
    let twins = rules.iter().filter_map(|rule| Some((rule, *known.get(rule.meta.id.as_str())?)));
    let is_itself =
        |rule: &Rule, twin: &Rule| Path::new(&rule.meta.origin).ends_with(Path::new(&twin.meta.origin));
    twins
        .filter(|(rule, twin)| !is_itself(rule, twin))
        .map(|(rule, twin)| duplicate(rule, &Holder::new(twin)))
        .collect()
}

/// Who has an id.
struct Holder {
    origin: String,
    shipped: bool,
}

impl Holder {
    fn new(rule: &Rule) -> Self {
        Self { origin: rule.meta.origin.clone(), shipped: rule.is_shipped() }
    }
}

fn duplicate(rule: &Rule, holder: &Holder) -> RuleError {
    let (whose, remedy) = if holder.shipped {
        ("the built-in ", "rename yours, or judge without the built-in rules (`--no-builtin`)")
    } else {
        ("", "rename one of them")
    };
    let problem = format!("the id `{}` is taken by {whose}{}", rule.meta.id, holder.origin);
    let place = rule.places.get("id").copied().unwrap_or(rule.place);
    RuleError::new(Code::DuplicateId, place, problem, remedy).in_file(&rule.meta.origin)
}
