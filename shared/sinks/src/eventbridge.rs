//! Findings as events on an EventBridge bus, for the rules of whoever wants to act on them.
//!
//! The API: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>.

use async_trait::async_trait;
use engine::ports::{Delivery, Sink, SinkError};
use report::Row;
use report::eventbridge::event;
use serde_json::{Value, json};

use crate::call::{Caller, refusal};

/// The most entries of one call.
const ENTRIES: usize = 10;

/// The most bytes of the entries of one call, a little less than the quota.
const BYTES: usize = 250 * 1024;

const HEADERS: &[(&str, &str)] =
    &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "AWSEvents.PutEvents")];

/// Puts one event a finding on a bus. Nothing is put together, and nothing waits.
#[derive(Debug, Clone)]
pub struct EventBridge {
    caller: Caller,
    bus: String,
}

impl EventBridge {
    /// The channel's name.
    pub const CHANNEL: &'static str = "eventbridge";

    /// Puts events on `bus`, a name or an ARN.
    pub fn new(caller: Caller, bus: impl Into<String>) -> Self {
        Self { caller, bus: bus.into() }
    }

    fn entry(&self, delivery: Delivery<'_>) -> Value {
        let row = Row { finding: delivery.finding, rule: delivery.rule };
        let event = event(&row, Some(delivery.notice.as_str()));
        json!({
            "Source": event.source,
            "DetailType": event.detail_type,
            "Time": event.time.as_second(),
            "Resources": event.resources,
            "Detail": event.detail,
            "EventBusName": self.bus,
        })
    }

    async fn put(&self, entries: &[Value]) -> Vec<Result<(), SinkError>> {
        match self.caller.post(Self::CHANNEL, "/", HEADERS, &json!({ "Entries": entries })).await {
            Ok(answer) => {
                let answers = answer.get("Entries").and_then(Value::as_array);
                (0..entries.len()).map(|at| verdict(answers.and_then(|answers| answers.get(at)))).collect()
            }
            Err(error) => entries.iter().map(|_| Err(error.again())).collect(),
        }
    }
}

/// What became of one entry: it has an id, or an error of its own.
fn verdict(entry: Option<&Value>) -> Result<(), SinkError> {
    let Some(entry) = entry else { return Err(SinkError::unanswered(EventBridge::CHANNEL)) };
    match entry.get("ErrorCode").and_then(Value::as_str) {
        None => Ok(()),
        Some(code) => {
            let message = entry.get("ErrorMessage").and_then(Value::as_str).unwrap_or("no message");
            Err(refusal(EventBridge::CHANNEL, code, message))
        }
    }
}

#[async_trait]
impl Sink for EventBridge {
    fn channel(&self) -> &str {
        Self::CHANNEL
    }

    fn most(&self) -> usize {
        ENTRIES
    }

    fn is_for_people(&self) -> bool {
        false
    }

    async fn deliver(&self, deliveries: &[Delivery<'_>]) -> Vec<Result<(), SinkError>> {
        let mut answers = Vec::with_capacity(deliveries.len());
        let (mut waiting, mut bytes) = (Vec::new(), 0_usize);
        for &delivery in deliveries {
            let entry = self.entry(delivery);
            let size = entry.to_string().len();
            if !waiting.is_empty() && (waiting.len() == ENTRIES || bytes.saturating_add(size) > BYTES) {
                answers.extend(self.put(&waiting).await);
                (waiting, bytes) = (Vec::new(), 0);
            }
            bytes = bytes.saturating_add(size);
            waiting.push(entry);
        }
        if !waiting.is_empty() {
            answers.extend(self.put(&waiting).await);
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::stub::Stub;
    use crate::samples;

    async fn deliver(stub: &Stub, findings: &[model::Finding]) -> Vec<Result<(), SinkError>> {
        samples::deliver(&EventBridge::new(stub.caller("events"), "default"), findings).await
    }

    #[tokio::test]
    async fn an_entry_that_fails_takes_no_other_with_it() {
        let stub = Stub::new(&[(
            200,
            json!({"FailedEntryCount": 2, "Entries": [
                {"EventId": "1"},
                {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"},
                {"ErrorCode": "MalformedDetail", "ErrorMessage": "so"},
            ]}),
        )]);
        let findings = [samples::stopped_logging(), samples::group_open(None), samples::hostile()];
        let answers = deliver(&stub, &findings).await;
        assert!(matches!(
            answers.as_slice(),
            [Ok(()), Err(SinkError::Unavailable { .. }), Err(SinkError::Refused { .. })]
        ));
        let asked = stub.asked.lock().unwrap();
        let (_, body) = asked.first().unwrap();
        let first = &body["Entries"][0];
        assert_eq!(first["Source"], "trailpost.findings");
        assert_eq!(first["DetailType"], "Finding Created");
        assert_eq!(first["EventBusName"], "default");
        assert_eq!(first["Time"], 1_772_337_906);
        let detail: Value = serde_json::from_str(first["Detail"].as_str().unwrap()).unwrap();
        assert_eq!(detail["finding"]["id"], findings[0].id.as_str());
    }

    #[tokio::test]
    async fn large_events_go_in_calls_of_their_own() {
        let one = json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]});
        let stub = Stub::new(&[(200, one.clone()), (200, one)]);
        let mut large = samples::stopped_logging();
        large.latest.message = "x".repeat(200 * 1024).as_str().into();
        assert!(deliver(&stub, &[large.clone(), large]).await.iter().all(Result::is_ok));
        assert_eq!(stub.asked.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_call_that_fails_is_said_of_each_entry() {
        for (status, code, passing) in [
            (400, "ThrottlingException", true),
            (500, "InternalException", true),
            (400, "AccessDeniedException", false),
        ] {
            let stub =
                Stub::new(&[(status, json!({"__type": format!("com.amazonaws#{code}"), "message": "so"}))]);
            let answers = deliver(&stub, &[samples::stopped_logging(), samples::hostile()]).await;
            assert_eq!(answers.len(), 2);
            for answer in answers {
                assert_eq!(matches!(answer, Err(SinkError::Unavailable { .. })), passing, "{answer:?}");
            }
        }
    }
}
