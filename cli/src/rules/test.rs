//! `trailpost rules test`: runs the tests that rules carry.

use std::io::Write as _;
use std::path::PathBuf;

use engine::ports::{Clock as _, SystemClock};
use engine::rule_test;
use rules::Rule;

use crate::exit::{Ending, Failure};
use crate::load;
use crate::tree;

pub(crate) fn run(paths: &[PathBuf], only: Option<&str>) -> Result<Ending, Failure> {
    let loaded = if paths.is_empty() { catalog::builtin() } else { load::files(paths)? };
    let all = load::beside_builtin(&loaded.rules);
    let mut out = anstream::stdout().lock();
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for error in &loaded.errors {
        failed += 1;
        writeln!(out, "FAIL {error}")?;
    }
    let wanted = |rule: &&Rule| only.is_none_or(|text| rule.meta.id.contains(text));
    for rule in loaded.rules.iter().filter(wanted) {
        if rule.tests.is_empty() && !rule.is_filter() {
            writeln!(out, "none {}: the rule carries no tests", rule.meta.id)?;
        }
        for case in &rule.tests {
            match rule_test::run(rule, &all, case, SystemClock.now()) {
                Ok(()) => passed += 1,
                Err(failure) => {
                    failed += 1;
                    writeln!(
                        out,
                        "FAIL {} ({}): {}: {}",
                        rule.meta.id, rule.meta.origin, case.name, failure.problem
                    )?;
                    if let Some(explanation) = &failure.explanation {
                        tree::show(&mut out, explanation, 1)?;
                    }
                }
            }
        }
    }
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(if failed == 0 { Ending::Clean } else { Ending::Findings })
}
