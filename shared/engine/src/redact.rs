//! What of a record may be kept: all of it but secrets, and no more than fits.

use std::borrow::Cow;

use model::json::{Kind, Value};

/// Members whose value is a secret wherever they stand. CloudTrail replaces most itself; old records, and services
/// that pass parameters through, do not.
const SECRET_KEYS: &[&str] = &[
    "sessiontoken",
    "secretaccesskey",
    "secretkey",
    "password",
    "masteruserpassword",
    "newpassword",
    "oldpassword",
    "presharedkey",
    "customergatewayconfiguration",
    "userdata",
    "privatekey",
    "authtoken",
    "clientsecret",
    "secretstring",
    "secretbinary",
    "plaintext",
    "keymaterial",
    "signintoken",
    "refreshtoken",
    "accesstoken",
];

/// How texts start that are secrets whatever their key: STS session tokens, private keys, tokens of other vendors.
const SECRET_STARTS: &[&str] =
    &["IQoJ", "FwoG", "-----BEGIN", "ghp_", "github_pat_", "xoxb-", "xoxp-", "sk_live_"];

/// The record as JSON without its secrets, and without its largest parts where it would be longer than `limit`
/// bytes. Always valid JSON.
pub(crate) fn evidence(record: Value<'_>, limit: usize) -> String {
    let whole = without_secrets(record);
    if whole.len() <= limit {
        return whole;
    }
    let mut kept = String::from("{\"trimmed\":true");
    for (key, value) in record.members() {
        let mut member = String::from(",");
        key.write_json(&mut member);
        member.push(':');
        member.push_str(&without_secrets(value));
        // Room is left for every small member; one large member cannot push the others out.
        if member.len() <= limit / 16 && kept.len() + member.len() < limit {
            kept.push_str(&member);
        }
    }
    kept.push('}');
    kept
}

fn without_secrets(value: Value<'_>) -> String {
    let mut json = String::with_capacity(value.raw().len());
    value.write_json_hiding(&mut json, &|key, value| {
        value.kind() == Kind::String && (key.is_some_and(is_secret_key) || is_secret_text(value))
    });
    json
}

fn is_secret_key(key: Value<'_>) -> bool {
    let key = bytes(key);
    SECRET_KEYS.iter().any(|secret| key.eq_ignore_ascii_case(secret.as_bytes()))
}

fn is_secret_text(text: Value<'_>) -> bool {
    let text = bytes(text);
    // The first byte tells nearly all texts apart, at less than a call.
    let starts = |start: &[u8]| text.first() == start.first() && text.starts_with(start);
    SECRET_STARTS.iter().any(|start| starts(start.as_bytes()))
}

/// The bytes of a string. Nearly all hold no escapes, and need no decoding.
fn bytes(string: Value<'_>) -> Cow<'_, [u8]> {
    match string.plain_bytes() {
        Some(bytes) => Cow::Borrowed(bytes),
        None => Cow::Owned(string.as_str().unwrap_or_default().into_owned().into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use model::json::Document;

    use super::*;

    fn kept(record: &str, limit: usize) -> String {
        evidence(Document::parse(record).unwrap().root(), limit)
    }

    #[test]
    fn secrets_are_replaced_by_key_and_by_how_they_start() {
        let record = r#"{"responseElements":{"credentials":{"sessionToken":"x","accessKeyId":"ASIA1"}},
            "requestParameters":{"masterUserPassword":"y","env":["ghp_abc"],"password":{"policy":"kept"}}}"#;
        assert_eq!(
            kept(record, 1000),
            r#"{"responseElements":{"credentials":{"sessionToken":"[secret]","accessKeyId":"ASIA1"}},"requestParameters":{"masterUserPassword":"[secret]","env":["[secret]"],"password":{"policy":"kept"}}}"#
        );
    }

    #[test]
    fn neither_letter_case_nor_escapes_hide_a_secret() {
        assert_eq!(
            kept(
                r#"{"PASSWORD":"a","pass\u0077ord":"b","x":"\u0049QoJb","y":"iqoj","password":1,"z":"Q\n"}"#,
                1000
            ),
            r#"{"PASSWORD":"[secret]","password":"[secret]","x":"[secret]","y":"iqoj","password":1,"z":"Q\n"}"#
        );
    }

    #[test]
    fn a_large_record_keeps_its_small_members_and_stays_valid() {
        let record = format!(r#"{{"a":1,"big":"{}","eventName":"X"}}"#, "z".repeat(5000));
        let evidence = kept(&record, 1000);
        assert_eq!(evidence, r#"{"trimmed":true,"a":1,"eventName":"X"}"#);
        assert!(Document::parse(evidence).is_ok());
    }
}
