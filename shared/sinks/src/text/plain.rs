//! Text inside a plain-text e-mail.

use std::borrow::Cow;

use model::{Encoder, is_deceptive};

use report::cut;

/// Somebody else's text: nothing in it acts, hides or becomes a link, and it is no longer than so many bytes.
///
/// Mail clients turn into links what has a scheme (`https://`), what looks like a domain (`evil.example`, `www.`), and
/// paths of Windows shares (`\\server`), which send a password hash when followed. So each is broken in the way that
/// people who read alerts know: `https[:]//evil[.]example`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted {
    pub(crate) longest: usize,
}

impl Encoder for Quoted {
    fn encode(&self, text: &str) -> String {
        // A character more than fits, so that the cut is seen; not the megabyte that may follow.
        let start = text.get(..text.floor_char_boundary(self.longest.saturating_add(4))).unwrap_or(text);
        let quoted: String = start
            .char_indices()
            .map(|(at, character)| {
                let next = start.get(at + character.len_utf8()..).unwrap_or_default();
                quote(character, next)
            })
            .collect();
        cut(&quoted, self.longest)
    }
}

/// `character` as it is shown before `next`.
fn quote(character: char, next: &str) -> Cow<'static, str> {
    match character {
        // Browsers take the full stops of Chinese and Japanese for dots of a domain, too (UTS #46, section 2.3).
        '.' | '。' | '．' | '｡' if next.starts_with(char::is_alphabetic) => "[.]".into(),
        ':' if next.starts_with("//") => "[:]".into(),
        // What is made visible starts with a backslash as well.
        '\\' if next.starts_with(|next| next == '\\' || is_deceptive(next)) => "[\\]".into(),
        _ => visible(character),
    }
}

/// What a rule says: its links stay, but nothing in it acts or hides. White space becomes single spaces.
pub(crate) fn tidy(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    cut(&all_visible(&words.join(" ")), longest)
}

/// `text` with nothing in it that acts or hides.
pub(super) fn all_visible(text: &str) -> String {
    text.chars().map(visible).collect()
}

fn visible(character: char) -> Cow<'static, str> {
    if is_deceptive(character) {
        character.escape_default().to_string().into()
    } else {
        character.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quoted(text: &str) -> String {
        Quoted { longest: 200 }.encode(text)
    }

    #[test]
    fn nothing_becomes_a_link() {
        assert_eq!(quoted("https://evil.example/a?b=c.d"), "https[:]//evil[.]example/a?b=c[.]d");
        assert_eq!(quoted("www.evil.рф or evil。com"), "www[.]evil[.]рф or evil[.]com");
        assert_eq!(quoted(r"\\evil\share"), r"[\]\evil\share");
        assert_eq!(quoted("\\\nevil"), r"[\]\nevil");
        assert_eq!(quoted("alice@example.com"), "alice@example[.]com");
    }

    #[test]
    fn what_people_have_to_read_stays() {
        for text in [
            "arn:aws:iam::111122223333:role/Admin",
            "198.51.100.7",
            "aws-cli/2.15.0 Python/3.11",
            "Müller 山",
        ] {
            assert_eq!(quoted(text), text);
        }
    }

    #[test]
    fn nothing_acts_and_nothing_hides() {
        assert_eq!(quoted("a\r\nb\tc\u{1b}[31m\u{202e}\u{200b}d"), r"a\r\nb\tc\u{1b}[31m\u{202e}\u{200b}d");
        assert_eq!(tidy("a\n  b \u{1b}c\u{2028}d", 100), r"a b \u{1b}c d");
    }

    #[test]
    fn a_long_text_is_cut_by_its_bytes() {
        assert_eq!(Quoted { longest: 10 }.encode(&"x".repeat(1 << 20)), "xxxxxxx…");
        assert_eq!(Quoted { longest: 10 }.encode(&"\u{1b}".repeat(1 << 20)), "\\u{1b}\\…");
    }

    proptest! {
        #[test]
        fn no_text_acts_or_becomes_a_link(text in "([ -~\u{7f}-\u{2fff}]|://|\\\\\\\\|[.]a){0,40}", longest in 0..60_usize) {
            let quoted = Quoted { longest }.encode(&text);
            prop_assert!(quoted.len() <= longest.max('…'.len_utf8()), "{quoted}");
            prop_assert!(!quoted.contains(is_deceptive) && !quoted.contains("://") && !quoted.contains(r"\\"), "{quoted}");
            prop_assert!(!quoted.split('.').skip(1).any(|label| label.starts_with(char::is_alphabetic)), "{quoted}");
        }
    }
}
