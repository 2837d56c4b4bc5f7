//! Times, as services write them and as the AWS CLI prints them.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;

/// The time as the AWS CLI prints it, such as `2026-01-15T10:00:00+00:00`; with microseconds where there are any.
pub(super) fn shown(time: Timestamp) -> String {
    let text = time.to_string();
    let (seconds, fraction) = match text.trim_end_matches('Z').split_once('.') {
        Some((seconds, fraction)) => (seconds.to_owned(), fraction.to_owned()),
        None => (text.trim_end_matches('Z').to_owned(), String::new()),
    };
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    if micros == "000000" { format!("{seconds}+00:00") } else { format!("{seconds}.{micros}+00:00") }
}

/// The time in `value` as a request has it, in the way that a model calls `format`; what is none stays as it is.
pub(super) fn written(value: &Value, format: &str) -> Value {
    let time = match value {
        Value::Number(number) => number.as_f64().and_then(from_seconds),
        Value::String(text) => from_text(text),
        _ => None,
    };
    let Some(time) = time else { return value.clone() };
    let whole = time.subsec_microsecond() == 0 && time.subsec_millisecond() == 0;
    match format {
        "rfc822" => time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().into(),
        "iso8601" if whole => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into(),
        "iso8601" => time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string().into(),
        _ => time.as_second().into(),
    }
}

/// A number of seconds since 1970, with fractions; these apart, because together they are too long for a number that
/// is rounded once.
pub(super) fn from_seconds(seconds: f64) -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the conversion saturates, and out of range is refused"
    )]
    let (whole, micros) = (seconds.trunc() as i64, (seconds.fract() * 1_000_000.0).round_ties_even() as i64);
    Timestamp::from_microsecond(whole.checked_mul(1_000_000)?.checked_add(micros)?).ok()
}

/// A time in any of the ways that services write one; what is none stays as it is.
pub(super) fn from_json(value: &Value) -> Value {
    let time = match value {
        Value::Number(number) => number.as_f64().and_then(from_seconds),
        Value::String(text) => from_text(text),
        _ => None,
    };
    time.map_or_else(|| value.clone(), |time| Value::String(shown(time)))
}

/// A time in text: ISO 8601, RFC 822, or seconds since 1970. ISO 8601 without a zone is UTC.
pub(super) fn from_text(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = format!("{text}Z").parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return from_seconds(seconds);
    }
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_is_shown_alike() {
        for (written, shown) in [
            (json!(1_768_471_200), "2026-01-15T10:00:00+00:00"),
            (json!(1_768_471_200.25), "2026-01-15T10:00:00.250000+00:00"),
            (json!(1_768_471_200.788_723_5), "2026-01-15T10:00:00.788723+00:00"),
            (json!(-0.25), "1969-12-31T23:59:59.750000+00:00"),
            (json!("2026-01-15T10:00:00Z"), "2026-01-15T10:00:00+00:00"),
            (json!("2026-01-15T10:00:00.123Z"), "2026-01-15T10:00:00.123000+00:00"),
            (json!("2026-01-15T12:00:00+02:00"), "2026-01-15T10:00:00+00:00"),
            (json!("2026-01-15T10:00:00"), "2026-01-15T10:00:00+00:00"),
            (json!("Thu, 15 Jan 2026 10:00:00 GMT"), "2026-01-15T10:00:00+00:00"),
            (json!("1768471200"), "2026-01-15T10:00:00+00:00"),
            (json!("never"), "never"),
        ] {
            assert_eq!(from_json(&written), json!(shown), "{written}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in 0..20_000_u64 {
            let text = format!("17640{:05}.{:07}", number * 7 % 100_000, number * 104_729 % 10_000_000);
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read.as_f64().map(f64::to_bits), text.parse().ok().map(f64::to_bits), "{text}");
        }
    }

    #[test]
    fn a_request_has_the_time_in_the_way_that_the_model_says() {
        for (format, expected) in [
            ("rfc822", json!("Thu, 15 Jan 2026 10:00:00 GMT")),
            ("iso8601", json!("2026-01-15T10:00:00Z")),
            ("unixTimestamp", json!(1_768_471_200)),
        ] {
            assert_eq!(written(&json!("2026-01-15T10:00:00+00:00"), format), expected);
        }
        assert_eq!(
            written(&json!("2026-01-15T10:00:00.25+00:00"), "iso8601"),
            json!("2026-01-15T10:00:00.250000Z")
        );
        assert_eq!(written(&json!("never"), "iso8601"), json!("never"));
    }
}
