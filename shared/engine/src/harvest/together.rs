//! Harvesting several targets of one type at one place: what the API lists by ids is read with one call.

use futures_util::stream::{self, StreamExt as _};

use super::{Harvested, place_of};
use crate::collect::{Collector, Scene};
use crate::mapping::Reference;
use crate::ports::StoreError;
use crate::scan::Scanner;
use crate::track::Target;

/// So many targets are read at the same time.
const AT_ONCE: usize = 8;

impl Scanner {
    /// Harvests `targets`, of one account, region and type, with a `collector` that has read nothing yet. The answer is
    /// in their order; each has its own fate.
    pub async fn harvest_together(
        &self,
        collector: &mut Collector,
        scene: &Scene,
        targets: &[Target],
    ) -> Vec<Result<Harvested, StoreError>> {
        if let Some(problem) = self.read_ahead(collector, scene, targets).await.err() {
            let reason = problem.to_string();
            return targets.iter().map(|_| Err(StoreError::Unavailable(reason.clone()))).collect();
        }
        let collector = &*collector;
        let work: Vec<_> = targets.iter().map(|target| self.harvest(collector, scene, target)).collect();
        stream::iter(work).buffered(AT_ONCE).collect().await
    }

    async fn read_ahead(
        &self,
        collector: &mut Collector,
        scene: &Scene,
        targets: &[Target],
    ) -> Result<(), StoreError> {
        let [first, _, ..] = targets else { return Ok(()) };
        let Some(row) = self.rows().iter().find(|row| row.name == first.resource_type) else { return Ok(()) };
        // A last look most often finds that there is nothing left to read.
        let keys = targets.iter().filter(|target| !target.last).filter_map(|target| match &target.which {
            Reference::Id(text) | Reference::Arn(text) => Some(text.clone()),
            Reference::Name(_) | Reference::All | Reference::Where(_) => None,
        });
        let keys: Vec<String> = keys.collect();
        if keys.len() < 2 {
            return Ok(());
        }
        // All of them before the one read: a call that comes from here on asks for another.
        for target in targets {
            self.store().unmark(&target.key()).await?;
        }
        collector.read_ahead(row, &place_of(row, scene, first), &keys, &|| self.now()).await;
        Ok(())
    }
}
