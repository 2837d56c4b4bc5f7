//! What a scan consists of: one shard for each type of resources and place.

use catalog::resource::{Row, Scope};
use serde::{Deserialize, Serialize};

use crate::check::Checker;
use crate::collect::{Collector, Scene};

/// What a scan is limited to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The regions; all that are switched on where this is empty.
    pub regions: Vec<String>,
    /// Services, such as `s3`; all where this is empty.
    pub services: Vec<String>,
}

impl Selection {
    /// Whether a type is of the services.
    pub fn has(&self, row: &Row) -> bool {
        self.services.is_empty() || self.services.iter().any(|service| is_of(row, service))
    }
}

/// All resources of a type at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shard {
    /// The account's id.
    pub account: String,
    /// The region that is asked.
    pub region: String,
    /// The type.
    pub resource_type: String,
    /// The listing is of all regions, and each resource says in which one it is.
    #[serde(default)]
    pub everywhere: bool,
    /// Of such a listing, the regions whose resources count; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
}

impl Shard {
    /// Whether resources in that region are the shard's.
    pub fn covers(&self, region: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == region)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} {}", self.account, self.region, self.resource_type)
    }
}

/// The shards of one account that the checks need.
pub fn plan(
    rows: &[Row],
    checker: &Checker,
    collector: &Collector,
    scene: &Scene,
    selection: &Selection,
) -> Vec<Shard> {
    let asked = |row: &&Row| checker.checks(&row.name).next().is_some() && selection.has(row);
    let regions = if selection.regions.is_empty() { &scene.regions } else { &selection.regions };
    let mut shards = Vec::new();
    for row in rows.iter().filter(asked) {
        let places = match row.scope {
            Scope::Global => std::slice::from_ref(&scene.home),
            Scope::Regional => regions.as_slice(),
        };
        // Resources that are listed for the whole account but have a region count in the regions that were asked for.
        let everywhere = row.region.is_some();
        let only = if everywhere { selection.regions.clone() } else { Vec::new() };
        for region in places {
            let place = collector.place(row, region);
            if !collector.is_absent(row, &place) {
                shards.push(Shard {
                    account: scene.account.clone(),
                    region: place.region,
                    resource_type: row.name.clone(),
                    everywhere,
                    only: only.clone(),
                });
            }
        }
    }
    shards
}

/// Whether a row is of a service: by the name of its type, by its folder, or by the service that lists it.
pub fn is_of(row: &Row, service: &str) -> bool {
    row.service().eq_ignore_ascii_case(service)
        || row.origin.split('/').rev().nth(1).is_some_and(|folder| folder.eq_ignore_ascii_case(service))
        || row.reads().next().is_some_and(|read| read.operation.service.eq_ignore_ascii_case(service))
}
