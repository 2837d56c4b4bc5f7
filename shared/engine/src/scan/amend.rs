//! Better causes of findings, once an event that was late explains what was seen before it came.

use std::collections::BTreeMap;

use model::{
    Assessment, Basis, Cause, Certainty, Episode, Finding, FindingId, Moment, NoticePolicy, Resolution,
    Standing, State, Timestamp, Turn, Untrusted,
};
use rules::Truth;
use serde_json::Value;

use super::Scanner;
use super::way::Way;
use crate::check::Checker;
use crate::inventory::{
    About, LAG, Past, Question, SKEW, Suspects, Trace, add_chains, at, attribute, made, told as calls_told,
};
use crate::ports::{Store, StoreError};

impl Scanner {
    /// Has those of `findings`, about the resource of `state` with those moments, that opened or ended at `seen_at` say
    /// which of `suspects` did it.
    pub(crate) async fn amend(
        &self,
        findings: &[Finding],
        (state, moments): (&State, &[Moment]),
        (seen_at, turn): (Timestamp, Turn),
        suspects: &Suspects,
    ) -> Result<(), StoreError> {
        let looks = || {
            let (before, after) = (at(state, moments, suspects.since()?), at(state, moments, seen_at));
            match (before, after) {
                (Past::Present(Value::Object(before)), Past::Present(Value::Object(after))) => {
                    Some((before, after))
                }
                _ => None,
            }
        };
        let looks = if turn == Turn::Changed { looks() } else { None };
        let mut assessments = Vec::new();
        for finding in findings {
            for (standing, at, known) in episodes(finding, seen_at) {
                let about = match standing {
                    Standing::Over(_) => About::Ending,
                    Standing::Finding { .. } => About::Opening,
                };
                let question = Question { turn, decisive: known.decisive, about };
                let found = attribute(question, &Trace::of_patch(&known.patch), suspects);
                let mut cause = Cause { calls: found.calls, certainty: found.certainty, ..known.clone() };
                if let Some((before, after)) = &looks {
                    let way = Way::new(&self.checker, state, &finding.rule, seen_at);
                    let wanted = if about == About::Ending { Truth::False } else { Truth::True };
                    cause = way.hold(cause, suspects, (before, Some(after)), wanted);
                }
                // What made it anew did not end what was before.
                let is_other = turn == Turn::Appeared && about == About::Ending;
                if is_other || !cause.corrects(&known) || (turn == Turn::Changed && known.between.is_none()) {
                    continue;
                }
                add_chains(self.store.as_ref(), &mut cause).await?;
                assessments.extend(amended(finding.clone(), standing, at, cause));
            }
        }
        // Nobody has to hear of a finding again because more is known of it.
        let nobody = NoticePolicy::default();
        self.store.assess(&assessments, &nobody, self.clock.now()).await.map(drop)
    }

    /// Has those episodes of `findings`, about the resource of `state`, that the record of a call began say which call did
    /// it: another one that was told later may have done the same before.
    pub(crate) async fn amend_told(&self, findings: &[Finding], state: &State) -> Result<(), StoreError> {
        let told = findings.iter().filter_map(|finding| Some((finding, finding.posture.as_ref()?)));
        let told = told.flat_map(|(finding, posture)| {
            let told = posture.episodes.iter().filter(|episode| episode.is_told() && !episode.is_withdrawn());
            told.filter_map(move |episode| Some((finding, episode, episode.cause.between?)))
        });
        let told: Vec<(&Finding, &Episode, (Timestamp, Timestamp))> = told.collect();
        let Some(first) = told.iter().map(|(_, _, (since, _))| *since).min() else { return Ok(()) };
        let last = told.iter().map(|(_, _, (_, called_at))| *called_at).max().unwrap_or(first);
        let told_of =
            calls_told(self.store.as_ref(), &state.timelines(), first - LAG, state.read_at.max(last)).await?;
        let moments: Vec<Moment> = told_of.iter().filter(|moment| moment.time <= last).cloned().collect();
        let mut assessments = Vec::new();
        for (finding, episode, (since, called_at)) in told {
            let suspects = Suspects::up_to_a_call(&moments, since, called_at);
            let known = &episode.cause;
            let question = Question { turn: Turn::Changed, decisive: known.decisive, about: About::Opening };
            let found = attribute(question, &Trace::of_patch(&known.patch), &suspects);
            let mut cause = Cause { calls: found.calls, certainty: found.certainty, ..known.clone() };
            if let Past::Present(Value::Object(before)) = at(state, &told_of, since) {
                let way = Way::new(&self.checker, state, &finding.rule, called_at);
                cause = way.hold(cause, &suspects, (&before, None), Truth::True);
            }
            if cause.corrects(known) {
                add_chains(self.store.as_ref(), &mut cause).await?;
                let (message, evidence) = (finding.latest.message.clone(), finding.latest.evidence.clone());
                let standing = Standing::Finding { message, evidence };
                assessments.extend(amended(finding.clone(), standing, episode.opened_at, cause));
            }
        }
        let nobody = NoticePolicy::default();
        self.store.assess(&assessments, &nobody, self.clock.now()).await.map(drop)
    }

    /// Has those episodes of `findings`, about the resource of `state`, that the record of a call began and that were over
    /// before anybody looked say which call ended them: it may be told only now.
    pub(crate) async fn amend_undone(&self, findings: &[Finding], state: &State) -> Result<(), StoreError> {
        let ends = self.ends_of_told(findings, state).await?.into_iter();
        let ends = ends.filter_map(|(finding, observed_at, cause)| {
            amended(finding, Standing::Over(Resolution::Clean), observed_at, cause)
        });
        let nobody = NoticePolicy::default();
        self.store.assess(&ends.collect::<Vec<_>>(), &nobody, self.clock.now()).await.map(drop)
    }

    /// Has those episodes of `findings`, about the resource of `state`, say which call made it so that no difference
    /// explains: what was seen for the first time.
    pub(crate) async fn amend_first_seen(
        &self,
        findings: &[Finding],
        state: &State,
    ) -> Result<(), StoreError> {
        // Of what nobody has told yet how it began, nothing says which part of the resource counts.
        let is_first =
            |episode: &&Episode| episode.cause.between.is_none() && !episode.cause.patch.is_empty();
        let episodes = |finding: &Finding| finding.posture.clone().map(|posture| posture.episodes);
        let first = findings.iter().flat_map(|finding| {
            let first = episodes(finding).unwrap_or_default();
            first
                .into_iter()
                .filter(|episode| is_first(&episode))
                .map(|episode| (finding.clone(), episode))
                .collect::<Vec<_>>()
        });
        let first: Vec<(Finding, Episode)> = first.collect();
        let Some(last) = first.iter().map(|(_, episode)| episode.opened_at).max() else { return Ok(()) };
        let moments =
            calls_told(self.store.as_ref(), &state.timelines(), Timestamp::UNIX_EPOCH, last + SKEW).await?;
        let mut assessments = Vec::new();
        for (finding, episode) in first {
            let (seen_at, known) = (episode.opened_at, episode.cause);
            let suspects = Suspects::among(&moments, (None, &BTreeMap::new()), seen_at);
            let found = made(known.decisive, &Trace::of_patch(&known.patch), &suspects);
            let mut cause = Cause { calls: found.calls, certainty: found.certainty, ..known.clone() };
            if cause.certainty > Certainty::None && cause.corrects(&known) {
                add_chains(self.store.as_ref(), &mut cause).await?;
                let (message, evidence) = (finding.latest.message.clone(), finding.latest.evidence.clone());
                let standing = Standing::Finding { message, evidence };
                assessments.extend(amended(finding, standing, seen_at, cause));
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

/// What began and what ended because of what the look at `seen_at` saw: when, and the causes that are known.
fn episodes(finding: &Finding, seen_at: Timestamp) -> Vec<(Standing, Timestamp, Cause)> {
    // A later look may have been the first that could judge it.
    let is_it = |at: Timestamp, cause: &Cause| match cause.between {
        Some((_, until)) => until == seen_at,
        None => at == seen_at,
    };
    let mut found = Vec::new();
    for episode in finding.posture.iter().flat_map(|posture| &posture.episodes) {
        if !episode.is_told() && is_it(episode.opened_at, &episode.cause) {
            let (message, evidence) = (finding.latest.message.clone(), finding.latest.evidence.clone());
            found.push((Standing::Finding { message, evidence }, episode.opened_at, episode.cause.clone()));
        }
        let fix = episode.fix.clone().unwrap_or_default();
        if let Some(resolved_at) = episode.resolved_at.filter(|at| is_it(*at, &fix)) {
            found.push((Standing::Over(Resolution::Clean), resolved_at, fix));
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
