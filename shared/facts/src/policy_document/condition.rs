//! Conditions, and whether they leave only some callers.
//!
//! "IAM JSON policy elements: Condition operators",
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>,
//! and "The meaning of public",
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>: a
//! condition narrows when it holds a key that the caller cannot choose to a fixed value.

use model::json::Value;

use super::statement::texts;
use crate::address::{is_private, parse_network};
use crate::arn::{Arn, account_of, is_account};
use crate::glob;
use crate::loose::field;

/// One key of one operator, and the values of which any may hold.
#[derive(Debug)]
pub(crate) struct Condition {
    /// In lower case.
    operator: String,
    /// In lower case.
    pub(super) key: String,
    /// As it is written.
    pub(crate) written_key: String,
    values: Vec<String>,
}

/// When a value of a key is fixed.
#[derive(Debug, Clone, Copy)]
enum Fixed {
    /// It has no wildcard.
    Text,
    /// Its first part, up to a `/` or `:`, has no wildcard.
    Start,
    /// It names an account, or something whose name is the only one.
    Arn,
    /// It is not a great part of the internet.
    Network,
    /// It is `true`.
    Yes,
}

/// The keys that say who calls, or from where. "AWS global condition context keys",
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>; for the others
/// see the service authorization reference of the service before the colon.
const NARROWING: &[(&str, Fixed)] = &[
    ("aws:principalaccount", Fixed::Text),
    ("aws:principalarn", Fixed::Arn),
    ("aws:principalisawsservice", Fixed::Yes),
    ("aws:principalorgid", Fixed::Text),
    ("aws:principalorgpaths", Fixed::Start),
    ("aws:principalservicename", Fixed::Text),
    ("aws:principalservicenameslist", Fixed::Text),
    ("aws:sourceaccount", Fixed::Text),
    ("aws:sourcearn", Fixed::Arn),
    ("aws:sourceip", Fixed::Network),
    ("aws:sourceorgid", Fixed::Text),
    ("aws:sourceorgpaths", Fixed::Start),
    ("aws:sourceowner", Fixed::Text),
    ("aws:sourcevpc", Fixed::Text),
    ("aws:sourcevpcarn", Fixed::Arn),
    ("aws:sourcevpce", Fixed::Text),
    ("aws:userid", Fixed::Start),
    ("aws:vpceaccount", Fixed::Text),
    ("aws:vpceorgid", Fixed::Text),
    ("aws:vpceorgpaths", Fixed::Start),
    ("ec2:sourceinstancearn", Fixed::Arn),
    ("elasticfilesystem:accessedviamounttarget", Fixed::Yes),
    ("elasticfilesystem:accesspointarn", Fixed::Arn),
    ("kms:calleraccount", Fixed::Text),
    ("lambda:eventsourcetoken", Fixed::Text),
    ("lambda:sourcefunctionarn", Fixed::Arn),
    ("s3:dataaccesspointaccount", Fixed::Text),
    ("s3:dataaccesspointarn", Fixed::Arn),
];

/// The keys whose values name the accounts that get access.
const ACCOUNT_KEYS: &[&str] = &["aws:principalaccount", "aws:principalarn", "kms:calleraccount"];

/// The keys that say for whose sake a service acts: "The confused deputy problem",
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>.
const SOURCES: &[&str] = &[
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "kms:calleraccount",
    "lambda:eventsourcetoken",
];

/// What some services send in place of those: Cognito an external id,
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SmsConfigurationType.html>, and
/// keys used for CloudTrail or CloudWatch Logs, the ARN of the trail or log group,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>.
const SOURCE_STAND_INS: &[&str] =
    &["kms:encryptioncontext:aws:cloudtrail:arn", "kms:encryptioncontext:aws:logs:arn", "sts:externalid"];

impl Condition {
    /// Reads the `Condition` of a statement.
    pub(super) fn read_all(statement: Value<'_>) -> Vec<Self> {
        let lower = |key: Value<'_>| key.as_str().unwrap_or_default().to_ascii_lowercase();
        let Some(block) = field(statement, "Condition") else { return Vec::new() };
        let of_operator = |(operator, keys): (Value<'_>, Value<'_>)| -> Vec<Self> {
            let condition = |(key, values): (Value<'_>, Value<'_>)| Self {
                operator: lower(operator),
                key: lower(key),
                written_key: key.as_str().unwrap_or_default().into_owned(),
                values: texts(values),
            };
            keys.members().map(condition).collect()
        };
        block.members().flat_map(of_operator).collect()
    }

    /// Whether the condition leaves only callers that whoever wrote the policy knows.
    pub(super) fn narrows(&self) -> bool {
        NARROWING
            .iter()
            .find(|(key, _)| *key == self.key)
            .is_some_and(|(_, fixed)| self.holds_only(|value| is_fixed(value, *fixed)))
    }

    /// Whether the condition leaves only services that act for somebody whom whoever wrote the policy knows.
    pub(super) fn names_source(&self) -> bool {
        let stands_in = || {
            let any = |value: &str| glob::is_everything(value) || Arn::parse(value).is_some_and(any_account);
            SOURCE_STAND_INS.contains(&self.key.as_str()) && self.holds_only(|value| !any(value))
        };
        (SOURCES.contains(&self.key.as_str()) && self.narrows()) || stands_in()
    }

    /// Whether the condition holds exactly when TLS is not used.
    pub(super) fn is_without_tls(&self) -> bool {
        self.key == "aws:securetransport"
            && matches!(self.operator.as_str(), "bool" | "boolifexists")
            && !self.values.is_empty()
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    }

    /// Whether the condition holds a claim of a web identity to a value that belongs to one tenant of its
    /// issuer.
    pub(super) fn fixes_claim(&self) -> bool {
        self.holds_only(|value| {
            // `repo:org/app:*`, `project_path:group/*`, `organization:org:*`: the tenant has to be complete.
            // Behind `repo:org*` stands every organisation whose name begins so.
            let tenant =
                |start: &str| start.split_once(':').is_some_and(|(_, name)| name.find(['/', ':']) > Some(0));
            !glob::has_wildcard(value) || tenant(glob::literal_prefix(value))
        })
    }

    /// The accounts that the values of the condition name.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &str> {
        let names_accounts = ACCOUNT_KEYS.contains(&self.key.as_str()) && self.holds_only(|_| true);
        self.values.iter().filter(move |_| names_accounts).map(|value| account_of(value))
    }

    /// Whether the condition fails unless the key is there and has one of the values, and `allowed` holds for
    /// each of them.
    ///
    /// `…IfExists` and `ForAllValues:` are met by a request without the key, `…Not…` by almost any value.
    fn holds_only(&self, allowed: impl Fn(&str) -> bool) -> bool {
        let operator = self.operator.strip_prefix("foranyvalue:").unwrap_or(&self.operator);
        let compares = matches!(
            operator,
            "stringequals"
                | "stringequalsignorecase"
                | "stringlike"
                | "arnequals"
                | "arnlike"
                | "ipaddress"
                | "bool"
        );
        // What a policy variable becomes, the caller decides.
        let known = |value: &String| !value.contains("${") && allowed(value);
        compares && !self.values.is_empty() && self.values.iter().all(known)
    }
}

fn any_account(arn: Arn<'_>) -> bool {
    glob::has_wildcard(arn.account)
}

fn is_fixed(value: &str, fixed: Fixed) -> bool {
    match fixed {
        Fixed::Text => !value.is_empty() && !glob::has_wildcard(value),
        Fixed::Start => {
            let start = glob::literal_prefix(value);
            start.len() == value.len() || start.find(['/', ':']) > Some(0)
        }
        Fixed::Arn => Arn::parse(value).is_some_and(|arn| {
            // Names of buckets are the same in all accounts, so their ARNs need none.
            let named = arn
                .resource
                .split('/')
                .next()
                .is_some_and(|name| !name.is_empty() && !glob::has_wildcard(name));
            is_account(arn.account) || (arn.account.is_empty() && named)
        }),
        // "Broader than /8 for IPv4 and /32 for IPv6" is public to S3.
        Fixed::Network => parse_network(value).is_some_and(|network| {
            let least = if network.addr().is_ipv4() { 8 } else { 32 };
            network.prefix_len() >= least || is_private(network)
        }),
        Fixed::Yes => value.eq_ignore_ascii_case("true"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fixed_values_of_the_right_keys_narrow() {
        for (operator, key, value, narrows) in [
            ("StringEquals", "aws:PrincipalOrgID", "o-abc123", true),
            ("StringEquals", "AWS:SourceOwner", "111122223333", true),
            ("StringLike", "aws:PrincipalOrgID", "o-*", false),
            ("StringLike", "aws:PrincipalOrgID", "*", false),
            ("StringNotEquals", "aws:PrincipalOrgID", "o-abc123", false),
            ("StringEqualsIfExists", "aws:SourceVpce", "vpce-1", false),
            ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-a/*", false),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/r-b/*", true),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/r-b/*", false),
            ("Null", "aws:SourceVpce", "false", false),
            ("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}", false),
            ("ArnLike", "aws:SourceArn", "arn:aws:events:*:111122223333:rule/*", true),
            ("ArnLike", "aws:SourceArn", "arn:aws:events:*:*:rule/*", false),
            ("ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket", true),
            ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*", false),
            ("StringLike", "aws:SourceArn", "*", false),
            ("IpAddress", "aws:SourceIp", "203.0.113.0/24", true),
            ("IpAddress", "aws:SourceIp", "0.0.0.0/0", false),
            ("IpAddress", "aws:SourceIp", "0.0.0.0/1", false),
            ("IpAddress", "aws:SourceIp", "::/0", false),
            ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", false),
            ("Bool", "aws:SecureTransport", "true", false),
            ("Bool", "aws:PrincipalIsAWSService", "true", true),
            ("Bool", "aws:PrincipalIsAWSService", "false", false),
            ("StringEquals", "lambda:FunctionUrlAuthType", "NONE", false),
            ("StringEquals", "sts:ExternalId", "secret", false),
            ("StringLike", "aws:userid", "AROAEXAMPLEID:*", true),
            ("StringLike", "aws:userid", "AROA*", false),
        ] {
            let condition = Condition {
                operator: operator.to_ascii_lowercase(),
                key: key.to_ascii_lowercase(),
                written_key: key.to_owned(),
                values: vec![value.to_owned()],
            };
            assert_eq!(condition.narrows(), narrows, "{operator} {key} {value}");
        }
    }
}
