//! `policy`: what the policy of a resource amounts to.

use model::json::Value;

use super::ResourceFact;
use crate::hole::{Known, member, write};
use crate::loose::text;
use crate::policy_document::{Found, Owner};

/// What the policy of a resource amounts to.
pub(super) static POLICY: ResourceFact = ResourceFact {
    name: "policy",
    about: "The policy of a resource, its member Policy: {found, parsed, public: anybody is allowed and no condition narrows it, \
        public_actions: what anybody is allowed (* for all but some), accounts: allowed accounts, external_accounts: those that are \
        not the owner, services, unscoped_services: services allowed without a condition on the source they act for, federated, \
        oidc_unrestricted, admin, iam_admin, assume_any, escalation, not_action, not_resource, not_principal (in what is allowed), \
        enforces_tls: everybody is denied all actions on all of the resource (of a bucket: itself and its objects) where \
        aws:SecureTransport is false (a condition on s3:TlsVersion does not count), statements: [{effect, actions, not_actions, \
        resources, not_resources, principals, not_principals, conditions: [keys], public, external_accounts: those it allows}]}.",
    reads: &["$resource", "Policy"],
    derive: |document, out| write_member(document, "Policy", out),
};

/// Appends what the policy in the member `name` amounts to.
pub(super) fn write_member(document: Value<'_>, name: &str, out: &mut String) {
    write(read(document, name), out, |(policy, resource), out| {
        let part = |key: &str| resource.map(|resource| text(resource, key)).unwrap_or_default();
        let owner = Owner { account: &part("account"), arn: &part("arn") };
        Found::in_member(policy).write(&owner, out);
    });
}

type Parts<'a> = (Option<Value<'a>>, Option<Value<'a>>);

fn read<'a>(document: Value<'a>, name: &str) -> Known<'a, Parts<'a>> {
    Ok((member(document, name)?, member(document, "$resource")?))
}
