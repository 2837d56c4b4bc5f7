//! Whom a statement is about.
//!
//! "AWS JSON policy elements: Principal",
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use model::json::{Kind, Value};

use super::condition::Condition;
use super::statement::{Statement, texts};
use crate::arn::{Arn, account_of};
use crate::glob;
use crate::loose::field;

/// `Principal`, or by `NotPrincipal` everybody but those.
#[derive(Debug)]
pub(crate) struct Principals {
    pub(crate) not: bool,
    pub(crate) named: Vec<Principal>,
}

/// One principal.
#[derive(Debug)]
pub(crate) struct Principal {
    kind: PrincipalKind,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PrincipalKind {
    Aws,
    Service,
    Federated,
    Other,
}

impl Principals {
    pub(super) fn read(statement: Value<'_>) -> Option<Self> {
        let (not, value) = match field(statement, "Principal") {
            Some(value) => (false, value),
            None => (true, field(statement, "NotPrincipal")?),
        };
        let of_kind = |kind, value| texts(value).into_iter().map(move |name| Principal { kind, name });
        let named = match value.kind() {
            Kind::Object => value.members().flat_map(|(key, names)| of_kind(kind_of(key), names)).collect(),
            _ => of_kind(PrincipalKind::Aws, value).collect(),
        };
        Some(Self { not, named })
    }

    fn of_kind(&self, kind: PrincipalKind) -> impl Iterator<Item = &str> {
        let named = if self.not { &[][..] } else { &self.named };
        named.iter().filter(move |principal| principal.kind == kind).map(|principal| principal.name.as_str())
    }

    /// Whether strangers are among them.
    fn are_everybody(&self) -> bool {
        let any_account = |name: &str| Arn::parse(name).is_some_and(|arn| glob::has_wildcard(arn.account));
        self.not || self.of_kind(PrincipalKind::Aws).any(|name| name == "*" || any_account(name))
    }
}

fn kind_of(key: Value<'_>) -> PrincipalKind {
    match key.as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "aws" => PrincipalKind::Aws,
        "service" => PrincipalKind::Service,
        "federated" => PrincipalKind::Federated,
        _ => PrincipalKind::Other,
    }
}

/// Issuers that many customers share, where the audience does not tell one from another: "Identity-provider
/// controls for shared OIDC providers",
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>.
const SHARED_ISSUERS: &[&str] = &[
    "agent.buildkite.com",
    "app.terraform.io",
    "gitlab.com",
    "oidc-configuration.audit-log.githubusercontent.com",
    "oidc.codefresh.io",
    "proidc.upbound.io",
    "scalr.io",
    "studio.datachain.ai/api",
    "token.actions.githubusercontent.com",
    "tokens.cloud.shisho.dev",
    "vstoken.actions.githubusercontent.com",
];

impl Statement {
    /// Whether the statement allows something to anybody: all principals, or all but some, and no condition
    /// that leaves only some of them.
    pub(crate) fn is_public(&self) -> bool {
        self.allow && self.lists_everybody() && !self.conditions.iter().any(Condition::narrows)
    }

    /// Whether the statement is about each and every principal.
    pub(super) fn is_about_everybody(&self) -> bool {
        let everybody =
            |principals: &Principals| principals.of_kind(PrincipalKind::Aws).any(|name| name == "*");
        self.principals.as_ref().is_some_and(everybody)
    }

    fn lists_everybody(&self) -> bool {
        self.principals.as_ref().is_some_and(Principals::are_everybody)
    }

    /// The accounts that the statement allows something, be it as principals or by a condition on everybody.
    pub(crate) fn accounts(&self) -> Vec<String> {
        let principals = self.principals.iter().flat_map(|principals| principals.of_kind(PrincipalKind::Aws));
        let conditions =
            self.conditions.iter().filter(|_| self.lists_everybody()).flat_map(Condition::accounts);
        principals
            .map(account_of)
            .chain(conditions)
            .filter(|account| !account.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The AWS services among the principals.
    pub(crate) fn services(&self) -> impl Iterator<Item = &str> {
        self.principals.iter().flat_map(|principals| principals.of_kind(PrincipalKind::Service))
    }

    /// Whether a condition leaves only services that act for somebody known.
    pub(crate) fn asks_for_source(&self) -> bool {
        self.conditions.iter().any(Condition::names_source)
    }

    /// The identity providers among the principals.
    pub(crate) fn federated(&self) -> impl Iterator<Item = &str> {
        self.principals.iter().flat_map(|principals| principals.of_kind(PrincipalKind::Federated))
    }

    /// Whether the statement trusts a web identity provider without asking which of its tenants speaks.
    pub(crate) fn trusts_any_tenant(&self) -> bool {
        self.allow && self.federated().filter_map(issuer).any(|issuer| !self.asks_for_tenant(&issuer))
    }

    fn asks_for_tenant(&self, issuer: &str) -> bool {
        self.conditions.iter().filter(|condition| condition.fixes_claim()).any(|condition| {
            let claim = condition.key.strip_prefix(issuer).and_then(|rest| rest.strip_prefix(':'));
            match claim {
                // Whether somebody is signed in says nothing of where.
                None | Some("amr") => false,
                Some("aud") => !SHARED_ISSUERS.contains(&issuer),
                Some(_) => true,
            }
        })
    }
}

/// The issuer of a web identity provider, in lower case: what stands before the claim in condition keys. SAML
/// has none.
fn issuer(federated: &str) -> Option<String> {
    let issuer = match federated.split_once(":oidc-provider/") {
        Some((_, issuer)) => issuer,
        None if federated.contains(":saml-provider/") => return None,
        None => federated,
    };
    Some(issuer.trim_start_matches("https://").trim_end_matches('/').to_ascii_lowercase())
}
