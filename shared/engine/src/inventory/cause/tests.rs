//! Calls of one second, of which an earlier look showed one.

use std::collections::BTreeMap;

use model::{Actor, Decisive, Difference, Moment, Outcome, TimelineId};
use serde_json::json;

use super::*;

const LOOKED: &str = "2026-11-20T08:17:05Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn call(id: &str, at: &str, name: &str, key: Option<&str>, effect: Effect) -> Call {
    let request = key.map_or_else(|| json!({}), |key| json!({ "attributes": { "KmsMasterKeyId": key } }));
    Call {
        event_id: id.into(),
        shared_event_id: Untrusted::default(),
        account: "111122223333".into(),
        time: time(at),
        source: "sqs.amazonaws.com".into(),
        name: name.into(),
        outcome: Outcome::Success,
        error: Untrusted::default(),
        actor: Actor::default(),
        role: Untrusted::default(),
        effect,
        facets: BTreeSet::new(),
        request: Untrusted::new(request.to_string()),
        sets: Untrusted::default(),
        lane: "bus".into(),
    }
}

/// The look that showed what a call did.
fn shown(by: &Call) -> Moment {
    let cause = Cause { certainty: Certainty::Exact, calls: vec![Culprit::of(by)], ..Cause::default() };
    let difference = Difference {
        turn: Turn::Changed,
        since: Some(time("2026-11-20T08:11:29Z")),
        unread: BTreeMap::new(),
        patch: "[]".into(),
        undo: "[]".into(),
        related: false,
        cause,
        unexplained: BTreeSet::new(),
        lane: "harvest".into(),
    };
    Moment::difference(timeline(), time(LOOKED), difference)
}

fn timeline() -> TimelineId {
    TimelineId::of_resource("111122223333", "us-east-1", "aws.sqs.queue", "q")
}

fn cause(turn: Turn, patch: &serde_json::Value, calls: &[Call], shows: &Call) -> Vec<Untrusted> {
    let mut moments: Vec<Moment> = calls.iter().map(|call| Moment::call(timeline(), call.clone())).collect();
    moments.push(shown(shows));
    let until = time("2026-11-20T08:17:10Z");
    let suspects = Suspects::among(&moments, (Some(time(LOOKED)), &BTreeMap::new()), until);
    let traces = Trace::of_patch(&Untrusted::new(patch.to_string()));
    let question = Question { turn, decisive: Decisive::All, about: About::Values };
    attribute(question, &traces, &suspects).calls.into_iter().map(|call| call.event_id).collect()
}

#[test]
fn who_asks_in_the_second_of_what_was_shown_may_have_come_before_it() {
    let put = |id, at, key| call(id, at, "SetQueueAttributes", Some(key), Effect::Upsert);
    let calls = [
        put("e-1", "2026-11-20T08:16:58Z", "alias/aws/sqs"),
        put("e-2", "2026-11-20T08:16:58Z", "none"),
        put("e-3", "2026-11-20T08:17:00Z", "alias/aws/sqs"),
    ];
    let patch =
        json!([{"op": "replace", "path": "/KmsMasterKeyId", "was": "none", "value": "alias/aws/sqs"}]);
    assert_eq!(cause(Turn::Changed, &patch, &calls, &calls[1]), ["e-1".into(), "e-3".into()]);
}

#[test]
fn who_ends_it_in_the_second_of_the_making_that_was_shown_may_have_come_before_it() {
    let calls = [
        call("e-1", "2026-11-20T08:16:58Z", "DeleteQueue", None, Effect::Gone),
        call("e-2", "2026-11-20T08:16:58Z", "CreateQueue", None, Effect::Upsert),
        call("e-3", "2026-11-20T08:17:00Z", "DeleteQueue", None, Effect::Gone),
    ];
    assert_eq!(cause(Turn::Vanished, &json!([]), &calls, &calls[1]), ["e-1".into(), "e-3".into()]);
}
