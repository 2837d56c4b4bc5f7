//! The `correlation` block of a rule.

use jiff::SignedDuration;

use super::{Alias, Bound, Correlation, Kind, Sign, Step};
use crate::code::Code;
use crate::detection;
use crate::duration::{self, duration};
use crate::error::RuleError;
use crate::keys;
use crate::shape::known_keys;
use crate::tree::{Data, Node};

/// The types by the words for them.
pub(crate) const KINDS: &[(&str, Kind)] = &[
    ("event_count", Kind::EventCount),
    ("value_count", Kind::ValueCount),
    ("value_sum", Kind::Sum),
    ("value_avg", Kind::Average),
    ("temporal", Kind::Temporal),
    ("temporal_ordered", Kind::Ordered),
    ("new_terms", Kind::NewTerms { learning: SignedDuration::ZERO }),
];

/// How long `new_terms` remembers where the rule does not say.
const MEMORY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Reads the `correlation` block of the rule `rule`.
pub(crate) fn read(block: &Node, rule: &Node) -> Result<Correlation, RuleError> {
    known_keys(block, keys::CORRELATION)?;
    let kind = kind(block)?;
    let (bounds, mut fields) = condition(block)?;
    fields.extend(texts(block.get("field")));
    let needs_bounds = !matches!(kind, Kind::Temporal | Kind::Ordered | Kind::NewTerms { .. });
    if needs_bounds && bounds.is_empty() {
        return Err(RuleError::new(
            Code::CorrelationBound,
            block.place,
            "the correlation has no bound",
            "add `condition: { gte: 5 }`",
        ));
    }
    if kind.has_values() && fields.is_empty() {
        let remedy = "add `field:`, the field whose values count, to its condition";
        return Err(RuleError::new(
            Code::CorrelationField,
            block.place,
            "the correlation names no field",
            remedy,
        ));
    }
    let span = block.get("timespan").or_else(|| block.get("timeframe"));
    let span = match (span, kind) {
        (Some(node), _) => positive(node)?,
        (None, Kind::NewTerms { .. }) => MEMORY,
        (None, _) => {
            return Err(RuleError::new(
                Code::CorrelationTimespan,
                block.place,
                "the correlation has no timespan",
                "add `timespan: 10m`",
            ));
        }
    };
    if let Kind::NewTerms { learning } = kind
        && learning > span
    {
        let remedy = "let `timespan` be longer than `learning`";
        return Err(RuleError::new(
            Code::LearningTooLong,
            block.place,
            "the correlation forgets before it has learned",
            remedy,
        ));
    }
    let generate = [block.get("generate"), rule.get("generate")].into_iter().flatten();
    Ok(Correlation {
        kind,
        steps: steps(block, rule)?,
        group_by: texts(block.get("group-by")),
        aliases: aliases(block),
        fields,
        span,
        bounds,
        generate: generate.filter_map(Node::text).any(|text| text.eq_ignore_ascii_case("true")),
        place: block.place,
    })
}

fn texts(node: Option<&Node>) -> Vec<String> {
    node.map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect()
}

fn positive(node: &Node) -> Result<SignedDuration, RuleError> {
    let text = node.text().unwrap_or_default();
    let read = duration(&text).filter(SignedDuration::is_positive);
    read.ok_or_else(|| {
        RuleError::new(Code::NotATimespan, node.place, format!("`{text}` is no timespan"), duration::REMEDY)
    })
}

fn kind(block: &Node) -> Result<Kind, RuleError> {
    let node = block.get("type").unwrap_or(block);
    let text = node.text().unwrap_or_default();
    let Some((_, kind)) = KINDS.iter().find(|(word, _)| *word == text) else {
        let kinds: Vec<_> = KINDS.iter().map(|(word, _)| *word).collect();
        let remedy = format!("the types are {}", kinds.join(", "));
        return Err(RuleError::new(
            Code::CorrelationType,
            node.place,
            format!("`{text}` is no type of a correlation"),
            remedy,
        ));
    };
    match (kind, block.get("learning")) {
        (Kind::NewTerms { .. }, None) => Err(RuleError::new(
            Code::LearningMissing,
            block.place,
            "`new_terms` learns nothing",
            "add `learning: 7d`",
        )),
        (Kind::NewTerms { .. }, Some(node)) => Ok(Kind::NewTerms { learning: positive(node)? }),
        (kind, _) => Ok(*kind),
    }
}

/// The bounds, and the fields whose values count.
fn condition(block: &Node) -> Result<(Vec<Bound>, Vec<String>), RuleError> {
    let mut bounds = Vec::new();
    let Some(condition) = block.get("condition") else { return Ok((bounds, Vec::new())) };
    let wrong = |node: &Node, problem: String| {
        Err(RuleError::new(
            Code::CorrelationBound,
            node.place,
            problem,
            "write gt, gte, lt, lte or eq and a number, and `field:`",
        ))
    };
    if condition.members().is_empty() {
        return wrong(condition, "the condition of a correlation is no map".into());
    }
    for (key, value) in condition.members() {
        if key.text == "field" {
            continue;
        }
        let than = value.text().and_then(|text| text.parse::<f64>().ok());
        match (Sign::of_word(&key.text), than) {
            (Some(sign), Some(than)) => bounds.push(Bound { sign, than }),
            (Some(_), None) => {
                return wrong(value, format!("`{}` is followed by no number", key.text));
            }
            (None, _) => return wrong(condition, format!("`{}` is no bound", key.text)),
        }
    }
    Ok((bounds, texts(condition.get("field"))))
}

/// The rules that are named; of a rule with a detection of its own, conditions over its searches.
fn steps(block: &Node, rule: &Node) -> Result<Vec<Step>, RuleError> {
    let detection = rule.get("detection");
    let Some(rules) = block.get("rules").filter(|rules| !rules.items().is_empty()) else {
        let Some(detection) = detection else {
            let remedy = "add `rules:` and the ids, names or titles of rules";
            return Err(RuleError::new(
                Code::CorrelationRules,
                block.place,
                "the correlation names no rules",
                remedy,
            ));
        };
        let own = Some(detection::parse(detection)?);
        return Ok(vec![Step { label: "detection".into(), place: detection.place, own }]);
    };
    let is_own = |label: &str| {
        let mut words = label.split(|each: char| each.is_whitespace() || each == '(' || each == ')');
        detection
            .is_some_and(|detection| words.any(|word| word != "condition" && detection.get(word).is_some()))
    };
    let step = |node: &Node| {
        let Some(label) = node.text() else {
            return Err(RuleError::new(
                Code::CorrelationRules,
                node.place,
                "a rule without a name",
                "write its id, name or title",
            ));
        };
        let own = match detection {
            Some(detection) if is_own(&label) => Some(detection::parse_with(detection, &label, node.place)?),
            _ => None,
        };
        Ok(Step { label, place: node.place, own })
    };
    rules.items().iter().map(step).collect()
}

fn aliases(block: &Node) -> Vec<Alias> {
    let members = block.get("aliases").map(Node::members).unwrap_or_default();
    members
        .iter()
        .map(|(key, fields)| Alias {
            name: key.text.clone(),
            place: key.place,
            fields: fields
                .members()
                .iter()
                .filter_map(|(label, field)| match &field.data {
                    Data::Text(text) => Some((label.text.clone(), text.clone())),
                    _ => None,
                })
                .collect(),
        })
        .collect()
}
