//! How fast an account is asked: a bucket of tokens for each account, region and service, so that a scan leaves the
//! account's own work its share of the API.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Calls a second, and calls at once, where nothing else is said. Half of what EC2 gives to most read actions,
/// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>.
const USUAL: Rate = Rate { per_second: 10.0, burst: 50.0 };

/// Services that bear more. S3 counts requests in thousands a second,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>.
const FAST: &[(&str, Rate)] = &[("s3", Rate { per_second: 200.0, burst: 400.0 })];

#[derive(Debug, Clone, Copy)]
struct Rate {
    per_second: f64,
    burst: f64,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
    rate: Rate,
}

type Key = (String, String, String);

/// The buckets.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    buckets: Mutex<HashMap<Key, Bucket>>,
    unlimited: bool,
}

impl Limits {
    /// No limits at all: for an endpoint of the user's own.
    pub(crate) fn none() -> Self {
        Self { unlimited: true, ..Self::default() }
    }

    /// Waits until one more call may be made.
    pub(crate) async fn take(&self, account: &str, region: &str, service: &str) {
        if self.unlimited {
            return;
        }
        loop {
            let wait = {
                let mut buckets = self.buckets.lock().await;
                let key = (account.to_owned(), region.to_owned(), service.to_owned());
                buckets.entry(key).or_insert_with(|| Bucket::new(service)).take(Instant::now())
            };
            match wait {
                None => return,
                Some(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// The service asked for patience: from now on it is asked half as often.
    pub(crate) async fn slow_down(&self, account: &str, region: &str, service: &str) {
        let key = (account.to_owned(), region.to_owned(), service.to_owned());
        if let Some(bucket) = self.buckets.lock().await.get_mut(&key) {
            bucket.rate.per_second = (bucket.rate.per_second / 2.0).max(0.5);
            bucket.tokens = bucket.tokens.min(1.0);
        }
    }
}

impl Bucket {
    fn new(service: &str) -> Self {
        let rate = FAST.iter().find(|(name, _)| *name == service).map_or(USUAL, |(_, rate)| *rate);
        Self { tokens: rate.burst, filled: Instant::now(), rate }
    }

    /// Takes a token; says how long to wait where there is none.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        let grown = now.duration_since(self.filled).as_secs_f64() * self.rate.per_second;
        self.tokens = (self.tokens + grown).min(self.rate.burst);
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        Some(Duration::from_secs_f64((1.0 - self.tokens) / self.rate.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_then_time_pays() {
        let mut bucket = Bucket::new("iam");
        let start = Instant::now();
        let free = (0..60).filter(|_| bucket.take(start).is_none()).count();
        assert_eq!(free, 50);
        let second = start + Duration::from_secs(1);
        let later = (0..60).filter(|_| bucket.take(second).is_none()).count();
        assert_eq!(later, 10);
        let wait = bucket.take(second).unwrap();
        assert!(wait <= Duration::from_millis(101), "{wait:?}");
    }
}
