//! What the reader makes of each thing that can go wrong on the wire, for each protocol.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use catalog::resource::Operation;
use engine::ports::{Aws as _, Cause, Place, ReadError};
use serde_json::{Value, json};
use signed::{Client, Identity};

use super::{Calls, Reader};
use crate::endpoint::Overrides;
use crate::limit::Limits;
use crate::model::Models;
use crate::network::http_client;

/// One operation of each protocol, with an error and an empty page that leads on.
const PROTOCOLS: [(&str, &str, &str, &str); 5] = [
    (
        "kms",
        "ListKeys",
        r#"{"__type":"CODE","message":"m"}"#,
        r#"{"Keys":[],"Truncated":true,"NextMarker":"t"}"#,
    ),
    ("lambda", "ListFunctions", r#"{"code":"CODE","message":"m"}"#, r#"{"Functions":[],"NextMarker":"t"}"#),
    (
        "sns",
        "ListTopics",
        "<ErrorResponse><Error><Code>CODE</Code><Message>m</Message></Error></ErrorResponse>",
        "<ListTopicsResponse><ListTopicsResult><Topics/><NextToken>t</NextToken></ListTopicsResult></ListTopicsResponse>",
    ),
    (
        "ec2",
        "DescribeVpcs",
        "<Response><Errors><Error><Code>CODE</Code><Message>m</Message></Error></Errors></Response>",
        "<DescribeVpcsResponse><vpcSet/><nextToken>t</nextToken></DescribeVpcsResponse>",
    ),
    (
        "s3",
        "ListBuckets",
        "<Error><Code>CODE</Code><Message>m</Message></Error>",
        "<ListAllMyBucketsResult><Buckets/><ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>",
    ),
];

/// A server that gives every request the same answer; `None` hangs up.
fn server(answer: Option<(u16, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // The whole request comes in one or two pieces; what is left of it does not matter.
            let mut request = vec![0; 65_536];
            let _ = stream.read(&mut request);
            if let Some((status, body)) = &answer {
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        }
    });
    url
}

async fn asked(service: &str, operation: &str, url: String) -> Result<Value, ReadError> {
    asked_with(service, operation, &json!({}), url).await
}

async fn asked_with(
    service: &str,
    operation: &str,
    parameters: &Value,
    url: String,
) -> Result<Value, ReadError> {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let identity = Identity::new(SharedCredentialsProvider::new(credentials));
    let reader = Reader {
        models: Models::default(),
        client: Client::new(http_client()).with_backoff(Duration::from_millis(1)),
        overrides: Overrides::new(Some(url), std::iter::empty()),
        limits: Limits::none(),
        identities: Mutex::new(HashMap::from([("111122223333".to_owned(), identity)])),
        entered: Mutex::new(HashSet::new()),
        calls: Mutex::new(Calls::default()),
        ahead: Arc::default(),
    };
    let operation = Operation { service: service.into(), name: operation.into() };
    let place = Place { account: "111122223333".into(), region: "eu-west-1".into() };
    reader.read(&place, &operation, parameters).await
}

async fn each(
    what: &str,
    answer: impl Fn(&str, &str) -> Option<(u16, String)>,
    cause: Cause,
    codes: &[&str],
) {
    for (service, operation, error, page) in PROTOCOLS {
        let came = asked(service, operation, server(answer(error, page))).await;
        let Err(error) = came else { panic!("{service} {what}: {came:?}") };
        assert_eq!(error.cause, cause, "{service} {what}: {error}");
        assert!(codes.contains(&error.code.as_str()), "{service} {what}: {error}");
    }
}

fn refused(status: u16, code: &'static str) -> impl Fn(&str, &str) -> Option<(u16, String)> {
    move |error, _| Some((status, error.replace("CODE", code)))
}

fn said(body: &'static str) -> impl Fn(&str, &str) -> Option<(u16, String)> {
    move |_, _| Some((200, body.to_owned()))
}

#[tokio::test]
async fn refusals_are_told_by_their_cause() {
    each("denied", refused(403, "AccessDenied"), Cause::Denied, &["AccessDenied"]).await;
    each("denied", refused(400, "AccessDeniedException"), Cause::Denied, &["AccessDeniedException"]).await;
    each("throttled", refused(400, "ThrottlingException"), Cause::Throttled, &["ThrottlingException"]).await;
    each("throttled", |_, _| Some((429, String::new())), Cause::Throttled, &["Http429"]).await;
    each("broken", |_, _| Some((500, String::new())), Cause::Failed, &["Http500"]).await;
    each("broken", refused(500, "InternalFailure"), Cause::Failed, &["InternalFailure"]).await;
}

#[tokio::test]
async fn what_is_no_answer_is_no_empty_list() {
    for body in [
        "",
        " \n",
        "nonsense",
        "<html><body>Sign in to the network</body></html>",
        "{\"Keys\":[",
        "[]",
        "null",
    ] {
        each(body, said(body), Cause::Failed, &["Answer"]).await;
    }
    each("hung up", |_, _| None, Cause::Failed, &["Connection"]).await;
}

#[tokio::test]
async fn an_empty_page_leads_on_and_never_in_circles() {
    each("in circles", |_, page| Some((200, page.to_owned())), Cause::Failed, &["Pages"]).await;
    for (service, operation, _, page) in PROTOCOLS {
        // Without the token the same page is the last, and the list is empty.
        let last = page
            .replace("t</", "</")
            .replace("\"t\"", "null")
            .replace("\"Truncated\":true", "\"Truncated\":false");
        let answer = asked(service, operation, server(Some((200, last)))).await;
        assert!(answer.is_ok(), "{service}: {answer:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_failure() {
    for (service, operation, ..) in PROTOCOLS {
        // A port that was free a moment ago.
        let url = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        let error = asked(service, operation, url).await.unwrap_err();
        assert_eq!((error.cause, error.code.as_str()), (Cause::Failed, "Connection"), "{service}");
    }
}

#[tokio::test]
async fn only_s3_itself_says_that_the_bucket_of_an_origin_is_missing() {
    let refusal = |code: &str| format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
    let there = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
    let asked = async |status: u16, body: &str| {
        let host = json!({"Host": "site.s3.eu-west-1.amazonaws.com"});
        asked_with("code:s3", "OriginBucket", &host, server(Some((status, body.to_owned())))).await
    };
    assert_eq!(asked(200, there).await.unwrap(), json!({"Bucket": "site", "Exists": true}));
    let missing = asked(404, &refusal("NoSuchBucket")).await.unwrap();
    assert_eq!(missing, json!({"Bucket": "site", "Exists": false}));
    for (status, body, cause) in [
        (403, refusal("AccessDenied"), Cause::Denied),
        (404, refusal("NoSuchKey"), Cause::Failed),
        (404, String::new(), Cause::Failed),
    ] {
        assert_eq!(asked(status, &body).await.unwrap_err().cause, cause, "{status} {body}");
    }

    let host = json!({"Host": "www.example.com"});
    let other = asked_with("code:s3", "OriginBucket", &host, server(None)).await;
    assert_eq!(other.unwrap(), Value::Null, "nobody is asked");
}
