//! The few calls that change something: `CloudFormation`'s, which set up producers, and the heartbeat on a bus.
//!
//! Scans never come here. What a call takes is written out by whoever makes it; no model guides it.

use engine::ports::{Place, ReadError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use signed::{Answer, Request, Signing};

use crate::endpoint;
use crate::network::classified;
use crate::protocol;
use crate::reader::{Reader, seen};

/// What a form leaves as it is: <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A call that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The service, such as `cloudformation`.
    pub service: &'static str,
    /// The operation, such as `CreateStack`.
    pub operation: &'static str,
    /// Its parameters.
    pub parameters: Parameters,
}

/// The parameters of a call, as its service takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameters {
    /// A form, by the query protocol: `Parameters.member.1.ParameterKey`, and its value.
    Form(Vec<(String, String)>),
    /// JSON.
    Json(Value),
}

impl Reader {
    /// Makes the call with the credentials of the account of `place`; those that the reader was connected with are of the
    /// account `""`. The answer is its body.
    ///
    /// # Errors
    /// When there is no way in, or the service refuses.
    pub async fn act(&self, place: &Place, act: &Act) -> Result<String, ReadError> {
        let unknown = || ReadError::failed("Request", format!("{} is not in the models", act.service));
        let service = self.models.service(act.service).ok_or_else(unknown)?;
        // Where a service is does not depend on the operation.
        let any = service.operations.values().next().ok_or_else(unknown)?;
        let endpoint = endpoint::resolve(&service, any, &place.region, &self.overrides, &Value::Null)
            .map_err(|error| ReadError::failed("Request", error.to_string()))?;
        let identity = self.identity(&place.account).ok_or_else(|| ReadError {
            cause: engine::ports::Cause::Denied,
            code: "NoCredentials".into(),
            message: format!("there are no credentials for account {}", place.account),
        })?;
        let version = service.json_version.as_deref().unwrap_or("1.1");
        let prefix = service.target_prefix.as_deref().unwrap_or_default();
        let request = request(act, &service.api_version, prefix, version);
        self.limits.take(&place.account, &place.region, act.service).await;
        let signing = Signing { name: &endpoint.signing_name, region: &endpoint.signing_region };
        let refusal = move |answer: &Answer| protocol::refusal(&service, &seen(answer));
        let answer = self
            .client
            .send(&endpoint.url, request, &identity, signing, refusal)
            .await
            .map_err(classified)?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }
}

fn request(act: &Act, api_version: &str, target_prefix: &str, json_version: &str) -> Request {
    let (headers, body) = match &act.parameters {
        Parameters::Form(fields) => {
            let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
            let own = [("Action", act.operation), ("Version", api_version)];
            let own = own.map(|(name, value)| format!("{name}={}", encode(value)));
            let given = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
            let body: Vec<String> = own.into_iter().chain(given).collect();
            let kind = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
            (vec![("content-type".to_owned(), kind)], body.join("&"))
        }
        Parameters::Json(value) => {
            let headers = [
                ("content-type", format!("application/x-amz-json-{json_version}")),
                ("x-amz-target", format!("{target_prefix}.{}", act.operation)),
            ];
            (headers.map(|(name, value)| (name.to_owned(), value)).to_vec(), value.to_string())
        }
    };
    Request { method: "POST".into(), target: "/".into(), headers, body: body.into_bytes() }
}

/// The text of the first element called `name` in an answer in XML.
pub fn text_in(answer: &str, name: &str) -> Option<String> {
    let document = roxmltree::Document::parse(answer).ok()?;
    let found = document.descendants().find(|node| node.tag_name().name() == name)?;
    found.text().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_and_json_are_written_as_their_services_take_them() {
        let fields = vec![("StackName".to_owned(), "a b&c".to_owned())];
        let act =
            Act { service: "cloudformation", operation: "DeleteStack", parameters: Parameters::Form(fields) };
        let form = request(&act, "2010-05-15", "", "");
        assert_eq!(
            String::from_utf8(form.body).unwrap(),
            "Action=DeleteStack&Version=2010-05-15&StackName=a%20b%26c"
        );
        let entries = json!({"Entries": []});
        let act =
            Act { service: "events", operation: "PutEvents", parameters: Parameters::Json(entries.clone()) };
        let put = request(&act, "", "AWSEvents", "1.1");
        assert_eq!(put.headers[1], ("x-amz-target".to_owned(), "AWSEvents.PutEvents".to_owned()));
        assert_eq!(put.body, entries.to_string().into_bytes());
    }

    #[test]
    fn an_answer_says_what_is_asked_for() {
        let answer = r#"<R xmlns="x"><Result><OperationId>o-1</OperationId></Result></R>"#;
        assert_eq!(text_in(answer, "OperationId").as_deref(), Some("o-1"));
        assert_eq!(text_in(answer, "StackId"), None);
    }
}
