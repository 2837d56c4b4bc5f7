//! A CloudTrail record, seen through the fields that every part of the product needs.
//!
//! Field names and meaning: "CloudTrail record contents for management, data, and network activity events",
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.
//! Any field may be missing: older versions, service events and insight events leave many out.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::json::Value;

/// Whether a call did what it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// No error: the call took effect.
    Success,
    /// The call was refused or went wrong; somebody tried.
    Attempt,
}

impl Outcome {
    /// The word for it, as in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Attempt => "attempt",
        }
    }
}

/// The members of `responseElements` that tell how a call to the sign-in service ended.
const SIGN_IN_RESULTS: &[&str] = &[
    "ConsoleLogin",
    "SwitchRole",
    "ExitRole",
    "RenewRole",
    "GetSigninToken",
    "PasswordUpdated",
    "PasswordRecoveryRequested",
    "PasswordRecoveryCompleted",
    "EmailUpdated",
    "CheckMfa",
];

/// One CloudTrail record.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    root: Value<'a>,
}

impl<'a> Event<'a> {
    /// Sees `root` as a record. Nothing is checked: a field that is missing reads as nothing.
    pub fn new(root: Value<'a>) -> Self {
        Self { root }
    }

    /// The record itself.
    pub fn root(self) -> Value<'a> {
        self.root
    }

    fn text(self, path: &str) -> Option<Cow<'a, str>> {
        self.root.path_text(path)
    }

    /// `eventID`, the same on every lane that delivers the record. Insight and some test events have none.
    pub fn id(self) -> Option<Cow<'a, str>> {
        self.text("eventID").filter(|id| !id.is_empty())
    }

    /// `eventSource`, such as `s3.amazonaws.com`.
    pub fn source(self) -> Option<Cow<'a, str>> {
        self.text("eventSource")
    }

    /// `eventName`, such as `PutBucketPolicy`.
    pub fn name(self) -> Option<Cow<'a, str>> {
        self.text("eventName")
    }

    /// `eventTime`, with a grain of one second.
    pub fn time(self) -> Option<Timestamp> {
        self.text("eventTime")?.parse().ok()
    }

    /// When it happened; for a record without a time the beginning of 1970, so that it is the same on each delivery.
    pub fn happened(self) -> Timestamp {
        self.time().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// `awsRegion`.
    pub fn region(self) -> Option<Cow<'a, str>> {
        self.text("awsRegion")
    }

    /// The account that received the record: `recipientAccountId`, or the caller's where an old record has none.
    pub fn account(self) -> Option<Cow<'a, str>> {
        self.text("recipientAccountId").or_else(|| self.text("userIdentity.accountId"))
    }

    /// `sourceIPAddress`: an address, or the DNS name of an AWS service.
    pub fn source_ip(self) -> Option<Cow<'a, str>> {
        self.text("sourceIPAddress")
    }

    /// `userAgent`.
    pub fn user_agent(self) -> Option<Cow<'a, str>> {
        self.text("userAgent")
    }

    /// `errorCode`, such as `AccessDenied`. A record of a success has none.
    pub fn error(self) -> Option<Cow<'a, str>> {
        self.text("errorCode").filter(|code| !code.is_empty())
    }

    /// Success is the absence of an error. What goes wrong at sign-in says so in `responseElements` instead, as in
    /// `{"ConsoleLogin": "Failure"}`, `{"SwitchRole": "Failure"}`.
    pub fn outcome(self) -> Outcome {
        let failed = self.error().is_some()
            || self.text("errorMessage").is_some_and(|message| !message.is_empty())
            || self.failed_sign_in();
        if failed { Outcome::Attempt } else { Outcome::Success }
    }

    fn failed_sign_in(self) -> bool {
        let response = self.root.get("responseElements");
        response.is_some_and(|response| {
            response.members().any(|(key, value)| {
                value.plain_bytes() == Some(b"Failure")
                    && SIGN_IN_RESULTS.iter().any(|result| key.is_key(result))
            })
        })
    }

    /// Who made the call, stable over the sessions of a role: the role behind an assumed-role session, else the
    /// identity's own ARN, else what remains to tell callers apart.
    pub fn principal(self) -> Option<Cow<'a, str>> {
        [
            "userIdentity.sessionContext.sessionIssuer.arn",
            "userIdentity.arn",
            "userIdentity.onBehalfOf.userId",
            "userIdentity.userName",
            "userIdentity.principalId",
            "userIdentity.invokedBy",
            "userIdentity.accountId",
            "userIdentity.type",
        ]
        .into_iter()
        .find_map(|path| self.text(path).filter(|text| !text.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    fn outcome(record: &str) -> Outcome {
        Event::new(Document::parse(record).unwrap().root()).outcome()
    }

    #[test]
    fn success_is_the_absence_of_an_error() {
        assert_eq!(outcome(r#"{"eventName":"StopLogging"}"#), Outcome::Success);
        assert_eq!(outcome(r#"{"errorCode":null}"#), Outcome::Success);
        assert_eq!(outcome(r#"{"errorCode":"AccessDenied"}"#), Outcome::Attempt);
        assert_eq!(outcome(r#"{"errorMessage":"Failed authentication"}"#), Outcome::Attempt);
        assert_eq!(outcome(r#"{"responseElements":{"ConsoleLogin":"Failure"}}"#), Outcome::Attempt);
        assert_eq!(outcome(r#"{"responseElements":{"SwitchRole":"Failure"}}"#), Outcome::Attempt);
        assert_eq!(outcome(r#"{"responseElements":{"ConsoleLogin":"Success"}}"#), Outcome::Success);
        assert_eq!(outcome(r#"{"responseElements":{"status":"Failure"}}"#), Outcome::Success);
    }

    #[test]
    fn a_role_is_one_principal_over_its_sessions() {
        let record = r#"{"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s",
            "sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::1:role/r"}}}}"#;
        let document = Document::parse(record).unwrap();
        assert_eq!(Event::new(document.root()).principal().unwrap(), "arn:aws:iam::1:role/r");
        let document = Document::parse(r#"{"userIdentity":{"type":"Root"}}"#).unwrap();
        assert_eq!(Event::new(document.root()).principal().unwrap(), "Root");
    }
}
