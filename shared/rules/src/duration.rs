//! Durations as rules write them: `90d`, `12h`, `30m`, `10s`.

use jiff::SignedDuration;

/// What to write for a duration.
pub(crate) const REMEDY: &str = "write a number and s, m, h or d, such as 90d";

const UNITS: &[(char, i64)] = &[('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// Reads `90d`, `12h`, `30m`, `10s`.
pub(crate) fn duration(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let (_, seconds) = UNITS.iter().find(|(letter, _)| *letter == unit)?;
    number.checked_mul(*seconds).map(SignedDuration::from_secs)
}

/// Writes it in the largest unit that leaves no rest.
pub(crate) fn shown(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let whole = UNITS.iter().find(|(_, unit)| seconds % unit == 0).copied().unwrap_or(('s', 1));
    format!("{}{}", seconds / whole.1, whole.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for text in ["90d", "12h", "30m", "10s", "90m"] {
            assert_eq!(shown(duration(text).unwrap()), text);
        }
        assert_eq!(shown(duration("60m").unwrap()), "1h");
        assert_eq!((duration("1.5d"), duration("d"), duration("5"), duration("")), (None, None, None, None));
        assert_eq!(duration("9223372036854775807d"), None);
    }
}
