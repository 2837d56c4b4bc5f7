//! A rule file: what it says of itself, what it looks at, its condition and its tests.

use std::collections::BTreeMap;

use model::Severity;

use crate::body::Body;
use crate::case::{self, Case};
use crate::code::Code;
use crate::error::{Place, RuleError};
use crate::family;
use crate::fix::Fix;
use crate::keys;
use crate::meta::{Attempt, Automation, Meta};
use crate::shape;
use crate::tree::{Data, Node};

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// CloudTrail records.
    Event,
    /// Resources of this type, such as `aws.s3.bucket`.
    Resource(String),
    /// Something that is not read here, such as Windows logs.
    Other(String),
}

/// A rule that was read, and not compiled yet.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it says of itself.
    pub meta: Meta,
    /// What it looks at.
    pub target: Target,
    /// Its tests.
    pub tests: Vec<Case>,
    /// Where it begins in its file.
    pub place: Place,
    /// Where what names it stands, by the key.
    pub places: BTreeMap<&'static str, Place>,
    /// Whether it comes with the program. Such a rule is reported even where a correlation looks at it.
    pub(crate) shipped: bool,
    /// Sigma's `name`, by which correlations call it.
    pub(crate) name: Option<String>,
    pub(crate) body: Body,
}

/// Reads every rule of a YAML text, which may hold several documents and families.
///
/// `origin` is the name of the file, for messages. One wrong rule does not spoil the others.
pub fn read(text: &str, origin: &str) -> (Vec<Rule>, Vec<RuleError>) {
    let documents = match Node::from_yaml(text) {
        Ok(documents) => documents,
        Err(error) => return (Vec::new(), vec![error.in_file(origin)]),
    };
    let mut rules = Vec::new();
    let mut errors = Vec::new();
    for document in documents {
        match from_node(&document, origin) {
            Ok(more) => rules.extend(more),
            Err(error) => errors.push(error.in_file(origin)),
        }
    }
    (rules, errors)
}

/// Reads the rules of one document.
///
/// # Errors
/// What is wrong with it.
pub fn from_node(document: &Node, origin: &str) -> Result<Vec<Rule>, RuleError> {
    family::members(document)?.iter().map(|member| one(member, origin)).collect()
}

fn one(node: &Node, origin: &str) -> Result<Rule, RuleError> {
    let Data::Map(_) = node.data else {
        return Err(RuleError::new(
            Code::NotAMap,
            node.place,
            "a rule that is no map",
            "start with `title:` and `detection:`",
        ));
    };
    let is_own = node.get("severity").is_some() || node.get("resource").is_some();
    not_elsewhere(node)?;
    if is_own {
        shape::fits(node, keys::RULE)?;
    }
    if let (Some(_), Some(resource)) = (node.get("logsource"), node.get("resource")) {
        let remedy = "keep `logsource` for records, or `resource` for resources";
        return Err(RuleError::new(
            Code::TwoTargets,
            resource.place,
            "`logsource` and `resource` in one rule",
            remedy,
        ));
    }
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default().trim().to_owned();
    let texts = |key: &str| {
        node.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect::<Vec<_>>()
    };
    let Some(title) = node.get("title").and_then(Node::text) else {
        return Err(RuleError::new(Code::TitleMissing, node.place, "the rule has no title", "add `title:`"));
    };
    let id = match text("id") {
        id if id.is_empty() => kebab(&title),
        id => id,
    };
    let either = |own: &str, sigma: &str| if node.get(own).is_some() { text(own) } else { text(sigma) };
    let lists = |own: &str, sigma: &str| if node.get(own).is_some() { texts(own) } else { texts(sigma) };
    let attack = match node.get("attack") {
        Some(_) => texts("attack"),
        None => texts("tags").iter().filter_map(|tag| technique(tag)).collect(),
    };
    let body = Body::read(node)?;
    let target = target(node);
    let meta = Meta {
        severity: severity(node)?,
        message: text("message"),
        why: either("why", "description"),
        false_positives: lists("false_positives", "falsepositives"),
        fix: fix(node),
        attack,
        references: texts("references"),
        equivalents: equivalents(node),
        dedup: texts("dedup"),
        automation: word(
            node,
            "automation",
            &[("annotate", Automation::Annotate), ("lower", Automation::Lower)],
        )?,
        attempt: match node.get("attempt") {
            Some(_) => word(node, "attempt", &[("lower", Attempt::Lower), ("same", Attempt::Same)])?,
            None if body.reads_errors() => Attempt::Same,
            None => Attempt::Lower,
        },
        origin: origin.to_owned(),
        id,
        title,
    };
    let tests = case::read(node)?;
    let places = ["id", "name", "title"];
    let places = places.into_iter().filter_map(|key| Some((key, node.get(key)?.place))).collect();
    let name = node.get("name").and_then(Node::text);
    Ok(Rule { meta, target, tests, place: node.place, places, shipped: false, name, body })
}

/// Refuses documents that are something else than a rule.
fn not_elsewhere(node: &Node) -> Result<(), RuleError> {
    let has = |key: &str| node.get(key).is_some();
    let place = |key: &str| {
        let found = node.members().iter().find(|(name, _)| name.text == key);
        found.map_or(node.place, |(name, _)| name.place)
    };
    if has("action") {
        let remedy = "write each rule out whole, as a document of its own behind `---`";
        let problem = "`action` of older Sigma files is not carried out";
        return Err(RuleError::new(Code::SigmaCollection, place("action"), problem, remedy));
    }
    if has("title") && !has("controls") || has("detection") {
        return Ok(());
    }
    let resource_row = node.members().iter().any(|(key, _)| key.text.starts_with("aws."));
    let wrong = |key: &str, what: &str, remedy: &str| {
        Err(RuleError::new(Code::WrongDocument, place(key), format!("this is {what}, and no rule"), remedy))
    };
    match () {
        () if has("controls") => wrong("controls", "a framework", "put it into a folder called `frameworks`"),
        () if resource_row => wrong("", "a file of resource rows", "call it `resources.yaml`"),
        () if has("Resources") || has("AWSTemplateFormatVersion") => {
            wrong("Resources", "a CloudFormation template", "keep templates out of the folder of rules")
        }
        () if has("apiVersion") => {
            wrong("apiVersion", "a manifest of Kubernetes", "keep it out of the folder of rules")
        }
        () if has("Records") => {
            wrong("Records", "a file of CloudTrail records", "judge it with `trailpost detect`")
        }
        () => Ok(()),
    }
}

fn severity(node: &Node) -> Result<Severity, RuleError> {
    let Some(level) = node.get("severity").or_else(|| node.get("level")) else { return Ok(Severity::Medium) };
    level.text().unwrap_or_default().parse().map_err(|error: model::UnknownSeverity| {
        RuleError::new(Code::UnknownSeverity, level.place, error.to_string(), "a rule without one is medium")
    })
}

fn word<T: Copy + Default>(node: &Node, key: &str, words: &[(&str, T)]) -> Result<T, RuleError> {
    let Some(value) = node.get(key) else { return Ok(T::default()) };
    let text = value.text().unwrap_or_default();
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        RuleError::new(
            Code::UnknownWord,
            value.place,
            format!("`{key}: {text}`"),
            format!("write {}", words.join(" or ")),
        )
    })
}

fn target(node: &Node) -> Target {
    if let Some(resource) = node.get("resource").and_then(Node::text) {
        return Target::Resource(resource);
    }
    let field = |key: &str| node.get("logsource").and_then(|source| source.get(key)).and_then(Node::text);
    match (field("product").as_deref(), field("service").as_deref()) {
        (None | Some("aws"), None | Some("cloudtrail")) => Target::Event,
        (product, service) => {
            let parts = [product, service].into_iter().flatten().collect::<Vec<_>>();
            Target::Other(parts.join("/"))
        }
    }
}

fn fix(node: &Node) -> Fix {
    let Some(fix) = node.get("fix") else { return Fix::default() };
    let text = |key: &str| fix.get(key).and_then(Node::text).unwrap_or_default().trim().to_owned();
    match fix.text() {
        Some(text) => Fix { text: text.trim().to_owned(), ..Fix::default() },
        None => Fix { text: text("text"), cli: text("cli"), terraform: text("terraform") },
    }
}

fn equivalents(node: &Node) -> BTreeMap<String, Vec<String>> {
    let members = node.get("equivalents").map(Node::members).unwrap_or_default();
    members
        .iter()
        .map(|(tool, ids)| (tool.text.clone(), ids.items().iter().filter_map(Node::text).collect()))
        .collect()
}

/// `attack.t1562.008` as `T1562.008`.
fn technique(tag: &str) -> Option<String> {
    let id = tag.strip_prefix("attack.")?;
    let is_technique = id.starts_with(['t', 'T']) && id.get(1..2)?.bytes().all(|byte| byte.is_ascii_digit());
    is_technique.then(|| id.to_ascii_uppercase())
}

fn kebab(title: &str) -> String {
    let words: Vec<_> =
        title.split(|each: char| !each.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOPPED: &str = "
id: cloudtrail-logging-stopped
title: CloudTrail logging stopped
severity: critical
logsource: { product: aws, service: cloudtrail }
detection:
  stop: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging }
  condition: stop
attack: [T1562.008]
";

    #[test]
    fn a_rule_is_read_whole() {
        let (rules, errors) = read(STOPPED, "stopped.yaml");
        assert_eq!(errors, []);
        assert_eq!(rules[0].meta.id, "cloudtrail-logging-stopped");
        assert_eq!(rules[0].meta.severity, Severity::Critical);
        assert_eq!(rules[0].target, Target::Event);
        assert_eq!(rules[0].meta.attempt, Attempt::Lower);
    }

    #[test]
    fn a_sigma_file_brings_its_own_words() {
        let text = "title: A b\nlevel: informational\ntags: [attack.stealth, attack.t1078.004]\ndescription: d\nunknown_key: 1\ndetection:\n  s: {errorCode|contains: Denied}\n  condition: s\nfalsepositives: [x]";
        let (rules, errors) = read(text, "sigma.yml");
        assert_eq!(errors, []);
        let meta = &rules[0].meta;
        assert_eq!((meta.id.as_str(), meta.severity, meta.attempt), ("a-b", Severity::Info, Attempt::Same));
        assert_eq!((meta.attack.clone(), meta.why.as_str()), (vec!["T1078.004".to_owned()], "d"));
    }

    #[test]
    fn one_wrong_rule_does_not_spoil_the_others() {
        let (rules, errors) = read(&format!("{STOPPED}\n---\ntitle: wrong\n---\n{STOPPED}"), "f.yaml");
        assert_eq!(rules.len(), 2);
        assert_eq!(
            errors[0].to_string(),
            "f.yaml:12:1: the rule has no detection; add `detection:` with a condition"
        );
    }

    #[test]
    fn mistakes_are_named_with_their_mend() {
        let error = |from: &str, to: &str| {
            let (_, errors) = read(&STOPPED.replace(from, to), "f.yaml");
            errors.first().map(ToString::to_string).unwrap_or_default()
        };
        assert_eq!(
            error("critical", "urgent"),
            "f.yaml:4:11: `urgent` is no severity: write info, low, medium, high or critical; a rule without one is medium"
        );
        assert_eq!(error("attack:", "atack:"), "f.yaml:9:1: unknown key `atack`; did you mean `attack`?");
    }
}
