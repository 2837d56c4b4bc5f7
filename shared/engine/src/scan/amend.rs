//! Better causes of findings, once an event that was late explains what was seen before it came.

use model::{
    Assessment, Basis, Cause, Certainty, Finding, FindingId, Moment, NoticePolicy, Posture, Resolution,
    Standing, State, Timestamp, Turn, Untrusted,
};

use super::Scanner;
use crate::check::Checker;
use crate::inventory::{Suspects, Trace, add_chains, attribute, made};
use crate::ports::{Store, StoreError};

impl Scanner {
    /// Has those of `findings`, about one resource, that opened or ended at `seen_at` say which of `suspects` did it, if that says more.
    pub(crate) async fn amend(
        &self,
        findings: &[Finding],
        seen_at: Timestamp,
        turn: Turn,
        suspects: &Suspects,
    ) -> Result<(), StoreError> {
        let mut assessments = Vec::new();
        for finding in findings {
            for (standing, known) in episodes(finding, seen_at) {
                let mut cause = attribute(turn, &Trace::of_patch(&known.patch), suspects);
                if !cause.corrects(&known) {
                    continue;
                }
                add_chains(self.store.as_ref(), &mut cause).await?;
                let cause = Cause { calls: cause.calls, certainty: cause.certainty, ..known };
                assessments.extend(amended(finding.clone(), standing, seen_at, cause));
            }
        }
        // Nobody has to hear of a finding again because more is known of it.
        let nobody = NoticePolicy::default();
        self.store.assess(&assessments, &nobody, self.clock.now()).await.map(drop)
    }

    /// Has the newest episodes of `findings`, about one resource, that nothing explains say which of the calls among `moments` made it so: of
    /// what was seen for the first time there is no difference to explain.
    pub(crate) async fn amend_unexplained(
        &self,
        findings: &[Finding],
        moments: &[Moment],
    ) -> Result<(), StoreError> {
        let mut assessments = Vec::new();
        for finding in findings {
            let Some(episode) = finding.posture.as_ref().and_then(Posture::episode) else { continue };
            let (seen_at, known) = (episode.opened_at, episode.cause.clone());
            if known.certainty > Certainty::None {
                continue;
            }
            let suspects = Suspects::among(moments, None, seen_at);
            let mut cause = made(&Trace::of_patch(&known.patch), &suspects);
            if cause.improves(&known) && cause.certainty > Certainty::None {
                add_chains(self.store.as_ref(), &mut cause).await?;
                let cause = Cause { calls: cause.calls, certainty: cause.certainty, ..known };
                let (message, evidence) = (finding.latest.message.clone(), finding.latest.evidence.clone());
                let standing = Standing::Finding { message, evidence };
                assessments.extend(amended(finding.clone(), standing, seen_at, cause));
            }
        }
        let nobody = NoticePolicy::default();
        self.store.assess(&assessments, &nobody, self.clock.now()).await.map(drop)
    }
}

/// The findings about a resource by the checks of its type, over or not.
///
/// # Errors
/// When the store fails.
pub async fn findings_about(
    store: &dyn Store,
    checker: &Checker,
    state: &State,
) -> Result<Vec<Finding>, StoreError> {
    let (account, region) = (Untrusted::new(state.account.as_str()), Untrusted::new(state.region.as_str()));
    let checks = checker.checks(&state.resource_type);
    let ids = checks.map(|check| FindingId::of_resource(&check.id, &account, &region, &state.arn));
    store.findings_among(&ids.collect::<Vec<_>>()).await
}

/// What began and what ended with the look at `seen_at`, and the causes that are known.
fn episodes(finding: &Finding, seen_at: Timestamp) -> Vec<(Standing, Cause)> {
    let mut found = Vec::new();
    for episode in finding.posture.iter().flat_map(|posture| &posture.episodes) {
        if episode.opened_at == seen_at {
            let (message, evidence) = (finding.latest.message.clone(), finding.latest.evidence.clone());
            found.push((Standing::Finding { message, evidence }, episode.cause.clone()));
        }
        if episode.resolved_at == Some(seen_at) {
            let fix = episode.fix.clone().unwrap_or_default();
            found.push((Standing::Over(Resolution::Clean), fix));
        }
    }
    found
}

/// The assessment of that look, with the cause.
fn amended(finding: Finding, standing: Standing, seen_at: Timestamp, cause: Cause) -> Option<Assessment> {
    let posture = finding.posture?;
    Some(Assessment {
        rule: finding.rule,
        title: finding.title,
        severity: finding.severity,
        account: finding.account,
        region: finding.region,
        resource_type: posture.resource_type,
        resource: posture.resource,
        standing,
        cause: Some(cause),
        observed_at: seen_at,
        basis: Basis::Read,
        lane: finding.latest.lane,
    })
}
