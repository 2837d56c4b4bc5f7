//! What is told of a look.

use std::io::Write;

use model::Untrusted;
use report::{Terminal, escape_json};
use serde_json::{Value, json};

use super::Judged;
use super::check::Status;
use super::look::Subject;
use crate::args::{Doctor, Shape};
use crate::exit::Failure;

const SHOWN: Terminal = Terminal { longest: 300 };

/// So many things of one check are told.
const THINGS: usize = 3;

/// Writes what the checks say, what is wrong first.
pub(super) fn write(
    out: &mut impl Write,
    subject: &Subject,
    judged: &[Judged],
    args: &Doctor,
) -> Result<(), Failure> {
    match args.format {
        Shape::Table => table(out, subject, judged, args.all),
        Shape::Json => json(out, subject, judged),
    }
}

fn table(out: &mut impl Write, subject: &Subject, judged: &[Judged], all: bool) -> Result<(), Failure> {
    let Subject { stack, account, region, .. } = subject;
    let count = |status| judged.iter().filter(|(_, verdict)| verdict.status() == status).count();
    let [wrong, unknown, fine, idle] =
        [Status::Wrong, Status::Unknown, Status::Fine, Status::Idle].map(count);
    let mut order: Vec<&Judged> = judged.iter().collect();
    order.sort_by_key(|(_, verdict)| verdict.status());
    for (check, verdict) in order {
        let status = verdict.status();
        match status {
            Status::Wrong if !verdict.fixes.is_empty() => {
                for (thing, fix) in verdict.wrong.iter().zip(&verdict.fixes) {
                    writeln!(out, "wrong    {}  {}", check.id, thing.encode(&SHOWN))?;
                    writeln!(out, "         fix: {}", fix.encode(&SHOWN))?;
                }
            }
            Status::Wrong => {
                writeln!(out, "wrong    {}  {}", check.id, things(&verdict.wrong))?;
                writeln!(out, "         fix: {}", check.fix)?;
            }
            Status::Fine if all => writeln!(out, "ok       {}  {}", check.id, check.title)?,
            Status::Idle if all => writeln!(out, "-        {}  does not apply: {}", check.id, check.title)?,
            Status::Unknown | Status::Fine | Status::Idle => {}
        }
    }
    unknowns(out, judged)?;
    writeln!(
        out,
        "{stack} in {region} of account {account}: {wrong} wrong, {unknown} unknown, {fine} ok, {idle} do not apply"
    )?;
    Ok(())
}

/// What could not be seen, each reason once: one that is denied may keep many checks in the dark.
fn unknowns(out: &mut impl Write, judged: &[Judged]) -> Result<(), Failure> {
    let mut reasons: Vec<(&Untrusted, Vec<&str>)> = Vec::new();
    for (check, verdict) in judged {
        for reason in &verdict.unknown {
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, ids)) => ids.push(check.id),
                None => reasons.push((reason, vec![check.id])),
            }
        }
    }
    for (reason, ids) in reasons {
        let dark = match ids.as_slice() {
            [first, second, third, _, ..] => {
                format!("{first}, {second}, {third} and {} more", ids.len().saturating_sub(THINGS))
            }
            few => few.join(", "),
        };
        writeln!(out, "unknown  {}: {dark}", reason.encode(&SHOWN))?;
    }
    Ok(())
}

fn things(things: &[Untrusted]) -> String {
    let told = things.iter().take(THINGS).map(|thing| thing.encode(&SHOWN));
    let told = told.collect::<Vec<_>>().join("; ");
    match things.len().saturating_sub(THINGS) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}

fn json(out: &mut impl Write, subject: &Subject, judged: &[Judged]) -> Result<(), Failure> {
    let checks = judged.iter().map(|(check, verdict)| {
        json!({
            "id": check.id,
            "title": check.title,
            "status": verdict.status().as_str(),
            "wrong": verdict.wrong,
            "unknown": verdict.unknown,
            "fix": check.fix,
            "fixes": verdict.fixes,
        })
    });
    let document = json!({
        "stack": subject.stack,
        "account": subject.account,
        "region": subject.region,
        "checks": checks.collect::<Vec<Value>>(),
    });
    let text =
        serde_json::to_string_pretty(&document).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(writeln!(out, "{}", escape_json(&text))?)
}
