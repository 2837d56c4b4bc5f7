//! `trailpost rules list`: the signatures and checks that are judged, and those that rest.

use std::io::Write as _;

use engine::check::Checker;
use engine::detect::Detector;
use serde_json::json;

use crate::args::Rules;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::{load, told};

pub(crate) fn run(args: &Rules, json: bool, config: &Config) -> Result<Ending, Failure> {
    let loaded = load::rules(args, config)?;
    let (detector, mut errors) = Detector::new(loaded.rules.iter().cloned(), &config.settings);
    let (checker, more) = Checker::new(loaded.rules, &config.settings);
    errors.extend(more);
    for error in errors {
        writeln!(anstream::stderr(), "rule left out: {error}")?;
    }
    let mut out = anstream::stdout().lock();
    let rules = detector.rules();
    let judged = rules.rules().map(|meta| (meta, None));
    let resting = rules.resting().iter().map(|resting| (&resting.meta, Some(resting.needs.as_str())));
    let mut all: Vec<_> = judged.chain(resting).chain(checker.all()).collect();
    all.sort_by(|(a, _), (b, _)| (&a.origin, &a.id).cmp(&(&b.origin, &b.id)));
    for (meta, needs) in &all {
        if json {
            let looks_for = rules.correlation(&meta.id).map(rules::Correlated::words);
            writeln!(out, "{}", json!({ "rule": meta, "rests_until": needs, "looks_for": looks_for }))?;
        } else {
            let rests =
                needs.map(|needs| format!("  (rests until {})", rules::until(needs))).unwrap_or_default();
            writeln!(out, "{:8} {:55} {}{rests}", meta.severity, meta.id, meta.title)?;
        }
    }
    if !json {
        let resting = all.iter().filter(|(_, needs)| needs.is_some()).count();
        writeln!(anstream::stderr(), "{}, {resting} of them at rest", told::counted(all.len(), "rule"))?;
    }
    Ok(Ending::Clean)
}
