//! What a rule says of itself: everything but its condition.

use std::collections::BTreeMap;

use model::Severity;
use serde::{Deserialize, Serialize};

use crate::fix::Fix;

/// What a rule says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Kebab-case, names the act or the defect; of a foreign Sigma rule, its UUID.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// How bad a match is, before outcome and automation are looked at.
    pub severity: Severity,
    /// The sentence of a finding, with `{path}` and `{path|default:text}` fields. Empty: the title stands in.
    pub message: String,
    /// Why it matters (Sigma's `description`).
    pub why: String,
    /// When a match is harmless.
    pub false_positives: Vec<String>,
    /// What to do.
    pub fix: Fix,
    /// ATT&CK technique ids, such as `T1562.008`, of the version in `attack_version`.
    pub attack: Vec<String>,
    /// Where it can be read up.
    pub references: Vec<String>,
    /// The same rule elsewhere: tool to ids.
    pub equivalents: BTreeMap<String, Vec<String>>,
    /// The paths whose values tell one finding of this rule from another. Empty: the principal.
    pub dedup: Vec<String>,
    /// What a call made by known automation does to the severity.
    pub automation: Automation,
    /// What a failed call does to the severity.
    pub attempt: Attempt,
    /// Where the rule came from: a file, or the built-in catalogue.
    pub origin: String,
}

/// What a call made by known automation (an AWS service, CloudFormation, Terraform) does to the severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Automation {
    /// Nothing: the finding says who called.
    #[default]
    Annotate,
    /// One step lower.
    Lower,
}

/// What a failed call does to the severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attempt {
    /// One step lower.
    #[default]
    Lower,
    /// Nothing: the failure is what the rule is about.
    Same,
}
