//! The reader: one call at a time, all of its pages.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog::resource::Operation;
use engine::ports::{Aws, Cause, Place, ReadError};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use signed::{Answer, Client, Identity, Signing};

use crate::endpoint::{self, Endpoint, Overrides};
use crate::limit::Limits;
use crate::model::{self, Models, Service, Shape, Type};
use crate::network::classified;
use crate::paginate::{self, Next};
use crate::protocol::{self, Response, WireError};
use crate::{clock, credential_report, origin_bucket, permissions, recent_sum};

#[cfg(test)]
mod faults;

/// So many pages an answer may have: behind that something goes in circles.
const MAX_PAGES: usize = 20_000;

/// How long, and how often, a credential report is waited for.
const REPORT_PAUSE: Duration = Duration::from_secs(2);
const REPORT_TRIES: usize = 30;

/// How often each operation was called, repetitions of the network not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls(pub BTreeMap<Operation, u64>);

impl Calls {
    /// All calls.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Reads accounts.
#[derive(Debug)]
pub struct Reader {
    pub(crate) models: Models,
    pub(crate) client: Client,
    pub(crate) overrides: Overrides,
    pub(crate) limits: Limits,
    /// The credentials of each account.
    pub(crate) identities: Mutex<HashMap<String, Identity>>,
    /// The accounts in which a role is assumed.
    pub(crate) entered: Mutex<HashSet<String>>,
    pub(crate) calls: Mutex<Calls>,
    /// How far the clock of this machine is ahead of that of AWS, as the last answer had it.
    pub(crate) ahead: Arc<Mutex<Option<SignedDuration>>>,
}

impl Reader {
    /// How often each operation was called.
    pub fn calls(&self) -> Calls {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn identity(&self, account: &str) -> Option<Identity> {
        self.identities.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned()
    }

    pub(crate) fn identify(&self, account: &str, identity: Identity) {
        self.identities.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), identity);
    }

    /// Whether a role was assumed in the account.
    pub fn has_entered(&self, account: &str) -> bool {
        self.entered.lock().unwrap_or_else(PoisonError::into_inner).contains(account)
    }

    /// What the reader knows of the services.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Where a call goes.
    ///
    /// # Errors
    /// When the operation is not in the models, or a parameter that the host needs is missing.
    pub fn endpoint(
        &self,
        place: &Place,
        operation: &Operation,
        parameters: &Value,
    ) -> Result<Endpoint, ReadError> {
        let service = self.models.service(&operation.service).ok_or_else(|| unknown(operation))?;
        let model = service.operations.get(&operation.name).ok_or_else(|| unknown(operation))?;
        endpoint::resolve(&service, model, &place.region, &self.overrides, parameters).map_err(odd)
    }

    /// The regions that are switched on in an account.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn regions(&self, account: &str, home: &str) -> Result<Vec<String>, ReadError> {
        let place = Place { account: account.to_owned(), region: home.to_owned() };
        let answer = self.one_operation(&place, "ec2", "DescribeRegions", &json!({})).await?;
        let regions = answer.get("Regions").and_then(Value::as_array).into_iter().flatten();
        let on = regions
            .filter(|region| region.get("OptInStatus").and_then(Value::as_str) != Some("not-opted-in"));
        let mut names: Vec<String> =
            on.filter_map(|region| Some(region.get("RegionName")?.as_str()?.to_owned())).collect();
        names.sort();
        Ok(names)
    }

    async fn one_operation(
        &self,
        place: &Place,
        service: &str,
        name: &str,
        parameters: &Value,
    ) -> Result<Value, ReadError> {
        let operation = Operation { service: service.to_owned(), name: name.to_owned() };
        self.all_pages(place, &operation, parameters).await
    }

    async fn all_pages(
        &self,
        place: &Place,
        operation: &Operation,
        parameters: &Value,
    ) -> Result<Value, ReadError> {
        let service = self.models.service(&operation.service).ok_or_else(|| unknown(operation))?;
        let model = service.operations.get(&operation.name).ok_or_else(|| unknown(operation))?;
        let mut parameters = fitted(&service, model, parameters);
        let Some(page) = paginate::pages(&service, model) else {
            return self.one_page(place, operation, &service, &parameters).await;
        };
        let mut document = self.one_page(place, operation, &service, &parameters).await?;
        let mut next = paginate::next(&page, &document);
        let mut tokens = HashSet::new();
        while let Next::Page(token) = next {
            if !tokens.insert(Value::Object(token.clone()).to_string()) || tokens.len() > MAX_PAGES {
                return Err(ReadError::failed("Pages", "the answer leads back to one of its own pages"));
            }
            if let Some(parameters) = parameters.as_object_mut() {
                parameters.extend(token);
            }
            let more = self.one_page(place, operation, &service, &parameters).await?;
            next = paginate::next(&page, &more);
            paginate::join(&page, &mut document, &more);
        }
        if next == Next::Lost {
            return Err(ReadError::failed("Pages", "the answer says that there is more, but not where"));
        }
        paginate::tidy(&page, &mut document);
        Ok(document)
    }

    /// Asks for one page; of a bucket that lives elsewhere, once more where it lives.
    async fn one_page(
        &self,
        place: &Place,
        operation: &Operation,
        service: &Arc<Service>,
        parameters: &Value,
    ) -> Result<Value, ReadError> {
        let moved = Arc::new(OnceLock::new());
        let answer = self.send(place, operation, service, parameters, &moved).await;
        match moved.get() {
            Some(region) if answer.is_err() && *region != place.region => {
                let home = Place { account: place.account.clone(), region: region.clone() };
                self.send(&home, operation, service, parameters, &Arc::default()).await
            }
            _ => answer,
        }
    }

    /// Sends one request. A refusal may say in which region the bucket is: `moved` learns it.
    async fn send(
        &self,
        place: &Place,
        operation: &Operation,
        service: &Arc<Service>,
        parameters: &Value,
        moved: &Arc<OnceLock<String>>,
    ) -> Result<Value, ReadError> {
        let Some(model) = service.operations.get(&operation.name) else { return Err(unknown(operation)) };
        let Some(identity) = self.identity(&place.account) else {
            let message = format!("there are no credentials for account {}", place.account);
            return Err(ReadError { cause: Cause::Denied, code: "NoCredentials".into(), message });
        };
        let request = protocol::request(service, &operation.name, model, parameters).map_err(odd)?;
        let endpoint =
            endpoint::resolve(service, model, &place.region, &self.overrides, parameters).map_err(odd)?;
        self.limits.take(&place.account, &place.region, &operation.service).await;
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .entry(operation.clone())
            .and_modify(|count| *count += 1)
            .or_insert(1);
        let signing = Signing { name: &endpoint.signing_name, region: &endpoint.signing_region };
        let (of, moved) = (Arc::clone(service), Arc::clone(moved));
        let ahead = Arc::clone(&self.ahead);
        let refusal = move |answer: &Answer| {
            if let Some(found) = clock::ahead(answer, jiff::Timestamp::now()) {
                *ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            }
            let refusal = protocol::refusal(&of, &seen(answer))?;
            if let Some(region) = bucket_region(answer) {
                let _ = moved.set(region.to_owned());
            }
            Some(refusal)
        };
        let answer =
            self.client.send(&endpoint.url, request, &identity, signing, refusal).await.map_err(classified);
        match answer {
            Ok(answer) => protocol::document(service, model, &seen(&answer)).map_err(odd),
            Err(error) => {
                if error.cause == Cause::Throttled {
                    self.limits.slow_down(&place.account, &place.region, &operation.service).await;
                }
                Err(error)
            }
        }
    }

    /// Has the report made, waits for it, and reads it.
    async fn credential_report(&self, place: &Place) -> Result<Value, ReadError> {
        for _ in 0..REPORT_TRIES {
            let made = self.one_operation(place, "iam", "GenerateCredentialReport", &json!({})).await?;
            if made.get("State").and_then(Value::as_str) == Some("COMPLETE") {
                let report = self.one_operation(place, "iam", "GetCredentialReport", &json!({})).await?;
                let content = report.get("Content").and_then(Value::as_str).unwrap_or_default();
                let text = aws_smithy_types::base64::decode(content)
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .ok_or_else(|| ReadError::failed("Report", "the credential report is no base64 text"))?;
                return Ok(credential_report::rows(&text));
            }
            tokio::time::sleep(REPORT_PAUSE).await;
        }
        Err(ReadError::failed("Report", "IAM did not finish the credential report in time"))
    }

    /// Whether the bucket behind a host of S3 exists; nothing of hosts that name no bucket. Only S3's own word that there
    /// is none counts as a no.
    async fn origin_bucket(&self, place: &Place, parameters: &Value) -> Result<Value, ReadError> {
        let host = parameters.get("Host").and_then(Value::as_str).unwrap_or_default();
        let Some(bucket) = origin_bucket::named_by(host, &place.region) else { return Ok(Value::Null) };
        match self.one_operation(place, "s3", "GetBucketVersioning", &json!({ "Bucket": bucket })).await {
            Ok(_) => Ok(json!({ "Bucket": bucket, "Exists": true })),
            Err(error) if error.code == "NoSuchBucket" => Ok(json!({ "Bucket": bucket, "Exists": false })),
            Err(error) => Err(error),
        }
    }

    /// What a metric came to lately.
    async fn recent_sum(&self, place: &Place, asked: &Value) -> Result<Value, ReadError> {
        let parameters = recent_sum::parameters(asked, jiff::Timestamp::now())
            .ok_or_else(|| ReadError::failed("Request", "name the metric, its dimension and the hours"))?;
        let answer = self.one_operation(place, "cloudwatch", "GetMetricStatistics", &parameters).await?;
        Ok(recent_sum::sum(asked, &answer))
    }

    /// How far the clock of this machine is ahead of that of AWS, by what the last answer said; negative where it is behind.
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the clock is ahead, in seconds: `{Ahead}`.
    async fn clock(&self, place: &Place) -> Result<Value, ReadError> {
        let refused = self.one_operation(place, "sts", "GetCallerIdentity", &json!({})).await.err();
        match (self.clock_ahead(), refused) {
            (Some(ahead), _) => Ok(json!({ "Ahead": ahead.as_secs() })),
            (None, Some(error)) => Err(error),
            (None, None) => Err(ReadError::failed("Date", "the answer does not say what time it is")),
        }
    }

    /// Whether there is a way into the account: `{Entered}`, with the error's `Code` where the role may not be assumed. That
    /// nobody answers says nothing of the role, and is an error.
    async fn entry(&self, place: &Place) -> Result<Value, ReadError> {
        match self.one_operation(place, "sts", "GetCallerIdentity", &json!({})).await {
            Ok(_) => Ok(json!({ "Entered": true })),
            Err(error) if error.code == "NoCredentials" && error.message.contains("AccessDenied") => {
                Ok(json!({ "Entered": false, "Code": "AccessDenied" }))
            }
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Aws for Reader {
    async fn read(
        &self,
        place: &Place,
        operation: &Operation,
        parameters: &Value,
    ) -> Result<Value, ReadError> {
        match (operation.service.as_str(), operation.name.as_str()) {
            ("code:iam", "CredentialReport") => self.credential_report(place).await,
            ("code:s3", "OriginBucket") => self.origin_bucket(place, parameters).await,
            ("code:cloudwatch", "RecentSum") => self.recent_sum(place, parameters).await,
            ("code:sts", "Entry") => self.entry(place).await,
            ("code:sts", "Clock") => self.clock(place).await,
            _ => self.all_pages(place, operation, parameters).await,
        }
    }

    fn permissions(&self, operation: &Operation) -> Vec<String> {
        permissions::of_operation(&self.models, operation)
    }

    fn is_global(&self, service: &str, region: &str) -> bool {
        self.models.is_global(service, region)
    }

    fn is_absent(&self, service: &str, region: &str) -> bool {
        self.models.is_absent(service, region)
    }
}

pub(crate) fn seen(answer: &Answer) -> Response<'_> {
    let headers = answer.headers.iter();
    Response {
        status: answer.status,
        headers: headers.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        body: &answer.body,
    }
}

/// Where S3 says that the bucket is, with each answer about one:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>.
fn bucket_region(answer: &Answer) -> Option<&str> {
    let named = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-bucket-region"));
    named.map(|(_, region)| region.as_str())
}

fn unknown(operation: &Operation) -> ReadError {
    let message = format!("{operation} is not in the models; run `cargo xtask models`");
    ReadError { cause: Cause::Unsupported, code: "UnknownOperation".into(), message }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn odd(error: WireError) -> ReadError {
    match error {
        WireError::Missing(_) => ReadError::failed("Request", error.to_string()),
        WireError::Malformed(_) => ReadError::failed("Answer", error.to_string()),
    }
}

/// `parameters` with single values as lists where the operation takes lists, and without those that have no value.
fn fitted(service: &Service, operation: &model::Operation, parameters: &Value) -> Value {
    match (service.input(operation), parameters) {
        (Some(shape), Value::Object(_)) => fitted_to(service, shape, parameters),
        _ => Value::Object(Map::new()),
    }
}

fn fitted_to(service: &Service, shape: &Shape, value: &Value) -> Value {
    match (shape.r#type, value) {
        (Type::Structure, Value::Object(members)) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(key, value)| {
                    let part = shape.members.get(key).and_then(|member| service.shape(&member.shape));
                    (key.clone(), part.map_or_else(|| value.clone(), |part| fitted_to(service, part, value)))
                })
                .collect(),
            )
        }
        (Type::List, Value::Array(items)) => {
            let part = shape.member.as_ref().and_then(|member| service.shape(&member.shape));
            items
                .iter()
                .map(|item| part.map_or_else(|| item.clone(), |part| fitted_to(service, part, item)))
                .collect()
        }
        (Type::List, single) => Value::Array(vec![single.clone()]),
        _ => value.clone(),
    }
}
