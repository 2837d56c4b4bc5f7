//! Which identity a record names.

use model::Event;
use model::json::Value;

use crate::arn::{Arn, account_of, last_segment};
use crate::loose::{first_text, text};

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

    fn of(event: Event<'_>) -> Self {
        let root = event.root();
        let service_event = text(root, "eventType") == "AwsServiceEvent";
        match text(root, "userIdentity.type").as_ref() {
            // A service event carries the type of the account's owner, who did nothing.
            "Root" if service_event => Self::Service,
            "Root" => Self::Root,
            "IAMUser" => Self::User,
            "AssumedRole" | "Role" => Self::Role,
            "FederatedUser" => Self::Federated,
            "WebIdentityUser" => Self::WebIdentity,
            "SAMLUser" => Self::Saml,
            "IdentityCenterUser" => Self::IdentityCenter,
            "AWSAccount" if is_anonymous(root) => Self::Anonymous,
            "AWSAccount" => Self::Account,
            "AWSService" => Self::Service,
            "" if service_event || !text(root, "userIdentity.invokedBy").is_empty() => Self::Service,
            _ => Self::Unknown,
        }
    }
}

/// A request to S3 without a signature.
fn is_anonymous(root: Value<'_>) -> bool {
    ["userIdentity.accountId", "userIdentity.principalId"]
        .into_iter()
        .any(|path| text(root, path).get(..9).is_some_and(|start| start.eq_ignore_ascii_case("anonymous")))
}

/// Who a record names, stable over the sessions of a role.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) session: String,
    pub(crate) account: String,
    pub(crate) sso: bool,
    /// The role exists only for an AWS service.
    pub(crate) service_linked: bool,
}

impl Identity {
    pub(crate) fn of(event: Event<'_>) -> Self {
        let root = event.root();
        let kind = Kind::of(event);
        let own_arn = text(root, "userIdentity.arn");
        let issuer_arn = text(root, "userIdentity.sessionContext.sessionIssuer.arn");
        let arn = if kind == Kind::Role && !issuer_arn.is_empty() { issuer_arn } else { own_arn.clone() };
        // `assumed-role/NAME/SESSION`
        let mut session_parts = Arn::parse(&own_arn)
            .and_then(|arn| arn.resource.strip_prefix("assumed-role/"))
            .unwrap_or_default()
            .split('/');
        let role_of_session = session_parts.next().unwrap_or_default();
        let session = session_parts.next_back().unwrap_or_default();
        let name = match kind {
            Kind::Root => "root".into(),
            Kind::Role => {
                let name = first_text(root, &["userIdentity.sessionContext.sessionIssuer.userName"]);
                let fallback = if role_of_session.is_empty() { last_segment(&arn) } else { role_of_session };
                if name.is_empty() { fallback.into() } else { name }
            }
            Kind::Service => first_text(root, &["userIdentity.invokedBy", "eventSource"]),
            Kind::Account => text(root, "userIdentity.accountId"),
            _ => {
                let name = first_text(root, &["userIdentity.userName", "userIdentity.onBehalfOf.userId"]);
                if name.is_empty() { last_segment(&arn).into() } else { name }
            }
        };
        let account = [
            "userIdentity.accountId",
            "userIdentity.arn",
            "userIdentity.sessionContext.sessionIssuer.accountId",
        ]
        .into_iter()
        .map(|path| account_of(&text(root, path)).to_owned())
        .find(|account| !account.is_empty());
        Self {
            kind,
            sso: kind == Kind::IdentityCenter
                || is_reserved(&arn, &name, "aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_"),
            service_linked: is_reserved(&arn, &name, "aws-service-role/", "AWSServiceRoleFor"),
            name: if name == HIDDEN { String::new() } else { name.into_owned() },
            arn: arn.into_owned(),
            session: session.to_owned(),
            account: account.unwrap_or_default(),
        }
    }

    /// The person behind a session of single sign-on.
    pub(super) fn sso_user(&self) -> &str {
        match (self.sso, self.kind) {
            (true, Kind::IdentityCenter) => &self.name,
            (true, _) => &self.session,
            (false, _) => "",
        }
    }
}

/// Whether the role is one that only AWS makes. Anybody may choose the name, nobody the path: IAM refuses it.
/// Only where the record has no ARN of the role, as in a sign-in, does the name have to do.
fn is_reserved(arn: &str, name: &str, path: &str, prefix: &str) -> bool {
    match Arn::parse(arn) {
        Some(Arn { service: "iam", resource, .. }) => {
            resource.strip_prefix("role/").is_some_and(|role| role.starts_with(path))
        }
        Some(Arn { service: "sts", resource, .. }) => {
            resource.starts_with("assumed-role/") && name.starts_with(prefix)
        }
        _ => false,
    }
}
