//! Digests: files in which CloudTrail says, hour by hour, which files it delivered and what was in them, each signed, and
//! each naming the one before it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>. Hashes are
//! those of the contents before they were packed. The signature stands in the object's metadata, and again in the next
//! digest.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use model::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::ports::PublicKey;

/// The one algorithm that CloudTrail signs with.
const ALGORITHM: &str = "SHA256withRSA";

/// The most bytes of a digest: it names the files of an hour, some 500 bytes each.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A digest, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Digest {
    /// The end of its hour, as it was written: that is what was signed.
    pub digest_end_time: String,
    /// The bucket that it was delivered to.
    pub digest_s3_bucket: String,
    /// Its key.
    pub digest_s3_object: String,
    /// Which key signed it.
    pub digest_public_key_fingerprint: String,
    /// How it was signed.
    pub digest_signature_algorithm: String,
    /// The key of the digest before it; the first one of a trail has none, nor has the first after logging was stopped.
    #[serde(default)]
    pub previous_digest_s3_object: Option<String>,
    /// The SHA-256 of what that one holds.
    #[serde(default)]
    pub previous_digest_hash_value: Option<String>,
    /// Its signature.
    #[serde(default)]
    pub previous_digest_signature: Option<String>,
    /// The files of the hour.
    pub log_files: Vec<LogFile>,
    /// The SHA-256 of what this one holds.
    #[serde(skip)]
    pub sha256: String,
}

/// A file that a digest names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogFile {
    /// Its key.
    pub s3_object: String,
    /// The SHA-256 of what it holds.
    pub hash_value: String,
}

/// Why a digest is not what CloudTrail wrote. What it says may be shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Its bytes are no digest.
    #[error("it cannot be read as a digest")]
    Unreadable,
    /// The digest was written for another place.
    #[error("it was delivered as another object")]
    Moved,
    /// It is signed in a way that CloudTrail does not.
    #[error("its algorithm is not the one that CloudTrail signs with")]
    Algorithm,
    /// No key that CloudTrail used then has its fingerprint.
    #[error("CloudTrail has no key with the fingerprint that it names")]
    NoKey,
    /// The object has lost its signature.
    #[error("its object has no signature")]
    Unsigned,
    /// The signature is not that of this content.
    #[error("its signature does not fit what it says")]
    Signature,
}

impl Digest {
    /// Reads a digest as it lies in the bucket.
    pub fn read(packed: &[u8]) -> Result<Self, DigestError> {
        let mut text = Vec::new();
        let mut unpacked = MultiGzDecoder::new(packed).take(LARGEST);
        unpacked.read_to_end(&mut text).map_err(|_| DigestError::Unreadable)?;
        let mut digest: Self = serde_json::from_slice(&text).map_err(|_| DigestError::Unreadable)?;
        digest.sha256 = hex(&Sha256::digest(&text));
        Ok(digest)
    }

    /// The end of its hour.
    pub fn end(&self) -> Option<Timestamp> {
        self.digest_end_time.parse().ok()
    }

    /// What is signed. The first digest has the word `null` for the signature of the one before it.
    pub fn signed_text(&self) -> String {
        let previous = self.previous_digest_signature.as_deref().unwrap_or("null");
        let Self { digest_end_time, digest_s3_bucket, digest_s3_object, sha256, .. } = self;
        format!("{digest_end_time}\n{digest_s3_bucket}/{digest_s3_object}\n{sha256}\n{previous}")
    }

    /// Whether `signature`, in hexadecimal, is CloudTrail's for this digest.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(&self, signature: &str, keys: &[PublicKey]) -> Result<(), DigestError> {
        if self.digest_signature_algorithm != ALGORITHM {
            return Err(DigestError::Algorithm);
        }
        let mut named =
            keys.iter().filter(|key| key.fingerprint == self.digest_public_key_fingerprint).peekable();
        if named.peek().is_none() {
            return Err(DigestError::NoKey);
        }
        let signature = bytes(signature).ok_or(DigestError::Signature)?;
        let text = self.signed_text();
        let fits = |key: &PublicKey| {
            let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.der);
            key.verify(text.as_bytes(), &signature).is_ok()
        };
        if named.any(fits) { Ok(()) } else { Err(DigestError::Signature) }
    }
}

/// The SHA-256 of what a file holds, in hexadecimal; `None` if it cannot be unpacked.
pub fn content_hash(packed: &[u8]) -> Option<String> {
    let mut hasher = Hasher(Sha256::new());
    io::copy(&mut MultiGzDecoder::new(packed), &mut hasher).ok()?;
    Some(hex(&hasher.0.finalize()))
}

struct Hasher(Sha256);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() % 2 == 1 {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}
