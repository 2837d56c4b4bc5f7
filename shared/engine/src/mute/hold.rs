//! What becomes of a notice whose finding is muted: it waits, and is asked about again.

use model::{Finding, Notice, NoticeId, SignedDuration, Status, Timestamp};

use super::{Book, about};
use crate::ports::{Store, StoreError};

/// How long a notice waits at most until it is asked again whether its finding is muted: somebody may have removed the
/// mute, or somebody else may have made the same call.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What to do with a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Tell.
    No,
    /// Ask again then; this mute covers the finding.
    Until(Timestamp, String),
    /// Never tell, for this reason.
    Never(String),
}

impl Book {
    /// What to do with `notice` of `finding` at `now`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn hold(
        &self,
        store: &dyn Store,
        notice: &Notice,
        finding: &Finding,
        now: Timestamp,
    ) -> Result<Hold, StoreError> {
        let mutes = self.current(now).await;
        let background = about(store, &mutes, finding, now).await?;
        let Some(mute) = mutes.covering(finding, &background, now) else { return Ok(Hold::No) };
        if finding.status == Status::Resolved {
            // People who were told before it was muted are told of the end, too.
            let end = NoticeId::of_end(&finding.id, finding.latest.event_time, &notice.channel);
            let told = mute.created > finding.latest.event_time;
            let over = || Hold::Never(format!("it was resolved while the mute {} covered it", mute.id));
            return Ok(if notice.id == end && told { Hold::No } else { over() });
        }
        if is_outdated(notice, finding) {
            return Ok(Hold::Never(format!("a newer notice waits for the end of the mute {}", mute.id)));
        }
        let again = now.checked_add(AGAIN).unwrap_or(now).min(mute.expires);
        Ok(Hold::Until(again, mute.id.clone()))
    }
}

/// Whether a notice of a later day tells of the finding, so that not all days of a mute are told when it ends. The newest
/// occurrence has a notice of its own if none is worse.
fn is_outdated(notice: &Notice, finding: &Finding) -> bool {
    let newest = NoticeId::new(&finding.id, finding.latest.event_time, &notice.channel);
    let (own, newest) = (notice.id.as_str(), newest.as_str());
    let suffix = format!("-{}", notice.channel);
    let is_of_a_day = own.len() == newest.len() && own.ends_with(&suffix);
    is_of_a_day && own < newest && finding.latest.severity >= finding.severity
}
