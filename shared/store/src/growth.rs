//! How a finding grows: the one rule that all adapters follow.

use model::{Finding, Sighting};

/// The finding after `sighting`, whose occurrence it does not hold yet.
pub(crate) fn grown(finding: Option<Finding>, sighting: &Sighting) -> Finding {
    match finding {
        None => Finding::open(sighting),
        Some(mut finding) => {
            finding.add(&sighting.occurrence);
            finding
        }
    }
}
