//! Whose accounts are read, and with which credentials.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;
use catalog::resource::Operation;
use engine::ports::{Aws as _, Place, ReadError};
use jiff::SignedDuration;
use serde_json::{Value, json};
use signed::{Client, Identity};

use crate::clock;
use crate::endpoint::Overrides;
use crate::limit::Limits;
use crate::model::{Models, partition_of};
use crate::network::http_client;
use crate::reader::{Calls, Reader};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name, where one is known.
    pub name: String,
}

/// Which credentials, and what of the network.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// A profile of the AWS CLI's configuration, instead of the one that the environment names.
    pub profile: Option<String>,
    /// Every service is reached here.
    pub endpoint_url: Option<String>,
    /// A region that is going to be read, which tells the partition.
    pub region: Option<String>,
    /// The pause before the first repetition, instead of a second.
    pub backoff: Option<Duration>,
    /// Calls are made as fast as the network goes.
    pub unlimited: bool,
}

/// Why there is no access to an account.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There are no credentials, or they are not accepted.
    #[error("AWS does not accept the credentials: {0}; sign in, or name a profile with --profile")]
    Credentials(ReadError),
    /// The clock of this machine is so far off that AWS takes no signature of it: by how much it is ahead, if that is known.
    #[error("AWS takes no signatures of this machine, whose clock is off{}: {error}; set the clock", by(*ahead))]
    Clock {
        /// How many seconds it is ahead; negative where it is behind.
        ahead: Option<i64>,
        /// What AWS said.
        error: ReadError,
    },
    /// Nobody answers.
    #[error("AWS cannot be reached: {0}; look at the network, and at --endpoint-url and AWS_ENDPOINT_URL")]
    Unreachable(ReadError),
    /// The accounts of the organization cannot be listed.
    #[error(
        "the accounts of the organization cannot be listed: {0}; use the management account or a delegated administrator"
    )]
    Organization(ReadError),
    /// The regions of an account cannot be listed.
    #[error("the regions of account {0} cannot be listed: {1}; name them with --region")]
    Regions(String, ReadError),
}

/// A role that is assumed in an account.
#[derive(Debug, Clone)]
pub struct Access {
    /// The role's name with its path, such as `trailpost-read`, or its whole ARN.
    pub role: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
}

impl Reader {
    /// Finds credentials as the AWS CLI does, and learns whose they are.
    ///
    /// # Errors
    /// When there are none, or AWS does not accept them.
    pub async fn connect(setup: &Setup) -> Result<(Self, Account, SdkConfig), SetupError> {
        let http = http_client();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
        if let Some(profile) = &setup.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &setup.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let region = first_region(config.region().map(Region::as_ref), setup.region.as_deref());
        let config = config.into_builder().region(Region::new(region.clone())).build();
        let reader = Self::without_accounts(http.clone(), setup, config.endpoint_url());
        let none = || ReadError::failed("NoCredentials", "none were found");
        let provider = match &setup.profile {
            Some(profile) => named(profile, &config, http),
            None => config.credentials_provider().ok_or_else(|| SetupError::Credentials(none()))?,
        };
        let config = config.into_builder().credentials_provider(provider.clone()).build();
        let identity = Identity::new(provider);
        reader.identify("", identity.clone());
        let operation = Operation { service: "sts".into(), name: "GetCallerIdentity".into() };
        let place = Place { account: String::new(), region };
        let who = reader.read(&place, &operation, &json!({})).await;
        let who = who.map_err(|error| refused(error, reader.clock_ahead()))?;
        let id = who.get("Account").and_then(Value::as_str).unwrap_or_default().to_owned();
        reader.identify(&id, identity);
        Ok((reader, Account { id, name: String::new() }, config))
    }

    /// Reads one account with credentials that are known, without asking AWS whose they are.
    pub fn with_credentials(account: &str, credentials: Credentials, setup: &Setup) -> Self {
        let reader = Self::without_accounts(http_client(), setup, None);
        reader.identify(account, Identity::new(SharedCredentialsProvider::new(credentials)));
        reader
    }

    /// `configured` is the endpoint that the profile names.
    fn without_accounts(http: SharedHttpClient, setup: &Setup, configured: Option<&str>) -> Self {
        let mut client = Client::new(http);
        if let Some(backoff) = setup.backoff {
            client = client.with_backoff(backoff);
        }
        let all = setup.endpoint_url.clone().or_else(|| configured.map(ToOwned::to_owned));
        let overrides = Overrides::new(all, std::env::vars());
        let fast = setup.unlimited || overrides.all.is_some();
        Self {
            models: Models::default(),
            client,
            limits: if fast { Limits::none() } else { Limits::default() },
            overrides,
            identities: Mutex::new(HashMap::new()),
            entered: Mutex::new(HashSet::new()),
            calls: Mutex::new(Calls::default()),
            ahead: Arc::default(),
        }
    }

    /// Has `account` read by assuming a role in it, with the credentials that `config` found.
    pub async fn enter(&self, account: &str, access: &Access, config: &SdkConfig) {
        let region = config.region().map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
        let partition = partition_of(&region).map_or_else(|| "aws".to_owned(), |partition| partition.name);
        let arn = if access.role.starts_with("arn:") {
            access.role.clone()
        } else {
            format!("arn:{partition}:iam::{account}:role/{}", access.role.trim_start_matches('/'))
        };
        let mut role = AssumeRoleProvider::builder(arn).session_name("trailpost").configure(config);
        if let Some(external_id) = &access.external_id {
            role = role.external_id(external_id);
        }
        let provider = SharedCredentialsProvider::new(role.build().await);
        self.identify(account, Identity::new(provider));
        self.entered.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned());
    }

    /// The active accounts of the organization that `account` belongs to.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn organization(&self, account: &str, home: &str) -> Result<Vec<Account>, SetupError> {
        let operation = Operation { service: "organizations".into(), name: "ListAccounts".into() };
        let place = Place { account: account.to_owned(), region: home.to_owned() };
        let answer = self.read(&place, &operation, &json!({})).await.map_err(SetupError::Organization)?;
        Ok(active(&answer))
    }
}

/// The credentials of a profile that the user names. They go before those of the environment, as with the AWS CLI; the
/// official chain has it the other way around.
fn named(profile: &str, config: &SdkConfig, http: SharedHttpClient) -> SharedCredentialsProvider {
    let provider = ProviderConfig::default().with_region(config.region().cloned()).with_http_client(http);
    let provider =
        ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&provider).build();
    SharedCredentialsProvider::new(provider)
}

/// By how much a clock is off, where that is known.
fn by(ahead: Option<i64>) -> String {
    ahead.map(|ahead| format!(" by {} s", ahead.unsigned_abs())).unwrap_or_default()
}

/// Why AWS does not say whose the credentials are. `ahead` is how far the clock is, if that is known.
fn refused(error: ReadError, ahead: Option<SignedDuration>) -> SetupError {
    match error.code.as_str() {
        _ if clock::is_to_blame(ahead, &error) => {
            SetupError::Clock { ahead: ahead.map(|ahead| ahead.as_secs()), error }
        }
        "Connection" | "NoEndpoint" | "Timeout" => SetupError::Unreachable(error),
        _ => SetupError::Credentials(error),
    }
}

/// The region in which AWS is first asked: the configured one, unless what is read lies in another partition, in which
/// its credentials mean nothing.
fn first_region(configured: Option<&str>, read: Option<&str>) -> String {
    let configured = configured.unwrap_or("us-east-1");
    match (partition_of(configured), read.and_then(partition_of)) {
        (Some(known), Some(other)) if known.name != other.name => other.home,
        _ => configured.to_owned(),
    }
}

/// The active accounts in an answer of `ListAccounts`, which says so in `State`, and said so in `Status` before:
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>.
fn active(answer: &Value) -> Vec<Account> {
    let text = |account: &Value, key: &str| account.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let accounts = answer.get("Accounts").and_then(Value::as_array).into_iter().flatten();
    let active = accounts.filter(|account| {
        text(account, "State").or_else(|| text(account, "Status")).is_some_and(|state| state == "ACTIVE")
    });
    active
        .map(|account| Account {
            id: text(account, "Id").unwrap_or_default(),
            name: text(account, "Name").unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_tells_the_partition_that_is_asked_first() {
        for (configured, read, first) in [
            (None, None, "us-east-1"),
            (Some("eu-west-1"), None, "eu-west-1"),
            (Some("eu-west-1"), Some("us-west-2"), "eu-west-1"),
            (None, Some("eu-south-1"), "us-east-1"),
            (None, Some("cn-northwest-1"), "cn-north-1"),
            (Some("eu-west-1"), Some("us-gov-east-1"), "us-gov-west-1"),
            (Some("cn-northwest-1"), Some("cn-north-1"), "cn-northwest-1"),
        ] {
            assert_eq!(first_region(configured, read), first, "{configured:?} {read:?}");
        }
    }

    #[test]
    fn accounts_are_active_by_their_state_and_by_their_status() {
        let answer = json!({"Accounts": [
            {"Id": "111111111111", "Name": "a", "State": "ACTIVE"},
            {"Id": "222222222222", "Name": "b", "Status": "ACTIVE"},
            {"Id": "333333333333", "Name": "c", "State": "PENDING_CLOSURE", "Status": "ACTIVE"},
            {"Id": "444444444444", "Name": "d", "Status": "SUSPENDED"},
            {"Id": "555555555555", "Name": "e"}
        ]});
        let ids: Vec<_> = active(&answer).into_iter().map(|account| account.id).collect();
        assert_eq!(ids, ["111111111111", "222222222222"]);
    }
}
