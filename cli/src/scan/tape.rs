//! Recordings of scans: made, and scanned again.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek as _};
use std::path::Path;
use std::sync::Arc;

use aws::Replay;
use engine::collect::Scene;
use engine::ports::{Clock, SystemClock};
use flate2::read::MultiGzDecoder;
use model::Timestamp;

use crate::args::Scan;
use crate::exit::Failure;

/// A recording is scanned at the time at which it was made: what was a day old then is a day old.
#[derive(Debug)]
struct Then(Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The clock of a scan.
pub(super) fn clock(replay: Option<&Replay>) -> Arc<dyn Clock> {
    match replay.and_then(Replay::recorded_at) {
        Some(then) => Arc::new(Then(then)),
        None => Arc::new(SystemClock),
    }
}

/// Makes the file of a recording, for its owner alone: it holds what people wrote into their accounts.
pub(super) fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        Failure::usage(format!("{}: {error}; name a file that can be written with --record", path.display()))
    })
}

/// Reads a recording, packed with gzip or not.
pub(super) fn replay(path: &Path) -> Result<Replay, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let mut file = File::open(path).map_err(|error| wrong(&error))?;
    let mut magic = Vec::new();
    file.by_ref().take(2).read_to_end(&mut magic)?;
    file.rewind()?;
    let read = if magic == [0x1f, 0x8b] {
        Replay::read(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Replay::read(BufReader::new(file))
    };
    read.map_err(|error| wrong(&error))
}

/// The accounts of a recording, if what the arguments ask for was recorded.
pub(super) fn scenes(replay: &Replay, args: &Scan) -> Result<Vec<Scene>, Failure> {
    let scenes: Vec<Scene> = replay.scenes().cloned().collect();
    let is_recorded = |region: &&String| scenes.iter().any(|scene| scene.regions.contains(region));
    match args.way.region.iter().find(|region| !is_recorded(region)) {
        Some(region) => Err(Failure::usage(format!("region {region} is not in the recording"))),
        None => Ok(scenes),
    }
}
