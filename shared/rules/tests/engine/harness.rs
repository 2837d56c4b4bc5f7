//! The engine as the tests call it.

use jiff::Timestamp;
use model::json::{Document, Value, Writer};
use rules::{Explanation, Facts, RuleSet, Scratch, Settings, Truth, View};
use serde_json::json;

use crate::document::Json;
use crate::reference::{self, World};

/// The facts that rules here may name.
pub(crate) const FACTS: &[&str] = &["f", "g"];

/// 2026-01-15T10:00:00Z.
pub(crate) const NOW: i64 = 1_768_471_200;

/// The placeholders that are set here; `%trusted_accounts%` is one that stands for nothing until it is set.
pub(crate) const PLACEHOLDERS: &[(&str, &[&str])] = &[("two", &["a", "22"]), ("trusted_accounts", &[])];

/// Facts that are known beforehand.
struct Known<'a>(&'a Json);

impl Facts for Known<'_> {
    fn derive(&self, name: &str, _: Value<'_>, out: &mut Writer) {
        match self.0.all(name).last() {
            Some(fact) => out.raw(&fact.to_string()).unwrap(),
            None => out.null(),
        }
    }
}

/// A world in which nothing is left to say but the document.
pub(crate) fn world(document: &Json) -> World<'_> {
    const NO_FACTS: &Json = &Json::Map(Vec::new());
    World { document, facts: NO_FACTS, now: NOW, twins: document.has_twins(), placeholders: PLACEHOLDERS }
}

/// A rule file with this detection. JSON is YAML.
pub(crate) fn file(id: usize, detection: &serde_json::Value) -> String {
    json!({
        "id": format!("r{id}"),
        "title": "t",
        "sigma-version": 3,
        "logsource": {"product": "aws", "service": "cloudtrail"},
        "detection": detection,
    })
    .to_string()
}

/// A rule file `r0` with a detection that is written as YAML.
pub(crate) fn yaml(detection: &str) -> String {
    format!("id: r0\ntitle: t\nsigma-version: 3\nlogsource: {{product: aws}}\ndetection: {detection}\n")
}

pub(crate) fn settings() -> Settings {
    PLACEHOLDERS
        .iter()
        .fold(Settings::default(), |settings, (name, values)| settings.with(name, values.iter().copied()))
}

/// Compiles rule files, each of one rule and without a mistake.
pub(crate) fn compile(files: &[String]) -> RuleSet {
    let mut rules = Vec::new();
    for file in files {
        let (more, errors) = rules::read(file, "rule.yaml");
        assert_eq!(errors, [], "{file}");
        rules.extend(more);
    }
    let (set, errors) = RuleSet::new(rules, &settings(), FACTS);
    assert_eq!(errors, [], "{files:?}");
    set
}

/// Compiles detections as rules `r0`, `r1`, …
pub(crate) fn compile_all(detections: &[serde_json::Value]) -> RuleSet {
    compile(&detections.iter().enumerate().map(|(id, detection)| file(id, detection)).collect::<Vec<_>>())
}

/// The verdict of one rule, and its explanation.
pub(crate) fn judge_by(set: &RuleSet, id: &str, world: World<'_>) -> (Truth, Explanation) {
    let document = Document::parse(world.document.to_string()).unwrap();
    let mut scratch = Scratch::default();
    let known = Known(world.facts);
    let judged = set.judge_by(id, document.root(), view(&known, world), &mut scratch).unwrap();
    (judged.truth, judged.explain())
}

/// What the rules that the index chooses say, in the order of their ids: all that is not false.
pub(crate) fn judge(set: &RuleSet, world: World<'_>) -> Vec<(String, Truth)> {
    let document = Document::parse(world.document.to_string()).unwrap();
    let mut scratch = Scratch::default();
    let known = Known(world.facts);
    let mut found = Vec::new();
    set.judge(document.root(), view(&known, world), &mut scratch, |judged| {
        found.push((judged.meta().id.clone(), judged.truth));
    });
    found.sort();
    found
}

fn view<'a>(facts: &'a Known<'_>, world: World<'_>) -> View<'a> {
    View { facts, now: Timestamp::from_second(world.now).unwrap(), ambiguous: world.twins }
}

/// The engine's word for what the reference says.
pub(crate) fn truth(truth: reference::Truth) -> Truth {
    truth.map_or(Truth::Unknown, Truth::from)
}
