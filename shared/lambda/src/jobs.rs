//! What PLAN and SCAN share: the queue of jobs, and the way into accounts.

use aws::{Access, Account, Reader, SetupError};
use aws_config::SdkConfig;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use engine::scan::Job;

/// The most messages of one call, <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>.
const BATCH: usize = 10;

/// The most bytes of one call, a little below the quota of 256 KiB.
const BYTES: usize = 250_000;

/// Why jobs were not handed over.
#[derive(Debug, thiserror::Error)]
#[error("the queue does not take the jobs: {0}")]
pub struct QueueError(String);

/// Takes jobs.
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

    /// Hands over jobs. Some may have been taken when this fails; that a job is done twice does no harm.
    ///
    /// # Errors
    /// When the queue refuses, or takes only some.
    pub async fn send(&self, jobs: &[Job]) -> Result<(), QueueError> {
        let bodies: Vec<String> = jobs
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
            self.send_some(now).await?;
            rest = later;
        }
        Ok(())
    }

    async fn send_some(&self, bodies: &[String]) -> Result<(), QueueError> {
        let entry = |(index, body): (usize, &String)| {
            SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body).build()
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

    /// The region that the function runs in.
    pub fn region(&self) -> &str {
        self.config.region().map_or("us-east-1", AsRef::as_ref)
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
