//! What could not be read is unknown: for every check and everything that it needs. Never a finding, never clean, and
//! nothing is over because of it. One test for each check and for each operation: `cargo test --test denial s3-bucket`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod member;

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
    let conclusion = libtest_mimic::run(&arguments, trials);
    member::tell();
    conclusion.exit();
}
