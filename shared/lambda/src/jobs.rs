//! What PLAN and SCAN share: the queue of jobs, and the way into accounts.

use std::time::Duration;

use async_trait::async_trait;
use aws::{Access, Account, Reader, SetupError};
use aws_config::SdkConfig;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use engine::collect::Scene;
use engine::ingest::poll::Notices;
use engine::ports::{ReadError, StoreError};
use engine::track::{Harvests, Target};
use serde::Serialize;

/// The most messages of one call, <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>.
const BATCH: usize = 10;

/// The most bytes of one call, a little below the quota of 256 KiB.
const BYTES: usize = 250_000;

/// The longest delay of a message, in seconds.
const LONGEST_DELAY: i32 = 900;

/// Why work was not handed over.
#[derive(Debug, thiserror::Error)]
#[error("the queue does not take the work: {0}")]
pub struct QueueError(String);

/// Takes jobs of scans, or targets of harvests.
#[derive(Debug, Clone)]
pub struct JobQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl JobQueue {
    /// The queue at `url`.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Hands over work. Some may have been taken when this fails; that it is done twice does no harm.
    ///
    /// # Errors
    /// When the queue refuses, or takes only some.
    pub async fn send(&self, work: &[impl Serialize]) -> Result<(), QueueError> {
        self.send_after(work, Duration::ZERO).await
    }

    /// Hands over work that is to be done after `delay`, of which a queue takes up to 15 minutes.
    ///
    /// # Errors
    /// When the queue refuses, or takes only some.
    pub async fn send_after(&self, work: &[impl Serialize], delay: Duration) -> Result<(), QueueError> {
        let bodies: Vec<String> = work
            .iter()
            .map(serde_json::to_string)
            .collect::<Result<_, _>>()
            .map_err(|error| QueueError(error.to_string()))?;
        let mut rest = bodies.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fit = rest.iter().take(BATCH).take_while(|body| {
                bytes += body.len();
                bytes <= BYTES
            });
            let (now, later) = rest.split_at(fit.count().max(1));
            self.send_some(now, delay).await?;
            rest = later;
        }
        Ok(())
    }

    async fn send_some(&self, bodies: &[String], delay: Duration) -> Result<(), QueueError> {
        let delay = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX).min(LONGEST_DELAY);
        let entry = |(index, body): (usize, &String)| {
            SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(body)
                .delay_seconds(delay)
                .build()
        };
        let entries = bodies.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
        let entries = entries.map_err(|error| QueueError(error.to_string()))?;
        let sent =
            self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
        let sent = sent.map_err(|error| QueueError(format!("{:?}", error.into_service_error())))?;
        match sent.failed().first() {
            None => Ok(()),
            Some(failed) => {
                Err(QueueError(format!("{} of {}: {}", sent.failed().len(), bodies.len(), failed.code())))
            }
        }
    }
}

#[async_trait]
impl Notices for JobQueue {
    async fn tell(&self, notices: &[serde_json::Value]) -> Result<(), StoreError> {
        let sent = self.send(notices).await;
        sent.map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

#[async_trait]
impl Harvests for JobQueue {
    async fn ask(&self, targets: &[Target], delay: Duration) -> Result<(), StoreError> {
        let sent = self.send_after(targets, delay).await;
        sent.map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

/// Which accounts are scanned, and how they are entered.
#[derive(Debug)]
pub struct Accounts {
    which: Which,
    own: Account,
    roles: Roles,
    config: SdkConfig,
}

/// The roles that are assumed.
#[derive(Debug, Clone)]
pub struct Roles {
    /// In the own account, by its ARN.
    pub own: String,
    /// In other accounts.
    pub others: Access,
}

/// Which accounts are scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one that the function runs in.
    Own,
    /// These.
    Listed(Vec<String>),
    /// Every active one of the organization.
    Organization,
}

impl Which {
    /// Reads nothing for the own account, `organization`, or a list.
    pub fn of(list: Vec<String>) -> Self {
        match list.as_slice() {
            [] => Self::Own,
            [word] if word == "organization" => Self::Organization,
            _ => Self::Listed(list),
        }
    }
}

impl Accounts {
    /// Enters `which` accounts by assuming roles, from the account `own`.
    pub fn new(which: Which, own: Account, roles: Roles, config: SdkConfig) -> Self {
        Self { which, own, roles, config }
    }

    /// The function's own way into AWS.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The region that the function runs in.
    pub fn region(&self) -> &str {
        self.config.region().map_or("us-east-1", AsRef::as_ref)
    }

    /// The ARN of an event bus beside the function, by its name; `None` in a partition that is not read.
    pub fn bus(&self, name: &str) -> Option<String> {
        let partition = aws::model::partition_of(self.region())?.name;
        Some(format!("arn:{partition}:events:{}:{}:event-bus/{name}", self.region(), self.own.id))
    }

    /// Whether an account is the one that the function runs in.
    pub fn is_own(&self, account: &Account) -> bool {
        account.id == self.own.id
    }

    /// The accounts.
    ///
    /// # Errors
    /// When the organization's cannot be listed.
    pub async fn list(&self, reader: &Reader, home: &str) -> Result<Vec<Account>, SetupError> {
        match &self.which {
            Which::Own => Ok(vec![self.own.clone()]),
            Which::Listed(ids) => {
                Ok(ids.iter().map(|id| Account { id: id.clone(), name: String::new() }).collect())
            }
            Which::Organization => {
                self.enter(reader, &self.own.id).await;
                reader.organization(&self.own.id, home).await
            }
        }
    }

    /// An account as it is read, once it is entered.
    ///
    /// # Errors
    /// When its regions cannot be asked for, or are in no partition that is read.
    pub async fn scene(&self, reader: &Reader, account: &str) -> Result<Scene, ReadError> {
        self.enter(reader, account).await;
        let region = self.region();
        let partition = aws::model::partition_of(region).ok_or_else(|| {
            ReadError::failed("NoPartition", format!("region {region} is in a partition that is not read"))
        })?;
        let regions = reader.regions(account, region).await?;
        Ok(Scene { account: account.to_owned(), partition: partition.name, home: partition.home, regions })
    }

    /// Has `reader` read the account through its role, the own account included: the functions themselves may read
    /// nothing.
    pub async fn enter(&self, reader: &Reader, account: &str) {
        if reader.has_entered(account) {
            return;
        }
        let own = Access { role: self.roles.own.clone(), external_id: None };
        let access = if account == self.own.id { &own } else { &self.roles.others };
        reader.enter(account, access, &self.config).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_are_the_own_one_unless_others_are_named() {
        let of = |words: &[&str]| Which::of(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(of(&[]), Which::Own);
        assert_eq!(of(&["organization"]), Which::Organization);
        assert_eq!(of(&["111122223333"]), Which::Listed(vec!["111122223333".into()]));
    }
}
