//! `trailpost close`: says that somebody has dealt with findings about events.

use std::io::{Read as _, Write as _};

use engine::ports::{Clock as _, SystemClock};
use model::{Closing, Encoder as _, Finding, Status, Untrusted};
use report::Terminal;

use crate::args::{Close, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::who::who;
use crate::{lookup, stored};

const SHOWN: Terminal = Terminal { longest: 160 };

/// The most bytes that are read from standard input: the ids of some hundred thousand findings.
const MOST: u64 = 4 << 20;

pub(crate) fn run(args: &Close, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("say with --reason what came of it"));
    }
    let ids = ids(&args.findings)?;
    let store = stored::open(shared, config)?;
    let mut findings: Vec<Finding> = Vec::with_capacity(ids.len());
    for id in &ids {
        let finding = lookup::finding(&store, id)?;
        // All are looked at before the first is closed: a mistake in one closes none.
        if finding.posture.is_some() {
            return Err(Failure::usage(format!(
                "{} is about a resource: it is resolved as soon as a look shows that the resource is mended; \
                 `trailpost mute add` hides it until then",
                finding.id
            )));
        }
        if findings.iter().all(|known| known.id != finding.id) {
            findings.push(finding);
        }
    }
    let closing = Closing {
        at: SystemClock.now(),
        by: who(&store, shared, config)?,
        reason: Untrusted::new(args.reason.as_str()),
    };
    let mut out = anstream::stdout().lock();
    for finding in findings {
        let (id, title) = (&finding.id, SHOWN.encode(&finding.title));
        match store.wait(|store| Box::pin(store.close(id, &closing)))? {
            Some(_) => writeln!(out, "closed {id}  {title}")?,
            None if finding.status == Status::Resolved => writeln!(out, "was closed {id}  {title}")?,
            None => writeln!(out, "is gone {id}  {title}")?,
        }
    }
    Ok(Ending::Clean)
}

/// The ids that were typed, and in the place of `-` those of standard input.
fn ids(typed: &[String]) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for one in typed {
        if one != "-" {
            ids.push(one.clone());
            continue;
        }
        let mut text = String::new();
        std::io::stdin().lock().take(MOST).read_to_string(&mut text)?;
        ids.extend(text.split_whitespace().map(str::to_owned));
    }
    Ok(ids)
}
