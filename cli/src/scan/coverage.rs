//! What a scan saw, and what it could not see.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use engine::check::Hole;
use engine::scan::{Judged, Scanned, Shard};
use rules::Truth;

use crate::exit::Failure;
use crate::told::counted;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    pub(super) calls: u64,
    /// Accounts that could not be entered.
    pub(super) left_out: usize,
    resources: usize,
    resolved: usize,
    accounts: BTreeSet<String>,
    regions: BTreeSet<String>,
    types: BTreeSet<String>,
    /// What could not be read, with how many shards missed it.
    holes: BTreeMap<Hole, usize>,
}

impl Coverage {
    pub(super) fn add(&mut self, shard: &Shard, scanned: &Scanned) {
        self.resources += scanned.resources;
        self.resolved += scanned.resolved;
        self.accounts.insert(shard.account.clone());
        self.regions.insert(shard.region.clone());
        if scanned.resources > 0 {
            self.types.insert(shard.resource_type.clone());
        }
        for hole in &scanned.holes {
            *self.holes.entry(hole.clone()).or_default() += 1;
        }
    }

    pub(super) fn tell(&self, judged: &[Judged]) -> Result<(), Failure> {
        let mut err = anstream::stderr().lock();
        let count = |truth: Truth| judged.iter().filter(|judged| judged.truth == truth).count();
        let new =
            judged.iter().filter(|judged| judged.truth == Truth::True && judged.change.is_new()).count();
        writeln!(
            err,
            "Read {} of {} in {} of {} with {}.",
            counted(self.resources, "resource"),
            counted(self.types.len(), "type"),
            counted(self.regions.len(), "region"),
            counted(self.accounts.len(), "account"),
            counted(self.calls, "call")
        )?;
        writeln!(
            err,
            "{} ({new} new), {} resolved, {} clean, {} unknown.",
            counted(count(Truth::True), "finding"),
            self.resolved,
            count(Truth::False),
            count(Truth::Unknown)
        )?;
        let denied: BTreeSet<&str> = self
            .holes
            .keys()
            .filter(|hole| hole.cause == "Denied")
            .flat_map(|hole| hole.permission.split(", "))
            .filter(|permission| !permission.is_empty())
            .collect();
        if !denied.is_empty() {
            let denied: Vec<_> = denied.into_iter().collect();
            writeln!(
                err,
                "Not allowed, so unknown: {}. Allow these actions to close the gap.",
                denied.join(", ")
            )?;
        }
        for (hole, places) in self.holes.iter().filter(|(hole, _)| hole.cause != "Denied") {
            writeln!(err, "Not read at {}: {hole}", counted(*places, "place"))?;
        }
        Ok(())
    }
}
