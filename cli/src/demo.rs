//! `trailpost demo`: an attack on a recorded account and its repair, through the same engine as everything else.
//!
//! What is recorded stands in `cli/demo`: the account as a scan reads it before, during and after, and the CloudTrail records
//! of the attack and of the repair. What is told of it is what the engine makes of that.

mod stage;
mod tell;

use std::io::Write as _;

use model::{Finding, NoticeId, Status};

use crate::args::Demo;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::report;
use stage::Stage;
use tell::{Teller, resolved, seen, what_is_new};

const BEFORE: &str = include_str!("../demo/1-before.ndjson");
const ATTACK: &str = include_str!("../demo/attack.json");
const ATTACKED: &str = include_str!("../demo/2-attacked.ndjson");
const REPAIR: &str = include_str!("../demo/repair.json");
const REPAIRED: &str = include_str!("../demo/3-repaired.ndjson");

pub(crate) fn run(args: &Demo, config: &Config) -> Result<Ending, Failure> {
    let mut tell = Teller::new();
    let stage = Stage::new(config)?;
    tell.line("A recorded account, an attack and its repair. No AWS account is asked.")?;

    tell.act("The account is scanned")?;
    let first = stage.scan(BEFORE)?;
    tell.line(&seen(&first))?;

    tell.act("Somebody gets in, and CloudTrail tells")?;
    let told = stage.detect(ATTACK)?;
    tell.calls(&told.calls)?;
    tell.line("Signatures say at once:")?;
    tell.findings(&told.findings)?;

    tell.act("What the calls changed is read again, seconds later")?;
    let second = stage.scan(ATTACKED)?;
    let new = stage.findings(what_is_new(&second))?;
    tell.findings(&new)?;
    let Some(worst) = tell::best_explained(&new) else {
        return Err(Failure::internal("the recording has no finding with a known cause"));
    };
    tell.line("Checks know the resource, events know the caller. Together, of the worst:")?;
    tell.cause(worst)?;

    tell.act("This is the mail about it")?;
    tell.mail(&mail(&stage, worst))?;

    tell.act("Somebody repairs it")?;
    let repair = stage.detect(REPAIR)?;
    tell.calls(&repair.calls)?;
    let third = stage.scan(REPAIRED)?;
    let over = stage.findings(new.iter().map(|finding| finding.id.clone()))?;
    for finding in over.iter().filter(|finding| finding.status == Status::Resolved) {
        tell.line(&resolved(finding))?;
    }
    tell.line(&seen(&third))?;

    let now = third.at + std::time::Duration::from_mins(1);
    report::write(&args.html, stage.store(), stage.known(), now)?;
    tell.act("The whole story is on a page")?;
    let path = std::path::absolute(&args.html).unwrap_or_else(|_| args.html.clone());
    writeln!(anstream::stdout(), "  {}", path.display())?;
    Ok(Ending::Clean)
}

/// The mail that a deployment would send.
fn mail(stage: &Stage, finding: &Finding) -> sinks::Message {
    let notice = NoticeId::new(&finding.id, finding.last_seen, "text");
    let rule = stage.known().rule(&finding.rule);
    sinks::text::render(engine::ports::Delivery { notice: &notice, finding, rule })
}
