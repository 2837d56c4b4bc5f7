//! `permissions`: what the policies of an identity allow together.
//!
//! Shapes: `UserDetail`, `ManagedPolicyDetail` and their like,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.

use model::json::Value;

use super::ResourceFact;
use crate::hole::{Gathered, member};
use crate::json_out::object;
use crate::loose::{field, flag, same_text, text};
use crate::policy_document::{Found, Owner, PolicyDocument, Power};

/// What the policies of an identity allow together.
pub(super) static PERMISSIONS: ResourceFact = ResourceFact {
    name: "permissions",
    about: "What the policies of an identity allow together, inline (UserPolicyList, RolePolicyList, GroupPolicyList), attached \
        (AttachedPolicies) and, of a policy, its own: {admin, iam_admin, assume_any, escalation: [actions joined by +], \
        full_services: services with all actions on all resources (* for all services), statements: the shape of those of policy}. \
        A denial counts where it has no condition and is for all resources.",
    reads: &[
        "$resource",
        "AttachedPolicies",
        "DefaultVersionId",
        "GroupPolicyList",
        "PolicyVersionList",
        "RolePolicyList",
        "UserPolicyList",
    ],
    derive,
};

const INLINE: &[&str] = &["UserPolicyList", "RolePolicyList", "GroupPolicyList"];

fn derive(document: Value<'_>, out: &mut String) {
    let Gathered { items, hole } = documents(document);
    let mut found = Found::default();
    for policy in items {
        found.search(policy);
    }
    let policies: &PolicyDocument = &found.document;
    let held = |power: Power| power.among(hole);
    object(out, |fact| {
        fact.known_flag("admin", held(policies.admin()));
        fact.known_flag("iam_admin", held(policies.iam_admin()));
        fact.known_flag("assume_any", held(policies.any_role()));
        let texts = |texts: Vec<String>| Gathered { items: texts, hole };
        texts(policies.escalations().collect()).write_texts(fact.value("escalation"));
        texts(policies.full_services().into_iter().collect()).write_texts(fact.value("full_services"));
        let account = member(document, "$resource")
            .map(|resource| resource.map(|resource| text(resource, "account")).unwrap_or_default());
        fact.known("statements", account, |account, out| {
            let owner = Owner { account: &account, arn: "" };
            let statements = Gathered { items: policies.statements.iter().collect(), hole };
            statements.write(out, |statement, out| statement.write(&owner, out));
        });
    });
}

/// The policies that count, as far as they can be read.
fn documents(document: Value<'_>) -> Gathered<'_, Value<'_>> {
    let mut documents = Gathered::default();
    for name in INLINE {
        let inline = Gathered::shallow_list(document, name);
        documents.extend(inline.and_then(|policy| Gathered::one(field(policy, "PolicyDocument"))));
    }
    documents.extend(Gathered::shallow_list(document, "AttachedPolicies").and_then(in_force));
    documents.extend(in_force(document));
    documents
}

/// The version of a managed policy that is in force. Where none is marked, any may be.
fn in_force(policy: Value<'_>) -> Gathered<'_, Value<'_>> {
    let mut versions = Gathered::shallow_list(policy, "PolicyVersionList");
    let default = text(policy, "DefaultVersionId");
    let is_default = |version: &Value<'_>| {
        flag(*version, "IsDefaultVersion")
            .unwrap_or_else(|| same_text(&text(*version, "VersionId"), &default))
    };
    if versions.items.iter().any(is_default) {
        versions.items.retain(is_default);
    }
    versions.and_then(|version| Gathered::one(field(version, "Document")))
}
