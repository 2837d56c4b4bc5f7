//! Reading one resource: by a listing that can be asked for it alone, from its id alone, or out of the whole listing.
//!
//! What it answers is what a scan would, so that the two can be compared. Listings without parameters of their own,
//! and joins, are remembered by the collector: whoever wants to see what changed since takes a new one.

use std::collections::BTreeSet;

use catalog::resource::{Listing, Read, Row};
use serde_json::{Map, Value, json};

use super::answer::hole_of;
use super::facets::with_sources;
use super::listing::counts;
use super::values::Missing;
use super::{Collector, Resource, Unlisted};
use crate::mapping;
use crate::ports::{Cause, Place};

/// A resource that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum One {
    /// It is there, with the facets that were wanted.
    Present(Box<Resource>),
    /// It is not there: AWS says so, or a whole listing leaves it out.
    Gone,
    /// Nobody can tell; the hole says why.
    Unknown(Value),
}

/// What is asked for, and what is known of it without asking.
pub(super) struct Wanted {
    pub(super) key: String,
    id: Option<String>,
    pub(super) known: Map<String, Value>,
}

impl Collector {
    /// The resource of a type at a place whose id or ARN is `key`, with the facets in `wanted`.
    pub async fn one(&self, row: &Row, place: &Place, key: &str, wanted: &BTreeSet<String>) -> One {
        let asked = Wanted::new(row, place, key);
        let item = self.item(row, place, &asked);
        let is_sure = item.is_none();
        let shown = self.shown(row, place, key).map(|(_, item)| item.clone());
        let shown = shown.filter(|item| counts(row, item));
        let listed = match (item.or(shown), self.listing_of(row, place, &asked)) {
            (Some(item), _) => Ok(vec![item]),
            (None, Some((read, carried))) => self.asked_for(row, place, &read, &carried, &asked).await,
            (None, None) => self.list(row, place).await,
        };
        let documents = match listed {
            Ok(documents) => documents,
            Err(Unlisted { hole }) if is_not_found(&hole) => return One::Gone,
            Err(Unlisted { hole }) => return One::Unknown(hole),
        };
        let mut described = false;
        let mut documents = documents;
        if !self.has_ids(row, place, &documents) {
            documents = self.describe(row, place, documents).await;
            described = true;
        }
        documents.retain(|document| self.is_asked(row, place, document, &asked));
        if documents.len() > 1 {
            return One::Unknown(several(row, key));
        }
        if !described {
            documents = self.describe(row, place, documents).await;
        }
        let Some(document) = documents.pop() else { return One::Gone };
        if let (false, Some(hole)) = (is_sure, hole_of(&Value::Object(document.clone()))) {
            return if is_not_found(hole) { One::Gone } else { One::Unknown(hole.clone()) };
        }
        // A description may tell what a listing would have left out.
        if !is_sure && !counts(row, &document) {
            return One::Gone;
        }
        let place_of = Self::place_of(row, place, &document);
        let mut resources = vec![Resource::new(row, &place_of, &self.partition, document)];
        let needed = with_sources(row, wanted);
        self.facets_in_batches(row, place, &needed, &mut resources).await;
        match resources.pop() {
            Some(resource) => One::Present(Box::new(self.complete(row, &needed, resource).await)),
            None => One::Gone,
        }
    }

    /// What the listing would say of it, made of its id. The document `known` stands for the resource that is not read
    /// yet.
    fn item(&self, row: &Row, place: &Place, asked: &Wanted) -> Option<Map<String, Value>> {
        if row.item.is_empty() {
            return None;
        }
        let context = self.context(place);
        let member =
            |(name, source): &(String, _)| Some((name.clone(), context.value(source, &asked.known).ok()?));
        row.item.iter().map(member).collect()
    }

    /// The listing with parameters that make it one of this resource, and what its parent would lend it.
    fn listing_of(&self, row: &Row, place: &Place, asked: &Wanted) -> Option<(Read, Map<String, Value>)> {
        if row.by_id.is_empty() {
            return None;
        }
        let (mut read, carry): (Read, &[String]) = match &row.listing {
            Listing::Single => return None,
            Listing::Call(read) => (read.clone(), &[]),
            Listing::Within { read, carry, .. } => (read.clone(), carry),
        };
        if matches!(row.listing, Listing::Within { .. }) {
            // The listing's own parameters are about the parent.
            read.with.clear();
        }
        read.with.retain(|(name, _)| !row.by_id.iter().any(|(own, _)| own == name));
        read.with.extend(row.by_id.iter().cloned());
        let names = carry.iter().map(|path| path.rsplit('.').next().unwrap_or(path));
        let carried = names.map(|name| Some((name.to_owned(), asked.known.get(name)?.clone())));
        let carried = carried.collect::<Option<Map<_, _>>>()?;
        match self.context(place).parameters(&read, &asked.known) {
            Ok(_) => Some((read, carried)),
            Err(Missing::Nothing | Missing::Hole(_)) => None,
        }
    }

    async fn asked_for(
        &self,
        row: &Row,
        place: &Place,
        read: &Read,
        carried: &Map<String, Value>,
        asked: &Wanted,
    ) -> Result<Vec<Map<String, Value>>, Unlisted> {
        let mut items = self.items(read, place, &asked.known).await?;
        for item in &mut items {
            item.extend(carried.clone());
        }
        items.retain(|item| counts(row, item));
        Ok(items)
    }

    fn has_ids(&self, row: &Row, place: &Place, documents: &[Map<String, Value>]) -> bool {
        documents.iter().all(|document| !self.seen(row, place, document).id.is_empty())
    }

    pub(super) fn is_asked(
        &self,
        row: &Row,
        place: &Place,
        document: &Map<String, Value>,
        asked: &Wanted,
    ) -> bool {
        let seen = self.seen(row, place, document);
        if asked.key.starts_with("arn:") && seen.arn.starts_with("arn:") && row.arn.starts_with("arn:") {
            return seen.arn == asked.key;
        }
        seen.arn == asked.key || Some(&seen.id) == asked.id.as_ref()
    }

    fn seen(&self, row: &Row, place: &Place, document: &Map<String, Value>) -> Resource {
        Resource::new(row, place, &self.partition, document.clone())
    }
}

impl Wanted {
    pub(super) fn new(row: &Row, place: &Place, key: &str) -> Self {
        let fields = mapping::fields_of(row, key, &place.account, &place.region);
        let known: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        let id = match known.get("id").and_then(Value::as_str) {
            Some(id) => Some(id.to_owned()),
            None if key.starts_with("arn:") => None,
            None => Some(key.to_owned()),
        };
        Self { key: key.to_owned(), id, known }
    }
}

/// Whether a read failed because what it was about is not there. Services have no common code for it: `NoSuchEntity`,
/// `InvalidInstanceID.NotFound`, `DBInstanceNotFound`, `QueueDoesNotExist`, `AWS.SimpleQueueService.NonExistentQueue`,
/// `ResourceNotFoundException`; what is asked for in batches is left out of the answer.
fn is_not_found(hole: &Value) -> bool {
    let text = |key: &str| hole.get(key).and_then(Value::as_str).unwrap_or_default();
    let code = text("code").to_ascii_lowercase();
    text("$unavailable") == Cause::Failed.as_str()
        && (code == "missing"
            || ["notfound", "nosuch", "doesnotexist", "nonexistent"].iter().any(|word| code.contains(word)))
}

/// The hole where an id is not enough to tell resources apart.
fn several(row: &Row, key: &str) -> Value {
    json!({ "$unavailable": Cause::Failed.as_str(), "operation": row.name, "code": "Ambiguous", "key": key })
}
