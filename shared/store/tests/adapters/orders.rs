//! Arrivals in an order that nobody thought of.

use engine::ports::Store;
use libtest_mimic::Failed;
use model::Timestamp;
use proptest::collection::vec;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use tokio::runtime::Runtime;
use trailpost_store::conformance::order::{SIGHTINGS, arrivals_end_the_same};

/// Draws batches of sightings, with repetitions, and records each draw as findings of its own.
pub(crate) fn any(draws: u32, runtime: &Runtime, store: &dyn Store) -> Result<(), Failed> {
    let config = Config {
        cases: draws,
        rng_seed: RngSeed::Fixed(22),
        max_shrink_iters: 64,
        failure_persistence: None,
        ..Config::default()
    };
    let batches = vec(vec(0..SIGHTINGS, 0..8), 0..8);
    let drawn = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&batches, |batches| {
            drawn.set(drawn.get() + 1);
            let rule = format!("draw {}", drawn.get());
            runtime
                .block_on(arrivals_end_the_same(store, Timestamp::now(), &rule, &batches))
                .map_err(|error| TestCaseError::fail(error.to_string()))
        })
        .map_err(|failure| failure.to_string().into())
}
