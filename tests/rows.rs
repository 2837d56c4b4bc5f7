//! Resource rows, checks and the models of the services' APIs fit together: over all of them, whatever is added.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;

use aws::lint;
use aws::model::Models;
use catalog::resource::Row;
use engine::check::resource_fact_names;
use flate2::read::GzDecoder;
use rules::{Rule, RuleSet, Settings, Target};
use serde_json::Value;

/// Facets that no check reads, besides tags: they are there for whoever looks at an inventory.
const INVENTORY: &[&str] = &[
    "aws.ec2.region_settings SerialConsoleAccess",
    "aws.elb.load_balancer Groups",
    "aws.s3.access_point Policy",
];

/// Members that are called as one that changes by itself elsewhere, and change only with the resource.
const STEADY: &[&str] = &[
    "aws.ec2.image StateReason",
    "aws.ec2.instance StateReason",
    "aws.ec2.security_group StateReason",
    "aws.events.connection StateReason",
    // Whom a policy is attached to is what it is about.
    "aws.iam.account AttachmentCount",
    "aws.iam.account PermissionsBoundaryUsageCount",
    "aws.iam.policy AttachmentCount",
    "aws.iam.policy PermissionsBoundaryUsageCount",
    "aws.lambda.function StateReason",
    "aws.s3.bucket Events",
    "aws.securityhub.hub Events",
    "aws.securityhub.hub StateReason",
];

struct Catalogue {
    rows: Vec<Row>,
    /// With the type that each is about.
    checks: Vec<(String, Rule)>,
}

fn catalogue() -> Catalogue {
    let loaded = catalog::builtin();
    assert_eq!(loaded.errors, []);
    let checks = loaded.rules.into_iter().filter_map(|rule| match &rule.target {
        Target::Resource(kind) => Some((kind.clone(), rule)),
        Target::Event | Target::Other(_) => None,
    });
    Catalogue { checks: checks.collect(), rows: loaded.rows }
}

/// Settings under which a check does not rest: what it reads it reads then.
fn awake(rule: &Rule) -> Settings {
    let mut settings = Settings::default();
    for case in &rule.tests {
        let (set, errors) = RuleSet::new([rule.clone()], &case.settings, &resource_fact_names());
        assert_eq!(errors, []);
        if set.resting().is_empty() {
            settings = case.settings.clone();
        }
    }
    settings
}

/// The paths that a check reads.
fn paths(rule: &Rule) -> BTreeSet<String> {
    let (set, _) = RuleSet::new([rule.clone()], &awake(rule), &resource_fact_names());
    set.reads(&rule.meta.id)
}

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn rows_agree_with_the_models_and_only_read() {
    let catalogue = catalogue();
    let problems: Vec<_> =
        lint::rows(&catalogue.rows, &[], &Models::default()).iter().map(ToString::to_string).collect();
    none(&problems);
}

#[test]
fn every_check_is_about_a_type_that_there_is() {
    let catalogue = catalogue();
    let known: BTreeSet<&str> = catalogue.rows.iter().map(|row| row.name.as_str()).collect();
    let unknown = catalogue.checks.iter().filter(|(kind, _)| !known.contains(kind.as_str()));
    none(
        &unknown
            .map(|(kind, rule)| format!("{}: there is no type {kind}", rule.meta.origin))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_type_stands_once() {
    let mut seen = BTreeSet::new();
    let rows = catalogue().rows;
    none(
        &rows
            .iter()
            .filter(|row| !seen.insert(row.name.clone()))
            .map(|row| row.name.clone())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn what_a_check_reads_is_a_member_that_the_documents_can_have() {
    let catalogue = catalogue();
    let models = Models::default();
    let mut problems = Vec::new();
    for (kind, rule) in &catalogue.checks {
        let Some(row) = catalogue.rows.iter().find(|row| row.name == *kind) else { continue };
        let has = |path: &str| lint::can_have(row, &catalogue.rows, &models, path);
        for path in paths(rule) {
            match path.strip_prefix("facts.") {
                None if has(&path) => {}
                None => problems.push(format!("{}: {kind} has no {path}", rule.meta.origin)),
                Some(fact) => {
                    let name = fact.split('.').next().unwrap_or_default();
                    let reads = facts::resource_fact(name).map(|fact| fact.reads).unwrap_or_default();
                    let mut of_document = reads.iter().filter(|member| **member != "$resource");
                    // A fact is derived from what the types that it is for have; each has a part of it. What is said of
                    // every resource needs nothing more.
                    if name != "resource" && !of_document.any(|member| has(member)) {
                        problems.push(format!(
                            "{}: {kind} has nothing that {name} is derived from",
                            rule.meta.origin
                        ));
                    }
                }
            }
        }
    }
    none(&problems);
}

#[test]
fn what_changes_by_itself_in_one_type_does_in_every_type_that_has_it() {
    let rows = catalogue().rows;
    let models = Models::default();
    let names: BTreeSet<String> =
        rows.iter().flat_map(|row| &row.volatile).map(|name| name.to_lowercase()).collect();
    assert!(names.len() > 100, "{names:?}");
    let mut steady = BTreeSet::new();
    for row in &rows {
        let volatile: BTreeSet<String> = row.volatile.iter().map(|name| name.to_lowercase()).collect();
        let members = lint::names(row, &models).into_iter();
        let others = members.filter(|member| {
            names.contains(&member.to_lowercase()) && !volatile.contains(&member.to_lowercase())
        });
        steady.extend(others.map(|member| format!("{} {member}", row.name)));
    }
    let known: BTreeSet<String> = STEADY.iter().map(ToString::to_string).collect();
    let unnamed = steady
        .difference(&known)
        .map(|one| format!("{one} changes by itself in other types: name it in `volatile:`"));
    let gone =
        known.difference(&steady).map(|one| format!("{one} is volatile, or is gone: take it from STEADY"));
    none(&unnamed.chain(gone).collect::<Vec<_>>());
}

#[test]
fn what_changes_by_itself_in_the_credential_report_is_one_of_its_columns() {
    let rows = catalogue().rows;
    let mut recorded = String::new();
    GzDecoder::new(File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/recorded/account.ndjson.gz")).unwrap())
        .read_to_string(&mut recorded)
        .unwrap();
    let answers = recorded.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let report =
        answers.map(|answer| answer["answer"]["Rows"][0].clone()).find(|row| row.get("mfa_active").is_some());
    let report = report.unwrap();
    for name in ["aws.iam.user", "aws.iam.root"] {
        let row = rows.iter().find(|row| row.name == name).unwrap();
        let volatile: BTreeSet<&str> =
            row.volatile.iter().filter_map(|member| member.strip_prefix("Credentials.")).collect();
        let used = report
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .filter(|column| column.contains("last_used"));
        assert_eq!(volatile, used.collect(), "{name}");
    }
}

#[test]
fn every_facet_is_read_by_a_check_or_is_inventory() {
    let catalogue = catalogue();
    let mut read: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (kind, rule) in &catalogue.checks {
        let (checker, _) = engine::check::Checker::new([rule.clone()], &awake(rule));
        let members = checker.reads_of(kind, &rule.meta.id);
        read.entry(kind).or_default().extend(members.into_iter().map(|member| member.to_lowercase()));
    }
    let mut unread = BTreeSet::new();
    for row in &catalogue.rows {
        let nothing = BTreeSet::new();
        let members = read.get(row.name.as_str()).unwrap_or(&nothing);
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        for (name, facet) in row.facets.iter().rev() {
            if members.contains(&name.to_lowercase()) || needed.contains(name.as_str()) {
                needed.insert(name);
                needed.extend(facet.facets_read(row));
            } else {
                unread.insert(format!("{} {name}", row.name));
            }
        }
    }
    unread.retain(|facet| !facet.ends_with(" Tags"));
    let inventory: BTreeSet<String> = INVENTORY.iter().map(ToString::to_string).collect();
    none(&unread.difference(&inventory).cloned().collect::<Vec<_>>());
    none(
        &inventory
            .difference(&unread)
            .map(|facet| format!("{facet} is read, or is gone: take it from INVENTORY"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn equivalents_are_named_once() {
    let mut problems = Vec::new();
    for (_, rule) in catalogue().checks {
        for (tool, ids) in &rule.meta.equivalents {
            let distinct: BTreeSet<&String> = ids.iter().collect();
            if distinct.len() != ids.len() || ids.iter().any(|id| id.trim().is_empty()) {
                problems.push(format!("{}: {tool}: {ids:?}", rule.meta.origin));
            }
        }
    }
    none(&problems);
}
