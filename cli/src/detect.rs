//! `trailpost detect`: judges CloudTrail records from files.

pub(crate) mod bucket;
mod judging;
mod matches;
mod progress;
mod reading;
mod recorder;

use std::io::Write as _;
use std::sync::Arc;

use engine::detect::Detector;
use engine::mute::mark;
use engine::ports::{Clock as _, SystemClock};
use engine::track::Tracker;
use model::Severity;
use records::Tally;
use rules::{Rule, Target};

use crate::args::{Detect, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::{load, mute, output, stored};
use bucket::Address;
pub(crate) use judging::{Found, Judging};
use matches::Matches;
use progress::Progress;
use reading::{Part, Reading, Told};
pub(crate) use recorder::{Checks, Recorder};

/// Where what is found goes.
pub(crate) trait Take {
    /// Who follows what records change, where that is kept.
    fn tracker(&self) -> Option<Arc<Tracker>>;
    /// Takes what comes next.
    fn take(&mut self, detector: &Detector, found: Found) -> Result<(), Failure>;
}

pub(crate) fn run(args: &Detect, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let outputs = output::specs(&args.output)?;
    let filed = mute::filed(shared, config, SystemClock.now())?;
    let loaded = load::rules(&args.rules, config)?;
    let is_check = |rule: &&Rule| matches!(rule.target, Target::Resource(_));
    let checks: Vec<Rule> = loaded.rules.iter().filter(is_check).cloned().collect();
    let (detector, errors) = Detector::new(loaded.rules, &config.settings);
    for error in errors {
        writeln!(anstream::stderr(), "rule left out: {error}")?;
    }
    if detector.rules().rules().len() == 0 {
        return Err(Failure::usage(
            "there are no rules to judge by; drop --no-builtin or name a folder with --rules",
        ));
    }
    if args.matches {
        let mut matches = Matches::new();
        let totals = read(args, &detector, &mut matches)?;
        matches.finish(&detector)?;
        return Ok(ending(matches.worst(), &totals, args.fail_on));
    }
    let rows = Arc::new(loaded.rows);
    let tracker = Arc::new(Tracker::new(Arc::clone(&rows)));
    let checks = Checks { rows, rules: checks, settings: config.settings.clone() };
    let store = stored::open(shared, config)?;
    let mut recorder = Recorder::new(&store, tracker);
    let totals = read(args, &detector, &mut recorder)?;
    let mut findings = recorder.finish(&detector, checks)?;
    let muted = store.wait(|store| {
        let (filed, findings, now) = (&filed, &mut findings, SystemClock.now());
        Box::pin(async move { mark(store, &filed.mutes(store, now).await?, findings, now).await })
    })?;
    let worst =
        findings.iter().filter(|finding| finding.muted.is_none()).map(|finding| finding.severity).max();
    findings.retain(|finding| args.muted || finding.muted.is_none());
    let all = findings.len();
    findings.retain(|finding| finding.severity >= args.minimum);
    output::write(&outputs, &findings, detector.rules().rules())?;
    totals.tell(all - findings.len(), args.minimum)?;
    if muted > 0 {
        writeln!(anstream::stderr(), "{}", mute::hidden(muted, args.muted))?;
    }
    Ok(ending(worst, &totals, args.fail_on))
}

fn ending(worst: Option<Severity>, totals: &Totals, fail_on: Severity) -> Ending {
    if worst.is_some_and(|worst| worst >= fail_on) {
        Ending::Findings
    } else if totals.tally.problems > 0 || totals.unknown > 0 || totals.incomplete {
        Ending::Incomplete
    } else {
        Ending::Clean
    }
}

/// What was read.
#[derive(Debug, Default)]
struct Totals {
    tally: Tally,
    files: usize,
    /// Judgements that a record left open.
    unknown: u64,
    /// Something could not be read.
    incomplete: bool,
}

impl Totals {
    fn tell(&self, hidden: usize, minimum: Severity) -> Result<(), Failure> {
        let mut err = anstream::stderr().lock();
        let Self { tally, files, unknown, .. } = self;
        let plural = if *files == 1 { "file" } else { "files" };
        write!(err, "Judged {} records of {files} {plural}", tally.records)?;
        if tally.problems > 0 {
            write!(err, "; {} could not be read", tally.problems)?;
        }
        if *unknown > 0 {
            write!(err, "; {unknown} judgements open, because CloudTrail left fields out")?;
        }
        if hidden > 0 {
            write!(err, "; {hidden} findings below {minimum} not shown (--minimum info shows them)")?;
        }
        writeln!(err, ".")?;
        Ok(())
    }

    /// Counts a part of a file, and hands on what was found in it.
    fn take(
        &mut self,
        part: Part,
        detector: &Detector,
        taker: &mut dyn Take,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let Part { found, taken, end } = part;
        progress.at(taken);
        self.unknown += found.judgement.unknown.len() as u64;
        found.problems.iter().try_for_each(|problem| progress.line(problem))?;
        taker.take(detector, found)?;
        match end {
            None => {}
            Some(Ok(tally)) => self.tally += tally,
            Some(Err(error)) => {
                self.incomplete = true;
                progress.line(&error.to_string())?;
            }
        }
        Ok(())
    }
}

fn read(args: &Detect, detector: &Detector, taker: &mut dyn Take) -> Result<Totals, Failure> {
    let paths: Vec<_> = args.paths.iter().filter(|path| Address::parse(path).is_none()).cloned().collect();
    let sources = records::sources(&paths).map_err(|error| Failure::usage(error.to_string()))?;
    let mut totals = Totals::default();
    for left_out in &sources.left_out {
        totals.incomplete |= matches!(left_out.why, records::Why::Unreadable(_));
        writeln!(anstream::stderr(), "{left_out}")?;
    }
    let mut progress = Progress::new(&sources.found);
    let tracker = taker.tracker();
    let reading = Reading {
        sources: &sources.found,
        paths: &args.paths,
        days: &args.days,
        detector,
        tracker: tracker.as_deref(),
        brief: args.matches,
    };
    reading.each(|told| {
        match told {
            Told::Listed(size) => progress.grow(size),
            Told::Failed(error) => {
                totals.incomplete = true;
                progress.line(&error.to_string())?;
            }
            Told::File(size, parts) => {
                totals.files += 1;
                for part in parts {
                    totals.take(part, detector, taker, &mut progress)?;
                }
                progress.done(size);
            }
        }
        Ok(())
    })?;
    progress.finish();
    Ok(totals)
}
