//! What records say before anybody has read what they changed: provisional findings.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Call, Timestamp};

use super::{Target, Tracker, Tracks};
use crate::mapping::Affected;
use crate::ports::StoreError;
use crate::scan::Scanner;

/// When what is still provisional then is read for the last time, so that none is older than five minutes.
const LAST_LOOK: Duration = Duration::from_secs(255);

impl Tracker {
    /// Has `scanner` open findings right away where the record of a call suffices. Only with harvesting, which confirms
    /// or withdraws them.
    #[must_use]
    pub fn predicting(mut self, scanner: Arc<Scanner>) -> Self {
        self.scanner = Some(scanner);
        self
    }

    /// Opens what the records say, after asking for the read that has the last word on it.
    pub(super) async fn predict(&self, tracks: &mut Tracks) -> Result<(), StoreError> {
        let mut calls: BTreeMap<String, (Target, Vec<(Affected, Call)>)> = BTreeMap::new();
        for (affected, call) in std::mem::take(&mut tracks.telling) {
            let target = Target { last: true, ..Target::of(&affected, call.time) };
            let (_, known) = calls.entry(target.key()).or_insert_with(|| (target, Vec::new()));
            // The same record twice in a batch is one call.
            if known.iter().all(|(_, other)| other.event_id != call.event_id) {
                known.push((affected, call));
            }
        }
        let (Some(scanner), Some((harvests, _))) = (&self.scanner, &self.harvests) else { return Ok(()) };
        let (mut targets, mut found) = (Vec::new(), Vec::new());
        for (target, mut calls) in calls.into_values() {
            calls.sort_by_key(|(_, call)| call.time);
            let forecast = scanner.forecast(&target, &calls).await?;
            if !forecast.is_empty() {
                targets.push(target);
                found.extend(forecast);
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        harvests.ask(&targets, LAST_LOOK).await?;
        scanner.foretell(&found).await
    }
}

impl Target {
    /// What a call at `since` affects.
    pub(super) fn of(affected: &Affected, since: Timestamp) -> Self {
        Self {
            account: affected.account.clone(),
            region: affected.region.clone(),
            resource_type: affected.resource_type.clone(),
            which: affected.which.clone(),
            since,
            tries: 0,
            last: false,
        }
    }
}
