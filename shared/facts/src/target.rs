//! `target`: which IAM identity a call acts on, and whether it is the caller.
//!
//! "IAM API reference: Actions", <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>.
//! Where `UserName` is optional and missing, IAM takes the user whose key signed the call.

use model::Event;
use model::json::Writer;

use crate::Fact;
use crate::actor::{Identity, Kind, Told};
use crate::arn::last_segment;
use crate::call::service;
use crate::json_out::object;
use crate::loose::{fields, first_text, same_text, text_of};

/// Which IAM identity a call acts on.
pub static TARGET: Fact = Fact {
    name: "target",
    about: "The IAM identity that a call acts on: {user, role, group, name: the first of these, self: the caller acts on its own \
        user, even by leaving the name out}; null for calls of other services or on none.",
    reads: &[
        "eventName",
        "eventSource",
        "eventType",
        "requestParameters",
        "responseElements",
        "userIdentity",
    ],
    derive,
};

/// The calls that act on the caller when they name no user.
const OWN_BY_DEFAULT: &[&str] = &[
    "ChangePassword",
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreateServiceSpecificCredential",
    "DeactivateMFADevice",
    "DeleteAccessKey",
    "DeleteLoginProfile",
    "DeleteServiceSpecificCredential",
    "DeleteSigningCertificate",
    "GetLoginProfile",
    "GetUser",
    "ListAccessKeys",
    "ListMFADevices",
    "ListServiceSpecificCredentials",
    "ListSigningCertificates",
    "ListSSHPublicKeys",
    "ResetServiceSpecificCredential",
    "UpdateAccessKey",
    "UpdateServiceSpecificCredential",
    "UpdateSigningCertificate",
    "UploadSigningCertificate",
];

/// The name under which MFA calls know the owner of the account.
const ROOT_USER: &str = "AWS ROOT USER";

fn derive(event: Event<'_>, out: &mut Writer) {
    if service(event) != "iam" {
        out.null();
        return;
    }
    let root = event.root();
    let [request] = fields(root, ["requestParameters"]);
    let [user, role, group] = fields(request, ["userName", "roleName", "groupName"]).map(text_of);
    let [mut user, role, group] = [&user, &role, &group].map(|name| last_segment(name).to_owned());
    let told = Told::of(event);
    let caller = Identity::of(&told);
    let by_default = user.is_empty() && OWN_BY_DEFAULT.contains(&event.name().unwrap_or_default().as_ref());
    if by_default {
        let told = first_text(
            root,
            &["responseElements.accessKey.userName", "responseElements.loginProfile.userName"],
        );
        user = match caller.kind {
            _ if !told.is_empty() => told.into_owned(),
            Kind::User | Kind::Root => caller.name.to_owned(),
            _ => String::new(),
        };
    }
    if !by_default && user.is_empty() && role.is_empty() && group.is_empty() {
        out.null();
        return;
    }
    let own = match caller.kind {
        Kind::User => same_text(&user, caller.name),
        Kind::Root => by_default || same_text(&user, ROOT_USER),
        // A session of a role is no user, whatever its name.
        _ => false,
    };
    object(out, |fact| {
        fact.text("user", &user);
        fact.text("role", &role);
        fact.text("group", &group);
        fact.text(
            "name",
            [&user, &role, &group].into_iter().find(|name| !name.is_empty()).map_or("", String::as_str),
        );
        fact.flag("self", own);
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::laws::{assert_parts, derived};

    fn target(caller: &Value, name: &str, request: &Value) -> Value {
        derived(
            &TARGET,
            &json!({"eventSource": "iam.amazonaws.com", "eventName": name, "userIdentity": caller, "requestParameters": request}),
        )
    }

    #[test]
    fn oneself_is_told_from_others() {
        let alice = json!({"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/team/alice"});
        let unnamed = json!({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/team/Alice"});
        let root = json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root"});
        let role = json!({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/ops/alice"});
        for (caller, name, request, wanted) in [
            (
                &alice,
                "CreateAccessKey",
                json!({"userName": "alice"}),
                json!({"user": "alice", "self": true, "name": "alice"}),
            ),
            (&alice, "CreateAccessKey", json!({"userName": "Alice"}), json!({"self": true})),
            (&alice, "CreateAccessKey", json!(null), json!({"user": "alice", "self": true})),
            (&alice, "ChangePassword", json!(null), json!({"user": "alice", "self": true})),
            (&alice, "CreateAccessKey", json!({"userName": "bob"}), json!({"user": "bob", "self": false})),
            // One name ends in the other.
            (&alice, "CreateAccessKey", json!({"userName": "ice"}), json!({"self": false})),
            (&unnamed, "UpdateLoginProfile", json!({"userName": "alice"}), json!({"self": true})),
            (&root, "CreateAccessKey", json!(null), json!({"user": "root", "self": true})),
            (&root, "EnableMFADevice", json!({"userName": "AWS ROOT USER"}), json!({"self": true})),
            (&root, "CreateAccessKey", json!({"userName": "root"}), json!({"self": false})),
            (&role, "CreateAccessKey", json!({"userName": "alice"}), json!({"user": "alice", "self": false})),
            (&role, "CreateAccessKey", json!(null), json!({"user": "", "self": false})),
            (
                &alice,
                "AttachRolePolicy",
                json!({"roleName": "admin"}),
                json!({"role": "admin", "name": "admin", "user": "", "self": false}),
            ),
            (
                &alice,
                "AddUserToGroup",
                json!({"groupName": "admins", "userName": "alice"}),
                json!({"group": "admins", "self": true}),
            ),
        ] {
            assert_parts(&target(caller, name, &request), &wanted, &json!([caller, name, request]));
        }
    }

    #[test]
    fn a_call_on_no_identity_has_no_target() {
        let alice = json!({"type": "IAMUser", "userName": "alice"});
        assert_eq!(target(&alice, "CreatePolicy", &json!({"policyName": "p"})), json!(null));
        assert_eq!(target(&alice, "ListUsers", &json!(null)), json!(null));
        let other = json!({"eventSource": "transfer.amazonaws.com", "eventName": "CreateUser", "requestParameters": {"userName": "x"}});
        assert_eq!(derived(&TARGET, &other), json!(null));
    }
}
