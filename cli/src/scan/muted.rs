//! Which findings of a scan are muted.

use std::collections::HashMap;

use engine::mute::about;
use engine::ports::{Clock as _, Store, SystemClock};
use engine::scan::Judged;
use model::{FindingId, Muted};
use rules::Truth;

use crate::exit::Failure;
use crate::mute::Filed;

/// Those that are muted, with what mutes them.
pub(super) type AllMuted = HashMap<FindingId, Muted>;

/// Asks for each finding of a scan which mute covers it.
pub(super) async fn of(judged: &[Judged], filed: &Filed, store: &dyn Store) -> Result<AllMuted, Failure> {
    let now = SystemClock.now();
    let mutes = filed.mutes(store, now).await?;
    let mut muted = AllMuted::new();
    if mutes.iter().next().is_none() {
        return Ok(muted);
    }
    for judged in judged.iter().filter(|judged| judged.truth == Truth::True) {
        let Some(finding) = store.finding(&judged.finding).await? else { continue };
        let background = about(store, &mutes, &finding, now).await?;
        if let Some(mute) = mutes.covering(&finding, &background, now) {
            muted.insert(judged.finding.clone(), mute.into());
        }
    }
    Ok(muted)
}
