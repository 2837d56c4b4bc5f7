//! Whether a trail's files are those that CloudTrail wrote: digest by digest, each against the one before it and the files
//! of its hour.
//!
//! What is wrong becomes an event of the engine's own, which signatures in `catalog/trailpost` judge. What could not be
//! read is an error, and nothing is said about it.

use model::Timestamp;
use serde_json::json;

use super::digest::{Digest, DigestError, LogFile, content_hash};
use super::key::TrailKey;
use crate::ports::{PublicKey, Trail, TrailError, TrailFile};

/// Keys are asked for so long around a digest's hour.
const AROUND: std::time::Duration = std::time::Duration::from_hours(24);

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It holds something else than what CloudTrail wrote.
    Altered,
    /// It is not there.
    Missing,
    /// A digest is not CloudTrail's.
    Broken(&'static str),
}

/// A file that is not as CloudTrail left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The fault.
    pub fault: Fault,
    /// The bucket; empty: a folder.
    pub bucket: String,
    /// The file's key.
    pub key: String,
    /// The digest that says so.
    pub digest: String,
    /// The end of that digest's hour.
    pub time: Timestamp,
}

/// A digest that was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// The digest; `None` if it is not CloudTrail's, so that what it says means nothing.
    pub digest: Option<Digest>,
    /// What is wrong with it, and with the one before it.
    pub breaches: Vec<Breach>,
    /// Its signature could not be looked at, because copies of files have none.
    pub unsigned: bool,
}

/// What became of a file that a digest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is what CloudTrail wrote.
    Intact(TrailFile),
    /// It holds something else.
    Altered(TrailFile),
    /// It is not there.
    Missing,
}

/// Keys that CloudTrail signs with, as far as they were asked for.
#[derive(Debug, Default)]
pub struct KeyRing(Vec<PublicKey>);

impl KeyRing {
    /// Keys that are known already.
    pub fn of(keys: Vec<PublicKey>) -> Self {
        Self(keys)
    }

    async fn holds(&mut self, trail: &dyn Trail, region: &str, digest: &Digest) -> Result<(), TrailError> {
        let fingerprint = &digest.digest_public_key_fingerprint;
        if self.0.iter().any(|key| key.fingerprint == *fingerprint) {
            return Ok(());
        }
        let end = digest.end().unwrap_or(Timestamp::UNIX_EPOCH);
        let (from, until) = (end.saturating_sub(AROUND), end.saturating_add(AROUND));
        if let (Ok(from), Ok(until)) = (from, until) {
            self.0.extend(trail.public_keys(region, from, until).await?);
        }
        Ok(())
    }
}

/// Checks the digest at `key`. `signature` is the one that the next digest has of it; without, the one of its object
/// counts.
///
/// # Errors
/// When something could not be read: then nothing is known.
pub async fn check_digest(
    trail: &dyn Trail,
    key: &str,
    signature: Option<&str>,
    keys: &mut KeyRing,
) -> Result<Checked, TrailError> {
    let parts = TrailKey::parse(key);
    let region = parts.map(|parts| parts.region.to_owned()).unwrap_or_default();
    let file = trail.file(key).await?;
    let mut checked = Checked::default();
    let breach = |fault, of: &str, time| Breach {
        fault,
        bucket: trail.bucket().to_owned(),
        key: of.to_owned(),
        digest: key.to_owned(),
        time,
    };
    let broken = |error: DigestError, time| breach(Fault::Broken(reason(&error)), key, time);
    let digest = match Digest::read(&file.bytes) {
        Ok(digest) => digest,
        Err(error) => {
            checked.breaches.push(broken(error, stamp_of(key)));
            return Ok(checked);
        }
    };
    let time = digest.end().unwrap_or_else(|| stamp_of(key));
    let is_here = same_place(&digest.digest_s3_object, key)
        && (trail.bucket().is_empty() || trail.bucket() == digest.digest_s3_bucket);
    if !is_here {
        checked.breaches.push(broken(DigestError::Moved, time));
        return Ok(checked);
    }
    match signature.or(file.signature.as_deref()) {
        Some(signature) => {
            keys.holds(trail, &region, &digest).await?;
            if let Err(error) = digest.verify(signature, &keys.0) {
                checked.breaches.push(broken(error, time));
                return Ok(checked);
            }
        }
        // Copies of objects have no metadata; objects of a bucket do.
        None if trail.bucket().is_empty() => checked.unsigned = true,
        None => {
            checked.breaches.push(broken(DigestError::Unsigned, time));
            return Ok(checked);
        }
    }
    if let (Some(previous), Some(hash)) =
        (&digest.previous_digest_s3_object, &digest.previous_digest_hash_value)
    {
        match trail.file(previous).await {
            Err(TrailError::Gone(_)) => {
                checked.breaches.push(breach(Fault::Broken("it is not there"), previous, time));
            }
            Err(error) => return Err(error),
            Ok(file) if content_hash(&file.bytes).as_ref() != Some(hash) => {
                let fault = Fault::Broken("it holds something else than the next digest says");
                checked.breaches.push(breach(fault, previous, time));
            }
            Ok(_) => {}
        }
    }
    checked.digest = Some(digest);
    Ok(checked)
}

/// Reads a file that a digest names, and compares.
///
/// # Errors
/// When it could not be read: then nothing is known.
pub async fn check_file(trail: &dyn Trail, named: &LogFile) -> Result<Found, TrailError> {
    match trail.file(&named.s3_object).await {
        Err(TrailError::Gone(_)) => Ok(Found::Missing),
        Err(error) => Err(error),
        Ok(file) if content_hash(&file.bytes).as_ref() == Some(&named.hash_value) => Ok(Found::Intact(file)),
        Ok(file) => Ok(Found::Altered(file)),
    }
}

impl Found {
    /// What is wrong, if anything is.
    pub fn breach(&self, trail: &dyn Trail, named: &LogFile, digest: &Digest) -> Option<Breach> {
        let fault = match self {
            Self::Intact(_) => return None,
            Self::Altered(_) => Fault::Altered,
            Self::Missing => Fault::Missing,
        };
        Some(Breach {
            fault,
            bucket: trail.bucket().to_owned(),
            key: named.s3_object.clone(),
            digest: digest.digest_s3_object.clone(),
            time: digest.end().unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

impl Breach {
    /// The event that tells of it.
    pub fn event(&self) -> String {
        let (name, reason) = match self.fault {
            Fault::Altered => ("TrailFileAltered", "it holds something else than its digest says"),
            Fault::Missing => ("TrailFileMissing", "it is not there"),
            Fault::Broken(reason) => ("TrailDigestBroken", reason),
        };
        let Self { bucket, key, digest, time, .. } = self;
        let place = TrailKey::parse(key);
        json!({
            "eventVersion": "1.11",
            "eventSource": "trailpost.engine",
            "eventName": name,
            "eventID": format!("{name}:{bucket}/{key}"),
            "eventTime": time.to_string(),
            "eventType": "AwsServiceEvent",
            "awsRegion": place.map(|place| place.region),
            "recipientAccountId": place.map(|place| place.account),
            "requestParameters": { "bucketName": bucket, "key": key, "digest": digest, "reason": reason },
        })
        .to_string()
    }
}

/// Whether two keys are of the same object, whatever folder a copy lies in.
fn same_place(one: &str, other: &str) -> bool {
    let behind = |key: &str| key.find("AWSLogs/").and_then(|at| key.get(at..)).unwrap_or(key).to_owned();
    behind(one) == behind(other)
}

/// When a digest was delivered, by its name.
fn stamp_of(key: &str) -> Timestamp {
    let stamp = TrailKey::parse(key).and_then(|key| key.stamp());
    stamp.and_then(super::time_of_stamp).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The same words for the same fault, so that it is one finding.
fn reason(error: &DigestError) -> &'static str {
    match error {
        DigestError::Unreadable => "it cannot be read as a digest",
        DigestError::Moved => "it was delivered as another object",
        DigestError::Algorithm => "its algorithm is not the one that CloudTrail signs with",
        DigestError::NoKey => "CloudTrail has no key with the fingerprint that it names",
        DigestError::Unsigned => "its object has no signature",
        DigestError::Signature => "its signature does not fit what it says",
    }
}
