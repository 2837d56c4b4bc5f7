//! Whose accounts are read, and with which credentials.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use catalog::resource::Operation;
use engine::ports::{Aws as _, Place, ReadError};
use serde_json::{Value, json};

use crate::client::{Client, Identity, http_client};
use crate::endpoint::Overrides;
use crate::limit::Limits;
use crate::model::{Models, partition_of};
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
        let region = config.region().map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
        let config = config.into_builder().region(Region::new(region.clone())).build();
        let mut client = Client::new(http);
        if let Some(backoff) = setup.backoff {
            client = client.with_backoff(backoff);
        }
        // The endpoints of the AWS CLI come from the environment.
        let overrides = Overrides::new(setup.endpoint_url.clone(), std::env::vars());
        let reader = Self {
            models: Models::default(),
            client,
            limits: if setup.unlimited || overrides.all.is_some() {
                Limits::none()
            } else {
                Limits::default()
            },
            overrides,
            identities: Mutex::new(HashMap::new()),
            entered: Mutex::new(HashSet::new()),
            calls: Mutex::new(Calls::default()),
        };
        let none = || ReadError::failed("NoCredentials", "none were found");
        let provider = config.credentials_provider().ok_or_else(|| SetupError::Credentials(none()))?;
        let identity = Identity::new(provider);
        reader.identify("", identity.clone());
        let operation = Operation { service: "sts".into(), name: "GetCallerIdentity".into() };
        let place = Place { account: String::new(), region };
        let who = reader.read(&place, &operation, &json!({})).await.map_err(SetupError::Credentials)?;
        let id = who.get("Account").and_then(Value::as_str).unwrap_or_default().to_owned();
        reader.identify(&id, identity);
        Ok((reader, Account { id, name: String::new() }, config))
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
        let accounts = answer.get("Accounts").and_then(Value::as_array).into_iter().flatten();
        let text = |account: &Value, key: &str| {
            account.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let active = accounts.filter(|account| text(account, "Status") == "ACTIVE");
        Ok(active.map(|account| Account { id: text(account, "Id"), name: text(account, "Name") }).collect())
    }
}
