//! `trailpost detect`: judges CloudTrail records from files.

pub(crate) mod bucket;
mod matches;
mod progress;
mod recorder;

use std::io::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;

use engine::detect::{Detector, Judgement};
use engine::mute::mark;
use engine::ports::{Clock as _, SystemClock};
use engine::track::Tracker;
use model::Severity;
use records::{Each, Item, Limits, ReadError, Record, Tally};
use rules::{Rule, Scratch, Target};

use crate::args::{Detect, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::{load, mute, output, stored};
use bucket::{Address, Fetched};
use matches::Matches;
use progress::Progress;
pub(crate) use recorder::{Checks, Recorder};

/// Where sightings go.
pub(crate) trait Take {
    /// Sees a record before it is judged.
    fn see(&mut self, record: &Record<'_>);
    fn take(&mut self, detector: &Detector, judgement: &mut Judgement) -> Result<(), Failure>;
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
    let tracker = Tracker::new(Arc::clone(&rows));
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
}

fn read(args: &Detect, detector: &Detector, taker: &mut dyn Take) -> Result<Totals, Failure> {
    let (buckets, paths): (Vec<_>, Vec<_>) =
        args.paths.iter().cloned().partition(|path| Address::parse(path).is_some());
    let sources = records::sources(&paths).map_err(|error| Failure::usage(error.to_string()))?;
    let mut totals = Totals { files: sources.found.len(), ..Totals::default() };
    for left_out in &sources.left_out {
        totals.incomplete |= matches!(left_out.why, records::Why::Unreadable(_));
        writeln!(anstream::stderr(), "{left_out}")?;
    }
    let progress = Progress::new(&sources.found);
    let judgement = Judgement { brief: args.matches, ..Judgement::default() };
    let mut reading = Reading { detector, taker, totals, progress, scratch: Scratch::default(), judgement };
    for source in &sources.found {
        reading
            .one(|progress, each| source.read(&Limits::default(), &mut |taken| progress.at(taken), each))?;
        reading.progress.done(source);
    }
    for address in buckets.iter().filter_map(|path| Address::parse(path)) {
        for object in bucket::objects(address, &args.days)? {
            match object {
                Fetched::Listed(size) => reading.progress.grow(size),
                Fetched::File(name, bytes) => {
                    reading.totals.files += 1;
                    reading.one(|progress, each| {
                        progress.at(0);
                        records::read(bytes.as_slice(), &name, &Limits::default(), each)
                    })?;
                    reading.progress.read(bytes.len() as u64);
                }
                Fetched::Failed(error) => {
                    reading.totals.incomplete = true;
                    reading.progress.line(&error.to_string())?;
                }
            }
        }
    }
    reading.progress.finish();
    Ok(reading.totals)
}

/// What files are read with.
struct Reading<'a> {
    detector: &'a Detector,
    taker: &'a mut dyn Take,
    totals: Totals,
    progress: Progress,
    scratch: Scratch,
    judgement: Judgement,
}

impl Reading<'_> {
    /// Judges all that `read` finds in one file.
    fn one(
        &mut self,
        read: impl FnOnce(&mut Progress, &mut Each<'_>) -> Result<Tally, ReadError>,
    ) -> Result<(), Failure> {
        let Self { detector, taker, totals, progress, scratch, judgement } = self;
        let mut failure = None;
        let mut problems = Vec::new();
        let mut unknown = 0;
        let tally = read(progress, &mut |item| {
            judgement.clear();
            let now = SystemClock.now();
            match item {
                Item::Record(record) => {
                    taker.see(&record);
                    detector.judge(&record, now, scratch, judgement);
                }
                Item::Problem(problem) => {
                    problems.push(problem.to_string());
                    Detector::put_aside(&problem, now, judgement);
                }
            }
            unknown += judgement.unknown.len() as u64;
            match taker.take(detector, judgement) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        totals.unknown += unknown;
        for problem in problems {
            progress.line(&problem)?;
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        match tally {
            Ok(tally) => totals.tally += tally,
            Err(error) => {
                totals.incomplete = true;
                progress.line(&error.to_string())?;
            }
        }
        Ok(())
    }
}
