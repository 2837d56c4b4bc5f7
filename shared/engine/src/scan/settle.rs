//! From verdicts to findings: states are kept, causes found, and the store opens, keeps and resolves.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::resource::Row;
use model::{Assessment, Basis, Cause, Change, Finding, NoticePolicy, Standing, State, Timestamp, Untrusted};
use rules::Truth;
use serde_json::{Map, Value};

use super::evidence::evidence;
use super::{Judged, Scanned, Scanner, Shard, causes, standing};
use crate::collect::Resource;
use crate::inventory::{Kept, Look, Looked, keep};
use crate::ports::{Assessed, Kind, StoreError};

/// What was looked at.
#[derive(Clone, Copy)]
pub(super) enum Extent<'a> {
    /// A shard; if it was seen `whole`, what is not among the resources is not there.
    Shard { shard: &'a Shard, whole: bool },
    /// One resource.
    One,
}

/// What was seen of a type.
pub(super) struct Seen<'a> {
    pub(super) row: &'a Row,
    pub(super) extent: Extent<'a>,
    pub(super) resources: &'a [Resource],
    pub(super) kept: &'a [Kept],
    /// The ARNs of resources that somebody else saw later.
    pub(super) outdated: &'a BTreeSet<Untrusted>,
    pub(super) observed_at: Timestamp,
    pub(super) basis: Basis,
    pub(super) lane: &'a str,
}

impl Scanner {
    /// Keeps the states of what a shard listed, and what is told of how they came to be.
    pub(super) async fn keep(
        &self,
        row: &Row,
        shard: &Shard,
        whole: bool,
        resources: &[Resource],
        (observed_at, lane): (Timestamp, &str),
    ) -> Result<Looked, StoreError> {
        let kind = Kind { account: shard.account.clone(), resource_type: shard.resource_type.clone() };
        let is_here = |state: &State| {
            (shard.everywhere || state.region == shard.region)
                && shard.covers(&Untrusted::new(state.region.as_str()), &state.arn)
        };
        let known = self.store.states_of(&kind).await?.into_iter().filter(is_here);
        let known: BTreeMap<_, _> = known.map(|state| (state.key.clone(), state)).collect();
        let listed: BTreeSet<Untrusted> =
            resources.iter().map(|resource| Untrusted::new(resource.arn.as_str())).collect();
        let missing = known.values().filter(|state| whole && !listed.contains(&state.arn));
        let missing = missing.map(|state| state.key.clone()).collect();
        let again = !known.is_empty();
        let look = Look { rows: &self.rows, row, observed_at, lane, again };
        keep(self.store.as_ref(), &look, resources, missing, known).await
    }

    /// Has the store open, keep and resolve findings, and notes what it did.
    pub(super) async fn settle(
        &self,
        seen: &Seen<'_>,
        scanned: &mut Scanned,
        policy: &NoticePolicy,
    ) -> Result<(), StoreError> {
        let Seen { observed_at, .. } = *seen;
        let documents = seen.resources.iter();
        let documents: HashMap<_, _> = documents
            .map(|resource| (Untrusted::new(resource.arn.as_str()), resource.document.clone()))
            .collect();
        let store = self.store.as_ref();
        let judged = &scanned.judged;
        let mut causes =
            causes::causes(store, &self.checker, seen.kept, judged, &documents, observed_at).await?;
        let mut assessments = Vec::new();
        let mut about = Vec::new();
        let stands =
            |judged: &Judged| judged.truth == Truth::True && !seen.outdated.contains(&judged.resource);
        for (index, judged) in scanned.judged.iter().enumerate().filter(|(_, judged)| stands(judged)) {
            let cause = causes.remove(&judged.finding);
            assessments.push(self.finding(judged, seen, cause));
            about.push(index);
        }
        assessments.extend(standing::over(store, &self.checker, seen, &scanned.judged, &mut causes).await?);
        let mut assessed = self.store.assess(&assessments, policy, observed_at).await?;
        self.end_undone(seen, &assessments, &mut assessed).await?;
        self.look_back(seen, &assessments, &assessed, &scanned.judged, &documents).await?;
        self.confirm(seen, &assessments, &assessed).await?;
        for (assessed, index) in assessed.iter().zip(&about) {
            if let Some(judged) = scanned.judged.get_mut(*index) {
                judged.change = assessed.change;
            }
        }
        scanned.pending = assessed.iter().filter(|assessed| assessed.change == Change::Pending).count();
        scanned.resolved = assessed.iter().filter(|assessed| assessed.change == Change::Resolved).count();
        Ok(())
    }

    /// Says of what opened or ended without a cause which earlier difference turned it.
    async fn look_back(
        &self,
        seen: &Seen<'_>,
        assessments: &[Assessment],
        assessed: &[Assessed],
        judged: &[Judged],
        documents: &HashMap<Untrusted, Map<String, Value>>,
    ) -> Result<(), StoreError> {
        let mut better = Vec::new();
        for (assessment, assessed) in assessments.iter().zip(assessed) {
            let begins_or_ends = assessed.change.is_new() || assessed.change == Change::Resolved;
            let kept = seen.kept.iter().find(|kept| kept.state.arn == assessment.resource);
            let verdict = judged.iter().find(|judged| judged.finding == assessed.finding_id);
            let (Some(kept), Some(verdict), true, None) = (kept, verdict, begins_or_ends, &assessment.cause)
            else {
                continue;
            };
            let document = documents.get(&assessment.resource);
            let store = self.store.as_ref();
            let now = seen.observed_at;
            let cause = causes::earlier(store, &self.checker, kept, verdict, document, now).await?;
            better.extend(cause.map(|cause| Assessment { cause: Some(cause), ..assessment.clone() }));
        }
        if better.is_empty() {
            return Ok(());
        }
        self.store.assess(&better, &NoticePolicy::default(), seen.observed_at).await.map(drop)
    }

    /// Says of what the record of a call began, and this look confirms, which call did it.
    async fn confirm(
        &self,
        seen: &Seen<'_>,
        assessments: &[Assessment],
        assessed: &[Assessed],
    ) -> Result<(), StoreError> {
        let mut confirmed: BTreeMap<&Untrusted, Vec<Finding>> = BTreeMap::new();
        for (assessment, assessed) in assessments.iter().zip(assessed) {
            // It turned in this look, and stands already.
            if assessed.change == Change::Kept && assessment.cause.is_some() {
                let finding = self.store.finding(&assessed.finding_id).await?;
                confirmed.entry(&assessment.resource).or_default().extend(finding);
            }
        }
        for (arn, findings) in confirmed {
            if let Some(kept) = seen.kept.iter().find(|kept| kept.state.arn == *arn) {
                self.amend_told(&findings, &kept.state).await?;
            }
        }
        Ok(())
    }

    pub(super) fn finding(&self, judged: &Judged, seen: &Seen<'_>, cause: Option<Cause>) -> Assessment {
        let resource =
            seen.resources.iter().find(|resource| Untrusted::new(resource.arn.as_str()) == judged.resource);
        let meta = self.checker.checks(&judged.resource_type).find(|meta| meta.id == judged.check);
        let evidence = resource
            .map(|resource| evidence(resource, &self.checker.keeps_of(&judged.resource_type, &judged.check)));
        Assessment {
            rule: judged.check.clone(),
            title: meta.map(|meta| meta.title.clone()).unwrap_or_default(),
            severity: judged.severity,
            account: Untrusted::new(judged.account.as_str()),
            region: Untrusted::new(judged.region.as_str()),
            resource_type: judged.resource_type.clone(),
            resource: judged.resource.clone(),
            standing: Standing::Finding {
                message: judged.reason.clone(),
                evidence: Untrusted::new(evidence.unwrap_or_default()),
            },
            cause,
            observed_at: seen.observed_at,
            basis: seen.basis,
            lane: seen.lane.into(),
        }
    }
}
