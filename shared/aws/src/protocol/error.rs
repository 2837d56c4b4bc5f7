//! What a service says when it refuses.

use serde_json::Value;
use signed::Refusal;

use super::{Response, xml};
use crate::model::{Protocol, Service};

/// Reads the error in a response; `None` if it is one of success.
pub(crate) fn refusal(service: &Service, response: &Response<'_>) -> Option<Refusal> {
    let success = (200..300).contains(&response.status);
    if success && !(service.protocol == Protocol::RestXml && xml::has_root(response.body, "Error")) {
        return None;
    }
    let found = match service.protocol {
        Protocol::Json | Protocol::RestJson => in_json(response),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => in_xml(response.body),
    };
    let mut refusal = found.unwrap_or_default();
    if refusal.code.is_empty() {
        refusal.code = format!("Http{}", response.status);
    }
    Some(refusal)
}

fn in_json(response: &Response<'_>) -> Option<Refusal> {
    let body: Value = serde_json::from_slice(response.body).unwrap_or_default();
    let text = |keys: &[&str]| keys.iter().find_map(|key| body.get(*key)?.as_str().map(str::to_owned));
    // Services that came from forms keep their old codes here, and the AWS CLI shows these.
    let compatible = response.header("x-amzn-query-error").and_then(|error| error.split_once(';'));
    let code = compatible
        .filter(|(code, _)| !code.is_empty())
        .map(|(code, _)| code.to_owned())
        .or_else(|| response.header("x-amzn-errortype").map(str::to_owned))
        .or_else(|| text(&["__type", "code", "Code"]))?;
    // `prefix#Code` and `Code:http://…` are both in use.
    let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
    Some(Refusal { code, message: text(&["message", "Message", "errorMessage"]).unwrap_or_default() })
}

fn in_xml(body: &[u8]) -> Option<Refusal> {
    let text = std::str::from_utf8(body).ok()?;
    let document = xml::parse(text).ok()?;
    let error = document.descendants().find(|node| {
        node.is_element() && xml::elements(*node).any(|child| child.tag_name().name() == "Code")
    })?;
    let child = |name: &str| {
        let found = xml::elements(error).find(|child| child.tag_name().name() == name);
        found.and_then(|child| child.text()).unwrap_or_default().to_owned()
    };
    Some(Refusal { code: child("Code"), message: child("Message") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response<'a>(headers: &[(&'a str, &'a str)], body: &'a str) -> Response<'a> {
        Response { status: 400, headers: headers.to_vec(), body: body.as_bytes() }
    }

    #[test]
    fn s3_may_refuse_behind_a_status_of_success() {
        let models = crate::model::Models::default();
        let (s3, iam) = (models.service("s3").unwrap(), models.service("iam").unwrap());
        let answer =
            |body: &'static str| Response { status: 200, headers: Vec::new(), body: body.as_bytes() };
        let hidden = answer("<Error><Code>SlowDown</Code></Error>");
        assert_eq!(refusal(&s3, &hidden).unwrap().code, "SlowDown");
        assert_eq!(refusal(&s3, &answer("<Tagging/>")), None);
        assert_eq!(refusal(&iam, &hidden), None);
    }

    #[test]
    fn codes_are_found_wherever_a_protocol_puts_them() {
        for (headers, body, code) in [
            (
                &[][..],
                r#"{"__type":"com.amazonaws.x#ThrottlingException","message":"m"}"#,
                "ThrottlingException",
            ),
            (
                &[("x-amzn-errortype", "NotFoundException:http://internal")][..],
                r#"{"message":"m"}"#,
                "NotFoundException",
            ),
            (
                &[("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")][..],
                r#"{"__type":"Q#QueueDoesNotExist"}"#,
                "AWS.SimpleQueueService.NonExistentQueue",
            ),
            (
                &[("x-amzn-query-error", "odd")][..],
                r#"{"__type":"Q#QueueDoesNotExist"}"#,
                "QueueDoesNotExist",
            ),
            (&[][..], r#"{"code":"AccessDeniedException"}"#, "AccessDeniedException"),
        ] {
            assert_eq!(in_json(&response(headers, body)).unwrap().code, code);
        }
        for (body, code) in [
            (
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>m</Message></Error></ErrorResponse>",
                "AccessDenied",
            ),
            (
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>m</Message></Error></Errors></Response>",
                "UnauthorizedOperation",
            ),
            ("<Error><Code>NoSuchBucketPolicy</Code><Message>m</Message></Error>", "NoSuchBucketPolicy"),
        ] {
            assert_eq!(in_xml(body.as_bytes()).unwrap(), Refusal { code: code.into(), message: "m".into() });
        }
    }
}
