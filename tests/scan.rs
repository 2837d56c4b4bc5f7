//! The verdicts on the recorded account, whole: `recorded/verdicts.txt` has the number of each check's findings, clean
//! and unknown rows; beside it stand verdicts that were read off the recorded documents by hand.
//!
//! `TRAILPOST_WRITE_VERDICTS=1 cargo test -p trailpost-tests --test scan` writes the file anew, for a look at what
//! changed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "recorded/account.rs"]
mod account;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use account::{account, plain, types_of};
use engine::ports::Aws;
use rules::Truth;

struct Row {
    check: String,
    resource: String,
    region: String,
    truth: Truth,
    reason: String,
}

fn verdicts() -> &'static Vec<Row> {
    static VERDICTS: OnceLock<Vec<Row>> = OnceLock::new();
    VERDICTS.get_or_init(|| {
        let account = account();
        let (scanner, _) = account.scanner(&types_of(&account.rows));
        let aws: Arc<dyn Aws> = Arc::<aws::Replay>::clone(&account.replay);
        let scanned = account.scan(&scanner, &aws, &account.shards);
        let judged = scanned.into_iter().flat_map(|(_, scanned)| scanned.judged);
        judged
            .map(|judged| Row {
                resource: plain(&judged.resource),
                reason: plain(&judged.reason),
                check: judged.check,
                region: judged.region,
                truth: judged.truth,
            })
            .collect()
    })
}

#[test]
fn the_number_of_verdicts_of_each_check_is_as_it_was() {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for row in verdicts() {
        let column = match row.truth {
            Truth::True => 0,
            Truth::False => 1,
            Truth::Unknown => 2,
        };
        counts.entry(&row.check).or_default()[column] += 1;
    }
    let mut text = String::from("check finding clean unknown\n");
    for (check, [finding, clean, unknown]) in counts {
        writeln!(text, "{check} {finding} {clean} {unknown}").unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded/verdicts.txt");
    if std::env::var_os("TRAILPOST_WRITE_VERDICTS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap();
    let (known, now): (BTreeSet<&str>, BTreeSet<&str>) = (known.lines().collect(), text.lines().collect());
    let lost: Vec<_> = known.difference(&now).collect();
    let new: Vec<_> = now.difference(&known).collect();
    assert!(lost.is_empty() && new.is_empty(), "no longer so:\n{lost:#?}\nbut:\n{new:#?}");
}

#[test]
fn each_check_says_one_thing_of_each_resource() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = verdicts()
        .iter()
        .filter(|row| !seen.insert((row.check.as_str(), row.resource.as_str(), row.region.as_str())))
        .map(|row| format!("{} of {}", row.check, row.resource))
        .collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

#[test]
fn what_is_unknown_says_why() {
    let silent: Vec<_> = verdicts()
        .iter()
        .filter(|row| row.truth == Truth::Unknown && row.reason.is_empty())
        .map(|row| format!("{} of {}", row.check, row.resource))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

const FINDING: Truth = Truth::True;
const CLEAN: Truth = Truth::False;
const UNKNOWN: Truth = Truth::Unknown;

/// Read off the documents by hand: check, the end of the ARN, region, verdict.
const BY_HAND: &[(&str, &str, &str, Truth)] = &[
    // The even bucket has no versions and a policy that lets anybody read; the odd ones have versions and are blocked.
    ("s3-bucket-versioning-off", ":bucket-0-123456789012", "us-east-1", FINDING),
    ("s3-bucket-versioning-off", ":bucket-1-123456789012", "us-east-1", CLEAN),
    ("s3-bucket-publicly-readable", ":bucket-0-123456789012", "us-east-1", FINDING),
    ("s3-bucket-publicly-readable", ":bucket-3-123456789012", "us-east-1", CLEAN),
    ("s3-bucket-public-access-not-blocked", ":bucket-0-123456789012", "us-east-1", FINDING),
    ("s3-bucket-public-access-not-blocked", ":bucket-1-123456789012", "us-east-1", CLEAN),
    ("s3-bucket-versions-kept-forever", ":bucket-1-123456789012", "us-east-1", FINDING),
    ("s3-access-point-public-access-not-blocked", ":accesspoint/point", "us-east-1", FINDING),
    ("s3-account-public-access-not-blocked", ":s3::123456789012:settings", "us-east-1", FINDING),
    // Every second instance is public, every third is encrypted, by a key that DescribeKey does not know.
    ("rds-instance-public", ":db:db-0", "us-east-1", FINDING),
    ("rds-instance-public", ":db:db-1", "us-east-1", CLEAN),
    ("rds-instance-unencrypted", ":db:db-0", "eu-west-1", CLEAN),
    ("rds-instance-unencrypted", ":db:db-1", "eu-west-1", FINDING),
    ("rds-instance-aws-managed-key", ":db:db-0", "eu-west-1", UNKNOWN),
    ("rds-instance-aws-managed-key", ":db:db-1", "eu-west-1", CLEAN),
    ("docdb-cluster-unencrypted", ":cluster:documents", "eu-west-1", FINDING),
    ("docdb-cluster-tls-off", ":cluster:documents", "eu-west-1", CLEAN),
    // function-0 may be called by anybody and has a URL without authentication; function-1 is on python3.8.
    ("lambda-function-public", ":function-0", "us-east-1", FINDING),
    ("lambda-function-public", ":function-1", "us-east-1", CLEAN),
    ("lambda-function-url-without-authentication", ":function-0", "us-east-1", FINDING),
    ("lambda-function-url-without-authentication", ":function-1", "us-east-1", CLEAN),
    ("lambda-function-runtime-deprecated", ":function-0", "us-east-1", CLEAN),
    ("lambda-function-runtime-deprecated", ":function-1", "us-east-1", FINDING),
    // role-0 holds everything inline, role-1 trusts another account, role-2 everybody.
    ("iam-role-admin", ":role/role-0", "us-east-1", FINDING),
    ("iam-role-admin", ":role/role-1", "us-east-1", CLEAN),
    ("iam-role-foreign-trust-unknown-account", ":role/role-1", "us-east-1", FINDING),
    ("iam-role-assumable-by-anybody", ":role/role-2", "us-east-1", FINDING),
    ("iam-role-assumable-by-anybody", ":role/role-0", "us-east-1", CLEAN),
    ("iam-user-console-mfa-off", ":user/user-0", "us-east-1", FINDING),
    ("iam-user-console-mfa-off", ":user/user-1", "us-east-1", CLEAN),
    // One trail for all regions, without validation, alone.
    ("cloudtrail-account-no-multi-region-trail", ":cloudtrail::123456789012:settings", "us-east-1", CLEAN),
    ("cloudtrail-trail-validation-off", ":trail/main", "us-east-1", FINDING),
    ("cloudtrail-trail-not-kms-encrypted", ":trail/main", "us-east-1", FINDING),
    // Settings: weak in us-east-1, good in eu-west-1; the guards the other way around.
    ("ec2-region-image-sharing-allowed", ":settings", "us-east-1", FINDING),
    ("ec2-region-image-sharing-allowed", ":settings", "eu-west-1", CLEAN),
    ("ec2-region-snapshot-sharing-allowed", ":settings", "us-east-1", FINDING),
    ("ec2-region-snapshot-sharing-allowed", ":settings", "eu-west-1", CLEAN),
    ("ec2-region-imdsv2-not-default", ":settings", "us-east-1", FINDING),
    ("ec2-region-imdsv2-not-default", ":settings", "eu-west-1", CLEAN),
    ("access-analyzer-missing", ":settings", "us-east-1", CLEAN),
    ("access-analyzer-missing", ":settings", "eu-west-1", FINDING),
    ("guardduty-region-not-watched", ":settings", "us-east-1", CLEAN),
    ("guardduty-region-not-watched", ":settings", "eu-west-1", FINDING),
    ("macie2-off", ":session", "us-east-1", CLEAN),
    ("macie2-off", ":session", "eu-west-1", FINDING),
    ("macie2-automated-discovery-off", ":session", "us-east-1", FINDING),
    ("inspector2-ec2-scanning-off", ":settings", "us-east-1", CLEAN),
    ("inspector2-ec2-scanning-off", ":settings", "eu-west-1", FINDING),
    ("inspector2-critical-findings-open", ":settings", "us-east-1", FINDING),
    ("inspector2-critical-findings-open", ":settings", "eu-west-1", CLEAN),
    ("ssm-parameter-not-secure", ":parameter/app/0", "us-east-1", FINDING),
    ("ssm-parameter-not-secure", ":parameter/app/1", "us-east-1", CLEAN),
];

#[test]
fn verdicts_are_what_the_documents_say() {
    let mut problems = Vec::new();
    for (check, resource, region, wanted) in BY_HAND {
        let found = verdicts()
            .iter()
            .filter(|row| row.check == *check && row.resource.ends_with(resource) && row.region == *region);
        let found: Vec<Truth> = found.map(|row| row.truth).collect();
        if found != [*wanted] {
            problems.push(format!("{check} of {resource} in {region}: {found:?}, not {wanted:?}"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
