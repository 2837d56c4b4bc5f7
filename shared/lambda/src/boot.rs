//! From a process to a function: configuration, clients, rules, once; then one call an invocation.

use std::sync::Arc;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use engine::detect::Detector;
use engine::intake::Intake;
use engine::notify::Notifier;
use engine::ports::{Sink, Store, StoreError, SystemClock};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use sinks::{SnsJson, SnsText};

use crate::config::{Config, ConfigError};
use crate::detect::Detect;
use crate::notify::Notify;

/// Why a function does not start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// Its environment is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its catalogue is unusable.
    #[error("the catalogue holds no rules; build the function again")]
    NoRules,
    /// The runtime stopped.
    #[error("the runtime stopped: {0}")]
    Runtime(#[from] lambda_runtime::Error),
}

/// Runs DETECT until Lambda ends it.
pub async fn run_detect() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let aws = aws().await;
    let detector = detector(&config)?;
    let store = store(&config, &aws).await?;
    let detect = Detect::new(Intake::new(detector, store, config.policy, Arc::new(SystemClock)));
    // The payload is taken as text: a decoder in front would turn away what has to be judged or put aside.
    let handler = |event: LambdaEvent<Box<RawValue>>| {
        let detect = &detect;
        async move { detect.handle(event.payload.get().as_bytes()).await.map_err(lambda_runtime::Error::from) }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// Runs NOTIFY until Lambda ends it.
pub async fn run_notify() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let aws = aws().await;
    let store = store(&config, &aws).await?;
    let sns = aws_sdk_sns::Client::new(&aws);
    let mut sinks: Vec<Arc<dyn Sink>> = Vec::new();
    if let Some(topic) = &config.topic_text {
        sinks.push(Arc::new(SnsText::new(sns.clone(), topic, "text")));
    }
    if let Some(topic) = &config.topic_json {
        sinks.push(Arc::new(SnsJson::new(sns, topic, "json")));
    }
    let rules = catalog::builtin().rules.into_iter().map(|rule| rule.meta);
    let owner =
        std::env::var("AWS_LAMBDA_LOG_STREAM_NAME").unwrap_or_else(|_| std::process::id().to_string());
    let notify = Notify::new(Notifier::new(store, sinks, rules, Arc::new(SystemClock), owner));
    let handler = |event: LambdaEvent<serde_json::Value>| {
        let notify = &notify;
        async move { notify.handle(&event.payload).await.map_err(lambda_runtime::Error::from) }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// JSON lines at the level that the function's logging configuration says.
fn log() {
    lambda_runtime::tracing::init_default_subscriber();
}

async fn aws() -> SdkConfig {
    let http =
        aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await
}

fn detector(config: &Config) -> Result<Detector, BootError> {
    let loaded = catalog::builtin();
    let (detector, errors) = Detector::new(loaded.rules, &config.settings);
    for error in loaded.errors.iter().chain(&errors) {
        tracing::error!(%error, "a rule of the catalogue is left out");
    }
    let rules = detector.rules();
    if rules.rules().len() == 0 {
        return Err(BootError::NoRules);
    }
    tracing::debug!(rules = rules.rules().len(), resting = rules.resting().len(), "compiled");
    Ok(detector)
}

async fn store(config: &Config, aws: &SdkConfig) -> Result<Arc<dyn Store>, StoreError> {
    config.store.open_with(async || aws_sdk_dynamodb::Client::new(aws)).await
}
