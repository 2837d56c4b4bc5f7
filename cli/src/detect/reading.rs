//! Reading on all processors: each thread judges one file at a time, and what they found is taken in the order of the
//! files. So the answer does not depend on how many threads there are, nor on which of them is faster.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use engine::detect::Detector;
use engine::ports::TrailError;
use engine::track::Tracker;
use records::{Item, Limits, ReadError, Source, Tally};

use super::bucket::{self, Address, Fetched};
use super::judging::{Found, Judging};
use crate::args::Days;
use crate::exit::Failure;

/// So much is found, or so many records are read, before it is handed over.
const ENOUGH: usize = 256;
const RECORDS: usize = 4096;

/// So many parts of one file wait to be taken: the whole of a file, most of the time.
const PARTS: usize = 16;

/// What is read, and how it is judged.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) sources: &'a [Source],
    pub(super) paths: &'a [PathBuf],
    pub(super) days: &'a Days,
    pub(super) detector: &'a Detector,
    pub(super) tracker: Option<&'a Tracker>,
    /// Whether observations leave out what only people read.
    pub(super) brief: bool,
}

/// What comes of reading, in a fixed order.
pub(super) enum Told {
    /// There is an object of this size in a bucket.
    Listed(u64),
    /// A file of this size, and what is found in it.
    File(Option<u64>, Receiver<Part>),
    /// An object that cannot be read, or the rest of a listing.
    Failed(TrailError),
}

/// A part of a file.
pub(super) struct Part {
    pub(super) found: Found,
    /// So many bytes of the file were read so far.
    pub(super) taken: u64,
    /// How reading it ended, in the last part.
    pub(super) end: Option<Result<Tally, ReadError>>,
}

/// A file to be read.
enum Input<'a> {
    Source(&'a Source),
    /// The name and the bytes of an object.
    Object(String, Vec<u8>),
}

type Job<'a> = (Input<'a>, SyncSender<Part>);

impl<'a> Reading<'a> {
    /// Reads everything and gives it to `take`, on this thread.
    ///
    /// # Errors
    /// What `take` failed with; then reading ends. Or when there are no threads to be had.
    pub(super) fn each(self, mut take: impl FnMut(Told) -> Result<(), Failure>) -> Result<(), Failure> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        // A file is handed out when a thread is free, and as many are done with before they are taken.
        let (jobs, waiting) = sync_channel(0);
        let (tell, told) = sync_channel(threads);
        let waiting = Mutex::new(waiting);
        thread::scope(|scope| {
            let spawn = |name: &str| thread::Builder::new().name(name.to_owned());
            for _ in 0..threads {
                spawn("judge").spawn_scoped(scope, || self.work(&waiting))?;
            }
            let handing = spawn("read").spawn_scoped(scope, move || self.hand_out(&jobs, &tell))?;
            let taken = told.iter().try_for_each(&mut take);
            // Whoever still has something to tell ends here.
            drop(told);
            let handed = handing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            taken.and(handed)
        })
    }

    /// Hands out what is to be read, in order.
    fn hand_out(self, jobs: &SyncSender<Job<'a>>, tell: &SyncSender<Told>) -> Result<(), Failure> {
        let file = |input, size| {
            let (parts, found) = sync_channel(PARTS);
            tell.send(Told::File(size, found)).is_ok() && jobs.send((input, parts)).is_ok()
        };
        for source in self.sources {
            if !file(Input::Source(source), source.size()) {
                return Ok(());
            }
        }
        for address in self.paths.iter().filter_map(|path| Address::parse(path)) {
            for fetched in bucket::objects(address, self.days)? {
                let goes_on = match fetched {
                    Fetched::Listed(size) => tell.send(Told::Listed(size)).is_ok(),
                    Fetched::Failed(error) => tell.send(Told::Failed(error)).is_ok(),
                    Fetched::File(name, bytes) => {
                        let size = bytes.len() as u64;
                        file(Input::Object(name, bytes), Some(size))
                    }
                };
                if !goes_on {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Judges file after file.
    fn work(self, jobs: &Mutex<Receiver<Job<'_>>>) {
        let mut judging = Judging::new(self.detector, self.tracker, self.brief);
        let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok((input, parts)) = next() {
            judge(&input, &mut judging, &parts);
        }
    }
}

/// Judges a file. It ends early where nobody takes what is found any more.
fn judge(input: &Input<'_>, judging: &mut Judging<'_>, parts: &SyncSender<Part>) {
    let taken = Cell::new(0);
    let mut records = 0;
    let mut each = |item: Item<'_>| {
        judging.look(item);
        records += 1;
        if records < RECORDS && !judging.is_due(ENOUGH) {
            return ControlFlow::Continue(());
        }
        records = 0;
        match parts.send(Part { found: judging.found(), taken: taken.get(), end: None }) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let end = match input {
        Input::Source(source) => source.read(&Limits::default(), &mut |now| taken.set(now), &mut each),
        Input::Object(name, bytes) => records::read(bytes.as_slice(), name, &Limits::default(), &mut each),
    };
    // Nobody listens where taking failed, and then nobody misses it.
    let _ = parts.send(Part { found: judging.found(), taken: taken.get(), end: Some(end) });
}
