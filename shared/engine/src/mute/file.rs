//! Mutes in YAML: a list under `mutes:`.

use std::collections::{BTreeMap, HashMap};

use model::{Mute, MuteMatch, Timestamp, Untrusted};
use rules::tree::{Data, Key, Node};
use rules::{Code, Place, RuleError, unknown_key};

use super::mistakes;

const KEYS: &[&str] = &["id", "match", "reason", "owner", "ticket", "created", "expires"];
const MATCH_KEYS: &[&str] = &["rule", "account", "region", "resource", "tags", "principal"];

/// The mutes of a file, and everything that is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// Those that can be used.
    pub mutes: Vec<Mute>,
    /// What is wrong, with its place.
    pub errors: Vec<RuleError>,
}

/// Reads the mutes of the YAML `text`; `origin` names the file in errors. A mute without `created` is as old as `now`.
pub fn read(text: &str, origin: &str, now: Timestamp) -> Read {
    let mut read = Read::default();
    let documents = match Node::from_yaml(text) {
        Ok(documents) => documents,
        Err(error) => {
            read.errors.push(error.in_file(origin));
            return read;
        }
    };
    let mut places: HashMap<String, Place> = HashMap::new();
    for document in &documents {
        let Data::Map(members) = &document.data else {
            read.errors.push(RuleError::new(
                Code::WrongDocument,
                document.place,
                "no map",
                "write `mutes:` and a list below it",
            ));
            continue;
        };
        for (key, list) in members {
            if key.text != "mutes" {
                read.errors.push(unknown_key(key, &["mutes"]));
                continue;
            }
            for node in list.items() {
                let mut errors = Vec::new();
                let mute = one(node, now, &mut errors);
                if let Some(first) =
                    places.insert(mute.id.clone(), node.place).filter(|_| !mute.id.is_empty())
                {
                    let problem = format!("the id `{}` stands in line {} already", mute.id, first.line);
                    errors.push(RuleError::new(
                        Code::DuplicateId,
                        node.place,
                        problem,
                        "give each mute an id of its own",
                    ));
                }
                if errors.is_empty() {
                    read.mutes.push(mute);
                }
                read.errors.append(&mut errors);
            }
        }
    }
    read.errors = std::mem::take(&mut read.errors).into_iter().map(|error| error.in_file(origin)).collect();
    read
}

/// Reads one mute, and notes what is wrong with it.
fn one(node: &Node, now: Timestamp, errors: &mut Vec<RuleError>) -> Mute {
    let mut places = HashMap::new();
    let mut mute = Mute {
        id: String::new(),
        matches: MuteMatch::default(),
        reason: Untrusted::default(),
        owner: Untrusted::default(),
        ticket: None,
        created: now,
        expires: now,
        created_by: Untrusted::default(),
    };
    if !matches!(node.data, Data::Map(_)) {
        errors.push(RuleError::new(
            Code::WrongShape,
            node.place,
            "no mute",
            "write `id:`, `match:`, `reason:`, `owner:`, `expires:`",
        ));
        return mute;
    }
    for (key, value) in node.members() {
        places.insert(key.text.clone(), value.place);
        let mut text = || text(key, value, errors);
        match key.text.as_str() {
            "id" => mute.id = text(),
            "reason" => mute.reason = Untrusted::new(text()),
            "owner" => mute.owner = Untrusted::new(text()),
            "ticket" => mute.ticket = Some(Untrusted::new(text())),
            "created" => mute.created = time(value, errors).unwrap_or(now),
            "expires" => mute.expires = time(value, errors).unwrap_or(now),
            "match" => mute.matches = matches(value, &mut places, errors),
            _ => errors.push(unknown_key(key, KEYS)),
        }
    }
    for needed in ["id", "match", "reason", "owner", "expires"] {
        if !places.contains_key(needed) {
            let problem = format!("`{needed}` is missing");
            errors.push(RuleError::new(Code::WrongShape, node.place, problem, format!("add `{needed}:`")));
        }
    }
    // What is missing, or no text at all, was said.
    if errors.is_empty() {
        errors.extend(mistakes(&mute, now).into_iter().map(|mistake| {
            let place = places.get(&mistake.field).copied().unwrap_or(node.place);
            RuleError::new(
                Code::WrongShape,
                place,
                format!("{}: {}", mistake.field, mistake.problem),
                mistake.remedy,
            )
        }));
    }
    mute
}

fn matches(node: &Node, places: &mut HashMap<String, Place>, errors: &mut Vec<RuleError>) -> MuteMatch {
    let mut found = MuteMatch::default();
    if !matches!(node.data, Data::Map(_)) {
        errors.push(RuleError::new(
            Code::WrongShape,
            node.place,
            "`match` is no map",
            "write fields below it, such as `rule:`",
        ));
    }
    for (key, value) in node.members() {
        places.insert(format!("match.{}", key.text), value.place);
        match key.text.as_str() {
            "rule" => found.rule = patterns(key, value, errors),
            "account" => found.account = patterns(key, value, errors),
            "region" => found.region = patterns(key, value, errors),
            "resource" => found.resource = patterns(key, value, errors),
            "principal" => found.principal = patterns(key, value, errors),
            "tags" => found.tags = tags(value, places, errors),
            _ => errors.push(unknown_key(key, MATCH_KEYS)),
        }
    }
    found
}

fn patterns(key: &Key, node: &Node, errors: &mut Vec<RuleError>) -> Vec<String> {
    if node.items().is_empty() {
        let problem = format!("`{}` is empty", key.text);
        errors.push(RuleError::new(
            Code::EmptyList,
            node.place,
            problem,
            "name something, or take the line away",
        ));
    }
    node.items().iter().map(|item| text(key, item, errors)).collect()
}

fn tags(
    node: &Node,
    places: &mut HashMap<String, Place>,
    errors: &mut Vec<RuleError>,
) -> BTreeMap<String, String> {
    if !matches!(node.data, Data::Map(_)) {
        errors.push(RuleError::new(
            Code::WrongShape,
            node.place,
            "`tags` is no map",
            "write `key: value` below it",
        ));
    }
    let members = node.members().iter();
    members
        .map(|(key, value)| {
            places.insert(format!("match.tags.{}", key.text), value.place);
            (key.text.clone(), text(key, value, errors))
        })
        .collect()
}

fn text(key: &Key, node: &Node, errors: &mut Vec<RuleError>) -> String {
    node.text().unwrap_or_else(|| {
        let problem = format!("`{}` is no text", key.text);
        errors.push(RuleError::new(
            Code::WrongShape,
            node.place,
            problem,
            "write one text, in quotes where it is odd",
        ));
        String::new()
    })
}

fn time(node: &Node, errors: &mut Vec<RuleError>) -> Option<Timestamp> {
    let found = node.text().as_deref().and_then(day);
    if found.is_none() {
        let remedy = "write a day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z";
        errors.push(RuleError::new(Code::WrongShape, node.place, "no day", remedy));
    }
    found
}

/// Reads a day, which begins at midnight UTC, or a time.
pub fn day(text: &str) -> Option<Timestamp> {
    let is_day = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_day { format!("{text}T00:00:00Z").parse().ok() } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-25T08:00:00Z".parse().unwrap()
    }

    const GOOD: &str = "\
mutes:
  - id: website
    match: { rule: [s3-bucket-public-read, s3-*-acl], resource: 'arn:aws:s3:::www-*', account: 012345678901, tags: { team: web } }
    reason: it is the website
    owner: web@example.com
    created: 2026-11-01
    expires: 2027-01-31
";

    #[test]
    fn a_mute_is_read_as_it_was_written() {
        let read = read(GOOD, "mutes.yaml", now());
        assert_eq!(read.errors, []);
        let mute = &read.mutes[0];
        assert_eq!(mute.matches.rule, ["s3-bucket-public-read", "s3-*-acl"]);
        assert_eq!(mute.matches.account, ["012345678901"], "a zero in front stays");
        assert_eq!(mute.matches.tags["team"], "web");
        assert_eq!(mute.expires, "2027-01-31T00:00:00Z".parse().unwrap());
    }

    fn errors(text: &str) -> Vec<String> {
        read(text, "m.yaml", now()).errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_mistake_has_its_place_and_a_remedy() {
        let cases = [
            (GOOD.replace("reason:", "raeson:"), "m.yaml:4:5: unknown key `raeson`; did you mean `reason`?"),
            (
                GOOD.replace("    owner: web@example.com\n", ""),
                "m.yaml:2:5: `owner` is missing; add `owner:`",
            ),
            (
                GOOD.replace("2027-01-31", "2027-13-31"),
                "m.yaml:7:14: no day; write a day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z",
            ),
            (
                GOOD.replace("2027-01-31", "2028-01-31"),
                "m.yaml:7:14: expires: it is 456 days ahead; write a day at most 365 days ahead, and decide anew then",
            ),
            (
                GOOD.replace("[s3-bucket-public-read, s3-*-acl]", "'*'")
                    .replace("'arn:aws:s3:::www-*'", "'re:.*'"),
                "m.yaml:3:12: match: it matches every rule and every resource; name a rule or a resource by more than `*`",
            ),
            (
                GOOD.replace("'arn:aws:s3:::www-*'", "'re:www('"),
                "m.yaml:3:65: match.resource: no regular expression: unclosed group; write the whole text, with `*` and `?`, or an expression behind `re:`",
            ),
            ("mutes: [{}]".to_owned(), "m.yaml:1:9: `id` is missing; add `id:`"),
            ("- a".to_owned(), "m.yaml:1:1: no map; write `mutes:` and a list below it"),
            (
                format!("{GOOD}{}", GOOD.replace("mutes:\n", "")),
                "m.yaml:8:5: the id `website` stands in line 2 already; give each mute an id of its own",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(errors(&text).first().map(String::as_str), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_mute_that_is_wrong_does_not_harm_its_neighbour() {
        let other = GOOD.replace("mutes:\n", "").replace("website", "other").replace("expires:", "until:");
        let read = read(&format!("{GOOD}{other}"), "m.yaml", now());
        assert_eq!(read.mutes.len(), 1);
        assert!(!read.errors.is_empty());
    }

    #[test]
    fn a_mute_holds_for_a_year_at_most() {
        let at = |expires: &str| errors(&GOOD.replace("2027-01-31", expires)).len();
        assert_eq!(at("2027-11-01"), 0);
        assert_eq!(at("2027-11-01T00:00:01Z"), 1);
        assert_eq!(at("2026-11-01"), 1);
        assert_eq!(at("2026-11-01T00:00:01Z"), 0, "one that is over is no mistake");
    }
}
