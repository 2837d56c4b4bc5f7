//! The `detection` block of a rule: named searches and the condition that joins them.

use crate::code::Code;
use crate::condition::{self, Condition, Pattern};
use crate::error::{Place, RuleError};
use crate::modifier::Field;
use crate::tree::{Data, Node};

/// A detection, or the body of an element scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detection {
    pub(crate) searches: Vec<(String, Search)>,
    pub(crate) condition: Condition,
}

/// One named search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Search {
    /// One of these holds (a list).
    Any(Vec<Search>),
    /// All of these hold (a map).
    All(Vec<Item>),
    /// A value somewhere in the document.
    Keyword(Literal),
}

/// One field of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) field: Field,
    pub(crate) wanted: Wanted,
    pub(crate) place: Place,
}

/// What a field should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// One of these values (or all of them, with `all`).
    Values(Vec<Literal>),
    /// Elements that satisfy a detection of their own.
    Elements(Quantifier, Box<Detection>),
}

/// How many elements must satisfy a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one; true where there is none.
    All,
    /// Not one; true where there is none.
    None,
}

/// A value in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
}

/// How deep element scopes may nest.
const MAX_SCOPES: usize = 8;

/// Reads a detection block.
pub(crate) fn parse(node: &Node) -> Result<Detection, RuleError> {
    let Some(condition) = node.get("condition") else {
        return Err(RuleError::new(
            Code::ConditionMissing,
            node.place,
            "the detection has no condition",
            "add `condition: selection`",
        ));
    };
    let place = condition.place;
    let conditions = condition
        .items()
        .iter()
        .map(|each| match &each.data {
            Data::Text(text) => condition::parse(text, each.place),
            _ => Err(RuleError::new(
                Code::ConditionNotText,
                each.place,
                "the condition is no text",
                "write names joined by `and` and `or`",
            )),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let condition = match conditions.len() {
        0 => {
            return Err(RuleError::new(
                Code::ConditionEmpty,
                condition.place,
                "the condition is empty",
                "add `condition: selection`",
            ));
        }
        1 => conditions.into_iter().next().unwrap_or(Condition::Or(Vec::new())),
        _ => Condition::Or(conditions),
    };
    joined(node, condition, place)
}

/// Reads the searches of a detection block, with a condition that stands elsewhere.
pub(crate) fn parse_with(node: &Node, condition: &str, place: Place) -> Result<Detection, RuleError> {
    joined(node, condition::parse(condition, place)?, place)
}

fn joined(node: &Node, condition: Condition, place: Place) -> Result<Detection, RuleError> {
    let detection = Detection { searches: searches(node, 0)?, condition };
    check_names(&detection, &detection.condition, place)?;
    if fields(&detection) > MAX_FIELDS {
        return Err(RuleError::new(
            Code::ConditionTooLarge,
            place,
            "the condition names too much",
            "name each search once, and join the values of a field in a list",
        ));
    }
    Ok(detection)
}

/// For so many fields a condition may stand, counted wherever it names their search, in scopes too.
const MAX_FIELDS: usize = 100_000;

fn fields(detection: &Detection) -> usize {
    fn of_search(search: &Search) -> usize {
        match search {
            Search::Any(searches) => sum(searches.iter().map(of_search)),
            Search::All(items) => sum(items.iter().map(|item| match &item.wanted {
                Wanted::Values(values) => values.len(),
                Wanted::Elements(_, body) => fields(body),
            })),
            Search::Keyword(_) => 1,
        }
    }
    fn of_condition(condition: &Condition, sizes: &[(&str, usize)]) -> usize {
        let named = |wanted: &dyn Fn(&str) -> bool| {
            sum(sizes.iter().filter(|(name, _)| wanted(name)).map(|(_, size)| *size))
        };
        match condition {
            Condition::Name(name) => named(&|search| search == name),
            Condition::Of(_, pattern) => named(&|search| pattern.names(search)),
            Condition::And(parts) | Condition::Or(parts) => {
                sum(parts.iter().map(|part| of_condition(part, sizes)))
            }
            Condition::Not(part) => of_condition(part, sizes),
        }
    }
    let sizes: Vec<_> =
        detection.searches.iter().map(|(name, search)| (name.as_str(), of_search(search))).collect();
    of_condition(&detection.condition, &sizes)
}

fn sum(sizes: impl Iterator<Item = usize>) -> usize {
    sizes.fold(0, usize::saturating_add)
}

fn searches(node: &Node, depth: usize) -> Result<Vec<(String, Search)>, RuleError> {
    node.members()
        .iter()
        .filter(|(key, _)| key.text != "condition" && key.text != "timeframe")
        .map(|(key, value)| Ok((key.text.clone(), search(value, depth)?)))
        .collect()
}

fn search(node: &Node, depth: usize) -> Result<Search, RuleError> {
    match &node.data {
        Data::Null => Err(RuleError::new(
            Code::EmptySearch,
            node.place,
            "an empty search matches nothing",
            "write a field and its value, or remove the search",
        )),
        Data::Map(members) if members.is_empty() => Err(RuleError::new(
            Code::EmptyMap,
            node.place,
            "an empty map matches everything",
            "write a field and its value, or remove the search",
        )),
        Data::Map(members) => members
            .iter()
            .map(|(key, value)| item(&key.text, key.place, value, depth))
            .collect::<Result<_, _>>()
            .map(Search::All),
        Data::List(items) if items.is_empty() => Err(RuleError::new(
            Code::EmptyList,
            node.place,
            "an empty list matches nothing",
            "list a value, or remove the search",
        )),
        Data::List(items) => {
            items.iter().map(|each| search(each, depth)).collect::<Result<_, _>>().map(Search::Any)
        }
        _ => literal(node).map(Search::Keyword),
    }
}

fn item(key: &str, place: Place, value: &Node, depth: usize) -> Result<Item, RuleError> {
    if let Some((path, quantifier)) = scope(key) {
        if depth >= MAX_SCOPES {
            return Err(RuleError::new(
                Code::TooDeep,
                place,
                "element scopes nested too deep",
                "derive a fact instead",
            ));
        }
        let field = Field { path: path.to_owned(), modifiers: Vec::new() };
        let body = elements(value, depth + 1)?;
        return Ok(Item { field, wanted: Wanted::Elements(quantifier, Box::new(body)), place });
    }
    if key.contains('[') {
        return Err(RuleError::new(
            Code::PathBrackets,
            place,
            format!("`{key}` is no path"),
            "write `[any]`, `[all]` or `[none]` at its end",
        ));
    }
    let field = Field::parse(key, place)?;
    let values = match &value.data {
        Data::List(items) if items.is_empty() => {
            return Err(RuleError::new(
                Code::EmptyList,
                value.place,
                "an empty list matches nothing",
                "list a value, or remove the field",
            ));
        }
        Data::List(items) => items.iter().map(literal).collect::<Result<Vec<_>, _>>()?,
        Data::Map(_) => {
            return Err(RuleError::new(
                Code::NestedMap,
                value.place,
                format!("`{key}` is followed by a map"),
                format!(
                    "write the whole path on one line (`{key}.name: value`), or `{key}[any]:` for elements"
                ),
            ));
        }
        _ => vec![literal(value)?],
    };
    Ok(Item { field, wanted: Wanted::Values(values), place })
}

/// Splits `Path[any]` into its path and quantifier.
fn scope(key: &str) -> Option<(&str, Quantifier)> {
    [("[any]", Quantifier::Any), ("[all]", Quantifier::All), ("[none]", Quantifier::None)]
        .into_iter()
        .find_map(|(suffix, quantifier)| key.strip_suffix(suffix).map(|path| (path, quantifier)))
}

/// The body of a scope: named searches with a condition, or just fields that all have to fit.
fn elements(node: &Node, depth: usize) -> Result<Detection, RuleError> {
    if node.get("condition").is_none() {
        let searches = vec![("element".to_owned(), search(node, depth)?)];
        return Ok(Detection { searches, condition: Condition::Name("element".into()) });
    }
    let mut detection = parse_shallow(node)?;
    detection.searches = searches(node, depth)?;
    let place = node.get("condition").map_or(node.place, |condition| condition.place);
    check_names(&detection, &detection.condition, place)?;
    Ok(detection)
}

fn parse_shallow(node: &Node) -> Result<Detection, RuleError> {
    let condition = node.get("condition").unwrap_or(node);
    let Data::Text(text) = &condition.data else {
        return Err(RuleError::new(
            Code::ConditionNotText,
            condition.place,
            "the condition is no text",
            "write names joined by `and` and `or`",
        ));
    };
    Ok(Detection { searches: Vec::new(), condition: condition::parse(text, condition.place)? })
}

fn literal(node: &Node) -> Result<Literal, RuleError> {
    match &node.data {
        Data::Null => Ok(Literal::Null),
        Data::Bool(value) => Ok(Literal::Bool(*value)),
        Data::Number(text) => Ok(Literal::Number(text.clone())),
        Data::Text(text) => Ok(Literal::Text(text.clone())),
        Data::List(_) | Data::Map(_) => Err(RuleError::new(
            Code::NestedValue,
            node.place,
            "a value that is a list or a map",
            "list plain values only",
        )),
    }
}

/// Every name in the condition stands for a search that exists.
fn check_names(detection: &Detection, condition: &Condition, place: Place) -> Result<(), RuleError> {
    let names = || detection.searches.iter().map(|(name, _)| name.as_str());
    let missing = |code: Code, name: &str| {
        let known: Vec<_> = names().collect();
        let remedy = format!("the searches are {}", known.join(", "));
        RuleError::new(code, place, format!("the condition names `{name}`, which is no search here"), remedy)
    };
    match condition {
        Condition::Name(name) if names().any(|known| known == name) => Ok(()),
        Condition::Name(name) => Err(missing(Code::UnknownSearch, name)),
        Condition::Of(_, pattern) if names().any(|name| pattern.names(name)) => Ok(()),
        Condition::Of(_, Pattern::Named(pattern)) => Err(missing(Code::OfNothing, pattern)),
        Condition::Of(_, Pattern::Them) => Err(missing(Code::OfNothing, "them")),
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter().try_for_each(|part| check_names(detection, part, place))
        }
        Condition::Not(part) => check_names(detection, part, place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let nodes = Node::from_yaml(text).unwrap();
        let error = parse(&nodes[0]).unwrap_err();
        format!("{}:{} {}", error.place.line, error.place.column, error.problem)
    }

    #[test]
    fn mistakes_have_a_place() {
        assert_eq!(problem("a: {b: 1}"), "1:1 the detection has no condition");
        assert_eq!(
            problem("a: {b: 1}\ncondition: c"),
            "2:12 the condition names `c`, which is no search here"
        );
        assert_eq!(problem("a:\n  b: {c: 1}\ncondition: a"), "2:6 `b` is followed by a map");
        assert_eq!(problem("a:\n  b[0]: 1\ncondition: a"), "2:3 `b[0]` is no path");
        assert_eq!(problem("a: []\ncondition: a"), "1:4 an empty list matches nothing");
    }

    #[test]
    fn a_scope_has_fields_or_searches_of_its_own() {
        let nodes = Node::from_yaml(
            "a:\n  list[any]: {x: 1, y: 2}\nb:\n  list[none]:\n    one: {x: 1}\n    two: {y: 2}\n    condition: one or two\ncondition: a and b",
        )
        .unwrap();
        let detection = parse(&nodes[0]).unwrap();
        let Search::All(items) = &detection.searches[1].1 else { panic!("a map") };
        let Wanted::Elements(Quantifier::None, body) = &items[0].wanted else { panic!("a scope") };
        assert_eq!(body.searches.len(), 2);
    }
}
