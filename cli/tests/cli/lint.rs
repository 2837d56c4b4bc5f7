//! `trailpost rules lint`: every diagnostic, on a file that has just that mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::trial::{Ran, Trial};

/// One mistake each, called like its diagnostic: a file, or a folder where the name of the file matters.
fn mistakes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/mistakes")
}

/// The names of the diagnostics, as `--explain all` lists them.
fn codes(trial: &Trial) -> BTreeSet<String> {
    let explained = trial.run(&["rules", "lint", "--explain", "all"]);
    let names = explained.out.lines().filter(|line| !line.starts_with(' '));
    names.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

fn linted(trial: &Trial, options: &[&str]) -> Ran {
    let folder = mistakes();
    let mut arguments = vec!["rules", "lint", folder.to_str().unwrap()];
    arguments.extend(options);
    trial.run(&arguments)
}

#[test]
fn every_diagnostic_has_its_file_and_is_said_of_it() {
    let trial = Trial::new();
    let codes = codes(&trial);

    let rows = linted(&trial, &["--json"]).rows();

    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let file = Path::new(row["file"].as_str().unwrap()).strip_prefix(mistakes()).unwrap().to_owned();
        let first = file.iter().next().unwrap().to_str().unwrap().trim_end_matches(".yaml").to_owned();
        said.entry(first).or_default().insert(row["code"].as_str().unwrap().to_owned());
        assert!(row["line"].as_u64().unwrap() > 0 || row["code"] == "duplicate-row", "{row}");
        assert!(row["column"].as_u64().unwrap() > 0 || row["code"] == "duplicate-row", "{row}");
        assert!(
            !row["message"].as_str().unwrap().is_empty() && !row["help"].as_str().unwrap().is_empty(),
            "{row}"
        );
    }
    assert!(codes.len() >= 100, "{}", codes.len());
    assert_eq!(said.keys().cloned().collect::<BTreeSet<_>>(), codes, "a file for each, and no other");
    for (file, said) in &said {
        assert!(said.contains(file), "{file} is told {said:?}");
    }
}

#[test]
fn diagnostics_look_like_this() {
    let trial = Trial::new();

    let ran = linted(&trial, &[]);

    let folder = format!("{}/", mistakes().display());
    insta::assert_snapshot!("mistakes", ran.out.replace(&folder, ""));
}

#[test]
fn what_is_right_is_told_nothing() {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog");
    let trial = Trial::new();
    let folders: Vec<_> = fs::read_dir(catalog).unwrap().map(|entry| entry.unwrap().path()).collect();
    let paths = folders
        .iter()
        .filter(|path| path.is_dir() && !path.ends_with("models") && !path.ends_with("derived"));
    let mut arguments = vec!["rules", "lint", "--strict"];
    arguments.extend(paths.map(|path| path.to_str().unwrap()));

    let files = trial.run(&arguments);
    let packed = trial.run(&["rules", "lint", "--strict"]);

    assert_eq!((files.code, files.out.as_str()), (0, ""));
    assert_eq!((packed.code, packed.out.as_str()), (0, ""));
}

#[test]
fn the_exit_code_says_whether_rules_can_be_used() {
    let rule = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: StopLogging}\n";
    let trial = Trial::new()
        .file("smells.yml", format!("{rule}  unused: {{eventName: B}}\n  condition: s\n"))
        .file("broken.yml", format!("{rule}  condition: t\n"));

    let code = |arguments: &[&str]| trial.run(&[&["rules", "lint"], arguments].concat()).code;

    assert_eq!(code(&["smells.yml"]), 0);
    assert_eq!(code(&["smells.yml", "--strict"]), 1);
    assert_eq!(code(&["broken.yml"]), 1);
    assert_eq!(code(&["missing.yml"]), 3);
    assert_eq!(code(&["--explain", "unused-serch"]), 3);
}

#[test]
fn a_file_may_hide_nothing_from_a_terminal() {
    let rule = "title: \"\u{202e}T\"\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: StopLogging}, condition: s}\n";
    let trial = Trial::new().file("t.yml", rule);

    let ran = trial.run(&["rules", "lint", "t.yml"]);

    assert!(ran.out.contains("warning[bidi-control]"), "{}", ran.out);
    assert!(!ran.out.contains('\u{202e}'), "{}", ran.out);
}
