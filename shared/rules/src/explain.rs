//! Why a verdict is what it is: the tree of conditions, each with the values it saw.

use std::ops::ControlFlow;

use model::json::Value;
use serde::{Deserialize, Serialize};

use crate::detection::Quantifier;
use crate::expr::{Expr, Matcher, Path, Test};
use crate::judge::{at_least, elements, judge_test, keyword, quantified};
use crate::path::Found;
use crate::subject::Subject;
use crate::truth::Truth;
use model::Untrusted;

/// One condition of a rule and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// `true`, `false` or `unknown`.
    pub truth: String,
    /// The condition, in words.
    pub condition: String,
    /// The values that it saw.
    pub seen: Vec<Untrusted>,
    /// The conditions that it is made of.
    pub parts: Vec<Explanation>,
}

/// No more values than this are shown for one condition, and no more characters of each.
const SHOWN_VALUES: usize = 5;
const SHOWN_CHARACTERS: usize = 200;

impl Explanation {
    pub(crate) fn new(truth: Truth, condition: impl Into<String>, parts: Vec<Self>) -> Self {
        Self { truth: truth.as_str().into(), condition: condition.into(), seen: Vec::new(), parts }
    }

    /// The condition that decides: of what does not hold, or is not known, the first that makes it so.
    pub fn decisive(&self) -> &Self {
        let negates = self.condition == "not" || self.condition.starts_with("no element of");
        let wanted = if negates { !self.truth() } else { self.truth() };
        let part = self.parts.iter().find(|part| part.truth() == wanted);
        part.map_or(self, Self::decisive)
    }

    /// The verdict.
    pub fn truth(&self) -> Truth {
        match self.truth.as_str() {
            "true" => Truth::True,
            "unknown" => Truth::Unknown,
            _ => Truth::False,
        }
    }
}

pub(crate) fn explain<'s>(expr: &Expr, subject: &Subject<'s>, element: Option<Value<'s>>) -> Explanation {
    let each = |parts: &[Expr]| parts.iter().map(|part| explain(part, subject, element)).collect::<Vec<_>>();
    match expr {
        Expr::All(parts) => {
            let parts = each(parts);
            let truth = parts.iter().fold(Truth::True, |truth, part| truth.and(part.truth()));
            Explanation::new(truth, "all of these", parts)
        }
        Expr::Any(parts) => {
            let parts = each(parts);
            let truth = parts.iter().fold(Truth::False, |truth, part| truth.or(part.truth()));
            Explanation::new(truth, "one of these", parts)
        }
        Expr::AtLeast(count, parts) => {
            let parts = each(parts);
            let truth = at_least(*count, parts.iter().map(Explanation::truth));
            Explanation::new(truth, format!("at least {count} of these"), parts)
        }
        Expr::Not(part) => {
            let part = explain(part, subject, element);
            Explanation::new(!part.truth(), "not", vec![part])
        }
        Expr::Named(name, part) => {
            let part = explain(part, subject, element);
            Explanation::new(part.truth(), name, vec![part])
        }
        Expr::Test(test) => {
            let truth = judge_test(test, subject, element);
            let mut explanation = Explanation::new(truth, shown(test), Vec::new());
            explanation.seen = seen(&test.path, subject, element);
            explanation
        }
        Expr::Elements(path, quantifier, body) => {
            let found = elements(path, subject, element);
            let parts: Vec<_> = found.0.iter().map(|each| explain(body, subject, Some(*each))).collect();
            let mut truths = parts.iter().map(Explanation::truth);
            let truth = quantified(*quantifier, found.clone(), |_| truths.next().unwrap_or(Truth::Unknown));
            let word = match quantifier {
                Quantifier::Any => "any element of",
                Quantifier::All => "all elements of",
                Quantifier::None => "no element of",
            };
            let mut explanation = Explanation::new(truth, format!("{word} {}", path.shown), parts);
            if found.1 || found.0.is_empty() {
                explanation.seen = seen(path, subject, element);
            }
            explanation
        }
        Expr::Keyword(matcher) => {
            let truth = keyword(matcher, subject, element);
            Explanation::new(truth, format!("some value is {}", matcher.shown()), Vec::new())
        }
    }
}

fn shown(test: &Test) -> String {
    let matchers: Vec<_> = test.matchers.iter().map(Matcher::shown).collect();
    let join = if test.every { " and " } else { " or " };
    match matchers.as_slice() {
        [] => format!("{} is one of an empty list", test.path.shown),
        _ => format!("{} is {}", test.path.shown, matchers.join(join)),
    }
}

fn seen<'s>(path: &Path, subject: &Subject<'s>, element: Option<Value<'s>>) -> Vec<Untrusted> {
    let mut seen = Vec::new();
    let _ = subject.visit(path, element, &mut |found| {
        if seen.len() == SHOWN_VALUES {
            seen.push(Untrusted::new("…"));
            return ControlFlow::Break(());
        }
        seen.push(match found {
            Found::Value(value) => Untrusted::new(short(&value.to_json())),
            Found::Hole(hole) => Untrusted::new(format!("not to be seen: {}", short(&hole.to_json()))),
        });
        ControlFlow::Continue(())
    });
    seen
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
