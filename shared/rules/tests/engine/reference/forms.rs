//! The forms of one wanted value, by definition: placeholders, dashes and encodings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Rule;

use super::World;
use super::globs::{Glob, globs};
use super::values::Modifiers;

const ENCODINGS: &[&str] = &["base64", "base64offset", "utf16", "utf16le", "utf16be", "wide"];

/// The values that a value stands for: placeholders filled in.
pub(super) fn expanded(wanted: &Rule, modifiers: &Modifiers, world: World<'_>) -> Vec<Rule> {
    let (Rule::String(text), true) = (wanted, modifiers.has("expand")) else { return vec![wanted.clone()] };
    let mut texts = vec![text.clone()];
    for (name, values) in world.placeholders {
        let place = format!("%{name}%");
        let filled = |text: &String| {
            if text.contains(&place) {
                values.iter().map(|value| text.replace(&place, value)).collect()
            } else {
                vec![text.clone()]
            }
        };
        texts = texts.iter().flat_map(filled).collect();
    }
    texts.into_iter().map(Rule::String).collect()
}

/// The forms of a value, one of which has to fit: dashes and encodings worked out.
pub(super) fn forms(wanted: &Rule, modifiers: &Modifiers) -> Vec<Rule> {
    let Rule::String(text) = wanted else { return vec![wanted.clone()] };
    let mut texts = vec![text.clone()];
    if modifiers.has("windash") {
        texts = texts.iter().flat_map(|text| dashes(text)).collect();
    }
    if modifiers.has_one(ENCODINGS) {
        texts = texts.iter().flat_map(|text| encoded(&without_escapes(text), modifiers)).collect();
        texts = texts.iter().map(|text| escaped(text)).collect();
    }
    texts.into_iter().map(Rule::String).collect()
}

/// Each dash or slash at the start of a word may be any of the five that stand there in command lines.
fn dashes(text: &str) -> Vec<String> {
    let is_word = |at: Option<char>| at.is_some_and(|each| each.is_alphanumeric() || each == '_');
    let chars: Vec<char> = text.chars().collect();
    let mut texts = vec![String::new()];
    for (at, each) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at).copied());
        let is_option = matches!(each, '-' | '/') && !is_word(before) && is_word(chars.get(at + 1).copied());
        let forms = if is_option { vec!['-', '/', '–', '—', '―'] } else { vec![*each] };
        texts = texts.iter().flat_map(|text| forms.iter().map(move |form| format!("{text}{form}"))).collect();
    }
    texts
}

fn encoded(text: &str, modifiers: &Modifiers) -> Vec<String> {
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bytes = if modifiers.has("utf16") {
        vec![[b"\xff\xfe".to_vec(), little].concat(), [b"\xfe\xff".to_vec(), big].concat()]
    } else if modifiers.has_one(&["utf16le", "wide"]) {
        vec![little]
    } else if modifiers.has("utf16be") {
        vec![big]
    } else {
        vec![text.as_bytes().to_vec()]
    };
    match () {
        () if modifiers.has("base64offset") => {
            let forms = bytes.iter().flat_map(|bytes| (0..3).map(|before| inside(bytes, before)));
            forms.filter(|form| !form.is_empty()).collect()
        }
        () if modifiers.has("base64") => bytes.iter().map(|bytes| STANDARD.encode(bytes)).collect(),
        () => bytes.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect(),
    }
}

/// What of the base64 of these bytes does not change whatever stands before and behind them.
fn inside(bytes: &[u8], before: usize) -> String {
    let behind = 3 + (6 - before - bytes.len() % 3) % 3;
    let encode = |filler: u8| STANDARD.encode([&vec![filler; before], bytes, &vec![filler; behind]].concat());
    let (one, other) = (encode(0), encode(255));
    let pairs = || one.chars().zip(other.chars());
    let changed = pairs().take_while(|(one, other)| one != other).count();
    pairs().skip(changed).take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
}

/// The text with its escapes undone and its wildcards as they are written.
fn without_escapes(text: &str) -> String {
    let characters = globs(text).into_iter().map(|each| match each {
        Glob::Char(each) => each,
        Glob::One => '?',
        Glob::Any => '*',
    });
    characters.collect()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for each in text.chars() {
        if matches!(each, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(each);
    }
    escaped
}
