//! How far reading is: a bar on a terminal, else a line every ten seconds. Always on standard error.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use records::Source;

use crate::exit::Failure;

const LINE_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Progress {
    bar: ProgressBar,
    /// The bytes of the files that were read.
    before: u64,
    /// The bytes of all files; 0 where one has no size, as standard input.
    total: u64,
    lines: Option<Instant>,
}

impl Progress {
    pub(super) fn new(sources: &[Source]) -> Self {
        let total = sources.iter().map(Source::size).sum::<Option<u64>>().unwrap_or_default();
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = ProgressStyle::with_template(
            "{bar:40} {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta} left",
        );
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, before: 0, total, lines: (!is_terminal).then(Instant::now) }
    }

    /// There is another file of this size.
    pub(super) fn grow(&mut self, size: u64) {
        self.total += size;
        self.bar.set_length(self.total);
    }

    /// `taken` bytes of the present file were read.
    pub(super) fn at(&mut self, taken: u64) {
        self.bar.set_position(self.before + taken);
        if let Some(last) = &mut self.lines
            && last.elapsed() >= LINE_EVERY
        {
            *last = Instant::now();
            let mebibytes = (self.before + taken) >> 20;
            let _ = writeln!(anstream::stderr(), "read {mebibytes} of {} MiB", self.total >> 20);
        }
    }

    /// The present file, of this size, is read.
    pub(super) fn done(&mut self, size: Option<u64>) {
        self.before += size.unwrap_or_default();
    }

    /// Prints a line without tearing the bar.
    pub(super) fn line(&self, text: &str) -> Result<(), Failure> {
        self.bar.suspend(|| writeln!(anstream::stderr(), "{text}"))?;
        Ok(())
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
