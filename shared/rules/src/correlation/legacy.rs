//! Sigma's older way to count, at the end of a condition: `search | count(field) by group >= 5`, `a | near b and c`.

use jiff::SignedDuration;

use super::{Bound, Correlation, Kind, Sign, Step};
use crate::code::Code;
use crate::detection;
use crate::duration::{self, duration};
use crate::error::RuleError;
use crate::tree::{Data, Node};

/// The timeframe of a rule that says none.
const TIMEFRAME: SignedDuration = SignedDuration::from_hours(24);

/// Reads a detection whose condition counts over several events; `None` for any other. The timeframe stands in it, or,
/// in some of Sigma's own rules, beside it in the `rule`.
pub(crate) fn aggregation(block: &Node, rule: &Node) -> Result<Option<Correlation>, RuleError> {
    let Some(condition) = block.get("condition") else { return Ok(None) };
    let [condition] = condition.items() else { return Ok(None) };
    let Data::Text(text) = &condition.data else { return Ok(None) };
    let Some((before, after)) = text.split_once('|') else { return Ok(None) };
    let place = condition.place;
    let wrong = |problem: &str| {
        RuleError::new(
            Code::Aggregation,
            place,
            format!("in the condition: {problem}"),
            "write `search | count() by field > 5`, `count(field)`, `sum`, `avg`, `min`, `max`, or `| near other`",
        )
    };
    let span = match block.get("timeframe").or_else(|| rule.get("timeframe")) {
        None => TIMEFRAME,
        Some(node) => node.text().as_deref().and_then(duration).ok_or_else(|| {
            let text = node.text().unwrap_or_default();
            RuleError::new(
                Code::NotATimespan,
                node.place,
                format!("`{text}` is no timeframe"),
                duration::REMEDY,
            )
        })?,
    };
    let step = |label: &str| {
        let own = Some(detection::parse_with(block, label, place)?);
        Ok(Step { label: label.to_owned(), place, own })
    };
    let mut correlation = Correlation {
        kind: Kind::Temporal,
        steps: vec![step(before.trim())?],
        group_by: Vec::new(),
        aliases: Vec::new(),
        fields: Vec::new(),
        span,
        bounds: Vec::new(),
        generate: false,
        place,
    };
    let after = after.trim();
    if let Some(names) = strip_word(after, "near") {
        let names: Vec<_> =
            names.split_whitespace().filter(|word| !word.eq_ignore_ascii_case("and")).collect();
        if names.is_empty() {
            return Err(wrong("`near` names nothing"));
        }
        for name in names {
            correlation.steps.push(step(name)?);
        }
        return Ok(Some(correlation));
    }
    let Some((function, rest)) = after.split_once('(') else {
        return Err(wrong("`|` is followed by no count"));
    };
    let Some((field, rest)) = rest.split_once(')') else { return Err(wrong("a parenthesis is not closed")) };
    let field = field.trim();
    correlation.kind = match (function.trim().to_ascii_lowercase().as_str(), field.is_empty()) {
        ("count", true) => Kind::EventCount,
        ("count", false) => Kind::ValueCount,
        ("sum", false) => Kind::Sum,
        ("avg", false) => Kind::Average,
        ("min", false) => Kind::Least,
        ("max", false) => Kind::Greatest,
        (other, _) => return Err(wrong(&format!("`{other}({field})` is no count"))),
    };
    correlation.fields.extend((!field.is_empty()).then(|| field.to_owned()));
    let Some(at) = rest.find(['<', '>', '=', '!']) else {
        return Err(wrong("the count is compared with nothing"));
    };
    let (grouping, bound) = rest.split_at(at);
    if !grouping.trim().is_empty() {
        let Some(fields) = strip_word(grouping, "by") else {
            return Err(wrong(&format!("`{}` does not fit here", grouping.trim())));
        };
        let fields = fields.split(',').map(str::trim).filter(|field| !field.is_empty());
        correlation.group_by.extend(fields.map(str::to_owned));
    }
    let bound = Sign::start_of(bound)
        .and_then(|(sign, number)| Some(Bound { sign, than: number.trim().parse().ok()? }))
        .ok_or_else(|| wrong(&format!("`{}` is no bound", bound.trim())))?;
    correlation.bounds.push(bound);
    Ok(Some(correlation))
}

/// What follows the word that a text starts with.
fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let text = text.trim_start();
    let (start, rest) = (text.get(..word.len())?, text.get(word.len()..)?);
    (start.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(condition: &str) -> Result<Option<Correlation>, RuleError> {
        read_of(&format!(
            "detection:\n  s: {{a: 1}}\n  t: {{a: 2}}\n  timeframe: 5m\n  condition: '{condition}'\n"
        ))
    }

    fn read_of(rule: &str) -> Result<Option<Correlation>, RuleError> {
        let rule = Node::from_yaml(rule).unwrap().remove(0);
        aggregation(rule.get("detection").unwrap(), &rule)
    }

    fn counted(condition: &str) -> (Kind, Vec<String>, Vec<String>, Vec<String>) {
        let read = read(condition).unwrap().unwrap();
        assert_eq!(read.span, SignedDuration::from_mins(5));
        (read.kind, read.fields, read.group_by, read.bounds.iter().map(|bound| bound.shown()).collect())
    }

    #[test]
    fn counts_are_read_however_they_are_spaced() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(counted("s | count() > 10"), (Kind::EventCount, vec![], vec![], words(&["more than 10"])));
        assert_eq!(
            counted("s|count( x.y ) BY a.b , c>=3"),
            (Kind::ValueCount, words(&["x.y"]), words(&["a.b", "c"]), words(&["at least 3"]))
        );
        assert_eq!(counted("s and not t | sum(n) == 3").0, Kind::Sum);
        assert_eq!(read("s and not t"), Ok(None));
    }

    #[test]
    fn the_timeframe_may_stand_beside_the_detection() {
        let span = |timeframe: &str| {
            let rule = format!("detection: {{s: {{a: 1}}, condition: s | count() > 1}}\n{timeframe}");
            read_of(&rule).unwrap().unwrap().span
        };
        assert_eq!(span("timeframe: 5m"), SignedDuration::from_mins(5));
        assert_eq!(span(""), TIMEFRAME);
    }

    #[test]
    fn near_names_searches() {
        let near = read("s | near t").unwrap().unwrap();
        assert_eq!(near.steps.iter().map(|step| step.label.as_str()).collect::<Vec<_>>(), ["s", "t"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problem = |condition: &str| read(condition).unwrap_err().problem;
        assert_eq!(problem("s | x"), "in the condition: `|` is followed by no count");
        assert_eq!(problem("s | median(x) > 3"), "in the condition: `median(x)` is no count");
        assert_eq!(problem("s | count() for a > 3"), "in the condition: `for a` does not fit here");
        assert_eq!(problem("s | count() > x"), "in the condition: `> x` is no bound");
        assert_eq!(problem("s | count()"), "in the condition: the count is compared with nothing");
        assert_eq!(problem("s | near x"), "the condition names `x`, which is no search here");
    }
}
