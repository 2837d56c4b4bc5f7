//! `trailpost explain --resource`: what checks say of a resource as it was read last, and why.

use std::io::Write as _;

use catalog::resource::Row;
use engine::check::Checker;
use report::Terminal;
use rules::{Scratch, Truth};
use serde_json::json;

use crate::documents::Documents;
use crate::exit::{Ending, Failure};
use crate::stored::Stored;
use crate::{timeline, told, tree};

const SHOWN: Terminal = Terminal { longest: 300 };

pub(super) fn run(
    resource: &str,
    rule: Option<&str>,
    checker: &Checker,
    rows: &[Row],
    store: &Stored,
    json: bool,
) -> Result<Ending, Failure> {
    let states = store.wait(|store| Box::pin(store.named(resource)))?;
    let [state] = states.as_slice() else {
        return Err(timeline::unclear(resource, &states));
    };
    let kind = &state.resource_type;
    if let Some(rule) = rule
        && !checker.checks(kind).any(|meta| meta.id == rule)
    {
        return Err(Failure::usage(format!(
            "no check `{rule}` of {kind}; `trailpost rules list` lists them"
        )));
    }
    let kept = state.document.to_document().ok();
    let kept = kept.and_then(|document| serde_json::from_str(&document.root().to_json()).ok());
    let Some(kept): Option<serde_json::Value> = kept else {
        return Err(Failure::internal(format!("what is kept of `{resource}` cannot be read; scan again")));
    };
    let document = Documents::new(rows).judged(state, kept);
    let mut scratch = Scratch::default();
    // What depends on the time is explained as of the last look.
    let mut verdicts = checker.judge(kind, &document, state.read_at, &mut scratch);
    verdicts.retain(|verdict| rule.is_none_or(|rule| verdict.check.id == rule));
    verdicts.sort_by(|a, b| b.truth.cmp(&a.truth).then_with(|| a.check.id.cmp(&b.check.id)));
    let mut out = anstream::stdout().lock();
    if !json {
        let gone = if state.is_present() { "" } else { "  gone" };
        writeln!(out, "{kind}  {}  read {}{gone}", state.arn.encode(&SHOWN), told::when(state.read_at))?;
    }
    for verdict in &verdicts {
        let id = &verdict.check.id;
        let explanation =
            checker.explain(kind, id, &document, state.read_at).map(|(_, explanation)| explanation);
        let holes: Vec<String> = verdict.holes.iter().map(ToString::to_string).collect();
        if json {
            let row = json!({
                "rule": id, "resource": state.arn, "status": word(verdict.truth), "severity": verdict.check.severity,
                "not_read": holes, "explanation": explanation,
            });
            writeln!(out, "{row}")?;
            continue;
        }
        writeln!(out, "  {:8} {id}  {}", word(verdict.truth), verdict.check.title)?;
        for hole in &verdict.holes {
            writeln!(out, "           not read: {}", model::Untrusted::new(hole.to_string()).encode(&SHOWN))?;
        }
        if let (Some(_), Some(explanation)) = (rule, &explanation) {
            tree::show(&mut out, explanation, 1)?;
        }
    }
    Ok(Ending::Clean)
}

const fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "finding",
        Truth::False => "clean",
        Truth::Unknown => "unknown",
    }
}
