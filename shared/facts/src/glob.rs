//! The wildcards of IAM: `*` for any text, `?` for one character.
//!
//! "IAM JSON policy elements: Action",
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>: letter case
//! does not count.

/// Whether `pattern` matches all of `text`, the case of ASCII letters aside.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern_rest, mut text_rest) = (pattern.chars(), text.chars());
    // Where to go on when what follows the last `*` does not fit: behind that `*`, one character further.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let mut ahead = pattern_rest.clone();
        match ahead.next() {
            Some('*') => {
                retry = Some((ahead.clone(), text_rest.clone()));
                pattern_rest = ahead;
                continue;
            }
            Some(wanted) => {
                if let Some(found) = text_rest.next()
                    && (wanted == '?' || wanted.eq_ignore_ascii_case(&found))
                {
                    pattern_rest = ahead;
                    continue;
                }
            }
            None if text_rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((pattern_at, text_at)) = &mut retry else { return false };
        if text_at.next().is_none() {
            return false;
        }
        (pattern_rest, text_rest) = (pattern_at.clone(), text_at.clone());
    }
}

/// Whether `pattern` matches everything: nothing but `*`, at least one.
pub(crate) fn is_everything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

/// Whether `text` holds a wildcard.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// What stands before the first wildcard.
pub(crate) fn literal_prefix(text: &str) -> &str {
    text.split(['*', '?']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_match_as_iam_says() {
        for (pattern, text, matched) in [
            ("*", "", true),
            ("iam:*", "iam:CreateUser", true),
            ("IAM:create*", "iam:CreateUser", true),
            ("iam:*User", "iam:CreateUser", true),
            ("iam:*User", "iam:CreateUserX", false),
            ("iam:Create????", "iam:CreateUser", true),
            ("iam:Create???", "iam:CreateUser", false),
            ("*:*", "iam:CreateUser", true),
            ("s3:*", "iam:CreateUser", false),
            ("a*b*c", "aXbXbc", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), matched, "{pattern} {text}");
        }
    }

    /// The definition, word for word.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((&'*', rest)), found) => {
                by_definition(rest, text) || found.is_some_and(|(_, left)| by_definition(pattern, left))
            }
            (Some((&wanted, rest)), Some((&found, left))) => {
                (wanted == '?' || wanted == found) && by_definition(rest, left)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_match_is_what_the_definition_says(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &text), by_definition(&chars(&pattern), &chars(&text)));
        }
    }
}
