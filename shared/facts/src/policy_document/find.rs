//! Where a call carries a policy document.
//!
//! Services disagree on the name (`policyDocument`, `policy`, `bucketPolicy`, `accessPolicies`, `policyText`,
//! `attributeValue`…) and on the form (an object, JSON in a string, that URL-encoded). So a document is known
//! by what it is, not by what it is called: whatever in the request reads as statements with an effect. All
//! of them count, lest one hide another.

use std::borrow::Cow;

use model::Event;
use model::json::{Document, Kind, Value};

use super::PolicyDocument;
use crate::call::service;
use crate::loose::at;

/// Documents stand near the top of a request; a record that is nested for its own sake is not followed all
/// the way.
const MAX_DEPTH: usize = 16;

/// Names under which a policy is expected, in lower case: where one is no document, it could not be read.
const NAMES: &[&str] = &[
    "accesspolicies",
    "accesspolicy",
    "assumerolepolicydocument",
    "bucketpolicy",
    "inlinepolicy",
    "policy",
    "policydocument",
    "policyinjson",
    "policytext",
    "resourcepolicy",
];

/// What a call carries.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// There is a policy, readable or not.
    pub(crate) carried: bool,
    /// The statements of all that could be read.
    pub(crate) document: PolicyDocument,
}

/// Finds the policies that a call carries.
pub(crate) fn find(event: Event<'_>) -> Found {
    let root = event.root();
    let mut found = Found::default();
    if !grants_nothing(event) {
        // Lambda answers `AddPermission` with the statement that it made of the parameters.
        for path in ["requestParameters", "responseElements.statement"] {
            if let Some(value) = at(root, path) {
                found.search(value);
            }
        }
    }
    found
}

/// Whether policies of this call are of another kind: those of an organization limit, those of a stack guard
/// its updates.
fn grants_nothing(event: Event<'_>) -> bool {
    match service(event).as_ref() {
        "organizations" => event.name().as_deref() != Some("PutResourcePolicy"),
        "cloudformation" => true,
        _ => false,
    }
}

impl Found {
    /// Finds the policies in `value`, the member of a document that holds one.
    pub(crate) fn in_member(value: Option<Value<'_>>) -> Self {
        let mut found = Self::default();
        if let Some(value) = value {
            found.carried = !is_empty(value);
            found.search(value);
        }
        found
    }

    /// Adds the policies in `value`.
    pub(crate) fn search(&mut self, value: Value<'_>) {
        let mut left = vec![(value, 0)];
        while let Some((value, depth)) = left.pop() {
            if let Some(document) = read(value) {
                self.carried = true;
                self.document.statements.extend(document.statements);
            } else if depth < MAX_DEPTH {
                left.extend(value.items().map(|item| (item, depth + 1)));
                for (key, member) in value.members() {
                    self.carried |= is_policy_name(key) && !is_empty(member);
                    left.push((member, depth + 1));
                }
            }
        }
    }
}

fn is_policy_name(key: Value<'_>) -> bool {
    key.as_str().is_some_and(|key| NAMES.contains(&key.to_ascii_lowercase().as_str()))
}

/// Whether `value` only marks a place: S3 writes `"policy": ""` beside the document.
fn is_empty(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Array => value.items().all(is_empty),
        Kind::Object => value.members().next().is_none(),
        _ => value.text().is_none_or(|text| text.trim().is_empty()),
    }
}

/// Reads an object, or the JSON in a string.
fn read(value: Value<'_>) -> Option<PolicyDocument> {
    match value.kind() {
        Kind::Object => PolicyDocument::read(value),
        Kind::String => {
            let text = value.as_str()?;
            let text = text.trim_start();
            let json = if text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7b")) {
                percent_decoded(text)
            } else {
                Cow::Borrowed(text.as_bytes())
            };
            if json.first() != Some(&b'{') {
                return None;
            }
            PolicyDocument::read(Document::parse(json.into_owned()).ok()?.root())
        }
        _ => None,
    }
}

/// Undoes URL encoding (RFC 3986), as IAM returns documents. What is no escape stays.
fn percent_decoded(text: &str) -> Cow<'_, [u8]> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match (byte, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit =
                    |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(high).zip(digit(low)).map(|(high, low)| (high << 4 | low, after))
            }
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((byte, after));
        decoded.push(byte);
        rest = after;
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_encoding_is_undone() {
        for (text, plain) in
            [("%7B%22a%22%7d", "{\"a\"}"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("é%C3%A9", "éé")]
        {
            assert_eq!(percent_decoded(text).as_ref(), plain.as_bytes(), "{text}");
        }
    }
}
