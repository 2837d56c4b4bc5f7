//! `trust`: who may assume a role.

use super::ResourceFact;
use super::policy::write_member;

/// Who may assume a role.
pub(super) static TRUST: ResourceFact = ResourceFact {
    name: "trust",
    about: "Who may assume a role, by its member AssumeRolePolicyDocument: the shape of policy, of which oidc_unrestricted says \
        that a web identity provider is trusted without a condition on the tenant.",
    reads: &["$resource", "AssumeRolePolicyDocument"],
    derive: |document, out| write_member(document, "AssumeRolePolicyDocument", out),
};
