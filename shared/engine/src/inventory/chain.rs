//! The sessions behind a caller: who assumed the role whose session made the call, and who assumed that one's.
//!
//! The call that opens a session answers with the session's access key id; whatever is done in the session carries it.
//! `AssumeRole` and its kin, <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>.

use model::{Actor, Call, Cause, Hop, Moment, Outcome, TimelineId, Timestamp};

use crate::ports::{Inventory, StoreError};

/// So many sessions are followed. Role chaining has no limit, people's patience has.
const LONGEST: usize = 8;

/// Adds the sessions behind the callers of a cause.
pub(crate) async fn add_chains(inventory: &dyn Inventory, cause: &mut Cause) -> Result<(), StoreError> {
    for culprit in &mut cause.calls {
        culprit.chain = behind(inventory, &culprit.actor, culprit.time).await?;
    }
    Ok(())
}

/// The sessions behind an actor, the nearest first.
pub(crate) async fn behind(
    inventory: &dyn Inventory,
    actor: &Actor,
    time: Timestamp,
) -> Result<Vec<Hop>, StoreError> {
    let mut hops: Vec<Hop> = Vec::new();
    let mut key = actor.access_key.clone();
    while !key.is_empty() && hops.len() < LONGEST {
        let opened = inventory.timeline(&[TimelineId::of_session(&key)], Timestamp::UNIX_EPOCH, time).await?;
        let Some(call) = opener(&opened) else { break };
        key = call.actor.access_key.clone();
        hops.push(Hop {
            role: call.role.clone(),
            event_id: call.event_id.clone(),
            account: call.account.clone(),
            time: call.time,
            actor: call.actor.clone(),
        });
    }
    Ok(hops)
}

/// Of the records that several accounts have of one call, the one that tells more of the caller.
fn opener(moments: &[Moment]) -> Option<&Call> {
    let calls = moments.iter().filter_map(Moment::as_call).filter(|call| call.outcome == Outcome::Success);
    calls.max_by_key(|call| (!call.actor.access_key.is_empty(), call.actor.principal.begins_with("arn:")))
}
