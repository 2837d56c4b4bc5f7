//! Gzip and zip, whole and damaged.

use std::io::{Cursor, Read, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use records::{Limits, ReadError};
use zip::write::SimpleFileOptions;

use crate::reading::{ids, read, read_with, reasons, record, records};

pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn file(names: &[&str]) -> Vec<u8> {
    format!("{{\"Records\":[{}]}}", records(names).join(",")).into_bytes()
}

#[test]
fn gzip_is_known_by_its_content() {
    let bytes = gz(&file(&["a", "b"]));
    let (seen, tally) = read_with(bytes.as_slice(), &Limits::default());
    assert_eq!(ids(&seen), ["a", "b"]);
    assert_eq!(reasons(&seen), [""; 0]);
    assert_eq!((tally.bytes_in, tally.bytes_out), (bytes.len() as u64, file(&["a", "b"]).len() as u64));
}

#[test]
fn every_member_of_a_gzip_file_is_read_and_gzip_in_gzip_is_opened() {
    let members = [gz(&file(&["a"])), gz(b""), gz(record("b").as_bytes())].concat();
    assert_eq!(ids(&read(&members)), ["a", "b"]);
    assert_eq!(ids(&read(gz(&members))), ["a", "b"]);
    assert!(reasons(&read(gz(b"")))[0].contains("empty"));
}

#[test]
fn what_follows_a_gzip_file_is_a_problem() {
    let seen = read([gz(&file(&["a"])), b"this is garbage".to_vec()].concat());
    assert_eq!(ids(&seen), ["a"]);
    assert_eq!(reasons(&seen).len(), 1);
    assert!(reasons(&seen)[0].contains("the archive cannot be unpacked"), "{}", reasons(&seen)[0]);
}

#[test]
fn a_gzip_file_cut_at_any_byte_gives_one_problem_and_the_records_before_the_cut() {
    let names: Vec<String> = (0..40).map(|number| format!("id-{number:x}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let bytes = gz(&file(&names));
    let mut most = 0;
    for cut in 0..bytes.len() {
        let seen = read(&bytes[..cut]);
        assert_eq!(reasons(&seen).len(), 1, "cut at {cut}: {seen:?}");
        let found = ids(&seen);
        assert_eq!(found, names[..found.len()], "cut at {cut}");
        assert!(found.len() >= most, "cut at {cut}");
        most = found.len();
    }
    assert_eq!(most, 40, "without the last byte of the checksum, all records are there");
}

#[test]
fn a_gzip_file_with_a_damaged_byte_is_never_read_in_silence() {
    let bytes = gz(&file(&["a", "b", "c"]));
    let whole = read(&bytes);
    for at in 10..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x10;
        let seen = read(&bytes);
        // A bit of padding may be wrong and do no harm.
        assert!(!reasons(&seen).is_empty() || seen == whole, "byte {at}");
    }
}

#[test]
fn a_bomb_is_bounded() {
    let mut bomb = gz(&file(&["a"]));
    bomb.extend(gz(&vec![b' '; 1 << 20]).repeat(30));
    let (seen, tally) = read_with(bomb.as_slice(), &Limits::default());
    assert_eq!(ids(&seen), ["a"]);
    assert_eq!(reasons(&seen).len(), 1);
    assert!(reasons(&seen)[0].contains("as a bomb does"), "{}", reasons(&seen)[0]);
    assert!(tally.bytes_out <= 17 << 20, "{}", tally.bytes_out);
    let seen = read(zip(&[("bomb.gz", &bomb)]));
    assert_eq!((ids(&seen), reasons(&seen).len()), (vec!["a"], 1), "a bomb inside an archive is one too");
}

#[test]
fn the_limit_on_all_bytes_ends_the_reading_with_a_problem() {
    let text = file(&["a", "b", "c"]);
    let limits = |total| Limits { total_bytes: Some(total), ..Limits::default() };
    for bytes in [text.clone(), gz(&text)] {
        let (seen, _) = read_with(bytes.as_slice(), &limits(text.len() as u64 - 10));
        assert_eq!(ids(&seen), ["a", "b"]);
        assert_eq!(reasons(&seen).len(), 1);
        assert!(reasons(&seen)[0].contains("the rest is not judged"), "{}", reasons(&seen)[0]);
        let (seen, _) = read_with(bytes.as_slice(), &limits(text.len() as u64));
        assert_eq!((ids(&seen), reasons(&seen)), (vec!["a", "b", "c"], vec![]));
    }
}

#[test]
fn every_member_of_a_zip_stream_is_read() {
    let bytes = zip(&[
        ("one.json", &file(&["a"])),
        ("folder/two.json.gz", &gz(&file(&["b"]))),
        ("__MACOSX/._one.json", b"\0\x05\x16"),
        ("bad.json", b"oops"),
        ("three.jsonl", record("c").as_bytes()),
    ]);
    let mut origins = Vec::new();
    records::read(bytes.as_slice(), "logs.zip", &Limits::default(), &mut |item| {
        let (records::Item::Record(records::Record { origin, .. })
        | records::Item::Problem(records::Problem { origin, .. })) = item;
        origins.push(origin.to_string());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(
        origins,
        [
            "logs.zip!one.json record 1",
            "logs.zip!folder/two.json.gz record 1",
            "logs.zip!bad.json record 1",
            "logs.zip!three.jsonl record 1",
        ]
    );
}

#[test]
fn a_zip_stream_cut_at_any_byte_is_never_read_in_silence() {
    let bytes = zip(&[("one.json", &file(&["a", "b"])), ("two.json", &file(&["c"]))]);
    for cut in 0..bytes.len() - 200 {
        let seen = read(&bytes[..cut]);
        assert!(!reasons(&seen).is_empty() || ids(&seen) == ["a", "b", "c"], "cut at {cut}: {seen:?}");
    }
}

#[test]
fn other_archives_are_named() {
    for (bytes, name) in
        [(&b"\x28\xb5\x2f\xfd\x00"[..], "zstd"), (b"BZh91AY", "bzip2"), (b"PAR1\x15", "Parquet")]
    {
        let seen = read(bytes);
        assert_eq!(reasons(&seen).len(), 1);
        assert!(reasons(&seen)[0].contains(name) && reasons(&seen)[0].contains("unpack it first"));
    }
}

#[test]
fn only_a_failure_of_the_input_itself_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is on fire"))
        }
    }
    let text = file(&["a"]);
    let archive = zip(&[("one.json", &text)]);
    let packed = gz(&text);
    for start in [&b""[..], &text[..100], &packed[..packed.len() / 2], &packed, &archive[..100]] {
        let result: Result<_, ReadError> =
            records::read(start.chain(Broken), "log.json", &Limits::default(), &mut |_| {
                std::ops::ControlFlow::Continue(())
            });
        let message = result.unwrap_err().to_string();
        assert!(message.starts_with("log.json") && message.contains("the disk is on fire"), "{message}");
    }
}
