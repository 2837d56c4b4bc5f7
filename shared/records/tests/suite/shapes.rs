//! Every shape in which records arrive.

use std::ops::ControlFlow;

use records::{Envelope, Item, read_message};

use crate::reading::{Seen, event_bridge, ids, quoted, read, reasons, record, records, sqs};

#[track_caller]
fn assert_holds(input: &str, expected: &[&str]) {
    let seen = read(input);
    assert_eq!(reasons(&seen), [""; 0], "{input}");
    assert_eq!(ids(&seen), expected, "{input}");
}

#[track_caller]
fn assert_refused(input: &str, looks_like: &str) {
    let seen = read(input);
    assert_eq!(ids(&seen), [""; 0], "{input}");
    assert_eq!(reasons(&seen).len(), 1, "{input}: {seen:?}");
    assert!(reasons(&seen)[0].contains(looks_like), "{}", reasons(&seen)[0]);
}

#[test]
fn a_log_file_is_an_object_with_records() {
    let list = records(&["a", "b", "c"]).join(",");
    assert_holds(&format!("{{\"Records\":[{list}]}}"), &["a", "b", "c"]);
    assert_holds(&format!("\u{feff} \r\n{{ \"Records\" : [\n {list} \n]\t}}\n"), &["a", "b", "c"]);
    assert_holds("{\"Records\":[]}", &[]);
}

#[test]
fn the_records_need_not_come_first() {
    let list = records(&["a", "b"]).join(",");
    assert_holds(
        &format!("{{\"version\":1,\"meta\":{{\"Records\":[1]}},\"Records\":[{list}],\"more\":[2]}}"),
        &["a", "b"],
    );
    assert_holds(
        &format!("{{\"Records\":[{}],\"x\":1.5e3,\"Records\":[{}]}}", record("a"), record("b")),
        &["a", "b"],
    );
    let padding = "x".repeat(600_000);
    assert_holds(&format!("{{\"padding\":\"{padding}\",\"Records\":[{list}]}}"), &["a", "b"]);
}

#[test]
fn records_stand_alone_in_arrays_on_lines_and_one_after_the_other() {
    assert_holds(&record("a"), &["a"]);
    let three = records(&["a", "b", "c"]);
    for separator in ["\n", "\r\n", "", "\t", "\n\n", ",\n"] {
        assert_holds(&three.join(separator), &["a", "b", "c"]);
    }
    assert_holds(&format!("[{}]", three.join(",")), &["a", "b", "c"]);
    let pretty = three.join("\n").replace(',', ",\n  ").replace('{', "{\n  ");
    assert_holds(&pretty, &["a", "b", "c"]);
}

#[test]
fn files_put_together_are_read_one_after_the_other() {
    let file = |id: &str| format!("{{\"Records\":[{}]}}", record(id));
    assert_holds(&format!("{}{}", file("a"), file("b")), &["a", "b"]);
    assert_holds(&format!("[{},\n{}]", file("a"), file("b")), &["a", "b"]);
    assert_holds(&format!("{}\n[{}]\n{}", file("a"), record("b"), record("c")), &["a", "b", "c"]);
}

#[test]
fn envelopes_and_messages_are_opened() {
    let envelope = event_bridge(&record("a"));
    let sns = format!(
        r#"{{"Type":"Notification","MessageId":"m","TopicArn":"t","Message":{}}}"#,
        quoted(&envelope)
    );
    let sns_record = format!(r#"{{"EventSource":"aws:sns","EventVersion":"1.0","Sns":{sns}}}"#);
    let file = format!("{{\"Records\":[{},{}]}}", record("b"), record("c"));
    let lookup = format!(r#"{{"EventId":"a","EventName":"x","CloudTrailEvent":{}}}"#, quoted(&record("a")));
    let line = format!(r#"{{"timestamp":1,"id":"1","message":{}}}"#, quoted(&record("a")));
    assert_holds(&envelope, &["a"]);
    assert_holds(&format!("[{envelope},{envelope}]"), &["a", "a"]);
    assert_holds(&sns, &["a"]);
    assert_holds(&format!("{{\"Records\":[{sns_record}]}}"), &["a"]);
    assert_holds(
        &format!("{{\"Records\":[{},{},{}]}}", sqs(&envelope), sqs(&sns), sqs(&file)),
        &["a", "a", "b", "c"],
    );
    assert_holds(&format!(r#"{{"Messages":[{{"MessageId":"m","Body":{}}}]}}"#, quoted(&record("a"))), &["a"]);
    assert_holds(&format!(r#"{{"Events":[{lookup},{lookup}],"NextToken":"n"}}"#), &["a", "a"]);
    assert_holds(
        &format!("[{},{}]", quoted(&record("a")), quoted(&format!("\n{}", record("b")))),
        &["a", "b"],
    );
    assert_holds(&line, &["a"]);
    assert_holds(&format!(r#"{{"events":[{line}],"searchedLogStreams":[]}}"#), &["a"]);
    assert_holds(&format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{line}]}}"#), &["a"]);
}

#[test]
fn an_envelope_says_where_the_record_came_from() {
    let text = event_bridge(&record("a"));
    let mut seen = Vec::new();
    let tally = read_message(text.as_bytes(), "event", &mut |item| {
        let Item::Record(record) = item else { panic!("{item:?}") };
        assert_eq!(
            record.envelope,
            Some(Envelope {
                account: Some("111122223333".into()),
                region: Some("eu-west-1".into()),
                detail_type: Some("AWS API Call via CloudTrail".into()),
                source: Some("aws.ec2".into()),
            })
        );
        seen.push((record.origin.to_string(), String::from_utf8(record.bytes.to_vec()).unwrap()));
        ControlFlow::Continue(())
    });
    assert_eq!(seen, [("event record 1".to_owned(), record("a"))]);
    assert_eq!((tally.records, tally.problems, tally.bytes_in), (1, 0, text.len() as u64));
}

#[test]
fn fields_may_be_missing_or_of_another_type() {
    for record in [
        r#"{"eventName":"StopLogging"}"#,
        r#"{"eventSource":"s3.amazonaws.com"}"#,
        r#"{"eventVersion":2}"#,
        r#"{"eventVersion":"2.0","eventSource":null}"#,
        r#"{"eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start"}}"#,
        r#"{"eventCategory":"NetworkActivity"}"#,
        r#"{"event\u004eame":"StopLogging"}"#,
        r#"{"eventName":1e999,"eventSource":"\ud800","eventTime":[]}"#,
    ] {
        let seen = read(record);
        assert_eq!(seen, [Seen::Record { id: String::new(), number: 1, json: record.to_owned() }]);
    }
    let seen = read(b"{\"eventName\":\"\xff\xfe\x01\"}");
    assert_eq!(ids(&seen), [""]);
}

#[test]
fn a_key_that_stands_twice_is_named() {
    let mut ambiguous = Vec::new();
    let text = "{\"Records\":[{\"eventName\":\"a\",\"eventName\":\"b\"},{\"eventName\":\"c\"}]}";
    read_message(text.as_bytes(), "event", &mut |item| {
        let Item::Record(record) = item else { panic!("{item:?}") };
        ambiguous.push(record.ambiguous);
        ControlFlow::Continue(())
    });
    assert_eq!(ambiguous, [Some("eventName".to_owned()), None]);
}

#[test]
fn what_is_no_record_is_named_with_a_remedy() {
    let s3 = r#"{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}"#;
    assert_refused(
        &format!("{{\"Records\":[{s3}]}}"),
        "an S3 notification, which names a log file; give the file",
    );
    assert_refused(
        &format!("{{\"Records\":[{}]}}", sqs(&format!("{{\"Records\":[{s3}]}}"))),
        "an S3 notification",
    );
    assert_refused(r#"{"s3Bucket":"b","s3ObjectKey":["k"]}"#, "an S3 notification");
    assert_refused(r#"{"awsAccountId":"1","digestStartTime":"t","logFiles":[]}"#, "CloudTrail digest");
    assert_refused(
        r#"{"detail-type":"EC2 Instance State-change Notification","detail":{"eventName":1}}"#,
        "EC2 Instance",
    );
    assert_refused(r#"{"detail-type":"AWS API Call via CloudTrail","detail":"x"}"#, "detail is no object");
    assert_refused(
        r#"{"Type":"SubscriptionConfirmation","Message":"You have chosen"}"#,
        "confirmation that SNS asks for",
    );
    assert_refused(
        r#"{"Records":[{"eventSource":"aws:kinesis","kinesis":{}}]}"#,
        "a Lambda event of aws:kinesis",
    );
    assert_refused(r#"{"hello":"world"}"#, "an object without eventName");
    assert_refused("[1,2,3]", "no object where a record should be");
    assert_refused("[\"hello\",\"world\"]", "a bare text");
    assert_refused("<html></html>", "XML or HTML");
    assert_refused("\u{feff}hello", "this is not JSON");
    assert_refused("a,b\n1,2\n3,4\n", "this is not JSON");
    assert_refused(&format!("{{\"Records\":[{}]}}", sqs("hello")), "this is not JSON");
    assert_refused(&format!("{{\"Records\":[{}]}}", sqs("")), "this is empty");
    for empty in ["", " \n", "\u{feff}"] {
        assert_refused(empty, "this is empty; there is nothing to judge");
    }
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(record("a").bytes().flat_map(|byte| [byte, 0])).collect();
    assert!(reasons(&read(utf16))[0].contains("UTF-16"));
}

#[test]
fn a_text_inside_messages_without_end_is_refused() {
    let mut message = record("a");
    for _ in 0..8 {
        message = format!(r#"{{"Body":{}}}"#, quoted(&message));
    }
    assert_holds(&message, &["a"]);
    assert_refused(&format!(r#"{{"Body":{}}}"#, quoted(&message)), "inside too many messages");
}

#[test]
fn records_are_numbered_through_and_reading_ends_when_asked_to() {
    let text = format!("{{\"Records\":[{},{{\"x\":1}},{}]}}", record("a"), record("b"));
    let mut numbers = Vec::new();
    let tally = read_message(text.as_bytes(), "event", &mut |item| match item {
        Item::Record(record) => {
            numbers.push(record.origin.number);
            ControlFlow::Continue(())
        }
        Item::Problem(problem) => {
            numbers.push(problem.origin.number);
            assert_eq!(problem.origin.to_string(), "event record 2");
            assert_eq!(problem.bytes, b"{\"x\":1}");
            assert_eq!(&text.as_bytes()[usize::try_from(problem.offset).unwrap()..][..7], b"{\"x\":1}");
            ControlFlow::Break(())
        }
    });
    assert_eq!(numbers, [1, 2]);
    assert_eq!((tally.records, tally.problems), (1, 1));
}
