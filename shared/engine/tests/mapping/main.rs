//! Which resources records change: every call that the rows' entries were first made from, shapes that are easily got
//! wrong, and laws over any JSON.

#![cfg(test)]

mod cases;
mod curated;
mod laws;

use std::sync::{Arc, LazyLock};

use catalog::resource::Row;
use model::Event;
use model::json::Document;
use serde_json::Value;
use trailpost_engine::mapping::{Inventory, Mapped, Mapping, affected};

static ROWS: LazyLock<Arc<Vec<Row>>> = LazyLock::new(|| Arc::new(catalog::builtin().rows));

static MAPPING: LazyLock<Mapping> =
    LazyLock::new(|| Mapping::new(Arc::clone(&ROWS), &catalog::derived_changes()));

const ACCOUNT: &str = "111122223333";

fn mapped(record: &Value) -> Mapped {
    mapped_with(record, &|_: &str| None)
}

fn mapped_with(record: &Value, inventory: &dyn Inventory) -> Mapped {
    let document = Document::parse(record.to_string()).unwrap_or_default();
    affected(&MAPPING, Event::new(document.root()), inventory)
}
