//! Adapters of the port [`engine::ports::Store`]: memory, one SQLite file, DynamoDB. All pass one conformance suite.
//!
//! What they share is here as well: the order of lists, how a finding grows, how documents are written as JSON. What
//! a store keeps is the text as it came; making it harmless is the task of whoever shows it.

mod column;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(any(feature = "sqlite", feature = "dynamodb"))]
mod document;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
mod growth;
mod listing;
mod memory;
mod open;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "dynamodb")]
pub use dynamodb::DynamoDb;
pub use memory::Memory;
pub use open::{AddressError, StoreAddress};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
