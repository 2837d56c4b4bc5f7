//! The condition line of a detection: names, `and`, `or`, `not`, parentheses, `1 of x*`, `all of them`.
//!
//! Grammar: Sigma specification 2.1, "Condition",
//! <https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md>.

use crate::code::Code;
use crate::error::{Place, RuleError};
use crate::pattern::{Part, TextPattern};

/// A condition over named searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The search of this name.
    Name(String),
    /// At least so many of the searches that the pattern names; `None`: all of them.
    Of(Option<usize>, Pattern),
    /// All of these.
    And(Vec<Condition>),
    /// One of these.
    Or(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
}

/// Which searches `of` looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Every search whose name does not start with an underscore.
    Them,
    /// Every search whose name fits, `*` standing for any text.
    Named(String),
}

impl Pattern {
    /// Whether the pattern names this search.
    pub(crate) fn names(&self, search: &str) -> bool {
        match self {
            Self::Them => !search.starts_with('_'),
            Self::Named(pattern) => {
                let texts = pattern.split('*').map(|text| Part::Text(text.into()));
                let mut parts: Vec<Part> = texts.flat_map(|text| [Part::Any, text]).collect();
                parts.remove(0);
                TextPattern::new(parts, true).fits(search.as_bytes())
            }
        }
    }
}

/// How deep parentheses and `not` may nest.
const MAX_NESTING: usize = 64;

/// Reads a condition.
pub(crate) fn parse(text: &str, place: Place) -> Result<Condition, RuleError> {
    let mut parser = Parser { tokens: tokens(text), at: 0, place, depth: 0 };
    let condition = parser.either()?;
    match parser.peek() {
        None => Ok(condition),
        Some("|") => Err(parser.error(
            Code::ConditionPipe,
            "what follows `|` counts over several events, which only a rule's own condition may do",
            "write one condition, such as `search | count() by field > 5`, or a correlation",
        )),
        Some(token) => Err(parser.error(
            Code::ConditionSyntax,
            &format!("`{token}` does not fit here"),
            "join names with `and` or `or`",
        )),
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(at) = rest.find(['(', ')', '|']) {
            let (before, from) = rest.split_at(at);
            let (mark, after) = from.split_at(1);
            if !before.is_empty() {
                tokens.push(before.to_owned());
            }
            tokens.push(mark.to_owned());
            rest = after;
        }
        if !rest.is_empty() {
            tokens.push(rest.to_owned());
        }
    }
    tokens
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
    place: Place,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    /// Steps over the next token if it is `word`, whatever its case.
    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn error(&self, code: Code, problem: &str, remedy: &str) -> RuleError {
        RuleError::new(code, self.place, format!("in the condition: {problem}"), remedy)
    }

    fn either(&mut self) -> Result<Condition, RuleError> {
        let mut parts = vec![self.both()?];
        while self.take("or") {
            parts.push(self.both()?);
        }
        Ok(alone_or(parts, Condition::Or))
    }

    fn both(&mut self) -> Result<Condition, RuleError> {
        let mut parts = vec![self.one()?];
        while self.take("and") {
            parts.push(self.one()?);
        }
        Ok(alone_or(parts, Condition::And))
    }

    fn one(&mut self) -> Result<Condition, RuleError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(self.error(Code::TooDeep, "nested too deep", "split it into named searches"));
        }
        let condition = self.nested();
        self.depth -= 1;
        condition
    }

    fn nested(&mut self) -> Result<Condition, RuleError> {
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.either()?;
            if !self.take(")") {
                return Err(self.error(Code::ConditionParenthesis, "a parenthesis is not closed", "add `)`"));
            }
            return Ok(inner);
        }
        let Some(token) = self.peek().map(str::to_owned) else {
            return Err(self.error(
                Code::ConditionSyntax,
                "it ends too early",
                "name a search after `and`, `or` and `not`",
            ));
        };
        self.at += 1;
        if self.take("of") {
            let count = match token.to_ascii_lowercase().as_str() {
                "all" => None,
                "any" => Some(1),
                number => match number.parse() {
                    Ok(count) if count > 0 => Some(count),
                    _ => {
                        return Err(self.error(
                            Code::ConditionOf,
                            &format!("`{token} of`"),
                            "write `1 of`, `2 of` … or `all of`",
                        ));
                    }
                },
            };
            let Some(pattern) = self.peek().map(str::to_owned) else {
                return Err(self.error(
                    Code::ConditionOf,
                    "`of` names nothing",
                    "write `of them` or `of selection*`",
                ));
            };
            self.at += 1;
            let pattern =
                if pattern.eq_ignore_ascii_case("them") { Pattern::Them } else { Pattern::Named(pattern) };
            return Ok(Condition::Of(count, pattern));
        }
        let is_word = ["and", "or", "of", ")", "|"].iter().any(|word| token.eq_ignore_ascii_case(word));
        if is_word {
            return Err(self.error(
                Code::ConditionSyntax,
                &format!("`{token}` does not fit here"),
                "name a search there",
            ));
        }
        Ok(Condition::Name(token))
    }
}

fn alone_or(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Condition {
        parse(text, Place::default()).unwrap()
    }

    fn name(text: &str) -> Condition {
        Condition::Name(text.into())
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        assert_eq!(
            read("a or not b and c"),
            Condition::Or(vec![
                name("a"),
                Condition::And(vec![Condition::Not(Box::new(name("b"))), name("c")])
            ])
        );
        assert_eq!(read("not (a or b)"), Condition::Not(Box::new(Condition::Or(vec![name("a"), name("b")]))));
        assert_eq!(read("((a))"), name("a"));
    }

    #[test]
    fn of_names_patterns() {
        assert_eq!(read("1 of sel*"), Condition::Of(Some(1), Pattern::Named("sel*".into())));
        assert_eq!(read("all of them"), Condition::Of(None, Pattern::Them));
        assert!(Pattern::Named("sel*_x".into()).names("selection_x"));
        assert!(!Pattern::Named("sel*".into()).names("filter"));
        assert!(!Pattern::Them.names("_hidden"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problem = |text: &str| parse(text, Place::default()).unwrap_err().problem;
        assert_eq!(problem("a b"), "in the condition: `b` does not fit here");
        assert_eq!(problem("a and"), "in the condition: it ends too early");
        assert_eq!(problem("(a"), "in the condition: a parenthesis is not closed");
        assert_eq!(problem("x of them"), "in the condition: `x of`");
        assert!(problem("a | count() by b > 3").contains("several events"));
        assert!(problem(&"not ".repeat(1000)).contains("too deep"));
    }
}
