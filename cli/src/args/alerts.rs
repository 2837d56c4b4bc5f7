//! What `trailpost alerts` takes.

use std::path::PathBuf;

use clap::Subcommand;
use model::{Severity, Timestamp};

/// Looks into who is told of what, and when.
#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// Says what is wrong with an alerts file
    Lint {
        /// The file [default: `alerts` of the configuration file]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Prints an alerts file on one line, as the template's parameter `Alerts` takes it
    Pack {
        /// The file [default: `alerts` of the configuration file]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Shows what of the stored findings would be sent where, and when, if they came now
    Preview {
        /// The file [default: `alerts` of the configuration file]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// At this time [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// The least severity that is told, as the template's parameter `MinimumAlertSeverity` says
        #[arg(long, value_name = "SEVERITY", default_value = "medium")]
        minimum: Severity,
        /// The newest findings, at most this many
        #[arg(long, value_name = "COUNT", default_value_t = 1000)]
        limit: usize,
    },
    /// Lists every finding of a digest that was sent
    Digest {
        /// The digest's id, as its message says
        #[arg(value_name = "ID")]
        id: String,
    },
}
