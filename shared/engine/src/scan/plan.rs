//! What a scan consists of: one shard for each type of resources and place.

use catalog::resource::{Row, Scope};
use model::Untrusted;
use serde::{Deserialize, Serialize};

use crate::check::Checker;
use crate::collect::{Collector, Scene};
use crate::health;

/// What a scan is limited to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The regions; all that are switched on where this is empty.
    pub regions: Vec<String>,
    /// Services, such as `s3`; all where this is empty.
    pub services: Vec<String>,
}

impl Selection {
    /// Whether a type is of the services. Those about producers are so only where they are named: an account that is merely
    /// scanned has none, and nothing is wrong with that.
    pub fn has(&self, row: &Row) -> bool {
        if row.service() == health::SERVICE {
            return self.services.iter().any(|service| service.eq_ignore_ascii_case(health::SERVICE));
        }
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
    /// The part of the resources that is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<Slice>,
}

/// One of equal parts of a type's resources, by their ARNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slice {
    /// Which, from 0.
    pub part: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// All resources of a type that are listed in a region; of a type that is listed for the whole account, those of all
    /// regions.
    pub fn of(row: &Row, account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            resource_type: row.name.clone(),
            everywhere: row.region.is_some(),
            only: Vec::new(),
            slice: None,
        }
    }

    /// Whether a resource is the shard's, by its region and ARN.
    pub fn covers(&self, region: &Untrusted, arn: &Untrusted) -> bool {
        let in_slice = self.slice.is_none_or(|slice| arn.part(slice.of) == slice.part);
        let is = |only: &String| *region == Untrusted::new(only.as_str());
        in_slice && (self.only.is_empty() || self.only.iter().any(is))
    }

    /// The shard in slices of at most about `each` of its `count` resources. Their number is a power of two, so that it
    /// stays what it is while the resources become a few more.
    pub fn slices(&self, count: usize, each: usize) -> Vec<Self> {
        let of = u32::try_from(count.div_ceil(each.max(1))).unwrap_or(u32::MAX / 2).next_power_of_two();
        (0..of).map(|part| Self { slice: Some(Slice { part, of }), ..self.clone() }).collect()
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} {}", self.account, self.region, self.resource_type)?;
        match self.slice {
            Some(Slice { part, of }) => write!(formatter, " {}/{of}", part.saturating_add(1)),
            None => Ok(()),
        }
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
        let only = if row.region.is_some() { selection.regions.clone() } else { Vec::new() };
        for region in places {
            let place = collector.place(row, region);
            if !collector.is_absent(row, &place) {
                let shard = Shard::of(row, &scene.account, &place.region);
                shards.push(Shard { only: only.clone(), ..shard });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_is_in_one_slice() {
        let shard = Shard {
            account: "111122223333".into(),
            region: "us-east-1".into(),
            resource_type: "aws.s3.bucket".into(),
            everywhere: true,
            only: Vec::new(),
            slice: None,
        };
        let slices = shard.slices(1_200, 500);
        assert_eq!(slices.len(), 4);
        let mut sizes = vec![0; slices.len()];
        for number in 0..1_200 {
            let arn = Untrusted::new(format!("arn:aws:s3:::bucket-{number}"));
            let held: Vec<_> =
                (0..slices.len()).filter(|slice| slices[*slice].covers(&"eu-west-1".into(), &arn)).collect();
            assert_eq!(held.len(), 1, "{number}");
            sizes[held[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (200..400).contains(size)), "{sizes:?}");
        assert_eq!(slices[1].to_string(), "111122223333 us-east-1 aws.s3.bucket 2/4");
    }

    #[test]
    fn producers_are_looked_at_by_those_who_ask_for_them() {
        let rows = catalog::resources().rows;
        let named = |services: &[&str]| {
            let services = services.iter().map(|service| (*service).to_owned()).collect();
            let selection = Selection { services, ..Selection::default() };
            rows.iter().filter(|row| selection.has(row)).map(|row| row.name.as_str()).collect::<Vec<_>>()
        };
        let producers = ["aws.trailpost.producer", "aws.trailpost.account"];
        assert_eq!(named(&["trailpost"]), producers);
        assert!(named(&["events"]).contains(&"aws.events.rule"));
        for scan in [named(&[]), named(&["events"]), named(&["sts"])] {
            assert!(!scan.iter().any(|name| producers.contains(name)), "{scan:?}");
        }
    }

    #[test]
    fn a_selection_of_regions_leaves_other_regions_alone() {
        let only = vec!["eu-west-1".to_owned()];
        let shard = Shard {
            account: "111122223333".into(),
            region: "us-east-1".into(),
            resource_type: "aws.s3.bucket".into(),
            everywhere: true,
            only,
            slice: None,
        };
        assert!(shard.covers(&"eu-west-1".into(), &"arn:aws:s3:::a".into()));
        assert!(!shard.covers(&"us-east-1".into(), &"arn:aws:s3:::a".into()));
    }
}
