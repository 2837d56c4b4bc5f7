//! What a finding about a resource says already, so that a look that says the same costs no write.

use jiff::{SignedDuration, Timestamp};

use crate::finding::digest;
use crate::{Assessment, Basis, Finding, Severity, Standing, Status, Untrusted};

/// A finding that stays as it is is written down again after this long: `last_seen` and `checked_at` of an open finding
/// are exact to this.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(12);

/// What an open finding about a resource says, and when that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The first half of the SHA-256 of its title, severity, message and evidence, in hexadecimal digits.
    pub digest: String,
    /// When the resource was seen so.
    pub seen_at: Timestamp,
}

impl Said {
    /// What `finding` says. `None` where any look changes it: it is not about a resource, is over, or is provisional.
    pub fn by(finding: &Finding) -> Option<Self> {
        let is_open = finding.posture.is_some() && finding.status == Status::Open;
        (is_open && !finding.is_provisional()).then(|| Self {
            digest: of(&finding.title, finding.severity, &finding.latest.message, &finding.latest.evidence),
            seen_at: finding.last_seen,
        })
    }

    /// Whether `assessment` says this again, not earlier and not so much later that it has to be written down.
    pub fn is_again(&self, assessment: &Assessment) -> bool {
        let Standing::Finding { message, evidence } = &assessment.standing else { return false };
        let is_timely = assessment.observed_at >= self.seen_at
            && assessment.observed_at.duration_since(self.seen_at) < REMEMBERED;
        is_timely
            && assessment.cause.is_none()
            && !matches!(assessment.basis, Basis::Record(_))
            && of(&assessment.title, assessment.severity, message, evidence) == self.digest
    }
}

fn of(title: &str, severity: Severity, message: &Untrusted, evidence: &Untrusted) -> String {
    digest(["said", title, severity.as_str(), message.key(), evidence.key()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Change;
    use crate::assessment::tests::assessment;

    fn seen(message: &str, hour: i64) -> Assessment {
        assessment(Standing::Finding { message: message.into(), evidence: "{}".into() }, hour * 60)
    }

    #[test]
    fn what_is_said_again_within_half_a_day_leaves_the_finding_as_it_is() {
        let (before, _) = seen("m", 1).apply(None);

        let (after, change) = seen("m", 12).apply(before.clone());

        assert_eq!((after, change), (before, Change::Kept));
    }

    #[test]
    fn after_half_a_day_the_finding_says_when_it_was_seen() {
        let (before, _) = seen("m", 1).apply(None);

        let (after, change) = seen("m", 13).apply(before);

        assert_eq!((after.unwrap().last_seen, change), (seen("m", 13).observed_at, Change::Kept));
    }

    #[test]
    fn what_is_said_differently_is_written_down() {
        let (before, _) = seen("m", 1).apply(None);

        let (after, change) = seen("other", 2).apply(before);

        let after = after.unwrap();
        assert_eq!((after.latest.message, after.last_seen), ("other".into(), seen("m", 2).observed_at));
        assert_eq!(change, Change::Kept);
    }

    proptest! {
        /// A store that keeps only `Said` decides as one that reads the whole finding.
        #[test]
        fn saying_again_is_keeping_without_a_change(looks in prop::collection::vec((0_i64..40, 0_u8..3, any::<bool>()), 1..12)) {
            let mut finding = None;
            for (hour, message, early) in looks {
                let basis = if early { Basis::EarlyRead } else { Basis::Read };
                let look = Assessment { basis, ..seen(&message.to_string(), hour) };
                let is_again = finding.as_ref().and_then(Said::by).is_some_and(|said| said.is_again(&look));
                let (after, change) = look.apply(finding.clone());
                if is_again {
                    prop_assert_eq!((&after, change), (&finding, Change::Kept));
                }
                if change == Change::Kept && !is_again {
                    prop_assert_ne!(&after, &finding);
                }
                finding = after;
            }
        }
    }
}
