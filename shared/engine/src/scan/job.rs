//! A scan in pieces that can be done one by one, by many hands, and more than once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Scanned, Scanner, Shard};
use crate::collect::{Collector, Scene};
use crate::ports::{Aws, StoreError};

/// Shards of one account, region and service, as a message of a queue carries them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The scan: shards that are done are remembered under it.
    pub scan: String,
    /// The account.
    pub scene: Scene,
    /// What to read.
    pub shards: Vec<Shard>,
}

/// What came of a job.
#[derive(Debug, Default)]
pub struct Worked {
    /// How many shards were done before, or now.
    pub done: usize,
    /// How many resources were read.
    pub resources: usize,
    /// How many findings there are.
    pub findings: usize,
    /// How many of them are new.
    pub new: usize,
    /// How many findings are over.
    pub resolved: usize,
    /// How many verdicts are open.
    pub unknown: usize,
    /// What there was no time for, and the slices of what was too much at once.
    pub left: Vec<Shard>,
}

/// The jobs that a scan of one account consists of: one for each region and service.
pub fn jobs(scan: &str, scene: &Scene, shards: Vec<Shard>) -> Vec<Job> {
    let mut groups: BTreeMap<(String, String), Vec<Shard>> = BTreeMap::new();
    for shard in shards {
        let service = shard.resource_type.split('.').nth(1).unwrap_or_default().to_owned();
        groups.entry((shard.region.clone(), service)).or_default().push(shard);
    }
    let job = |shards| Job { scan: scan.to_owned(), scene: scene.clone(), shards };
    groups.into_values().map(job).collect()
}

/// A shard with more resources than this, which take calls of their own, is done in slices: at ten calls each and two
/// hundred a second a slice takes about half a minute.
const AT_MOST: usize = 500;

/// Under which name it is remembered what was scanned at all.
fn baseline(account: &str) -> String {
    format!("baseline {account}")
}

impl Scanner {
    /// Does a job, for as long as `goes_on` says so. Shards that are done are left out, so that the same job again does
    /// the rest only.
    ///
    /// What is found where nothing was scanned before is kept and not told: the first scan of an account would drown
    /// everybody.
    ///
    /// # Errors
    /// When the store fails; what is done by then is remembered.
    pub async fn work(
        &self,
        job: &Job,
        aws: Arc<dyn Aws>,
        goes_on: impl Fn() -> bool,
    ) -> Result<Worked, StoreError> {
        let collector = Collector::new(aws, Arc::clone(&self.rows), job.scene.clone());
        let done = self.store.finished_shards(&job.scan).await?;
        let known = self.store.finished_shards(&baseline(&job.scene.account)).await?;
        let mut worked = Worked::default();
        for shard in &job.shards {
            let name = shard.to_string();
            if done.contains(&name) {
                worked.done += 1;
                continue;
            }
            if !goes_on() {
                worked.left.push(shard.clone());
                continue;
            }
            let scanned = self.first_or_again(&collector, shard, &known).await?;
            if let Some(count) = scanned.too_many {
                worked.left.extend(shard.slices(count, AT_MOST));
                continue;
            }
            let now = self.clock.now();
            self.store.finish_shard(&baseline(&job.scene.account), &name, now).await?;
            self.store.finish_shard(&job.scan, &name, now).await?;
            worked.add(&scanned);
        }
        Ok(worked)
    }

    async fn first_or_again(
        &self,
        collector: &Collector,
        shard: &Shard,
        known: &BTreeSet<String>,
    ) -> Result<Scanned, StoreError> {
        let policy = if known.contains(&shard.to_string()) {
            self.policy.clone()
        } else {
            model::NoticePolicy::default()
        };
        self.read(collector, shard, &policy, Some(AT_MOST), super::SCAN).await
    }
}

impl Worked {
    fn add(&mut self, scanned: &Scanned) {
        use rules::Truth;
        let count = |truth| scanned.judged.iter().filter(|judged| judged.truth == truth).count();
        self.done += 1;
        self.resources += scanned.resources;
        self.findings += count(Truth::True);
        self.new += scanned.judged.iter().filter(|judged| judged.change.is_new()).count();
        self.resolved += scanned.resolved;
        self.unknown += count(Truth::Unknown);
    }
}
