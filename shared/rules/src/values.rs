//! What a value in a rule becomes before it is compared: placeholders filled in, dashes, base64 and UTF-16 forms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::compile::NotCompiled;
use crate::detection::Literal;
use crate::expr::Substring;
use crate::modifier::{Field, Modifier};
use crate::pattern::{Part, dashes, parts, shown};
use crate::settings::Settings;

/// The value, or what its placeholders stand for where the field has `expand`.
pub(crate) fn expanded(
    literal: &Literal,
    field: &Field,
    settings: &Settings,
) -> Result<Vec<Literal>, NotCompiled> {
    let Literal::Text(text) = literal else { return Ok(vec![literal.clone()]) };
    if !field.has(Modifier::Expand) {
        return Ok(vec![literal.clone()]);
    }
    let mut texts = vec![String::new()];
    let mut rest = text.as_str();
    while let Some((before, name, after)) = placeholder(rest) {
        let values = settings.get(name).ok_or_else(|| NotCompiled::Needs(name.to_owned()))?;
        texts = texts
            .iter()
            .flat_map(|start| values.iter().map(move |value| format!("{start}{before}{value}")))
            .collect();
        rest = after;
    }
    Ok(texts.into_iter().map(|start| Literal::Text(format!("{start}{rest}"))).collect())
}

/// The first `%name%`, with what stands before and behind it.
pub(crate) fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('%').find_map(|(at, _)| {
        let (before, from) = text.split_at(at);
        let (name, after) = from.strip_prefix('%')?.split_once('%')?;
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then_some((before, name, after))
    })
}

/// Every form that the modifiers give a text, split at its wildcards.
pub(crate) fn forms(text: &str, field: &Field) -> Result<Vec<Vec<Part>>, String> {
    let texts = if field.has(Modifier::Windash) { dashes(text)? } else { vec![text.to_owned()] };
    let encodes =
        [Modifier::Base64, Modifier::Base64Offset, Modifier::Utf16, Modifier::Utf16Le, Modifier::Utf16Be];
    if !encodes.iter().any(|modifier| field.has(*modifier)) {
        return Ok(texts.iter().map(|text| parts(text)).collect());
    }
    let mut forms = Vec::new();
    for text in texts {
        let text = shown(&parts(&text));
        for bytes in utf16_forms(&text, field) {
            if field.has(Modifier::Base64Offset) {
                // At one offset nothing of a single byte is sure, and an empty form would fit every text.
                forms.extend(base64_offsets(&bytes).into_iter().filter(|form| !form.is_empty()));
            } else if field.has(Modifier::Base64) {
                forms.push(STANDARD.encode(&bytes));
            } else {
                forms.push(String::from_utf8(bytes).map_err(|_| format!("`{text}` in UTF-16 is no text"))?);
            }
        }
    }
    Ok(forms.into_iter().map(|form| vec![Part::Text(form)]).collect())
}

/// The bytes of a text in the encodings that the field asks for; UTF-8 where it asks for none.
fn utf16_forms(text: &str, field: &Field) -> Vec<Vec<u8>> {
    let little = || text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = || text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    if field.has(Modifier::Utf16) {
        // With a byte order mark, either way round.
        return vec![
            [&[0xff, 0xfe], little().as_slice()].concat(),
            [&[0xfe, 0xff], big().as_slice()].concat(),
        ];
    }
    if field.has(Modifier::Utf16Le) {
        return vec![little()];
    }
    if field.has(Modifier::Utf16Be) {
        return vec![big()];
    }
    vec![text.as_bytes().to_vec()]
}

/// How `bytes` look inside base64 of a longer text, at each of the three offsets; the characters that neighbours
/// could change are left out.
fn base64_offsets(bytes: &[u8]) -> Vec<String> {
    (0..3_usize)
        .map(|offset| {
            let padded = [vec![0; offset], bytes.to_vec()].concat();
            let encoded = STANDARD.encode(&padded);
            let start = [0, 2, 3].get(offset).copied().unwrap_or_default();
            let end = match padded.len() % 3 {
                0 => encoded.len(),
                1 => encoded.len().saturating_sub(3),
                _ => encoded.len().saturating_sub(2),
            };
            encoded.get(start..end).unwrap_or_default().to_owned()
        })
        .collect()
}

/// The parts, with any text allowed where the comparison does not reach.
pub(crate) fn part_of(mut parts: Vec<Part>, substring: Substring) -> Vec<Part> {
    if matches!(substring, Substring::End | Substring::Anywhere) {
        parts.insert(0, Part::Any);
    }
    if matches!(substring, Substring::Start | Substring::Anywhere) {
        parts.push(Part::Any);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;

    fn field(key: &str) -> Field {
        Field::parse(key, Place::default()).unwrap()
    }

    fn texts(key: &str, text: &str) -> Vec<String> {
        forms(text, &field(key))
            .unwrap()
            .into_iter()
            .map(|parts| match parts.as_slice() {
                [Part::Text(text)] => text.clone(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn base64_at_every_offset_is_found_in_longer_texts() {
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "x", "xy"] {
                let encoded = STANDARD.encode(format!("{before}http://evil{after}"));
                let found =
                    texts("f|base64offset|contains", "http://evil").iter().any(|form| encoded.contains(form));
                assert!(found, "{before}..{after}");
            }
        }
    }

    #[test]
    fn encodings_stack() {
        assert_eq!(texts("f|wide|base64", "ab"), [STANDARD.encode(b"a\0b\0")]);
        assert_eq!(texts("f|utf16be|base64", "a"), [STANDARD.encode(b"\0a")]);
        assert_eq!(texts("f|utf16|base64", "a").len(), 2);
        assert_eq!(texts("f|base64", "a*b"), [STANDARD.encode(b"a*b")]);
        assert_eq!(texts("f|base64", r"a\\b\*"), [STANDARD.encode(br"a\b*")]);
    }

    #[test]
    fn placeholders_are_filled_in_or_missed() {
        let settings = Settings::default().with("x", ["1", "2"]).with("y", ["a", "b"]);
        let expand = |text: &str| expanded(&Literal::Text(text.into()), &field("f|expand"), &settings);
        let texts = |text: &str| {
            expand(text).unwrap().into_iter().map(|each| format!("{each:?}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(texts("%x%"), r#"Text("1") Text("2")"#);
        assert_eq!(texts("p-%x%-%y%"), r#"Text("p-1-a") Text("p-1-b") Text("p-2-a") Text("p-2-b")"#);
        assert_eq!(texts("100%"), r#"Text("100%")"#);
        assert_eq!(texts("100% of %x%"), r#"Text("100% of 1") Text("100% of 2")"#);
        assert_eq!(texts("%trusted_accounts%"), "");
        assert_eq!(expand("%z%"), Err(NotCompiled::Needs("z".into())));
    }
}
