//! What the page says of a rule.

use std::collections::BTreeMap;

use model::{Severity, Untrusted};
use rules::{Fix, Meta};
use serde::Serialize;

use crate::Verdict;
use crate::fix::filled;

#[derive(Serialize, Default)]
pub(super) struct RuleOnPage<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// With names in the places of values; findings have their own commands.
    fix: Option<Fix>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    harmless: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    attack: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    references: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    equivalents: Option<&'a BTreeMap<String, Vec<String>>>,
}

impl<'a> RuleOnPage<'a> {
    pub(super) fn known(meta: &'a Meta) -> Self {
        Self {
            title: &meta.title,
            severity: Some(meta.severity),
            why: &meta.why,
            fix: Some(filled(&meta.fix, &Untrusted::default())),
            harmless: &meta.false_positives,
            attack: &meta.attack,
            references: &meta.references,
            equivalents: Some(&meta.equivalents),
        }
    }

    /// A rule of which the title is enough: no finding is by it, or it is not loaded here.
    pub(super) fn brief(title: &'a str) -> Self {
        Self { title, ..Self::default() }
    }

    pub(super) fn of_verdict(row: &'a Verdict) -> Self {
        row.rule.as_deref().map_or_else(
            || Self {
                title: &row.title,
                severity: Some(row.severity),
                equivalents: Some(&row.equivalents),
                ..Self::default()
            },
            Self::known,
        )
    }
}
