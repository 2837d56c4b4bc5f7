//! Boot, configuration and batches for the functions: all that they share because they run on Lambda.
//!
//! A function is `lambda::run_detect()` or its like; what it does is a use case of `engine`.

mod batch;
mod boot;
mod config;
mod detect;
mod harvest;
mod health;
mod heartbeat;
mod ingest;
mod jobs;
mod layer;
mod notify;
mod plan;
mod scan;
mod sinks;

pub use batch::BatchResponse;
pub use boot::{BootError, run_detect, run_harvest, run_health, run_ingest, run_notify, run_plan, run_scan};
pub use config::{Config, ConfigError};
pub use detect::Detect;
pub use harvest::Harvest;
pub use health::{Health, HealthError, Looked};
pub use ingest::Ingest;
pub use jobs::{Accounts, JobQueue, QueueError, Roles, Which};
pub use notify::Notify;
pub use plan::{Plan, PlanError, Planned, Request};
pub use scan::Scan;
