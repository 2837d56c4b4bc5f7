//! The two inner loops of the parser: to the end of a string, and over white space.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// A word whose high bits mark the bytes of `word` that equal `byte`; the lowest mark is exact.
const fn marks(word: u64, byte: u8) -> u64 {
    let difference = word ^ (LOW * byte as u64);
    difference.wrapping_sub(LOW) & !difference & HIGH
}

/// The offset, at or after `from`, of the next quotation mark or backslash; eight bytes are looked at together.
pub(super) fn quote_or_backslash(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    let mut rest = bytes.get(from..)?;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*head);
        let found = marks(word, b'"') | marks(word, b'\\');
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
        rest = tail;
    }
    rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).map(|offset| at + offset)
}

/// Whether a string of these bytes would need escapes: for a quotation mark, a backslash or a control character.
pub(super) fn has_special(bytes: &[u8]) -> bool {
    let is_special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    let mut rest = bytes;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*head);
        let controls = word.wrapping_sub(LOW * 0x20) & !word & HIGH;
        if marks(word, b'"') | marks(word, b'\\') | controls != 0 {
            // The marks of a word show that there is one, and of those behind the first not which.
            return head.iter().any(is_special) || has_special(tail);
        }
        rest = tail;
    }
    rest.iter().any(is_special)
}

/// The offset, at or after `from`, of the next byte that is not JSON white space.
pub(super) fn past_space(bytes: &[u8], from: usize) -> usize {
    let Some(rest) = bytes.get(from..) else { return bytes.len() };
    match rest.first() {
        Some(byte) if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') => from,
        _ => rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
            .map_or(bytes.len(), |offset| from + offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_escapes_is_seen_at_every_offset() {
        for length in 0..20 {
            let mut text = vec![b'x'; length];
            assert!(!has_special(&text));
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    text[at] = byte;
                    assert_eq!(
                        has_special(&text),
                        byte < b' ' || byte == b'"' || byte == b'\\',
                        "{byte} at {at}"
                    );
                }
                text[at] = b'x';
            }
        }
    }

    #[test]
    fn the_first_quote_or_backslash_is_found_at_every_offset() {
        for length in 0..40 {
            let mut text = vec![b'x'; length];
            assert_eq!(quote_or_backslash(&text, 0), None);
            for at in 0..length {
                for mark in [b'"', b'\\'] {
                    text[at] = mark;
                    assert_eq!(quote_or_backslash(&text, 0), Some(at), "length {length}, offset {at}");
                    text[at] = 0x80 | mark;
                    assert_eq!(quote_or_backslash(&text, 0), None, "a high bit is no match");
                    text[at] = b'x';
                }
            }
        }
    }
}
