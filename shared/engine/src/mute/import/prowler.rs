//! Prowler's mutelist (<https://github.com/prowler-cloud/prowler>, `prowler/lib/mutelist`): accounts, in them checks, in
//! them regions, resources and tags, which are expressions that match anywhere in a text.

use model::MuteMatch;
use rules::tree::Node;
use rules::{Code, Meta, RuleError};

use super::{Imported, Terms, equivalents, exact};
use crate::mute::pattern::Pattern;

/// What the list has been called.
const NAMES: &[&str] = &["Mutelist", "Mute List", "Allowlist", "Mute_List"];

/// The signs that no expression needs to mean themselves.
const PLAIN: &[char] = &['-', '_', '/', ':', '@', ' ', '=', ','];

/// Whether a YAML text is a mutelist, as far as can be seen.
pub fn is_prowler(text: &str) -> bool {
    text.lines().any(|line| {
        NAMES.iter().any(|name| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
    })
}

/// Reads a mutelist.
///
/// # Errors
/// When it is no YAML, or holds no list.
pub fn prowler(text: &str, origin: &str, terms: &Terms, metas: &[Meta]) -> Result<Imported, RuleError> {
    let documents = Node::from_yaml(text).map_err(|error| error.in_file(origin))?;
    let list = documents.iter().find_map(|document| NAMES.iter().find_map(|name| document.get(name)));
    let accounts = list.and_then(|list| list.get("Accounts")).ok_or_else(|| {
        let place = documents.first().map(|document| document.place).unwrap_or_default();
        RuleError::new(
            Code::WrongDocument,
            place,
            "no mutelist",
            "write `Mutelist:` and `Accounts:` below it",
        )
        .in_file(origin)
    })?;
    let mut imported = Imported::default();
    for (account, node) in accounts.members() {
        for (check, rest) in node.get("Checks").map(Node::members).unwrap_or_default() {
            let what =
                format!("{origin}:{}: account {}, check {}", check.place.line, account.text, check.text);
            match matches(&account.text, &check.text, rest, metas) {
                Ok(matches) => {
                    let reason = rest.get("Description").and_then(Node::text);
                    imported.take("prowler", &what, matches, reason, terms);
                }
                Err(why) => imported.leave(&what, why),
            }
        }
    }
    Ok(imported)
}

fn matches(account: &str, check: &str, rest: &Node, metas: &[Meta]) -> Result<MuteMatch, String> {
    let texts = |key: &str| -> Vec<String> {
        rest.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect()
    };
    let excepts = rest.get("Exceptions").map(Node::members).unwrap_or_default();
    if excepts.iter().any(|(_, except)| !except.items().is_empty()) {
        return Err("a mute has no exceptions; write mutes of what is left".to_owned());
    }
    let mut found = MuteMatch::default();
    if account != "*" {
        found.account = vec![exact(account)];
    }
    if check != "*" {
        found.rule = rules(check, metas)?;
    }
    found.region = anywhere(&texts("Regions"), str::to_owned)?;
    found.resource = anywhere(&texts("Resources"), |text| format!("*{text}*"))?;
    for text in texts("Tags") {
        if text != "*" {
            let (key, value) =
                tag(&text).ok_or_else(|| format!("the tag `{text}` says more than key=value"))?;
            if found.tags.insert(key, value).is_some() {
                return Err(format!("the tag of `{text}` is asked for twice"));
            }
        }
    }
    Ok(found)
}

/// The rules that stand for a check, or for the checks that an expression means.
fn rules(check: &str, metas: &[Meta]) -> Result<Vec<String>, String> {
    // Early names of one service's checks began otherwise.
    let check = match check.strip_prefix("lambda") {
        Some(rest) => format!("awslambda{rest}"),
        None => check.to_owned(),
    };
    let pattern = if check.chars().all(is_plain) {
        Pattern::new(&check)
    } else if let Some(service) = check.strip_suffix("_*").filter(|service| service.chars().all(is_plain)) {
        Pattern::new(&format!("{service}_*"))
    } else {
        Pattern::new(&expression(&check)?)
    };
    let pattern = pattern.map_err(|why| format!("the check: {why}"))?;
    let rules = equivalents(metas, "prowler", |id| pattern.matches(id));
    if rules.is_empty() { Err("no rule here is the same as the check".to_owned()) } else { Ok(rules) }
}

/// Expressions of which one has to match somewhere; nothing where one matches everything. A plain text is said by `plain`.
fn anywhere(texts: &[String], plain: impl Fn(&str) -> String) -> Result<Vec<String>, String> {
    if texts.is_empty() {
        return Err("it names no region, or no resource, so that it mutes nothing".to_owned());
    }
    let mut found = Vec::new();
    for text in texts {
        if matches!(text.as_str(), "*" | ".*" | "^.*$") {
            return Ok(Vec::new());
        }
        let pattern = if text.chars().all(is_plain) { plain(text) } else { expression(text)? };
        Pattern::new(&pattern).map_err(|why| format!("`{text}`: {why}"))?;
        found.push(pattern);
    }
    Ok(found)
}

/// An expression that matches anywhere, as one of the whole text. There a name stands alone, here at the end of an ARN.
fn expression(text: &str) -> Result<String, String> {
    let text = match text.strip_prefix('*') {
        Some(rest) => format!(".*{rest}"),
        None => text.to_owned(),
    };
    // Alone first: a parenthesis too many must not reach what stands around it.
    Pattern::new(&format!("re:{text}")).map_err(|why| format!("`{text}`: {why}"))?;
    let (before, text) = match text.strip_prefix('^') {
        Some(rest) => (r"(?:.*[:/])?", rest.to_owned()),
        None => (".*", text),
    };
    let (text, behind) = match text.strip_suffix('$').filter(|rest| !rest.ends_with('\\')) {
        Some(rest) => (rest, ""),
        None => (text.as_str(), ".*"),
    };
    Ok(format!("re:(?s){before}(?:{text}){behind}"))
}

/// `key=value`, or several of one key with `|` between.
fn tag(text: &str) -> Option<(String, String)> {
    let mut key = None;
    let mut values = Vec::new();
    for part in text.split('|') {
        let (name, value) = part.trim().split_once('=')?;
        let is_other = key.replace(name).is_some_and(|other| other != name);
        if is_other
            || name.is_empty()
            || !(name.chars().all(is_plain) && value.chars().all(|each| is_plain(each) || each == '.'))
        {
            return None;
        }
        values.push(value);
    }
    let value = match values.as_slice() {
        [one] => exact(one),
        several => {
            format!("re:{}", several.iter().map(|value| regex::escape(value)).collect::<Vec<_>>().join("|"))
        }
    };
    Some((key?.to_owned(), value))
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || PLAIN.contains(&character)
}
