//! What could not be read is unknown: for every check and everything that it needs. Never a finding, never clean, and
//! nothing is over because of it. One test for each check and for each operation: `cargo test --test denial s3-bucket`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../recorded/account.rs"]
mod account;
mod member;
mod operation;
mod state;

use libtest_mimic::{Arguments, Trial};
use rules::Target;
use std::sync::Arc;

fn main() {
    let arguments = Arguments::from_args();
    let loaded = catalog::builtin();
    let mut trials = Vec::new();
    for rule in loaded.rules {
        if let Target::Resource(kind) = &rule.target {
            let (kind, rule) = (kind.clone(), Arc::new(rule));
            let name = format!("{}: what it reads is missing", rule.meta.id);
            trials.push(Trial::test(name, move || member::one(&kind, &rule)));
        }
    }
    trials.extend(operations());
    trials.extend(state::trials());
    let conclusion = libtest_mimic::run(&arguments, trials);
    member::tell();
    operation::tell();
    conclusion.exit();
}

/// One test for each operation with some of the faults, in turns, and one with all of them for a full run.
fn operations() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (index, (operation, shards)) in operation::used().iter().enumerate() {
        let some = [operation::FAULTS[0], operation::FAULTS[1 + index % 6]];
        trials.push(Trial::test(format!("{operation} fails"), move || {
            operation::one(operation, shards, &some)
        }));
        let all = move || operation::one(operation, shards, &operation::FAULTS);
        trials.push(Trial::test(format!("{operation} fails in every way"), all).with_ignored_flag(true));
    }
    trials
}
