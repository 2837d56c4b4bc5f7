//! Sets of ids in few bytes: 64 bits of each id's SHA-256. Of a million ids, two are taken for one with a probability of
//! one in thirty million.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};

/// A set of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids(BTreeSet<u64>);

impl Ids {
    /// Adds an id; `false`: it is in already.
    pub fn add(&mut self, id: &str) -> bool {
        self.0.insert(print(id))
    }

    /// Whether it holds an id.
    pub fn holds(&self, id: &str) -> bool {
        self.0.contains(&print(id))
    }

    /// Adds all of another set.
    pub fn join(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of these are not in another set.
    pub fn missing_from(&self, other: &Self) -> usize {
        self.0.difference(&other.0).count()
    }

    /// As text: 11 bytes an id.
    pub fn pack(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().flat_map(|id| id.to_be_bytes()).collect();
        STANDARD_NO_PAD.encode(bytes)
    }

    /// Reads back what [`Ids::pack`] made; what is none is nothing.
    pub fn unpack(text: &str) -> Self {
        let bytes = STANDARD_NO_PAD.decode(text).unwrap_or_default();
        Self(bytes.as_chunks::<8>().0.iter().map(|id| u64::from_be_bytes(*id)).collect())
    }
}

fn print(id: &str) -> u64 {
    let digest = Sha256::digest(id.as_bytes());
    digest.iter().take(8).fold(0, |print, byte| (print << 8) | u64::from(*byte))
}
