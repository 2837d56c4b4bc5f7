//! The store that a command works on.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use engine::ports::{Store, StoreError};
use etcetera::BaseStrategy as _;
use store::StoreAddress;

use crate::args::Shared;
use crate::config::Config;
use crate::exit::Failure;

/// An open store, and what it takes to wait for it.
pub(crate) struct Stored {
    store: Arc<dyn Store>,
    runtime: tokio::runtime::Runtime,
}

type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

impl Stored {
    /// Asks the store something and waits for the answer.
    pub(crate) fn wait<'a, T>(
        &'a self,
        ask: impl FnOnce(&'a dyn Store) -> Waiting<'a, T>,
    ) -> Result<T, Failure> {
        Ok(self.runtime.block_on(ask(self.store.as_ref()))?)
    }
}

impl Stored {
    /// Waits for anything else.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The store itself, for a use case.
    pub(crate) fn shared(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// The store itself, and what waits for it.
    pub(crate) fn parts(self) -> (Arc<dyn Store>, tokio::runtime::Runtime) {
        (self.store, self.runtime)
    }
}

/// Opens the store that the arguments name, else the configuration, else a file in the user's data folder.
pub(crate) fn open(shared: &Shared, config: &Config) -> Result<Stored, Failure> {
    let address = match shared.store.as_ref().or(config.store.as_ref()) {
        Some(text) => text.parse::<StoreAddress>().map_err(|error| Failure::usage(error.to_string()))?,
        None => StoreAddress::Sqlite(default_file()?),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let store = runtime.block_on(connect(&address))?;
    Ok(Stored { store, runtime })
}

fn default_file() -> Result<PathBuf, Failure> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|error| Failure::usage(format!("{error}; name a store with --store sqlite:PATH")))?;
    let folder = strategy.data_dir().join("trailpost");
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::usage(format!("{}: {error}; name a store with --store sqlite:PATH", folder.display()))
    })?;
    Ok(folder.join("trailpost.sqlite"))
}

#[cfg(feature = "dynamodb")]
async fn connect(address: &StoreAddress) -> Result<Arc<dyn Store>, StoreError> {
    use aws_config::BehaviorVersion;
    use aws_smithy_http_client::Builder;
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

    address
        .open_with(async || {
            let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
            let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
            aws_sdk_dynamodb::Client::new(&config)
        })
        .await
}

#[cfg(not(feature = "dynamodb"))]
#[expect(clippy::unused_async, reason = "the same signature as with the DynamoDB store")]
async fn connect(address: &StoreAddress) -> Result<Arc<dyn Store>, StoreError> {
    address.open()
}
