//! One SNS topic: the request, and what its refusals mean.
//!
//! The API: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.

use crate::Message;
use crate::attributes::{Attribute, Attributes};
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::operation::publish::builders::PublishInputBuilder;
use aws_sdk_sns::types::MessageAttributeValue;
use engine::ports::SinkError;

/// The most bytes that SNS takes by default, attributes included.
pub(crate) const LIMIT: usize = 256 * 1024;

/// The error codes of `Publish` that stay until somebody changes the topic, its key or the role. Every other failure
/// is taken for a passing one: a late alert is better than a lost one.
const REFUSALS: [&str; 16] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "EndpointDisabled",
    "InvalidClientTokenId",
    "InvalidParameter",
    "InvalidSecurity",
    "KMSAccessDenied",
    "KMSDisabled",
    "KMSInvalidState",
    "KMSNotFound",
    "KMSOptInRequired",
    "NotFound",
    "ParameterValueInvalid",
    "PlatformApplicationDisabled",
    "ValidationException",
];

/// A topic, and the name under which notices know it.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) client: Client,
    pub(crate) arn: String,
    pub(crate) channel: String,
}

impl Topic {
    /// Publishes `message`, with what subscriptions can filter by.
    pub(crate) async fn publish(&self, message: Message, by: Attributes) -> Result<(), SinkError> {
        match self.request(message, by).send_with(&self.client).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// `MessageStructure` stays unset, which means a string: with `json`, SNS would not deliver the attributes.
    fn request(&self, message: Message, by: Attributes) -> PublishInputBuilder {
        let values = by.into_iter().filter_map(|(name, value)| Some((name, value.build()?)));
        let request = PublishInputBuilder::default()
            .topic_arn(&self.arn)
            .set_subject(Some(message.subject).filter(|subject| !subject.is_empty()))
            .message(message.body);
        values.fold(request, |request, (name, value)| request.message_attributes(name, value))
    }

    fn failure<R: std::fmt::Debug>(&self, error: &SdkError<PublishError, R>) -> SinkError {
        let channel = self.channel.clone();
        match error.code() {
            Some(code) => {
                let reason = format!("{code}: {}", error.message().unwrap_or("no message"));
                if REFUSALS.contains(&code) {
                    SinkError::Refused { channel, reason }
                } else {
                    SinkError::Unavailable { channel, reason }
                }
            }
            None => SinkError::Unavailable { channel, reason: DisplayErrorContext(error).to_string() },
        }
    }
}

impl Attribute {
    fn build(self) -> Option<MessageAttributeValue> {
        let (kind, value) = match self {
            Self::Text(text) => ("String", text),
            Self::Number(number) => ("Number", number.to_string()),
            Self::Texts(texts) => ("String.Array", serde_json::to_string(&texts).ok()?),
        };
        MessageAttributeValue::builder().data_type(kind).string_value(value).build().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use aws_sdk_sns::config::retry::RetryConfig;
    use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region};
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;

    use super::*;
    use crate::attributes::of_finding;
    use crate::samples;

    /// Stands in for SNS: gives one answer to every request, and keeps the last body.
    #[derive(Debug, Clone, Default)]
    struct Answer {
        status: u16,
        body: String,
        asked: Arc<Mutex<String>>,
    }

    impl HttpConnector for Answer {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = request.body().bytes().unwrap_or_default();
            *self.asked.lock().unwrap() = String::from_utf8_lossy(body).into_owned();
            if self.status == 0 {
                return HttpConnectorFuture::ready(Err(ConnectorError::io("connection reset".into())));
            }
            let status = self.status.try_into().unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(self.body.clone()))))
        }
    }

    async fn publish(answer: Answer) -> Result<(), SinkError> {
        let config = aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(answer.clone())))
            .build();
        let topic = Topic {
            client: Client::from_conf(config),
            arn: "arn:aws:sns:us-east-1:111122223333:alerts".into(),
            channel: "text".into(),
        };
        let message = Message { subject: "[HIGH] Title".into(), body: "What & who".into() };
        topic.publish(message, of_finding(&samples::stopped_logging())).await
    }

    fn error(status: u16, code: &str) -> Answer {
        let body =
            format!("<ErrorResponse><Error><Code>{code}</Code><Message>so</Message></Error></ErrorResponse>");
        Answer { status, body, ..Answer::default() }
    }

    #[tokio::test]
    async fn the_request_is_what_the_api_asks_for() {
        let answer = Answer {
            status: 200,
            body:
                "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
                    .into(),
            ..Answer::default()
        };
        publish(answer.clone()).await.unwrap();
        // The SDK keeps attributes in a hash map: gather the fields of each, and put them in an order again.
        let mut fields = BTreeMap::<String, Vec<String>>::new();
        for field in answer.asked.lock().unwrap().split('&') {
            let (name, value) = field.split_once('=').unwrap();
            let (key, field) = match name.strip_prefix("MessageAttributes.entry.") {
                Some(name) => (&name[..1], format!("{}={value}", &name[2..])),
                None => (name, field.to_owned()),
            };
            fields.entry(key.to_owned()).or_default().push(field);
        }
        let mut lines: Vec<String> = fields.into_values().map(|fields| fields.join(" ")).collect();
        lines.sort();
        insta::assert_snapshot!(lines.join("\n"), @r"
        Action=Publish
        Message=What%20%26%20who
        Name=account Value.DataType=String Value.StringValue=111122223333
        Name=kind Value.DataType=String Value.StringValue=signature
        Name=outcome Value.DataType=String Value.StringValue=success
        Name=region Value.DataType=String Value.StringValue=us-east-1
        Name=service Value.DataType=String Value.StringValue=cloudtrail
        Name=severity Value.DataType=String Value.StringValue=high
        Name=severity_rank Value.DataType=Number Value.StringValue=3
        Name=signature_id Value.DataType=String Value.StringValue=cloudtrail-logging-stopped
        Name=status Value.DataType=String Value.StringValue=open
        Subject=%5BHIGH%5D%20Title
        TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A111122223333%3Aalerts
        Version=2010-03-31
        ");
    }

    #[tokio::test]
    async fn what_passes_is_tried_again_and_what_stays_is_not() {
        for (status, code) in [
            (400, "Throttling"),
            (400, "ThrottledException"),
            (400, "KMSThrottling"),
            (400, "ExpiredToken"),
            (500, "InternalError"),
            (503, "ServiceUnavailable"),
            (400, "SomethingNew"),
        ] {
            let result = publish(error(status, code)).await;
            assert!(matches!(result, Err(SinkError::Unavailable { .. })), "{code}: {result:?}");
        }
        for code in REFUSALS {
            let result = publish(error(400, code)).await;
            assert!(matches!(result, Err(SinkError::Refused { .. })), "{code}: {result:?}");
        }
    }

    #[tokio::test]
    async fn no_answer_and_no_sense_are_tried_again() {
        for status in [0, 502] {
            let result = publish(Answer { status, body: "<html>".into(), ..Answer::default() }).await;
            assert!(matches!(result, Err(SinkError::Unavailable { .. })), "{result:?}");
        }
    }

    #[tokio::test]
    async fn the_reason_is_what_sns_said() {
        let error = publish(error(404, "NotFound")).await.unwrap_err();
        assert_eq!(error.to_string(), "text refuses the message: NotFound: so");
    }
}
