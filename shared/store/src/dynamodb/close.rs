//! Closing a finding about events: one transaction with the notices of its end.

use engine::ports::StoreError;
use model::{Change, Closing, Finding, FindingId};

use super::DynamoDb;
use super::assess::{write, writes};
use super::backoff::Backoff;
use super::items::read_head;
use super::keys::{HEAD, finding_pk, key};
use super::notices::newest;
use super::read;

pub(super) async fn close(
    store: &DynamoDb,
    id: &FindingId,
    closing: &Closing,
) -> Result<Option<Finding>, StoreError> {
    let mut backoff = Backoff::default();
    loop {
        let head = read::one(store, &store.findings, key(finding_pk(id), HEAD)).await?;
        let head = head.map(|item| read_head(&item)).transpose()?;
        let Some(before) = head.as_ref().map(|head| &head.finding) else { return Ok(None) };
        let Some(after) = before.close(closing) else { return Ok(None) };
        let notices = before.ended(&newest(store, before).await?);
        let all = writes(store, head.as_ref(), &after, Change::Resolved, &notices, closing.at)?;
        if write(store, all).await? {
            return Ok(Some(after));
        }
        // It happened again meanwhile: whoever closes it closes that, too, or it is read anew and nothing is to close.
        backoff.pause(&format!("finding {id}")).await?;
    }
}
