//! Boot, configuration and batches for the functions: all that they share because they run on Lambda.
//!
//! A function is `lambda::run_detect()` or its like; what it does is a use case of `engine`.

mod batch;
mod boot;
mod config;
mod detect;
mod notify;

pub use batch::BatchResponse;
pub use boot::{BootError, run_detect, run_notify};
pub use config::{Config, ConfigError};
pub use detect::Detect;
pub use notify::Notify;
