//! From resource rows to documents: what there is, as far as it may be seen.
//!
//! A read that fails leaves a hole with its reason in the document, never a value. Identical calls that do not depend
//! on a resource are made once.

mod answer;
mod memo;
mod one;
mod resource;
mod values;

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::resource::{Batch, Filter, Listing, Read, Row, Scope};
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ports::{Aws, Place, ReadError};

pub use memo::Memo;
pub use one::One;
pub use resource::Resource;

use answer::{hole, hole_of, taken};
use values::{Context, Missing, texts};

/// So many resources of a type are read at the same time.
const AT_ONCE: usize = 16;

/// How a type's resources came out.
pub type Listed = Result<Vec<Resource>, Unlisted>;

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
        Self { aws, memo: Memo::default(), rows, account, partition, home, regions }
    }

    /// The place at which a type is asked for in `region`.
    pub fn place(&self, row: &Row, region: &str) -> Place {
        let region = match row.scope {
            Scope::Global => self.home.clone(),
            Scope::Regional => region.to_owned(),
        };
        Place { account: self.account.clone(), region }
    }

    /// Whether nothing of a row can be at a place, because its service is not there.
    pub fn is_absent(&self, row: &Row, place: &Place) -> bool {
        row.scope == Scope::Regional
            && row
                .reads()
                .next()
                .is_some_and(|read| self.aws.is_absent(&read.operation.service, &place.region))
    }

    /// All resources of a type at a place, with the facets in `wanted`.
    pub async fn collect(&self, row: &Row, place: &Place, wanted: &BTreeSet<String>) -> Listed {
        let documents = self.list(row, place).await?;
        let documents = self.describe(row, place, documents).await;
        let documents = self.facets_in_batches(row, place, wanted, documents).await;
        Ok(at_once(documents.into_iter().map(|document| self.complete(row, place, wanted, document))).await)
    }

    /// What the listing says of each resource. Boxed, because the listing of a child lists its parents.
    fn list<'a>(
        &'a self,
        row: &'a Row,
        place: &'a Place,
    ) -> BoxFuture<'a, Result<Vec<Map<String, Value>>, Unlisted>> {
        Box::pin(async move {
            let mut documents = match &row.listing {
                Listing::Single => return Ok(vec![Map::new()]),
                Listing::Call(read) => self.items(read, place, &Map::new()).await?,
                Listing::Within { read, parent, carry } => self.children(read, place, parent, carry).await?,
            };
            documents.retain(|document| counts(row, document));
            Ok(documents)
        })
    }

    async fn children(
        &self,
        read: &Read,
        place: &Place,
        parent: &str,
        carry: &[String],
    ) -> Result<Vec<Map<String, Value>>, Unlisted> {
        let Some(parent) = self.rows.iter().find(|row| row.name == *parent) else {
            let error = ReadError::failed("Parent", format!("there is no type {parent}"));
            return Err(Unlisted { hole: hole(&error, read, self.aws.as_ref()) });
        };
        let place_of_parents = self.place(parent, &place.region);
        let parents = self.list(parent, &place_of_parents).await?;
        let parents = self.describe(parent, &place_of_parents, parents).await;
        let lists = at_once(parents.iter().map(|parent| async move {
            let mut items = self.items(read, place, parent).await?;
            for path in carry {
                let name = path.rsplit('.').next().unwrap_or(path);
                let value = values::at(parent, path);
                for item in &mut items {
                    item.insert(name.to_owned(), value.clone());
                }
            }
            Ok(items)
        }))
        .await;
        Ok(lists.into_iter().collect::<Result<Vec<_>, Unlisted>>()?.concat())
    }

    async fn items(
        &self,
        read: &Read,
        place: &Place,
        parent: &Map<String, Value>,
    ) -> Result<Vec<Map<String, Value>>, Unlisted> {
        let context = self.context(place);
        let parameters = match context.parameters(read, parent) {
            Ok(parameters) => parameters,
            Err(Missing::Nothing) => return Ok(Vec::new()),
            Err(Missing::Hole(hole)) => return Err(Unlisted { hole }),
        };
        let answer = match self.ask(read, place, &parameters, parent.is_empty().then_some(&self.memo)).await {
            Ok(answer) => answer,
            Err(error) if read.is_absence(&error.code, &error.message) => return Ok(Vec::new()),
            Err(error) => return Err(Unlisted { hole: hole(&error, read, self.aws.as_ref()) }),
        };
        let items = taken(&answer, read.take.as_deref());
        let items = match items {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            one => vec![one],
        };
        Ok(items
            .into_iter()
            .filter_map(|item| match (item, &read.named) {
                (Value::Object(members), _) => Some(members),
                (Value::Null, _) | (_, None) => None,
                (text, Some(name)) => Some(Map::from_iter([(name.clone(), text)])),
            })
            .collect())
    }

    /// Merges what the row's further calls say into the documents.
    async fn describe(
        &self,
        row: &Row,
        place: &Place,
        mut documents: Vec<Map<String, Value>>,
    ) -> Vec<Map<String, Value>> {
        for read in &row.describe {
            let described = match &read.batch {
                Some(batch) => self.in_batches(read, batch, place, &documents).await,
                None => {
                    at_once(documents.iter().map(|document| async move {
                        self.facet(read, place, document, &Memo::default()).await
                    }))
                    .await
                }
            };
            for (document, described) in documents.iter_mut().zip(described) {
                match described {
                    // Whatever the description would have said is not known; the hole at the root says so.
                    Value::Object(members) => document.extend(members),
                    Value::Null => {}
                    other => {
                        document.insert("Value".into(), other);
                    }
                }
            }
        }
        documents
    }

    /// Reads the facets that are asked for in batches, of all resources together.
    async fn facets_in_batches(
        &self,
        row: &Row,
        place: &Place,
        wanted: &BTreeSet<String>,
        mut documents: Vec<Map<String, Value>>,
    ) -> Vec<Map<String, Value>> {
        let needed = with_sources(row, wanted);
        for (name, read) in
            row.facets.iter().filter(|(name, read)| read.batch.is_some() && needed.contains(name.as_str()))
        {
            let Some(batch) = &read.batch else { continue };
            let found = self.in_batches(read, batch, place, &documents).await;
            for (document, value) in documents.iter_mut().zip(found) {
                document.insert(name.clone(), value);
            }
        }
        documents
    }

    /// Reads the facets of one resource: those that stand alone together, the others in their order.
    async fn complete(
        &self,
        row: &Row,
        place: &Place,
        wanted: &BTreeSet<String>,
        document: Map<String, Value>,
    ) -> Resource {
        let place = Self::place_of(row, place, &document);
        let mut resource = Resource::new(row, &place, &self.partition, document);
        let needed = with_sources(row, wanted);
        let depends = |read: &Read| read.facets_read(row).next().is_some();
        let facets =
            row.facets.iter().filter(|(name, read)| read.batch.is_none() && needed.contains(name.as_str()));
        let own = Memo::default();
        let (later, first): (Vec<_>, Vec<_>) = facets.partition(|(_, read)| depends(read));
        let found =
            join_all(first.iter().map(|(_, read)| self.facet(read, &place, &resource.document, &own))).await;
        for ((name, _), value) in first.into_iter().zip(found) {
            resource.document.insert(name.clone(), value);
        }
        for (name, read) in later {
            let value = self.facet(read, &place, &resource.document, &own).await;
            resource.document.insert(name.clone(), value);
        }
        resource
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

    /// What one facet of a document is: a value, null for "not configured", or a hole.
    async fn facet(&self, read: &Read, place: &Place, document: &Map<String, Value>, own: &Memo) -> Value {
        if read.all_regions {
            return self.in_all_regions(read, place, document, own).await;
        }
        match &read.each {
            None => self.one_facet(read, place, document, self.context(place), own).await,
            Some(path) => self.for_each(read, path, place, document, own).await,
        }
    }

    async fn one_facet(
        &self,
        read: &Read,
        place: &Place,
        document: &Map<String, Value>,
        context: Context<'_>,
        own: &Memo,
    ) -> Value {
        let parameters = match context.parameters(read, document) {
            Ok(parameters) => parameters,
            Err(Missing::Nothing) => return Value::Null,
            Err(Missing::Hole(hole)) => return hole,
        };
        let shared = read.with.iter().all(|(_, source)| source.paths().is_empty());
        let memo = if shared { &self.memo } else { own };
        match self.ask(read, place, &parameters, Some(memo)).await {
            Ok(answer) => answer::of(read, &answer, document, &context),
            Err(error) if read.is_absence(&error.code, &error.message) => Value::Null,
            Err(error) => hole(&error, read, self.aws.as_ref()),
        }
    }

    async fn for_each(
        &self,
        read: &Read,
        path: &str,
        place: &Place,
        document: &Map<String, Value>,
        own: &Memo,
    ) -> Value {
        let values = values::at(document, path);
        if let Some(hole) = hole_of(&values) {
            return hole.clone();
        }
        let distinct: BTreeSet<String> = texts(&values).collect();
        let asked = distinct.iter().map(|value| async move {
            let context = Context { each: Some(value), ..self.context(place) };
            let members = match self.one_facet(read, place, document, context, own).await {
                Value::Object(members) => members,
                Value::Null => return Value::Null,
                other => Map::from_iter([("Value".to_owned(), other)]),
            };
            Value::Object(
                members.into_iter().chain([("Of".to_owned(), Value::from(value.as_str()))]).collect(),
            )
        });
        let found = join_all(asked).await;
        Value::Array(found.into_iter().filter(|value| !value.is_null()).collect())
    }

    async fn in_all_regions(
        &self,
        read: &Read,
        place: &Place,
        document: &Map<String, Value>,
        own: &Memo,
    ) -> Value {
        let asked = self.regions.iter().filter(|region| !self.aws.is_absent(&read.operation.service, region));
        let lists = join_all(asked.map(|region| async move {
            let place = Place { account: place.account.clone(), region: region.clone() };
            match &read.each {
                // A value that names its region is asked about there only.
                Some(path) => {
                    let here = values::of_region(document, path, region);
                    self.for_each(read, path, &place, &here, own).await
                }
                None => self.one_facet(read, &place, document, self.context(&place), own).await,
            }
        }))
        .await;
        let items = lists.into_iter().flat_map(|list| match list {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            one => vec![one],
        });
        Value::Array(items.collect())
    }

    /// Asks about many documents at once, and gives each its element of the answer.
    async fn in_batches(
        &self,
        read: &Read,
        batch: &Batch,
        place: &Place,
        documents: &[Map<String, Value>],
    ) -> Vec<Value> {
        let context = self.context(place);
        let mut groups: Vec<(Value, Vec<(usize, Value)>)> = Vec::new();
        let mut described = vec![Value::Null; documents.len()];
        for (index, document) in documents.iter().enumerate() {
            let mut parameters = match context.parameters(read, document) {
                Ok(Value::Object(parameters)) => parameters,
                Err(Missing::Hole(hole)) => {
                    put(&mut described, index, hole);
                    continue;
                }
                Ok(_) | Err(Missing::Nothing) => continue,
            };
            let id = parameters.remove(&batch.parameter).unwrap_or_default();
            let parameters = Value::Object(parameters);
            match groups.iter_mut().find(|(known, _)| *known == parameters) {
                Some((_, ids)) => ids.push((index, id)),
                None => groups.push((parameters, vec![(index, id)])),
            }
        }
        let mut chunks: Vec<(&Value, &[(usize, Value)])> = Vec::new();
        for (parameters, ids) in &groups {
            chunks.extend(ids.chunks(batch.limit.max(1)).map(|ids| (parameters, ids)));
        }
        let answers = at_once(chunks.into_iter().map(|(parameters, ids)| async move {
            let mut parameters = parameters.clone();
            if let Some(parameters) = parameters.as_object_mut() {
                let ids = ids.iter().map(|(_, id)| id.clone()).collect();
                parameters.insert(batch.parameter.clone(), Value::Array(ids));
            }
            (ids, self.ask(read, place, &parameters, None).await)
        }))
        .await;
        for (ids, answer) in answers {
            match answer {
                Ok(answer) => {
                    let elements = taken(&answer, read.take.as_deref());
                    for (index, id) in ids {
                        let missing = || ReadError::failed("Missing", "the answer leaves it out");
                        let element = elements.as_array().into_iter().flatten().find(|element| {
                            element.as_object().is_some_and(|members| values::at(members, &batch.key) == *id)
                        });
                        let element =
                            element.cloned().unwrap_or_else(|| hole(&missing(), read, self.aws.as_ref()));
                        put(&mut described, *index, element);
                    }
                }
                Err(error) => {
                    let hole = hole(&error, read, self.aws.as_ref());
                    for (index, _) in ids {
                        put(&mut described, *index, hole.clone());
                    }
                }
            }
        }
        described
    }

    async fn ask(
        &self,
        read: &Read,
        place: &Place,
        parameters: &Value,
        memo: Option<&Memo>,
    ) -> Result<Arc<Value>, ReadError> {
        // A service that has one endpoint answers alike wherever it is asked from.
        let home = Place { account: place.account.clone(), region: self.home.clone() };
        let place = if self.aws.is_global(&read.operation.service, &place.region) { &home } else { place };
        let asked = || self.aws.read(place, &read.operation, parameters);
        match memo {
            Some(memo) => memo.get(place, &read.operation, parameters, asked).await,
            None => asked().await.map(Arc::new),
        }
    }
}

/// Waits for futures, [`AT_ONCE`] of them at a time, and keeps their order.
async fn at_once<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    // Collected first: a lazy iterator of futures that borrow is more than the compiler can follow.
    stream::iter(futures.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await
}

/// Whether a document counts as a resource of the row.
fn counts(row: &Row, document: &Map<String, Value>) -> bool {
    let fits = |filter: &Filter| {
        texts(&values::at(document, &filter.path)).any(|text| filter.values.contains(&text))
    };
    row.keep.iter().all(fits) && !row.drop.iter().any(fits)
}

fn put(values: &mut [Value], index: usize, value: Value) {
    if let Some(slot) = values.get_mut(index) {
        *slot = value;
    }
}

/// The facets in `wanted`, and those that these are read with.
fn with_sources<'r>(row: &'r Row, wanted: &BTreeSet<String>) -> BTreeSet<&'r str> {
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    // Sources stand before what is read with them, so that one pass from the end finds all.
    for (name, read) in row.facets.iter().rev() {
        if wanted.contains(name) || needed.contains(name.as_str()) {
            needed.insert(name);
            needed.extend(read.facets_read(row));
        }
    }
    needed
}
