//! A copy of a trail's bucket in a folder. Copies have no metadata, so that no object has a signature here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use engine::ports::{Listing, Object, PublicKey, Trail, TrailError, TrailFile};
use model::Timestamp;

use crate::exit::Failure;

/// What keys begin with, behind any prefix.
const ROOT: &str = "AWSLogs/";

/// The files below a folder, by their keys from `AWSLogs/` on.
#[derive(Debug, Default)]
pub(super) struct Folder(BTreeMap<String, PathBuf>);

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let path = std::path::absolute(path)?;
        let mut folder = Self::default();
        let mut waiting = vec![path.clone()];
        while let Some(next) = waiting.pop() {
            let entries = std::fs::read_dir(&next)
                .map_err(|error| Failure::usage(format!("{}: {error}", next.display())))?;
            for entry in entries {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    waiting.push(entry.path());
                } else if let Some(key) = key_of(&entry.path()) {
                    folder.0.insert(key, entry.path());
                }
            }
        }
        Ok(folder)
    }
}

fn key_of(path: &Path) -> Option<String> {
    let text = path.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
    behind_prefix(&text).map(ToOwned::to_owned)
}

fn behind_prefix(key: &str) -> Option<&str> {
    key.get(key.rfind(ROOT)?..)
}

#[async_trait]
impl Trail for Folder {
    fn bucket(&self) -> &'static str {
        ""
    }

    async fn list(&self, prefix: &str, _: Option<&str>, _: bool) -> Result<Listing, TrailError> {
        let keys = self.0.keys().filter(|key| key.starts_with(prefix));
        let objects = keys.map(|key| Object { key: key.clone(), size: 0 }).collect();
        Ok(Listing { objects, ..Listing::default() })
    }

    async fn file(&self, key: &str) -> Result<TrailFile, TrailError> {
        let path = behind_prefix(key).and_then(|key| self.0.get(key));
        let path = path.ok_or_else(|| TrailError::Gone(key.to_owned()))?;
        let bytes = std::fs::read(path)
            .map_err(|error| TrailError::Unread(path.display().to_string(), error.to_string()))?;
        Ok(TrailFile { bytes, signature: None })
    }

    async fn public_keys(&self, _: &str, _: Timestamp, _: Timestamp) -> Result<Vec<PublicKey>, TrailError> {
        Ok(Vec::new())
    }
}
