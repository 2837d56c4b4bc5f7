//! `s3://BUCKET/PREFIX`: the objects behind a prefix, a few at a time.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use aws::Bucket;
use engine::ingest::TrailKey;
use engine::ports::{Object, Trail, TrailError};
use futures_util::StreamExt as _;

use crate::args::Days;
use crate::exit::Failure;

/// So many objects are fetched at once, and so many wait to be judged: each has up to 50 MB.
const AT_ONCE: usize = 4;
const WAITING: usize = 2;

/// Names that log files end with.
const ENDS: [&str; 6] = [".json", ".jsonl", ".ndjson", ".log", ".gz", ".zip"];

/// Where objects are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
}

impl Address {
    /// Reads `s3://BUCKET` and `s3://BUCKET/PREFIX`; `None` of every other path.
    pub(crate) fn parse(path: &Path) -> Option<Self> {
        let rest = path.to_str()?.strip_prefix("s3://")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        (!bucket.is_empty()).then(|| Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

/// What comes from a bucket.
#[derive(Debug)]
pub(super) enum Fetched {
    /// There is an object of this size.
    Listed(u64),
    /// An object, with its name for people.
    File(String, Vec<u8>),
    /// One that cannot be read, or the rest of a listing.
    Failed(TrailError),
}

impl Days {
    /// Whether a file may be one of these days. One whose key has no day may.
    pub(crate) fn hold(&self, key: &str) -> bool {
        let Some(TrailKey { day, .. }) = TrailKey::parse(key) else { return true };
        self.since.as_deref().is_none_or(|since| day >= since)
            && self.until.as_deref().is_none_or(|until| day <= until)
    }
}

/// The log files behind a prefix, in the order of their keys, as they come. Digests hold no events.
///
/// # Errors
/// When no thread can be had to fetch them.
pub(super) fn objects(address: Address, days: &Days) -> Result<Receiver<Fetched>, Failure> {
    let (hand, handed) = sync_channel(WAITING);
    let days = days.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("fetch".into()).spawn(move || {
        if let Err(error) = runtime.block_on(fetch(&address, &days, &hand)) {
            let _ = hand.send(Fetched::Failed(error));
        }
    })?;
    Ok(handed)
}

/// Fetches page by page, so that memory does not grow with the bucket. Ends when nobody listens any more.
async fn fetch(address: &Address, days: &Days, hand: &SyncSender<Fetched>) -> Result<(), TrailError> {
    let bucket = Bucket::open(&address.bucket).await?;
    let mut after = None;
    loop {
        let page = bucket.list(&address.prefix, after.as_deref(), false).await?;
        let wanted: Vec<Object> =
            page.objects.into_iter().filter(|object| is_log(&object.key) && days.hold(&object.key)).collect();
        for object in &wanted {
            if hand.send(Fetched::Listed(object.size)).is_err() {
                return Ok(());
            }
        }
        let files = wanted.iter().map(|object| bucket.file(&object.key));
        let mut files = std::pin::pin!(futures_util::stream::iter(files).buffered(AT_ONCE));
        let mut names = wanted.iter();
        while let (Some(file), Some(object)) = (files.next().await, names.next()) {
            let name = format!("s3://{}/{}", address.bucket, object.key);
            let fetched = file.map_or_else(Fetched::Failed, |file| Fetched::File(name, file.bytes));
            if hand.send(fetched).is_err() {
                return Ok(());
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

fn is_log(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ENDS.iter().any(|end| key.ends_with(end)) && !key.contains("cloudtrail-digest/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_bucket_and_may_have_a_prefix() {
        let of = |text: &str| Address::parse(Path::new(text)).map(|found| (found.bucket, found.prefix));
        assert_eq!(of("s3://trails"), Some(("trails".into(), String::new())));
        assert_eq!(of("s3://trails/our logs/AWSLogs"), Some(("trails".into(), "our logs/AWSLogs".into())));
        assert_eq!(of("s3://"), None);
        assert_eq!(of("folder/s3"), None);
    }

    #[test]
    fn days_are_those_in_keys() {
        let key = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/20/111122223333_CloudTrail_eu-west-1_20261120T0915Z_x.json.gz";
        let hold = |since: &str, until: &str| {
            let day = |day: &str| (!day.is_empty()).then(|| day.to_owned());
            Days { since: day(since), until: day(until) }.hold(key)
        };
        assert!(hold("", "") && hold("2026/11/20", "2026/11/20") && hold("2026/02/01", ""));
        assert!(!hold("2026/11/21", "") && !hold("", "2026/11/19"));
    }
}
