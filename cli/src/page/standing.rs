//! Of how many resources each check says what, besides findings, as the resources were read last.

use std::collections::{BTreeMap, BTreeSet};

use model::{Finding, FindingId, State, Status, Untrusted};
use report::html::Tally;
use rules::{Scratch, Truth};

use super::Known;
use crate::documents::Documents;

/// Counts while it goes over the resources.
pub(super) struct Standing<'a> {
    known: &'a Known,
    /// The findings that are no verdict of now: what is counted is counted once.
    found: BTreeSet<&'a FindingId>,
    documents: Documents<'a>,
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
            documents: Documents::new(&known.rows),
            counts: BTreeMap::new(),
            scratch: Scratch::default(),
        }
    }

    /// Judges a resource as it was read last. What has a finding is counted by that; what would be a finding and is none,
    /// because nobody asked that check yet, is unknown, as is what needs something that was not read.
    pub(super) fn count(&mut self, state: &State) {
        let checker = &self.known.checker;
        if checker.checks(&state.resource_type).next().is_none() {
            return;
        }
        let Ok(kept) = state.document.to_document() else { return };
        let Ok(kept) = serde_json::from_slice(kept.bytes()) else { return };
        let document = self.documents.judged(state, kept);
        let (account, region) =
            (Untrusted::new(state.account.as_str()), Untrusted::new(state.region.as_str()));
        for verdict in checker.judge(&state.resource_type, &document, state.read_at, &mut self.scratch) {
            let check = verdict.check.id.as_str();
            if self.found.contains(&FindingId::of_resource(check, &account, &region, &state.arn)) {
                continue;
            }
            let key = [check, &state.resource_type, &state.account, &state.region].map(str::to_owned);
            let [clean, unknown] = self.counts.entry(key).or_default();
            *(if verdict.truth == Truth::False { clean } else { unknown }) += 1;
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
