//! `trailpost alerts`: who is told of what, and when.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use ::report::Terminal;
use ::rules::RuleError;
use ::rules::tree::Node;
use engine::notify::alerts::{TOPICS, When};
use engine::notify::{Alerts, Digest};
use engine::ports::FindingQuery;
use model::{Finding, NoticeId, Severity, Timestamp};

use crate::args::{AlertsCommand, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::stored;
use crate::told::when;

/// As many lines as a digest has at most.
const LINES: usize = 200_000;

/// The most bytes of the template's parameter.
const PACKED: usize = 2000;

pub(crate) fn run(command: AlertsCommand, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    match command {
        AlertsCommand::Lint { file } => lint(file.as_deref(), config),
        AlertsCommand::Pack { file } => pack(file.as_deref(), config),
        AlertsCommand::Preview { file, at, minimum, limit } => {
            let alerts = load(file.as_deref(), config)?.0;
            preview(&alerts, at.unwrap_or_else(Timestamp::now), minimum, limit, shared, config)
        }
        AlertsCommand::Digest { id } => digest(&id, shared, config),
    }
}

/// What the file that was named says, or the configuration; and the same as it was written.
fn load(file: Option<&Path>, config: &Config) -> Result<(Alerts, Option<Node>), Failure> {
    let failed = |errors: Vec<RuleError>, file: &str| {
        let lines: Vec<String> = errors.into_iter().map(|error| error.in_file(file).to_string()).collect();
        Failure::usage(lines.join("\n"))
    };
    match (file, &config.alerts) {
        (Some(path), _) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("{name}: {error}; name a readable file")))?;
            let alerts = Alerts::parse(&text).map_err(|errors| failed(errors, &name))?;
            let node = Node::from_yaml(&text).ok().and_then(|nodes| nodes.into_iter().next());
            Ok((alerts, node))
        }
        (None, Some(node)) => {
            let alerts = Alerts::read(node).map_err(|errors| failed(errors, &config.file))?;
            Ok((alerts, Some(node.clone())))
        }
        (None, None) => Ok((Alerts::default(), None)),
    }
}

fn lint(file: Option<&Path>, config: &Config) -> Result<Ending, Failure> {
    if file.is_none() && config.alerts.is_none() {
        return Err(Failure::usage(
            "there are no alerts to look at; name a file, or write `alerts` into trailpost.yaml",
        ));
    }
    load(file, config)?;
    writeln!(anstream::stdout(), "no mistakes")?;
    Ok(Ending::Clean)
}

fn pack(file: Option<&Path>, config: &Config) -> Result<Ending, Failure> {
    let node = load(file, config)?.1;
    let packed = node.map(|node| node.to_json().to_string()).unwrap_or_default();
    if packed.len() > PACKED {
        return Err(Failure::usage(format!(
            "these alerts take {} bytes on one line, and a function has room for {PACKED}; leave routes out",
            packed.len()
        )));
    }
    writeln!(anstream::stdout(), "{packed}")?;
    Ok(Ending::Clean)
}

/// What would happen with the stored findings.
fn preview(
    alerts: &Alerts,
    now: Timestamp,
    minimum: Severity,
    limit: usize,
    shared: &Shared,
    config: &Config,
) -> Result<Ending, Failure> {
    let store = stored::open(shared, config)?;
    let query = FindingQuery { minimum: Some(minimum), limit, ..FindingQuery::default() };
    let findings = store.wait(|store| Box::pin(store.findings(&query)))?.items;
    let further = alerts.channels().map(|(name, _)| name);
    let mut out = anstream::stdout().lock();
    for channel in TOPICS.into_iter().chain(further) {
        let mut plan = Plan::default();
        for finding in &findings {
            match store.wait(|store| Box::pin(alerts.when(channel, finding, now, store)))? {
                When::Never => plan.elsewhere += 1,
                When::NowAlways => plan.singly.push(finding),
                When::At(at) => plan.digests.entry(at).or_default().push(finding),
                When::Now => plan.now.push(finding),
            }
        }
        plan.calm(alerts, now);
        plan.show(&mut out, channel)?;
    }
    Ok(Ending::Clean)
}

/// What one channel hears.
#[derive(Default)]
struct Plan<'f> {
    now: Vec<&'f Finding>,
    singly: Vec<&'f Finding>,
    digests: BTreeMap<Timestamp, Vec<&'f Finding>>,
    elsewhere: usize,
}

impl Plan<'_> {
    /// As if all came at once.
    fn calm(&mut self, alerts: &Alerts, now: Timestamp) {
        let (mut places, mut critical) = (alerts.burst().singly, alerts.burst().critical);
        for finding in self.now.drain(..) {
            let left = if finding.severity == Severity::Critical && critical > 0 {
                &mut critical
            } else {
                &mut places
            };
            if *left > 0 {
                *left -= 1;
                self.singly.push(finding);
            } else {
                self.digests.entry(alerts.span(now).1).or_default().push(finding);
            }
        }
    }

    fn show(&self, out: &mut impl std::io::Write, channel: &str) -> std::io::Result<()> {
        writeln!(
            out,
            "{channel}: {} one by one, {} digests, {} not told",
            self.singly.len(),
            self.digests.len(),
            self.elsewhere
        )?;
        for finding in self.singly.iter().take(20) {
            writeln!(out, "  now    {}", line(finding))?;
        }
        if self.singly.len() > 20 {
            writeln!(out, "  now    … and {} more", self.singly.len() - 20)?;
        }
        for (at, findings) in &self.digests {
            writeln!(out, "  digest of {} with {} findings", when(*at), findings.len())?;
            for finding in findings.iter().take(5) {
                writeln!(out, "         {}", line(finding))?;
            }
            if findings.len() > 5 {
                writeln!(out, "         … and {} more", findings.len() - 5)?;
            }
        }
        Ok(())
    }
}

const SHOWN: Terminal = Terminal { longest: 120 };

fn line(finding: &Finding) -> String {
    let id = finding.id.as_str().get(..8).unwrap_or_default();
    let (account, region) = (finding.account.encode(&SHOWN), finding.region.encode(&SHOWN));
    format!("{id} {:<8} {} - {account} {region}", finding.severity, finding.title)
}

fn digest(id: &str, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let store = stored::open(shared, config)?;
    let id = NoticeId::from_text(id);
    let lines = store.wait(|store| Box::pin(store.bundled(&id, LINES)))?;
    let Some(digest) = Digest::of(id.clone(), lines.clone(), false) else {
        return Err(Failure::usage(format!(
            "there is no digest `{id}` in this store; take the id from its message, and the stack's store with --store"
        )));
    };
    let mut out = anstream::stdout().lock();
    writeln!(out, "{} findings, {} of them over", digest.findings, digest.over)?;
    for line in lines {
        let state = if line.over { "resolved " } else { "" };
        let (account, region) = (line.account.encode(&SHOWN), line.region.encode(&SHOWN));
        let message = line.message.encode(&SHOWN);
        writeln!(
            out,
            "{} {:<8} {state}{} - {account} {region}: {message}",
            line.finding, line.severity, line.title
        )?;
    }
    Ok(Ending::Clean)
}
