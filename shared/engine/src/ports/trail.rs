//! Where a trail's files are: a bucket, or a copy of one.

use async_trait::async_trait;
use model::Timestamp;

/// Why a file was not read, by what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrailError {
    /// It is not there: trying again cannot help.
    #[error("{0} is not there")]
    Gone(String),
    /// It may not be read: somebody has to give the right to.
    #[error(
        "{0} may not be read: {1}; allow s3:GetObject and s3:ListBucket on the bucket, and kms:Decrypt on its key"
    )]
    Denied(String, String),
    /// It cannot be read now.
    #[error("{0} cannot be read: {1}")]
    Unread(String, String),
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// One page of what stands under a prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The objects, by key.
    pub objects: Vec<Object>,
    /// What stands between the prefix and the next `/`, with both, where folders were asked for.
    pub folders: Vec<String>,
    /// There is more: ask again for what stands behind this key or folder.
    pub next: Option<String>,
}

/// A file as it lies there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFile {
    /// Its bytes, packed as they are.
    pub bytes: Vec<u8>,
    /// The object's metadata `signature`, which digests have: hexadecimal.
    pub signature: Option<String>,
}

/// A key that CloudTrail signs digests with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its fingerprint, as digests name it.
    pub fingerprint: String,
    /// The key: DER, PKCS #1.
    pub der: Vec<u8>,
}

/// Reads the files of a trail.
#[async_trait]
pub trait Trail: Send + Sync {
    /// The name of the bucket.
    fn bucket(&self) -> &str;

    /// A page of at most 1,000 objects whose keys begin with `prefix` and come behind `after`; with `folders`, only
    /// those without a further `/`, and the folders beside them.
    async fn list(&self, prefix: &str, after: Option<&str>, folders: bool) -> Result<Listing, TrailError>;

    /// A whole file.
    async fn file(&self, key: &str) -> Result<TrailFile, TrailError>;

    /// The keys that CloudTrail signed digests of `region` with between two times,
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html>.
    async fn public_keys(
        &self,
        region: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PublicKey>, TrailError>;
}
