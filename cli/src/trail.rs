//! `trailpost trail verify`: whether a trail's files are those that CloudTrail wrote.

mod folder;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use engine::detect::Detector;
use engine::ingest::verify::{Breach, Fault, KeyRing, check_digest, check_file};
use engine::ingest::{Holds, TrailKey};
use engine::intake::Intake;
use engine::ports::{PublicKey, SystemClock, Trail, TrailError};
use model::{NoticePolicy, Untrusted};
use report::Terminal;
use serde_json::Value;

use crate::args::{Days, Shared, TrailVerify};
use crate::config::Config;
use crate::detect::bucket::Address;
use crate::exit::{Ending, Failure};
use crate::stored;
use folder::Folder;

const SHOWN: Terminal = Terminal { longest: 300 };

/// What was checked.
#[derive(Debug, Default)]
struct Tally {
    digests: usize,
    files: usize,
    unsigned: usize,
    unread: usize,
    breaches: Vec<Breach>,
}

pub(crate) fn verify(args: &TrailVerify, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let (store, runtime) = stored::open(shared, config)?.parts();
    let keys = args.keys.as_deref().map(public_keys).transpose()?.unwrap_or_default();
    let has_keys = !keys.is_empty();
    let mut ring = KeyRing::of(keys);
    let tally = runtime.block_on(async {
        match Address::parse(&args.path) {
            Some(Address { bucket, prefix }) => {
                let bucket = aws::Bucket::open(&bucket).await.map_err(unread)?;
                let digests = digests(&bucket, &prefix, &args.days).await.map_err(unread)?;
                check(&bucket, digests, true, &mut ring).await
            }
            None => {
                let folder = Folder::open(&args.path)?;
                let digests = digests(&folder, "", &args.days).await.map_err(unread)?;
                check(&folder, digests, has_keys, &mut ring).await
            }
        }
    })?;
    if tally.digests == 0 && tally.unread == 0 {
        return Err(Failure::usage(format!(
            "{}: there are no digests; name the folder or prefix above AWSLogs, and see that the trail validates its files",
            args.path.display()
        )));
    }
    let (detector, _) = Detector::new(catalog::signatures().rules, &config.settings);
    let intake = Intake::new(detector, store, NoticePolicy::default(), Arc::new(SystemClock));
    let events: Vec<String> = tally.breaches.iter().map(Breach::event).collect();
    runtime.block_on(intake.tell(&events, "digest"))?;
    tell(&tally)?;
    Ok(if !tally.breaches.is_empty() {
        Ending::Findings
    } else if tally.unread > 0 {
        Ending::Incomplete
    } else {
        Ending::Clean
    })
}

fn tell(tally: &Tally) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    for breach in &tally.breaches {
        let what = match breach.fault {
            Fault::Altered => "altered: it holds something else than its digest says",
            Fault::Missing => "missing: its digest names it",
            Fault::Broken(reason) => reason,
        };
        writeln!(out, "{}\t{what}", Untrusted::new(&breach.key).encode(&SHOWN))?;
    }
    let mut err = anstream::stderr().lock();
    let Tally { digests, files, unsigned, unread, breaches } = tally;
    write!(
        err,
        "Checked {digests} digests and {files} files: {} not as CloudTrail left them",
        breaches.len()
    )?;
    if *unread > 0 {
        write!(err, "; {unread} could not be read")?;
    }
    if *unsigned > 0 {
        write!(
            err,
            "; of {unsigned} digests the signature was not checked, since copies have none (--keys checks all but the newest)"
        )?;
    }
    writeln!(err, ".")?;
    Ok(())
}

/// The keys of the digests of these days, newest first.
async fn digests(trail: &dyn Trail, prefix: &str, days: &Days) -> Result<Vec<String>, TrailError> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = trail.list(prefix, after.as_deref(), false).await?;
        let is_digest = |key: &String| {
            TrailKey::parse(key).is_some_and(|parts| parts.holds == Holds::Digest) && days.hold(key)
        };
        found.extend(page.objects.into_iter().map(|object| object.key).filter(is_digest));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    found.reverse();
    Ok(found)
}

/// Checks digests, newest first, so that each has said the signature of the one before it.
async fn check(
    trail: &dyn Trail,
    digests: Vec<String>,
    signatures: bool,
    keys: &mut KeyRing,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for key in digests {
        let signature = said.remove(&key).filter(|_| signatures && trail.bucket().is_empty());
        let checked = match check_digest(trail, &key, signature.as_deref(), keys).await {
            Ok(checked) => checked,
            Err(error) => {
                tally.unread += 1;
                writeln!(anstream::stderr(), "{error}")?;
                continue;
            }
        };
        tally.digests += 1;
        tally.unsigned += usize::from(checked.unsigned);
        tally.breaches.extend(checked.breaches);
        let Some(digest) = checked.digest else { continue };
        for named in &digest.log_files {
            match check_file(trail, named).await {
                Ok(found) => {
                    tally.files += 1;
                    tally.breaches.extend(found.breach(trail, named, &digest));
                }
                Err(error) => {
                    tally.unread += 1;
                    writeln!(anstream::stderr(), "{error}")?;
                }
            }
        }
        if let (Some(object), Some(signature)) =
            (digest.previous_digest_s3_object, digest.previous_digest_signature)
        {
            said.insert(object, signature);
        }
    }
    tally.breaches.sort_by(|one, other| one.key.cmp(&other.key));
    tally.breaches.dedup_by(|one, other| one.key == other.key);
    Ok(tally)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unread(error: TrailError) -> Failure {
    Failure::usage(error.to_string())
}

/// Reads what `aws cloudtrail list-public-keys` printed.
fn public_keys(path: &Path) -> Result<Vec<PublicKey>, Failure> {
    let wrong = |what: String| {
        Failure::usage(format!(
            "{}: {what}; give what `aws cloudtrail list-public-keys` prints",
            path.display()
        ))
    };
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let document: Value = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let list = document.get("PublicKeyList").and_then(Value::as_array);
    let list = list.ok_or_else(|| wrong("it has no PublicKeyList".into()))?;
    Ok(list.iter().filter_map(aws::public_key).collect())
}
