//! What a JSON value is: a record, something around records, or something else.

use std::borrow::Cow;

use model::json::{Kind, Tape, Value};

use crate::problem::Reason;
use crate::record::Envelope;
use crate::space::past_space;

/// The members that hold records, by the program that writes them: CloudTrail and Lambda; `lookup-events`;
/// `sqs receive-message`; `logs filter-log-events`; a CloudWatch Logs subscription.
const LISTS: [&str; 5] = ["Records", "Events", "Messages", "events", "logEvents"];

/// A member that shows, when it comes first, that a list of such a name is part of a record.
const MARKS: [&str; 5] = ["eventVersion", "eventName", "eventSource", "detail-type", "detail"];

/// What a value is.
pub(crate) enum Shape<'a> {
    /// A CloudTrail record. `sure` when nothing else looks like it, whatever stands around.
    Record { sure: bool },
    /// An `EventBridge` event: the record in it, and what it says about it.
    Envelope(Value<'a>, Envelope<'a>),
    /// Something that carries a JSON text.
    Carrier(Value<'a>),
    /// An object with a list of records among its members.
    List,
    /// Something else; says what.
    Other(Cow<'static, str>),
}

/// What the object starting at some byte is, seen by its first key alone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// A list of records; its first item is expected at this offset.
    List(usize),
    /// Something else.
    Other,
    /// The bytes end too early to tell.
    Unsure,
}

/// Looks for `{"Records":[` and its like at `at`, where a `{` stands.
pub(crate) fn head(bytes: &[u8], at: usize) -> Head {
    let key = past_space(bytes, at + 1);
    match bytes.get(key) {
        Some(b'"') => {}
        Some(_) => return Head::Other,
        None => return Head::Unsure,
    }
    let rest = bytes.get(key + 1..).unwrap_or_default();
    let Some(list) =
        LISTS.iter().find(|list| rest.iter().zip(list.bytes()).all(|(found, byte)| *found == byte))
    else {
        return Head::Other;
    };
    let mut next = key + 1 + list.len();
    for mark in *b"\":[" {
        match bytes.get(next) {
            Some(byte) if *byte == mark => next += 1,
            Some(_) => return Head::Other,
            None => return Head::Unsure,
        }
        if mark != b'[' {
            next = past_space(bytes, next);
        }
    }
    Head::List(next)
}

/// Whether the members in sight of the object at `at` show that it holds a list of records. The rest of it may be
/// missing or broken.
pub(crate) fn leads_to_list(tape: &mut Tape, bytes: &[u8], at: usize) -> bool {
    let mut at = at + 1;
    loop {
        at = past_space(bytes, at);
        if bytes.get(at) != Some(&b'"') {
            return false;
        }
        let Ok(end) = tape.parse_prefix(bytes, at) else { return false };
        let name = tape.root(bytes).as_str().unwrap_or_default();
        if MARKS.contains(&name.as_ref()) {
            return false;
        }
        let colon = past_space(bytes, end);
        let value = past_space(bytes, colon + 1);
        if bytes.get(colon) != Some(&b':') {
            return false;
        }
        if is_list(&name) && bytes.get(value) == Some(&b'[') {
            return true;
        }
        let Ok(end) = tape.parse_prefix(bytes, value) else { return false };
        at = past_space(bytes, end);
        if bytes.get(at) != Some(&b',') {
            return false;
        }
        at += 1;
    }
}

/// Whether a member of this name holds records, if it is an array.
pub(crate) fn is_list(name: &str) -> bool {
    LISTS.contains(&name)
}

/// The members that tell shapes apart.
#[derive(Default)]
struct Members<'a> {
    event_version: bool,
    event_source: Option<Value<'a>>,
    marks: u32,
    detail: Option<Value<'a>>,
    detail_type: Option<Value<'a>>,
    body: Option<Value<'a>>,
    capital_body: Option<Value<'a>>,
    capital_message: Option<Value<'a>>,
    message: Option<Value<'a>>,
    kind: Option<Value<'a>>,
    sns: Option<Value<'a>>,
    looked_up: Option<Value<'a>>,
    hint: Option<&'static str>,
}

/// What `root` is.
pub(crate) fn shape(root: Value<'_>) -> Shape<'_> {
    match root.kind() {
        Kind::Object => {}
        Kind::String => return Shape::Carrier(root),
        Kind::Array => return other("an array where a record should be; give the records one by one"),
        _ => return other("a bare value; a CloudTrail record is an object"),
    }
    // Nearly every record starts this way, and nothing else does.
    if let Some((key, value)) = root.members().next()
        && key.plain_bytes() == Some(b"eventVersion")
        && value.plain_bytes().is_some_and(|version| version.starts_with(b"1."))
    {
        return Shape::Record { sure: true };
    }
    let mut found = Members::default();
    let mut marked = false;
    for (key, value) in root.members() {
        let name = key.as_str().unwrap_or_default();
        if !marked && is_list(&name) && value.kind() == Kind::Array {
            return Shape::List;
        }
        marked |= MARKS.contains(&name.as_ref());
        found.note(&name, value);
    }
    found.judge(root)
}

impl<'a> Members<'a> {
    fn note(&mut self, name: &str, value: Value<'a>) {
        match name {
            "eventVersion" => {
                self.event_version = true;
                self.marks += 1;
            }
            "eventSource" => {
                self.event_source = Some(value);
                self.marks += 1;
            }
            "eventName" | "eventType" | "eventCategory" => self.marks += 1,
            "detail" => self.detail = Some(value),
            "detail-type" => self.detail_type = Some(value),
            "body" => self.body = Some(value),
            "Body" => self.capital_body = Some(value),
            "Message" => self.capital_message = Some(value),
            "message" | "@message" => self.message = Some(value),
            "Type" => self.kind = Some(value),
            "EventSource" if self.event_source.is_none() => self.event_source = Some(value),
            "Sns" => self.sns = value.get("Message"),
            "CloudTrailEvent" => self.looked_up = Some(value),
            _ => {
                if let Some((_, hint)) = HINTS.iter().find(|(key, _)| *key == name) {
                    self.hint = Some(hint);
                }
            }
        }
    }

    fn judge(self, root: Value<'a>) -> Shape<'a> {
        if let (Some(kind), Some(detail)) = (self.detail_type, self.detail) {
            return event_bridge(root, kind, detail);
        }
        let source = self.event_source.and_then(Value::as_str).unwrap_or_default();
        if source.starts_with("aws:") {
            return match (source.as_ref(), self.body, self.sns) {
                ("aws:sqs", Some(body), _) if body.kind() == Kind::String => Shape::Carrier(body),
                ("aws:sns", _, Some(message)) if message.kind() == Kind::String => Shape::Carrier(message),
                ("aws:s3", ..) => other(S3_NOTIFICATION),
                _ => Shape::Other(
                    format!("a Lambda event of {source}, without a CloudTrail record in it").into(),
                ),
            };
        }
        if self.marks > 0 {
            return Shape::Record { sure: self.event_version && self.marks > 1 };
        }
        let text = |value: &Value<'a>| value.kind() == Kind::String;
        if let Some(record) = self.looked_up.or(self.capital_body).filter(text) {
            return Shape::Carrier(record);
        }
        if let (Some(kind), Some(message)) =
            (self.kind.and_then(Value::as_str), self.capital_message.filter(text))
        {
            return match kind.as_ref() {
                "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                    other("a confirmation that SNS asks for; open its SubscribeURL to confirm it")
                }
                _ => Shape::Carrier(message),
            };
        }
        if let Some(message) = self.message.filter(|message| text(message) && looks_like_json(*message).0) {
            return Shape::Carrier(message);
        }
        other(
            self.hint.unwrap_or(
                "an object without eventName, eventSource or eventVersion; give CloudTrail records",
            ),
        )
    }
}

const S3_NOTIFICATION: &str = "an S3 notification, which names a log file; give the file itself";

/// Objects that people hand in by mistake, by a member that only they have.
const HINTS: [(&str, &str); 9] = [
    (
        "digestStartTime",
        "a CloudTrail digest, which holds hashes; give the folder CloudTrail, not CloudTrail-Digest",
    ),
    ("s3ObjectKey", S3_NOTIFICATION),
    ("configurationItems", "a snapshot of AWS Config; give CloudTrail log files"),
    ("configSnapshotId", "a snapshot of AWS Config; give CloudTrail log files"),
    ("awslogs", "a CloudWatch Logs subscription, packed; unpack awslogs.data (base64, gzip) first"),
    ("class_uid", "an OCSF event, not CloudTrail's own format; give the CloudTrail log files"),
    ("QueryResultRows", "the result of a CloudTrail Lake query; give its eventJson values, or the log files"),
    ("ProductArn", "a Security Hub finding; give CloudTrail log files"),
    ("Statement", "an IAM policy; give CloudTrail log files"),
];

fn event_bridge<'a>(root: Value<'a>, kind: Value<'a>, detail: Value<'a>) -> Shape<'a> {
    let detail_type = kind.as_str().unwrap_or_default();
    // The names of sign-in events differ between the guide and the wire: the ending is what they share.
    let says_so = detail_type.ends_with("via CloudTrail");
    let is_record =
        detail.kind() == Kind::Object && (says_so || matches!(shape(detail), Shape::Record { sure: true }));
    if is_record {
        let text = |name: &str| root.get(name).and_then(Value::as_str);
        let envelope = Envelope {
            account: text("account"),
            region: text("region"),
            detail_type: Some(detail_type),
            source: text("source"),
        };
        return Shape::Envelope(detail, envelope);
    }
    if says_so {
        return other(
            "an EventBridge event whose detail is no object; send the whole event, without a transformer",
        );
    }
    let name: String = detail_type.chars().take(100).collect();
    Shape::Other(
        format!(
            "the EventBridge event {name:?}, not one via CloudTrail; match detail-type \"… via CloudTrail\""
        )
        .into(),
    )
}

fn other<'a>(looks_like: &'static str) -> Shape<'a> {
    Shape::Other(Cow::Borrowed(looks_like))
}

/// Whether the text of a string begins like JSON, and whether it also ends like it.
pub(crate) fn looks_like_json(text: Value<'_>) -> (bool, bool) {
    let text = text.as_str().unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}').trim();
    let begins = text.starts_with(['{', '[', '"']);
    (begins, begins && text.ends_with(['}', ']', '"']))
}

/// What a byte is that starts no value.
pub(crate) fn of_junk(byte: u8) -> Reason {
    match byte {
        b'0'..=b'9' | b'-' | b't' | b'f' | b'n' => {
            Reason::not_a_record("no object where a record should be; give CloudTrail records as JSON")
        }
        b'<' => Reason::not_a_record("XML or HTML, perhaps an error page; download the log file again"),
        0xfe | 0xff => Reason::not_a_record("text in UTF-16, as PowerShell writes it; save it as UTF-8"),
        _ => Reason::Syntax,
    }
}
