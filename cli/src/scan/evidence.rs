//! What was read of the resources that a scan's findings are about.

use engine::ports::Store;
use report::Verdict;

use crate::exit::Failure;

/// Adds what is kept beside each finding whose fix needs values.
pub(super) async fn add(verdicts: &mut [Verdict], store: &dyn Store) -> Result<(), Failure> {
    for verdict in verdicts {
        let needs = verdict.rule.as_ref().is_some_and(|rule| rule.fix.paths().next().is_some());
        let Some(id) = verdict.finding.as_ref().filter(|_| needs) else { continue };
        if let Some(finding) = store.finding(id).await? {
            verdict.evidence = finding.latest.evidence;
        }
    }
    Ok(())
}
