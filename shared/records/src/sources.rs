//! The files that a person named, and those in the folders that a person named.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::archive::{Unpacking, printable, unpack, unpack_file};
use crate::error::ReadError;
use crate::limits::Limits;
use crate::meter::{Meter, Progress};
use crate::sink::{Each, Sink, Tally};

/// Standard input, as a path.
const STANDARD_INPUT: &str = "-";

/// The ends of names that log files have. Others are taken if their first byte looks like one.
const ENDS: [&str; 6] = ["json", "jsonl", "ndjson", "log", "gz", "zip"];

/// The folder of an organisation or account in which CloudTrail keeps the hashes of its log files.
const DIGESTS: &str = "CloudTrail-Digest";

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    path: Option<PathBuf>,
    size: Option<u64>,
}

/// What there is to read, in a fixed order, and what was left out.
#[derive(Debug, Default)]
pub struct Sources {
    /// To be read.
    pub found: Vec<Source>,
    /// Not to be read; one entry per folder, file or kind.
    pub left_out: Vec<LeftOut>,
}

/// Something in a folder that is not read.
#[derive(Debug)]
pub struct LeftOut {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub why: Why,
}

/// Why something in a folder is not read.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// A folder of digest files.
    #[error("CloudTrail's digest files hold hashes, no events")]
    Digests,
    /// Files in this folder, this many, neither have the name of a log file nor look like one.
    #[error("{0} files in it look like no log; name them one by one to have them read")]
    NoLogs(u64),
    /// It cannot be read, so the evidence is incomplete.
    #[error("it cannot be read: {0}; check that you may read it")]
    Unreadable(#[from] io::Error),
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: left out: {}", printable(&self.path.to_string_lossy()), self.why)
    }
}

/// Lists the files that `paths` stand for: files as they are, folders with all below them in the order of their
/// names, `-` for standard input. A file that is reached in two ways is listed once.
///
/// # Errors
/// When one of `paths` is not there or cannot be read. What lies below a folder is left out with a reason instead.
pub fn sources(paths: &[PathBuf]) -> Result<Sources, ReadError> {
    let mut walk = Walk::default();
    for path in paths {
        if path.as_os_str() == STANDARD_INPUT {
            walk.sources.found.push(Source { name: STANDARD_INPUT.to_owned(), path: None, size: None });
            continue;
        }
        let failed = |error| ReadError::new(printable(&path.to_string_lossy()), error);
        let metadata = fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            walk.folder(path).map_err(failed)?;
        } else {
            walk.file(path).map_err(failed)?;
        }
    }
    Ok(walk.sources)
}

impl Source {
    /// How messages name it: the path as given, or `-`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file; none for standard input.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Its size in bytes, as it lies there; not known of standard input and pipes.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Reads it, as [`read`](crate::read) does. `progress` is told how many of its [`size`](Self::size) were taken.
    ///
    /// # Errors
    /// Only when it cannot be opened or read. Whatever is wrong with its content is a problem.
    pub fn read(
        &self,
        limits: &Limits,
        progress: &mut dyn FnMut(u64),
        each: &mut Each<'_>,
    ) -> Result<Tally, ReadError> {
        let taken = Cell::new(0);
        let mut sink = Sink::new(&self.name, each);
        let unpacking = Unpacking::new(&self.name, limits, &taken);
        // Whether `each` broke makes no difference to the tally.
        let _ = match &self.path {
            None => unpack(&mut meter(io::stdin().lock(), &taken, progress), &unpacking, &mut sink)?,
            Some(path) => {
                let file = File::open(path).map_err(|error| ReadError::new(&self.name, error))?;
                // A pipe cannot go back, and has no size.
                match self.size {
                    Some(_) => unpack_file(meter(file, &taken, progress), &unpacking, &mut sink)?,
                    None => unpack(&mut meter(file, &taken, progress), &unpacking, &mut sink)?,
                }
            }
        };
        Ok(sink.tally(taken.get()))
    }
}

fn meter<'c, R>(input: R, taken: &'c Cell<u64>, progress: &'c mut Progress<'_>) -> Meter<'c, R> {
    Meter::new(input, taken).with_progress(progress)
}

/// A walk through folders.
#[derive(Default)]
struct Walk {
    sources: Sources,
    /// What was reached, links followed: a loop of links ends here.
    reached: HashSet<PathBuf>,
}

impl Walk {
    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        if folder.file_name().is_some_and(|name| name == DIGESTS) {
            self.leave_out(folder, Why::Digests);
            return Ok(());
        }
        if !self.reached.insert(folder.canonicalize()?) {
            return Ok(());
        }
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut no_logs = 0;
        for path in entries.iter().map(fs::DirEntry::path) {
            match self.entry(&path) {
                Ok(true) => {}
                Ok(false) => no_logs += 1,
                Err(error) => self.leave_out(&path, Why::Unreadable(error)),
            }
        }
        if no_logs > 0 {
            self.leave_out(folder, Why::NoLogs(no_logs));
        }
        Ok(())
    }

    /// Takes one entry of a folder; `false` if it is no log.
    fn entry(&mut self, path: &Path) -> io::Result<bool> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            self.folder(path)?;
            return Ok(true);
        }
        // A pipe or a socket in a folder would be waited for.
        if !metadata.is_file() || !looks_like_log(path)? {
            return Ok(false);
        }
        self.file(path)?;
        Ok(true)
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        let metadata = fs::metadata(path)?;
        // A pipe that a shell opened has no path of its own.
        if self.reached.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned())) {
            let size = metadata.is_file().then_some(metadata.len());
            let name = printable(&path.to_string_lossy());
            self.sources.found.push(Source { name, path: Some(path.to_owned()), size });
        }
        Ok(())
    }

    fn leave_out(&mut self, path: &Path, why: Why) {
        self.sources.left_out.push(LeftOut { path: path.to_owned(), why });
    }
}

fn looks_like_log(path: &Path) -> io::Result<bool> {
    let end = path.extension().unwrap_or_default();
    if ENDS.iter().any(|known| end.eq_ignore_ascii_case(known)) {
        return Ok(true);
    }
    let mut head = [0; 2];
    let count = File::open(path)?.read(&mut head)?;
    Ok(matches!(head.get(..count), Some([b'{' | b'[', ..] | b"\x1f\x8b" | b"PK" | b"\xef\xbb")))
}
