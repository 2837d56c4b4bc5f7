//! Bounds of counts: `gte: 5`.

/// A bound of a count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    pub(crate) sign: Sign,
    pub(crate) than: f64,
}

/// How a count is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// The signs: the word of a correlation, the mark of a condition, and what people read.
const SIGNS: &[(&str, &str, &str, Sign)] = &[
    ("gte", ">=", "at least", Sign::GreaterOrEqual),
    ("gt", ">", "more than", Sign::Greater),
    ("lte", "<=", "at most", Sign::LessOrEqual),
    ("lt", "<", "less than", Sign::Less),
    ("neq", "!=", "not", Sign::NotEqual),
    ("eq", "=", "exactly", Sign::Equal),
];

impl Sign {
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        SIGNS.iter().find(|(each, ..)| *each == word).map(|(.., sign)| *sign)
    }

    /// The sign that a text starts with, and what comes behind it.
    pub(crate) fn start_of(text: &str) -> Option<(Self, &str)> {
        let text = text.strip_prefix("==").map_or(text, |_| text.get(1..).unwrap_or_default());
        SIGNS.iter().find_map(|(_, mark, _, sign)| Some((*sign, text.strip_prefix(mark)?)))
    }
}

impl Bound {
    pub(crate) fn holds(self, value: f64) -> bool {
        match self.sign {
            Sign::Less => value < self.than,
            Sign::LessOrEqual => value <= self.than,
            Sign::Greater => value > self.than,
            Sign::GreaterOrEqual => value >= self.than,
            Sign::Equal => (value - self.than).abs() < f64::EPSILON,
            Sign::NotEqual => (value - self.than).abs() >= f64::EPSILON,
        }
    }

    /// The bound as people read it.
    pub(crate) fn shown(self) -> String {
        let words = SIGNS.iter().find(|(.., sign)| *sign == self.sign).map_or("", |(_, _, words, _)| *words);
        format!("{words} {}", self.than)
    }
}
