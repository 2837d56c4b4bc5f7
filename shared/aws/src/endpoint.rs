//! Where a service is reached in a region, and which region requests are signed for.

use crate::model::{Operation, Service, partition_of};
use crate::protocol::{WireError, fill};

/// Where to send a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme and host, and a path without a slash at its end where the user's endpoint has one.
    pub url: String,
    /// The name that the request is signed for.
    pub signing_name: String,
    /// The region that the request is signed for.
    pub signing_region: String,
}

/// The user's own endpoints, such as an emulator's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    /// For every service.
    pub(crate) all: Option<String>,
    /// For one service each, by the name behind `AWS_ENDPOINT_URL_`.
    pub(crate) services: Vec<(String, String)>,
}

impl Overrides {
    /// Reads `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`,
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>; `given` goes before the first.
    pub(crate) fn new(given: Option<String>, environment: impl Iterator<Item = (String, String)>) -> Self {
        let mut overrides = Self { all: given, services: Vec::new() };
        for (name, value) in environment.filter(|(_, value)| !value.is_empty()) {
            if name == "AWS_ENDPOINT_URL" {
                overrides.all.get_or_insert(value);
            } else if let Some(service) = name.strip_prefix("AWS_ENDPOINT_URL_") {
                overrides.services.push((service.to_owned(), value));
            }
        }
        overrides
    }

    fn of(&self, service: &Service) -> Option<&str> {
        let id = service.service_id.replace([' ', '-'], "_").to_uppercase();
        let own = self.services.iter().find(|(name, _)| *name == id).map(|(_, url)| url);
        own.or(self.all.as_ref()).map(|url| url.trim_end_matches('/'))
    }
}

/// The endpoint of `service` for `region`; `parameters` fill what an operation puts before the host.
///
/// # Errors
/// When a parameter that the host needs is missing.
pub(crate) fn resolve(
    service: &Service,
    operation: &Operation,
    region: &str,
    overrides: &Overrides,
    parameters: &serde_json::Value,
) -> Result<Endpoint, WireError> {
    let mut endpoint = of_service(service, region, overrides);
    if overrides.of(service).is_none()
        && let Some(prefix) = &operation.host_prefix
    {
        let prefix = fill(prefix, |name, _| Some(parameters.get(name)?.as_str()?.to_owned()))?;
        endpoint.url = endpoint.url.replacen("https://", &format!("https://{prefix}"), 1);
    }
    Ok(endpoint)
}

/// The endpoint of `service` for `region`, of operations that put nothing before the host.
pub(crate) fn of_service(service: &Service, region: &str, overrides: &Overrides) -> Endpoint {
    let partition = partition_of(region).unwrap_or_else(|| crate::model::Partition {
        name: "aws".into(),
        suffix: "amazonaws.com".into(),
        home: "us-east-1".into(),
        regions: Vec::new(),
    });
    let known = service.endpoints.get(&partition.name);
    let global = known.and_then(|known| known.global.as_ref());
    let signing_region = global.map_or(region, |global| &global.region).to_owned();
    let signing_name = service.signing_name.clone();
    if let Some(url) = overrides.of(service) {
        return Endpoint { url: url.to_owned(), signing_name, signing_region };
    }
    let host = match (global, known.and_then(|known| known.hosts.get(region))) {
        (Some(global), _) => global.host.clone(),
        (None, Some(host)) => host.clone(),
        (None, None) => format!("{}.{region}.{}", service.endpoint_prefix, partition.suffix),
    };
    Endpoint { url: format!("https://{host}"), signing_name, signing_region }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Models;

    fn url(service: &str, operation: &str, region: &str) -> (String, String) {
        let service = Models::default().service(service).unwrap();
        let endpoint = resolve(
            &service,
            &service.operations[operation],
            region,
            &Overrides::default(),
            &serde_json::json!({}),
        )
        .unwrap();
        (endpoint.url, endpoint.signing_region)
    }

    #[test]
    fn hosts_follow_their_partition() {
        for (service, operation, region, expected, signed) in [
            (
                "ec2",
                "DescribeRegions",
                "eu-central-1",
                "https://ec2.eu-central-1.amazonaws.com",
                "eu-central-1",
            ),
            ("ec2", "DescribeRegions", "cn-north-1", "https://ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("iam", "GetCredentialReport", "eu-central-1", "https://iam.amazonaws.com", "us-east-1"),
            (
                "iam",
                "GetCredentialReport",
                "us-gov-east-1",
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
            ("sts", "GetCallerIdentity", "eu-west-1", "https://sts.eu-west-1.amazonaws.com", "eu-west-1"),
        ] {
            assert_eq!(url(service, operation, region), (expected.to_owned(), signed.to_owned()));
        }
    }

    #[test]
    fn an_endpoint_of_the_users_own_goes_first() {
        let environment = [
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000/"),
            ("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:6000"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let overrides = Overrides::new(None, environment.clone().into_iter());
        let models = Models::default();
        let of = |overrides: &Overrides, service: &str| {
            overrides.of(&models.service(service).unwrap()).unwrap().to_owned()
        };
        assert_eq!(of(&overrides, "sts"), "http://127.0.0.1:5000");
        assert_eq!(of(&overrides, "iam"), "http://127.0.0.1:6000");
        let given = Overrides::new(Some("http://localhost:7000".into()), environment.into_iter());
        assert_eq!(of(&given, "sts"), "http://localhost:7000");
    }
}
