//! Text that ends up on a terminal.

use std::fmt::Write;

use model::{Encoder, is_deceptive};

/// Makes somebody else's text harmless on a terminal: what could move the cursor, colour, set the clipboard (OSC 52),
/// turn the direction of text or hide is shown as an escape (`\u{1b}`), and long text is cut.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// The most characters that are shown.
    pub longest: usize,
}

impl Encoder for Terminal {
    fn encode(&self, text: &str) -> String {
        let mut shown = String::new();
        let mut room = self.longest;
        for character in text.chars() {
            let piece = if is_deceptive(character) {
                character.escape_default().to_string()
            } else {
                character.to_string()
            };
            let length = piece.chars().count();
            if length > room {
                shown.push('…');
                break;
            }
            room -= length;
            shown.push_str(&piece);
        }
        shown
    }
}

/// `json` with every deceptive character as a `\u` escape, which means the same to every reader of JSON.
///
/// JSON itself only escapes C0 controls (RFC 8259, section 7). C1 controls, which some terminals obey, and the marks
/// that turn text would pass. In JSON these only ever stand within strings; line feeds only between values.
pub fn escape_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || !is_deceptive(character) {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_is_shown_instead() {
        let shown = Terminal { longest: 200 }
            .encode("a\u{1b}[2J\u{1b}]52;c;eA==\u{7}\r\n\u{9b}1m\u{202e}b\u{200b}é中");
        assert_eq!(shown, r"a\u{1b}[2J\u{1b}]52;c;eA==\u{7}\r\n\u{9b}1m\u{202e}b\u{200b}é中");
    }

    #[test]
    fn long_text_is_cut_and_no_escape_is_cut_in_two() {
        assert_eq!(Terminal { longest: 4 }.encode("abcd"), "abcd");
        assert_eq!(Terminal { longest: 4 }.encode("abcde"), "abcd…");
        assert_eq!(Terminal { longest: 4 }.encode("ab\u{1b}"), "ab…");
    }

    #[test]
    fn escaped_json_means_the_same() {
        let text = "\u{7f}\u{9b}\u{202e}\u{e0041}é😀\n\"";
        let json = escape_json(&serde_json::to_string_pretty(&[text]).unwrap());
        assert_eq!(json, "[\n  \"\\u007f\\u009b\\u202e\\udb40\\udc41é😀\\n\\\"\"\n]");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
    }
}
