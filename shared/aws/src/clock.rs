//! The clock of this machine against that of AWS: a signature is good for a few minutes only.

use engine::ports::ReadError;
use jiff::{SignedDuration, Timestamp};
use signed::Answer;

/// From here on a clock is off. AWS takes no signature that is five minutes old, or ahead:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>.
pub const OFF: SignedDuration = SignedDuration::from_mins(1);

/// How far `now` is ahead of the time at which AWS answered, which stands in the header `Date`.
pub(crate) fn ahead(answer: &Answer, now: Timestamp) -> Option<SignedDuration> {
    let (_, date) = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
    Some(now.duration_since(jiff::fmt::rfc2822::parse(date).ok()?.timestamp()))
}

/// Whether the clock is why a signature is not accepted: by how far it is ahead, or by what the refusal says.
pub(crate) fn is_to_blame(ahead: Option<SignedDuration>, error: &ReadError) -> bool {
    let code = error.code.as_str();
    let refused = matches!(
        code,
        "AuthFailure"
            | "InvalidSignatureException"
            | "RequestExpired"
            | "RequestTimeTooSkewed"
            | "SignatureDoesNotMatch"
    );
    let says = |words: &str| error.message.contains(words);
    let told = code == "RequestTimeTooSkewed"
        || code == "RequestExpired"
        || says("Signature expired")
        || says("Signature not yet current");
    refused && (told || ahead.is_some_and(|ahead| ahead.abs() >= OFF))
}

#[cfg(test)]
mod tests {
    use engine::ports::Cause;

    use super::*;

    fn answered(date: &str) -> Answer {
        Answer { status: 200, headers: vec![("date".into(), date.into())], body: Vec::new() }
    }

    #[test]
    fn the_date_of_an_answer_says_how_far_the_clock_is_ahead() {
        let now: Timestamp = "2026-11-20T09:14:03Z".parse().unwrap();
        for (date, seconds) in [
            ("Fri, 20 Nov 2026 09:14:03 GMT", Some(0)),
            ("Fri, 20 Nov 2026 09:04:03 GMT", Some(600)),
            ("Fri, 20 Nov 2026 09:24:03 GMT", Some(-600)),
            ("yesterday", None),
        ] {
            assert_eq!(ahead(&answered(date), now).map(|ahead| ahead.as_secs()), seconds, "{date}");
        }
    }

    #[test]
    fn a_clock_is_to_blame_only_for_signatures_that_are_refused() {
        let error = |code: &str, message: &str| ReadError {
            cause: Cause::Denied,
            code: code.into(),
            message: message.into(),
        };
        let minutes = |minutes| Some(SignedDuration::from_mins(minutes));
        let expired = "Signature expired: 20261120T090403Z is now earlier than 20261120T090903Z";
        for (ahead, error, blamed) in [
            (minutes(-10), error("SignatureDoesNotMatch", expired), true),
            (None, error("SignatureDoesNotMatch", expired), true),
            (None, error("RequestTimeTooSkewed", ""), true),
            (minutes(10), error("AuthFailure", "not able to validate"), true),
            (minutes(0), error("SignatureDoesNotMatch", "check your key"), false),
            (None, error("SignatureDoesNotMatch", "check your key"), false),
            (minutes(10), error("InvalidClientTokenId", ""), false),
        ] {
            assert_eq!(is_to_blame(ahead, &error), blamed, "{ahead:?} {error}");
        }
    }
}
