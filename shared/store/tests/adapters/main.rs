//! The conformance suite on every adapter, and what only one adapter has to do.
//!
//! DynamoDB's tests are ignored unless `TRAILPOST_TEST_DYNAMODB` says the URL of an endpoint: an emulator's, since they
//! make and drop tables there.

#[cfg(feature = "dynamodb")]
mod dynamodb;
mod orders;
#[cfg(feature = "sqlite")]
mod sqlite;

use libtest_mimic::{Arguments, Failed, Trial};
use model::Timestamp;
use tokio::runtime::{Builder, Runtime};
use trailpost_store::Memory;
use trailpost_store::conformance::CASES;

fn main() {
    let mut trials = memory();
    #[cfg(feature = "sqlite")]
    trials.extend(sqlite::trials());
    #[cfg(feature = "dynamodb")]
    trials.extend(dynamodb::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
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
