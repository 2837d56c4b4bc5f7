//! Which identity a record names.

use super::told::Told;
use crate::arn::{Arn, account_of, last_segment};

/// What CloudTrail writes in place of a user name that it may not show.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// The kinds of identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    User,
    Role,
    Federated,
    WebIdentity,
    Saml,
    IdentityCenter,
    Account,
    Service,
    Anonymous,
    Unknown,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::User => "user",
            Self::Role => "role",
            Self::Federated => "federated",
            Self::WebIdentity => "web-identity",
            Self::Saml => "saml",
            Self::IdentityCenter => "identity-center",
            Self::Account => "account",
            Self::Service => "service",
            Self::Anonymous => "anonymous",
            Self::Unknown => "unknown",
        }
    }

    fn of(told: &Told<'_>) -> Self {
        let service_event = told.event_type == "AwsServiceEvent";
        match told.kind.as_ref() {
            // A service event carries the type of the account's owner, who did nothing.
            "Root" if service_event => Self::Service,
            "Root" => Self::Root,
            "IAMUser" => Self::User,
            "AssumedRole" | "Role" => Self::Role,
            "FederatedUser" => Self::Federated,
            "WebIdentityUser" => Self::WebIdentity,
            "SAMLUser" => Self::Saml,
            "IdentityCenterUser" => Self::IdentityCenter,
            "AWSAccount" if is_anonymous(told) => Self::Anonymous,
            "AWSAccount" => Self::Account,
            "AWSService" => Self::Service,
            "" if service_event || !told.invoked_by.is_empty() => Self::Service,
            _ => Self::Unknown,
        }
    }
}

/// A request to S3 without a signature.
fn is_anonymous(told: &Told<'_>) -> bool {
    [&told.account, &told.principal_id]
        .into_iter()
        .any(|id| id.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("anonymous")))
}

/// The first text that is not empty, or `""`.
fn first<'t>(texts: impl IntoIterator<Item = &'t str>) -> &'t str {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// Who a record names, stable over the sessions of a role.
#[derive(Debug)]
pub(crate) struct Identity<'t> {
    pub(crate) kind: Kind,
    pub(crate) name: &'t str,
    pub(crate) arn: &'t str,
    pub(crate) session: &'t str,
    pub(crate) account: &'t str,
    pub(crate) sso: bool,
    /// The role exists only for an AWS service.
    pub(crate) service_linked: bool,
}

impl<'t> Identity<'t> {
    pub(crate) fn of(told: &'t Told<'_>) -> Self {
        let kind = Kind::of(told);
        let own = Arn::parse(&told.arn);
        let (arn, parsed) = match kind {
            Kind::Role if !told.issuer_arn.is_empty() => (&*told.issuer_arn, Arn::parse(&told.issuer_arn)),
            _ => (&*told.arn, own),
        };
        // `assumed-role/NAME/SESSION`
        let mut session_parts =
            own.and_then(|arn| arn.resource.strip_prefix("assumed-role/")).unwrap_or_default().split('/');
        let role_of_session = session_parts.next().unwrap_or_default();
        let session = session_parts.next_back().unwrap_or_default();
        let name = match kind {
            Kind::Root => "root",
            Kind::Role => first([&*told.issuer_name, role_of_session, last_segment(arn)]),
            Kind::Service => first([&*told.invoked_by, &*told.event_source]),
            Kind::Account => &told.account,
            _ => first([&*told.user_name, &*told.on_behalf_of, last_segment(arn)]),
        };
        let accounts = [&told.account, &told.arn, &told.issuer_account];
        Self {
            kind,
            sso: kind == Kind::IdentityCenter
                || is_reserved(parsed, name, "aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_"),
            service_linked: is_reserved(parsed, name, "aws-service-role/", "AWSServiceRoleFor"),
            name: if name == HIDDEN { "" } else { name },
            arn,
            session,
            account: first(accounts.into_iter().map(|text| account_of(text))),
        }
    }

    /// The person behind a session of single sign-on.
    pub(super) fn sso_user(&self) -> &'t str {
        match (self.sso, self.kind) {
            (true, Kind::IdentityCenter) => self.name,
            (true, _) => self.session,
            (false, _) => "",
        }
    }
}

/// Whether the role is one that only AWS makes. Anybody may choose the name, nobody the path: IAM refuses it.
/// Only where the record has no ARN of the role, as in a sign-in, does the name have to do.
fn is_reserved(arn: Option<Arn<'_>>, name: &str, path: &str, prefix: &str) -> bool {
    match arn {
        Some(Arn { service: "iam", resource, .. }) => {
            resource.strip_prefix("role/").is_some_and(|role| role.starts_with(path))
        }
        Some(Arn { service: "sts", resource, .. }) => {
            resource.starts_with("assumed-role/") && name.starts_with(prefix)
        }
        _ => false,
    }
}
