//! HEALTH: whether the accounts that are watched send their events, and whether this one takes them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws::{Account, Reader};
use engine::collect::Scene;
use engine::health::{Examined, examine};
use engine::ports::{Aws, ReadError, StoreError};
use engine::scan::Scanner;
use serde::Serialize;

use crate::heartbeat;
use crate::jobs::Accounts;
use crate::plan::PlanError;

/// An account is begun only when there is so much time left.
const ENOUGH: Duration = Duration::from_mins(1);

/// The function, once it has booted.
#[derive(Debug)]
pub struct Health {
    scanner: Scanner,
    reader: Arc<Reader>,
    accounts: Accounts,
    regions: Vec<String>,
    bus: String,
}

/// What became of it.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// How many accounts were looked at.
    pub accounts: usize,
    /// Accounts for which there was no time; they come first the next time.
    pub left: usize,
    /// How many findings there are.
    pub findings: usize,
    /// How many of them are new.
    pub new: usize,
    /// How many findings are over.
    pub resolved: usize,
    /// How many verdicts are open.
    pub unknown: usize,
}

/// Why producers were not looked at.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// The bus does not take the heartbeat.
    #[error("the central bus takes no heartbeat: {0}")]
    Heartbeat(ReadError),
    /// The accounts are not known.
    #[error(transparent)]
    Accounts(#[from] PlanError),
    /// Findings cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Health {
    /// Looks at producers with `scanner`, in `regions` or in all, and puts heartbeats on `bus`.
    pub fn new(
        scanner: Scanner,
        reader: Arc<Reader>,
        accounts: Accounts,
        regions: Vec<String>,
        bus: String,
    ) -> Self {
        Self { scanner, reader, accounts, regions, bus }
    }

    /// Puts a heartbeat on the bus, and judges the producers of all other accounts that are scanned.
    ///
    /// # Errors
    /// When the heartbeat cannot be sent, the accounts are not known, or the store fails. What was found by then is kept.
    pub async fn handle(&self, deadline: SystemTime) -> Result<Looked, HealthError> {
        let region = self.accounts.region();
        let beat = heartbeat::put(&self.reader, region, &self.bus).await.map_err(HealthError::Heartbeat);
        // That the bus is silent does not keep the producers from being looked at.
        let looked = self.producers(region, deadline).await?;
        tracing::info!(
            accounts = looked.accounts,
            left = looked.left,
            findings = looked.findings,
            new = looked.new,
            resolved = looked.resolved,
            unknown = looked.unknown,
            "looked at producers"
        );
        beat.map(|()| looked)
    }

    async fn producers(&self, region: &str, deadline: SystemTime) -> Result<Looked, HealthError> {
        let partition =
            aws::model::partition_of(region).ok_or_else(|| PlanError::Partition(region.to_owned()))?;
        let mut accounts: Vec<Account> =
            self.accounts.list(&self.reader, &partition.home).await.map_err(PlanError::from)?;
        // The functions' own account needs no producer for the region that they run in.
        accounts.retain(|account| !self.accounts.is_own(account));
        // Where time does not suffice for all, another one is the first each time.
        if let Some(first) = quarters(SystemTime::now()).checked_rem(accounts.len()) {
            accounts.rotate_left(first);
        }
        let mut looked = Looked::default();
        for account in &accounts {
            if !deadline.duration_since(SystemTime::now()).is_ok_and(|left| left > ENOUGH) {
                looked.left += 1;
                continue;
            }
            let scene = match self.accounts.scene(&self.reader, &account.id).await {
                Ok(scene) => scene,
                // That there is no way in is what its document tells.
                Err(error) => {
                    tracing::warn!(account = account.id, name = account.name, %error, "an account cannot be entered");
                    Scene {
                        account: account.id.clone(),
                        partition: partition.name.clone(),
                        home: partition.home.clone(),
                        regions: vec![partition.home.clone()],
                    }
                }
            };
            let reader: Arc<dyn Aws> = Arc::<Reader>::clone(&self.reader);
            looked.add(&examine(&self.scanner, reader, scene, &self.regions).await?);
        }
        Ok(looked)
    }
}

/// How many quarters of an hour have gone by since 1970.
fn quarters(now: SystemTime) -> usize {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    usize::try_from(since.as_secs() / 900).unwrap_or_default()
}

impl Looked {
    fn add(&mut self, examined: &Examined) {
        self.accounts += 1;
        self.findings += examined.findings;
        self.new += examined.new;
        self.resolved += examined.resolved;
        self.unknown += examined.unknown;
    }
}
