//! Faults of each operation that a scan of the recorded account uses.
//!
//! The types that use it are scanned, then scanned again with the operation failing, over the same store. Nothing may
//! flip, open or resolve; what is open names the operation, and the permission where it was denied; what did not need
//! the operation is as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use catalog::resource::{Listing, Operation, Row};
use engine::check::Checker;
use engine::ports::{Aws, Cause, Kind, ReadError, Store};
use engine::scan::{Judged, Scanned, Shard};
use libtest_mimic::Failed;
use model::{Finding, FindingId};
use rules::Truth;

use crate::account::{Faulty, Watched, account, blocking, plain, types_of};

static TRIED: AtomicUsize = AtomicUsize::new(0);
static VERDICTS: AtomicUsize = AtomicUsize::new(0);
static OPENED: AtomicUsize = AtomicUsize::new(0);

static SHORTENED: AtomicUsize = AtomicUsize::new(0);

/// Counts resources that a shortened listing left out.
pub(crate) fn count_shortened(resources: usize) {
    SHORTENED.fetch_add(resources, Ordering::Relaxed);
}

/// Says how much was tried.
pub(crate) fn tell() {
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    println!(
        "faults of operations: {} tried over {} verdicts, {} became unknown",
        count(&TRIED),
        count(&VERDICTS),
        count(&OPENED)
    );
    println!("listings without the last one: {} resources were gone", count(&SHORTENED));
}

/// What can go wrong with a call, by what the reader makes of it.
pub(crate) const FAULTS: [(Cause, &str); 9] = [
    (Cause::Denied, "AccessDenied"),
    (Cause::Throttled, "ThrottlingException"),
    (Cause::Failed, "Timeout"),
    (Cause::Failed, "Http500"),
    (Cause::Failed, "Answer"),
    (Cause::Failed, "Pages"),
    (Cause::Unsupported, "NoEndpoint"),
    (Cause::Denied, "AccessDeniedException"),
    (Cause::Denied, "UnauthorizedOperation"),
];

/// The operations that a scan asks for, each with the shards that use it.
pub(crate) fn used() -> &'static BTreeMap<Operation, Vec<Shard>> {
    static USED: OnceLock<BTreeMap<Operation, Vec<Shard>>> = OnceLock::new();
    USED.get_or_init(|| {
        let account = account();
        let (scanner, _) = account.scanner(&types_of(&account.rows));
        let mut used: BTreeMap<Operation, Vec<Shard>> = BTreeMap::new();
        for shard in &account.shards {
            let aws: Arc<dyn Aws> = Arc::<aws::Replay>::clone(&account.replay);
            let watched = Arc::new(Watched { aws, asked: Mutex::default() });
            let aws: Arc<dyn Aws> = Arc::<Watched>::clone(&watched);
            account.scan(&scanner, &aws, std::slice::from_ref(shard));
            for operation in watched.asked.lock().unwrap().keys() {
                used.entry(operation.clone()).or_default().push(shard.clone());
            }
        }
        used
    })
}

/// Tries `faults` of one operation.
pub(crate) fn one(
    operation: &Operation,
    shards: &[Shard],
    faults: &[(Cause, &'static str)],
) -> Result<(), Failed> {
    let account = account();
    let types = shards.iter().map(|shard| shard.resource_type.as_str()).collect();
    let (scanner, store) = account.scanner(&types);
    let sound: Arc<dyn Aws> = Arc::<aws::Replay>::clone(&account.replay);
    let before = account.scan(&scanner, &sound, shards);
    let stood = standing(store.as_ref(), shards);
    let mut problems = BTreeSet::new();
    for (cause, code) in faults {
        TRIED.fetch_add(1, Ordering::Relaxed);
        let error = ReadError { cause: *cause, code: (*code).into(), message: "as the test wants it".into() };
        let aws: Arc<dyn Aws> = Arc::new(Faulty {
            aws: Arc::clone(&sound),
            operation: operation.clone(),
            error: error.clone(),
            regions: BTreeSet::new(),
        });
        let after = account.scan(&scanner, &aws, shards);
        for ((shard, before), (_, after)) in before.iter().zip(&after) {
            let row = account.rows.iter().find(|row| row.name == shard.resource_type).unwrap();
            let fault =
                Fault { operation, error: &error, row, rows: &account.rows, checker: scanner.checker() };
            fault.compare(before, after, &mut |problem| {
                problems.insert(format!("{code}: {shard}: {problem}"));
            });
        }
        if standing(store.as_ref(), shards) != stood {
            problems.insert(format!("{code}: other findings stand than before"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into_iter().collect::<Vec<_>>().join("\n").into()) }
}

/// The findings that stand, by id and how they stand.
pub(crate) fn standing(store: &dyn Store, shards: &[Shard]) -> BTreeSet<FindingId> {
    let kinds: BTreeSet<(String, String)> =
        shards.iter().map(|shard| (shard.account.clone(), shard.resource_type.clone())).collect();
    let stand = kinds.into_iter().flat_map(|(account, resource_type)| {
        blocking(store.standing(&Kind { account, resource_type })).unwrap()
    });
    stand.map(|finding: Finding| finding.id).collect()
}

struct Fault<'a> {
    operation: &'a Operation,
    error: &'a ReadError,
    row: &'a Row,
    rows: &'a [Row],
    checker: &'a Checker,
}

impl Fault<'_> {
    fn compare(&self, before: &Scanned, after: &Scanned, say: &mut impl FnMut(String)) {
        let known: HashMap<&FindingId, &Judged> =
            before.judged.iter().map(|judged| (&judged.finding, judged)).collect();
        if after.resolved > 0 {
            say(format!("{} findings are resolved", after.resolved));
        }
        for judged in &after.judged {
            VERDICTS.fetch_add(1, Ordering::Relaxed);
            let Judged { check, truth, .. } = judged;
            let resource = plain(&judged.resource);
            if judged.change.is_new() {
                say(format!("{check} of {resource} is opened"));
            }
            match known.get(&judged.finding) {
                None => self.nameless(judged, say),
                Some(before) => {
                    let flipped = *truth != Truth::Unknown && *truth != before.truth;
                    if flipped {
                        say(format!("{check} of {resource} was {:?} and is {truth:?}", before.truth));
                    }
                    if !self.needs(check) && (before.truth, &before.reason) != (*truth, &judged.reason) {
                        say(format!(
                            "{check} of {resource} does not need it, and changes: {}",
                            plain(&judged.reason)
                        ));
                    }
                    if *truth == Truth::Unknown && before.truth != Truth::Unknown {
                        OPENED.fetch_add(1, Ordering::Relaxed);
                        self.told(judged, say);
                    }
                }
            }
        }
        Self::all_checks(before, after, say);
    }

    /// A row that was not there before: it stands for resources that cannot be told by name.
    fn nameless(&self, judged: &Judged, say: &mut impl FnMut(String)) {
        let Judged { check, truth, .. } = judged;
        let resource = plain(&judged.resource);
        if *truth != Truth::Unknown || resource != self.row.name {
            say(format!("{check} of {resource} was not there before, and is {truth:?}"));
        }
        self.told(judged, say);
    }

    /// The reason names the operation, and what would help.
    fn told(&self, judged: &Judged, say: &mut impl FnMut(String)) {
        let reason = plain(&judged.reason);
        let mut parts = vec![format!("{} answered {}", self.operation, self.error.code)];
        if self.error.cause == Cause::Denied {
            parts.push(format!("; allow {}", self.permission()));
        }
        if let Some(part) = parts.iter().find(|part| !reason.contains(part.as_str())) {
            say(format!(
                "{} of {}: the reason does not say `{part}`: {reason}",
                judged.check,
                plain(&judged.resource)
            ));
        }
    }

    /// A permission that the row, or its parent's, names for the operation; else the operation's own.
    fn permission(&self) -> String {
        let mut reads = family(self.row, self.rows).into_iter().flat_map(Row::reads);
        let named = reads.find(|read| read.operation == *self.operation && !read.permissions().is_empty());
        match named {
            Some(read) => read.permissions().join(", "),
            None => account().replay.permissions(self.operation).join(", "),
        }
    }

    /// A check that had verdicts has some: at least one that stands for all.
    fn all_checks(before: &Scanned, after: &Scanned, say: &mut impl FnMut(String)) {
        let checks = |scanned: &Scanned| -> BTreeSet<String> {
            scanned.judged.iter().map(|judged| judged.check.clone()).collect()
        };
        for lost in checks(before).difference(&checks(after)) {
            say(format!("{lost} says nothing any more"));
        }
    }

    /// Whether a check's verdict can depend on the operation.
    fn needs(&self, check: &str) -> bool {
        let members = self.checker.reads_of(&self.row.name, check);
        let mut facets: BTreeSet<&str> = BTreeSet::new();
        for (name, read) in self.row.facets.iter().rev() {
            if members.iter().any(|member| member.eq_ignore_ascii_case(name))
                || facets.contains(name.as_str())
            {
                facets.insert(name);
                facets.extend(read.facets_read(self.row));
            }
        }
        let of_facets = facets
            .iter()
            .filter_map(|name| self.row.facet(name))
            .any(|read| read.operation == *self.operation);
        of_facets || is_of_listing(self.row, self.rows, self.operation)
    }
}

/// A row and those that its listing starts from.
fn family<'a>(row: &'a Row, rows: &'a [Row]) -> Vec<&'a Row> {
    let mut all = vec![row];
    let mut row = row;
    while let Listing::Within { parent, .. } = &row.listing {
        row = rows.iter().find(|other| other.name == *parent).unwrap();
        all.push(row);
    }
    all
}

/// Whether an operation is needed to know which resources there are, or for what every document says.
fn is_of_listing(row: &Row, rows: &[Row], operation: &Operation) -> bool {
    family(row, rows).into_iter().any(|row| {
        let listing = match &row.listing {
            Listing::Single => None,
            Listing::Call(read) | Listing::Within { read, .. } => Some(read),
        };
        listing.into_iter().chain(&row.describe).any(|read| read.operation == *operation)
    })
}
