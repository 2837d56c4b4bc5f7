//! What is over: findings that stood before and do not any more.

use std::collections::HashMap;

use model::{
    Assessment, Cause, Finding, FindingId, Posture, Resolution, Standing, State, Timestamp, Untrusted,
};
use rules::{Meta, Truth};

use super::settle::{Extent, Seen};
use super::{Judged, Shard};
use crate::check::Checker;
use crate::inventory::Kept;
use crate::ports::{Kind, Store, StoreError};

/// Assessments that resolve what stood in what was seen and was not found again. Only what was really seen resolves: a
/// verdict that says clean, or a whole listing without the resource. What is unknown leaves a finding as it is.
pub(super) async fn over(
    store: &dyn Store,
    checker: &Checker,
    seen: &Seen<'_>,
    judged: &[Judged],
    causes: &mut HashMap<FindingId, Cause>,
) -> Result<Vec<Assessment>, StoreError> {
    let Extent::Shard { shard, whole } = seen.extent else {
        return Ok(of_one(checker, seen, judged, causes));
    };
    let standing = standing(store, checker, shard).await?.into_iter();
    let standing = standing.filter(|finding| !seen.outdated.contains(resource_of(finding)));
    let verdicts: HashMap<&FindingId, Truth> =
        judged.iter().map(|judged| (&judged.finding, judged.truth)).collect();
    Ok(standing
        .filter_map(|finding| {
            let (resolution, cause) = match verdicts.get(&finding.id) {
                Some(Truth::False) => (Resolution::Clean, causes.remove(&finding.id)),
                None if whole => (Resolution::Gone, seen.end_of(&finding)),
                Some(Truth::Unknown) if is_overdue(&finding, seen.observed_at) => {
                    (Resolution::Unconfirmed, None)
                }
                Some(Truth::True | Truth::Unknown) | None => return None,
            };
            Some(resolved(finding, seen, resolution, cause))
        })
        .collect())
}

/// Of one resource, what is clean, or all if it is gone: the store knows whether there is anything to resolve.
fn of_one(
    checker: &Checker,
    seen: &Seen<'_>,
    judged: &[Judged],
    causes: &mut HashMap<FindingId, Cause>,
) -> Vec<Assessment> {
    let mut over = Vec::new();
    let mut add = |check: &Meta, state: &State, resolution, cause| {
        over.push(Assessment {
            rule: check.id.clone(),
            title: check.title.clone(),
            severity: check.severity,
            account: Untrusted::new(state.account.as_str()),
            region: Untrusted::new(state.region.as_str()),
            resource_type: state.resource_type.clone(),
            resource: state.arn.clone(),
            standing: Standing::Over(resolution),
            cause,
            observed_at: seen.observed_at,
            basis: seen.basis,
            lane: seen.lane.into(),
        });
    };
    for kept in seen.kept {
        for check in checker.checks(&seen.row.name) {
            let state = &kept.state;
            if !state.is_present() {
                let cause = kept.difference.as_ref().map(|difference| difference.cause.clone());
                add(check, state, Resolution::Gone, cause);
                continue;
            }
            let is_clean = |judged: &&Judged| judged.check == check.id && judged.resource == state.arn;
            if let Some(judged) = judged.iter().find(is_clean).filter(|judged| judged.truth == Truth::False) {
                add(check, state, Resolution::Clean, causes.remove(&judged.finding));
            }
        }
    }
    over
}

/// The open findings of the checker's checks in `shard`.
pub(super) async fn standing(
    store: &dyn Store,
    checker: &Checker,
    shard: &Shard,
) -> Result<Vec<Finding>, StoreError> {
    let kind = Kind { account: shard.account.clone(), resource_type: shard.resource_type.clone() };
    let is_asked =
        |finding: &Finding| checker.checks(&shard.resource_type).any(|check| check.id == finding.rule);
    let standing = store.standing(&kind).await?.into_iter();
    Ok(standing.filter(|finding| is_asked(finding) && is_in(shard, finding)).collect())
}

/// Whether nobody could confirm in time what the record of a call said.
fn is_overdue(finding: &Finding, now: Timestamp) -> bool {
    let episode = finding.posture.as_ref().and_then(Posture::episode);
    finding.is_provisional() && episode.is_some_and(|episode| !episode.may_still_show(now))
}

/// Whether a finding is about a resource that the shard would have listed.
fn is_in(shard: &Shard, finding: &Finding) -> bool {
    let here = shard.everywhere || finding.region == Untrusted::new(shard.region.as_str());
    here && shard.covers(&finding.region, resource_of(finding))
}

fn resource_of(finding: &Finding) -> &Untrusted {
    finding.posture.as_ref().map_or(&finding.scope, |posture| &posture.resource)
}

impl Seen<'_> {
    /// Why the resource of a finding is gone.
    fn end_of(&self, finding: &Finding) -> Option<Cause> {
        let is_it = |kept: &&Kept| kept.state.arn == *resource_of(finding) && !kept.state.is_present();
        let kept = self.kept.iter().find(is_it)?;
        Some(kept.difference.as_ref()?.cause.clone())
    }
}

pub(super) fn resolved(
    finding: Finding,
    seen: &Seen<'_>,
    resolution: Resolution,
    cause: Option<Cause>,
) -> Assessment {
    Assessment {
        resource: finding.posture.map(|posture| posture.resource).unwrap_or(finding.scope),
        rule: finding.rule,
        title: finding.title,
        severity: finding.severity,
        account: finding.account,
        region: finding.region,
        resource_type: seen.row.name.clone(),
        standing: Standing::Over(resolution),
        cause,
        observed_at: seen.observed_at,
        basis: seen.basis,
        lane: seen.lane.into(),
    }
}
