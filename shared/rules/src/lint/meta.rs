//! Warnings about what a rule says of itself.

use std::path::Path;

use super::{About, Warnings};
use crate::code::Code;
use crate::keys;
use crate::near::{did_you_mean, distance, nearest};
use crate::shape::names;
use crate::tree::Node;

/// The longest title that Sigma allows.
const TITLE: usize = 256;

/// Whether the log source of a rule is CloudTrail's, or none.
pub(super) fn reads_cloudtrail(rule: &Node) -> bool {
    let field = |key: &str| rule.get("logsource").and_then(|source| source.get(key)).and_then(Node::text);
    matches!(
        (field("product").as_deref(), field("service").as_deref()),
        (None | Some("aws"), None | Some("cloudtrail"))
    )
}

pub(super) fn check(rule: &Node, origin: &str, alone: bool, about: &About<'_>, warnings: &mut Warnings) {
    let text = |key: &str| rule.get(key).map(|node| (node, node.text().unwrap_or_default()));
    if let Some((node, title)) = text("title")
        && title.chars().count() > TITLE
    {
        let problem = format!("the title has {} characters", title.chars().count());
        warnings.add(Code::TitleTooLong, node.place, problem, "say it in a line, and the rest under `why:`");
    }
    if let Some((node, id)) = text("id") {
        identity(node, &id, origin, alone, about, warnings);
    }
    if !about.is_own {
        foreign_keys(rule, warnings);
    }
    severity(rule, about, warnings);
    log_source(rule, about, warnings);
    dates(rule, warnings);
    lists(rule, warnings);
    if let Some(kind) = about.resource {
        let known = &about.world.resources;
        if !known.is_empty() && !known.contains_key(kind) {
            let place = rule.get("resource").map_or(rule.place, |node| node.place);
            let remedy = match nearest(kind, known.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`trailpost resources list` lists them".to_owned(),
            };
            let problem = format!("`{kind}` is no type of resource");
            warnings.add(Code::UnknownResource, place, problem, remedy);
        }
        for key in ["dedup", "attempt", "automation"] {
            if let Some((key, _)) = rule.members().iter().find(|(known, _)| known.text == key) {
                let problem = format!("`{}` does nothing in a check", key.text);
                warnings.add(Code::NotForChecks, key.place, problem, "leave it out");
            }
        }
    }
}

fn identity(node: &Node, id: &str, origin: &str, alone: bool, about: &About<'_>, warnings: &mut Warnings) {
    let is_kebab = !id.is_empty()
        && id.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
    if !is_kebab {
        let kebab: String = id
            .chars()
            .map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' })
            .collect();
        let remedy = format!("write it as {}", kebab.trim_matches('-'));
        warnings.add(Code::IdNotKebab, node.place, format!("the id `{id}` is not kebab-case"), remedy);
        return;
    }
    let stem =
        Path::new(origin).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if alone && about.is_own && stem != id {
        let problem = format!("the rule `{id}` stands in a file called {stem}");
        warnings.add(Code::IdNotFileName, node.place, problem, format!("call the file {id}.yaml"));
    }
}

fn foreign_keys(rule: &Node, warnings: &mut Warnings) {
    let known = names(keys::RULE);
    for (key, _) in rule.members().iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
        if let Some(near) = nearest(&key.text, known.iter().copied())
            && distance(near, &key.text) <= 2
        {
            let problem = format!("nobody looks at the key `{}`", key.text);
            warnings.add(Code::MisspeltKey, key.place, problem, format!("did you mean `{near}`?"));
        }
    }
}

fn severity(rule: &Node, about: &About<'_>, warnings: &mut Warnings) {
    match (rule.get("severity"), rule.get("level")) {
        (None, None) if about.resource.is_some() => {
            let remedy = "add `severity:` with info, low, medium, high or critical";
            warnings.add(
                Code::SeverityMissing,
                rule.place,
                "the check has no severity and counts as medium",
                remedy,
            );
        }
        (Some(own), Some(sigma)) if own.text() != sigma.text() => {
            warnings.add(
                Code::SeverityTwice,
                sigma.place,
                "`severity` and `level` say different things",
                "keep one of them",
            );
        }
        _ => {}
    }
}

fn log_source(rule: &Node, about: &About<'_>, warnings: &mut Warnings) {
    if about.resource.is_some() {
        return;
    }
    let Some(source) = rule.get("logsource") else {
        // A correlation has that of the rules that it looks at.
        if rule.get("correlation").is_none() {
            let remedy = "add `logsource: { product: aws, service: cloudtrail }`";
            warnings.add(Code::LogsourceMissing, rule.place, "the rule has no log source", remedy);
        }
        return;
    };
    if about.is_read {
        return;
    }
    for (key, right) in [("product", "aws"), ("service", "cloudtrail")] {
        if let Some(node) = source.get(key)
            && let Some(text) = node.text().filter(|text| text != right)
            && nearest(&text, [right]).is_some()
        {
            let remedy = format!("did you mean `{right}`?");
            warnings.add(
                Code::LogsourceMisspelt,
                node.place,
                format!("`{text}` is no {key} that is read here"),
                remedy,
            );
            return;
        }
    }
    let parts: Vec<String> =
        ["product", "service"].iter().filter_map(|key| source.get(key).and_then(Node::text)).collect();
    let problem = format!("the log source {} is not read here", parts.join("/"));
    warnings.add(Code::LogsourceOther, source.place, problem, "leave the rule out, or mend the log source");
}

fn dates(rule: &Node, warnings: &mut Warnings) {
    let mut read = |key: &str| {
        let node = rule.get(key)?;
        let text = node.text().unwrap_or_default();
        let date = text.parse::<jiff::civil::Date>().ok().filter(|date| date.to_string() == text);
        if date.is_none() {
            let remedy = "write it as 2026-01-31";
            warnings.add(Code::DateForm, node.place, format!("`{text}` is no date"), remedy);
        }
        Some((date?, node.place))
    };
    if let (Some((date, _)), Some((modified, place))) = (read("date"), read("modified"))
        && modified < date
    {
        let problem = format!("modified on {modified}, before it was written on {date}");
        warnings.add(Code::ModifiedBeforeDate, place, problem, "mend one of the dates");
    }
}

fn lists(rule: &Node, warnings: &mut Warnings) {
    let items = |key: &str| rule.get(key).map(Node::items).unwrap_or_default();
    if let Some(node) = rule.get("status") {
        let text = node.text().unwrap_or_default();
        if !keys::STATUS.contains(&text.as_str()) {
            let remedy = did_you_mean(&text, keys::STATUS.iter().copied(), "the states");
            warnings.add(Code::UnknownStatus, node.place, format!("`{text}` is no status"), remedy);
        }
    }
    for node in items("attack") {
        let text = node.text().unwrap_or_default();
        if !is_technique(&text) {
            let remedy = "write T1234 or T1234.001";
            warnings.add(Code::AttackForm, node.place, format!("`{text}` is no id of a technique"), remedy);
        }
    }
    for node in items("tags") {
        let text = node.text().unwrap_or_default();
        let is_form = text.split_once('.').is_some_and(|(space, name)| !space.is_empty() && !name.is_empty())
            && !text.contains(char::is_whitespace)
            && text == text.to_lowercase();
        if !is_form {
            let remedy = "write namespace.name in lower case, such as attack.t1562.008";
            warnings.add(Code::TagForm, node.place, format!("`{text}` is no tag"), remedy);
        }
    }
    for node in items("references") {
        let text = node.text().unwrap_or_default();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if !rest.is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace)) {
            let remedy = "write an address that begins with https://";
            warnings.add(
                Code::ReferenceNotUrl,
                node.place,
                format!("the reference `{text}` is no address"),
                remedy,
            );
        }
    }
    for key in ["false_positives", "falsepositives"] {
        for (before, node) in items(key).iter().zip(items(key).iter().skip(1)) {
            let text = node.text().unwrap_or_default();
            if node.place.line == before.place.line && text.starts_with(char::is_lowercase) {
                let problem = format!("`{text}` goes on with what a comma ended");
                let remedy = "write a sentence with a comma in quotes";
                warnings.add(Code::CutByComma, node.place, problem, remedy);
            }
        }
    }
    for node in items("related") {
        let kind = node.get("type").and_then(Node::text).unwrap_or_default();
        if node.get("id").is_none() || !keys::RELATIONS.contains(&kind.as_str()) {
            let place = node.get("type").map_or(node.place, |kind| kind.place);
            let remedy = did_you_mean(&kind, keys::RELATIONS.iter().copied(), "the types");
            let problem = format!("`{kind}` is no relation to another rule's id");
            warnings.add(Code::RelatedForm, place, problem, remedy);
        }
    }
}

fn is_technique(text: &str) -> bool {
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(rest) = text.strip_prefix('T') else { return false };
    match rest.split_once('.') {
        None => digits(rest, 4),
        Some((whole, part)) => digits(whole, 4) && digits(part, 3),
    }
}
