//! What the page tells: everything that is kept, put together.

mod standing;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::resource::Row;
use catalog::{Framework, Loaded};
use engine::check::Checker;
use engine::mute::mark;
use engine::ports::{FindingQuery, StateQuery, Store, StoreError};
use model::{Finding, FindingId, Moment, Occurrence, State, Timestamp, Untrusted};
use report::html::{self, Entry, Life, Report, Tally};
use rules::{Meta, Settings};

use crate::mute::Filed;
use standing::Standing;

/// So many occurrences of a finding about events are shown.
const OCCURRENCES: usize = 20;

/// The rules that a page knows of, and the mutes of files.
pub(crate) struct Known {
    metas: BTreeMap<String, Meta>,
    checker: Checker,
    rows: Vec<Row>,
    frameworks: Vec<Framework>,
    filed: Filed,
}

impl Known {
    pub(crate) fn new(loaded: Loaded, settings: &Settings) -> Self {
        let metas = loaded.rules.iter().map(|rule| (rule.meta.id.clone(), rule.meta.clone())).collect();
        let (checker, _) = Checker::new(loaded.rules, settings);
        Self { metas, checker, rows: loaded.rows, frameworks: loaded.frameworks, filed: Filed::default() }
    }

    /// The same, and the mutes of files.
    pub(crate) fn muting(mut self, filed: Filed) -> Self {
        self.filed = filed;
        self
    }

    /// What a rule says of itself.
    pub(crate) fn rule(&self, id: &str) -> Option<&Meta> {
        self.metas.get(id)
    }
}

/// What a store holds.
pub(crate) struct Gathered {
    findings: Vec<Finding>,
    occurrences: HashMap<FindingId, Vec<Occurrence>>,
    tallies: Vec<Tally>,
    lives: Vec<(Untrusted, Vec<Moment>)>,
}

/// Reads everything that a page tells, muted as of `now`.
pub(crate) async fn gather(store: &dyn Store, known: &Known, now: Timestamp) -> Result<Gathered, StoreError> {
    let mut findings = findings(store).await?;
    mark(store, &known.filed.mutes(store, now).await?, &mut findings, now).await?;
    let mut occurrences = HashMap::new();
    for finding in findings.iter().filter(|finding| finding.posture.is_none()) {
        occurrences.insert(finding.id.clone(), store.occurrences(&finding.id, OCCURRENCES).await?);
    }
    let concerned: BTreeSet<&Untrusted> = findings
        .iter()
        .filter_map(|finding| finding.posture.as_ref())
        .map(|posture| &posture.resource)
        .collect();
    let mut standing = Standing::new(known, &findings);
    let mut lives = Vec::new();
    let mut query = StateQuery { gone: true, ..StateQuery::default() };
    loop {
        let page = store.states(&query).await?;
        for state in page.items {
            if state.is_present() {
                standing.count(&state);
            }
            if concerned.contains(&state.arn) {
                lives.push((state.arn.clone(), moments(store, &state).await?));
            }
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    let tallies = standing.tallies();
    Ok(Gathered { findings, occurrences, tallies, lives })
}

/// All findings, open or over.
pub(crate) async fn findings(store: &dyn Store) -> Result<Vec<Finding>, StoreError> {
    let mut query = FindingQuery { limit: 1_000, ..FindingQuery::default() };
    let mut findings = Vec::new();
    loop {
        let page = store.findings(&query).await?;
        findings.extend(page.items);
        if page.next.is_none() {
            return Ok(findings);
        }
        query.after = page.next;
    }
}

async fn moments(store: &dyn Store, state: &State) -> Result<Vec<Moment>, StoreError> {
    store.timeline(&state.timelines(), Timestamp::UNIX_EPOCH, Timestamp::MAX).await
}

impl Gathered {
    /// As the page takes it, as of `made_at`.
    pub(crate) fn report<'a>(&'a self, known: &'a Known, made_at: Timestamp) -> Report<'a> {
        let entry = |finding: &'a Finding| Entry {
            finding,
            rule: known.metas.get(&finding.rule),
            occurrences: self.occurrences.get(&finding.id).map(Vec::as_slice).unwrap_or_default(),
        };
        let framework = |framework: &'a Framework| html::Framework {
            id: &framework.id,
            title: &framework.title,
            version: &framework.version,
            source: &framework.source,
            controls: &framework.controls,
        };
        let told = known.frameworks.iter().flat_map(Framework::checks);
        let counted = self.tallies.iter().map(|tally| tally.check.as_str());
        let checks: BTreeSet<&str> = told.chain(counted).collect();
        Report {
            made_at,
            entries: self.findings.iter().map(entry).collect(),
            checks: checks.into_iter().filter_map(|check| known.metas.get(check)).collect(),
            tallies: self.tallies.clone(),
            frameworks: known.frameworks.iter().map(framework).collect(),
            lives: self.lives.iter().map(|(resource, moments)| Life { resource, moments }).collect(),
        }
    }
}
