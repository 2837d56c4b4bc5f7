//! What the demo says, a line after the other; on a terminal slowly enough to be read.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use engine::scan::Judged;
use model::{Cause, Event, Finding, FindingId, Posture, Severity, Timestamp, Untrusted};
use report::Terminal;
use rules::Truth;

use super::stage::Scanned;
use crate::exit::Failure;
use crate::told;

const SHOWN: Terminal = Terminal { longest: 120 };

/// Before each act.
const PAUSE: Duration = Duration::from_millis(700);

/// Of findings that a day brings, those are told that somebody would be woken for.
const TOLD: Severity = Severity::High;

pub(super) struct Teller {
    acts: usize,
    waits: bool,
}

/// One call, as its record tells it.
pub(super) struct CallTold {
    time: Timestamp,
    source: Untrusted,
    name: Untrusted,
    who: Untrusted,
    from: Untrusted,
}

impl CallTold {
    pub(super) fn of(event: Event<'_>) -> Self {
        let text = |path: &str| event.root().path_text(path).map(|text| Untrusted::new(text.into_owned()));
        let role = text("userIdentity.sessionContext.sessionIssuer.arn");
        Self {
            time: event.happened(),
            source: text("eventSource").unwrap_or_default(),
            name: text("eventName").unwrap_or_default(),
            who: role.or_else(|| text("userIdentity.arn")).unwrap_or_default(),
            from: text("sourceIPAddress").unwrap_or_default(),
        }
    }
}

impl Teller {
    pub(super) fn new() -> Self {
        Self { acts: 0, waits: std::io::stdout().is_terminal() }
    }

    /// Begins the next act.
    pub(super) fn act(&mut self, title: &str) -> Result<(), Failure> {
        if self.waits {
            std::thread::sleep(PAUSE);
        }
        self.acts += 1;
        writeln!(anstream::stdout(), "\n\u{1b}[1m{}  {title}\u{1b}[0m", self.acts)?;
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "everything that is said is said by the teller")]
    pub(super) fn line(&self, text: &str) -> Result<(), Failure> {
        writeln!(anstream::stdout(), "  {text}")?;
        Ok(())
    }

    pub(super) fn calls(&self, calls: &[CallTold]) -> Result<(), Failure> {
        for call in calls {
            let (time, what) = (call.time.strftime("%H:%M:%S"), told::call(&call.source, &call.name));
            let (who, from) = (call.who.encode(&SHOWN), call.from.encode(&SHOWN));
            self.line(&format!("{time}  {what:<34} {} from {from}", short(&who)))?;
        }
        Ok(())
    }

    pub(super) fn findings(&self, findings: &[Finding]) -> Result<(), Failure> {
        for finding in findings.iter().filter(|finding| finding.severity >= TOLD) {
            self.line(&format!("{:<10}{}", finding.severity.as_str(), finding.title))?;
        }
        Ok(())
    }

    /// Who did it, how they got there, and what it changed.
    pub(super) fn cause(&self, finding: &Finding) -> Result<(), Failure> {
        let mut text = Vec::new();
        writeln!(text, "{}", finding.latest.message.encode(&SHOWN))?;
        if let Some(cause) = cause_of(finding) {
            writeln!(text, "{}", told::cause(cause))?;
            if let Some(culprit) = cause.exact() {
                told::chain(&mut text, culprit)?;
            }
            told::patch(&mut text, &cause.patch)?;
        }
        self.block(&String::from_utf8_lossy(&text), "  ")
    }

    pub(super) fn mail(&self, mail: &sinks::Message) -> Result<(), Failure> {
        self.block(&format!("Subject: {}\n\n{}", mail.subject, mail.body), "| ")
    }

    fn block(&self, text: &str, margin: &str) -> Result<(), Failure> {
        text.lines().try_for_each(|line| self.line(format!("{margin}{line}").trim_end()))
    }
}

/// The part of an ARN behind the account.
fn short(arn: &str) -> &str {
    arn.splitn(6, ':').last().unwrap_or(arn)
}

fn cause_of(finding: &Finding) -> Option<&Cause> {
    finding.posture.as_ref().and_then(Posture::episode).map(|episode| &episode.cause)
}

/// The worst finding of which it is known who did it, and how they got there.
pub(super) fn best_explained(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().find(|finding| cause_of(finding).is_some_and(|cause| cause.exact().is_some()))
}

/// What a scan saw, in a line.
pub(super) fn seen(scanned: &Scanned) -> String {
    let count = |truth: Truth| scanned.judged.iter().filter(|judged| judged.truth == truth).count();
    let resolved = match scanned.resolved {
        0 => String::new(),
        resolved => format!(", {resolved} resolved"),
    };
    let Scanned { at, resources, .. } = scanned;
    let (clean, open, unknown) = (count(Truth::False), count(Truth::True), count(Truth::Unknown));
    format!(
        "{at:.0}: {resources} resources read, {clean} verdicts clean, {open} findings open{resolved}, {unknown} unknown"
    )
}

/// The findings that nobody had before.
pub(super) fn what_is_new(scanned: &Scanned) -> Vec<FindingId> {
    let is_new = |judged: &&Judged| judged.truth == Truth::True && judged.change.is_new();
    scanned.judged.iter().filter(is_new).map(|judged| judged.finding.clone()).collect()
}

/// How a finding ended, in a line.
pub(super) fn resolved(finding: &Finding) -> String {
    let episode = finding.posture.as_ref().and_then(Posture::episode);
    let by = match episode.and_then(|episode| episode.fix.as_ref()) {
        Some(fix) => told::cause(fix),
        None => "no event explains it".to_owned(),
    };
    let exposed = episode.and_then(model::Episode::exposure);
    let exposed = exposed.map(|span| format!("; exposed for {span:#}")).unwrap_or_default();
    format!("resolved  {}\n            {by}{exposed}", finding.title)
}
