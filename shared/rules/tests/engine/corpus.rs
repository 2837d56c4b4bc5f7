//! Sigma's own rules for CloudTrail, from a folder that `TRAILPOST_SIGMA_RULES` names, such as `rules/cloud/aws` of
//! <https://github.com/SigmaHQ/sigma>: each loads, and says what the other engine says of events made for it.

use std::fs;
use std::path::{Path, PathBuf};

use rules::tree::Node;
use rules::{RuleSet, Truth};
use serde_json::{Map, Value, json};

use crate::document::Json;
use crate::harness::{FACTS, judge_by, world};
use crate::oracle::Oracle;

const FOLDER: &str = "TRAILPOST_SIGMA_RULES";

#[test]
#[ignore = "reads Sigma's rules from the folder that TRAILPOST_SIGMA_RULES names"]
fn sigmas_rules_load_and_match_as_in_the_other_engine() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        eprintln!("{FOLDER} names no folder: nothing is compared");
        return;
    };
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    for path in files(Path::new(&folder)) {
        if let Err(error) = compare(&fs::read_to_string(&path).unwrap(), &mut counts) {
            wrong.push(format!("{}: {error}", path.display()));
        }
    }
    eprintln!("{counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(counts.rules > 0, "no rule in {}", folder.display());
    assert!(counts.matched + counts.never >= counts.rules, "events are made that match: {counts:?}");
}

#[derive(Debug, Default)]
struct Counts {
    rules: usize,
    /// Their condition counts several events.
    over_several_events: usize,
    /// They wait for a placeholder.
    resting: usize,
    /// No event can match them, however it is made.
    never: usize,
    compared: usize,
    matched: usize,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml"))
        .collect();
    files.sort();
    files
}

/// Compares the engines on one rule file.
fn compare(file: &str, counts: &mut Counts) -> Result<(), String> {
    let document = Node::from_yaml(file).map_err(|error| error.to_string())?.remove(0).to_json();
    let detection = &document["detection"];
    counts.rules += 1;
    let (rules, errors) = rules::read(file, "");
    let (set, more) = RuleSet::new(rules, &rules::Settings::default(), FACTS);
    if let Some(error) = errors.iter().chain(&more).next() {
        return Err(error.to_string());
    }
    if let [correlation] = set.correlations() {
        counts.over_several_events += 1;
        return completes(&set, correlation, detection, counts);
    }
    let Some(id) = set.rules().next().map(|rule| rule.id.clone()) else {
        counts.resting += set.resting().len();
        counts.matched += set.resting().len();
        return Ok(());
    };
    let oracle = Oracle::new(file)?;
    let mut has_matched = false;
    for event in events(detection, 4) {
        let event = Json::from(event);
        let ours = judge_by(&set, &id, world(&event)).0;
        if ours != Truth::from(oracle.matches(&event)) {
            return Err(format!("{} here, and the opposite there, on {event}", ours.as_str()));
        }
        counts.compared += 1;
        has_matched |= ours == Truth::True;
    }
    counts.matched += usize::from(has_matched);
    counts.never += usize::from(!has_matched && contradicts(detection));
    if has_matched || contradicts(detection) { Ok(()) } else { Err("no event was made that matches".into()) }
}

/// Whether all of the searches have to match, and two of them want different names of the event: they were meant to
/// match one after the other.
fn contradicts(detection: &Value) -> bool {
    let names: Option<Vec<&Value>> = detection["condition"]
        .as_str()
        .unwrap_or_default()
        .split(" and ")
        .map(|search| detection.get(search.trim())?.get("eventName").filter(|name| name.is_string()))
        .collect();
    names.is_some_and(|names| names.windows(2).any(|pair| pair[0] != pair[1]))
}

/// The field whose different values a condition counts, the fields that it groups by, and how many it takes.
fn counted(detection: &Value) -> Option<(&str, Vec<&str>, usize)> {
    let (_, count) = detection["condition"].as_str()?.split_once("count(")?;
    let (field, rest) = count.split_once(')')?;
    let (groups, bound) = rest.split_once('>')?;
    let groups = groups.trim().strip_prefix("by ").unwrap_or_default().split(',').map(str::trim);
    Some((field.trim(), groups.filter(|group| !group.is_empty()).collect(), bound.trim().parse().ok()?))
}

/// The values that a field may have by any search that is no filter; `None` where it may have any.
fn values_of(detection: &Value, field: &str) -> Option<usize> {
    let searches = detection.as_object()?.iter().filter(|(name, _)| !name.starts_with("filter"));
    let wanted: Vec<_> = searches.filter_map(|(_, search)| search.get(field)).collect();
    let sum = wanted.iter().map(|wanted| wanted.as_array().map_or(1, Vec::len)).sum();
    (!wanted.is_empty()).then_some(sum)
}

/// Whether a rule over several events is completed by many of them that fit its searches.
fn completes(
    set: &RuleSet,
    correlation: &rules::Correlated,
    detection: &Value,
    counts: &mut Counts,
) -> Result<(), String> {
    let mut windows = crate::correlations::Windows::new();
    let counted = counted(detection);
    let few = counted
        .as_ref()
        .is_some_and(|(field, _, bound)| values_of(detection, field).is_some_and(|values| values <= *bound));
    let choices = counted.as_ref().map_or(4, |(.., bound)| (bound + 1).min(100));
    let fitting: Vec<Value> = events(detection, choices);
    for (number, event) in fitting.iter().cycle().take(fitting.len() * 20).enumerate() {
        let mut event = event.clone();
        event["eventID"] = json!(format!("e{number}"));
        event["sourceIPAddress"] = json!("192.0.2.1");
        for group in counted.iter().flat_map(|(_, groups, _)| groups) {
            write(group, json!("one and the same"), &mut event);
        }
        crate::correlations::tell(set, 0, &event, &mut windows);
    }
    let completed = !crate::correlations::completed(set, &windows).is_empty();
    if few && !completed {
        counts.never += 1;
        return Ok(());
    }
    if few || !completed {
        return Err(format!("it should not be so: completed {completed}, by {}", correlation.words()));
    }
    counts.matched += 1;
    Ok(())
}

/// Events that fit the searches by so many choices of values, and neighbours of them.
fn events(detection: &Value, choices: usize) -> Vec<Value> {
    let searches: Vec<(&str, &Value)> = detection
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, search)| (name.as_str(), search))
        .filter(|(name, _)| *name != "condition" && *name != "timeframe")
        .collect();
    let of = |filters: bool, choice: usize| {
        let mut event = json!({});
        for (_, search) in searches.iter().filter(|(name, _)| filters || !name.starts_with("filter")) {
            fit(search, choice, &mut event);
        }
        event
    };
    let mut events = Vec::new();
    for choice in 0..choices {
        let event = of(false, choice);
        for path in paths(&event, String::new()) {
            let own = event.pointer(&path).filter(|value| !value.is_null());
            // Of a list with a null in it the engines differ, see `differences`.
            for other in
                [json!(null), json!("zz"), json!(["zz", own.unwrap_or(&json!("y"))]), json!(true), json!(22)]
            {
                let mut event = event.clone();
                *event.pointer_mut(&path).unwrap() = other;
                events.push(event);
            }
        }
        for (_, search) in &searches {
            let mut event = event.clone();
            fit(search, choice, &mut event);
            events.push(event);
        }
        events.push(shouted(&event));
        events.extend([event, of(true, choice)]);
    }
    events
}

/// Writes values that fit a search into the event; of several the one of that number.
fn fit(search: &Value, choice: usize, event: &mut Value) {
    match search {
        Value::Array(items) => fit(&items[choice % items.len()], choice, event),
        Value::Object(fields) => {
            for (key, wanted) in fields {
                let (path, modifiers) = key.split_once('|').unwrap_or((key, ""));
                if let Some(value) = fitting(wanted, modifiers, choice) {
                    write(path, value, event);
                }
            }
        }
        keyword => write("keyword", keyword.clone(), event),
    }
}

fn fitting(wanted: &Value, modifiers: &str, choice: usize) -> Option<Value> {
    let plain = |text: &str| text.replace("\\\\", "\\").replace('*', "x").replace('?', "q");
    match wanted {
        Value::Array(all) if modifiers.contains("all") => {
            let texts: Vec<_> = all.iter().filter_map(Value::as_str).map(plain).collect();
            Some(texts.join(" ").into())
        }
        Value::Array(items) => fitting(&items[choice % items.len()], modifiers, choice),
        Value::Bool(true) if modifiers == "exists" => Some("x".into()),
        Value::Bool(false) if modifiers == "exists" => None,
        Value::String(pattern) if modifiers.starts_with("re") => Some(from_regex(pattern).into()),
        Value::String(text) => Some(plain(text).into()),
        other => Some(other.clone()),
    }
}

/// A text that a simple regular expression fits: its letters, without what is special.
fn from_regex(pattern: &str) -> String {
    let first = pattern.split('|').next().unwrap_or_default();
    first.replace(".*", "x").replace(".+", "x").replace(['^', '$', '(', ')', '\\', '?'], "")
}

fn write(path: &str, value: Value, event: &mut Value) {
    let (before, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = event;
    for name in before.split('.').filter(|name| !name.is_empty()) {
        if !at[name].is_object() {
            at[name] = Value::Object(Map::new());
        }
        at = &mut at[name];
    }
    at[last] = value;
}

/// The event with its texts in upper case.
fn shouted(value: &Value) -> Value {
    match value {
        Value::String(text) => text.to_uppercase().into(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(key, value)| (key.clone(), shouted(value))).collect())
        }
        other => other.clone(),
    }
}

/// JSON pointers to everything in the event.
fn paths(value: &Value, path: String) -> Vec<String> {
    let members = value.as_object().into_iter().flatten();
    let mut all: Vec<_> = members.flat_map(|(key, value)| paths(value, format!("{path}/{key}"))).collect();
    if !path.is_empty() {
        all.push(path);
    }
    all
}
