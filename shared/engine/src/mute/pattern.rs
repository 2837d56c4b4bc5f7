//! Patterns of mutes: exact text, `*` and `?`, and regular expressions behind `re:`. All are of the whole text.

use model::Untrusted;
use regex::{Regex, RegexBuilder};

use crate::inventory::plain;

/// How large a compiled expression may be, in bytes.
const SIZE: usize = 256 * 1024;

/// Texts that have nothing in common: what matches them all, matches everything.
const ANYTHING: &[&str] = &["a", "7", "-", "arn:aws:s3:::example", "s3-bucket-versioning-off", "Ω x"];

/// A text that a whole other text is compared with.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    /// With `*` for any number of characters and `?` for one.
    Glob(Vec<char>),
    /// A regular expression. Its engine takes time in proportion to the text, whatever the expression is.
    Regex(Regex),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let Some(expression) = text.strip_prefix("re:") else {
            if text.is_empty() {
                return Err("a pattern that is empty".to_owned());
            }
            return Ok(Self::Glob(text.chars().collect()));
        };
        if expression.is_empty() {
            return Err("a regular expression that is empty".to_owned());
        }
        // The expression alone first, so that a parenthesis too many cannot reach around the anchors.
        let build = |text: &str| RegexBuilder::new(text).size_limit(SIZE).build();
        build(expression)
            .and_then(|_| build(&format!(r"\A(?:{expression})\z")))
            .map(Self::Regex)
            .map_err(|error| format!("no regular expression: {}", last_line(&error.to_string())))
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Glob(pattern) => glob(pattern, text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }

    /// Whether the whole of somebody else's text matches.
    pub(crate) fn covers(&self, text: &Untrusted) -> bool {
        self.matches(&plain(text))
    }

    /// Whether there is nothing that it does not match, or next to nothing.
    pub(crate) fn is_everything(&self) -> bool {
        match self {
            Self::Glob(pattern) => pattern.iter().all(|each| matches!(each, '*' | '?')),
            Self::Regex(regex) => ANYTHING.iter().all(|text| regex.is_match(text)),
        }
    }
}

/// The engine draws the expression; what is wrong stands in the last line.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// Compares in time proportional to the product of the lengths, without recursion: after a mismatch only the newest `*`
/// is tried again, one character further.
fn glob(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut seen) = (0_usize, 0_usize);
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = text.get(seen) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at = at.saturating_add(1);
            }
            Some(each) if *each == '?' || each == character => {
                at = at.saturating_add(1);
                seen = seen.saturating_add(1);
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken.saturating_add(1)));
                    at = place.saturating_add(1);
                    seen = taken.saturating_add(1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|each| *each == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, as one would say it.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            (['*', rest @ ..], text) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            ([_, ..], []) => false,
            (['?', rest @ ..], [_, behind @ ..]) => naive(rest, behind),
            ([each, rest @ ..], [first, behind @ ..]) => each == first && naive(rest, behind),
        }
    }

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(text)
    }

    #[test]
    fn patterns_are_of_the_whole_text() {
        assert!(matches("arn:aws:s3:::www", "arn:aws:s3:::www"));
        assert!(!matches("arn:aws:s3:::www", "arn:aws:s3:::www2"));
        assert!(!matches("www", "arn:aws:s3:::www"));
        assert!(matches("arn:aws:s3:::www-*", "arn:aws:s3:::www-eu"));
        assert!(!matches("re:www", "arn:aws:s3:::www"));
        assert!(matches("re:.*www", "arn:aws:s3:::www"));
        assert!(!matches("re:a|b", "ab"), "the anchors are around the whole of it");
        assert!(!matches("re:www", "www\n"));
    }

    #[test]
    fn a_pattern_that_is_none_says_why() {
        assert_eq!(Pattern::new("").unwrap_err(), "a pattern that is empty");
        assert_eq!(Pattern::new("re:").unwrap_err(), "a regular expression that is empty");
        assert_eq!(Pattern::new("re:a(").unwrap_err(), "no regular expression: unclosed group");
        assert!(Pattern::new("re:a)|(b").is_err(), "it cannot close the group that anchors it");
        assert!(Pattern::new("re:(a{1000}){1000}").unwrap_err().contains("size limit"));
    }

    #[test]
    fn what_matches_everything_is_known() {
        for everything in ["*", "**", "*?*", "?", "re:.*", "re:.+", "re:(?s).*", "re:[^@]*"] {
            assert!(Pattern::new(everything).unwrap().is_everything(), "{everything}");
        }
        for some in ["a*", "*-public-*", "re:s3-.*", "re:arn:aws:.*"] {
            assert!(!Pattern::new(some).unwrap().is_everything(), "{some}");
        }
    }

    #[test]
    fn an_expression_that_would_take_for_ever_elsewhere_takes_no_time() {
        assert!(!matches("re:(a+)+b", &"a".repeat(100_000)));
        assert!(!matches(&"*a".repeat(100), &format!("{}b", "a".repeat(10_000))));
    }

    proptest! {
        #[test]
        fn a_glob_is_what_it_is_defined_as(pattern in "[ab*?é]{1,8}", text in "[abé]{0,10}") {
            let (characters, seen): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), naive(&characters, &seen));
        }

        #[test]
        fn a_text_without_marks_matches_itself_alone(text in "[a-z:/.-]{1,20}", other in "[a-z:/.-]{1,20}") {
            prop_assert!(matches(&text, &text));
            prop_assert_eq!(matches(&text, &other), text == other);
        }
    }
}
