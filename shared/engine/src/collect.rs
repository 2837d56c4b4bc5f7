//! From resource rows to documents: what there is, as far as it may be seen.
//!
//! A read that fails leaves a hole with its reason in the document, never a value. Identical calls that do not depend
//! on a resource are made once.

mod ahead;
mod answer;
mod batches;
mod facets;
mod listing;
mod memo;
mod one;
mod resource;
mod values;

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::resource::{Read, Row, Scope};
use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::mapping::place::partition_of;
use crate::ports::{Aws, Place, ReadError};

pub use memo::Memo;
pub use one::One;
pub use resource::Resource;

use ahead::Ahead;
use facets::with_sources;
use values::Context;

/// So many resources of a type are read at the same time.
const AT_ONCE: usize = 16;

/// How a type's resources came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// All of them.
    Resources(Vec<Resource>),
    /// They could not be listed.
    Unlisted(Unlisted),
    /// There are so many of them that they are better read in slices.
    TooMany(usize),
}

/// Which of a type's resources are read.
#[derive(Clone, Copy)]
pub struct Portion<'a> {
    /// Those that this lets pass.
    pub keep: &'a (dyn Fn(&Resource) -> bool + Send + Sync),
    /// And no more than so many, where each takes calls of its own.
    pub limit: Option<usize>,
}

impl std::fmt::Debug for Portion<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Portion").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// A type whose resources could not be listed, so that nothing can be said about any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// The hole that stands for all of them.
    pub hole: Value,
}

/// Reads resources of one account.
pub struct Collector {
    aws: Arc<dyn Aws>,
    memo: Memo,
    rows: Arc<Vec<Row>>,
    account: String,
    partition: String,
    home: String,
    regions: Vec<String>,
    ahead: Ahead,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Collector").field("account", &self.account).finish_non_exhaustive()
    }
}

/// An account as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    /// The account's id.
    pub account: String,
    /// The partition's name.
    pub partition: String,
    /// The region that global services are asked in.
    pub home: String,
    /// The regions that are switched on.
    pub regions: Vec<String>,
}

impl Collector {
    /// Reads the account of `scene`, whose resources are those of `rows`.
    pub fn new(aws: Arc<dyn Aws>, rows: Arc<Vec<Row>>, scene: Scene) -> Self {
        let Scene { account, partition, home, regions } = scene;
        Self { aws, memo: Memo::default(), rows, account, partition, home, regions, ahead: Ahead::default() }
    }

    /// The place at which a type is asked for in `region`.
    pub fn place(&self, row: &Row, region: &str) -> Place {
        let region = match row.scope {
            Scope::Global => self.home.clone(),
            Scope::Regional => region.to_owned(),
        };
        Place { account: self.account.clone(), region }
    }

    /// Whether nothing of a row can be at a place, because its service is not there, or is asked in a region of another
    /// partition.
    pub fn is_absent(&self, row: &Row, place: &Place) -> bool {
        row.reads().next().is_some_and(|read| match &read.region {
            Some(region) => partition_of(region) != self.partition,
            None => {
                row.scope == Scope::Regional && self.aws.is_absent(&read.operation.service, &place.region)
            }
        })
    }

    /// The resources of a type at a place, with the facets in `wanted`.
    pub async fn collect(
        &self,
        row: &Row,
        place: &Place,
        wanted: &BTreeSet<String>,
        portion: Portion<'_>,
    ) -> Listed {
        let documents = match self.list(row, place).await {
            Ok(documents) => documents,
            Err(unlisted) => return Listed::Unlisted(unlisted),
        };
        let documents = self.describe(row, place, documents).await;
        let mut resources: Vec<Resource> = documents
            .into_iter()
            .map(|document| {
                Resource::new(row, &Self::place_of(row, place, &document), &self.partition, document)
            })
            .filter(portion.keep)
            .collect();
        let needed = with_sources(row, wanted);
        if portion.limit.is_some_and(|limit| resources.len() > limit) && takes_calls(row, &needed) {
            return Listed::TooMany(resources.len());
        }
        self.facets_in_batches(row, place, &needed, &mut resources).await;
        let complete = resources.into_iter().map(|resource| self.complete(row, &needed, resource));
        Listed::Resources(at_once(complete).await)
    }

    /// Reads the facets that are asked for in batches, of all resources together.
    async fn facets_in_batches(
        &self,
        row: &Row,
        place: &Place,
        needed: &BTreeSet<&str>,
        resources: &mut [Resource],
    ) {
        for (name, read) in row.facets.iter().filter(|(name, _)| needed.contains(name.as_str())) {
            let Some(batch) = &read.batch else { continue };
            let documents = resources.iter().map(|resource| &resource.document);
            let found = self.in_batches(read, batch, place, documents).await;
            for (resource, value) in resources.iter_mut().zip(found) {
                resource.document.insert(name.clone(), value);
            }
        }
    }

    /// The place in which the details of a resource are read.
    fn place_of(row: &Row, place: &Place, document: &Map<String, Value>) -> Place {
        let Some(path) = &row.region else { return place.clone() };
        let region = match values::at(document, path) {
            Value::String(region) if region == "EU" => "eu-west-1".to_owned(),
            Value::String(region) if !region.is_empty() => region,
            _ => place.region.clone(),
        };
        Place { account: place.account.clone(), region }
    }

    fn context<'a>(&'a self, place: &'a Place) -> Context<'a> {
        Context { account: &self.account, region: &place.region, partition: &self.partition, each: None }
    }

    async fn ask(
        &self,
        read: &Read,
        place: &Place,
        parameters: &Value,
        memo: Option<&Memo>,
    ) -> Result<Arc<Value>, ReadError> {
        let region = match &read.region {
            Some(region) => region,
            // A service that has one endpoint answers alike wherever it is asked from.
            None if self.aws.is_global(&read.operation.service, &place.region) => &self.home,
            None => &place.region,
        };
        let place = Place { account: place.account.clone(), region: region.clone() };
        let asked = || self.aws.read(&place, &read.operation, parameters);
        match memo {
            Some(memo) => memo.get(&place, &read.operation, parameters, asked).await,
            None => asked().await.map(Arc::new),
        }
    }
}

/// Whether several resources of a row may ask for the same with this read: none of its parameters names the resource
/// itself.
pub(crate) fn is_shared(row: &Row, read: &Read) -> bool {
    let own = row.id.paths();
    let names = |path: &str| own.contains(&path) || row.arn.contains(&format!("{{{path}}}"));
    !read.with.iter().flat_map(|(_, source)| source.paths()).any(names)
}

/// The texts at a path of a document, through lists.
pub(crate) fn texts_at(document: &Map<String, Value>, path: &str) -> Vec<String> {
    values::texts(&values::at(document, path)).collect()
}

/// Waits for futures, [`AT_ONCE`] of them at a time, and keeps their order.
async fn at_once<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    // Collected first: a lazy iterator of futures that borrow is more than the compiler can follow.
    stream::iter(futures.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await
}

/// Whether a resource of the type takes calls of its own.
fn takes_calls(row: &Row, needed: &BTreeSet<&str>) -> bool {
    let facets = row.facets.iter().filter(|(name, _)| needed.contains(name.as_str()));
    facets.into_iter().any(|(_, read)| read.batch.is_none() && !is_shared(row, read))
}
