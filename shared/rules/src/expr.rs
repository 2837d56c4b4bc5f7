//! A compiled condition: a tree whose leaves look at one path each.

use ipnet::IpNet;
use jiff::SignedDuration;
use regex::Regex;

use crate::calendar::Unit;
use crate::detection::Quantifier;
use crate::path::Segments;
use crate::pattern::{Needles, TextPattern};

/// A compiled condition.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    /// All of these; true where there is none.
    All(Vec<Expr>),
    /// One of these; false where there is none.
    Any(Vec<Expr>),
    /// At least so many of these.
    AtLeast(usize, Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// A search, with the name that it has in the rule.
    Named(String, Box<Expr>),
    /// What one path leads to.
    Test(Test),
    /// The elements that one path leads to.
    Elements(Path, Quantifier, Box<Expr>),
    /// Every value in the document.
    Keyword(Matcher),
}

/// A comparison of what a path leads to.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) path: Path,
    /// Whether each matcher has to find a value (`all`), or one of them does.
    pub(crate) every: bool,
    pub(crate) matchers: Vec<Matcher>,
}

/// A path, and where it starts.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) shown: String,
    pub(crate) start: Start,
    pub(crate) segments: Segments,
    /// The number in the rule set of this path; of one that starts at an element there is none.
    pub(crate) number: Option<usize>,
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// At a member of the document, by its number in the rule set.
    Root(usize),
    /// At a fact, by its number in the rule set.
    Fact(usize),
    /// At the element of the scope around.
    Element,
}

/// One value that a field may have.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    /// Absent or null.
    Null,
    /// Present and not null, or the opposite.
    Exists(bool),
    Bool(bool),
    Number {
        value: f64,
        text: String,
    },
    Text(TextPattern),
    Needles(Needles),
    Regex(Regex),
    Cidr(IpNet),
    Compare(Order, f64),
    Age(Age, SignedDuration, String),
    /// The number of a time on the calendar or the clock; without an order it is equal.
    Calendar(Unit, Option<Order>, f64),
    Reference {
        path: Path,
        part: Substring,
        cased: bool,
    },
}

/// An order of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(crate) fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// Which side of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Older,
    Newer,
}

/// Which part of one text the other has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Substring {
    Whole,
    Start,
    End,
    Anywhere,
}

impl Substring {
    pub(crate) fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Whole => text == part,
            Self::Start => text.starts_with(part),
            Self::End => text.ends_with(part),
            Self::Anywhere => text.contains(part),
        }
    }
}

impl Expr {
    /// About what judging costs, in comparisons: a fact has to be derived first, a keyword looks everywhere.
    pub(crate) fn cost(&self) -> usize {
        let of_path = |path: &Path| match path.start {
            Start::Root(_) | Start::Element => 1,
            Start::Fact(_) => 1000,
        };
        match self {
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().map(Self::cost).sum()
            }
            Self::Not(part) | Self::Named(_, part) => part.cost(),
            Self::Test(test) => of_path(&test.path) + test.matchers.len(),
            Self::Elements(path, _, body) => of_path(path) + 5 * body.cost(),
            Self::Keyword(_) => 500,
        }
    }

    /// What it costs until the expression may first turn out false: of several conditions the cheapest will do.
    pub(crate) fn cost_to_refute(&self) -> usize {
        match self {
            Self::All(parts) => parts.iter().map(Self::cost_to_refute).min().unwrap_or_default(),
            Self::Named(_, part) => part.cost_to_refute(),
            other => other.cost(),
        }
    }
}

impl Matcher {
    /// The matcher as people read it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Exists(true) => "present".into(),
            Self::Exists(false) => "absent".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number { text, .. } => text.clone(),
            Self::Text(pattern) => format!("{:?}", pattern.shown()),
            Self::Needles(needles) => needles.shown(),
            Self::Regex(regex) => format!("/{regex}/"),
            Self::Cidr(net) => format!("in {net}"),
            Self::Compare(order, bound) => format!("{} {bound}", order.sign()),
            Self::Age(Age::Older, _, text) => format!("older than {text}"),
            Self::Age(Age::Newer, _, text) => format!("newer than {text}"),
            Self::Calendar(unit, order, number) => {
                let sign = order.map(|order| format!("{} ", order.sign())).unwrap_or_default();
                format!("in {} {sign}{number} (UTC)", unit.name())
            }
            Self::Reference { path, .. } => format!("the value of {}", path.shown),
        }
    }
}
