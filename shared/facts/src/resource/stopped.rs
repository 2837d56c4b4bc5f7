//! `stopped`: since when an instance is stopped.

use model::json::{Value, Writer};

use super::ResourceFact;
use crate::hole::{Known, member};
use crate::json_out::object;
use crate::loose::{same_text, text, text_of};

/// Since when an instance is stopped.
pub(super) static STOPPED: ResourceFact = ResourceFact {
    name: "stopped",
    about: "Since when an EC2 instance is stopped: {since: a time, by its StateTransitionReason; null where it is not stopped, \
        unknown where the reason names no time}.",
    reads: &["State", "StateTransitionReason"],
    derive,
};

/// What is known of the time that an instance was stopped at.
enum Since {
    /// It is not stopped.
    Never,
    /// It is, at this time.
    At(String),
    /// It is, and AWS does not say since when.
    Untold,
}

fn derive(document: Value<'_>, out: &mut Writer) {
    let since = since(document);
    object(out, |fact| match since {
        Ok(Since::At(time)) => fact.text("since", &time),
        Ok(Since::Never) => fact.value("since").null(),
        Ok(Since::Untold) => object(fact.value("since"), |hole| {
            hole.text("$unavailable", "Unsupported");
            hole.text("operation", "ec2:DescribeInstances");
            hole.text("code", "NoStopTime");
        }),
        Err(hole) => hole.write(fact.value("since")),
    });
}

fn since(document: Value<'_>) -> Known<'_, Since> {
    let stopped = member(document, "State")?.is_some_and(|state| same_text(&text(state, "Name"), "stopped"));
    if !stopped {
        return Ok(Since::Never);
    }
    let reason = text_of(member(document, "StateTransitionReason")?);
    Ok(time_in(&reason).map_or(Since::Untold, Since::At))
}

/// The time in a reason such as `User initiated (2026-01-02 03:04:05 GMT)`:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html>.
fn time_in(reason: &str) -> Option<String> {
    let (_, time) = reason.strip_suffix(" GMT)")?.rsplit_once('(')?;
    let (date, clock) = time.split_once(' ')?;
    let is = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                _ => byte == form,
            })
    };
    (is(date, "0000-00-00") && is(clock, "00:00:00")).then(|| format!("{date}T{clock}Z"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::laws::{assert_cases, derived, hole};

    #[test]
    fn the_reason_says_since_when() {
        let stopped =
            |reason: &str| json!({"State": {"Code": 80, "Name": "stopped"}, "StateTransitionReason": reason});
        assert_cases(
            &STOPPED,
            &[
                (
                    stopped("User initiated (2026-01-02 03:04:05 GMT)"),
                    json!({"since": "2026-01-02T03:04:05Z"}),
                ),
                (json!({"State": {"Name": "running"}, "StateTransitionReason": ""}), json!({"since": null})),
                (json!({}), json!({"since": null})),
                (
                    json!({"State": {"Name": "running"}, "StateTransitionReason": hole()}),
                    json!({"since": null}),
                ),
                (
                    json!({"State": {"Name": "stopped"}, "StateTransitionReason": hole()}),
                    json!({"since": hole()}),
                ),
                (json!({"State": hole(), "StateTransitionReason": ""}), json!({"since": hole()})),
            ],
        );
        for untold in [
            "",
            "User initiated",
            "User initiated (2026-01-02)",
            "User initiated (2026-01-02 03:04:05 UTC)",
            "User initiated (yesterday 03:04:05 GMT)",
            "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
        ] {
            let seen = derived(&STOPPED, &stopped(untold));
            assert_eq!(seen["since"]["code"], "NoStopTime", "{untold}");
        }
    }
}
