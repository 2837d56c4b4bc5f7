//! `trailpost rules show`: one rule whole.

use engine::detect::Detector;
use rules::Meta;

use crate::args::Rules;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;

pub(crate) fn run(id: &str, args: &Rules, config: &Config) -> Result<Ending, Failure> {
    let loaded = load::rules(args, config)?;
    let (detector, _) = Detector::new(loaded.rules, &config.settings);
    let set = detector.rules();
    let meta = set
        .rules()
        .chain(set.resting().iter().map(|resting| &resting.meta))
        .find(|meta| meta.id == id)
        .ok_or_else(|| Failure::usage(format!("no rule `{id}`; `trailpost rules list` lists them")))?;
    let counts = set.correlation(id).map(rules::Correlated::words).unwrap_or_default();
    let reads: Vec<_> = set.reads(id).into_iter().collect();
    show(&mut anstream::stdout().lock(), meta, &counts, &reads)?;
    Ok(Ending::Clean)
}

fn show(out: &mut impl std::io::Write, meta: &Meta, counts: &str, reads: &[String]) -> std::io::Result<()> {
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
    let same: Vec<_> =
        meta.equivalents.iter().map(|(tool, ids)| format!("{tool}: {}", ids.join(", "))).collect();
    section("The same rule elsewhere", &same.join("\n"))?;
    section("References", &meta.references.join("\n"))?;
    section("File", &meta.origin)
}
