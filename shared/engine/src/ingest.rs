//! Taking in the files of a trail: which files a notice names, and their records in messages of a size that fits.

mod notice;

use std::io::Read;
use std::ops::ControlFlow;

use records::{Item, Limits, ReadError, Tally, read};

pub use notice::{File, Named, files};

/// So many records go into one message.
const TOGETHER: usize = 200;

/// Or so many bytes.
const BYTES: usize = 1024 * 1024;

/// Reads a file of any size and hands out its records in messages: JSON arrays of records, and by itself each thing that
/// is none, so that it ends in quarantine. Memory does not grow with the file. Reading ends when `hand` breaks.
///
/// # Errors
/// When `input` cannot be read.
pub fn messages<R: Read>(
    input: R,
    name: &str,
    hand: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
) -> Result<Tally, ReadError> {
    let mut batch: Vec<u8> = Vec::new();
    let mut count = 0;
    let mut broken = false;
    let tally = read(input, name, &Limits::default(), &mut |item| {
        let flow = match item {
            Item::Record(record) => {
                batch.push(if count == 0 { b'[' } else { b',' });
                batch.extend_from_slice(record.bytes);
                count += 1;
                if count < TOGETHER && batch.len() < BYTES {
                    return ControlFlow::Continue(());
                }
                batch.push(b']');
                count = 0;
                hand(std::mem::take(&mut batch))
            }
            Item::Problem(problem) => hand(problem.bytes.to_vec()),
        };
        broken |= flow.is_break();
        flow
    })?;
    if count > 0 && !broken {
        batch.push(b']');
        let _ = hand(batch);
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(text: &str) -> Vec<String> {
        let mut handed = Vec::new();
        let tally = messages(text.as_bytes(), "file", &mut |message| {
            handed.push(String::from_utf8(message).unwrap());
            ControlFlow::Continue(())
        });
        assert!(tally.is_ok());
        handed
    }

    fn record(number: usize) -> String {
        format!(
            r#"{{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"X","eventID":"{number}"}}"#
        )
    }

    #[test]
    fn records_go_together_and_none_is_left() {
        let records: Vec<String> = (0..450).map(record).collect();
        let handed = handed(&format!(r#"{{"Records":[{}]}}"#, records.join(",")));
        assert_eq!(handed.len(), 3);
        let all: Vec<String> =
            handed.iter().map(|message| message.trim_matches(['[', ']']).to_owned()).collect();
        assert_eq!(all.join(","), records.join(","));
    }

    #[test]
    fn what_is_no_record_goes_by_itself() {
        let handed = handed(&format!(r#"{{"Records":[{},7,{}]}}"#, record(1), record(2)));
        assert_eq!(handed, ["7,".to_owned(), format!("[{},{}]", record(1), record(2))]);
    }
}
