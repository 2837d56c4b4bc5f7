//! From a process to a function: configuration, clients, rules, once; then one call an invocation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws::{Access, Bucket, Reader, Setup, SetupError};
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use catalog::resource::Row;
use engine::check::Checker;
use engine::detect::Detector;
use engine::ingest::losses::Carried;
use engine::ingest::poll::Poller;
use engine::intake::Intake;
use engine::mute::{Book, Keeper};
use engine::notify::Notifier;
use engine::ports::{Notes, Store, StoreError, SystemClock, Trail, TrailError};
use engine::scan::Scanner;
use engine::track::Tracker;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

use crate::config::{Config, ConfigError};
use crate::detect::Detect;
use crate::harvest::Harvest;
use crate::health::Health;
use crate::ingest::Ingest;
use crate::jobs::{Accounts, JobQueue, Roles, Which};
use crate::layer::with_layer;
use crate::notify::Notify;
use crate::plan::{Plan, Request};
use crate::scan::Scan;

/// Why a function does not start, or stops.
#[derive(thiserror::Error)]
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
    /// The rules that a layer brings cannot be read. Nothing is judged without them: events wait in their queue.
    #[error("{0}: {1}")]
    Rules(String, String),
    /// There is no way into AWS.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// There is no way to the trail's files.
    #[error(transparent)]
    Trail(#[from] TrailError),
    /// The runtime stopped.
    #[error("the runtime stopped: {0}")]
    Runtime(#[from] lambda_runtime::Error),
}

/// What `main` prints of an error: the sentence with its remedy, which ends up in the function's log.
impl fmt::Debug for BootError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Runs DETECT until Lambda ends it.
pub async fn run_detect() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let aws = aws().await;
    let detect = Detect::new(intake(&config, &aws, Foresight::Predicts).await?.0);
    // The payload is taken as text: a decoder in front would turn away what has to be judged or put aside.
    let handler = |event: LambdaEvent<Box<RawValue>>| {
        let detect = &detect;
        async move { detect.handle(event.payload.get().as_bytes()).await.map_err(lambda_runtime::Error::from) }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// Runs INGEST until Lambda ends it.
pub async fn run_ingest() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let aws = aws().await;
    let name = "TRAILPOST_TRAIL_BUCKET";
    let bucket = config.trail_bucket.as_deref().ok_or(ConfigError::Missing(name))?;
    let trail: Arc<dyn Trail> = Arc::new(Bucket::new(bucket, &aws)?);
    let (intake, store) = intake(&config, &aws, Foresight::None).await?;
    let clock = Arc::new(SystemClock);
    let poller = match &config.trail_queue {
        Some(queue) => {
            let queue = JobQueue::new(aws_sdk_sqs::Client::new(&aws), queue);
            let notes = Arc::clone(&store) as Arc<dyn Notes>;
            Some((Poller::new(Arc::clone(&trail), notes, clock.clone(), config.trail_prefix), queue))
        }
        None => None,
    };
    let ingest = Ingest::new(engine::ingest::Ingest::new(Arc::new(intake), trail, store, clock), poller);
    let handler = |event: LambdaEvent<Box<RawValue>>| {
        let ingest = &ingest;
        async move {
            let payload = event.payload.get().as_bytes();
            ingest.handle(payload, event.context.deadline()).await.map_err(lambda_runtime::Error::from)
        }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// Whether findings about resources are opened before anybody reads them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Foresight {
    /// Where the record of a call suffices.
    Predicts,
    /// Files of a trail come minutes after the calls.
    None,
}

/// What judges records, keeps what they say, and has what they changed be read again.
async fn intake(
    config: &Config,
    aws: &SdkConfig,
    foresight: Foresight,
) -> Result<(Intake, Arc<dyn Store>), BootError> {
    let detector = detector(config)?;
    let store = store(config, aws).await?;
    let mut tracker = Tracker::new(Arc::new(with_layer(catalog::resources(), config)?.rows));
    if let Some(queue) = &config.harvest_queue {
        let queue = Arc::new(JobQueue::new(aws_sdk_sqs::Client::new(aws), queue));
        tracker = tracker.harvesting(queue, HARVEST_DELAY);
    }
    if foresight == Foresight::Predicts {
        let (rows, checker) = foretold(config)?;
        let (store, policy) = (Arc::clone(&store), config.policy.clone());
        tracker =
            tracker.predicting(Arc::new(Scanner::new(rows, checker, store, policy, Arc::new(SystemClock))));
    }
    let clock = Arc::new(SystemClock);
    let intake = Intake::new(detector, Arc::clone(&store), config.policy.clone(), clock).tracking(tracker);
    // Both lanes have to leave notes for a comparison: without a trail there is nothing to compare with.
    let counts = config.trail_bucket.is_some();
    let intake = if counts { intake.counting(Carried::but(config.left_out.iter().cloned())) } else { intake };
    Ok((intake, store))
}

/// Runs NOTIFY until Lambda ends it.
pub async fn run_notify() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let aws = aws().await;
    let store = store(&config, &aws).await?;
    let rules = with_layer(catalog::builtin(), &config)?.rules.into_iter().map(|rule| rule.meta);
    let owner =
        std::env::var("AWS_LAMBDA_LOG_STREAM_NAME").unwrap_or_else(|_| std::process::id().to_string());
    for error in &config.alerts_errors {
        tracing::error!(error, "the alerts cannot be read, so that everybody hears of everything");
    }
    let sinks = crate::sinks::all(&config, &aws)?;
    let book = Arc::new(Book::new(Arc::clone(&store)));
    let channels = sinks.iter().map(|sink| sink.channel().to_owned()).collect();
    let keeper = Keeper::new(
        Arc::clone(&book),
        Arc::clone(&store),
        detector(&config)?,
        channels,
        Arc::new(SystemClock),
    );
    let notifier = Notifier::new(store, sinks, rules, Arc::new(SystemClock), owner)
        .muting(book)
        .with_alerts(config.alerts);
    let notify = Notify::new(notifier).keeping(keeper);
    let handler = |event: LambdaEvent<serde_json::Value>| {
        let notify = &notify;
        async move { notify.handle(&event.payload).await.map_err(lambda_runtime::Error::from) }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// Runs PLAN until Lambda ends it.
pub async fn run_plan() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let (reader, accounts, queue) = way_in(&config, scan_queue(&config)?).await?;
    let (rows, checker) = checks(&config)?;
    let plan = Plan::new(rows, checker, reader, accounts, queue, config.scan_regions);
    let handler = |event: LambdaEvent<Request>| {
        let plan = &plan;
        async move { plan.handle(&event.payload).await.map_err(lambda_runtime::Error::from) }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// Runs SCAN until Lambda ends it.
pub async fn run_scan() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let (reader, accounts, queue) = way_in(&config, scan_queue(&config)?).await?;
    let (rows, checker) = checks(&config)?;
    let store = store(&config, &aws().await).await?;
    let scanner = Scanner::new(rows, checker, store, config.policy, Arc::new(SystemClock));
    let scan = Scan::new(scanner, reader, accounts, queue);
    let handler = |event: LambdaEvent<Box<RawValue>>| {
        let scan = &scan;
        async move {
            let payload = event.payload.get().as_bytes();
            scan.handle(payload, event.context.deadline()).await.map_err(lambda_runtime::Error::from)
        }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// Runs HARVEST until Lambda ends it.
pub async fn run_harvest() -> Result<(), BootError> {
    log();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let name = "TRAILPOST_HARVEST_QUEUE";
    let queue = config.harvest_queue.as_ref().ok_or(ConfigError::Missing(name))?;
    let (reader, accounts, queue) = way_in(&config, queue).await?;
    let (rows, checker) = checks(&config)?;
    let store = store(&config, &aws().await).await?;
    let scanner = Scanner::new(rows, checker, store, config.policy, Arc::new(SystemClock));
    let harvest = Harvest::new(scanner, reader, accounts, queue);
    let handler = |event: LambdaEvent<Box<RawValue>>| {
        let harvest = &harvest;
        async move { harvest.handle(event.payload.get().as_bytes()).await.map_err(lambda_runtime::Error::from) }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// Runs HEALTH until Lambda ends it.
pub async fn run_health() -> Result<(), BootError> {
    log();
    let mut config = Config::read(|name| std::env::var(name).ok())?;
    let bus = config.central_bus.clone().ok_or(ConfigError::Missing("TRAILPOST_CENTRAL_BUS"))?;
    let (reader, accounts) = accounts(&config).await?;
    if let Some(arn) = accounts.bus(&bus) {
        config.settings = engine::health::sending_to(config.settings, &arn);
    }
    let (rows, checker) = checks(&config)?;
    let store = store(&config, &aws().await).await?;
    let scanner = Scanner::new(rows, checker, store, config.policy, Arc::new(SystemClock));
    let health = Health::new(scanner, reader, accounts, config.scan_regions, bus);
    let handler = |event: LambdaEvent<Box<RawValue>>| {
        let health = &health;
        async move { health.handle(event.context.deadline()).await.map_err(lambda_runtime::Error::from) }
    };
    Ok(lambda_runtime::run(service_fn(handler)).await?)
}

/// How long further calls on a resource are waited for before it is read again.
const HARVEST_DELAY: Duration = Duration::from_secs(3);

fn scan_queue(config: &Config) -> Result<&str, ConfigError> {
    let name = "TRAILPOST_SCAN_QUEUE";
    config.scan_queue.as_deref().ok_or(ConfigError::Missing(name))
}

/// The reader, the accounts that it enters, and the queue of work.
async fn way_in(config: &Config, queue: &str) -> Result<(Arc<Reader>, Accounts, JobQueue), BootError> {
    let (reader, accounts) = accounts(config).await?;
    let queue = JobQueue::new(aws_sdk_sqs::Client::new(accounts.config()), queue);
    Ok((reader, accounts, queue))
}

/// The reader, and the accounts that it enters.
async fn accounts(config: &Config) -> Result<(Arc<Reader>, Accounts), BootError> {
    let name = "TRAILPOST_READ_ROLE";
    let role = config.read_role.clone().ok_or(ConfigError::Missing(name))?;
    let (reader, own, aws) = Reader::connect(&Setup::default()).await?;
    let access = Access { role, external_id: config.external_id.clone() };
    let name = "TRAILPOST_OWN_READ_ROLE";
    let own_role = config.own_read_role.clone().ok_or(ConfigError::Missing(name))?;
    let which = Which::of(config.scan_accounts.clone());
    Ok((Arc::new(reader), Accounts::new(which, own, Roles { own: own_role, others: access }, aws)))
}

/// The types of resources of whose documents records tell something, and the checks on them.
fn foretold(config: &Config) -> Result<(Arc<Vec<Row>>, Checker), BootError> {
    let loaded = with_layer(catalog::builtin(), config)?;
    let is_told = |row: &Row| row.changed_by.iter().any(|change| !change.sets.is_empty());
    let rows: Vec<Row> = loaded.rows.into_iter().filter(is_told).collect();
    let is_about = |rule: &rules::Rule| matches!(&rule.target, rules::Target::Resource(kind) if rows.iter().any(|row| row.name == *kind));
    let (checker, errors) = Checker::new(loaded.rules.into_iter().filter(is_about), &config.settings);
    for error in &errors {
        tracing::error!(%error, "a check of the catalogue is left out");
    }
    Ok((Arc::new(rows), checker))
}

/// The types of resources, and the checks on them.
fn checks(config: &Config) -> Result<(Arc<Vec<Row>>, Checker), BootError> {
    let loaded = with_layer(catalog::builtin(), config)?;
    let settings = engine::health::settings(config.settings.clone());
    let (checker, errors) = Checker::new(loaded.rules, &settings);
    for error in loaded.errors.iter().chain(&errors) {
        tracing::error!(%error, "a part of the catalogue is left out");
    }
    if checker.kinds().next().is_none() || loaded.rows.is_empty() {
        return Err(BootError::NoRules);
    }
    Ok((Arc::new(loaded.rows), checker))
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
    let loaded = with_layer(catalog::signatures(), config)?;
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
