//! Scanning: every resource of a type at a place is read, judged, and its findings opened, kept or resolved.

mod amend;
mod causes;
mod evidence;
mod forecast;
mod job;
mod plan;
mod settle;
mod standing;
mod undone;
mod way;

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::resource::Row;
use model::json::Document;
use model::{Basis, Change, FindingId, NoticePolicy, Severity, Timestamp, Untrusted};
use rules::{Scratch, Truth};
use serde_json::Value;

use crate::check::{Checker, Hole, Verdict};
use crate::collect::{Collector, Listed, Portion, Resource};
use crate::inventory::Looked;
use crate::ports::{Clock, Place, Store, StoreError};

pub use amend::findings_about;
pub use job::{Job, Worked, jobs};
pub use plan::{Selection, Shard, Slice, is_of, plan};

use settle::{Extent, Seen};

/// Scans accounts.
pub struct Scanner {
    rows: Arc<Vec<Row>>,
    checker: Checker,
    store: Arc<dyn Store>,
    policy: NoticePolicy,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Scanner").field("types", &self.rows.len()).finish_non_exhaustive()
    }
}

/// What a check says of a resource, as a scan tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The check.
    pub check: String,
    /// The finding that this is, or would be.
    pub finding: FindingId,
    /// The resource's ARN; its type, where no resource could be listed.
    pub resource: Untrusted,
    /// The resource's type.
    pub resource_type: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Finding, clean or unknown.
    pub truth: Truth,
    /// How bad a finding is.
    pub severity: Severity,
    /// The check's sentence about a finding; what could not be read of something unknown.
    pub reason: Untrusted,
    /// What the store made of it.
    pub change: Change,
}

/// What came of one shard.
#[derive(Debug, Default)]
pub struct Scanned {
    /// How many resources were read.
    pub resources: usize,
    /// Every verdict.
    pub judged: Vec<Judged>,
    /// Findings that are over.
    pub resolved: usize,
    /// Provisional findings that this look came too early to withdraw.
    pub pending: usize,
    /// What could not be read.
    pub holes: BTreeSet<Hole>,
    /// So many resources that they are better read in slices; nothing was.
    pub too_many: Option<usize>,
}

impl Scanned {
    /// Adds what is open for a resource that has no name; once for all of them.
    fn add_open(&mut self, open: Self) {
        let new = |judged: &Judged| !self.judged.iter().any(|known| known.finding == judged.finding);
        let more: Vec<_> = open.judged.into_iter().filter(new).collect();
        self.judged.extend(more);
        self.holes.extend(open.holes);
    }
}

impl Scanner {
    /// Scans for what `checker` asks about, in the types of resources that `rows` describe.
    pub fn new(
        rows: Arc<Vec<Row>>,
        checker: Checker,
        store: Arc<dyn Store>,
        policy: NoticePolicy,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { rows, checker, store, policy, clock }
    }

    /// The checks.
    pub fn checker(&self) -> &Checker {
        &self.checker
    }

    /// Where findings are kept.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The types of resources.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Reads and judges all resources of one type at one place.
    ///
    /// # Errors
    /// When the store fails. What AWS refuses is told in the result.
    pub async fn shard(&self, collector: &Collector, shard: &Shard) -> Result<Scanned, StoreError> {
        self.read(collector, shard, &self.policy, None, SCAN).await
    }

    /// Reads and judges all resources of one type at one place, as `lane` says why.
    pub(crate) async fn shard_of(
        &self,
        collector: &Collector,
        shard: &Shard,
        lane: &str,
    ) -> Result<Scanned, StoreError> {
        self.read(collector, shard, &self.policy, None, lane).await
    }

    /// Judges one resource that was read, or is gone, and takes down what became of it.
    pub(crate) async fn settle_one(
        &self,
        row: &Row,
        resources: &[Resource],
        Looked { kept, outdated }: &Looked,
        (observed_at, basis): (Timestamp, Basis),
        lane: &str,
    ) -> Result<Scanned, StoreError> {
        let mut scanned = self.judge(resources, observed_at);
        let seen = Seen { row, extent: Extent::One, resources, kept, outdated, observed_at, basis, lane };
        self.settle(&seen, &mut scanned, &self.policy).await?;
        Ok(scanned)
    }

    /// The facets that the checks of a type need.
    pub(crate) fn wanted(&self, row: &Row) -> BTreeSet<String> {
        facets_wanted(row, &self.checker.reads(&row.name))
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What stands in a shard that a scan of these regions read before it was interrupted: its open findings.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn standing(&self, shard: &Shard, regions: &[String]) -> Result<Vec<Judged>, StoreError> {
        let standing = standing::standing(self.store.as_ref(), &self.checker, shard).await?;
        let known = standing.into_iter().map(|finding| {
            let mut regions = regions.iter();
            let region = regions.find(|region| finding.region == Untrusted::new(region.as_str()));
            Judged {
                region: region.unwrap_or(&shard.region).clone(),
                check: finding.rule,
                finding: finding.id,
                resource: finding.posture.map_or(finding.scope, |posture| posture.resource),
                resource_type: shard.resource_type.clone(),
                account: shard.account.clone(),
                truth: Truth::True,
                severity: finding.severity,
                reason: finding.latest.message,
                change: Change::Kept,
            }
        });
        Ok(known.collect())
    }

    async fn read(
        &self,
        collector: &Collector,
        shard: &Shard,
        policy: &NoticePolicy,
        limit: Option<usize>,
        lane: &str,
    ) -> Result<Scanned, StoreError> {
        let Some(row) = self.rows.iter().find(|row| row.name == shard.resource_type) else {
            return Ok(Scanned::default());
        };
        let place = Place { account: shard.account.clone(), region: shard.region.clone() };
        let wanted = self.wanted(row);
        // Whatever changes while the resources are read is not covered by what was read.
        let observed_at = self.clock.now();
        // One that has no name may be any.
        let keep = |resource: &Resource| resource.nameless.is_some() || is_covered(shard, resource);
        // A slice is as small as it gets.
        let limit = limit.filter(|_| shard.slice.is_none());
        let resources = match collector.collect(row, &place, &wanted, Portion { keep: &keep, limit }).await {
            Listed::Resources(resources) => resources,
            Listed::Unlisted(unlisted) => return Ok(self.unlisted(row, &place, &unlisted.hole)),
            Listed::TooMany(count) => return Ok(Scanned { too_many: Some(count), ..Scanned::default() }),
        };
        let (nameless, resources): (Vec<_>, Vec<_>) =
            resources.into_iter().partition(|resource| resource.nameless.is_some());
        let mut scanned = self.judge(&resources, observed_at);
        // Which resource it is that could not be read nobody knows: it may be any that is missing.
        let whole = nameless.is_empty();
        let Looked { kept, outdated } = self.keep(row, shard, whole, &resources, (observed_at, lane)).await?;
        for hole in nameless.iter().filter_map(|resource| resource.nameless.as_ref()) {
            scanned.add_open(self.unlisted(row, &place, hole));
        }
        let extent = Extent::Shard { shard, whole };
        // A scan does not know which calls were made right before it.
        let basis = Basis::EarlyRead;
        let (resources, kept, outdated) = (&resources[..], &kept[..], &outdated);
        let seen = Seen { row, extent, resources, kept, outdated, observed_at, basis, lane };
        self.settle(&seen, &mut scanned, policy).await?;
        Ok(scanned)
    }

    /// Nothing can be said about any resource of the type: every check is open.
    fn unlisted(&self, row: &Row, place: &Place, hole: &Value) -> Scanned {
        let document = Document::parse(hole.to_string()).unwrap_or_default();
        let holes: BTreeSet<Hole> = Hole::of(document.root()).into_iter().collect();
        let account = Untrusted::new(place.account.as_str());
        let region = Untrusted::new(place.region.as_str());
        let resource = Untrusted::new(row.name.as_str());
        let open = self.checker.checks(&row.name).map(|check| Judged {
            check: check.id.clone(),
            finding: FindingId::of_resource(&check.id, &account, &region, &resource),
            resource: resource.clone(),
            resource_type: row.name.clone(),
            account: place.account.clone(),
            region: place.region.clone(),
            truth: Truth::Unknown,
            severity: check.severity,
            reason: reason(holes.iter()),
            change: Change::Nothing,
        });
        Scanned { judged: open.collect(), holes, ..Scanned::default() }
    }

    fn judge(&self, resources: &[Resource], now: Timestamp) -> Scanned {
        let mut scanned = Scanned { resources: resources.len(), ..Scanned::default() };
        let mut scratch = Scratch::default();
        for resource in resources {
            let document =
                Document::parse(Value::Object(resource.document.clone()).to_string()).unwrap_or_default();
            for verdict in self.checker.judge(&resource.kind, &document, now, &mut scratch) {
                scanned.holes.extend(verdict.holes.iter().cloned());
                scanned.judged.push(judged(resource, &verdict));
            }
        }
        scanned
    }
}

/// The lane of what a scan sees.
const SCAN: &str = "scan";

fn is_covered(shard: &Shard, resource: &Resource) -> bool {
    shard.covers(&Untrusted::new(resource.region.as_str()), &Untrusted::new(resource.arn.as_str()))
}

/// The facets of a row among the members that checks read; their letters may differ in case.
fn facets_wanted(row: &Row, members: &BTreeSet<String>) -> BTreeSet<String> {
    let read = |facet: &str| members.iter().any(|member| member.eq_ignore_ascii_case(facet));
    row.facets.iter().map(|(facet, _)| facet.clone()).filter(|facet| read(facet)).collect()
}

fn judged(resource: &Resource, verdict: &Verdict<'_>) -> Judged {
    let arn = Untrusted::new(resource.arn.as_str());
    let account = Untrusted::new(resource.account.as_str());
    let region = Untrusted::new(resource.region.as_str());
    Judged {
        check: verdict.check.id.clone(),
        finding: FindingId::of_resource(&verdict.check.id, &account, &region, &arn),
        resource: arn,
        resource_type: resource.kind.clone(),
        account: resource.account.clone(),
        region: resource.region.clone(),
        truth: verdict.truth,
        severity: verdict.check.severity,
        reason: match verdict.truth {
            Truth::True => Untrusted::new(verdict.message.as_str()),
            Truth::Unknown => reason(verdict.holes.iter()),
            Truth::False => Untrusted::default(),
        },
        change: Change::Nothing,
    }
}

fn reason<'a>(holes: impl Iterator<Item = &'a Hole>) -> Untrusted {
    Untrusted::new(holes.map(ToString::to_string).collect::<Vec<_>>().join("; "))
}
