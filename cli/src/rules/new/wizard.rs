//! Asking for what was not given: plain lines on standard error, answers on standard input.

use std::io::{BufRead as _, Write as _};

use aws::model::Models;
use rules::nearest;

use super::Wanted;
use crate::exit::Failure;
use crate::rules::world;

/// So many known names are shown.
const SHOWN: usize = 12;

pub(super) fn ask(wanted: &mut Wanted) -> Result<(), Failure> {
    let is_check =
        match (wanted.signature || wanted.source.is_some() || !wanted.event.is_empty(), wanted.check) {
            (true, _) => false,
            (_, true) => true,
            _ => loop {
                match line("Judge an event or a resource?", Some("event"))?.as_str() {
                    "event" | "signature" => break false,
                    "resource" | "check" => break true,
                    other => say(&format!("`{other}` is neither; write event or resource"))?,
                }
            },
        };
    if is_check {
        resource(wanted)?;
    } else {
        event(wanted)?;
    }
    if wanted.title.is_none() {
        wanted.title =
            Some(line("Title, one line for people (- makes one)", Some("-"))?).filter(|title| title != "-");
    }
    while wanted.severity.is_none() {
        let text = line("Severity: info, low, medium, high or critical?", Some("medium"))?;
        match text.parse() {
            Ok(severity) => wanted.severity = Some(severity),
            Err(error) => say(&format!("{error}"))?,
        }
    }
    Ok(())
}

fn event(wanted: &mut Wanted) -> Result<(), Failure> {
    let builtin = catalog::builtin();
    let known = world::events(&builtin.rows, &builtin);
    while wanted.source.is_none() {
        let service = line("Service, such as iam", None)?;
        let service = service.trim_end_matches(".amazonaws.com");
        let source = format!("{service}.amazonaws.com");
        let services = known.keys().filter_map(|source| source.strip_suffix(".amazonaws.com"));
        if !known.contains_key(&source)
            && let Some(near) = nearest(service, services)
            && line(&format!("No rule here knows `{service}`. Did you mean {near}? yes or no"), Some("yes"))?
                == "yes"
        {
            wanted.source = Some(format!("{near}.amazonaws.com"));
            continue;
        }
        wanted.source = Some(source);
    }
    if wanted.event.is_empty() {
        let source = wanted.source.clone().unwrap_or_default();
        let names = known.get(&source).into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
        if !names.is_empty() {
            say(&format!("known: {}", shortened(&names)))?;
        }
        let events = line("Names of events, with spaces between", None)?;
        wanted.event = events.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        for event in &mut wanted.event {
            if !names.contains(&event.as_str())
                && let Some(near) = nearest(event, names.iter().copied())
                && line(&format!("`{event}` is not known. Did you mean {near}? yes or no"), Some("no"))?
                    == "yes"
            {
                near.clone_into(event);
            }
        }
    }
    Ok(())
}

fn resource(wanted: &mut Wanted) -> Result<(), Failure> {
    let rows = catalog::resources().rows;
    let row = loop {
        let name = line("Type of resource, such as aws.s3.bucket", None)?;
        if let Some(row) = rows.iter().find(|row| row.name == name) {
            break row;
        }
        let alike: Vec<&str> =
            rows.iter().map(|row| row.name.as_str()).filter(|known| known.contains(name.as_str())).collect();
        let near = nearest(&name, rows.iter().map(|row| row.name.as_str()));
        let alike = if alike.is_empty() { near.into_iter().collect() } else { alike };
        say(&format!("no such type; known: {}", shortened(&alike)))?;
    };
    let members = aws::lint::members(row, &Models::default());
    say(&format!("its members: {}", members.into_iter().collect::<Vec<_>>().join(", ")))?;
    wanted.condition = Some(line("What is wrong with one, such as Versioning.Status != Enabled", None)?);
    wanted.resource = Some(row.name.clone());
    Ok(())
}

fn shortened(names: &[&str]) -> String {
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "))
}

fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(anstream::stderr(), "{text}")?)
}

/// Asks until there is an answer.
fn line(question: &str, usual: Option<&str>) -> Result<String, Failure> {
    loop {
        let mut err = anstream::stderr();
        match usual {
            Some(usual) => write!(err, "{question} [{usual}]: ")?,
            None => write!(err, "{question}: ")?,
        }
        err.flush()?;
        let mut answer = String::new();
        if std::io::stdin().lock().read_line(&mut answer)? == 0 {
            return Err(Failure::usage(
                "nobody answers; give `--source` and `--event`, `--from-event`, or `--resource` and `--where`",
            ));
        }
        match (answer.trim(), usual) {
            ("", Some(usual)) => return Ok(usual.to_owned()),
            ("", None) => {}
            (answer, _) => return Ok(answer.to_owned()),
        }
    }
}
