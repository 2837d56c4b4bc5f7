//! The Python package that the models come from: fetched once, known by its digest.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::Error;

const VERSION: &str = "1.43.127";
const SHA256: &str = "aa0e3188679a2164a2098a14ea9b59520520cb573aaee9999d852480691e134a";

/// The opened package.
pub(super) struct Wheel {
    archive: ZipArchive<File>,
}

impl Wheel {
    /// Opens the package in the build folder, and has pip fetch it there before if need be.
    pub(super) fn fetch(root: &Path) -> Result<Self, Error> {
        let folder = root.join("target/botocore");
        let path = folder.join(format!("botocore-{VERSION}-py3-none-any.whl"));
        if !path.is_file() {
            let mut pip = Command::new("python3");
            pip.args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--dest",
            ]);
            pip.arg(&folder).arg(format!("botocore=={VERSION}"));
            let status = pip.status().map_err(|error| Error::Machine("python3 -m pip".into(), error))?;
            if !status.success() {
                return Err(Error::Package(format!(
                    "pip cannot fetch botocore {VERSION}; is PyPI in reach?"
                )));
            }
        }
        let failed = |error| Error::Machine(path.display().to_string(), error);
        let digest =
            Sha256::digest(fs::read(&path).map_err(failed)?).iter().fold(String::new(), |mut text, byte| {
                // Writing to a String cannot go wrong.
                let _ = write!(text, "{byte:02x}");
                text
            });
        if digest != SHA256 {
            let problem = format!("{} has the digest {digest}, not {SHA256}; delete it", path.display());
            return Err(Error::Package(problem));
        }
        let archive = ZipArchive::new(File::open(&path).map_err(failed)?)
            .map_err(|error| Error::Package(format!("{}: {error}", path.display())))?;
        Ok(Self { archive })
    }

    /// A file below `botocore/data`, packed or not, as JSON.
    pub(super) fn json(&mut self, name: &str) -> Result<Value, Error> {
        let wrong = |error: String| Error::Package(format!("botocore/data/{name}: {error}"));
        let mut bytes = Vec::new();
        let packed = format!("botocore/data/{name}.gz");
        if self.archive.index_for_name(&packed).is_some() {
            let file = self.archive.by_name(&packed).map_err(|error| wrong(error.to_string()))?;
            GzDecoder::new(file).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
        } else {
            let mut file = self
                .archive
                .by_name(&format!("botocore/data/{name}"))
                .map_err(|error| wrong(error.to_string()))?;
            file.read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
        }
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
    }

    /// The newest model of a service, with its pagination under the key `pagination`.
    pub(super) fn service(&mut self, service: &str) -> Result<Value, Error> {
        let start = format!("botocore/data/{service}/");
        let newest = self
            .archive
            .file_names()
            .filter_map(|name| Some(name.ok()?.strip_prefix(&start)?.split_once('/')?.0.to_owned()))
            .max()
            .ok_or_else(|| Error::Package(format!("botocore {VERSION} has no service `{service}`")))?;
        let mut model = self.json(&format!("{service}/{newest}/service-2.json"))?;
        let pages = self.json(&format!("{service}/{newest}/paginators-1.json"));
        if let (Some(model), Ok(Value::Object(mut pages))) = (model.as_object_mut(), pages) {
            model.insert("pagination".into(), pages.remove("pagination").unwrap_or_default());
        }
        Ok(model)
    }
}
