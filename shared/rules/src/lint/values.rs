//! Warnings about the values of one field.

use std::collections::BTreeSet;

use super::{About, Warnings};
use crate::calendar::Unit;
use crate::code::Code;
use crate::error::Place;
use crate::near::{distance, nearest};
use crate::settings::EMPTY_UNLESS_SET;
use crate::tree::{Data, Node};
use crate::values::placeholder;

/// A field of a search with its modifiers and values.
#[derive(Debug)]
pub(super) struct Leaf<'n> {
    pub(super) key: &'n str,
    pub(super) path: &'n str,
    pub(super) modifiers: Vec<&'n str>,
    pub(super) place: Place,
    values: &'n [Node],
    is_null: bool,
    in_scope: bool,
}

/// Fields of a record that have one value.
const SINGLE: &[&str] = &[
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "eventType",
    "recipientAccountId",
    "userIdentity.type",
    "userIdentity.arn",
    "userIdentity.userName",
    "userIdentity.accountId",
    "userIdentity.invokedBy",
    "eventCategory",
];

impl<'n> Leaf<'n> {
    pub(super) fn new(key: &'n str, place: Place, value: &'n Node, in_scope: bool) -> Self {
        let mut parts = key.split('|').map(str::trim);
        let path = parts.next().unwrap_or_default();
        let is_null = value.data == Data::Null || value.items().iter().any(|item| item.data == Data::Null);
        Self { key, path, modifiers: parts.collect(), place, values: value.items(), is_null, in_scope }
    }

    fn has(&self, modifier: &str) -> bool {
        self.modifiers.contains(&modifier)
    }

    fn is_part(&self) -> bool {
        ["contains", "startswith", "endswith"].iter().any(|part| self.has(part))
    }

    /// The values that are texts.
    pub(super) fn texts(&self) -> Vec<(&'n Node, String)> {
        self.values.iter().filter_map(|node| Some((node, node.text()?))).collect()
    }

    fn is_single(&self) -> bool {
        !self.in_scope && SINGLE.contains(&self.path)
    }

    /// Whether no value of the field can be what both want.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let absence = |leaf: &Self| {
            (leaf.has("exists") && leaf.texts().iter().all(|(_, text)| text == "false"))
                || (leaf.modifiers.is_empty() && leaf.is_null && leaf.texts().is_empty())
        };
        let presence = |leaf: &Self| {
            !leaf.has("neq")
                && !leaf.is_null
                && if leaf.has("exists") { !absence(leaf) } else { !leaf.values.is_empty() }
        };
        if (absence(self) && presence(other)) || (absence(other) && presence(self)) {
            return true;
        }
        let bound = |leaf: &Self, words: &[&str]| {
            let found = words.iter().any(|word| leaf.has(word));
            leaf.texts().first().filter(|_| found).and_then(|(_, text)| text.parse::<f64>().ok())
        };
        let range = |low: &Self, high: &Self| match (bound(low, &["gt", "gte"]), bound(high, &["lt", "lte"]))
        {
            (Some(from), Some(to)) => self.is_single() && from > to,
            _ => false,
        };
        if range(self, other) || range(other, self) {
            return true;
        }
        // Only a field with one value has to fit both at once.
        if !self.is_single() || self.is_null || other.is_null {
            return false;
        }
        let plain = |leaf: &Self| {
            !leaf.values.is_empty()
                && leaf.modifiers.iter().all(|word| matches!(*word, "contains" | "startswith" | "endswith"))
                && leaf.texts().iter().all(|(_, text)| !text.contains(['*', '?', '\\']))
        };
        let whole = |leaf: &Self| leaf.modifiers.is_empty();
        let (exact, part) = match (whole(self), whole(other)) {
            (true, _) => (self, other),
            (false, true) => (other, self),
            (false, false) => return false,
        };
        plain(exact) && plain(part) && !exact.texts().iter().any(|(_, text)| part.takes(text))
    }

    /// Whether one of the values, without wildcards, fits a text.
    fn takes(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.texts().iter().any(|(_, value)| {
            let value = value.to_lowercase();
            if self.has("contains") {
                text.contains(&value)
            } else if self.has("startswith") {
                text.starts_with(&value)
            } else if self.has("endswith") {
                text.ends_with(&value)
            } else {
                text == value
            }
        })
    }
}

pub(super) fn check(leaf: &Leaf<'_>, about: &About<'_>, warnings: &mut Warnings) {
    let texts = leaf.texts();
    if leaf.is_null && (leaf.is_part() || leaf.has("re") || leaf.has("cidr")) {
        let problem = format!("`{}` with null: null has no parts", leaf.key);
        warnings.add(
            Code::NullPart,
            leaf.place,
            problem,
            format!("write `{}: null` as a search of its own", leaf.path),
        );
    }
    if leaf.has("all") && leaf.values.len() < 2 && !leaf.has("expand") && !about.is_family {
        warnings.add(
            Code::AllOfOne,
            leaf.place,
            format!("`all` in `{}` of one value", leaf.key),
            "leave `all` out",
        );
    }
    if leaf.modifiers == ["all"] && leaf.is_single() && leaf.values.len() > 1 {
        let problem = format!("`{}` cannot be equal to several values at once", leaf.path);
        warnings.add(Code::AllWhole, leaf.place, problem, "leave `all` out, or add `contains`");
    }
    let mut earlier: Vec<String> = Vec::new();
    for (node, text) in &texts {
        let folded = if leaf.has("cased") || leaf.has("re") { text.clone() } else { text.to_lowercase() };
        if earlier.contains(&folded) {
            let problem = format!("the value `{text}` stands there twice");
            warnings.add(Code::DuplicateValue, node.place, problem, "keep one; text compares without case");
        } else if let Some(wider) = covering(leaf, &folded, &texts) {
            let problem = format!("the value `{text}` is covered by {wider}");
            warnings.add(Code::CoveredValue, node.place, problem, "keep the wider one");
        }
        earlier.push(folded);
        one(leaf, node, text, about, warnings);
    }
}

/// A wider value of the same list.
fn covering<'t>(leaf: &Leaf<'_>, text: &str, all: &'t [(&Node, String)]) -> Option<&'t str> {
    let plain = leaf.modifiers.as_slice();
    if !matches!(plain, ["contains" | "startswith" | "endswith"]) || text.contains(['*', '?', '\\']) {
        return None;
    }
    let covers = |other: &str| {
        let other = other.to_lowercase();
        other.len() < text.len()
            && !other.is_empty()
            && match plain {
                ["contains"] => text.contains(&other),
                ["startswith"] => text.starts_with(&other),
                _ => text.ends_with(&other),
            }
    };
    all.iter()
        .map(|(_, other)| other.as_str())
        .find(|other| !other.contains(['*', '?', '\\']) && covers(other))
}

fn one(leaf: &Leaf<'_>, node: &Node, text: &str, about: &About<'_>, warnings: &mut Warnings) {
    let place = node.place;
    let is_text = matches!(node.data, Data::Text(_));
    if leaf.has("expand") {
        expand(leaf, place, text, about, warnings);
    } else if is_text
        && !leaf.has("re")
        && placeholder(text).is_some_and(|(before, _, after)| before.is_empty() && after.is_empty())
    {
        let remedy = format!("write `{}|expand`", leaf.key);
        warnings.add(Code::PlaceholderUnfilled, place, format!("`{text}` is compared as it stands"), remedy);
    }
    if is_text && text.is_empty() && !leaf.is_null && leaf.is_single() && !leaf.has("re") {
        let remedy = "write `null` for an absent field; leave it out otherwise";
        warnings.add(
            Code::EmptyText,
            place,
            format!("`{}` is compared with an empty text", leaf.path),
            remedy,
        );
    }
    if is_text && text.eq_ignore_ascii_case("null") && leaf.is_single() && leaf.modifiers.is_empty() {
        let remedy = "leave the quotes out, if an absent field is meant";
        let problem = format!("`{}` is compared with the text `{text}`", leaf.path);
        warnings.add(Code::NullText, place, problem, remedy);
    }
    if text == "*" && !leaf.has("re") && !leaf.has("cidr") && !leaf.has("expand") {
        let remedy = format!("write `{}|exists: true`", leaf.path);
        warnings.add(Code::MatchesEverything, place, "the value `*` fits everything", remedy);
    } else if text.len() > 1 && !leaf.has("re") && !leaf.has("base64") && !leaf.has("base64offset") {
        let open_start = leaf.has("contains") || leaf.has("endswith");
        let open_end = leaf.has("contains") || leaf.has("startswith");
        if (open_start && text.starts_with('*'))
            || (open_end && text.ends_with('*') && !text.ends_with("\\*"))
        {
            let problem = format!("a `*` at the end of `{text}` does nothing there");
            warnings.add(Code::PartWithWildcard, place, problem, "leave the `*` out");
        }
    }
    if leaf.has("re") {
        regex(leaf, place, text, warnings);
    }
    let unit = leaf.modifiers.iter().find_map(|name| Some((*name, Unit::named(name)?)));
    if let (Some((name, (least, most))), Ok(number)) = (unit, text.parse::<f64>())
        && !(f64::from(least)..=f64::from(most)).contains(&number)
    {
        let remedy = format!("write a number from {least} to {most}");
        warnings.add(Code::NoSuchTime, place, format!("no time has the {name} `{text}`"), remedy);
    }
    if leaf.has("cidr") {
        network(place, text, warnings);
    }
    if about.resource.is_none() && about.is_read && !leaf.in_scope {
        event(leaf, place, text, about, warnings);
    }
}

fn expand(leaf: &Leaf<'_>, place: Place, text: &str, about: &About<'_>, warnings: &mut Warnings) {
    let mut rest = text;
    let mut found = false;
    while let Some((_, name, after)) = placeholder(rest) {
        found = true;
        rest = after;
        let known = &about.world.placeholders;
        if known.is_empty() || known.contains(name) || EMPTY_UNLESS_SET.contains(&name) {
            continue;
        }
        let remedy =
            match nearest(name, known.iter().map(String::as_str).chain(EMPTY_UNLESS_SET.iter().copied())) {
                Some(near) => format!("did you mean `%{near}%`?"),
                None => "set it in trailpost.yaml under `placeholders:`".to_owned(),
            };
        warnings.add(
            Code::UnknownPlaceholder,
            place,
            format!("nothing sets the placeholder `{name}`"),
            remedy,
        );
    }
    if !found {
        let problem = format!("`{}` has nothing to expand in `{text}`", leaf.key);
        warnings.add(
            Code::ExpandNothing,
            place,
            problem,
            "write the placeholder as %name%, or leave `expand` out",
        );
    }
}

fn regex(leaf: &Leaf<'_>, place: Place, text: &str, warnings: &mut Warnings) {
    let special = |each: char| r".^$*+?()[]{}|\".contains(each);
    if !text.is_empty() && !text.contains(special) && !leaf.has("i") && leaf.path != "eventName" {
        let remedy = format!("write `{}|contains: {text}`", leaf.path);
        warnings.add(
            Code::PlainRegex,
            place,
            format!("nothing in `{text}` is special in a regular expression"),
            remedy,
        );
    }
}

fn network(place: Place, text: &str, warnings: &mut Warnings) {
    let Ok(net) = text.parse::<ipnet::IpNet>() else { return };
    if net.prefix_len() == 0 {
        let problem = format!("the network `{text}` holds every address");
        warnings.add(Code::NetworkOfAll, place, problem, "write `exists: true`, or a smaller network");
    } else if net.addr() != net.network() {
        let remedy = format!("write {}", net.trunc());
        warnings.add(
            Code::NetworkHostBits,
            place,
            format!("`{text}` is an address within a network"),
            remedy,
        );
    }
}

/// What is particular to the source and the name of an event.
fn event(leaf: &Leaf<'_>, place: Place, text: &str, about: &About<'_>, warnings: &mut Warnings) {
    let first = text.trim_start_matches('^').chars().next().unwrap_or_default();
    let cased = (leaf.has("re") && !leaf.has("i")) || leaf.has("cased");
    let at_start =
        !leaf.has("contains") && !leaf.has("endswith") && (!leaf.has("re") || text.starts_with('^'));
    match leaf.path {
        "eventName" if cased && at_start && first.is_ascii_lowercase() => {
            let problem = format!("`{text}` begins with a small letter, and names of events do not");
            warnings.add(Code::CaseTrap, place, problem, "begin it with a capital, or compare without case");
        }
        "eventSource"
            if cased && text.contains(|each: char| each.is_ascii_uppercase()) && !text.contains('\\') =>
        {
            let problem = format!("`{text}` has capitals, and sources of events have none");
            warnings.add(Code::CaseTrap, place, problem, "write it in lower case");
        }
        "eventSource" if leaf.modifiers.is_empty() => source(place, text, about, warnings),
        _ => {}
    }
}

/// Sources that no service of AWS has and Trailpost's own events have.
const OWN_SOURCE: &str = "trailpost.engine";

fn source(place: Place, text: &str, about: &About<'_>, warnings: &mut Warnings) {
    if text == OWN_SOURCE || text.contains(['*', '?']) || text.is_empty() {
        return;
    }
    let Some(service) = text.strip_suffix(".amazonaws.com") else {
        let service = text.split('.').next().unwrap_or_default().to_lowercase();
        let remedy = format!("write {service}.amazonaws.com");
        warnings.add(Code::SourceForm, place, format!("`{text}` is no source of events"), remedy);
        return;
    };
    let known = &about.world.events;
    if known.is_empty() || known.contains_key(text) {
        return;
    }
    let services = known.keys().filter_map(|source| source.strip_suffix(".amazonaws.com"));
    // Short names of services differ in a letter.
    if let Some(near) = nearest(service, services.filter(|each| each.len() > 4))
        && distance(near, service) <= 2
    {
        let problem = format!("no service is known to write events as `{text}`");
        warnings.add(Code::UnknownSource, place, problem, format!("did you mean `{near}.amazonaws.com`?"));
    }
}

/// The event that is meant by a name that is nearly it. Verbs make other calls, and so do plurals.
pub(super) fn misspelt_event<'k>(event: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let folded = event.to_lowercase();
    if event.len() < 8
        || event.contains(['*', '?', '%'])
        || known.iter().any(|each| each.to_lowercase() == folded)
    {
        return None;
    }
    let near = nearest(event, known.iter().map(String::as_str))?;
    let verb = |name: &str| -> String {
        let mut letters = name.chars();
        let first = letters.next().into_iter();
        first.chain(letters.take_while(char::is_ascii_lowercase)).collect()
    };
    let is_plural = format!("{near}s") == event || format!("{event}s") == near;
    let is_typo = distance(&near.to_lowercase(), &folded) <= 2;
    // A verb that is known for other calls is no misspelling.
    let known_verb = known.iter().any(|each| verb(each) == verb(event));
    (is_typo && !is_plural && (verb(near) == verb(event) || !known_verb)).then_some(near)
}
