//! Of how many resources each check says what, besides findings, as the resources were read last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::check::Checker;
use model::{Finding, FindingId, State, Status, Untrusted};
use report::html::Tally;
use rules::{Scratch, Truth};

use super::Known;
use crate::inventory::document_with_resource;

/// Counts while it goes over the resources.
pub(super) struct Standing<'a> {
    known: &'a Known,
    /// The findings that are no verdict of now: what is counted is counted once.
    found: BTreeSet<&'a FindingId>,
    /// The facets that each check reads, by type.
    facets: HashMap<String, HashMap<String, Vec<String>>>,
    /// Clean and unknown, by check, type, account and region.
    counts: BTreeMap<[String; 4], [u64; 2]>,
    scratch: Scratch,
}

impl<'a> Standing<'a> {
    pub(super) fn new(known: &'a Known, findings: &'a [Finding]) -> Self {
        let found = findings.iter().filter(|finding| finding.status != Status::Resolved);
        Self {
            known,
            found: found.map(|finding| &finding.id).collect(),
            facets: HashMap::new(),
            counts: BTreeMap::new(),
            scratch: Scratch::default(),
        }
    }

    /// Judges a resource as it was read last. What has a finding is counted by that; what would be a finding and is none,
    /// because nobody asked that check yet, is unknown, as is what was not read.
    pub(super) fn count(&mut self, state: &State) {
        let known = self.known;
        let facets = self
            .facets
            .entry(state.resource_type.clone())
            .or_insert_with(|| facets_read(known, &state.resource_type));
        if facets.is_empty() {
            return;
        }
        let Ok(kept) = state.document.to_document() else { return };
        let Ok(kept) = serde_json::from_slice(kept.bytes()) else { return };
        let document = document_with_resource(state, kept);
        let root = document.root();
        let (account, region) =
            (Untrusted::new(state.account.as_str()), Untrusted::new(state.region.as_str()));
        for verdict in known.checker.judge(&state.resource_type, &document, state.read_at, &mut self.scratch)
        {
            let check = verdict.check.id.as_str();
            if self.found.contains(&FindingId::of_resource(check, &account, &region, &state.arn)) {
                continue;
            }
            let needed = facets.get(check).map(Vec::as_slice).unwrap_or_default();
            let was_read = needed.iter().all(|facet| root.get(facet).is_some());
            let is_clean = verdict.truth == Truth::False && was_read;
            let key = [check, &state.resource_type, &state.account, &state.region].map(str::to_owned);
            let [clean, unknown] = self.counts.entry(key).or_default();
            *(if is_clean { clean } else { unknown }) += 1;
        }
    }

    pub(super) fn tallies(self) -> Vec<Tally> {
        let tally = |(key, [clean, unknown]): ([String; 4], [u64; 2])| {
            let [check, resource_type, account, region] = key;
            Tally { check, resource_type, account, region, clean, unknown }
        };
        self.counts.into_iter().map(tally).collect()
    }
}

/// The facets that each check of a type reads, as they are called in documents.
fn facets_read(known: &Known, kind: &str) -> HashMap<String, Vec<String>> {
    let row = known.rows.iter().find(|row| row.name == kind);
    let checker: &Checker = &known.checker;
    let facets_of = |check: &str| {
        let reads = checker.reads_of(kind, check);
        let is_read = |facet: &&String| reads.iter().any(|read| read.eq_ignore_ascii_case(facet));
        let facets = row.into_iter().flat_map(|row| &row.facets).map(|(facet, _)| facet);
        facets.filter(is_read).cloned().collect()
    };
    checker.checks(kind).map(|check| (check.id.clone(), facets_of(&check.id))).collect()
}
