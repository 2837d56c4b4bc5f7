//! What is known, as it is handed to the page.

use std::collections::BTreeMap;

use model::{Finding, Moment, Occurrence, Timestamp, Untrusted};
use rules::Meta;

use crate::Row;

/// Everything that a page tells.
#[derive(Debug)]
pub struct Report<'a> {
    /// When it was put together.
    pub made_at: Timestamp,
    /// The findings, open or over.
    pub entries: Vec<Entry<'a>>,
    /// The checks whose verdicts are counted in `tallies`.
    pub checks: Vec<&'a Meta>,
    /// What checks said of resources, besides findings.
    pub tallies: Vec<Tally>,
    /// The frameworks.
    pub frameworks: Vec<Framework<'a>>,
    /// The lives of resources that findings are about.
    pub lives: Vec<Life<'a>>,
}

impl Report<'_> {
    /// One that holds nothing yet.
    pub fn new(made_at: Timestamp) -> Self {
        Self {
            made_at,
            entries: Vec::new(),
            checks: Vec::new(),
            tallies: Vec::new(),
            frameworks: Vec::new(),
            lives: Vec::new(),
        }
    }
}

/// One finding.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its rule; `None` for one that is not loaded here.
    pub rule: Option<&'a Meta>,
    /// Its newest occurrences, of a finding about events.
    pub occurrences: &'a [Occurrence],
}

impl<'a> From<Row<'a>> for Entry<'a> {
    fn from(row: Row<'a>) -> Self {
        Self { finding: row.finding, rule: row.rule, occurrences: &[] }
    }
}

/// Of how many resources a check said what, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The check.
    pub check: String,
    /// The type of the resources, such as `aws.s3.bucket`.
    pub resource_type: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// It is content with so many.
    pub clean: u64,
    /// It could not be judged of so many.
    pub unknown: u64,
}

/// A framework.
#[derive(Debug)]
pub struct Framework<'a> {
    /// Its id, such as `cis-aws-5.0`.
    pub id: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// Its publisher's version.
    pub version: &'a str,
    /// Where its text can be read: an address.
    pub source: &'a str,
    /// Its controls in order, with the ids of the checks that tell of them.
    pub controls: &'a [(String, Vec<String>)],
}

/// The newest moments of a resource's life.
#[derive(Debug)]
pub struct Life<'a> {
    /// The resource's ARN.
    pub resource: &'a Untrusted,
    /// What happened, in the order of time.
    pub moments: &'a [Moment],
}

impl Report<'_> {
    /// The place of each resource among the lives.
    pub(super) fn places(&self) -> BTreeMap<&Untrusted, usize> {
        self.lives.iter().enumerate().map(|(place, life)| (life.resource, place)).collect()
    }
}
