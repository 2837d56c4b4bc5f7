//! What came and went between two looks, so that neither shows it.

use catalog::resource::How;
use model::Call;

use super::cause::About;
use super::named::takes_unknown;
use super::trace::{asked, takes};
use crate::mapping::Set;
use crate::mapping::outcome::told_by;
use crate::mapping::taken::takes_any;

/// Who may have turned a verdict though nothing that they did is to be seen: one put an element into a list that another
/// took away again, and one of `possible` came in between.
pub(super) fn undone<'s>(
    about: About,
    calls: &[&'s Call],
    possible: &[&'s Call],
    is_like: &dyn Fn(&Call) -> bool,
) -> Vec<&'s Call> {
    let mut put: Vec<&Call> = Vec::new();
    let mut found = Vec::new();
    for call in calls {
        if !takes(call) {
            put.push(call);
            continue;
        }
        let (earlier, left) = put.into_iter().partition(|put| takes_back(call, put));
        put = left;
        let earlier: Vec<&Call> = earlier;
        let counts = || possible.iter().filter(|one| one.time <= call.time);
        if about == About::Opening {
            let is_first =
                |put: &&Call| is_like(put) && counts().any(|one| one != put && one.time >= put.time);
            found.extend(earlier.into_iter().filter(is_first));
        } else if is_like(call) && counts().next().is_some() {
            // Who put what it took may have been told of an earlier difference.
            found.push(*call);
        }
    }
    found
}

/// Whether a call takes away what another one put, or a part of it: it asks for the same, or describes it otherwise.
fn takes_back(take: &Call, put: &Call) -> bool {
    let (taken, puts) = (told_by(take), told_by(put));
    let taken = taken.iter().filter(|set| set.how == How::Take);
    let is_of = |taken: &Set, put: &Set| put.how == How::Add && put.member == taken.member;
    let is_taken = |taken: &Set| {
        let mut puts = puts.iter().filter(|put| is_of(taken, put));
        puts.any(|put| takes_any(&taken.value(), &put.value()))
    };
    takes_unknown(take) || asked(take).texts == asked(put).texts || taken.clone().any(is_taken)
}
