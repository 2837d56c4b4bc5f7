//! The book, in `target/book`: the pages of `docs/`, and a page for each service, rule and framework of the catalogue.
//!
//! Its folders are those of the repository, so that links lead to the same pages in both. What it is made of is
//! mdBook's: <https://rust-lang.github.io/mdBook/format/summary.html>.

mod page;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use catalog::{Framework, Loaded};
use engine::check::Checker;
use engine::detect::Detector;
use rules::{Meta, Settings, Target};

/// What keeps the book from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// The catalogue.
    #[error("catalogue:\n{0}")]
    Catalogue(String),
}

const BOOK: &str = "[book]
title = \"Trailpost\"
language = \"en\"
src = \"src\"

[output.html]
git-repository-url = \"https://github.com/trailpost/trailpost\"
default-theme = \"light\"
preferred-dark-theme = \"navy\"
no-section-label = true

[output.html.fold]
enable = true
level = 0

# The catalogue would make an index of 23 MB; `trailpost rules list` searches better.
[output.html.search.chapter]
\"catalog\" = { enable = false }
";

/// A rule, and what the engine says of it.
struct Entry {
    meta: Meta,
    kind: Option<String>,
    reads: Vec<String>,
    counts: String,
    /// Of each framework that knows it.
    controls: Vec<(String, Vec<String>)>,
    /// Its file, from the repository's root.
    file: String,
    yaml: String,
}

impl Entry {
    fn folder(&self) -> &str {
        self.file.split('/').nth(1).unwrap_or_default()
    }

    /// Its page, from the book's root.
    fn page(&self) -> String {
        format!("catalog/{}/{}.md", self.folder(), self.meta.id)
    }
}

/// Makes the book.
pub(crate) fn make(root: &Path) -> Result<String, Error> {
    let book = root.join("target/book");
    let pages = Pages { folder: book.join("src") };
    let loaded = catalog::load(&root.join("catalog")).map_err(|error| Error::Catalogue(error.to_string()))?;
    if !loaded.errors.is_empty() {
        let said: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
        return Err(Error::Catalogue(said.join("\n")));
    }
    let frameworks = loaded.frameworks.clone();
    let entries = entries(root, loaded)?;

    match fs::remove_dir_all(&pages.folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::File(pages.folder.display().to_string(), error));
        }
        _ => {}
    }
    let mut summary = by_hand(root, &pages)?;
    summary.push_str("\n# Catalogue\n\n");
    by_service(&entries, &pages, &mut summary)?;
    by_framework(&frameworks, &entries, &pages, &mut summary)?;
    pages.write("SUMMARY.md", &summary)?;
    let settings = book.join("book.toml");
    fs::write(&settings, BOOK).map_err(|error| Error::File(settings.display().to_string(), error))?;
    Ok(format!("{} rules in target/book; `mdbook serve target/book` shows it", entries.len()))
}

/// The pages that people wrote: `docs/`, and those it names beside itself. Gives the summary, from the book's root.
fn by_hand(root: &Path, pages: &Pages) -> Result<String, Error> {
    let read =
        |name: &str| fs::read_to_string(root.join(name)).map_err(|error| Error::File(name.to_owned(), error));
    let mut summary = String::new();
    for line in read("docs/SUMMARY.md")?.lines() {
        let Some((before, rest)) = line.split_once("](") else {
            writeln!(summary, "{line}").ok();
            continue;
        };
        let (target, after) = rest.split_once(')').unwrap_or((rest, ""));
        let name = target.strip_prefix("../").map_or_else(|| format!("docs/{target}"), str::to_owned);
        pages.write(&name, &read(&name)?)?;
        writeln!(summary, "{before}]({name}){after}").ok();
    }
    Ok(summary)
}

fn by_service(entries: &[Entry], pages: &Pages, summary: &mut String) -> Result<(), Error> {
    let mut services: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        services.entry(entry.folder()).or_default().push(entry);
    }
    let checks = entries.iter().filter(|entry| entry.kind.is_some()).count();
    let mut all = format!(
        "# Catalogue\n\n{checks} checks and {} signatures.\n\n| Service | Checks | Signatures |\n|---|--:|--:|\n",
        entries.len() - checks
    );
    writeln!(summary, "- [All services](catalog/README.md)").ok();
    for (service, entries) in services {
        let checks = entries.iter().filter(|entry| entry.kind.is_some()).count();
        writeln!(all, "| [{service}]({service}/README.md) | {checks} | {} |", entries.len() - checks).ok();
        writeln!(summary, "- [{service}](catalog/{service}/README.md)").ok();
        pages.write(&format!("catalog/{service}/README.md"), &page::service(service, &entries))?;
        for entry in entries {
            writeln!(summary, "  - [{}]({})", entry.meta.title.replace(['[', ']'], ""), entry.page()).ok();
            pages.write(&entry.page(), &page::rule(entry))?;
        }
    }
    pages.write("catalog/README.md", &all)
}

fn by_framework(
    frameworks: &[Framework],
    entries: &[Entry],
    pages: &Pages,
    summary: &mut String,
) -> Result<(), Error> {
    summary.push_str("\n# Frameworks\n\n");
    for framework in frameworks {
        let name = format!("catalog/frameworks/{}.md", framework.id);
        writeln!(summary, "- [{}]({name})", framework.title).ok();
        pages.write(&name, &page::framework(framework, entries))?;
    }
    Ok(())
}

fn entries(root: &Path, loaded: Loaded) -> Result<Vec<Entry>, Error> {
    let settings = Settings::default();
    let (checker, _) = Checker::new(loaded.rules.iter().cloned(), &settings);
    let (detector, _) = Detector::new(loaded.rules.iter().cloned(), &settings);
    let set = detector.rules();
    let mut entries = Vec::new();
    for rule in loaded.rules {
        let origin = PathBuf::from(&rule.meta.origin);
        let file = origin.strip_prefix(root).unwrap_or(&origin).display().to_string();
        let yaml = fs::read_to_string(&origin).map_err(|error| Error::File(file.clone(), error))?;
        let id = rule.meta.id.as_str();
        let (kind, reads, counts) = match rule.target {
            Target::Resource(kind) => {
                let reads = checker.reads_of(&kind, id).into_iter().collect();
                (Some(kind), reads, String::new())
            }
            Target::Event | Target::Other(_) => {
                let counts = set.correlation(id).map(rules::Correlated::words).unwrap_or_default();
                (None, set.reads(id).into_iter().collect(), counts)
            }
        };
        let controls = loaded.frameworks.iter().map(|framework| {
            (framework.id.clone(), framework.controls_of(id).map(str::to_owned).collect::<Vec<_>>())
        });
        let controls = controls.filter(|(_, controls)| !controls.is_empty()).collect();
        entries.push(Entry { kind, reads, counts, controls, file, yaml, meta: rule.meta });
    }
    entries.sort_by(|a, b| {
        (a.folder(), a.kind.is_none(), &a.meta.id).cmp(&(b.folder(), b.kind.is_none(), &b.meta.id))
    });
    Ok(entries)
}

/// Where pages are written.
struct Pages {
    folder: PathBuf,
}

impl Pages {
    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        let failed = |error| Error::File(path.display().to_string(), error);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(&path, text).map_err(failed)
    }
}
