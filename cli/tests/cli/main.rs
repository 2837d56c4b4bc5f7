//! The command as people run it: arguments in, text, rows and exit codes out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod alerts;
mod close;
mod demo;
mod detect;
mod explain;
mod fix;
mod lint;
mod mute;
mod new;
mod own_rules;
mod pack;
mod page;
mod reading;
mod recorded;
mod report;
#[cfg(unix)]
mod resume;
mod rules;
mod scan;
mod serve;
#[cfg(unix)]
mod stub;
mod timeline;
mod trial;
mod usage;
