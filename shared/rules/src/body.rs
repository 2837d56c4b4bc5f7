//! What a rule judges by: one document, or several events.

use crate::correlation::{self, Correlation};
use crate::detection::{self, Detection};
use crate::error::RuleError;
use crate::rule::Rule;
use crate::tree::Node;

/// What a rule judges by.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// A condition over one document.
    Detection(Detection),
    /// Several events.
    Correlation(Correlation),
}

impl Body {
    /// Reads what a rule judges by.
    pub(crate) fn read(node: &Node) -> Result<Self, RuleError> {
        if let Some(block) = node.get("correlation") {
            return Ok(Body::Correlation(correlation::read(block, node)?));
        }
        let Some(block) = node.get("detection") else {
            return Err(RuleError::new(
                node.place,
                "the rule has no detection",
                "add `detection:` with a condition",
            ));
        };
        Ok(match correlation::aggregation(block)? {
            Some(correlation) => Body::Correlation(correlation),
            None => Body::Detection(detection::parse(block)?),
        })
    }

    /// Whether it looks at errors: then the rule judges the outcome itself.
    pub(crate) fn reads_errors(&self) -> bool {
        const ERRORS: &[&str] =
            &["errorCode", "errorMessage", "responseElements.ConsoleLogin", "facts.call.denied"];
        let of = |detection: &Detection| {
            format!("{:?}", detection.searches).split('"').any(|word| ERRORS.contains(&word))
        };
        match self {
            Body::Detection(detection) => of(detection),
            Body::Correlation(correlation) => {
                correlation.steps.iter().filter_map(|step| step.own.as_ref()).any(of)
            }
        }
    }
}

impl Rule {
    /// The rule as one that comes with the program.
    #[must_use]
    pub fn shipped(mut self) -> Self {
        self.shipped = true;
        self
    }

    /// Whether it looks at several events.
    pub fn is_correlation(&self) -> bool {
        matches!(self.body, Body::Correlation(_))
    }

    /// Whether it looks at one of these rules.
    pub fn names_any(&self, others: &[Self]) -> bool {
        let Body::Correlation(correlation) = &self.body else { return false };
        let steps = || correlation.steps.iter().filter(|step| step.own.is_none());
        others.iter().any(|other| steps().any(|step| other.is_called(&step.label)))
    }

    fn is_called(&self, label: &str) -> bool {
        self.meta.id == label || self.name.as_deref() == Some(label) || self.meta.title == label
    }

    /// This rule, and those among `all` that it needs to be judged.
    pub fn with_bases<'r>(&'r self, all: &'r [Self]) -> Vec<&'r Self> {
        let mut needed = vec![self];
        let mut at = 0;
        while let Some(rule) = needed.get(at).copied() {
            at += 1;
            let Body::Correlation(correlation) = &rule.body else { continue };
            for step in correlation.steps.iter().filter(|step| step.own.is_none()) {
                let named = |other: &&Self| other.is_called(&step.label);
                let (here, elsewhere): (Vec<&Self>, Vec<&Self>) =
                    all.iter().filter(named).partition(|other| other.meta.origin == rule.meta.origin);
                for other in if here.is_empty() { elsewhere } else { here } {
                    if !needed
                        .iter()
                        .any(|known| std::ptr::eq(*known, other) || known.meta.id == other.meta.id)
                    {
                        needed.push(other);
                    }
                }
            }
        }
        needed
    }
}
