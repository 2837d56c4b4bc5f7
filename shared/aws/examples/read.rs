//! The reader for tests in another language: a question a line on standard input, an answer a line on standard output.
//!
//! `{"operation": "s3:GetBucketPolicy", "region": "…", "account": "…", "parameters": {…}, "endpoint_url": "…"}` is
//! answered with `{"document": …}` or `{"error": {"cause": …, "code": …, "message": …}}`. Without an `endpoint_url`
//! nothing is sent: the answer says where the call would go, `{"endpoint": {"url": …, "name": …, "region": …}}`.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use aws_credential_types::Credentials;
use catalog::resource::Operation;
use engine::ports::{Aws as _, Place, ReadError};
use serde::Deserialize;
use serde_json::{Value, json};
use trailpost_aws::{Reader, Setup};

/// Long enough to be a pause, short enough for a test.
const BACKOFF: Duration = Duration::from_millis(1);

#[derive(Deserialize)]
struct Question {
    operation: String,
    region: String,
    account: String,
    #[serde(default)]
    parameters: Value,
    endpoint_url: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut readers: HashMap<(String, Option<String>), Reader> = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        let key = (question.account.clone(), question.endpoint_url.clone());
        let reader = readers.entry(key).or_insert_with(|| reader(&question));
        let (service, name) = question.operation.split_once(':').ok_or("write service:Operation")?;
        let operation = Operation { service: service.to_owned(), name: name.to_owned() };
        let place = Place { account: question.account, region: question.region };
        let answer = if question.endpoint_url.is_some() {
            let answer = reader.read(&place, &operation, &question.parameters).await;
            answer.map_or_else(|error| refused(&error), |document| json!({ "document": document }))
        } else {
            let endpoint = reader.endpoint(&place, &operation, &question.parameters);
            endpoint.map_or_else(
                |error| refused(&error),
                |at| json!({ "endpoint": { "url": at.url, "name": at.signing_name, "region": at.signing_region } }),
            )
        };
        writeln!(std::io::stdout(), "{answer}")?;
    }
    Ok(())
}

fn reader(question: &Question) -> Reader {
    let setup = Setup {
        endpoint_url: question.endpoint_url.clone(),
        backoff: Some(BACKOFF),
        unlimited: true,
        ..Setup::default()
    };
    let credentials = Credentials::new("testing", "testing", None, None, "tests");
    Reader::with_credentials(&question.account, credentials, &setup)
}

fn refused(error: &ReadError) -> Value {
    json!({ "error": { "cause": error.cause.as_str(), "code": error.code, "message": error.message } })
}
