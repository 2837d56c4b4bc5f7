//! The channels of a deployment, as its environment names them.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use engine::notify::alerts::Form;
use engine::ports::Sink;
use sinks::{Caller, Endpoint, EventBridge, Members, SecurityHub, Sns};

use crate::config::{Config, ConfigError};

/// Every channel that is configured.
///
/// # Errors
/// When one lacks a variable that it needs.
pub(crate) fn all(config: &Config, aws: &SdkConfig) -> Result<Vec<Arc<dyn Sink>>, ConfigError> {
    let sns = aws_sdk_sns::Client::new(aws);
    let topics = [
        ("text", &config.topic_text, Form::Text),
        ("json", &config.topic_json, Form::Json),
        ("chat", &config.topic_chat, Form::Chat),
    ];
    let topics = topics.into_iter().filter_map(|(name, topic, form)| Some((name, topic.as_ref()?, form)));
    let further = config.alerts.channels().map(|(name, channel)| (name, &channel.topic, channel.form));
    let mut sinks: Vec<Arc<dyn Sink>> = topics
        .chain(further)
        .map(|(name, topic, form)| Arc::new(Sns::new(sns.clone(), topic, name, form)) as Arc<dyn Sink>)
        .collect();
    if let Some(bus) = &config.findings_bus {
        let caller = caller(aws, "events", "EventBridge")?;
        sinks.push(Arc::new(EventBridge::new(caller, bus)));
    }
    if config.security_hub {
        let account = config.account.clone().ok_or(ConfigError::Missing("TRAILPOST_ACCOUNT"))?;
        let members = config.security_hub_role.clone().map(|role| Members {
            role,
            external_id: config.external_id.clone(),
            config: aws.clone(),
        });
        let caller = caller(aws, "securityhub", "SecurityHub")?;
        sinks.push(Arc::new(SecurityHub::new(caller, account, region(aws)?, members)));
    }
    Ok(sinks)
}

fn region(aws: &SdkConfig) -> Result<String, ConfigError> {
    aws.region().map(ToString::to_string).ok_or(ConfigError::Missing("AWS_REGION"))
}

/// Who calls a service, in the region that the function runs in. An endpoint of the user's own goes first, as with the
/// official clients: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>.
fn caller(aws: &SdkConfig, service: &'static str, id: &'static str) -> Result<Caller, ConfigError> {
    let region = region(aws)?;
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let key =
        ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = key.ok().and_then(|key| aws.service_config()?.load_config(key));
    let own = own.or_else(|| aws.endpoint_url().map(str::to_owned));
    let url = own.unwrap_or_else(|| format!("https://{service}.{region}.{suffix}"));
    let endpoint = Endpoint { url, service, region };
    Caller::new(aws, endpoint).ok_or(ConfigError::Missing("AWS_ACCESS_KEY_ID"))
}
