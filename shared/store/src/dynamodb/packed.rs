//! Documents in items: as text, and the longer ones deflated, since writes are paid for by the kilobyte.

use std::io::{Read as _, Write as _};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::ports::StoreError;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::items::{corrupt, place, read_text, text};
use super::keys::Item;
use crate::document;

/// Up to so many bytes a document is kept as text, which people can read in the console.
const PLAIN: usize = 900;

/// The most bytes that a document is inflated to.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Puts a document into an item.
pub(super) fn pack(item: &mut Item, value: &impl Serialize) -> Result<(), StoreError> {
    let doc = document::write(value)?;
    if doc.len() <= PLAIN {
        item.insert("doc".to_owned(), text(doc));
        return Ok(());
    }
    let unusable =
        |error: std::io::Error| StoreError::Unusable(format!("a document cannot be deflated: {error}"));
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflated.write_all(doc.as_bytes()).map_err(unusable)?;
    let deflated = deflated.finish().map_err(unusable)?;
    item.insert("deflated".to_owned(), AttributeValue::B(Blob::new(deflated)));
    Ok(())
}

/// Reads back what [`pack`] put into an item.
pub(super) fn unpack<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    let Some(deflated) = item.get("deflated").and_then(|value| value.as_b().ok()) else {
        return document::read(&place(item), read_text(item, "doc")?);
    };
    let mut doc = String::new();
    let mut inflated = DeflateDecoder::new(deflated.as_ref()).take(LARGEST);
    inflated.read_to_string(&mut doc).map_err(|error| corrupt(item, error.to_string()))?;
    document::read(&place(item), &doc)
}
