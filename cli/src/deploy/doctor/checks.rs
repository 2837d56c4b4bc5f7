//! Every check of `trailpost deploy doctor`, in the order in which events pass.

mod alarms;
pub(super) mod clock;
mod events;
mod functions;
pub(super) mod producers;
mod queues;
mod reach;
mod stack;
mod tables;
mod topics;
mod trail;

use super::check::Check;

/// All checks.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().copied().flatten().chain(producers::checks())
}

static CHECKS: &[&[Check]] = &[
    clock::CHECKS,
    stack::CHECKS,
    trail::CHECKS,
    events::CHECKS,
    queues::CHECKS,
    functions::CHECKS,
    tables::CHECKS,
    topics::CHECKS,
    alarms::CHECKS,
    reach::CHECKS,
];

/// What to do about a thing of the stack that somebody deleted: CloudFormation believes that it is still there.
const MAKE_AGAIN: &str = "make it again under the same name as template.yaml has it; \
     `aws cloudformation detect-stack-drift` lists what else differs";
