//! Every test that a rule of the catalogue carries, as a test of its own: `cargo test --test catalogue s3-bucket`.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::rule_test;
use libtest_mimic::{Arguments, Failed, Trial};
use model::Timestamp;
use rules::{Rule, Truth};

fn main() {
    let arguments = Arguments::from_args();
    let loaded = catalog::builtin();
    let all: Arc<[Rule]> = loaded.rules.clone().into();
    let rules: Vec<Arc<Rule>> = loaded.rules.into_iter().map(Arc::new).collect();
    let errors: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
    let mut trials = vec![Trial::test("the catalogue: every rule is read", move || nothing(&errors))];
    trials.push(whole("ids are unique", &rules, unique_ids));
    trials.push(whole("a rule's file has its id for a name", &rules, file_names));
    trials.push(whole("every rule has a finding and a clean twin", &rules, twins));
    trials.push(whole("every rule says why it matters and what to do", &rules, texts));
    for rule in &rules {
        for case in 0..rule.tests.len() {
            let (rule, all) = (Arc::clone(rule), Arc::clone(&all));
            let name = rule
                .tests
                .get(case)
                .map_or_else(String::new, |test| format!("{}: {}", rule.meta.id, test.name));
            trials.push(Trial::test(name, move || one(&rule, &all, case)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn one(rule: &Rule, all: &[Rule], case: usize) -> Result<(), Failed> {
    let now: Timestamp = "2026-01-15T12:00:00Z".parse()?;
    let Some(case) = rule.tests.get(case) else { return Err("no such case".into()) };
    rule_test::run(rule, all, case, now).map_err(|failure| {
        let why = failure.explanation.map(|explanation| format!("\n{explanation:#?}")).unwrap_or_default();
        Failed::from(format!("{}{why}", failure.problem))
    })
}

fn whole(name: &str, rules: &[Arc<Rule>], check: fn(&[Arc<Rule>]) -> Vec<String>) -> Trial {
    let rules = rules.to_vec();
    Trial::test(format!("the catalogue: {name}"), move || nothing(&check(&rules)))
}

fn nothing(problems: &[String]) -> Result<(), Failed> {
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

fn unique_ids(rules: &[Arc<Rule>]) -> Vec<String> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in rules {
        files.entry(&rule.meta.id).or_default().push(&rule.meta.origin);
    }
    files
        .into_iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(id, files)| format!("{id}: {files:?}"))
        .collect()
}

fn file_names(rules: &[Arc<Rule>]) -> Vec<String> {
    let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in rules {
        families.entry(&rule.meta.origin).or_default().push(&rule.meta.id);
    }
    let wrong = |(file, ids): &(&str, Vec<&str>)| {
        let name = file.rsplit('/').next().unwrap_or_default().trim_end_matches(".yaml");
        ids.len() == 1 && ids.first() != Some(&name)
    };
    families.into_iter().filter(wrong).map(|(file, ids)| format!("{file}: {ids:?}")).collect()
}

fn twins(rules: &[Arc<Rule>]) -> Vec<String> {
    rules
        .iter()
        .filter_map(|rule| rule_test::missing(rule).map(|missing| format!("{}: {missing}", rule.meta.id)))
        .collect()
}

fn texts(rules: &[Arc<Rule>]) -> Vec<String> {
    rules
        .iter()
        .filter(|rule| {
            rule.meta.why.is_empty() || rule.meta.fix.text.is_empty() || rule.meta.message.is_empty()
        })
        .map(|rule| rule.meta.id.clone())
        .chain(
            rules
                .iter()
                .filter(|rule| rule.tests.iter().all(|case| case.verdict == Truth::Unknown))
                .map(|rule| rule.meta.id.clone()),
        )
        .collect()
}
