//! A look at the producers of the stack: the same as HEALTH's, with the credentials of whoever asks, and kept nowhere.

use std::sync::Arc;

use async_trait::async_trait;
use aws::{Access, Account, Reader, SdkConfig};
use engine::check::Checker;
use engine::collect::Scene;
use engine::health;
use engine::ports::{Aws, Clock, ReadError, Store as _, SystemClock};
use engine::scan::{Judged, Scanner};
use model::NoticePolicy;
use rules::{Settings, Truth};
use store::Memory;

use super::answers::{Answers, Hole};
use super::look::{Look, Subject};
use crate::args::Doctor;

/// Producers that were looked at, each by its account: its verdicts, or why it was not seen.
#[derive(Debug, Default)]
pub(super) struct Seen(pub(super) Vec<(String, Result<Vec<Found>, String>)>);

/// A verdict on a producer, and the command that mends it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) judged: Judged,
    pub(super) command: String,
}

/// Which producers are looked at, and how they are entered: as the arguments say, or else as the stack does.
#[derive(Debug, Default, Clone)]
pub(super) struct Wanted {
    pub(super) accounts: Vec<String>,
    pub(super) access: Option<Access>,
}

impl From<&Doctor> for Wanted {
    fn from(args: &Doctor) -> Self {
        let access = |role: &String| Access { role: role.clone(), external_id: args.external_id.clone() };
        Self { accounts: args.account.clone(), access: args.role.as_ref().map(access) }
    }
}

/// The way into other accounts.
#[async_trait]
pub(super) trait Doors {
    /// The active accounts of the organization.
    async fn organization(&self, own: &str, home: &str) -> Result<Vec<String>, String>;

    /// Has an account be read by assuming a role in it. Its regions.
    async fn enter(&self, account: &str, access: &Access, region: &str) -> Result<Vec<String>, ReadError>;

    /// What reads all accounts.
    fn aws(&self) -> Arc<dyn Aws>;
}

/// The way that the credentials of whoever asks lead.
pub(super) struct Own {
    pub(super) reader: Arc<Reader>,
    pub(super) config: SdkConfig,
}

#[async_trait]
impl Doors for Own {
    async fn organization(&self, own: &str, home: &str) -> Result<Vec<String>, String> {
        let accounts = self.reader.organization(own, home).await.map_err(|error| error.to_string())?;
        Ok(accounts.into_iter().map(|Account { id, .. }| id).collect())
    }

    async fn enter(&self, account: &str, access: &Access, region: &str) -> Result<Vec<String>, ReadError> {
        self.reader.enter(account, access, &self.config).await;
        self.reader.regions(account, region).await
    }

    fn aws(&self) -> Arc<dyn Aws> {
        Arc::<Reader>::clone(&self.reader)
    }
}

/// What the stack says about its producers.
struct Stack {
    accounts: Vec<String>,
    access: Access,
    regions: Vec<String>,
    bus: String,
    has_trail: bool,
}

impl Stack {
    fn of(look: &Look<'_>) -> Result<Self, Hole> {
        let words = |name| -> Result<Vec<String>, Hole> {
            let words = look.parameter(name)?.split(',').map(|word| word.trim().to_owned());
            Ok(words.filter(|word| !word.is_empty()).collect())
        };
        let external_id = look.parameter("ExternalId")?;
        Ok(Self {
            accounts: words("ScanAccounts")?,
            access: Access {
                role: look.parameter("ReadRoleName")?.to_owned(),
                external_id: (!external_id.is_empty()).then(|| external_id.to_owned()),
            },
            regions: words("ScanRegions")?,
            bus: look.output("CentralBusArn")?.to_owned(),
            has_trail: !look.parameter("TrailBucket")?.is_empty(),
        })
    }
}

/// Looks at the producers of the stack, as `answers` tell of it.
pub(super) async fn look(
    doors: &dyn Doors,
    subject: &Subject,
    answers: &mut Answers,
    wanted: &Wanted,
) -> Seen {
    let stack = loop {
        let stack = Stack::of(&Look { subject, answers, producers: None, check: "" });
        if !answers.ask(doors.aws().as_ref(), &subject.account).await {
            break stack;
        }
    };
    let mut stack = match stack {
        Ok(stack) => stack,
        Err(Hole::Unknown(why)) => return Seen(vec![(subject.account.clone(), Err(why))]),
        Err(Hole::Absent | Hole::Unread) => return Seen::default(),
    };
    if let Some(access) = &wanted.access {
        stack.access = access.clone();
    }
    if !wanted.accounts.is_empty() {
        stack.accounts.clone_from(&wanted.accounts);
    }
    if stack.accounts == ["organization"] {
        stack.accounts = match doors.organization(&subject.account, &subject.home).await {
            Ok(accounts) => accounts,
            Err(why) => return Seen(vec![(subject.account.clone(), Err(why))]),
        };
    }
    // The stack's own account needs no producer for its region, and HEALTH does not ask it for one.
    stack.accounts.retain(|account| *account != subject.account);
    let mut seen = Seen::default();
    for account in &stack.accounts {
        let mut looked = one(doors, subject, &stack, account).await;
        if let (Ok(found), true) = (&mut looked, stack.has_trail) {
            // The files of a trail stand for producers.
            found.retain(|found| {
                found.judged.check != "producer-account-not-enrolled" || found.judged.truth != Truth::True
            });
        }
        seen.0.push((account.clone(), looked));
    }
    seen
}

async fn one(
    doors: &dyn Doors,
    subject: &Subject,
    stack: &Stack,
    account: &str,
) -> Result<Vec<Found>, String> {
    let entered = doors.enter(account, &stack.access, &subject.region).await;
    let regions = entered.map_err(|error| refused(account, &stack.access, &error))?;
    let scene = Scene {
        account: account.to_owned(),
        partition: subject.partition.clone(),
        home: subject.home.clone(),
        regions,
    };
    let loaded = catalog::service(health::SERVICE);
    let settings = health::sending_to(health::settings(Settings::default()), &stack.bus);
    let (checker, _) = Checker::new(loaded.rules, &settings);
    let memory = Arc::new(Memory::default());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store: Arc<dyn engine::ports::Store> = Arc::<Memory>::clone(&memory);
    let scanner = Scanner::new(Arc::new(loaded.rows), checker, store, NoticePolicy::default(), clock);
    let scanned = health::look(&scanner, doors.aws(), scene, &stack.regions).await;
    let scanned = scanned.map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for judged in scanned.into_iter().flat_map(|scanned| scanned.judged) {
        let command = match judged.truth {
            Truth::True => command(&scanner, &memory, &judged).await,
            Truth::False | Truth::Unknown => String::new(),
        };
        found.push(Found { judged, command });
    }
    found.sort_by(|one, other| {
        let key = |found: &Found| (found.judged.region.clone(), found.judged.resource.clone());
        key(one).cmp(&key(other))
    });
    Ok(found)
}

/// The command of the check's fix, with what was read in its places.
async fn command(scanner: &Scanner, memory: &Memory, judged: &Judged) -> String {
    let kept = memory.finding(&judged.finding).await.ok().flatten();
    let evidence = kept.map(|finding| finding.latest.evidence).unwrap_or_default();
    let mut checks = scanner.checker().checks(&judged.resource_type);
    let Some(meta) = checks.find(|meta| meta.id == judged.check) else { return String::new() };
    report::commands(&meta.fix, &evidence).text.trim().replace('\n', " && ")
}

fn refused(account: &str, access: &Access, error: &ReadError) -> String {
    let role = &access.role;
    match error.code.as_str() {
        "NoCredentials" => format!(
            "the role {role} of account {account} may not be assumed by you: name one that may be with --role, \
             or ask for what HEALTH found with trailpost findings --store dynamodb://STACK"
        ),
        _ => format!("account {account} cannot be looked at: {error}"),
    }
}
