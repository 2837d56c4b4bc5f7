//! A trail's bucket: its objects by signed calls, and the keys that its digests are signed with.
//!
//! The calls are `ListObjectsV2`, <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>, `GetObject`,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>, and CloudTrail's `ListPublicKeys`. The typed
//! crate for S3 would be the largest of the build.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_types::SdkConfig;
use engine::ports::{Cause, Listing, Object, PublicKey, ReadError, Trail, TrailError, TrailFile};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use signed::{Answer, Client, Identity, Signing};

use crate::endpoint::{self, Overrides};
use crate::model::Models;
use crate::network::{classified, http_client};
use crate::protocol::{self, Request, Response};

/// What stays as it is in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stays as it is in a path.
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// A file of a trail has up to 50 MB, which take their time on a slow line.
const PATIENCE: Duration = Duration::from_mins(5);

/// A bucket.
#[derive(Debug)]
pub struct Bucket {
    name: String,
    client: Client,
    identity: Identity,
    models: Models,
    overrides: Overrides,
    /// Where the bucket lives, as far as S3 has said so.
    region: Mutex<String>,
}

impl Bucket {
    /// The bucket of this name, with the credentials, region and endpoint of `config`.
    ///
    /// # Errors
    /// When there are no credentials.
    pub fn new(name: &str, config: &SdkConfig) -> Result<Self, TrailError> {
        let provider = config
            .credentials_provider()
            .ok_or_else(|| TrailError::Denied(format!("s3://{name}"), "there are no credentials".into()))?;
        let region = config.region().map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
        Ok(Self {
            name: name.to_owned(),
            client: Client::new(http_client()).with_patience(PATIENCE),
            identity: Identity::new(provider),
            models: Models::default(),
            overrides: Overrides::new(config.endpoint_url().map(ToOwned::to_owned), std::env::vars()),
            region: Mutex::new(region),
        })
    }

    /// The bucket of this name, with the credentials and the region that the AWS CLI would find.
    ///
    /// # Errors
    /// When there are no credentials.
    pub async fn open(name: &str) -> Result<Self, TrailError> {
        let loader = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http_client());
        Self::new(name, &loader.load().await)
    }

    fn region(&self) -> String {
        self.region.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks S3; where the bucket lives elsewhere, once more where it lives.
    async fn ask(&self, name: &str, target: &str) -> Result<Answer, TrailError> {
        let asked = self.region();
        let first = self.ask_in(&asked, target).await;
        let lives = self.region();
        let answer = match first {
            Err(_) if lives != asked => self.ask_in(&lives, target).await,
            answer => answer,
        };
        answer.map_err(|error| explained(name, &error))
    }

    async fn ask_in(&self, region: &str, target: &str) -> Result<Answer, ReadError> {
        let request = Request {
            method: "GET".into(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let moved = std::sync::Arc::new(std::sync::OnceLock::new());
        let learned = std::sync::Arc::clone(&moved);
        let answer = self
            .send("s3", region, request, move |answer| {
                if let Some(region) = header(answer, "x-amz-bucket-region") {
                    let _ = learned.set(region.to_owned());
                }
            })
            .await;
        if let Some(region) = moved.get() {
            region.clone_into(&mut *self.region.lock().unwrap_or_else(PoisonError::into_inner));
        }
        answer
    }

    async fn send(
        &self,
        service: &str,
        region: &str,
        request: Request,
        see: impl Fn(&Answer) + Send + Sync + 'static,
    ) -> Result<Answer, ReadError> {
        let unknown = || ReadError::failed("UnknownService", format!("{service} is not in the models"));
        let service = self.models.service(service).ok_or_else(unknown)?;
        let endpoint = endpoint::of_service(&service, region, &self.overrides);
        let signing = Signing { name: &endpoint.signing_name, region: &endpoint.signing_region };
        let of = std::sync::Arc::clone(&service);
        let refusal = move |answer: &Answer| {
            let headers = answer.headers.iter();
            let refusal = protocol::refusal(
                &of,
                &Response {
                    status: answer.status,
                    headers: headers.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
                    // What a file says is no answer of the service.
                    body: if answer.status < 300 { b"" } else { &answer.body },
                },
            )?;
            see(answer);
            Some(refusal)
        };
        self.client.send(&endpoint.url, request, &self.identity, signing, refusal).await.map_err(classified)
    }
}

#[async_trait]
impl Trail for Bucket {
    fn bucket(&self) -> &str {
        &self.name
    }

    async fn list(&self, prefix: &str, after: Option<&str>, folders: bool) -> Result<Listing, TrailError> {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let mut target = format!("/{}?", encoded(&self.name));
        if folders {
            target.push_str("delimiter=%2F&");
        }
        target.push_str("list-type=2&prefix=");
        target.push_str(&encoded(prefix));
        if let Some(after) = after {
            target.push_str("&start-after=");
            target.push_str(&encoded(after));
        }
        let name = format!("s3://{}/{prefix}", self.name);
        let answer = self.ask(&name, &target).await?;
        let text = String::from_utf8_lossy(&answer.body);
        listing(&text).ok_or_else(|| TrailError::Unread(name, "the answer is no listing".into()))
    }

    async fn file(&self, key: &str) -> Result<TrailFile, TrailError> {
        let name = format!("s3://{}/{key}", self.name);
        let target =
            format!("/{}/{}", utf8_percent_encode(&self.name, QUERY), utf8_percent_encode(key, PATH));
        let answer = self.ask(&name, &target).await?;
        let signature = header(&answer, "x-amz-meta-signature").map(ToOwned::to_owned);
        Ok(TrailFile { bytes: answer.body, signature })
    }

    async fn public_keys(
        &self,
        region: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PublicKey>, TrailError> {
        let name = format!("the public keys of {region}");
        let mut keys = Vec::new();
        let mut parameters = json!({ "StartTime": from.as_second(), "EndTime": until.as_second() });
        loop {
            let request = Request {
                method: "POST".into(),
                target: "/".into(),
                headers: vec![
                    ("content-type".into(), "application/x-amz-json-1.1".into()),
                    (
                        "x-amz-target".into(),
                        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListPublicKeys".into(),
                    ),
                ],
                body: parameters.to_string().into_bytes(),
            };
            let answer = self.send("cloudtrail", region, request, |_| {}).await;
            let answer = answer.map_err(|error| match error.cause {
                Cause::Denied => {
                    TrailError::Unread(name.clone(), format!("{error}; allow cloudtrail:ListPublicKeys"))
                }
                _ => TrailError::Unread(name.clone(), error.to_string()),
            })?;
            let page: Value = serde_json::from_slice(&answer.body)
                .map_err(|error| TrailError::Unread(name.clone(), error.to_string()))?;
            let list = page.get("PublicKeyList").and_then(Value::as_array);
            keys.extend(list.into_iter().flatten().filter_map(public_key));
            match page.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty()) {
                Some(token) if parameters.get("NextToken").and_then(Value::as_str) != Some(token) => {
                    let token = json!(token);
                    if let Some(parameters) = parameters.as_object_mut() {
                        parameters.insert("NextToken".into(), token);
                    }
                }
                _ => return Ok(keys),
            }
        }
    }
}

/// Reads a key as `ListPublicKeys` has it.
pub fn public_key(key: &Value) -> Option<PublicKey> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let der = aws_smithy_types::base64::decode(text("Value")?).ok()?;
    Some(PublicKey { fingerprint: text("Fingerprint")?.to_owned(), der })
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let found = answer.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// S3 says 404 of a key, and of a bucket; where it may not be listed, a key that is not there is 403.
fn explained(name: &str, error: &ReadError) -> TrailError {
    match (error.code.as_str(), error.cause) {
        ("NoSuchKey" | "Http404", _) => TrailError::Gone(name.to_owned()),
        (_, Cause::Denied) => TrailError::Denied(name.to_owned(), error.to_string()),
        _ => TrailError::Unread(name.to_owned(), error.to_string()),
    }
}

/// Reads an answer of `ListObjectsV2`.
fn listing(text: &str) -> Option<Listing> {
    let document = roxmltree::Document::parse(text).ok()?;
    let root = document.root_element();
    if root.tag_name().name() != "ListBucketResult" {
        return None;
    }
    let text = |node: roxmltree::Node<'_, '_>, name: &str| {
        let child = node.children().find(|child| child.tag_name().name() == name);
        child.and_then(|child| child.text()).unwrap_or_default().to_owned()
    };
    let mut listing = Listing::default();
    for child in root.children() {
        match child.tag_name().name() {
            "Contents" => {
                let size = text(child, "Size").parse().unwrap_or_default();
                listing.objects.push(Object { key: text(child, "Key"), size });
            }
            "CommonPrefixes" => listing.folders.push(text(child, "Prefix")),
            _ => {}
        }
    }
    if text(root, "IsTruncated") == "true" {
        let last = listing.objects.last().map(|object| object.key.clone());
        // A folder is behind all that stands in it.
        let folder = listing.folders.last().map(|folder| format!("{folder}\u{10ffff}"));
        listing.next = last.max(folder);
    }
    Some(listing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_has_objects_folders_and_an_end() {
        let page = r#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <IsTruncated>false</IsTruncated><Contents><Key>a &amp; b</Key><Size>7</Size></Contents>
            <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListBucketResult>"#;
        let whole = listing(page).unwrap();
        assert_eq!(whole.objects, [Object { key: "a & b".into(), size: 7 }]);
        assert_eq!((whole.folders, whole.next), (vec!["c/".to_owned()], None));
        let more = listing(&page.replace("false", "true")).unwrap();
        assert_eq!(more.next.unwrap(), "c/\u{10ffff}");
        assert_eq!(listing("<Error><Code>NoSuchBucket</Code></Error>"), None);
    }
}
