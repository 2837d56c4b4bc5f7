//! How bad a finding is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How bad a finding is, from a note for the record to drop everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For the record: feeds baselines and timelines, alerts nobody.
    Info,
    /// Worth a look in a review.
    Low,
    /// Look today.
    Medium,
    /// Look now.
    High,
    /// Drop everything.
    Critical,
}

/// A word that is no severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no severity: write info, low, medium, high or critical")]
pub struct UnknownSeverity(pub String);

impl Severity {
    /// All severities, rising.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it, as in rules and rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// 0 for info to 4 for critical, for filters that compare numbers.
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// One step lower; info stays info.
    #[must_use]
    pub const fn lower(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    /// Reads a severity; Sigma's `informational` is `info`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "informational" => Ok(Self::Info),
            word => Self::ALL
                .into_iter()
                .find(|severity| severity.as_str() == word)
                .ok_or_else(|| UnknownSeverity(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_sigma_levels_are_known() {
        for severity in Severity::ALL {
            assert_eq!(severity.as_str().parse(), Ok(severity));
        }
        assert_eq!("Informational".parse(), Ok(Severity::Info));
        assert_eq!("urgent".parse::<Severity>(), Err(UnknownSeverity("urgent".into())));
    }

    #[test]
    fn each_step_down_is_one_rank() {
        assert_eq!(Severity::ALL.map(|severity| severity.lower().rank()), [0, 0, 1, 2, 3]);
    }
}
