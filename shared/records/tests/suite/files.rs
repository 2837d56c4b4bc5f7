//! Files and folders on disk.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use records::{Limits, Source, Why, sources};

use crate::archives::{gz, zip};
use crate::reading::{Seen, ids, reasons, record};

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("trailpost-records-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(found: &[Source], under: &Path) -> Vec<String> {
    found
        .iter()
        .map(|source| source.path().unwrap().strip_prefix(under).unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn read(source: &Source) -> (Vec<Seen>, u64) {
    let mut seen = Vec::new();
    let mut progress = 0;
    source
        .read(&Limits::default(), &mut |taken| progress = taken, &mut |item| {
            seen.push(Seen::of(&item));
            ControlFlow::Continue(())
        })
        .unwrap();
    (seen, progress)
}

#[test]
fn a_folder_is_walked_in_the_order_of_names() {
    let folder = Folder::new();
    for name in ["b/2.jsonl", "b/1.json", "a.json.gz", "c.log", "B.ZIP"] {
        folder.file(name, "{}");
    }
    let found = sources(std::slice::from_ref(&folder.0)).unwrap();
    assert_eq!(names(&found.found, &folder.0), ["B.ZIP", "a.json.gz", "b/1.json", "b/2.jsonl", "c.log"]);
    assert!(found.left_out.is_empty());
}

#[test]
fn what_is_left_out_is_said() {
    let folder = Folder::new();
    folder.file("AWSLogs/1/CloudTrail/x.json.gz", gz(b"{}"));
    folder.file("AWSLogs/1/CloudTrail-Digest/y.json.gz", gz(b"{}"));
    folder.file("AWSLogs/README.md", "# Logs");
    folder.file("AWSLogs/firehose-2026-01-01", record("a"));
    let found = sources(std::slice::from_ref(&folder.0)).unwrap();
    assert_eq!(
        names(&found.found, &folder.0),
        ["AWSLogs/1/CloudTrail/x.json.gz", "AWSLogs/firehose-2026-01-01"]
    );
    assert!(matches!(found.left_out[0].why, Why::Digests));
    assert!(matches!(found.left_out[1].why, Why::NoLogs(1)));
    assert!(found.left_out[0].to_string().contains("CloudTrail-Digest: left out: CloudTrail's digest files"));
    let named = sources(&[folder.0.join("AWSLogs/README.md")]).unwrap();
    assert_eq!(named.found.len(), 1, "a file that is named is read whatever its name");
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends_and_a_file_reached_twice_is_listed_once() {
    let folder = Folder::new();
    let file = folder.file("a/1.json", "{}");
    std::os::unix::fs::symlink(&folder.0, folder.0.join("a/loop")).unwrap();
    std::os::unix::fs::symlink(&file, folder.0.join("a/same.json")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.0.join("a/gone.json")).unwrap();
    let found = sources(&[folder.0.clone(), file]).unwrap();
    assert_eq!(names(&found.found, &folder.0), ["a/1.json"]);
    assert_eq!(found.left_out.len(), 1);
    assert!(matches!(found.left_out[0].why, Why::Unreadable(_)));
}

#[test]
fn a_path_that_is_not_there_is_an_error_and_a_dash_is_standard_input() {
    let error = sources(&[PathBuf::from("/no/such/file.json")]).unwrap_err();
    assert!(error.to_string().starts_with("/no/such/file.json: cannot be read"), "{error}");
    let found = sources(&[PathBuf::from("-")]).unwrap();
    assert_eq!((found.found[0].name(), found.found[0].path(), found.found[0].size()), ("-", None, None));
}

#[test]
fn files_are_read_by_content_not_by_name_and_report_progress() {
    let folder = Folder::new();
    let archive = zip(&[("x/1.json", record("c").as_bytes()), ("x/2.json", &gz(record("d").as_bytes()))]);
    folder.file("1.json", record("a"));
    folder.file("2.json", gz(record("b").as_bytes()));
    folder.file("3.json", archive);
    let found = sources(std::slice::from_ref(&folder.0)).unwrap().found;
    for (source, expected) in found.iter().zip([&["a"][..], &["b"], &["c", "d"]]) {
        let (seen, progress) = read(source);
        assert_eq!(ids(&seen), expected);
        assert_eq!(reasons(&seen), [""; 0]);
        assert!(progress >= source.size().unwrap(), "{progress}");
    }
}

#[test]
fn a_zip_file_that_was_cut_short_gives_the_members_before_the_cut() {
    let folder = Folder::new();
    let archive = zip(&[("1.json", record("a").as_bytes()), ("2.json", record("b").repeat(200).as_bytes())]);
    let path = folder.file("logs.zip", &archive[..archive.len() - 300]);
    let (seen, _) = read(&sources(&[path]).unwrap().found[0]);
    assert_eq!(ids(&seen)[0], "a");
    assert!(!reasons(&seen).is_empty());
}

#[test]
fn an_empty_zip_file_is_a_problem() {
    let folder = Folder::new();
    let path = folder.file("logs.zip", zip(&[]));
    let (seen, _) = read(&sources(&[path]).unwrap().found[0]);
    assert!(reasons(&seen)[0].contains("empty"), "{seen:?}");
}
