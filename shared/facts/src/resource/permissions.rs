//! `permissions`: what the policies of an identity allow together.
//!
//! Shapes: `UserDetail`, `ManagedPolicyDetail` and their like,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.

use model::json::{Value, Writer};

use super::ResourceFact;
use crate::hole::{Gathered, member};
use crate::json_out::object;
use crate::loose::{field, flag, same_text, text};
use crate::policy_document::{Found, Owner, PolicyDocument, Power};

/// What the policies of an identity allow together.
pub(super) static PERMISSIONS: ResourceFact = ResourceFact {
    name: "permissions",
    about: "What the policies of an identity allow together, inline (UserPolicyList, RolePolicyList, GroupPolicyList, and those of the Groups of a user), \
        attached (AttachedPolicies, and to the groups of a user GroupPolicies) and, of a policy, its own: {admin, iam_admin, assume_any, escalation: [actions joined by +], \
        full_services: services with all actions on all resources (* for all services), statements: the shape of those of policy}. \
        A denial counts where it has no condition and is for all resources.",
    reads: &[
        "$resource",
        "AttachedPolicies",
        "DefaultVersionId",
        "GroupPolicies",
        "GroupPolicyList",
        "Groups",
        "PolicyVersionList",
        "RolePolicyList",
        "UserPolicyList",
    ],
    derive,
};

const INLINE: &[&str] = &["UserPolicyList", "RolePolicyList", "GroupPolicyList", "Groups.GroupPolicyList"];

const ATTACHED: &[&str] = &["AttachedPolicies", "GroupPolicies"];

fn derive(document: Value<'_>, out: &mut Writer) {
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
    for list in INLINE {
        let inline = Gathered::at(document, list);
        documents.extend(inline.and_then(|policy| Gathered::one(field(policy, "PolicyDocument"))));
    }
    for list in ATTACHED {
        documents.extend(Gathered::shallow_list(document, list).and_then(in_force));
    }
    documents.extend(in_force(document));
    documents
}

/// The version of a managed policy that is in force. Where none is marked, any may be; where one is hidden and none of
/// the others is marked, it is the hidden one.
fn in_force(policy: Value<'_>) -> Gathered<'_, Value<'_>> {
    let mut versions = Gathered::shallow_list(policy, "PolicyVersionList");
    let default = text(policy, "DefaultVersionId");
    let is_default = |version: &Value<'_>| {
        flag(*version, "IsDefaultVersion")
            .unwrap_or_else(|| same_text(&text(*version, "VersionId"), &default))
    };
    if versions.items.iter().any(is_default) {
        versions.items.retain(is_default);
    } else if versions.hole.is_some() {
        versions.items.clear();
    }
    versions.and_then(|version| Gathered::one(field(version, "Document")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resource::laws::{assert_cases, hole};

    fn allow(action: &str, resource: &str) -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})
    }

    fn deny(action: &str) -> Value {
        json!({"Statement": {"Effect": "Deny", "Action": action, "Resource": "*"}})
    }

    /// A user with these inline policies.
    fn inline<'v>(documents: impl IntoIterator<Item = &'v Value>) -> Value {
        let policies: Vec<_> = documents
            .into_iter()
            .map(|document| json!({"PolicyName": "p", "PolicyDocument": document}))
            .collect();
        json!({"UserName": "u", "UserPolicyList": policies})
    }

    /// A managed policy with one version.
    fn managed(document: &Value) -> Value {
        json!({"PolicyName": "m", "DefaultVersionId": "v1",
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document}]})
    }

    fn with(mut document: Value, name: &str, member: Value) -> Value {
        document.as_object_mut().unwrap().insert(name.to_owned(), member);
        document
    }

    #[test]
    fn what_policies_allow_adds_up() {
        let admin = allow("*", "*");
        let pass = allow("iam:PassRole", "*");
        let run = allow("ec2:RunInstances", "*");
        assert_cases(
            &PERMISSIONS,
            &[
                (
                    json!({"UserName": "u"}),
                    json!({"admin": false, "iam_admin": false, "assume_any": false, "escalation": [], "full_services": [], "statements": []}),
                ),
                (
                    inline([&admin]),
                    json!({"admin": true, "iam_admin": true, "assume_any": true, "full_services": ["*"],
                        "statements": [{"effect": "Allow", "actions": ["*"], "resources": ["*"], "conditions": [], "public": false}]}),
                ),
                (inline(&[json!(admin.to_string())]), json!({"admin": true})),
                (json!({"RolePolicyList": [{"PolicyDocument": admin}]}), json!({"admin": true})),
                (json!({"GroupPolicyList": [{"PolicyDocument": admin}]}), json!({"admin": true})),
                (
                    json!({"Groups": [{"GroupName": "g", "GroupPolicyList": [{"PolicyDocument": admin}]}]}),
                    json!({"admin": true}),
                ),
                (json!({"AttachedPolicies": [managed(&admin)]}), json!({"admin": true})),
                // Of a policy its own versions, and of those the one in force.
                (managed(&admin), json!({"admin": true})),
                (
                    json!({"DefaultVersionId": "v2", "PolicyVersionList": [
                        {"VersionId": "v1", "IsDefaultVersion": false, "Document": admin},
                        {"VersionId": "v2", "IsDefaultVersion": true, "Document": allow("s3:*", "*")}]}),
                    json!({"admin": false, "full_services": ["s3"]}),
                ),
                (
                    json!({"DefaultVersionId": "v2", "PolicyVersionList": [{"VersionId": "v1", "Document": admin}, {"VersionId": "v2", "Document": run}]}),
                    json!({"admin": false}),
                ),
                (
                    json!({"PolicyVersionList": [{"Document": admin}, {"Document": run}]}),
                    json!({"admin": true}),
                ),
                // The version in force is hidden, and what is not in force does not count.
                (
                    json!({"PolicyVersionList": [
                        {"VersionId": "v1", "IsDefaultVersion": false, "Document": admin}, hole()]}),
                    json!({"admin": hole()}),
                ),
                // One part stands inline, the other is attached.
                (
                    with(inline([&pass]), "AttachedPolicies", json!([managed(&run)])),
                    json!({"escalation": ["iam:PassRole", "iam:PassRole+ec2:RunInstances"], "admin": false}),
                ),
                // What one policy allows, another may deny.
                (
                    with(inline([&admin]), "AttachedPolicies", json!([managed(&deny("iam:*"))])),
                    json!({"admin": false, "iam_admin": false, "full_services": ["*"]}),
                ),
                (inline(&[allow("kms:*", "*"), deny("kms:*")]), json!({"full_services": []})),
            ],
        );
    }

    #[test]
    fn services_are_full_with_all_actions_on_all_resources() {
        let services =
            |documents: &[Value], services: Value| (inline(documents), json!({"full_services": services}));
        let conditional = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}});
        assert_cases(
            &PERMISSIONS,
            &[
                services(
                    &[allow("s3:*", "*"), allow("KMS:*", "*"), allow("s3:*", "*")],
                    json!(["kms", "s3"]),
                ),
                services(&[allow("s3:*", "arn:aws:s3:::*")], json!(["s3"])),
                services(&[allow("s3:*", "arn:aws:sqs:::*")], json!([])),
                services(&[allow("s3:*", "arn:aws:s3:::b/*")], json!([])),
                services(&[allow("s3:Get*", "*")], json!([])),
                services(&[allow("*:*", "*")], json!(["*"])),
                services(&[conditional], json!([])),
            ],
        );
    }

    #[test]
    fn what_is_hidden_hides_only_what_it_may_change() {
        let known = |document: Value| with(inline(&[document]), "AttachedPolicies", hole());
        let unread = json!({"PolicyName": "m", "PolicyVersionList": hole()});
        assert_cases(
            &PERMISSIONS,
            &[
                (
                    known(allow("*", "*")),
                    json!({"admin": true, "iam_admin": true, "full_services": ["*", hole()], "statements": [{"actions": ["*"]}, hole()]}),
                ),
                (
                    known(allow("s3:*", "*")),
                    json!({"admin": hole(), "assume_any": hole(), "escalation": hole(), "full_services": ["s3", hole()]}),
                ),
                // What is denied for sure, nothing hidden can allow.
                (known(deny("iam:*")), json!({"admin": false, "iam_admin": false, "assume_any": hole()})),
                (known(allow("iam:PassRole", "*")), json!({"escalation": ["iam:PassRole", hole()]})),
                (
                    json!({"UserPolicyList": hole(), "AttachedPolicies": [managed(&allow("sts:*", "*"))]}),
                    json!({"admin": hole(), "assume_any": true}),
                ),
                (
                    json!({"AttachedPolicies": [managed(&allow("*", "*")), unread]}),
                    json!({"admin": true, "statements": [{"effect": "Allow"}, hole()]}),
                ),
                (json!({"AttachedPolicies": [unread]}), json!({"admin": hole(), "statements": hole()})),
                (json!({"Groups": hole()}), json!({"admin": hole(), "full_services": hole()})),
                (json!({"AttachedPolicies": [hole()]}), json!({"admin": hole(), "escalation": hole()})),
                (
                    with(inline(&[allow("*", "*")]), "$resource", hole()),
                    json!({"admin": true, "statements": hole()}),
                ),
                // A hole that is no policy hides nothing.
                (with(inline(&[allow("s3:*", "*")]), "Tags", hole()), json!({"admin": false})),
            ],
        );
    }
}
