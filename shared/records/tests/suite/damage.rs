//! Damaged input: what is whole is read, what is not is named, nothing is lost in silence.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use records::Limits;

use crate::reading::{
    Pieces, Seen, event_bridge, ids, message, quoted, read, read_with, reasons, record, records, sqs,
};

/// The ways to lay out records in a file.
#[derive(Debug, Clone, Copy)]
enum Layout {
    File,
    Pretty,
    Array,
    Lines,
    Envelopes,
    Queue,
    Lookup,
}

const LAYOUTS: [Layout; 7] = [
    Layout::File,
    Layout::Pretty,
    Layout::Array,
    Layout::Lines,
    Layout::Envelopes,
    Layout::Queue,
    Layout::Lookup,
];

/// A file, and where in it each record starts and ends.
struct File {
    bytes: Vec<u8>,
    spans: Vec<std::ops::Range<usize>>,
}

fn file(layout: Layout, records: &[String]) -> File {
    let (open, separator, close) = match layout {
        Layout::File | Layout::Queue => ("{\"Records\":[", ",", "]}"),
        Layout::Pretty => ("{\n  \"Records\": [\n    ", ",\n    ", "\n  ]\n}\n"),
        Layout::Array => ("[", ",\n", "]"),
        Layout::Lines | Layout::Envelopes => ("", "\n", "\n"),
        Layout::Lookup => ("{\"Events\": [", ", ", "], \"NextToken\": \"n\"}"),
    };
    let mut bytes = open.as_bytes().to_vec();
    let mut spans = Vec::new();
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            bytes.extend_from_slice(separator.as_bytes());
        }
        let item = match layout {
            Layout::Envelopes => event_bridge(record),
            Layout::Queue => sqs(record),
            Layout::Lookup => format!("{{\"EventId\": \"x\", \"CloudTrailEvent\": {}}}", quoted(record)),
            Layout::Pretty => record.replace("\",\"", "\",\n      \"").replace(":{\"", ": {\n        \""),
            _ => record.clone(),
        };
        spans.push(bytes.len()..bytes.len() + item.len());
        bytes.extend_from_slice(item.as_bytes());
    }
    bytes.extend_from_slice(close.as_bytes());
    File { bytes, spans }
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

#[test]
fn a_file_cut_at_any_byte_gives_the_whole_records_before_the_cut_and_one_problem() {
    for layout in LAYOUTS {
        let file = file(layout, &records(&NAMES[..3]));
        let end = file.bytes.trim_ascii_end().len();
        for cut in 0..end {
            let seen = read(&file.bytes[..cut]);
            let whole = file.spans.iter().filter(|span| span.end <= cut).count();
            assert_eq!(ids(&seen), NAMES[..whole], "{layout:?} cut at {cut}");
            let at_a_line = matches!(layout, Layout::Lines | Layout::Envelopes)
                && file.spans.iter().any(|span| (span.end..=span.end + 1).contains(&cut));
            assert_eq!(reasons(&seen).len(), usize::from(!at_a_line), "{layout:?} cut at {cut}: {seen:?}");
        }
    }
}

#[test]
fn a_broken_record_costs_its_neighbours_nothing() {
    for layout in LAYOUTS {
        let whole = file(layout, &records(&NAMES));
        let span = whole.spans[2].clone();
        let broken: [&[u8]; 6] =
            [b"{\"eventVersion\":\"1.11\",,}", b"{\"eventVersion", b"{{{", b"]}]}", b"\"", b"oh no"];
        for broken in broken {
            let mut bytes = whole.bytes.clone();
            bytes.splice(span.clone(), broken.iter().copied());
            let seen = read(&bytes);
            let text = String::from_utf8_lossy(broken);
            assert_eq!(ids(&seen), ["a", "b", "d", "e"], "{layout:?} {text}: {:?}", reasons(&seen));
            let Seen::Problem { number, offset, .. } = &seen[2] else {
                panic!("{layout:?} {text}: {seen:?}")
            };
            assert_eq!(*number, 3, "{layout:?} {text}");
            assert!(*offset >= span.start as u64, "{layout:?} {text}: {offset}");
        }
    }
}

#[test]
fn a_broken_record_is_shown_with_its_place() {
    let text =
        format!("{{\"Records\":[{},{{\"eventVersion\":\"1.11\",oops}},{}]}}", record("a"), record("b"));
    let seen = read(&text);
    let oops = text.find("oops").unwrap() as u64;
    assert_eq!(
        seen[1],
        Seen::Problem {
            reason: "this is not JSON; the records around it are judged, get this one again from where it was copied".into(),
            number: 2,
            offset: oops,
            bytes: b"{\"eventVersion\":\"1.11\",oops},".to_vec(),
        }
    );
    assert_eq!(ids(&seen), ["a", "b"]);
}

#[test]
fn objects_inside_a_broken_record_do_not_pass_for_records() {
    let nested = r#"{"eventVersion":"1.11","oops" 1,"requestParameters":{"eventVersion":"1.11","eventName":"forged"},"items":[{"eventName":"x"},{"a":1}],"eventID":"z"}"#;
    let seen = read(format!("{{\"Records\":[{},{nested},{}]}}", record("a"), record("b")));
    assert_eq!(ids(&seen), ["a", "b"]);
    assert_eq!(reasons(&seen).len(), 1);
}

#[test]
fn a_file_with_a_broken_head_still_gives_its_records() {
    let list = records(&["a", "b"]).join(",");
    for head in ["{\"Records\" [", "{\"Recor\"ds\":[", "{Records:[", "{[", "x["] {
        assert_eq!(ids(&read(format!("{head}{list}]}}"))), ["a", "b"], "{head}");
    }
    let second = format!("{{\"Records\":[{}]}}", record("c"));
    let seen = read(format!("{{\"Records\":[{},{{\"a\" 1}}]}}{second}", record("a")));
    assert_eq!(ids(&seen), ["a", "c"]);
    assert_eq!(reasons(&seen).len(), 1);
}

#[test]
fn trailing_garbage_is_a_problem() {
    let seen = read(format!("{{\"Records\":[{}]}}\0\0\0", record("a")));
    assert_eq!(ids(&seen), ["a"]);
    assert_eq!(reasons(&seen).len(), 1);
}

#[test]
fn nesting_is_judged_to_its_limit_and_refused_beyond_it_for_that_record_only() {
    let deep = |levels: usize| {
        format!(
            r#"{{"eventVersion":"1.11","requestParameters":{}{},"eventID":"deep"}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    let around =
        |record_text: &str| format!("{{\"Records\":[{},{record_text},{}]}}", record("a"), record("b"));
    assert_eq!(ids(&read(around(&deep(1_000)))), ["a", "deep", "b"]);
    let objects = format!(r#"{{"eventName":{}1{}}}"#, "{\"a\":".repeat(100_000), "}".repeat(100_000));
    for refused in [deep(100_000), objects, "[".repeat(100_000) + &"]".repeat(100_000)] {
        let started = Instant::now();
        let seen = read(around(&refused));
        assert_eq!(ids(&seen), ["a", "b"]);
        assert_eq!(reasons(&seen).len(), 1);
        assert!(reasons(&seen)[0].contains("nested deeper than 10000 levels"), "{}", reasons(&seen)[0]);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}

#[test]
fn a_record_beyond_the_limit_is_refused_and_the_next_is_read() {
    let limits = Limits { record_bytes: 2_000, ..Limits::default() };
    let large =
        format!(r#"{{"eventVersion":"1.11","x":"{}}}{{[","eventID":"large"}}"#, "{\\\"a\\\":[".repeat(500));
    let text = format!("{{\"Records\":[{},{large},{}]}}", record("a"), record("b"));
    for most in [1, 1_000, 1_000_000] {
        let (seen, _) = read_with(Pieces { rest: text.as_bytes(), most, turn: most - 1 }, &limits);
        assert_eq!(ids(&seen), ["a", "b"]);
        let Seen::Problem { reason, number: 2, bytes, .. } = &seen[1] else { panic!("{seen:?}") };
        assert!(reason.contains("larger than 2000 bytes"), "{reason}");
        assert!(bytes.starts_with(large.as_bytes()));
    }
}

#[test]
fn a_record_without_an_end_does_not_swallow_the_ones_behind_it() {
    let open = r#"{"eventVersion":"1.11","requestParameters":{"items":[{"fromPort":22,"eventID":"z"}"#;
    let text = format!("[{open},{},{}]", record("a"), record("b"));
    let limits = Limits { record_bytes: 1_200, ..Limits::default() };
    for limits in [Limits::default(), limits] {
        let (seen, _) = read_with(text.as_bytes(), &limits);
        assert_eq!(ids(&seen), ["a", "b"]);
        assert_eq!(reasons(&seen).len(), 1, "{seen:?}");
        assert!(matches!(seen[0], Seen::Problem { number: 1, .. }), "{seen:?}");
    }
}

#[test]
fn what_stands_beside_the_records_may_be_too_large_too() {
    let limits = Limits { record_bytes: 1_200, ..Limits::default() };
    let large = format!("{{\"x\":\"{}\"}}", "y".repeat(2_000));
    let text = format!("{{\"Records\":[{}],\"more\":{large},\"Records\":[{}]}}", record("a"), record("b"));
    for most in [1, 1_000_000] {
        let (seen, _) = read_with(Pieces { rest: text.as_bytes(), most, turn: most - 1 }, &limits);
        assert_eq!(ids(&seen), ["a", "b"]);
        assert_eq!(reasons(&seen).len(), 1, "{seen:?}");
    }
}

#[test]
fn bytes_made_to_look_like_many_beginnings_are_passed_in_time() {
    let mut values = String::new();
    for _ in 0..200_000 {
        values.push_str("{\"a\":[1,");
    }
    let mut lines = String::new();
    for block in 0..40 {
        let _ = writeln!(lines, "{}{block} oops", "{\"a\":[\n".repeat(4_900));
    }
    for text in [format!("[{{\"oops\" 1,[{values}"), values.replace(",{", ",x{"), lines] {
        let started = Instant::now();
        let seen = read(&text);
        assert_eq!(ids(&seen), [""; 0]);
        assert!(!reasons(&seen).is_empty());
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

fn layout() -> impl Strategy<Value = Layout> {
    prop::sample::select(&LAYOUTS[..])
}

/// Bytes that matter to a parser, and some that do not.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![prop::sample::select(&b"{}[],:\"\\ \nx0n\xff\xef\x00"[..]), any::<u8>()]
}

#[derive(Debug, Clone)]
enum Mutation {
    Replace(u8),
    Insert(u8),
    Remove(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        byte().prop_map(Mutation::Replace),
        byte().prop_map(Mutation::Insert),
        (1..40_usize).prop_map(Mutation::Remove),
    ]
}

/// Pieces of JSON, in any order.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let record = record("soup");
    let piece = prop_oneof![
        4 => prop::sample::select(&[
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", " ", "1", "null", "\"eventVersion\":\"1.1\"", "\"Records\":[",
            "{\"Records\":[", "\"a\":", "\"body\":", "\u{feff}", "{\"eventName\":\"x\"}", "\"{}\"", "}{", "\n{\"",
        ][..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => Just(record.into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn assert_pieces_make_no_difference(
    bytes: &[u8],
    most: usize,
    record_bytes: usize,
) -> Result<(), TestCaseError> {
    let limits = Limits { record_bytes, ..Limits::default() };
    let (whole, tally) = read_with(bytes, &limits);
    let (pieces, pieces_tally) = read_with(Pieces { rest: bytes, most, turn: 0 }, &limits);
    prop_assert_eq!(&whole, &pieces);
    prop_assert_eq!(tally, pieces_tally);
    prop_assert_eq!(tally.bytes_in, bytes.len() as u64);
    // A message is not looked at for archives.
    if bytes.len() <= record_bytes && !bytes.starts_with(b"\x1f\x8b") {
        prop_assert_eq!(&whole, &message(bytes));
    }
    prop_assert_eq!(tally.records + tally.problems, whole.len() as u64);
    for (index, seen) in whole.iter().enumerate() {
        let (Seen::Record { number, .. } | Seen::Problem { number, .. }) = seen;
        prop_assert_eq!(*number, index as u64 + 1);
        if let Seen::Problem { offset, .. } = seen {
            prop_assert!(*offset <= bytes.len() as u64);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic_and_never_in_silence(bytes in prop::collection::vec(byte(), 0..200), most in 1..9_usize) {
        assert_pieces_make_no_difference(&bytes, most, 1 << 20)?;
        let seen = read(&bytes);
        let has_list = bytes.contains(&b'[');
        prop_assert!(!seen.is_empty() || has_list);
    }

    #[test]
    fn the_pieces_in_which_an_input_comes_make_no_difference(
        bytes in soup(), most in 1..40_usize, record_bytes in prop::sample::select(&[40_usize, 700, 1 << 20][..]),
    ) {
        assert_pieces_make_no_difference(&bytes, most, record_bytes)?;
    }

    #[test]
    fn every_record_outside_the_damage_is_read(layout in layout(), victim in 0..5_usize, at in 0.0..1.0_f64, mutation in mutation(), most in 1..2_000_usize) {
        let File { mut bytes, spans } = file(layout, &records(&NAMES));
        let span = spans[victim].clone();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
        let at = span.start + ((span.len() - 1) as f64 * at) as usize;
        match mutation {
            Mutation::Replace(byte) => bytes[at] = byte,
            Mutation::Insert(byte) => bytes.insert(at, byte),
            Mutation::Remove(count) => drop(bytes.drain(at..(at + count).min(span.end))),
        }
        assert_pieces_make_no_difference(&bytes, most, 1 << 20)?;
        let seen = read(&bytes);
        let found = ids(&seen);
        for name in NAMES.iter().filter(|name| **name != NAMES[victim]) {
            prop_assert!(found.contains(name), "{name} is missing from {found:?}: {:?}", reasons(&seen));
        }
        prop_assert!(found.contains(&NAMES[victim]) || found.len() == 5 || !reasons(&seen).is_empty());
    }

    #[test]
    fn a_good_file_is_read_the_same_in_any_pieces(layout in layout(), count in 0..5_usize, most in 1..5_000_usize) {
        let File { bytes, .. } = file(layout, &records(&NAMES[..count]));
        let (seen, _) = read_with(Pieces { rest: &bytes, most, turn: 0 }, &Limits::default());
        prop_assert_eq!(ids(&seen), &NAMES[..count]);
    }
}
