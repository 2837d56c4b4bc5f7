//! `catalog/models`: what the AWS reader knows of the services' APIs.
//!
//! Made from the models in the Python package `botocore` (Apache-2.0): structure only, for the operations that the
//! resource rows use, without a word of its documentation.

mod endpoints;
mod trim;
mod wheel;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use catalog::resource::Row;
use serde_json::{Value, json};

use wheel::Wheel;

/// What keeps the models from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or program of this machine.
    #[error("{0}: {1}")]
    Machine(String, std::io::Error),
    /// The package.
    #[error("{0}")]
    Package(String),
    /// The rows.
    #[error("resource rows:\n{0}")]
    Rows(String),
    /// `--check` found a difference.
    #[error("not what the rows need: {0}; run `cargo xtask {1}`")]
    Stale(String, &'static str),
}

/// Calls that are made besides those of the rows: the reader's own, those about producers' stacks, and those of
/// `trailpost deploy`.
const OWN_CALLS: &[(&str, &str)] = &[
    ("cloudwatch", "GetMetricStatistics"),
    ("cloudformation", "DescribeStackSet"),
    ("cloudformation", "DescribeStackSetOperation"),
    ("cloudformation", "ListStackResources"),
    ("dynamodb", "DescribeTimeToLive"),
    ("dynamodb", "Query"),
    ("ec2", "DescribeRegions"),
    ("events", "DescribeEventBus"),
    ("events", "ListRuleNamesByTarget"),
    ("iam", "GenerateCredentialReport"),
    ("iam", "GetCredentialReport"),
    ("iam", "SimulatePrincipalPolicy"),
    ("lambda", "GetAccountSettings"),
    ("lambda", "GetEventSourceMapping"),
    ("lambda", "GetFunctionConcurrency"),
    ("lambda", "GetFunctionConfiguration"),
    ("organizations", "ListAccounts"),
    ("scheduler", "GetSchedule"),
    ("sts", "GetCallerIdentity"),
];

/// Makes the models, or says whether they are up to date.
pub(crate) fn make(root: &Path, check: bool) -> Result<String, Error> {
    let calls = calls(&root.join("catalog"))?;
    let mut wheel = Wheel::fetch(root)?;
    let folder = root.join("catalog/models");
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let endpoints = wheel.json("endpoints.json")?;
    files.insert("partitions.json".into(), lines(&endpoints::partitions(&endpoints)));
    for (service, operations) in &calls {
        let model = wheel.service(service)?;
        let mut trimmed = trim::service(service, &model, operations)?;
        let prefix = trimmed.get("endpointPrefix").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(trimmed) = trimmed.as_object_mut() {
            trimmed.insert("endpoints".into(), endpoints::of_service(&endpoints, &prefix));
        }
        files.insert(format!("{service}.json"), lines(&trimmed));
    }
    let stale = stale(&folder, &files)?;
    if check {
        return if stale.is_empty() {
            Ok("catalog/models is up to date".into())
        } else {
            Err(Error::Stale(format!("catalog/models: {}", stale.join(", ")), "models"))
        };
    }
    write(&folder, &files)?;
    let count: usize = calls.values().map(BTreeSet::len).sum();
    Ok(format!("{count} operations of {} services, {} files changed", calls.len(), stale.len()))
}

/// The operations that the rows use, by service.
fn calls(catalog: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (service, operation) in OWN_CALLS {
        calls.entry((*service).into()).or_default().insert((*operation).into());
    }
    let loaded = catalog::load(catalog).map_err(|error| Error::Rows(error.to_string()))?;
    if !loaded.errors.is_empty() {
        let errors: Vec<_> = loaded.errors.iter().map(ToString::to_string).collect();
        return Err(Error::Rows(errors.join("\n")));
    }
    for read in loaded.rows.iter().flat_map(Row::reads).filter(|read| !read.is_code()) {
        calls.entry(read.operation.service.clone()).or_default().insert(read.operation.name.clone());
    }
    Ok(calls)
}

/// The files that are not as they should be.
fn stale(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>, Error> {
    let changed = files
        .iter()
        .filter(|(name, text)| fs::read_to_string(folder.join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| name.clone());
    Ok(changed.chain(leftover(folder, files)?).collect())
}

fn leftover(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error| Error::Machine(folder.display().to_string(), error);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|kind| kind == "json") && !files.contains_key(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<(), Error> {
    let failed = |error| Error::Machine(folder.display().to_string(), error);
    fs::create_dir_all(folder).map_err(failed)?;
    for name in leftover(folder, files)? {
        fs::remove_file(folder.join(name)).map_err(failed)?;
    }
    for (name, text) in files {
        fs::write(folder.join(name), text).map_err(failed)?;
    }
    Ok(())
}

/// An object as text: a line for each member, and for each member of `operations` and `shapes`, so that a change of
/// the API is a change of a line.
fn lines(value: &Value) -> String {
    let mut text = String::from("{\n");
    let members = value.as_object().into_iter().flatten();
    let blocks: Vec<String> = members
        .map(|(key, value)| match (key.as_str(), value.as_object()) {
            ("operations" | "shapes" | "services" | "partitions", Some(entries)) => {
                let entries: Vec<_> =
                    entries.iter().map(|(name, entry)| format!("  {}: {entry}", json!(name))).collect();
                format!(" {}: {{\n{}\n }}", json!(key), entries.join(",\n"))
            }
            _ => format!(" {}: {value}", json!(key)),
        })
        .collect();
    text.push_str(&blocks.join(",\n"));
    text.push_str("\n}\n");
    text
}
