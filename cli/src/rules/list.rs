//! `trailpost rules list`: the rules that are judged, and those that rest.

use std::io::Write as _;

use engine::detect::Detector;
use serde_json::json;

use crate::args::Rules;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;

pub(crate) fn run(args: &Rules, json: bool, config: &Config) -> Result<Ending, Failure> {
    let loaded = load::rules(args, config)?;
    let (detector, errors) = Detector::new(loaded.rules, &config.settings);
    for error in errors {
        writeln!(anstream::stderr(), "rule left out: {error}")?;
    }
    let mut out = anstream::stdout().lock();
    let rules = detector.rules();
    let judged = rules.rules().map(|meta| (meta, None));
    let resting = rules.resting().iter().map(|resting| (&resting.meta, Some(resting.needs.as_str())));
    let mut all: Vec<_> = judged.chain(resting).collect();
    all.sort_by(|(a, _), (b, _)| (&a.origin, &a.id).cmp(&(&b.origin, &b.id)));
    for (meta, needs) in &all {
        if json {
            let looks_for = rules.correlation(&meta.id).map(rules::Correlated::words);
            writeln!(out, "{}", json!({ "rule": meta, "rests_until": needs, "looks_for": looks_for }))?;
        } else {
            let rests = needs.map(|needs| format!("  (rests until `{needs}` is set)")).unwrap_or_default();
            writeln!(out, "{:8} {:55} {}{rests}", meta.severity, meta.id, meta.title)?;
        }
    }
    if !json {
        let resting = rules.resting().len();
        writeln!(anstream::stderr(), "{} rules, {resting} of them at rest", all.len())?;
    }
    Ok(Ending::Clean)
}
