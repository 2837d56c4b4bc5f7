//! Which store to use, as people write it: `sqlite:PATH`, `dynamodb://PREFIX`, `memory:`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use engine::ports::{Store, StoreError};

use crate::Memory;

/// Where findings are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAddress {
    /// Nowhere: they are gone when the process ends.
    Memory,
    /// In one SQLite file.
    Sqlite(PathBuf),
    /// In two DynamoDB tables that share this prefix.
    DynamoDb(String),
}

/// Text that says no store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The scheme is none of ours.
    #[error("`{0}` says no store: write sqlite:PATH, dynamodb://PREFIX or memory:")]
    Unknown(String),
    /// `sqlite:` and nothing.
    #[error("`sqlite:` needs the path of a file, such as sqlite:findings.db")]
    NoPath,
    /// The prefix can be no part of a table's name.
    #[error(
        "`{0}` cannot begin the name of a DynamoDB table: write 1 to 240 letters, digits, `-`, `_` or `.`, as in \
         dynamodb://trailpost"
    )]
    Prefix(String),
    /// The store is known, but this program was built without it.
    #[error("this program was built without {store}: build it with `--features {feature}`")]
    NotBuilt {
        /// The store.
        store: &'static str,
        /// The Cargo feature that brings it.
        feature: &'static str,
    },
}

const NO_SQLITE: AddressError = AddressError::NotBuilt { store: "SQLite", feature: "sqlite" };
const NO_DYNAMODB: AddressError = AddressError::NotBuilt { store: "DynamoDB", feature: "dynamodb" };

/// The longest prefix: DynamoDB takes names of 255 characters, and the suffixes need a few.
const PREFIX_LIMIT: usize = 240;

impl FromStr for StoreAddress {
    type Err = AddressError;

    /// Reads an address, and refuses one that this build cannot open.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || AddressError::Unknown(text.to_owned());
        let (scheme, rest) = text.split_once(':').ok_or_else(unknown)?;
        match scheme {
            "memory" if rest.is_empty() => Ok(Self::Memory),
            "sqlite" if cfg!(not(feature = "sqlite")) => Err(NO_SQLITE),
            "sqlite" if rest.is_empty() => Err(AddressError::NoPath),
            "sqlite" => Ok(Self::Sqlite(rest.into())),
            "dynamodb" if cfg!(not(feature = "dynamodb")) => Err(NO_DYNAMODB),
            "dynamodb" => {
                let prefix = rest.strip_prefix("//").ok_or_else(unknown)?;
                let fits = (1..=PREFIX_LIMIT).contains(&prefix.len())
                    && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
                if fits {
                    Ok(Self::DynamoDb(prefix.to_owned()))
                } else {
                    Err(AddressError::Prefix(prefix.to_owned()))
                }
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => write!(formatter, "memory:"),
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::DynamoDb(prefix) => write!(formatter, "dynamodb://{prefix}"),
        }
    }
}

impl StoreAddress {
    /// Opens a store of this machine. DynamoDB needs a client: see [`StoreAddress::open_with`].
    pub fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Memory => Ok(Arc::new(Memory::default())),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => Ok(Arc::new(crate::Sqlite::open(path)?)),
            #[cfg(not(feature = "sqlite"))]
            Self::Sqlite(_) => Err(StoreError::Unusable(NO_SQLITE.to_string())),
            Self::DynamoDb(_) => Err(StoreError::Unusable(NO_DYNAMODB.to_string())),
        }
    }

    /// Opens any store. `client` is asked only when the address says DynamoDB, since finding credentials and a region
    /// takes its time.
    #[cfg(feature = "dynamodb")]
    pub async fn open_with(
        &self,
        client: impl AsyncFnOnce() -> aws_sdk_dynamodb::Client,
    ) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::DynamoDb(prefix) => Ok(Arc::new(crate::DynamoDb::new(client().await, prefix))),
            Self::Memory | Self::Sqlite(_) => self.open(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<StoreAddress, AddressError> {
        text.parse()
    }

    #[test]
    fn addresses_are_written_as_they_are_read() {
        assert_eq!(parsed("memory:"), Ok(StoreAddress::Memory));
        for text in ["", "memory", "memory:x", "postgres://x", "findings.db"] {
            assert_eq!(parsed(text), Err(AddressError::Unknown(text.into())));
        }
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_path_may_hold_anything() {
        for path in ["findings.db", "/var/lib/a b/c:d.db", "C:\\findings.db"] {
            let address = parsed(&format!("sqlite:{path}")).unwrap();
            assert_eq!(address, StoreAddress::Sqlite(path.into()));
            assert_eq!(address.to_string(), format!("sqlite:{path}"));
        }
        assert_eq!(parsed("sqlite:"), Err(AddressError::NoPath));
    }

    #[test]
    fn memory_opens_and_dynamodb_wants_a_client() {
        assert!(StoreAddress::Memory.open().is_ok());
        let message = StoreAddress::DynamoDb("trailpost".into()).open().err().map(|error| error.to_string());
        assert_eq!(
            message.as_deref(),
            Some(
                "the store cannot be used: this program was built without DynamoDB: build it with `--features dynamodb`"
            )
        );
    }

    #[cfg(not(feature = "sqlite"))]
    #[test]
    fn a_build_without_sqlite_says_how_to_get_it() {
        let message = parsed("sqlite:findings.db").unwrap_err().to_string();
        assert_eq!(message, "this program was built without SQLite: build it with `--features sqlite`");
    }

    #[cfg(feature = "dynamodb")]
    #[test]
    fn a_prefix_is_part_of_a_table_name() {
        assert_eq!(
            parsed("dynamodb://trailpost-prod.1_x"),
            Ok(StoreAddress::DynamoDb("trailpost-prod.1_x".into()))
        );
        assert_eq!(parsed("dynamodb:trailpost"), Err(AddressError::Unknown("dynamodb:trailpost".into())));
        for prefix in ["", "a/b", "trailpost/", "é", &"x".repeat(241)] {
            assert_eq!(parsed(&format!("dynamodb://{prefix}")), Err(AddressError::Prefix(prefix.into())));
        }
    }

    #[cfg(not(feature = "dynamodb"))]
    #[test]
    fn a_build_without_dynamodb_says_how_to_get_it() {
        let message = parsed("dynamodb://trailpost").unwrap_err().to_string();
        assert_eq!(message, "this program was built without DynamoDB: build it with `--features dynamodb`");
    }
}
