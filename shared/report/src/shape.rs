//! The few forms of text that may leave a message as it came: ids that can hold nothing but an id.

use model::{Encoder, Untrusted};

/// A form of text that is harmless wherever it stands: in a subject, a link, an attribute or a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// 12 digits.
    Account,
    /// `us-east-1`, `us-gov-west-1`: `^[a-z]{2}(-[a-z]+)+-\d$`.
    Region,
    /// `cloudtrail`, of the event source `cloudtrail.amazonaws.com`.
    Service,
    /// What CloudTrail gives each event.
    Uuid,
    /// One word of a command line, quoted or not.
    Token,
}

impl Shape {
    /// The text, if it has this form.
    pub fn of(self, text: &Untrusted) -> Option<String> {
        let text = text.encode(&self);
        (!text.is_empty()).then_some(text)
    }

    fn fits(self, text: &str) -> bool {
        match self {
            Self::Account => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
            Self::Region => is_region(text),
            Self::Service => {
                (1..=64).contains(&text.len())
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            }
            Self::Uuid => is_uuid(text),
            Self::Token => is_token(text),
        }
    }
}

impl Encoder for Shape {
    /// The text as it is, or nothing.
    fn encode(&self, text: &str) -> String {
        let text = match self {
            // What Trailpost itself reports has a source of its own.
            Self::Service if text == "trailpost.engine" => "trailpost",
            Self::Service => text.strip_suffix(".amazonaws.com").unwrap_or(text),
            _ => text,
        };
        if self.fits(text) { text.to_owned() } else { String::new() }
    }
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [country, words @ .., number] => {
            text.len() <= 32
                && country.len() == 2
                && !words.is_empty()
                && std::iter::once(country)
                    .chain(words)
                    .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Whether a shell and the AWS CLI take the text as one plain word, quoted or not: none of the shell's characters,
/// no leading `-` (an option), no `://` (the CLI reads the file behind `file://`), no `,` and `=` (its shorthand).
/// See <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html>.
fn is_token(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:/@+-".contains(&byte))
        && !text.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(shape: Shape, texts: &[&str]) -> bool {
        texts.iter().all(|text| shape.of(&Untrusted::new(*text)).is_some())
    }

    fn stops(shape: Shape, texts: &[&str]) -> bool {
        texts.iter().all(|text| shape.of(&Untrusted::new(*text)).is_none())
    }

    #[test]
    fn ids_pass_and_nothing_beside_them() {
        assert!(passes(Shape::Account, &["111122223333"]));
        assert!(stops(Shape::Account, &["", "11112222333", "1111222233334", "11112222333a", "١١١١٢٢"]));
        assert!(passes(Shape::Region, &["us-east-1", "us-gov-west-1", "ap-southeast-5", "us-iso-east-1"]));
        assert!(stops(
            Shape::Region,
            &["", "us-1", "us-east-11", "us--1", "US-east-1", "us-east-1.evil.com", "-"]
        ));
        assert!(passes(Shape::Uuid, &["0a1b2c3d-0000-4abc-8def-00112233AABB"]));
        assert!(stops(Shape::Uuid, &["", "sha256:00", "0a1b2c3d-0000-4abc-8def-00112233AABB&x", "--------"]));
        assert!(stops(Shape::Service, &["", "s3.evil.com", "S3", "a b", ".amazonaws.com"]));
        assert_eq!(Shape::Service.of(&"s3.amazonaws.com".into()).as_deref(), Some("s3"));
        assert_eq!(Shape::Service.of(&"trailpost.engine".into()).as_deref(), Some("trailpost"));
    }

    #[test]
    fn a_token_cannot_leave_its_place_in_a_command() {
        assert!(passes(
            Shape::Token,
            &["my-bucket", "arn:aws:iam::111122223333:role/path/Admin", "alice@example.com", "/aws/lambda/x"]
        ));
        for text in "a b|a;b|a$b|a`b|a'b|a\"b|a\\b|a\nb|a&b|a>b|a*b|a?b|a~b|a#b|a(b|a{b|a[b|a!b|é".split('|')
        {
            assert!(stops(Shape::Token, &[text]), "{text:?}");
        }
        assert!(stops(
            Shape::Token,
            &["", "-rf", "--profile", "file:///etc/passwd", "a=b", "a,b", "a|b", "~root"]
        ));
        assert!(stops(Shape::Token, &[&"a".repeat(257)]));
    }
}
