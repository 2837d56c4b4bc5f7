//! Who decides something that stays on record: a mute, a closing.

use aws::{Reader, Setup};
use catalog::resource::Operation;
use engine::ports::{Aws as _, Place};
use model::Untrusted;
use serde_json::Value;

use crate::args::Shared;
use crate::config::Config;
use crate::exit::Failure;
use crate::stored::Stored;

/// For the store of a deployment the caller's ARN, as AWS knows it; otherwise the user of this machine.
pub(crate) fn who(store: &Stored, shared: &Shared, config: &Config) -> Result<Untrusted, Failure> {
    let address = shared.store.as_deref().or(config.store.as_deref()).unwrap_or_default();
    if !address.starts_with("dynamodb:") {
        let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        return Ok(Untrusted::new(format!("os:{}", user.unwrap_or_else(|| "unknown".to_owned()))));
    }
    store.run(async {
        let (reader, account, config) =
            Reader::connect(&Setup::default()).await.map_err(|error| Failure::usage(error.to_string()))?;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let operation = Operation { service: "sts".to_owned(), name: "GetCallerIdentity".to_owned() };
        let place = Place { account: account.id, region };
        let answer = reader.read(&place, &operation, &serde_json::json!({})).await;
        let answer = answer.map_err(|error| Failure::usage(format!("who you are is not known: {error}")))?;
        Ok(Untrusted::new(answer.get("Arn").and_then(Value::as_str).unwrap_or_default()))
    })
}
