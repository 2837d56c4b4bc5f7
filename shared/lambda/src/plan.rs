//! PLAN: from accounts to jobs in the queue.

use std::sync::Arc;

use aws::{Account, Reader, SetupError};
use engine::check::Checker;
use engine::collect::Collector;
use engine::scan::{Job, Selection, jobs, plan};
use serde::{Deserialize, Serialize};

use crate::jobs::{Accounts, JobQueue, QueueError};

/// The function, once it has booted.
#[derive(Debug)]
pub struct Plan {
    rows: Arc<Vec<catalog::resource::Row>>,
    checker: Checker,
    reader: Arc<Reader>,
    accounts: Accounts,
    queue: JobQueue,
    regions: Vec<String>,
}

/// What a schedule, or a person, asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The scan's name: the same name again goes on with the same scan.
    pub scan: String,
}

/// What became of it.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// How many accounts are read.
    pub accounts: usize,
    /// How many jobs were made.
    pub jobs: usize,
    /// Accounts that cannot be entered, with the reason.
    pub left_out: Vec<String>,
}

/// Why nothing was planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The accounts are not known.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The jobs could not be handed over.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The region of the function is in no partition that is read.
    #[error("region {0} is in a partition that is not read")]
    Partition(String),
}

impl Plan {
    /// Plans for the checks of `checker`.
    pub fn new(
        rows: Arc<Vec<catalog::resource::Row>>,
        checker: Checker,
        reader: Arc<Reader>,
        accounts: Accounts,
        queue: JobQueue,
        regions: Vec<String>,
    ) -> Self {
        Self { rows, checker, reader, accounts, queue, regions }
    }

    /// Puts the jobs of a scan into the queue.
    ///
    /// # Errors
    /// When the accounts are not known or the queue does not take the jobs; the same request again does it all over.
    pub async fn handle(&self, request: &Request) -> Result<Planned, PlanError> {
        let region = self.accounts.region();
        let partition =
            aws::model::partition_of(region).ok_or_else(|| PlanError::Partition(region.to_owned()))?;
        let mut planned = Planned::default();
        for account in self.accounts.list(&self.reader, &partition.home).await? {
            match self.account(&request.scan, &account).await {
                Ok(jobs) => {
                    planned.accounts += 1;
                    planned.jobs += jobs.len();
                    self.queue.send(&jobs).await?;
                }
                // One account that cannot be entered does not keep the others from being scanned.
                Err(error) => {
                    tracing::error!(account = account.id, name = account.name, %error, "an account is left out");
                    planned.left_out.push(format!("{}: {error}", account.id));
                }
            }
        }
        tracing::info!(
            accounts = planned.accounts,
            jobs = planned.jobs,
            left_out = planned.left_out.len(),
            "planned"
        );
        Ok(planned)
    }

    async fn account(&self, scan: &str, account: &Account) -> Result<Vec<Job>, engine::ports::ReadError> {
        let scene = self.accounts.scene(&self.reader, &account.id).await?;
        let reader: Arc<dyn engine::ports::Aws> = Arc::<Reader>::clone(&self.reader);
        let collector = Collector::new(reader, Arc::clone(&self.rows), scene.clone());
        let selection = Selection { regions: self.regions.clone(), services: Vec::new() };
        let shards = plan(&self.rows, &self.checker, &collector, &scene, &selection);
        Ok(jobs(scan, &scene, shards))
    }
}
