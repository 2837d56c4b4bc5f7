//! The subject line.

use model::{Finding, Outcome, Status};

use report::Shape;

/// SNS wants fewer than 100 characters, and for e-mail ASCII that starts with a letter, a number or a punctuation mark,
/// without line breaks and control characters: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const LONGEST: usize = 99;

/// Severity, what happened, where. Nothing in it but checked ids comes from an event.
pub(crate) fn subject(finding: &Finding) -> String {
    let severity = finding.severity.as_str().to_ascii_uppercase();
    let state = state(finding);
    let place: Vec<String> = [Shape::Account.of(&finding.account), Shape::Region.of(&finding.region)]
        .into_iter()
        .flatten()
        .collect();
    let place = if place.is_empty() { String::new() } else { format!(" - {}", place.join(" ")) };
    // The place is at most 48 characters and the rest before the title 21, so that a title always has 30.
    let start = format!("[{severity}] {state}");
    let room = LONGEST.saturating_sub(start.len() + place.len());
    format!("{start}{}{place}", shortened(&ascii(&finding.title), room))
}

/// What has to be said before the title.
pub(super) fn state(finding: &Finding) -> &'static str {
    if finding.is_provisional() {
        return "Provisional: ";
    }
    let resolution = finding.posture.as_ref().and_then(|posture| posture.resolution);
    match (finding.status, finding.outcome) {
        (Status::Resolved, _) if resolution.is_some_and(|why| why.withdrawn().is_some()) => "Withdrawn: ",
        (Status::Resolved, _) if finding.closed.is_some() => "Closed: ",
        (Status::Resolved, _) => "Resolved: ",
        (Status::Open, Outcome::Attempt) => "Attempt: ",
        (Status::Open, Outcome::Success) => "",
    }
}

/// ASCII on one line; what has no ASCII form is a question mark.
fn ascii(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|character: char| character.is_whitespace() || character.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars()
        .map(|character| match character {
            ' '..='~' => character,
            '‐'..='―' => '-',
            '‘' | '’' => '\'',
            '“' | '”' => '"',
            _ => '?',
        })
        .collect()
}

fn shortened(ascii: &str, room: usize) -> String {
    if ascii.len() <= room {
        return ascii.to_owned();
    }
    format!("{}...", ascii.get(..room.saturating_sub(3)).unwrap_or_default().trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    fn of(change: impl FnOnce(&mut Finding)) -> String {
        let mut finding = samples::stopped_logging();
        change(&mut finding);
        subject(&finding)
    }

    #[test]
    fn a_subject_says_how_bad_what_and_where() {
        assert_eq!(of(|_| {}), "[HIGH] CloudTrail logging stopped - 111122223333 us-east-1");
        assert_eq!(
            of(|finding| {
                finding.outcome = Outcome::Attempt;
                finding.severity = finding.severity.lower();
            }),
            "[MEDIUM] Attempt: CloudTrail logging stopped - 111122223333 us-east-1"
        );
        assert_eq!(
            of(|finding| finding.status = Status::Resolved),
            "[HIGH] Resolved: CloudTrail logging stopped - 111122223333 us-east-1"
        );
    }

    #[test]
    fn a_long_title_leaves_room_for_the_place() {
        assert_eq!(
            of(|finding| finding.title = "“Über” long – ".repeat(20)),
            r#"[HIGH] "?ber" long - "?ber" long - "?ber" long - "?ber" long - "?ber" l... - 111122223333 us-east-1"#
        );
    }

    #[test]
    fn a_place_that_is_no_id_is_left_out() {
        assert_eq!(
            of(|finding| {
                finding.account = "pay at evil.example".into();
                finding.region = "now\r\nBcc: all@example.com".into();
            }),
            "[HIGH] CloudTrail logging stopped"
        );
    }

    proptest! {
        #[test]
        fn every_subject_is_one_that_sns_takes(finding in samples::any_finding()) {
            let subject = subject(&finding);
            prop_assert!(subject.len() <= LONGEST, "{subject}");
            prop_assert!(subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{subject:?}");
            prop_assert!(subject.starts_with('['));
        }
    }
}
