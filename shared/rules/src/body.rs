//! What a rule judges by: one document, or several events.

use crate::code::Code;
use crate::correlation::{self, Correlation};
use crate::detection::{self, Detection, Item, Literal, Search, Wanted};
use crate::error::RuleError;
use crate::filter::{self, Filter};
use crate::modifier::Modifier;
use crate::rule::Rule;
use crate::settings::Settings;
use crate::tree::Node;
use crate::values;

/// What a rule judges by.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// A condition over one document.
    Detection(Detection),
    /// Several events.
    Correlation(Correlation),
    /// Nothing of its own: it narrows other rules.
    Filter(Filter),
}

impl Body {
    /// Reads what a rule judges by.
    pub(crate) fn read(node: &Node) -> Result<Self, RuleError> {
        if let Some(block) = node.get("correlation") {
            return Ok(Body::Correlation(correlation::read(block, node)?));
        }
        if let (Some(block), None) = (node.get("filter"), node.get("detection")) {
            return Ok(Body::Filter(filter::read(block)?));
        }
        let Some(block) = node.get("detection") else {
            return Err(RuleError::new(
                Code::DetectionMissing,
                node.place,
                "the rule has no detection",
                "add `detection:` with a condition",
            ));
        };
        Ok(match correlation::aggregation(block, node)? {
            Some(correlation) => Body::Correlation(correlation),
            None => Body::Detection(detection::parse(block)?),
        })
    }

    /// Whether it looks at errors: then the rule judges the outcome itself.
    pub(crate) fn reads_errors(&self) -> bool {
        match self {
            Body::Detection(detection) => looks_at_errors(detection),
            Body::Correlation(correlation) => {
                correlation.steps.iter().filter_map(|step| step.own.as_ref()).any(looks_at_errors)
            }
            Body::Filter(_) => false,
        }
    }
}

fn looks_at_errors(detection: &Detection) -> bool {
    fn search_does(search: &Search) -> bool {
        match search {
            Search::Any(searches) => searches.iter().any(search_does),
            Search::All(items) => items.iter().any(|item| {
                is_error(&item.field.path)
                    || match &item.wanted {
                        // A value may be the name of a field that is compared with.
                        Wanted::Values(values) => values.iter().any(names_error),
                        Wanted::Elements(_, body) => looks_at_errors(body),
                    }
            }),
            Search::Keyword(literal) => names_error(literal),
        }
    }
    detection.searches.iter().any(|(_, search)| search_does(search))
}

/// The texts among the values of a field, without those that have wildcards.
fn exact_texts(wanted: &Wanted) -> Vec<String> {
    let Wanted::Values(values) = wanted else { return Vec::new() };
    let texts = values.iter().filter_map(|value| match value {
        Literal::Text(text) if !text.contains(['*', '?']) => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}

fn names_error(literal: &Literal) -> bool {
    matches!(literal, Literal::Text(text) if is_error(text))
}

fn is_error(path: &str) -> bool {
    ["errorCode", "errorMessage", "responseElements.ConsoleLogin", "facts.call.denied"].contains(&path)
}

/// The fields of every search of detections, those of element scopes among them.
fn searches(mut detections: Vec<&Detection>) -> Vec<&[Item]> {
    let mut found = Vec::new();
    let mut open: Vec<&Search> = Vec::new();
    while let Some(detection) = detections.pop() {
        open.extend(detection.searches.iter().map(|(_, search)| search));
        while let Some(search) = open.pop() {
            match search {
                Search::Any(searches) => open.extend(searches),
                Search::All(items) => {
                    found.push(items.as_slice());
                    detections.extend(items.iter().filter_map(|item| match &item.wanted {
                        Wanted::Elements(_, body) => Some(body.as_ref()),
                        Wanted::Values(_) => None,
                    }));
                }
                Search::Keyword(_) => {}
            }
        }
    }
    found
}

/// The placeholders of detections that are not set.
pub(crate) fn unset(detections: Vec<&Detection>, settings: &Settings) -> Vec<String> {
    let items = searches(detections).into_iter().flatten().filter(|item| item.field.has(Modifier::Expand));
    let mut found: Vec<String> = Vec::new();
    for item in items {
        let Wanted::Values(values) = &item.wanted else { continue };
        for value in values {
            let Literal::Text(text) = value else { continue };
            let mut rest = text.as_str();
            while let Some((_, name, after)) = values::placeholder(rest) {
                if settings.get(name).is_none() && !found.iter().any(|known| known == name) {
                    found.push(name.to_owned());
                }
                rest = after;
            }
        }
    }
    found
}

impl Rule {
    /// The rule as one that comes with the program.
    #[must_use]
    pub fn shipped(mut self) -> Self {
        self.shipped = true;
        self
    }

    /// Whether it comes with the program.
    pub fn is_shipped(&self) -> bool {
        self.shipped
    }

    /// Sigma's `name`, by which correlations call it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether it looks at several events.
    pub fn is_correlation(&self) -> bool {
        matches!(self.body, Body::Correlation(_))
    }

    /// Whether it has no findings of its own, and narrows other rules.
    pub fn is_filter(&self) -> bool {
        matches!(self.body, Body::Filter(_))
    }

    /// The events that its searches name, each with its source: what stands there without wildcards.
    pub fn events(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for search in self.searches() {
            let exact = |path: &str| {
                let items =
                    search.iter().filter(|item| item.field.path == path && item.field.modifiers.is_empty());
                let texts: Vec<String> = items.flat_map(|item| exact_texts(&item.wanted)).collect();
                texts
            };
            let names = exact("eventName");
            for source in exact("eventSource") {
                found.extend(names.iter().map(|name| (source.clone(), name.clone())));
            }
        }
        found
    }

    /// The placeholders that it asks for.
    pub fn placeholders(&self) -> Vec<String> {
        let items = self.searches().into_iter().flatten();
        let texts = items.flat_map(|item| exact_texts(&item.wanted));
        texts.filter_map(|text| Some(values::placeholder(&text)?.1.to_owned())).collect()
    }

    /// The fields of every search, those of element scopes among them.
    fn searches(&self) -> Vec<&[Item]> {
        searches(match &self.body {
            Body::Detection(detection) => vec![detection],
            Body::Correlation(correlation) => {
                correlation.steps.iter().filter_map(|step| step.own.as_ref()).collect()
            }
            Body::Filter(filter) => vec![&filter.detection],
        })
    }

    /// Whether it looks at one of these rules.
    pub fn names_any(&self, others: &[Self]) -> bool {
        let Body::Correlation(correlation) = &self.body else { return false };
        let steps = || correlation.steps.iter().filter(|step| step.own.is_none());
        others.iter().any(|other| steps().any(|step| other.is_called(&step.label)))
    }

    fn is_called(&self, label: &str) -> bool {
        !self.is_filter()
            && (self.meta.id == label || self.name.as_deref() == Some(label) || self.meta.title == label)
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
