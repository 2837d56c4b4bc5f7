//! Text that somebody else wrote.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::json::{Document, ParseError};

/// Text that came from an event or a resource, so that whoever made the call chose it: a user agent, a tag, a
/// session name. It has no `Display`: a sink shows it only through its own [`Encoder`].
///
/// Serialising is safe by itself, because JSON escapes what it writes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(String);

/// How one kind of sink makes text harmless: a terminal, an e-mail, a page.
pub trait Encoder {
    /// The text, so that nothing in it acts in the sink.
    fn encode(&self, text: &str) -> String;
}

/// Whether `character` can act on what shows it, or cannot be seen: a control character, a line or paragraph
/// separator, a mark that turns the direction of text, or one that has no width. Every encoder replaces these.
///
/// They are `General_Category` Cc, Zl and Zp, the interlinear annotation marks, and all of
/// `Default_Ignorable_Code_Point` (which holds every `Bidi_Control`) of the Unicode Character Database:
/// <https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>. The attack is
/// <https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>.
pub const fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

impl Untrusted {
    /// Marks `text` as somebody else's.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as a part of what an id is hashed of; it is shown nowhere.
    pub(crate) fn key(&self) -> &str {
        &self.0
    }

    /// The text, or its first `bytes` bytes at most.
    #[must_use]
    pub fn start(&self, bytes: usize) -> Self {
        Self(self.0.get(..self.0.floor_char_boundary(bytes)).unwrap_or_default().to_owned())
    }

    /// Whether the text begins so.
    pub fn begins_with(&self, text: &str) -> bool {
        self.0.starts_with(text)
    }

    /// Which of `parts` equal parts the text falls into, told by its digest: the same for ever.
    pub fn part(&self, parts: u32) -> u32 {
        let digest = Sha256::digest(self.0.as_bytes());
        let number = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        number.checked_rem(parts).unwrap_or_default()
    }

    /// The text as `encoder` shows it.
    pub fn encode(&self, encoder: &impl Encoder) -> String {
        encoder.encode(&self.0)
    }

    /// The text read as JSON, for text that was kept as such.
    ///
    /// # Errors
    /// When it is none.
    pub fn to_document(&self) -> Result<Document, ParseError> {
        Document::parse(self.0.as_str())
    }

    /// Whether there is any text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Untrusted {
    /// With escapes, so that a log line or a failed assertion cannot be forged.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_or_hides_is_deceptive_and_what_people_write_is_not() {
        let acts = "\0\u{7}\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{2028}\u{2029}";
        let turns = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}";
        let hides = "\u{ad}\u{200b}\u{200d}\u{2060}\u{feff}\u{fe0f}\u{e0041}";
        for character in [acts, turns, hides].concat().chars() {
            assert!(is_deceptive(character), "{character:?}");
        }
        for character in " ~aÄßж中é€\u{a0}\u{3000}😀".chars() {
            assert!(!is_deceptive(character), "{character:?}");
        }
        assert!(('\0'..=char::MAX).filter(|character| character.is_control()).all(is_deceptive));
    }
}
