//! The numbers of a time on the calendar and the clock: `minute`, `hour`, `day`, `week`, `month`, `year`.
//!
//! "Time Modifiers", appendix of the Sigma specification 2.1,
//! <https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-modifiers.md>.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::modifier::{Field, MODIFIERS, Modifier};

/// Which number of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The units, each with its modifier and the numbers that it has.
const UNITS: &[(Unit, Modifier, (i32, i32))] = &[
    (Unit::Minute, Modifier::Minute, (0, 59)),
    (Unit::Hour, Modifier::Hour, (0, 23)),
    (Unit::Day, Modifier::Day, (1, 31)),
    (Unit::Week, Modifier::Week, (1, 53)),
    (Unit::Month, Modifier::Month, (1, 12)),
    (Unit::Year, Modifier::Year, (-9999, 9999)),
];

impl Unit {
    /// The modifiers that stand for units.
    pub(crate) fn modifiers() -> impl Iterator<Item = Modifier> {
        UNITS.iter().map(|(_, modifier, ..)| *modifier)
    }

    /// The unit that a field asks for.
    pub(crate) fn of(field: &Field) -> Option<Self> {
        UNITS.iter().find(|(_, modifier, ..)| field.has(*modifier)).map(|(unit, ..)| *unit)
    }

    /// The unit of this name, with the numbers that it has.
    pub(crate) fn named(name: &str) -> Option<(i32, i32)> {
        UNITS.iter().find(|(unit, ..)| unit.name() == name).map(|(.., range)| *range)
    }

    pub(crate) fn name(self) -> &'static str {
        let modifier = UNITS.iter().find(|(unit, ..)| *unit == self).map(|(_, modifier, _)| *modifier);
        MODIFIERS.iter().find(|(_, known)| Some(*known) == modifier).map_or("", |(name, _)| name)
    }

    /// The number in UTC. Weeks are those of ISO 8601: they begin on Monday, and the first has the year's first Thursday.
    pub(crate) fn number(self, time: Timestamp) -> f64 {
        let time = time.to_zoned(TimeZone::UTC);
        f64::from(match self {
            Self::Minute => i16::from(time.minute()),
            Self::Hour => i16::from(time.hour()),
            Self::Day => i16::from(time.day()),
            Self::Week => i16::from(time.date().iso_week_date().week()),
            Self::Month => i16::from(time.month()),
            Self::Year => time.year(),
        })
    }
}
