//! `trailpost scan`: reads accounts and judges every resource.

mod accounts;
mod coverage;
mod evidence;
mod muted;
mod progress;
mod tape;

use std::collections::HashMap;
use std::io::Write as _;
use std::pin::pin;
use std::sync::Arc;

use aws::{Reader, Recording, Replay};
use catalog::Framework;
use catalog::resource::Row;
use engine::check::Checker;
use engine::collect::{Collector, Scene};
use engine::ports::{Aws, Clock as _, SystemClock};
use engine::scan::{Judged, Scanner, Selection, is_of, plan};
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use model::{Change, NoticePolicy, Timestamp, Untrusted};
use report::Verdict;
use rules::{Meta, Rule, Truth};

use crate::args::{Scan, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::{load, mute, output, stored};
pub(crate) use accounts::connect;
use coverage::Coverage;
use muted::AllMuted;
use progress::Progress;

/// So many shards are read at the same time.
const AT_ONCE: usize = 24;

pub(crate) fn run(args: &Scan, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let outputs = output::specs(&args.output)?;
    let filed = mute::filed(shared, config, SystemClock.now())?;
    let mut loaded = load::rules(&args.rules, config)?;
    if args.rules.no_builtin {
        // Types of resources are no rules: own checks are about them too.
        let builtin = catalog::resources().rows.into_iter();
        let missing = builtin.filter(|row| loaded.rows.iter().all(|own| own.name != row.name));
        let missing: Vec<_> = missing.collect();
        loaded.rows.extend(missing);
    }
    let frameworks = chosen(&loaded.frameworks, args)?;
    let rules: Vec<Rule> =
        loaded.rules.into_iter().filter(|rule| is_asked(rule, args, &frameworks)).collect();
    let (checker, errors) = Checker::new(rules, &config.settings);
    for error in errors {
        writeln!(anstream::stderr(), "rule left out: {error}")?;
    }
    for (meta, kind) in checker.astray(&loaded.rows) {
        writeln!(
            anstream::stderr(),
            "rule left out: {}: `{}` is about {kind}, which is no type of resource",
            meta.origin,
            meta.id
        )?;
    }
    if let Some(id) = args.check.iter().find(|id| !has(&checker, id)) {
        let needs = checker.all().find(|(meta, _)| meta.id == **id).and_then(|(_, needs)| needs);
        return Err(Failure::usage(match needs {
            Some(needs) => {
                format!("the check `{id}` rests until {} in the configuration", rules::until(needs))
            }
            None => format!("there is no check `{id}`; `trailpost rules list` lists them"),
        }));
    }
    let selection = Selection { regions: args.way.region.clone(), services: args.service.clone() };
    something_to_scan(&loaded.rows, &checker, &selection)?;
    let (store, runtime) = stored::open(shared, config)?.parts();
    let rows = Arc::new(loaded.rows);
    let replay = args.replay.as_deref().map(tape::replay).transpose()?;
    let clock = tape::clock(replay.as_ref());
    let judged_at = clock.now();
    let scanner = Scanner::new(rows, checker, store, NoticePolicy::default(), clock);
    let mut coverage = Coverage::default();
    let judged = runtime.block_on(async {
        let scan = pin!(scan(args, &scanner, replay, &mut coverage));
        match select(scan, pin!(tokio::signal::ctrl_c())).await {
            Either::Left((judged, _)) => judged,
            Either::Right(_) => {
                if args.record.is_none() {
                    writeln!(anstream::stderr(), "Stopped; the same command with --resume reads the rest.")?;
                }
                Err(Failure::Interrupted)
            }
        }
    })?;
    let muted = runtime.block_on(muted::of(&judged, &filed, scanner.store()))?;
    let mut verdicts = shown(&judged, &muted, args, &scanner, judged_at);
    runtime.block_on(evidence::add(&mut verdicts, scanner.store()))?;
    output::write_verdicts(&outputs, &verdicts)?;
    coverage.tell(&judged)?;
    if !muted.is_empty() {
        writeln!(anstream::stderr(), "{}", mute::hidden(muted.len(), args.muted))?;
    }
    Ok(ending(&judged, &muted, &coverage, args))
}

/// The frameworks that the arguments name.
fn chosen<'f>(known: &'f [Framework], args: &Scan) -> Result<Vec<&'f Framework>, Failure> {
    let find = |id: &String| {
        known.iter().find(|framework| framework.id == *id).ok_or_else(|| {
            let ids: Vec<_> = known.iter().map(|framework| framework.id.as_str()).collect();
            Failure::usage(format!("there is no framework `{id}`; there are {}", ids.join(", ")))
        })
    };
    args.framework.iter().map(find).collect()
}

fn is_asked(rule: &Rule, args: &Scan, frameworks: &[&Framework]) -> bool {
    let id = &rule.meta.id;
    (args.check.is_empty() || args.check.contains(id))
        && (frameworks.is_empty()
            || frameworks.iter().any(|framework| framework.checks().any(|check| check == id)))
}

fn has(checker: &Checker, id: &str) -> bool {
    checker.kinds().any(|kind| checker.checks(kind).any(|check| check.id == id))
}

/// Refuses arguments that leave nothing to scan: to be clean would mean nothing.
fn something_to_scan(rows: &[Row], checker: &Checker, selection: &Selection) -> Result<(), Failure> {
    if let Some(unknown) =
        selection.services.iter().find(|service| !rows.iter().any(|row| is_of(row, service)))
    {
        return Err(Failure::usage(format!(
            "no type of resource is of a service `{unknown}`; `trailpost resources list` lists them"
        )));
    }
    if !rows.iter().any(|row| selection.has(row) && checker.checks(&row.name).next().is_some()) {
        return Err(Failure::usage(
            "there is nothing to scan: no check is left for what was asked; take away --service, --check, --framework or --no-builtin",
        ));
    }
    Ok(())
}

/// Scans every account that the arguments name, or that was recorded, one after the other.
async fn scan(
    args: &Scan,
    scanner: &Scanner,
    replay: Option<Replay>,
    coverage: &mut Coverage,
) -> Result<Vec<Judged>, Failure> {
    let mut judged = Vec::new();
    let mut runs = Vec::new();
    if let Some(replay) = replay {
        let scenes = tape::scenes(&replay, args)?;
        let aws: Arc<dyn Aws> = Arc::new(replay);
        for scene in scenes {
            runs.push(run_id(args, &scene));
            judged.extend(one_account(args, scanner, &aws, scene, coverage).await?);
        }
        forget(scanner, &runs).await?;
        return Ok(judged);
    }
    let accounts::Ways { ways, left_out } = accounts::connect(args).await?;
    coverage.left_out = left_out;
    let tape = args.record.as_deref().map(tape::create).transpose()?;
    for (reader, scenes) in ways {
        let reader = Arc::new(reader);
        let recording = match &tape {
            Some(tape) => {
                Some(Arc::new(Recording::new(Arc::<Reader>::clone(&reader), Box::new(tape.try_clone()?))))
            }
            None => None,
        };
        let aws: Arc<dyn Aws> = match &recording {
            Some(recording) => Arc::<Recording>::clone(recording),
            None => Arc::<Reader>::clone(&reader),
        };
        for scene in scenes {
            if let Some(recording) = &recording {
                recording.scene(&scene, SystemClock.now());
            }
            runs.push(run_id(args, &scene));
            judged.extend(one_account(args, scanner, &aws, scene, coverage).await?);
        }
        if let Some(recording) = &recording {
            recording.finish()?;
        }
        coverage.calls += reader.calls().total();
    }
    forget(scanner, &runs).await?;
    Ok(judged)
}

/// Forgets what was done, now that the scan is whole: until then an account that is done is left out by `--resume`.
async fn forget(scanner: &Scanner, runs: &[String]) -> Result<(), Failure> {
    for run in runs {
        scanner.store().forget_shards(run).await?;
    }
    Ok(())
}

async fn one_account(
    args: &Scan,
    scanner: &Scanner,
    aws: &Arc<dyn Aws>,
    scene: Scene,
    coverage: &mut Coverage,
) -> Result<Vec<Judged>, Failure> {
    let regions: Vec<String> =
        args.way.region.iter().filter(|region| scene.regions.contains(region)).cloned().collect();
    if regions.is_empty() && !args.way.region.is_empty() {
        return Ok(Vec::new());
    }
    let selection = Selection { regions, services: args.service.clone() };
    let collector = Collector::new(Arc::clone(aws), Arc::new(scanner.rows().to_vec()), scene.clone());
    let mut shards = plan(scanner.rows(), scanner.checker(), &collector, &scene, &selection);
    let run = run_id(args, &scene);
    let mut judged = Vec::new();
    if args.resume {
        let ledger = scanner.store().finished_shards(&run).await?;
        let (done, left): (Vec<_>, Vec<_>) =
            shards.into_iter().partition(|shard| ledger.contains(&shard.to_string()));
        let account = &scene.account;
        let (known, unread) = (done.len(), left.len());
        writeln!(anstream::stderr(), "{account}: {known} of {} reads were done before.", known + unread)?;
        for shard in &done {
            judged.extend(scanner.standing(shard, &scene.regions).await?);
        }
        shards = left;
    } else {
        scanner.store().forget_shards(&run).await?;
    }
    let progress = Progress::new(&scene.account, shards.len());
    let work = shards.iter().map(|shard| {
        let (collector, progress) = (&collector, &progress);
        async move {
            progress.began(shard);
            (shard, scanner.shard(collector, shard).await)
        }
    });
    let work: Vec<_> = work.collect();
    let mut done = futures_util::stream::iter(work).buffer_unordered(AT_ONCE);
    while let Some((shard, scanned)) = done.next().await {
        let scanned = scanned?;
        scanner.store().finish_shard(&run, &shard.to_string(), SystemClock.now()).await?;
        progress.ended(shard, scanned.resources);
        coverage.add(shard, &scanned);
        judged.extend(scanned.judged);
    }
    drop(done);
    progress.finish();
    Ok(judged)
}

/// What an interrupted scan is known by: its scope.
fn run_id(args: &Scan, scene: &Scene) -> String {
    let scope = [&args.way.region, &args.service, &args.check, &args.framework].map(|words| words.join(" "));
    format!("command {} [{}]", scene.account, scope.join("] ["))
}

/// The rows that are printed: the worst first.
fn shown(
    judged: &[Judged],
    muted: &AllMuted,
    args: &Scan,
    scanner: &Scanner,
    judged_at: Timestamp,
) -> Vec<Verdict> {
    let kinds = scanner.checker().kinds();
    let metas: HashMap<&str, Arc<Meta>> = kinds
        .flat_map(|kind| scanner.checker().checks(kind))
        .map(|meta| (meta.id.as_str(), Arc::new(meta.clone())))
        .collect();
    let is_shown = |judged: &&Judged| match judged.truth {
        Truth::True if !args.muted && muted.contains_key(&judged.finding) => false,
        Truth::True if args.baseline => judged.change.is_new() && judged.severity >= args.minimum,
        Truth::True => judged.severity >= args.minimum,
        Truth::False | Truth::Unknown => args.all && !args.baseline,
    };
    let mut shown: Vec<&Judged> = judged.iter().filter(is_shown).collect();
    let rank = |truth: Truth| match truth {
        Truth::True => 0,
        Truth::Unknown => 1,
        Truth::False => 2,
    };
    shown.sort_by(|a, b| {
        (rank(a.truth), b.severity, &a.check, &a.account, &a.region, &a.resource).cmp(&(
            rank(b.truth),
            a.severity,
            &b.check,
            &b.account,
            &b.region,
            &b.resource,
        ))
    });
    let rule = |judged: &Judged| metas.get(judged.check.as_str()).cloned();
    shown.into_iter().map(|judged| verdict(judged, muted, rule(judged), judged_at)).collect()
}

fn verdict(judged: &Judged, muted: &AllMuted, rule: Option<Arc<Meta>>, judged_at: Timestamp) -> Verdict {
    let meta = rule.as_deref();
    let found = judged.truth == Truth::True;
    Verdict {
        check: judged.check.clone(),
        resource: judged.resource.clone(),
        account: judged.account.clone(),
        region: judged.region.clone(),
        status: match judged.truth {
            Truth::True => "finding",
            Truth::False => "clean",
            Truth::Unknown => "unknown",
        },
        severity: judged.severity,
        equivalents: meta.map(|meta| meta.equivalents.clone()).unwrap_or_default(),
        reason: judged.reason.clone(),
        title: meta.map(|meta| meta.title.clone()).unwrap_or_default(),
        resource_type: judged.resource_type.clone(),
        change: found.then_some(match judged.change {
            Change::Opened => "new",
            Change::Reopened => "reopened",
            Change::Kept | Change::Resolved | Change::Amended | Change::Pending | Change::Nothing => "open",
        }),
        finding: found.then(|| judged.finding.clone()),
        muted: muted.get(&judged.finding).filter(|_| found).cloned(),
        evidence: Untrusted::default(),
        judged_at,
        rule,
    }
}

fn ending(judged: &[Judged], muted: &AllMuted, coverage: &Coverage, args: &Scan) -> Ending {
    let counts = |judged: &Judged| {
        judged.truth == Truth::True
            && judged.severity >= args.fail_on
            && !muted.contains_key(&judged.finding)
            && (!args.baseline || judged.change.is_new())
    };
    if judged.iter().any(counts) {
        Ending::Findings
    } else if coverage.left_out > 0 || judged.iter().any(|judged| judged.truth == Truth::Unknown) {
        Ending::Incomplete
    } else {
        Ending::Clean
    }
}
