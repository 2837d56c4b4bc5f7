//! Records to read, and a reader that writes down what it was given.

use std::io::{self, Read};
use std::ops::ControlFlow;

use records::{Item, Limits, Tally};

/// What a reader handed out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Record { id: String, number: u64, json: String },
    Problem { reason: String, number: u64, offset: u64, bytes: Vec<u8> },
}

impl Seen {
    pub(crate) fn of(item: &Item<'_>) -> Self {
        match item {
            Item::Record(record) => Self::Record {
                id: record.event.id().unwrap_or_default().into_owned(),
                number: record.origin.number,
                json: String::from_utf8_lossy(record.bytes).into_owned(),
            },
            Item::Problem(problem) => Self::Problem {
                reason: problem.reason.to_string(),
                number: problem.origin.number,
                offset: problem.offset,
                bytes: problem.bytes.to_vec(),
            },
        }
    }
}

/// Gives its bytes in pieces of 1, 2, … `most` bytes, over and over.
pub(crate) struct Pieces<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) most: usize,
    pub(crate) turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.turn = self.turn % self.most + 1;
        let count = self.turn.min(into.len()).min(self.rest.len());
        let (head, rest) = self.rest.split_at(count);
        into[..count].copy_from_slice(head);
        self.rest = rest;
        Ok(count)
    }
}

pub(crate) fn read_with(input: impl Read, limits: &Limits) -> (Vec<Seen>, Tally) {
    let mut seen = Vec::new();
    let tally = records::read(input, "log.json", limits, &mut |item| {
        seen.push(Seen::of(&item));
        ControlFlow::Continue(())
    });
    (seen, tally.unwrap())
}

pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Vec<Seen> {
    read_with(bytes.as_ref(), &Limits::default()).0
}

/// What is handed out of `bytes` as one message.
pub(crate) fn message(bytes: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    records::read_message(bytes, "message", &mut |item| {
        seen.push(Seen::of(&item));
        ControlFlow::Continue(())
    });
    seen
}

/// The `eventID`s of the records, in order.
pub(crate) fn ids(seen: &[Seen]) -> Vec<&str> {
    seen.iter()
        .filter_map(|seen| match seen {
            Seen::Record { id, .. } => Some(id.as_str()),
            Seen::Problem { .. } => None,
        })
        .collect()
}

/// The reasons of the problems, in order.
pub(crate) fn reasons(seen: &[Seen]) -> Vec<&str> {
    seen.iter()
        .filter_map(|seen| match seen {
            Seen::Problem { reason, .. } => Some(reason.as_str()),
            Seen::Record { .. } => None,
        })
        .collect()
}

/// A record with nested objects, arrays of objects and text that holds JSON.
pub(crate) fn record(id: &str) -> String {
    format!(
        concat!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/ops/kim","#,
            r#""sessionContext":{{"attributes":{{"mfaAuthenticated":"false"}}}}}},"eventTime":"2026-03-04T05:06:07Z","#,
            r#""eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress","awsRegion":"eu-west-1","#,
            r#""requestParameters":{{"groupId":"sg-1","ipPermissions":{{"items":[{{"fromPort":22,"ipRanges":{{"items":[{{"cidrIp":"0.0.0.0/0"}}]}}}},{{"fromPort":80}}]}},"#,
            r#""note":"{{\"eventVersion\":\"1.0\",\"eventName\":\"no record\"}}, {{ \\"}},"responseElements":null,"readOnly":false,"#,
            r#""eventID":"{}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#
        ),
        id
    )
}

pub(crate) fn records(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| record(id)).collect()
}

/// `text` as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::new();
    model::json::escape_into(&mut json, text);
    json
}

pub(crate) fn event_bridge(detail: &str) -> String {
    format!(
        r#"{{"version":"0","id":"e","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333","time":"2026-03-04T05:06:07Z","region":"eu-west-1","resources":[],"detail":{detail}}}"#
    )
}

pub(crate) fn sqs(body: &str) -> String {
    format!(
        r#"{{"messageId":"m","receiptHandle":"h","body":{},"attributes":{{}},"eventSource":"aws:sqs","awsRegion":"eu-west-1"}}"#,
        quoted(body)
    )
}
