//! From the values behind a field to what fits them.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::RegexBuilder;

use super::{Compiler, NotCompiled};
use crate::calendar::Unit;
use crate::code::Code;
use crate::detection::Literal;
use crate::duration::{self, duration};
use crate::error::{Place, RuleError};
use crate::expr::{Age, Matcher, Order, Substring};
use crate::modifier::{Field, Modifier};
use crate::pattern::{Needles, TextPattern};
use crate::values;

/// Where a compiled regular expression has to fit, so that a rule cannot eat the memory.
const REGEX_SIZE: usize = 1 << 20;

impl Compiler<'_> {
    /// The matchers of each value.
    pub(super) fn matchers(
        &mut self,
        field: &Field,
        literals: &[Literal],
        in_scope: bool,
        place: Place,
    ) -> Result<Vec<Vec<Matcher>>, NotCompiled> {
        let mut values = Vec::with_capacity(literals.len());
        for literal in literals {
            for value in values::expanded(literal, field, self.settings)? {
                values.push(self.matcher(field, value, in_scope, place)?);
            }
        }
        Ok(values)
    }

    /// The matchers of one value: more than one where a modifier gives a value several forms.
    fn matcher(
        &mut self,
        field: &Field,
        literal: Literal,
        in_scope: bool,
        place: Place,
    ) -> Result<Vec<Matcher>, NotCompiled> {
        let wrong = |code, problem: String, remedy: &str| {
            NotCompiled::Wrong(RuleError::new(code, place, problem, remedy))
        };
        let has = |modifier| field.has(modifier);
        if has(Modifier::Exists) {
            return match literal {
                Literal::Bool(wanted) => Ok(vec![Matcher::Exists(wanted)]),
                Literal::Text(text) if text.eq_ignore_ascii_case("true") => Ok(vec![Matcher::Exists(true)]),
                Literal::Text(text) if text.eq_ignore_ascii_case("false") => Ok(vec![Matcher::Exists(false)]),
                _ => Err(wrong(
                    Code::ExistsNotBoolean,
                    "`exists` needs true or false".into(),
                    "write `exists: true`",
                )),
            };
        }
        let substring = if has(Modifier::StartsWith) {
            Substring::Start
        } else if has(Modifier::EndsWith) {
            Substring::End
        } else if has(Modifier::Contains) {
            Substring::Anywhere
        } else {
            Substring::Whole
        };
        let text = match literal {
            Literal::Null => return Ok(vec![Matcher::Null]),
            Literal::Bool(value) if substring == Substring::Whole && !has(Modifier::Re) => {
                return Ok(vec![Matcher::Bool(value)]);
            }
            Literal::Bool(value) => value.to_string(),
            Literal::Number(text) => {
                let value = text.parse::<f64>().ok();
                if let (Some(value), Substring::Whole, false) = (value, substring, is_special(field)) {
                    return Ok(vec![Matcher::Number { value, text }]);
                }
                text
            }
            Literal::Text(text) => text,
        };
        if let Some(unit) = Unit::of(field) {
            let Ok(number) = text.parse::<f64>() else {
                return Err(wrong(
                    Code::NotANumber,
                    format!("`{text}` is no number"),
                    "write the number of the hour, of the day, …",
                ));
            };
            return Ok(vec![Matcher::Calendar(unit, order(field), number)]);
        }
        if let Some(order) = order(field) {
            let Ok(bound) = text.parse::<f64>() else {
                return Err(wrong(
                    Code::NotANumber,
                    format!("`{text}` is no number"),
                    "write a number behind `lt`, `lte`, `gt`, `gte`",
                ));
            };
            return Ok(vec![Matcher::Compare(order, bound)]);
        }
        if let Some(side) = age(field) {
            let Some(duration) = duration(&text) else {
                return Err(wrong(Code::NotADuration, format!("`{text}` is no duration"), duration::REMEDY));
            };
            return Ok(vec![Matcher::Age(side, duration, text)]);
        }
        if has(Modifier::Cidr) {
            let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            return match net {
                Ok(net) => Ok(vec![Matcher::Cidr(net)]),
                Err(_) => Err(wrong(
                    Code::NotANetwork,
                    format!("`{text}` is no network"),
                    "write it as 192.0.2.0/24 or 2001:db8::/32",
                )),
            };
        }
        if has(Modifier::Re) {
            let regex = RegexBuilder::new(&text)
                .case_insensitive(has(Modifier::IgnoreCase))
                .multi_line(has(Modifier::Multiline))
                .dot_matches_new_line(has(Modifier::DotAll))
                .size_limit(REGEX_SIZE)
                .build();
            return match regex {
                Ok(regex) => Ok(vec![Matcher::Regex(regex)]),
                Err(error) => {
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    let code = match &error {
                        regex::Error::CompiledTooBig(_) => Code::RegexTooLarge,
                        _ if reason.contains("look-around") || reason.contains("backreferences") => {
                            Code::RegexLookAround
                        }
                        _ => Code::BadRegex,
                    };
                    Err(wrong(
                        code,
                        format!("`{text}` is no regular expression: {reason}"),
                        "mend it; look-around and back-references do not exist, so that matching stays linear",
                    ))
                }
            };
        }
        let cased = has(Modifier::Cased);
        if has(Modifier::FieldRef) {
            let path = self.path(&text, in_scope, place)?;
            return Ok(vec![Matcher::Reference { path, part: substring, cased }]);
        }
        let forms = values::forms(&text, field)
            .map_err(|problem| wrong(Code::BadForm, problem, "see the modifier's description"))?;
        Ok(forms
            .into_iter()
            .map(|parts| Matcher::Text(TextPattern::new(values::part_of(parts, substring), cased)))
            .collect())
    }
}

/// Matchers of one kind as one, where that is faster.
pub(super) fn together(matchers: Vec<Matcher>) -> Vec<Matcher> {
    let patterns: Option<Vec<TextPattern>> = matchers
        .iter()
        .map(|matcher| match matcher {
            Matcher::Text(pattern) => Some(pattern.clone()),
            _ => None,
        })
        .collect();
    match patterns.as_deref().and_then(Needles::of) {
        Some(needles) => vec![Matcher::Needles(needles)],
        None => matchers,
    }
}

/// Whether the field's modifiers give a number another meaning than being equal.
fn is_special(field: &Field) -> bool {
    use Modifier as M;
    [M::Re, M::Cidr, M::FieldRef, M::Base64, M::Base64Offset, M::Utf16, M::Utf16Le, M::Utf16Be]
        .iter()
        .any(|modifier| field.has(*modifier))
        || order(field).is_some()
        || age(field).is_some()
        || Unit::of(field).is_some()
}

fn order(field: &Field) -> Option<Order> {
    [
        (Modifier::Lt, Order::Less),
        (Modifier::Lte, Order::LessOrEqual),
        (Modifier::Gt, Order::Greater),
        (Modifier::Gte, Order::GreaterOrEqual),
    ]
    .into_iter()
    .find_map(|(modifier, order)| field.has(modifier).then_some(order))
}

fn age(field: &Field) -> Option<Age> {
    [(Modifier::OlderThan, Age::Older), (Modifier::NewerThan, Age::Newer)]
        .into_iter()
        .find_map(|(modifier, age)| field.has(modifier).then_some(age))
}
