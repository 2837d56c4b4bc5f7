//! Judging a document by a compiled condition.

use std::net::IpAddr;
use std::ops::ControlFlow;

use ipnet::IpNet;
use jiff::Timestamp;
use model::json::{Kind, Value};

use crate::detection::Quantifier;
use crate::expr::{Age, Expr, Matcher, Path, Test};
use crate::path::{Found, holds_hole, visit_scalars};
use crate::pattern::folded;
use crate::subject::Subject;
use crate::truth::Truth;

/// Whether the document, or the `element` of it, satisfies the condition.
pub(crate) fn judge<'s>(expr: &Expr, subject: &Subject<'s>, element: Option<Value<'s>>) -> Truth {
    match expr {
        Expr::All(parts) => {
            let mut truth = Truth::True;
            for part in parts {
                truth = truth.and(judge(part, subject, element));
                if truth == Truth::False {
                    break;
                }
            }
            truth
        }
        Expr::Any(parts) => {
            let mut truth = Truth::False;
            for part in parts {
                truth = truth.or(judge(part, subject, element));
                if truth == Truth::True {
                    break;
                }
            }
            truth
        }
        Expr::AtLeast(count, parts) => {
            at_least(*count, parts.iter().map(|part| judge(part, subject, element)))
        }
        Expr::Not(part) => !judge(part, subject, element),
        Expr::Named(_, part) => judge(part, subject, element),
        Expr::Test(test) => judge_test(test, subject, element),
        Expr::Elements(path, quantifier, body) => {
            quantified(*quantifier, elements(path, subject, element), |each| judge(body, subject, Some(each)))
        }
        Expr::Keyword(matcher) => keyword(matcher, subject, element),
    }
}

/// Whether at least `count` of the truths hold.
pub(crate) fn at_least(count: usize, truths: impl Iterator<Item = Truth>) -> Truth {
    let (mut sure, mut possible) = (0, 0);
    for truth in truths {
        sure += usize::from(truth == Truth::True);
        possible += usize::from(truth != Truth::False);
    }
    if sure >= count {
        Truth::True
    } else if possible >= count {
        Truth::Unknown
    } else {
        Truth::False
    }
}

/// The elements behind a path, and whether some of them could not be seen.
pub(crate) fn elements<'s>(
    path: &Path,
    subject: &Subject<'s>,
    element: Option<Value<'s>>,
) -> (Vec<Value<'s>>, bool) {
    let mut found = (Vec::new(), false);
    let _ = subject.visit::<()>(path, element, &mut |each| {
        match each {
            Found::Value(value) if value.is_null() => {}
            Found::Value(value) => found.0.push(value),
            Found::Hole(_) => found.1 = true,
        }
        ControlFlow::Continue(())
    });
    found
}

/// Joins the truths of elements. An element that could not be seen may be either.
pub(crate) fn quantified<'s>(
    quantifier: Quantifier,
    (elements, hole): (Vec<Value<'s>>, bool),
    mut judge: impl FnMut(Value<'s>) -> Truth,
) -> Truth {
    let unseen = if hole { Truth::Unknown } else { Truth::False };
    match quantifier {
        Quantifier::Any => elements.into_iter().fold(unseen, |truth, each| truth.or(judge(each))),
        Quantifier::None => !elements.into_iter().fold(unseen, |truth, each| truth.or(judge(each))),
        Quantifier::All => elements.into_iter().fold(!unseen, |truth, each| truth.and(judge(each))),
    }
}

pub(crate) fn keyword<'s>(matcher: &Matcher, subject: &Subject<'s>, element: Option<Value<'s>>) -> Truth {
    let document = element.unwrap_or(subject.root);
    let mut truth = Truth::False;
    let _ = visit_scalars(document, &mut |found| {
        truth = truth.or(match found {
            Found::Value(value) => matches(matcher, value, subject, element),
            Found::Hole(_) => Truth::Unknown,
        });
        if truth == Truth::True { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    truth
}

pub(crate) fn judge_test<'s>(test: &Test, subject: &Subject<'s>, element: Option<Value<'s>>) -> Truth {
    if !test.every {
        return one_of(&test.matchers, &test.path, subject, element);
    }
    test.matchers.iter().fold(Truth::True, |truth, matcher| {
        truth.and(one_of(std::slice::from_ref(matcher), &test.path, subject, element))
    })
}

/// Whether one of the matchers fits one of the values behind the path.
fn one_of<'s>(matchers: &[Matcher], path: &Path, subject: &Subject<'s>, element: Option<Value<'s>>) -> Truth {
    let mut hole = false;
    let mut null = false;
    let mut present = false;
    let mut truth = Truth::False;
    let _ = subject.visit(path, element, &mut |found| {
        match found {
            Found::Hole(_) => hole = true,
            Found::Value(value) if value.is_null() => null = true,
            Found::Value(value) => {
                present = true;
                for matcher in matchers {
                    truth = truth.or(matches(matcher, value, subject, element));
                    if truth == Truth::True {
                        return ControlFlow::Break(());
                    }
                }
            }
        }
        ControlFlow::Continue(())
    });
    if truth == Truth::True {
        return truth;
    }
    let unseen = if hole { Truth::Unknown } else { Truth::False };
    for matcher in matchers {
        truth = truth.or(match matcher {
            Matcher::Null if null => Truth::True,
            Matcher::Null if present => unseen,
            Matcher::Null => !unseen,
            Matcher::Exists(wanted) => {
                let exists = if present { Truth::True } else { unseen };
                if *wanted { exists } else { !exists }
            }
            _ => unseen,
        });
    }
    truth
}

/// Whether one value, not null, fits one matcher.
fn matches<'s>(
    matcher: &Matcher,
    value: Value<'s>,
    subject: &Subject<'s>,
    element: Option<Value<'s>>,
) -> Truth {
    match matcher {
        // What is about presence is decided once all values were seen.
        Matcher::Null | Matcher::Exists(_) => Truth::False,
        Matcher::Bool(wanted) => match value.as_bool() {
            Some(found) => (found == *wanted).into(),
            None => {
                let word = if *wanted { "true" } else { "false" };
                value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word)).into()
            }
        },
        Matcher::Number { value: wanted, text } => number_fits(value, *wanted, text).into(),
        Matcher::Text(pattern) => match value.plain_bytes() {
            Some(bytes) => pattern.fits(bytes).into(),
            None => {
                let whole = pattern.exact().is_some();
                by_texts(value, whole, |text| pattern.fits(text.as_bytes()))
            }
        },
        Matcher::Needles(needles) => match value.plain_bytes() {
            Some(bytes) => needles.fit(bytes).into(),
            None => by_texts(value, false, |text| needles.fit(text.as_bytes())),
        },
        Matcher::Regex(regex) => by_text(value, false, |text| regex.is_match(text).into()),
        Matcher::Cidr(net) => value.as_str().is_some_and(|text| in_network(&text, net)).into(),
        Matcher::Compare(order, bound) => {
            value.as_f64().is_some_and(|number| order.holds(number, *bound)).into()
        }
        Matcher::Age(side, duration, _) => {
            let Some(time) = time(value) else { return Truth::False };
            let old = subject.view.now.duration_since(time) > *duration;
            (old == (*side == Age::Older)).into()
        }
        Matcher::Calendar(unit, order, wanted) => time(value)
            .map(|time| unit.number(time))
            .is_some_and(|number| match order {
                Some(order) => order.holds(number, *wanted),
                None => (number - wanted).abs() < f64::EPSILON,
            })
            .into(),
        Matcher::Reference { path, part, cased } => by_text(value, false, |text| {
            let text = folded(text, *cased);
            let mut truth = Truth::False;
            let _ = subject.visit(path, element, &mut |found| {
                truth = truth.or(match found {
                    Found::Hole(_) => Truth::Unknown,
                    Found::Value(other) => {
                        by_text(other, false, |other| part.holds(&text, &folded(other, *cased)).into())
                    }
                });
                if truth == Truth::True { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            truth
        }),
    }
}

/// Whether the text of a scalar fits; of an object its JSON or, since quotes of a text are escaped there, one of the
/// texts in it. A whole text is no object.
fn by_texts(value: Value<'_>, whole: bool, fits: impl Fn(&str) -> bool) -> Truth {
    if value.kind() == Kind::Object && !whole && holds_text(value, &fits) {
        return Truth::True;
    }
    by_text(value, whole, |text| fits(text).into())
}

/// Whether one of the texts within a value fits.
fn holds_text(value: Value<'_>, fits: impl Fn(&str) -> bool) -> bool {
    visit_scalars(value, &mut |found| match found {
        Found::Value(each) if each.as_str().is_some_and(|text| fits(&text)) => ControlFlow::Break(()),
        Found::Value(_) | Found::Hole(_) => ControlFlow::Continue(()),
    })
    .is_break()
}

/// Judges the text of a scalar; of an object its JSON, unless the whole value is compared.
fn by_text(value: Value<'_>, whole: bool, judge: impl FnOnce(&str) -> Truth) -> Truth {
    match value.kind() {
        Kind::Object if whole => Truth::False,
        // What could not be seen would be a part of the text.
        Kind::Object if holds_hole(value) => Truth::Unknown,
        Kind::Object => judge(&value.to_json()),
        _ => value.text().map_or(Truth::False, |text| judge(&text)),
    }
}

fn number_fits(value: Value<'_>, wanted: f64, text: &str) -> bool {
    match value.kind() {
        Kind::Number | Kind::String => {
            value.text().is_some_and(|found| found == text)
                || value.as_f64().is_some_and(|found| (found - wanted).abs() < f64::EPSILON)
        }
        _ => false,
    }
}

/// Whether an address, or a whole network, lies in `net`.
fn in_network(text: &str, net: &IpNet) -> bool {
    match text.parse::<IpAddr>() {
        Ok(address) => net.contains(&address),
        Err(_) => text.parse::<IpNet>().is_ok_and(|inner| net.contains(&inner)),
    }
}

/// A time as text, or as seconds since 1970.
fn time(value: Value<'_>) -> Option<Timestamp> {
    match value.kind() {
        Kind::String => value.as_str()?.parse().ok(),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds since 1970; what is out of range is no time"
        )]
        Kind::Number => Timestamp::from_second(value.as_f64()? as i64).ok(),
        _ => None,
    }
}
