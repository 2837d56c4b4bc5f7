//! Calls with what they take away by ids alone: another call gave the ids, and its record says of what.

use std::collections::BTreeSet;

use catalog::resource::How;
use model::{Call, Moment, TimelineId, Timestamp, What};
use serde_json::Value;

use crate::mapping::Set;
use crate::mapping::outcome::{told_by, written};
use crate::mapping::taken::{Described, described, has, value_of};
use crate::ports::{Inventory, StoreError};

/// The moments of timelines from a time on, their calls with what they take away.
pub(crate) async fn told(
    inventory: &dyn Inventory,
    timelines: &[TimelineId],
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Moment>, StoreError> {
    let mut moments = inventory.timeline(timelines, from, until).await?;
    if !moments.iter().filter_map(Moment::as_call).any(takes_unknown) {
        return Ok(moments);
    }
    let earlier = inventory.timeline(timelines, Timestamp::UNIX_EPOCH, until).await?;
    let named =
        earlier.iter().filter_map(Moment::as_call).flat_map(told_by).filter(|set| set.how == How::Name);
    let named: Vec<Described> = named.flat_map(|set| described(&set.value())).collect();
    for moment in &mut moments {
        if let What::Call(call) = &mut moment.what
            && takes_unknown(call)
        {
            call.sets = written(&resolved(told_by(call), &named));
        }
    }
    Ok(moments)
}

/// Whether nobody knows what a call takes away.
pub(crate) fn takes_unknown(call: &Call) -> bool {
    told_by(call).iter().any(|set| set.how == How::TakeIds)
}

fn resolved(sets: Vec<Set>, named: &[Described]) -> BTreeSet<Set> {
    let answered = sets.iter().filter(|set| set.how == How::Take).flat_map(|set| described(&set.value()));
    let answered: Vec<Described> = answered.collect();
    let resolve = |set: Set| {
        if set.how != How::TakeIds {
            return vec![set];
        }
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for id in described(&set.value()) {
            let is_it = |element: &&Described| id.values().flatten().all(|id| has(element, id));
            match (answered.iter().any(|one| is_it(&one)), named.iter().find(is_it)) {
                (true, _) => {}
                (false, Some(element)) => known.push(value_of(element)),
                (false, None) => unknown.push(value_of(&id)),
            }
        }
        let member = set.member;
        let of = |how: How, values: Vec<Value>| {
            let value = Value::Array(values).to_string();
            Set { member: member.clone(), how, value }
        };
        let mut sets = Vec::new();
        if !known.is_empty() {
            sets.push(of(How::Take, known));
        }
        if !unknown.is_empty() {
            sets.push(of(How::TakeIds, unknown));
        }
        sets
    };
    sets.into_iter().flat_map(resolve).collect()
}
