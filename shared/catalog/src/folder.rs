//! Rules and resource rows from files and folders.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::Loaded;
use crate::lint::Files;

/// A path that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be read: {source}; name a rule file or a folder of rule files")]
pub struct LoadError {
    path: String,
    source: io::Error,
}

/// Reads every `.yaml` and `.yml` file at `path`, folders and their folders included, in the order of their names.
///
/// # Errors
/// When `path`, or something below it, cannot be read. A file that can be read but holds no usable rule is told in
/// [`Loaded::errors`].
pub fn load(path: &Path) -> Result<Loaded, LoadError> {
    Ok(Files::read(&[path.to_owned()])?.loaded())
}

pub(crate) fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let kind = fs::metadata(path).map_err(|source| unreadable(path, source))?;
    if kind.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(|source| unreadable(path, source))? {
        let entry = entry.map_err(|source| unreadable(path, source))?;
        let kind = entry.file_type().map_err(|source| unreadable(&entry.path(), source))?;
        // A link to a folder is not followed: it may lead back up.
        if kind.is_dir() || (is_rule_file(&entry.path()) && !kind.is_symlink()) {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

pub(crate) fn unreadable(path: &Path, source: io::Error) -> LoadError {
    LoadError { path: path.display().to_string(), source }
}
