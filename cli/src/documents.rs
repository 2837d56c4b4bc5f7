//! The documents of resources as they were read last, made ready for checks.

use std::collections::HashMap;

use aws::model::Models;
use aws::permissions;
use catalog::resource::Row;
use model::State;
use model::json::Document;
use serde_json::{Value, json};

/// Makes documents, and knows what each type's row would have had read.
pub(crate) struct Documents<'r> {
    rows: &'r [Row],
    models: Models,
    /// By type: each facet, and the hole that stands for it where it was not read.
    facets: HashMap<String, Vec<(&'r str, Value)>>,
}

impl<'r> Documents<'r> {
    pub(crate) fn new(rows: &'r [Row]) -> Self {
        Self { rows, models: Models::default(), facets: HashMap::new() }
    }

    /// The document of a resource as checks see it: with what the inventory knows of where it is, and holes for the
    /// facets of its row that could not be read, or were never asked for.
    pub(crate) fn judged(&mut self, state: &State, mut document: Value) -> Document {
        if let Value::Object(members) = &mut document {
            for (facet, hole) in self.facets(&state.resource_type) {
                if !members.contains_key(*facet) {
                    members.insert((*facet).to_owned(), hole.clone());
                }
            }
            let about = json!({
                "type": state.resource_type, "id": state.id, "name": state.name, "arn": state.arn,
                "account": state.account, "region": state.region,
            });
            members.insert("$resource".to_owned(), about);
        }
        Document::parse(document.to_string()).unwrap_or_default()
    }

    fn facets(&mut self, kind: &str) -> &[(&'r str, Value)] {
        let Self { rows, models, facets } = self;
        facets.entry(kind.to_owned()).or_insert_with(|| {
            let facets = rows.iter().filter(|row| row.name == kind).flat_map(|row| &row.facets);
            let hole = |(facet, read): &'r (String, catalog::resource::Read)| {
                let needed = match read.permissions() {
                    [] => permissions::of_operation(models, &read.operation),
                    named => named.to_vec(),
                };
                let hole = json!({
                    "$unavailable": "NotRead", "operation": read.operation.to_string(), "code": "nothing yet",
                    "permission": needed.join(", "),
                });
                (facet.as_str(), hole)
            };
            facets.map(hole).collect()
        })
    }
}
