//! Which resources there are, and what listings and descriptions say of them.

use catalog::resource::{Filter, Listing, Read, Row};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use super::answer::{hole, hole_of, taken};
use super::values::{Missing, at, texts, unread};
use super::{Collector, Memo, Unlisted, at_once};
use crate::ports::{Place, ReadError};

impl Collector {
    /// What the listing says of each resource. Boxed, because the listing of a child lists its parents.
    pub(super) fn list<'a>(
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
                let value = unread(parent, path).unwrap_or_else(|| at(parent, path));
                for item in &mut items {
                    item.insert(name.to_owned(), value.clone());
                }
            }
            Ok(items)
        }))
        .await;
        Ok(lists.into_iter().collect::<Result<Vec<_>, Unlisted>>()?.concat())
    }

    pub(super) async fn items(
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
    pub(super) async fn describe(
        &self,
        row: &Row,
        place: &Place,
        mut documents: Vec<Map<String, Value>>,
    ) -> Vec<Map<String, Value>> {
        for read in &row.describe {
            let described = match &read.batch {
                Some(batch) => self.in_batches(read, batch, place, documents.iter()).await,
                None => {
                    at_once(documents.iter().map(|document| async move {
                        self.facet(read, place, document, &Memo::default()).await
                    }))
                    .await
                }
            };
            for (document, described) in documents.iter_mut().zip(described) {
                match described {
                    // Whatever the description would have said is not known; the hole at the root says so. There is
                    // one, the first: of two, the parts would mix.
                    hole if hole_of(&hole).is_some() && document.contains_key("$unavailable") => {}
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
}

/// Whether a document counts as a resource of the row.
pub(super) fn counts(row: &Row, document: &Map<String, Value>) -> bool {
    let fits = |filter: &Filter| texts(&at(document, &filter.path)).any(|text| filter.values.contains(&text));
    row.keep.iter().all(fits) && !row.drop.iter().any(fits)
}
