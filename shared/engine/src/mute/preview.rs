//! What a mute hides, or would.

use model::{Finding, SignedDuration, Status, Timestamp};

use super::{Mutes, about};
use crate::ports::{FindingQuery, Store, StoreError};

/// How many findings are read at once.
const PAGE: usize = 500;

/// How far a preview looks back.
const DAYS: i64 = 30;

/// What mutes cover of what is kept.
#[derive(Debug, Clone, Default)]
pub struct Hidden {
    /// How many findings were looked at.
    pub looked_at: usize,
    /// Those that are covered, newest first, each with the mute that covers it.
    pub findings: Vec<Finding>,
}

impl Hidden {
    /// Those that are still open, of the mute `id`.
    pub fn open_of(&self, id: &str) -> impl Iterator<Item = &Finding> {
        let is_of = move |finding: &&Finding| finding.muted.as_ref().is_some_and(|muted| muted.id == id);
        self.findings.iter().filter(|finding| finding.status == Status::Open).filter(is_of)
    }
}

/// What `mutes` cover at `now` of the findings that are kept: of those about resources all that are open, of all others
/// what was seen within 30 days.
///
/// # Errors
/// When the store fails.
pub async fn hidden(store: &dyn Store, mutes: &Mutes, now: Timestamp) -> Result<Hidden, StoreError> {
    let since = now.checked_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(Timestamp::MIN);
    let mut hidden = Hidden::default();
    if mutes.iter().next().is_none() {
        return Ok(hidden);
    }
    let mut query = FindingQuery { limit: PAGE, ..FindingQuery::default() };
    loop {
        let page = store.findings(&query).await?;
        for mut finding in page.items {
            let stands = finding.posture.is_some() && finding.status == Status::Open;
            if finding.last_seen < since && !stands {
                continue;
            }
            hidden.looked_at = hidden.looked_at.saturating_add(1);
            let background = about(store, mutes, &finding, now).await?;
            if let Some(mute) = mutes.covering(&finding, &background, now) {
                finding.muted = Some(mute.into());
                hidden.findings.push(finding);
            }
        }
        if page.next.is_none() {
            return Ok(hidden);
        }
        query.after = page.next;
    }
}

/// What becomes visible when the mute `id` ends: what it covers just before `at`, and none of `others` covers then.
///
/// # Errors
/// When the store fails.
pub async fn end(
    store: &dyn Store,
    mute: &model::Mute,
    others: &Mutes,
    at: Timestamp,
) -> Result<Vec<Finding>, StoreError> {
    // As if it held on: what it covers is asked now, of findings as they are now.
    let lasting = model::Mute { expires: Timestamp::MAX, ..mute.clone() };
    let (only, _) = Mutes::new([lasting]);
    let mut ends = Vec::new();
    for mut finding in hidden(store, &only, at).await?.findings {
        if finding.status != Status::Open {
            continue;
        }
        let background = about(store, others, &finding, at).await?;
        if others.covering(&finding, &background, at).is_none() {
            finding.muted = None;
            ends.push(finding);
        }
    }
    Ok(ends)
}
