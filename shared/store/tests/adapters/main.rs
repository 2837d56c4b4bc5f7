//! The conformance suite on every adapter, and what only one adapter has to do.
//!
//! DynamoDB's tests are ignored unless `TRAILPOST_TEST_DYNAMODB` says the URL of an endpoint: an emulator's, since they
//! make and drop tables there.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests; clippy does not see it, since they come without the usual harness"
)]

#[cfg(feature = "dynamodb")]
mod dynamodb;
mod orders;
#[cfg(feature = "dynamodb")]
mod script;
#[cfg(feature = "sqlite")]
mod sqlite;

use libtest_mimic::{Arguments, Failed, Trial};
use model::Timestamp;
use tokio::runtime::{Builder, Runtime};
use trailpost_store::Memory;
use trailpost_store::conformance::CASES;

fn main() {
    let trials = [
        memory(),
        #[cfg(feature = "sqlite")]
        sqlite::trials(),
        #[cfg(feature = "dynamodb")]
        dynamodb::trials(),
        #[cfg(feature = "dynamodb")]
        script::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit();
}

/// Each test has a runtime of its own.
fn runtime() -> Result<Runtime, Failed> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

fn memory() -> Vec<Trial> {
    let cases = CASES.iter().map(|case| {
        Trial::test(format!("memory::{}", case.name), || {
            Ok(runtime()?.block_on((case.run)(&Memory::default(), Timestamp::now()))?)
        })
    });
    let orders = Trial::test("memory::order::any", || orders::any(500, &runtime()?, &Memory::default()));
    cases.chain([orders]).collect()
}
