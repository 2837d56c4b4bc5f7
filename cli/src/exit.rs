//! How a command ends: 0 clean, 1 findings, 2 incomplete evidence, 3 usage or configuration, 4 internal, 130
//! interrupted.

use std::process::ExitCode;

/// What a command found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing to complain about.
    Clean,
    /// Findings at or above `--fail-on`.
    Findings,
    /// Something could not be seen, so that being clean means little.
    Incomplete,
}

/// Why a command gave up. The text is shown to the user and says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The user can mend it: arguments, configuration, files.
    #[error("{0}")]
    Usage(String),
    /// The user cannot.
    #[error("{0}")]
    Internal(String),
    /// Nobody reads what is printed any more, as behind `| head`.
    #[error("nobody reads the output")]
    Unread,
    /// The user stopped it.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Self::Internal(text.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl From<engine::ports::StoreError> for Failure {
    fn from(error: engine::ports::StoreError) -> Self {
        match error {
            engine::ports::StoreError::Unusable(_) => Self::Usage(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// The exit code of a result.
pub(crate) fn code(result: &Result<Ending, Failure>) -> ExitCode {
    ExitCode::from(match result {
        Ok(Ending::Clean) | Err(Failure::Unread) => 0,
        Ok(Ending::Findings) => 1,
        Ok(Ending::Incomplete) => 2,
        Err(Failure::Usage(_)) => 3,
        Err(Failure::Internal(_)) => 4,
        Err(Failure::Interrupted) => 130,
    })
}
