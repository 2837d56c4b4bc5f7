//! Waiting for a writer who was faster: short, random, and not for ever.

use std::time::Duration;

use engine::ports::StoreError;

/// The longest first pause; each later one may be twice as long.
const FIRST: Duration = Duration::from_millis(20);
/// The longest pause.
const LONGEST: Duration = Duration::from_millis(320);
/// How many pauses are made before the caller is told to come back later: about a second and a half in all.
const PAUSES: u32 = 12;

/// Pauses between the tries of one piece of work.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    pauses: u32,
}

impl Backoff {
    /// Makes a pause, or says of `what` that it is too busy.
    pub(super) async fn pause(&mut self, what: &str) -> Result<(), StoreError> {
        if self.pauses >= PAUSES {
            return Err(StoreError::Unavailable(format!("too many writers at {what} at once")));
        }
        let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(self.pauses)).min(LONGEST);
        self.pauses = self.pauses.saturating_add(1);
        tokio::time::sleep(ceiling.mul_f64(fastrand::f64())).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_gives_up_after_a_bounded_time() {
        let start = tokio::time::Instant::now();
        let mut backoff = Backoff::default();
        let mut pauses = 0;
        let error = loop {
            match backoff.pause("a finding").await {
                Ok(()) => pauses += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(pauses, PAUSES);
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        assert_eq!(
            error.to_string(),
            "the store is busy or out of reach: too many writers at a finding at once"
        );
    }
}
