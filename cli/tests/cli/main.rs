//! The command as people run it: arguments in, text, rows and exit codes out.

mod detect;
mod explain;
mod reading;
mod rules;
mod trial;
mod usage;
