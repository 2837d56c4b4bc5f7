//! The recorded account, and scans of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use aws::Replay;
use catalog::resource::{Operation, Row};
use engine::check::Checker;
use engine::collect::{Collector, Scene};
use engine::ports::{Aws, Clock, Place, ReadError, Store};
use engine::scan::{Scanned, Scanner, Selection, Shard, plan};
use flate2::read::GzDecoder;
use model::{Encoder, NoticePolicy, Timestamp, Untrusted};
use rules::{Rule, Settings, Target};
use serde_json::Value;
use store::Memory;

/// A clock of which every look is a second later.
pub(crate) struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

/// The account as it was recorded.
pub(crate) struct Account {
    pub(crate) replay: Arc<Replay>,
    pub(crate) rows: Arc<Vec<Row>>,
    pub(crate) scene: Scene,
    pub(crate) shards: Vec<Shard>,
}

/// Reads the recording anew, for whoever wants to change it.
pub(crate) fn replay() -> Replay {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded/account.ndjson.gz");
    Replay::read(BufReader::new(GzDecoder::new(std::fs::File::open(file).unwrap()))).unwrap()
}

/// The account, read once.
pub(crate) fn account() -> &'static Account {
    static ACCOUNT: OnceLock<Account> = OnceLock::new();
    ACCOUNT.get_or_init(|| {
        let replay = Arc::new(replay());
        let scene = replay.scenes().next().unwrap().clone();
        let rows = Arc::new(catalog::builtin().rows);
        let aws: Arc<dyn Aws> = Arc::<Replay>::clone(&replay);
        let collector = Collector::new(aws, Arc::clone(&rows), scene.clone());
        let shards = plan(&rows, &checker(&types_of(&rows)), &collector, &scene, &Selection::default());
        Account { replay, rows, scene, shards }
    })
}

impl Account {
    /// The account as `aws` shows it.
    pub(crate) fn collector(&self, aws: Arc<dyn Aws>) -> Collector {
        Collector::new(aws, Arc::clone(&self.rows), self.scene.clone())
    }

    /// A scanner over an empty store, for types of resources.
    pub(crate) fn scanner(&self, types: &BTreeSet<&str>) -> (Scanner, Arc<Memory>) {
        let store = Arc::new(Memory::default());
        let began = self.replay.recorded_at().unwrap().as_second();
        let clock = Arc::new(Ticking(AtomicI64::new(began)));
        let kept: Arc<dyn Store> = Arc::<Memory>::clone(&store);
        let scanner =
            Scanner::new(Arc::clone(&self.rows), checker(types), kept, NoticePolicy::default(), clock);
        (scanner, store)
    }

    /// Scans shards, each with nothing remembered from another.
    pub(crate) fn scan(
        &self,
        scanner: &Scanner,
        aws: &Arc<dyn Aws>,
        shards: &[Shard],
    ) -> Vec<(Shard, Scanned)> {
        blocking(async {
            let mut all = Vec::new();
            for shard in shards {
                let collector = self.collector(Arc::clone(aws));
                all.push((shard.clone(), scanner.shard(&collector, shard).await.unwrap()));
            }
            all
        })
    }

    /// The shards of a type.
    pub(crate) fn shards_of(&self, resource_type: &str) -> Vec<Shard> {
        self.shards.iter().filter(|shard| shard.resource_type == resource_type).cloned().collect()
    }
}

/// Every type of resource.
pub(crate) fn types_of(rows: &[Row]) -> BTreeSet<&str> {
    rows.iter().map(|row| row.name.as_str()).collect()
}

/// The checks of the catalogue for types of resources, with the placeholders that many of them need.
pub(crate) fn checker(types: &BTreeSet<&str>) -> Checker {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    let rules = RULES.get_or_init(|| catalog::builtin().rules).iter();
    let asked = rules.filter(|rule| match &rule.target {
        Target::Resource(kind) => types.contains(kind.as_str()),
        Target::Event | Target::Other(_) => false,
    });
    let (checker, errors) = Checker::new(asked.cloned(), &settings());
    assert_eq!(errors, []);
    checker
}

pub(crate) fn settings() -> Settings {
    Settings::default()
        .with("trusted_accounts", ["123456789012"])
        .with("approved_regions", ["eu-west-1", "us-east-1"])
}

/// Waits for a future.
pub(crate) fn blocking<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Passes questions on, and notes them.
pub(crate) struct Watched {
    pub(crate) aws: Arc<dyn Aws>,
    pub(crate) asked: Mutex<BTreeMap<Operation, usize>>,
}

#[async_trait]
impl Aws for Watched {
    async fn read(&self, place: &Place, operation: &Operation, with: &Value) -> Result<Value, ReadError> {
        *self.asked.lock().unwrap().entry(operation.clone()).or_default() += 1;
        self.aws.read(place, operation, with).await
    }

    fn permissions(&self, operation: &Operation) -> Vec<String> {
        self.aws.permissions(operation)
    }

    fn is_global(&self, service: &str, region: &str) -> bool {
        self.aws.is_global(service, region)
    }

    fn is_absent(&self, service: &str, region: &str) -> bool {
        self.aws.is_absent(service, region)
    }
}

/// Refuses one operation, everywhere or in some regions.
pub(crate) struct Faulty {
    pub(crate) aws: Arc<dyn Aws>,
    pub(crate) operation: Operation,
    pub(crate) error: ReadError,
    pub(crate) regions: BTreeSet<String>,
}

#[async_trait]
impl Aws for Faulty {
    async fn read(&self, place: &Place, operation: &Operation, with: &Value) -> Result<Value, ReadError> {
        let here = self.regions.is_empty() || self.regions.contains(&place.region);
        if here && *operation == self.operation {
            return Err(self.error.clone());
        }
        self.aws.read(place, operation, with).await
    }

    fn permissions(&self, operation: &Operation) -> Vec<String> {
        self.aws.permissions(operation)
    }

    fn is_global(&self, service: &str, region: &str) -> bool {
        self.aws.is_global(service, region)
    }

    fn is_absent(&self, service: &str, region: &str) -> bool {
        self.aws.is_absent(service, region)
    }
}

/// Text as it is.
struct Plain;

impl Encoder for Plain {
    fn encode(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// Somebody's text, for comparisons and messages of tests.
pub(crate) fn plain(text: &Untrusted) -> String {
    text.encode(&Plain)
}
