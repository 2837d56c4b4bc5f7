//! JSON strings: undoing escapes, and writing them.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::scan::has_special;

/// The text of a JSON string, escapes undone. What is no Unicode becomes U+FFFD, so that it can be judged.
pub fn unescape(raw: &[u8]) -> Cow<'_, str> {
    if !raw.contains(&b'\\') {
        return String::from_utf8_lossy(raw);
    }
    let lossy = String::from_utf8_lossy(raw);
    let mut text = String::with_capacity(lossy.len());
    let mut rest = lossy.as_ref();
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        text.push_str(plain);
        let mut chars = escape.chars();
        chars.next();
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('u') => {
                let (decoded, after) = unicode(chars.as_str());
                text.push(decoded);
                rest = after;
                continue;
            }
            Some(other) => text.push(other),
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Decodes what follows `\u`: one code unit, or a surrogate pair.
fn unicode(after: &str) -> (char, &str) {
    let Some((first, rest)) = code_unit(after) else { return (char::REPLACEMENT_CHARACTER, after) };
    if let Some(character) = char::from_u32(first) {
        return (character, rest);
    }
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = rest.strip_prefix("\\u")
        && let Some((low, rest)) = code_unit(second)
        && (0xdc00..0xe000).contains(&low)
        && let Some(character) = char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00))
    {
        return (character, rest);
    }
    (char::REPLACEMENT_CHARACTER, rest)
}

fn code_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok().map(|unit| (unit, rest))
}

/// Appends `text` to `json` as a quoted JSON string.
pub fn escape_into(json: &mut String, text: &str) {
    json.push('"');
    if !has_special(text.as_bytes()) {
        json.push_str(text);
        json.push('"');
        return;
    }
    let mut rest = text;
    // Runs of plain text are copied as they stand. Only ASCII is escaped, so that every split is between characters.
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let (plain, from) = rest.split_at(at);
        json.push_str(plain);
        let (escaped, after) = from.split_at(1);
        match escaped {
            "\"" => json.push_str("\\\""),
            "\\" => json.push_str("\\\\"),
            "\n" => json.push_str("\\n"),
            "\r" => json.push_str("\\r"),
            "\t" => json.push_str("\\t"),
            "\u{8}" => json.push_str("\\b"),
            "\u{c}" => json.push_str("\\f"),
            control => {
                for byte in control.bytes() {
                    // Writing to a String cannot go wrong.
                    let _ = write!(json, "\\u{byte:04x}");
                }
            }
        }
        rest = after;
    }
    json.push_str(rest);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_undone_and_what_is_no_text_is_marked() {
        for (raw, text) in [
            (&br"plain"[..], "plain"),
            (br#"a\"b\\c\/d"#, "a\"b\\c/d"),
            (br"\n\t\r\b\f", "\n\t\r\u{8}\u{c}"),
            (br"\u0041\u00e9", "A\u{e9}"),
            (br"\ud83d\ude00", "\u{1f600}"),
            (br"\ud800", "\u{fffd}"),
            (br"\ud800\u0041", "\u{fffd}A"),
            (br"\udc00x", "\u{fffd}x"),
            (br"\u12", "\u{fffd}12"),
            (br"\u+123", "\u{fffd}+123"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
            (b"\xff\\n", "\u{fffd}\n"),
        ] {
            assert_eq!(unescape(raw), text, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in ".*") {
            let mut json = String::new();
            escape_into(&mut json, &text);
            prop_assert_eq!(unescape(&json.as_bytes()[1..json.len() - 1]), text.clone());
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
