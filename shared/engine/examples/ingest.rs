//! How fast a trail's file is taken in, and how much memory that takes: all signatures, what changed, and a store in memory.
//!
//! `cargo run --release -p trailpost-engine --example ingest -- 500` makes a file of 500 MB and takes it in.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use flate2::{Compression, write::GzEncoder};
use model::NoticePolicy;
use rules::Settings;
use serde_json::json;
use trailpost_engine::detect::Detector;
use trailpost_engine::ingest::losses::Carried;
use trailpost_engine::ingest::take;
use trailpost_engine::intake::Intake;
use trailpost_engine::ports::SystemClock;
use trailpost_engine::track::Tracker;

fn main() -> Result<(), Box<dyn Error>> {
    let megabytes: u64 = std::env::args().nth(1).unwrap_or_else(|| "500".into()).parse()?;
    let (packed, unpacked) = file(megabytes * 1_000_000)?;
    let size = packed.len();
    let (detector, _) = Detector::new(catalog::signatures().rules, &Settings::default());
    let store = Arc::new(store::Memory::default());
    let tracker = Tracker::new(Arc::new(catalog::resources().rows));
    let intake = Intake::new(detector, store, NoticePolicy::default(), Arc::new(SystemClock))
        .tracking(tracker)
        .counting(Carried::default());
    let before = memory("VmRSS")?;
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (taken, _) = runtime.block_on(take(Arc::new(intake), packed, "file".into()))?;
    let seconds = began.elapsed().as_secs_f64();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{} records of {} MB ({} MB packed) in {seconds:.1} s: {:.0} a second, {} sightings; {} MB before, {} MB at most",
        taken.records,
        unpacked / 1_000_000,
        size / 1_000_000,
        f64::from(u32::try_from(taken.records)?) / seconds,
        taken.sightings,
        before / 1000,
        memory("VmHWM")? / 1000,
    )?;
    Ok(())
}

/// A file of so many bytes in which four of five records are of reads, as in real trails.
fn file(bytes: u64) -> Result<(Vec<u8>, u64), Box<dyn Error>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let mut count = 12;
    packer.write_all(b"{\"Records\":[")?;
    for number in 0u64.. {
        let (source, name) = match number % 5 {
            0 => ("ec2.amazonaws.com", "CreateTags"),
            1 => ("sts.amazonaws.com", "AssumeRole"),
            2 => ("ec2.amazonaws.com", "DescribeInstances"),
            3 => ("kms.amazonaws.com", "Decrypt"),
            _ => ("s3.amazonaws.com", "GetBucketAcl"),
        };
        let record = json!({
            "eventVersion": "1.11", "eventID": format!("{number:032x}"), "eventTime": "2026-03-01T09:00:00Z",
            "eventSource": source, "eventName": name, "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "readOnly": number % 5 != 0, "managementEvent": true, "eventCategory": "Management",
            "sourceIPAddress": "198.51.100.7", "userAgent": "aws-sdk-java/1.12 Linux/5.10 OpenJDK_64-Bit", "eventType": "AwsApiCall",
            "userIdentity": {
                "type": "AssumedRole", "principalId": "AROAEXAMPLE:session", "accountId": "111122223333",
                "arn": format!("arn:aws:sts::111122223333:assumed-role/worker/session-{}", number % 50),
                "sessionContext": { "sessionIssuer": { "type": "Role", "arn": "arn:aws:iam::111122223333:role/worker" } },
            },
            "requestParameters": {
                "resourcesSet": { "items": [{ "resourceId": format!("i-{:017x}", number % 40) }] },
                "filler": "x".repeat(400),
            },
            "responseElements": null,
        })
        .to_string();
        if number > 0 {
            packer.write_all(b",")?;
        }
        packer.write_all(record.as_bytes())?;
        count += record.len() as u64 + 1;
        if count >= bytes {
            break;
        }
    }
    packer.write_all(b"]}")?;
    Ok((packer.finish()?, count))
}

/// The memory of this process, in kB, as Linux says it.
fn memory(what: &str) -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)).ok_or("no such line")?;
    Ok(line.chars().filter(char::is_ascii_digit).collect::<String>().parse()?)
}
