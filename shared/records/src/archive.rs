//! Gzip and zip, known by their first bytes, one inside the other.

use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek};
use std::ops::ControlFlow;

use flate2::bufread::MultiGzDecoder;
use zip::ZipArchive;
use zip::read::{ZipFile, read_zipfile_from_stream};
use zip::result::ZipError;

use crate::error::{ReadError, cause};
use crate::limits::Limits;
use crate::meter::{Guard, Meter};
use crate::problem::Reason;
use crate::pump::pump;
use crate::sink::Sink;

/// Archives within archives: a zip of gzip files that a download packed once more has three.
const MAX_LAYERS: u8 = 4;

/// What is taken from the input at once to be unpacked.
const CHUNK: usize = 64 * 1024;

/// The first bytes of what is not read, and its name.
const FOREIGN: [(&[u8], &str); 6] = [
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zX", "xz"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"PAR1", "Parquet"),
    (b"Obj\x01", "Avro"),
];

const NO_MEMBERS: &str = "an empty archive; there is nothing to judge";

/// What all layers of one input share.
#[derive(Clone, Copy)]
pub(crate) struct Unpacking<'c> {
    name: &'c str,
    limits: &'c Limits,
    taken: &'c Cell<u64>,
    layers: u8,
}

impl<'c> Unpacking<'c> {
    pub(crate) fn new(name: &'c str, limits: &'c Limits, taken: &'c Cell<u64>) -> Self {
        Self { name, limits, taken, layers: 0 }
    }

    fn inside(self) -> Self {
        Self { layers: self.layers + 1, ..self }
    }
}

type Flow = Result<ControlFlow<()>, ReadError>;

/// Reads `input`, layer by layer, as far as it is packed.
pub(crate) fn unpack(input: &mut dyn Read, unpacking: &Unpacking<'_>, sink: &mut Sink<'_>) -> Flow {
    let &Unpacking { name, limits, taken, layers } = unpacking;
    let mut input = Peeked::new(input);
    let head = input.head();
    let packed = layers < MAX_LAYERS;
    if packed && head.starts_with(b"\x1f\x8b") {
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(CHUNK, input));
        return unpack(&mut Guard::new(decoder, taken, limits), &unpacking.inside(), sink);
    }
    if packed && is_zip(head) {
        return zip_stream(&mut input, unpacking, sink);
    }
    if let Some((_, kind)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        let reason = Reason::Decompression(format!("{kind} is not read here, only gzip and zip are"));
        return Ok(sink.problem(0, reason, head));
    }
    pump(&mut Guard::new(input, taken, limits), name, limits.record_bytes, sink)
}

/// Reads a file, which may be a zip archive: unlike a stream, it has its list of members at hand.
pub(crate) fn unpack_file<R: Read + Seek>(
    mut file: Meter<'_, R>,
    unpacking: &Unpacking<'_>,
    sink: &mut Sink<'_>,
) -> Flow {
    let at_fault = |error| ReadError::new(unpacking.name, error);
    let mut peeked = Peeked::new(&mut file);
    let zip = is_zip(peeked.head());
    if !zip {
        return unpack(&mut peeked, unpacking, sink);
    }
    file.rewind().map_err(at_fault)?;
    unpacking.taken.set(0);
    let mut archive = match ZipArchive::new(&mut file) {
        Ok(archive) => archive,
        // Cut short, so without the list: what comes before the cut can be read one by one.
        Err(error) => {
            let reason = zip_cause(error, unpacking.name)?;
            if sink.problem(0, reason, &[]).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            file.rewind().map_err(at_fault)?;
            return zip_members(&mut file, unpacking, sink);
        }
    };
    if archive.is_empty() {
        return Ok(sink.problem(0, Reason::not_a_record(NO_MEMBERS), &[]));
    }
    for index in 0..archive.len() {
        let flow = match archive.by_index(index) {
            Ok(mut member) => zip_member(&mut member, unpacking, sink)?,
            Err(error) => {
                sink.begin(unpacking.name);
                sink.problem(0, zip_cause(error, unpacking.name)?, &[])
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn zip_stream(input: &mut dyn Read, unpacking: &Unpacking<'_>, sink: &mut Sink<'_>) -> Flow {
    zip_members(&mut BufReader::with_capacity(CHUNK, input), unpacking, sink)
}

/// Reads the members of a zip archive in the order in which they come.
fn zip_members(mut input: &mut dyn Read, unpacking: &Unpacking<'_>, sink: &mut Sink<'_>) -> Flow {
    let mut empty = true;
    loop {
        let flow = match read_zipfile_from_stream(&mut input) {
            Ok(Some(mut member)) => {
                empty = false;
                zip_member(&mut member, unpacking, sink)?
            }
            Ok(None) if empty => return Ok(sink.problem(0, Reason::not_a_record(NO_MEMBERS), &[])),
            Ok(None) => return Ok(ControlFlow::Continue(())),
            Err(error) => {
                sink.begin(unpacking.name);
                return Ok(sink.problem(0, zip_cause(error, unpacking.name)?, &[]));
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
}

fn zip_member<R: Read>(member: &mut ZipFile<'_, R>, unpacking: &Unpacking<'_>, sink: &mut Sink<'_>) -> Flow {
    let file = member.name().map_or_else(
        |_| String::from_utf8_lossy(member.name_raw()).into_owned(),
        std::borrow::Cow::into_owned,
    );
    // Folders hold nothing, and what macOS adds for itself is no log.
    if member.is_dir() || file.starts_with("__MACOSX/") {
        return Ok(ControlFlow::Continue(()));
    }
    let name = format!("{}!{}", unpacking.name, printable(&file));
    sink.begin(&name);
    let unpacking = Unpacking { name: &name, ..unpacking.inside() };
    unpack(&mut Guard::new(member, unpacking.taken, unpacking.limits), &unpacking, sink)
}

/// A name that an archive chose, without what would move the cursor of a terminal.
pub(crate) fn printable(name: &str) -> String {
    name.chars()
        .map(|character| if character.is_control() { char::REPLACEMENT_CHARACTER } else { character })
        .collect()
}

fn zip_cause(error: ZipError, name: &str) -> Result<Reason, ReadError> {
    match error {
        ZipError::Io(error) => cause(error, name),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            Ok(Reason::Decompression("it needs a password".to_owned()))
        }
        error => Ok(Reason::Decompression(error.to_string())),
    }
}

fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// An input whose first bytes were looked at.
struct Peeked<'r> {
    input: &'r mut dyn Read,
    head: [u8; 4],
    from: usize,
    to: usize,
    /// What went wrong while looking; told when the reader gets there.
    error: Option<io::Error>,
}

impl<'r> Peeked<'r> {
    fn new(input: &'r mut dyn Read) -> Self {
        let mut peeked = Self { input, head: [0; 4], from: 0, to: 0, error: None };
        while let Some(free @ [_, ..]) = peeked.head.get_mut(peeked.to..) {
            match peeked.input.read(free) {
                Ok(0) => break,
                Ok(count) => peeked.to += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    peeked.error = Some(error);
                    break;
                }
            }
        }
        peeked
    }

    fn head(&self) -> &[u8] {
        self.head.get(self.from..self.to).unwrap_or_default()
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.head.get(self.from..self.to).unwrap_or_default().read(into)?;
        if count > 0 {
            self.from += count;
            return Ok(count);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.input.read(into),
        }
    }
}
