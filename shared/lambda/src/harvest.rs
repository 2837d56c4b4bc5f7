//! HARVEST: what calls changed, read again and judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws::Reader;
use engine::collect::{Collector, Scene};
use engine::harvest::Harvested;
use engine::ports::Aws;
use engine::scan::Scanner;
use engine::track::{Target, calmed};
use futures_util::stream::{self, StreamExt as _};

use crate::batch::{Batch, BatchResponse};
use crate::jobs::{Accounts, JobQueue};

/// So many places are read at the same time.
const AT_ONCE: usize = 8;

/// The function, once it has booted.
#[derive(Debug)]
pub struct Harvest {
    scanner: Scanner,
    reader: Arc<Reader>,
    accounts: Accounts,
    queue: JobQueue,
    scenes: Mutex<HashMap<String, Scene>>,
}

impl Harvest {
    /// Harvests with `scanner` what `reader` may read.
    pub fn new(scanner: Scanner, reader: Arc<Reader>, accounts: Accounts, queue: JobQueue) -> Self {
        Self { scanner, reader, accounts, queue, scenes: Mutex::default() }
    }

    /// Reads the targets of a batch. What fails comes again; what does not show yet what a call did is asked for anew.
    ///
    /// # Errors
    /// When the payload is no batch of a queue.
    pub async fn handle(&self, payload: &[u8]) -> Result<BatchResponse, serde_json::Error> {
        let batch: Batch = serde_json::from_slice(payload)?;
        let mut response = BatchResponse::default();
        let mut targets = Vec::new();
        for message in batch.records {
            match serde_json::from_str::<Target>(&message.body) {
                Ok(target) => targets.push((message.message_id, target)),
                Err(error) => {
                    tracing::warn!(message_id = message.message_id, %error, "this is no target of a harvest");
                    response.fail(&message.message_id);
                }
            }
        }
        // Many of one type are read as one; then all of their messages share its fate.
        let calm = calmed(targets.iter().map(|(_, target)| target.clone()));
        for (id, target) in targets.iter().filter(|(_, target)| !calm.contains(target)) {
            // Before that one read: a call that comes from here on asks for another.
            if let Err(error) = self.scanner.store().unmark(&target.key()).await {
                tracing::warn!(message_id = id, %error, "a mark could not be taken away");
                response.fail(id);
            }
        }
        let mut places: BTreeMap<_, Vec<&Target>> = BTreeMap::new();
        for target in &calm {
            let place = (&target.account, &target.region, &target.resource_type);
            places.entry(place).or_default().push(target);
        }
        let work: Vec<_> = places.into_values().map(|targets| self.together(targets)).collect();
        let done: Vec<_> = stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        let failed: BTreeSet<&Target> = done
            .into_iter()
            .flatten()
            .filter_map(|(target, result)| {
                let problem = result.err()?;
                tracing::warn!(
                    problem,
                    resource_type = target.resource_type,
                    "a harvest failed and comes again"
                );
                Some(target)
            })
            .collect();
        for (id, target) in &targets {
            let is_of = |other: &&Target| **other == *target || (other.is_all() && other.is_at(target));
            if failed.iter().any(is_of) {
                response.fail(id);
            }
        }
        Ok(response)
    }

    /// Reads targets of one account, region and type.
    async fn together<'t>(&self, targets: Vec<&'t Target>) -> Vec<(&'t Target, Result<(), String>)> {
        let scene = match targets.first() {
            Some(first) => self.scene(&first.account).await,
            None => return Vec::new(),
        };
        let scene = match scene {
            Ok(scene) => scene,
            Err(problem) => {
                return targets.into_iter().map(|target| (target, Err(problem.clone()))).collect();
            }
        };
        let reader: Arc<dyn Aws> = Arc::<Reader>::clone(&self.reader);
        // A new one for each place: what it remembers was read before the marks of others were taken away.
        let mut collector = Collector::new(reader, Arc::new(self.scanner.rows().to_vec()), scene.clone());
        let owned: Vec<Target> = targets.iter().copied().cloned().collect();
        let harvested = self.scanner.harvest_together(&mut collector, &scene, &owned).await;
        let mut done = Vec::with_capacity(targets.len());
        for (target, harvested) in targets.into_iter().zip(harvested) {
            let told = match harvested {
                Ok(harvested) => self.tell(target, harvested).await,
                Err(error) => Err(error.to_string()),
            };
            done.push((target, told));
        }
        done
    }

    /// Says what came of a target, and asks for what has to be read again.
    async fn tell(&self, target: &Target, harvested: Harvested) -> Result<(), String> {
        tracing::info!(
            account = target.account,
            region = target.region,
            resource_type = target.resource_type,
            tries = target.tries,
            changed = harvested.changed,
            findings = harvested.scanned.judged.iter().filter(|judged| judged.change.is_new()).count(),
            resolved = harvested.scanned.resolved,
            again = harvested.again.is_some(),
            "harvested"
        );
        if harvested.refused {
            return Err("it cannot be read".to_owned());
        }
        match harvested.again {
            Some((target, delay)) => {
                self.queue.send_after(&[target], delay).await.map_err(|error| error.to_string())
            }
            None => Ok(()),
        }
    }

    /// The account as it is read; which of its regions are switched on is asked once.
    async fn scene(&self, account: &str) -> Result<Scene, String> {
        let known = self.scenes.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned();
        if let Some(scene) = known {
            return Ok(scene);
        }
        let scene = self.accounts.scene(&self.reader, account).await.map_err(|error| error.to_string())?;
        let mut scenes = self.scenes.lock().unwrap_or_else(PoisonError::into_inner);
        scenes.insert(account.to_owned(), scene.clone());
        Ok(scene)
    }
}
