//! What is over: findings that stood before and do not any more.

use std::collections::HashMap;

use model::{Assessment, Finding, FindingId, Resolution, Standing, Timestamp, Untrusted};
use rules::Truth;

use super::{Judged, Shard};
use crate::check::Checker;
use crate::ports::{Kind, Store, StoreError};

/// Assessments that resolve what stood in `shard` and was not found again. Only what was really seen resolves: a
/// verdict that says clean, or a listing without the resource, if the listing is `whole`. What is unknown leaves a
/// finding as it is.
pub(super) async fn over(
    store: &dyn Store,
    checker: &Checker,
    shard: &Shard,
    whole: bool,
    judged: &[Judged],
    observed_at: Timestamp,
) -> Result<Vec<Assessment>, StoreError> {
    let standing = standing(store, checker, shard).await?;
    let verdicts: HashMap<&FindingId, Truth> =
        judged.iter().map(|judged| (&judged.finding, judged.truth)).collect();
    Ok(standing
        .into_iter()
        .filter_map(|finding| {
            let resolution = match verdicts.get(&finding.id) {
                Some(Truth::False) => Resolution::Clean,
                None if whole => Resolution::Gone,
                Some(Truth::True | Truth::Unknown) | None => return None,
            };
            Some(resolved(finding, shard, resolution, observed_at))
        })
        .collect())
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

/// Whether a finding is about a resource that the shard would have listed.
fn is_in(shard: &Shard, finding: &Finding) -> bool {
    let here = shard.everywhere || finding.region == Untrusted::new(shard.region.as_str());
    let resource = finding.posture.as_ref().map_or(&finding.scope, |posture| &posture.resource);
    here && shard.covers(&finding.region, resource)
}

fn resolved(finding: Finding, shard: &Shard, resolution: Resolution, observed_at: Timestamp) -> Assessment {
    Assessment {
        resource: finding.posture.map(|posture| posture.resource).unwrap_or(finding.scope),
        rule: finding.rule,
        title: finding.title,
        severity: finding.severity,
        account: finding.account,
        region: finding.region,
        resource_type: shard.resource_type.clone(),
        standing: Standing::Over(resolution),
        observed_at,
        lane: "scan".into(),
    }
}
