//! A bucket in memory, and CloudTrail that writes files and signed digests to it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use engine::ports::{Listing, Object, PublicKey, Trail, TrailError, TrailFile};
use flate2::{Compression, write::GzEncoder};
use model::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const BUCKET: &str = "trails";
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
const FINGERPRINT: &str = "31e8b5433410dfb61a9dc45cc65b22ff";

#[derive(Debug, Default)]
pub(crate) struct Bucket {
    pub(crate) objects: Mutex<BTreeMap<String, TrailFile>>,
    /// How many objects a page of a listing has.
    pub(crate) page: usize,
    pub(crate) lists: Mutex<usize>,
}

impl Bucket {
    pub(crate) fn new() -> Self {
        Self { page: 3, ..Self::default() }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<String, TrailFile>) -> T) -> T {
        change(&mut self.objects.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes a file of records that was delivered at `stamp`, such as `20260301T0915`.
    pub(crate) fn write(&self, stamp: &str, random: &str, records: &[Value]) -> String {
        let (year, month, day) = (&stamp[..4], &stamp[4..6], &stamp[6..8]);
        let key = format!(
            "AWSLogs/o-a1b2c3d4e5/{ACCOUNT}/CloudTrail/{REGION}/{year}/{month}/{day}/{ACCOUNT}_CloudTrail_{REGION}_{stamp}Z_{random}.json.gz"
        );
        let bytes = packed(&json!({ "Records": records }).to_string());
        self.with(|objects| objects.insert(key.clone(), TrailFile { bytes, signature: None }));
        key
    }
}

#[async_trait]
impl Trail for Bucket {
    fn bucket(&self) -> &str {
        BUCKET
    }

    async fn list(&self, prefix: &str, after: Option<&str>, folders: bool) -> Result<Listing, TrailError> {
        *self.lists.lock().unwrap() += 1;
        self.with(|objects| {
            let mut listing = Listing::default();
            let behind = objects
                .iter()
                .filter(|(key, _)| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after));
            for (key, file) in behind {
                let rest = &key[prefix.len()..];
                let folder =
                    rest.find('/').filter(|_| folders).map(|at| key[..=prefix.len() + at].to_owned());
                if folder.is_some() && folder.as_ref() == listing.folders.last() {
                    continue;
                }
                if listing.objects.len() + listing.folders.len() == self.page {
                    listing.next = listing.objects.last().map(|object| object.key.clone());
                    listing.next =
                        listing.next.max(listing.folders.last().map(|folder| format!("{folder}\u{10ffff}")));
                    break;
                }
                match folder {
                    Some(folder) => listing.folders.push(folder),
                    None => listing.objects.push(Object { key: key.clone(), size: file.bytes.len() as u64 }),
                }
            }
            Ok(listing)
        })
    }

    async fn file(&self, key: &str) -> Result<TrailFile, TrailError> {
        self.with(|objects| objects.get(key).cloned()).ok_or_else(|| TrailError::Gone(key.to_owned()))
    }

    async fn public_keys(&self, _: &str, _: Timestamp, _: Timestamp) -> Result<Vec<PublicKey>, TrailError> {
        let der = signer().public_key().as_ref().to_vec();
        Ok(vec![PublicKey { fingerprint: FINGERPRINT.into(), der }])
    }
}

/// The key that stands for CloudTrail's, made for these tests.
pub(crate) fn signer() -> RsaKeyPair {
    RsaKeyPair::from_der(include_bytes!("signer.der")).unwrap()
}

/// Somebody else's.
pub(crate) fn forger() -> RsaKeyPair {
    RsaKeyPair::from_der(include_bytes!("forger.der")).unwrap()
}

pub(crate) fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// CloudTrail, as far as its digests go.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    previous: Option<(String, String, String)>,
}

impl Chain {
    /// Writes the digest of an hour that ends at `hour` o'clock, over `files` as they are now.
    pub(crate) fn digest(&mut self, bucket: &Bucket, hour: u8, files: &[String], key: &RsaKeyPair) -> String {
        let object = format!(
            "AWSLogs/o-a1b2c3d4e5/{ACCOUNT}/CloudTrail-Digest/{REGION}/2026/03/01/{ACCOUNT}_CloudTrail-Digest_{REGION}_all_{REGION}_20260301T{hour:02}0000Z.json.gz"
        );
        let hash = |bytes: &[u8]| {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut text).unwrap();
            hex(&Sha256::digest(text))
        };
        let log_files: Vec<Value> = files
            .iter()
            .map(|key| {
                let bytes = bucket.with(|objects| objects[key].bytes.clone());
                json!({
                    "s3Bucket": BUCKET, "s3Object": key, "hashValue": hash(&bytes), "hashAlgorithm": "SHA-256",
                    "newestEventTime": "2026-03-01T09:00:00Z", "oldestEventTime": "2026-03-01T08:00:00Z",
                })
            })
            .collect();
        let (object_before, hash_before, signature_before) = self
            .previous
            .clone()
            .map_or((Value::Null, Value::Null, Value::Null), |(object, hash, signature)| {
                (json!(object), json!(hash), json!(signature))
            });
        let end = format!("2026-03-01T{hour:02}:00:00Z");
        let text = json!({
            "awsAccountId": ACCOUNT, "digestStartTime": format!("2026-03-01T{:02}:00:00Z", hour - 1),
            "digestEndTime": end, "digestS3Bucket": BUCKET, "digestS3Object": object,
            "digestPublicKeyFingerprint": FINGERPRINT, "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": null, "oldestEventTime": null,
            "previousDigestS3Bucket": BUCKET, "previousDigestS3Object": object_before,
            "previousDigestHashValue": hash_before, "previousDigestHashAlgorithm": "SHA-256",
            "previousDigestSignature": signature_before, "logFiles": log_files,
        })
        .to_string();
        let sha256 = hex(&Sha256::digest(text.as_bytes()));
        let before = signature_before.as_str().unwrap_or("null");
        let signed = format!("{end}\n{BUCKET}/{object}\n{sha256}\n{before}");
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        let signature = hex(&signature);
        let file = TrailFile { bytes: packed(&text), signature: Some(signature.clone()) };
        bucket.with(|objects| objects.insert(object.clone(), file));
        self.previous = Some((object.clone(), sha256, signature));
        object
    }
}
