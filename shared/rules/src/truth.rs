//! Three-valued logic after Kleene: what follows from what is known, and nothing else.

use std::ops::Not;

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not.
    False,
    /// It depends on something that could not be seen.
    Unknown,
    /// It does.
    True,
}

impl Truth {
    /// False if one is false; else unknown if one is unknown.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// True if one is true; else unknown if one is unknown.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Unknown => "unknown",
            Self::True => "true",
        }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Truth; 3] = [Truth::False, Truth::Unknown, Truth::True];

    #[test]
    fn de_morgan_holds_for_every_pair() {
        for a in ALL {
            for b in ALL {
                assert_eq!(!a.and(b), (!a).or(!b));
                assert_eq!(!a.or(b), (!a).and(!b));
            }
        }
    }

    #[test]
    fn what_is_decided_stays_decided_when_the_unknown_becomes_known() {
        for a in ALL {
            for known in [Truth::False, Truth::True] {
                let before = a.and(Truth::Unknown);
                assert!(before == Truth::Unknown || before == a.and(known));
                let before = a.or(Truth::Unknown);
                assert!(before == Truth::Unknown || before == a.or(known));
            }
        }
    }
}
