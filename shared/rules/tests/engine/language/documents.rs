//! What docs/writing-rules.md shows works as it stands there.

use rules::{RuleSet, Settings, read};

const DOCS: &str = include_str!("../../../../../docs/writing-rules.md");
const FACTS: &[&str] = &["actor", "source", "ingress", "egress", "policy", "shared_with", "target"];

/// The YAML blocks of the page.
fn blocks() -> Vec<&'static str> {
    let (_, rest) = DOCS.split_once("```yaml\n").unwrap();
    rest.split("```yaml\n").filter_map(|block| Some(block.split_once("```")?.0)).collect()
}

#[test]
fn every_rule_on_the_page_loads() {
    let whole: Vec<_> = blocks()
        .into_iter()
        .filter(|block| block.starts_with("title:") || block.starts_with("id:"))
        .collect();
    assert!(whole.len() >= 3, "a rule in five lines, a whole one, a family");
    let (rules, errors) = read(&whole.join("\n---\n"), "docs");
    assert_eq!(errors, []);
    let filters = rules.iter().filter(|rule| rule.is_filter()).count();
    let (set, errors) = RuleSet::new(rules, &Settings::default(), FACTS);
    assert_eq!(errors, []);
    assert!(set.rules().len() + filters >= whole.len() && set.resting().is_empty());
}

#[test]
fn every_detection_on_the_page_loads() {
    let detections: Vec<_> = blocks().into_iter().filter(|block| block.starts_with("detection:")).collect();
    assert!(!detections.is_empty());
    for block in detections {
        let (rules, errors) = read(&format!("title: t\n{block}"), "docs");
        assert_eq!(errors, [], "{block}");
        assert_eq!(RuleSet::new(rules, &Settings::default(), FACTS).1, []);
    }
}

#[test]
fn every_modifier_is_on_the_page() {
    let (rules, errors) = read("title: t\ndetection: {s: {a|zzzzzzzzzzzz: 1}, condition: s}", "");
    assert!(rules.is_empty());
    let names = errors[0].remedy.strip_prefix("the modifiers are ").unwrap();
    let missing: Vec<_> = names.split(", ").filter(|name| !DOCS.contains(&format!("`{name}"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
