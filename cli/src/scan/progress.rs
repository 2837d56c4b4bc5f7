//! How far a scan is: a bar on a terminal, else a line every ten seconds. Always on standard error.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use engine::scan::Shard;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const LINE_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Progress {
    bar: ProgressBar,
    account: String,
    shards: usize,
    done: Cell<usize>,
    resources: Cell<usize>,
    lines: Option<Cell<Instant>>,
    began: Instant,
}

impl Progress {
    pub(super) fn new(account: &str, shards: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(shards as u64), target);
        if let Ok(style) =
            ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len}  {eta} left  {wide_msg}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(account.to_owned());
        let began = Instant::now();
        let lines = (!is_terminal).then(|| Cell::new(began));
        Self {
            bar,
            account: account.to_owned(),
            shards,
            done: Cell::new(0),
            resources: Cell::new(0),
            lines,
            began,
        }
    }

    pub(super) fn began(&self, shard: &Shard) {
        self.bar.set_message(format!("{} in {}", shard.resource_type, shard.region));
    }

    pub(super) fn ended(&self, shard: &Shard, resources: usize) {
        self.done.set(self.done.get() + 1);
        self.resources.set(self.resources.get() + resources);
        self.bar.inc(1);
        if let Some(last) = self.lines.as_ref().filter(|last| last.get().elapsed() >= LINE_EVERY) {
            last.set(Instant::now());
            let Self { account, shards, .. } = self;
            let (done, resources) = (self.done.get(), self.resources.get());
            let left =
                self.began.elapsed().as_secs() * (shards.saturating_sub(done)) as u64 / done.max(1) as u64;
            let _ = writeln!(
                anstream::stderr(),
                "{account}: {done} of {shards} done, {resources} resources, about {left} s left; last {} in {}",
                shard.resource_type,
                shard.region
            );
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
