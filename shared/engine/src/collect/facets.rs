//! What further calls say of one resource.

use std::collections::BTreeSet;

use catalog::resource::{Read, Row};
use futures_util::future::join_all;
use serde_json::{Map, Value};

use super::answer::{self, hole};
use super::values::{self, Context, Missing, texts};
use super::{Collector, Memo, Resource, is_shared};
use crate::ports::Place;

impl Collector {
    /// Reads the facets of one resource: those that stand alone together, the others in their order.
    pub(super) async fn complete(
        &self,
        row: &Row,
        needed: &BTreeSet<&str>,
        mut resource: Resource,
    ) -> Resource {
        let place = Place { account: resource.account.clone(), region: resource.region.clone() };
        let depends = |read: &Read| read.facets_read(row).next().is_some();
        let facets =
            row.facets.iter().filter(|(name, read)| read.batch.is_none() && needed.contains(name.as_str()));
        let own = Memo::default();
        let memo = |read: &Read| if is_shared(row, read) { &self.memo } else { &own };
        let (later, first): (Vec<_>, Vec<_>) = facets.partition(|(_, read)| depends(read));
        let document = &resource.document;
        let found =
            join_all(first.iter().map(|(_, read)| self.facet(read, &place, document, memo(read)))).await;
        for ((name, _), value) in first.into_iter().zip(found) {
            resource.document.insert(name.clone(), value);
        }
        for (name, read) in later {
            let value = self.facet(read, &place, &resource.document, memo(read)).await;
            resource.document.insert(name.clone(), value);
        }
        resource
    }

    /// What one facet of a document is: a value, null for "not configured", or a hole.
    pub(super) async fn facet(
        &self,
        read: &Read,
        place: &Place,
        document: &Map<String, Value>,
        memo: &Memo,
    ) -> Value {
        if read.all_regions {
            return self.in_all_regions(read, place, document, memo).await;
        }
        match &read.each {
            None => self.one_facet(read, place, document, self.context(place), memo).await,
            Some(path) => self.for_each(read, path, place, document, memo).await,
        }
    }

    async fn one_facet(
        &self,
        read: &Read,
        place: &Place,
        document: &Map<String, Value>,
        context: Context<'_>,
        memo: &Memo,
    ) -> Value {
        let parameters = match context.parameters(read, document) {
            Ok(parameters) => parameters,
            Err(Missing::Nothing) => return Value::Null,
            Err(Missing::Hole(hole)) => return hole,
        };
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
        memo: &Memo,
    ) -> Value {
        if let Some(hole) = values::unread(document, path) {
            return hole;
        }
        let values = values::at(document, path);
        let distinct: BTreeSet<String> = texts(&values).collect();
        let asked = distinct.iter().map(|value| async move {
            let context = Context { each: Some(value), ..self.context(place) };
            let members = match self.one_facet(read, place, document, context, memo).await {
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
        memo: &Memo,
    ) -> Value {
        let asked = self.regions.iter().filter(|region| !self.aws.is_absent(&read.operation.service, region));
        let lists = join_all(asked.map(|region| async move {
            let place = Place { account: place.account.clone(), region: region.clone() };
            match &read.each {
                // A value that names its region is asked about there only.
                Some(path) => {
                    let here = values::of_region(document, path, region);
                    self.for_each(read, path, &place, &here, memo).await
                }
                None => self.one_facet(read, &place, document, self.context(&place), memo).await,
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
}

/// The facets in `wanted`, and those that these are read with.
pub(super) fn with_sources<'r>(row: &'r Row, wanted: &BTreeSet<String>) -> BTreeSet<&'r str> {
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
