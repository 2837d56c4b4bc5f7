//! `actor`: who made the call, and through what.
//!
//! "CloudTrail userIdentity element",
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.

mod automation;
mod client;
mod identity;
mod told;

use model::Event;
use model::json::Writer;

use crate::Fact;
use crate::arn::is_other_account;
use crate::json_out::object;
use crate::loose::flag_of;
use automation::SIGN_IN;
use client::Client;

pub(crate) use automation::is_service;
pub(crate) use identity::{Identity, Kind};
pub(crate) use told::Told;

/// Who made the call.
pub static ACTOR: Fact = Fact {
    name: "actor",
    about: "Who made the call: {kind: root|user|role|federated|web-identity|saml|identity-center|account|service|\
        anonymous|unknown, name, arn, session, account, external, automation: aws-service|aws-internal|cloudformation|\
        terraform|pulumi|cdk|service-linked-role|scim or empty, automated, sso, sso_user, mfa: true|false|null, key: \
        long-term|temporary|none, console, instance, lambda, cloudshell, tool: the attack or audit tool that the user \
        agent names, or empty}.",
    reads: &[
        "additionalEventData",
        "eventSource",
        "eventType",
        "recipientAccountId",
        "sessionCredentialFromConsole",
        "sourceIPAddress",
        "userAgent",
        "userIdentity",
    ],
    derive,
};

fn derive(event: Event<'_>, out: &mut Writer) {
    let told = Told::of(event);
    let identity = Identity::of(&told);
    let client = Client::of(&told.user_agent);
    let automation = automation::of(&told, &identity, &client);
    let external =
        identity.kind != Kind::Service && is_other_account(identity.account, &told.recipient_account);
    object(out, |actor| {
        actor.text("kind", identity.kind.word());
        actor.text("name", identity.name);
        actor.text("arn", identity.arn);
        actor.text("session", identity.session);
        actor.text("account", identity.account);
        actor.flag("external", external);
        actor.text("automation", automation);
        actor.flag("automated", !automation.is_empty());
        actor.flag("sso", identity.sso);
        actor.text("sso_user", identity.sso_user());
        actor.maybe_flag("mfa", mfa(&told, &identity));
        actor.text("key", key(&told));
        actor.flag("console", client.console || is_console(&told));
        actor.flag("instance", is_instance_id(identity.session));
        actor.flag("lambda", client.lambda);
        actor.flag("cloudshell", client.cloudshell);
        actor.text("tool", client.tool);
    });
}

/// Whether automation made the call: what `automated` of the fact says, without the rest of it.
pub fn is_automated(event: Event<'_>) -> bool {
    let told = Told::of(event);
    !automation::of(&told, &Identity::of(&told), &Client::of(&told.user_agent)).is_empty()
}

/// Whether the session was opened with MFA; `None` where the record cannot know.
///
/// A sign-in says it in `additionalEventData.MFAUsed`, where `No` means nothing for whoever was checked
/// elsewhere: by Identity Center, a SAML provider, or when the role was assumed. "AWS Management Console
/// sign-in events",
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html>.
fn mfa(told: &Told<'_>, identity: &Identity<'_>) -> Option<bool> {
    let used = flag_of(told.mfa_used).or_else(|| flag_of(told.mfa_authenticated))?;
    let signed_in_elsewhere = identity.sso
        || matches!(identity.kind, Kind::Saml | Kind::WebIdentity | Kind::Federated | Kind::IdentityCenter)
        || told.saml_provider.is_some()
        || (identity.kind == Kind::Role && told.mfa_used.is_some());
    (used || !signed_in_elsewhere).then_some(used)
}

/// "IAM identifiers: unique ID prefixes",
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
fn key(told: &Told<'_>) -> &'static str {
    match told.access_key.get(..4) {
        Some("AKIA") => "long-term",
        Some("ASIA") => "temporary",
        _ => "none",
    }
}

/// Whether the call came out of the console, by what AWS writes.
fn is_console(told: &Told<'_>) -> bool {
    flag_of(told.from_console) == Some(true)
        || told.event_source == SIGN_IN
        || told.event_type.starts_with("AwsConsole")
        || told.invoked_by == SIGN_IN
}

/// Whether a role session is named by an EC2 instance: the credentials of an instance profile.
fn is_instance_id(session: &str) -> bool {
    session.strip_prefix("i-").is_some_and(|id| {
        matches!(id.len(), 8 | 17)
            && id.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::laws::{assert_parts, derived};

    fn actor(record: &Value) -> Value {
        derived(&ACTOR, record)
    }

    fn with_agent(user_agent: &str) -> Value {
        actor(&json!({"userAgent": user_agent, "sourceIPAddress": "198.51.100.7",
            "userIdentity": {"type": "IAMUser", "userName": "alice"}}))
    }

    #[test]
    fn each_kind_of_identity_has_its_name() {
        let account = "111122223333";
        for (identity, wanted) in [
            (
                json!({"type": "Root", "accountId": account, "arn": "arn:aws:iam::111122223333:root"}),
                json!({"kind": "root", "name": "root", "account": account}),
            ),
            (
                json!({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/team/alice", "accountId": account,
                    "userName": "alice", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
                json!({"kind": "user", "name": "alice", "key": "long-term", "arn": "arn:aws:iam::111122223333:user/team/alice"}),
            ),
            (
                json!({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/team/alice"}),
                json!({"kind": "user", "name": "alice", "account": account}),
            ),
            (
                json!({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/ci-7",
                    "accessKeyId": "ASIAIOSFODNN7EXAMPLE", "sessionContext": {"sessionIssuer": {"userName": "deploy",
                    "arn": "arn:aws:iam::111122223333:role/team/deploy", "accountId": account}}}),
                json!({"kind": "role", "name": "deploy", "session": "ci-7", "key": "temporary", "account": account,
                    "arn": "arn:aws:iam::111122223333:role/team/deploy"}),
            ),
            (
                json!({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/ci-7"}),
                json!({"kind": "role", "name": "deploy", "session": "ci-7", "account": account,
                    "arn": "arn:aws:sts::111122223333:assumed-role/deploy/ci-7"}),
            ),
            (
                json!({"type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/bob"}),
                json!({"kind": "federated", "name": "bob"}),
            ),
            (
                json!({"type": "WebIdentityUser", "userName": "repo:org/app", "principalId": "x"}),
                json!({"kind": "web-identity", "name": "repo:org/app"}),
            ),
            (
                json!({"type": "SAMLUser", "userName": "carol@example.com"}),
                json!({"kind": "saml", "name": "carol@example.com"}),
            ),
            (
                json!({"type": "IdentityCenterUser", "accountId": account, "onBehalfOf": {"userId": "u-1"}}),
                json!({"kind": "identity-center", "name": "u-1", "sso": true, "sso_user": "u-1"}),
            ),
            (
                json!({"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAEXAMPLE"}),
                json!({"kind": "account", "name": "444455556666", "external": true}),
            ),
            (
                json!({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}),
                json!({"kind": "anonymous", "external": false}),
            ),
            (
                json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
                json!({"kind": "service", "name": "ec2.amazonaws.com", "automation": "aws-service"}),
            ),
            (json!({"type": "Unknown"}), json!({"kind": "unknown", "name": "", "mfa": null})),
            (json!({"type": "SomethingNew"}), json!({"kind": "unknown"})),
            (
                json!({"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
                json!({"kind": "user", "name": ""}),
            ),
            (json!({"invokedBy": "AWS Internal"}), json!({"kind": "service", "automation": "aws-internal"})),
            (json!(null), json!({"kind": "unknown", "automated": false})),
            (json!("odd"), json!({"kind": "unknown"})),
        ] {
            let record = json!({"recipientAccountId": account, "userIdentity": identity});
            assert_parts(&actor(&record), &wanted, &record);
        }
    }

    #[test]
    fn a_service_event_is_no_use_of_root() {
        for (record, wanted) in [
            (
                json!({"eventType": "AwsServiceEvent", "eventSource": "kms.amazonaws.com"}),
                json!({"kind": "service", "name": "kms.amazonaws.com", "automation": "aws-service", "automated": true}),
            ),
            (
                json!({"eventType": "AwsServiceEvent", "userIdentity": {"type": "Root", "invokedBy": "rds.amazonaws.com"}}),
                json!({"kind": "service", "name": "rds.amazonaws.com"}),
            ),
            // A person who signs in to the access portal, recorded as a service event.
            (
                json!({"eventType": "AwsServiceEvent", "userIdentity": {"type": "IdentityCenterUser"}}),
                json!({"kind": "identity-center", "automated": false}),
            ),
            (
                json!({"eventType": "AwsApiCall", "userIdentity": {"type": "Root"}}),
                json!({"kind": "root", "automated": false}),
            ),
        ] {
            assert_parts(&actor(&record), &wanted, &record);
        }
    }

    #[test]
    fn automation_is_told_from_people() {
        let sso_role = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef";
        for (record, automation) in [
            (json!({"sourceIPAddress": "cloudformation.amazonaws.com"}), "cloudformation"),
            (
                json!({"userIdentity": {"type": "IAMUser", "invokedBy": "cloudformation.amazonaws.com"}}),
                "cloudformation",
            ),
            (json!({"sourceIPAddress": "AWS Internal"}), "aws-internal"),
            (json!({"sourceIPAddress": "config.amazonaws.com"}), "aws-service"),
            (json!({"sourceIPAddress": "monitoring.cn-north-1.amazonaws.com.cn"}), "aws-service"),
            // Whoever calls writes the user agent: it proves no service.
            (json!({"sourceIPAddress": "198.51.100.7", "userAgent": "cloudformation.amazonaws.com"}), ""),
            (json!({"sourceIPAddress": "evil-amazonaws.com"}), ""),
            (json!({"userIdentity": {"type": "IAMUser", "invokedBy": "Company"}}), ""),
            // The console calls in a person's name.
            (json!({"userIdentity": {"type": "IAMUser", "invokedBy": "signin.amazonaws.com"}}), ""),
            (
                json!({"userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9.0 terraform-provider-aws/5.60"}),
                "terraform",
            ),
            (json!({"userAgent": "OpenTofu/1.8"}), "terraform"),
            (json!({"userAgent": "APN/1.0 Pulumi/1.0 Pulumi-AWS/6"}), "pulumi"),
            (json!({"userAgent": "aws-cdk/2.150.0"}), "cdk"),
            (
                json!({"userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {
                    "arn": "arn:aws:iam::1:role/cdk-hnb659fds-deploy-role-1-eu-west-1", "userName": "cdk-hnb659fds-deploy-role-1-eu-west-1"}}}}),
                "cdk",
            ),
            (
                json!({"userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": "AWSServiceRoleForConfig",
                    "arn": "arn:aws:iam::1:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"}}}}),
                "service-linked-role",
            ),
            // A name alone is nobody's proof.
            (
                json!({"userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": "AWSServiceRoleForEvil",
                    "arn": "arn:aws:iam::1:role/AWSServiceRoleForEvil"}}}}),
                "",
            ),
            (
                json!({"eventSource": "identitystore-scim.amazonaws.com", "userIdentity": {"type": "WebIdentityUser"}}),
                "scim",
            ),
            (
                json!({"eventSource": "sso-directory.amazonaws.com", "userAgent": "Okta SCIM Client 1.0.0"}),
                "scim",
            ),
            (json!({"eventSource": "iam.amazonaws.com", "userAgent": "scim"}), ""),
            (
                json!({"userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": sso_role}}}}),
                "",
            ),
            (json!({"userAgent": "aws-cli/2.15"}), ""),
        ] {
            let wanted = json!({"automation": automation, "automated": !automation.is_empty()});
            assert_parts(&actor(&record), &wanted, &record);
        }
    }

    #[test]
    fn single_sign_on_is_known_by_the_path_of_the_role() {
        let session =
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/dana@example.com";
        let issuer = |arn: &str| {
            json!({"userIdentity": {"type": "AssumedRole", "arn": session,
            "sessionContext": {"sessionIssuer": {"arn": arn}}}})
        };
        for (record, sso, user) in [
            (
                issuer(
                    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
                ),
                true,
                "dana@example.com",
            ),
            // A sign-in record has no session issuer.
            (json!({"userIdentity": {"type": "AssumedRole", "arn": session}}), true, "dana@example.com"),
            (issuer("arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef"), false, ""),
            (json!({"userIdentity": {"type": "IAMUser", "userName": "AWSReservedSSO_x"}}), false, ""),
        ] {
            assert_parts(&actor(&record), &json!({"sso": sso, "sso_user": user}), &record);
        }
    }

    #[test]
    fn mfa_is_unknown_where_no_does_not_mean_no() {
        let login = |kind: &str, used: &str, more: Value| {
            let mut data = json!({"MFAUsed": used});
            data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"eventName": "ConsoleLogin", "userIdentity": {"type": kind}, "additionalEventData": data})
        };
        let session = |kind: &str, mfa: Value| json!({"userIdentity": {"type": kind, "sessionContext": {"attributes": {"mfaAuthenticated": mfa}}}});
        for (record, mfa) in [
            (login("IAMUser", "No", json!({})), json!(false)),
            (login("IAMUser", "NO", json!({})), json!(false)),
            (login("IAMUser", "Yes", json!({})), json!(true)),
            (login("Root", "No", json!({})), json!(false)),
            (login("AssumedRole", "No", json!({})), json!(null)),
            (
                login("IAMUser", "No", json!({"SamlProviderArn": "arn:aws:iam::1:saml-provider/x"})),
                json!(null),
            ),
            (login("FederatedUser", "No", json!({})), json!(null)),
            (session("IAMUser", json!("true")), json!(true)),
            (session("IAMUser", json!("false")), json!(false)),
            (session("IAMUser", json!(true)), json!(true)),
            (session("AssumedRole", json!("false")), json!(false)),
            (session("IAMUser", json!(null)), json!(null)),
            (json!({"userIdentity": {"type": "IAMUser"}}), json!(null)),
        ] {
            assert_parts(&actor(&record), &json!({"mfa": mfa}), &record);
        }
    }

    #[test]
    fn the_client_is_read_from_the_user_agent() {
        for (user_agent, wanted) in [
            ("aws-cli/2.13 Python/3.11 Linux/6.1.0-kali5-amd64", json!({"tool": "kali"})),
            ("Boto3/1.26 md/Botocore#1.29 ua/2.0 os/linux#5.16.0-12parrot1-amd64", json!({"tool": "parrot"})),
            ("stratus-red-team_7f1c", json!({"tool": "stratus-red-team"})),
            ("TruffleHog", json!({"tool": "trufflehog"})),
            ("[S3 Browser/11.6.7 (https://s3browser.com)]", json!({"tool": "s3-browser"})),
            ("aws-sdk-go/1.44 (alkalinity; x)", json!({"tool": ""})),
            (
                "Boto3/1.34 exec-env/AWS_Lambda_python3.12",
                json!({"lambda": true, "cloudshell": false, "console": false}),
            ),
            ("aws-cli/2.17 exec-env/CloudShell", json!({"cloudshell": true, "lambda": false})),
            ("console.amazonaws.com", json!({"console": true})),
            ("[S3Console/0.4, aws-internal/3]", json!({"console": true})),
            ("console.ec2.amazonaws.com", json!({"console": true})),
            ("aws-cli/2.15", json!({"console": false, "tool": ""})),
        ] {
            assert_parts(&with_agent(user_agent), &wanted, &json!(user_agent));
        }
        for (record, console) in [
            (json!({"sessionCredentialFromConsole": "true"}), true),
            (json!({"sessionCredentialFromConsole": "false"}), false),
            (json!({"eventSource": "signin.amazonaws.com"}), true),
            (json!({"eventType": "AwsConsoleSignIn"}), true),
            (json!({"userIdentity": {"invokedBy": "signin.amazonaws.com"}}), true),
        ] {
            assert_parts(&actor(&record), &json!({"console": console}), &record);
        }
    }

    #[test]
    fn the_credentials_of_an_instance_name_it() {
        for (session, instance) in [
            ("i-0123456789abcdef0", true),
            ("i-01234567", true),
            ("i-am-a-person", false),
            ("i-0123456789ABCDEF0", false),
            ("alice", false),
        ] {
            let record = json!({"userIdentity": {"type": "AssumedRole",
                "arn": format!("arn:aws:sts::111122223333:assumed-role/web/{session}")}});
            assert_parts(&actor(&record), &json!({"instance": instance}), &record);
        }
    }
}
