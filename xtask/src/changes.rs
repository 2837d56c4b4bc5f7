//! `catalog/derived/changes.json`: which calls change which types of resources, beyond what rows say themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use catalog::resource::Row;
use serde_json::json;

use crate::models::Error;

/// Less likely lines are wrong too often.
const LEAST_SCORE: f64 = 0.8;

/// Verbs of calls that make something go away.
const ENDS: &[&str] = &["Delete", "Deregister", "Release", "Terminate"];

/// Makes the file, or says whether it is up to date.
pub(crate) fn make(root: &Path, check: bool) -> Result<String, Error> {
    let failed = |path: &Path| {
        let name = path.display().to_string();
        move |error| Error::Machine(name, error)
    };
    let loaded = catalog::load(&root.join("catalog")).map_err(|error| Error::Rows(error.to_string()))?;
    let source = root.join("xtask/data/event-resources.csv");
    let table = fs::read_to_string(&source).map_err(failed(&source))?;
    let (text, count) = derived(&loaded.rows, &table);
    let path = root.join("catalog/derived/changes.json");
    let is_same = fs::read_to_string(&path).ok().as_ref() == Some(&text);
    match (check, is_same) {
        (true, false) => Err(Error::Stale("catalog/derived/changes.json".into(), "changes")),
        (true, true) => Ok("catalog/derived/changes.json is up to date".into()),
        (false, _) => {
            fs::write(&path, text).map_err(failed(&path))?;
            Ok(format!("{count} calls that no row names"))
        }
    }
}

/// The file, a line for each type and way of naming it, and how many calls it has.
fn derived(rows: &[Row], table: &str) -> (String, usize) {
    let mut named: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut by_type: HashMap<&str, &Row> = HashMap::new();
    for row in rows {
        for change in &row.changed_by {
            let source = change.source.as_deref().unwrap_or_else(|| row.event_source());
            named.extend(change.events.iter().map(|event| (source, event.as_str())));
        }
        if let Some(cloudformation) = row.cloudformation.as_deref() {
            by_type.entry(cloudformation).or_insert(row);
        }
    }
    let mut count = 0;
    let mut entries: BTreeMap<&str, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let [source, event, kind, _, score, _, _, paths, ..] = columns.as_slice() else { continue };
        let source = source.trim_end_matches(".amazonaws.com");
        let Some(row) = by_type.get(kind) else { continue };
        let likely = score.parse().is_ok_and(|score: f64| score >= LEAST_SCORE);
        let event = facts::family(event);
        let (Some(entry), true) = (entry(row, source, event, kind, paths), likely) else { continue };
        if named.contains(&(source, event)) {
            continue;
        }
        count += 1;
        entries.entry(&row.name).or_default().entry(entry).or_default().push(event);
    }
    let blocks: Vec<String> = entries.into_iter().map(|(name, entries)| block(name, entries)).collect();
    (format!("{{\n{}\n}}\n", blocks.join(",\n")), count)
}

fn block(name: &str, entries: BTreeMap<String, Vec<&str>>) -> String {
    let mut text = String::new();
    let lines: Vec<String> = entries
        .into_iter()
        .map(|(entry, events)| format!("  {}: {entry}", json!(events.join(", "))))
        .collect();
    let _ = write!(text, " {}: {{\n{}\n }}", json!(name), lines.join(",\n"));
    text
}

/// An entry of `changed_by`; `None` where nothing says which resource it is.
fn entry(row: &Row, source: &str, event: &str, kind: &str, paths: &str) -> Option<String> {
    // An identifier of several parts names no resource by one text.
    if paths.trim().is_empty() || paths.contains(" + ") {
        return None;
    }
    let mut told: Vec<String> = Vec::new();
    for path in paths.split("||") {
        let path = plain(path.trim());
        if !told.iter().any(|known| known.eq_ignore_ascii_case(&path)) {
            told.push(path);
        }
    }
    let (ids, names): (Vec<_>, Vec<_>) = told.into_iter().partition(|path| is_id(row, path));
    let mut entry = json!({});
    if let Some(members) = entry.as_object_mut() {
        if !ids.is_empty() {
            members.insert("id".into(), json!(ids));
        }
        if !names.is_empty() {
            members.insert("name".into(), json!(names));
        }
        if source != row.event_source() {
            members.insert("source".into(), json!(source));
        }
        if let Some(tags) = event.contains("Tag").then_some(true) {
            members.insert("tags".into(), json!(tags));
        }
        let noun = kind.rsplit("::").next().unwrap_or_default();
        if ENDS
            .iter()
            .any(|verb| event.strip_prefix(verb).is_some_and(|rest| rest.eq_ignore_ascii_case(noun)))
        {
            members.insert("gone".into(), json!(true));
        }
    }
    Some(entry.to_string())
}

/// The path without what the reader of records looks through: brackets, and the envelopes of EC2.
fn plain(path: &str) -> String {
    let path = path.replace("[]", "");
    let parts = path.split('.').enumerate().filter(|(at, part)| {
        let is_envelope = *at == 1 && (part.ends_with("Request") || part.ends_with("Response"));
        !is_envelope && !matches!(*part, "items" | "item" | "content" | "member")
    });
    parts.map(|(_, part)| part).collect::<Vec<_>>().join(".")
}

/// Whether a member of a record is an id of the row, and not a name that stands for one.
fn is_id(row: &Row, path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let name = row.display.as_deref().unwrap_or_default();
    // `Name` is the member of a document, `brokerName` the parameter.
    let is_name = !name.is_empty() && last.ends_with(&name.to_ascii_lowercase()) && !last.ends_with("arn");
    let id = row.id_member().unwrap_or_default().to_ascii_lowercase();
    !is_name || last == id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_what_the_rows_leave_to_be_derived() {
        make(&crate::root(), true).unwrap();
    }

    #[test]
    fn envelopes_and_brackets_are_left_out() {
        assert_eq!(
            plain("requestParameters.DeleteHostsRequest.HostId[].content"),
            "requestParameters.HostId"
        );
        assert_eq!(
            plain("responseElements.instancesSet.items[].instanceId"),
            "responseElements.instancesSet.instanceId"
        );
    }
}
