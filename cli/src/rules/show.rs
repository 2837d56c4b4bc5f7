//! `trailpost rules show`: one rule whole.

use engine::check::Checker;
use engine::detect::Detector;
use rules::{Meta, Target};

use crate::args::Rules;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;

pub(crate) fn run(id: &str, args: &Rules, config: &Config) -> Result<Ending, Failure> {
    let loaded = load::rules(args, config)?;
    let Some(rule) = loaded.rules.iter().find(|rule| rule.meta.id == id).cloned() else {
        return Err(Failure::usage(format!("no rule `{id}`; `trailpost rules list` lists them")));
    };
    let meta = rule.meta.clone();
    let (counts, reads) = match rule.target {
        Target::Resource(kind) => {
            let (checker, _) = Checker::new(loaded.rules, &config.settings);
            let reads = checker.reads_of(&kind, id).into_iter().map(|member| format!("{kind}: {member}"));
            (String::new(), reads.collect::<Vec<_>>())
        }
        Target::Event | Target::Other(_) => {
            let (detector, _) = Detector::new(loaded.rules, &config.settings);
            let set = detector.rules();
            let counts = set.correlation(id).map(rules::Correlated::words).unwrap_or_default();
            (counts, set.reads(id).into_iter().collect())
        }
    };
    let controls: Vec<String> = loaded
        .frameworks
        .iter()
        .map(|framework| (framework, framework.controls_of(id).collect::<Vec<_>>().join(", ")))
        .filter(|(_, controls)| !controls.is_empty())
        .map(|(framework, controls)| format!("{}: {controls}", framework.id))
        .collect();
    show(&mut anstream::stdout().lock(), &meta, &counts, &reads, &controls)?;
    Ok(Ending::Clean)
}

fn show(
    out: &mut impl std::io::Write,
    meta: &Meta,
    counts: &str,
    reads: &[String],
    controls: &[String],
) -> std::io::Result<()> {
    writeln!(out, "{}  [{}]\n{}\n", meta.id, meta.severity, meta.title)?;
    let mut section = |name: &str, text: &str| match text.trim() {
        "" => Ok(()),
        text => writeln!(out, "{name}\n  {}\n", text.replace('\n', "\n  ")),
    };
    section("Why it matters", &meta.why)?;
    section("What to do", &meta.fix.text)?;
    section("Command", &meta.fix.cli)?;
    section("Terraform", &meta.fix.terraform)?;
    section("When it is harmless", &meta.false_positives.join("\n"))?;
    section("ATT&CK", &meta.attack.join(" "))?;
    section("Looks for", counts)?;
    section("Reads", &reads.join("\n"))?;
    section("Controls", &controls.join("\n"))?;
    let same: Vec<_> =
        meta.equivalents.iter().map(|(tool, ids)| format!("{tool}: {}", ids.join(", "))).collect();
    section("The same rule elsewhere", &same.join("\n"))?;
    section("References", &meta.references.join("\n"))?;
    section("File", &meta.origin)
}
