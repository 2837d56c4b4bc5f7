//! `policy`: what the policy that a call carries amounts to.

use model::Event;
use model::json::Writer;

use crate::Fact;
use crate::loose::text;
use crate::policy_document::{Owner, find};

/// What the policy that a call carries amounts to.
pub static POLICY: Fact = Fact {
    name: "policy",
    about: "The policy of a resource or identity that the call carries, wherever it stands: {found, parsed, public: anybody is \
        allowed and no condition narrows it, public_actions: what anybody is allowed (* for all but some), accounts: allowed \
        accounts, external_accounts, services, unscoped_services: services allowed without a condition on the source they act \
        for, federated, oidc_unrestricted: a web identity provider is trusted without a condition on the tenant, admin, iam_admin, \
        assume_any, escalation: [actions joined by +], not_action, not_resource, not_principal (in what is allowed), enforces_tls: \
        everybody is denied all actions on all of the resource where aws:SecureTransport is false (a condition on s3:TlsVersion \
        does not count), statements: [{effect, actions, not_actions, resources, not_resources, principals, not_principals, \
        conditions: [keys], public, external_accounts: those it allows}]}.",
    reads: &["eventName", "eventSource", "recipientAccountId", "requestParameters", "responseElements"],
    derive,
};

fn derive(event: Event<'_>, out: &mut Writer) {
    let own_account = text(event.root(), "recipientAccountId");
    // Which resource it is attached to, each kind of call says elsewhere.
    find(event).write(&Owner { account: &own_account, arn: "" }, out);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::laws::{assert_parts, derived};

    fn policy(request: &Value) -> Value {
        derived(
            &POLICY,
            &json!({"eventSource": "x.amazonaws.com", "recipientAccountId": "111122223333", "requestParameters": request}),
        )
    }

    /// What one statement amounts to.
    fn of(statement: &Value) -> Value {
        policy(&json!({"policyDocument": {"Version": "2012-10-17", "Statement": statement}}))
    }

    #[test]
    fn a_document_is_found_wherever_the_call_puts_it() {
        let document = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]});
        let text = json!(document.to_string());
        let encoded = json!(
            "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22*%22%2C%22Action%22%3A%22a%3Ab%22%7D%7D"
        );
        for request in [
            json!({"policyDocument": text}),
            json!({"policyDocument": encoded}),
            json!({"assumeRolePolicyDocument": text}),
            json!({"bucketName": "b", "policy": "", "bucketPolicy": document}),
            json!({"attributes": {"Policy": text}}),
            json!({"attributeName": "Policy", "attributeValue": text}),
            json!({"resourcePolicy": text}),
            json!({"policyText": text}),
            json!({"policy": {"policy": text}}),
            json!({"updateRestApiInput": {"patchOperations": [{"op": "replace", "path": "/policy", "value": text}]}}),
            json!({"accessPolicies": {"options": document}}),
            // The real one beside a harmless one.
            json!({"tags": [{"value": "{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\"}}"}], "policy": text}),
        ] {
            assert_parts(
                &policy(&request),
                &json!({"found": true, "parsed": true, "public": true}),
                &request,
            );
        }
        for (request, found) in [
            (json!({"policyDocument": "not json"}), true),
            (json!({"policy": {"a": 1}}), true),
            (json!({"policy": ""}), false),
            (json!({"policy": [""]}), false),
            (json!({"policyName": "x"}), false),
            (json!(null), false),
        ] {
            assert_parts(
                &policy(&request),
                &json!({"found": found, "parsed": false, "public": false, "statements": []}),
                &request,
            );
        }
    }

    #[test]
    fn policies_that_grant_nothing_are_left_out() {
        let guardrail =
            json!({"content": "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"});
        for (source, name, found) in [
            ("organizations.amazonaws.com", "CreatePolicy", false),
            ("organizations.amazonaws.com", "PutResourcePolicy", true),
            ("cloudformation.amazonaws.com", "CreateStack", false),
        ] {
            let record = json!({"eventSource": source, "eventName": name, "requestParameters": guardrail});
            assert_eq!(derived(&POLICY, &record)["found"], json!(found), "{source} {name}");
        }
    }

    #[test]
    fn the_answer_of_lambda_is_a_statement() {
        let record = json!({"eventSource": "lambda.amazonaws.com", "eventName": "AddPermission20150331v2", "requestParameters": {"principal": "*"},
            "responseElements": {"statement": "{\"Sid\":\"x\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:eu-west-1:111122223333:function:f\"}"}});
        assert_parts(&derived(&POLICY, &record), &json!({"found": true, "public": true}), &record);
    }

    #[test]
    fn public_is_everybody_without_a_condition_that_narrows() {
        let grant = |principal: Value, condition: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*", "Condition": condition});
        let narrow = json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}});
        for (statement, public) in [
            (grant(json!("*"), json!(null)), true),
            (grant(json!({"AWS": "*"}), json!({})), true),
            (grant(json!({"AWS": ["arn:aws:iam::111122223333:root", "*"]}), json!(null)), true),
            (grant(json!("*"), narrow.clone()), false),
            (grant(json!("*"), json!({"Bool": {"aws:SecureTransport": "true"}})), true),
            (
                grant(json!("*"), json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}})),
                true,
            ),
            (grant(json!("*"), json!({"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}})), false),
            (grant(json!({"AWS": "111122223333"}), json!(null)), false),
            (grant(json!({"Service": "sns.amazonaws.com"}), json!(null)), false),
            (json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}), false),
            (
                json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}),
                true,
            ),
            (
                json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Condition": narrow}),
                false,
            ),
            (json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}), false),
        ] {
            assert_eq!(of(&statement)["public"], json!(public), "{statement}");
            assert_eq!(of(&json!([statement]))["public"], json!(public), "{statement}");
        }
    }

    #[test]
    fn who_is_allowed_is_listed() {
        let trust = json!([
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["444455556666", "arn:aws:iam::111122223333:root",
                "arn:aws-us-gov:iam::777788889999:role/x"], "Service": "ec2.amazonaws.com"}},
            {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/okta"}},
            {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": "222233334444"}}]);
        let wanted = json!({"accounts": ["111122223333", "444455556666", "777788889999"], "external_accounts": ["444455556666", "777788889999"],
            "services": ["ec2.amazonaws.com"], "federated": ["arn:aws:iam::111122223333:saml-provider/okta"], "oidc_unrestricted": false,
            "not_principal": false});
        assert_parts(&of(&trust), &wanted, &trust);
        let by_condition = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringEquals": {"kms:CallerAccount": "444455556666"}}});
        assert_parts(
            &of(&by_condition),
            &json!({"public": false, "external_accounts": ["444455556666"]}),
            &by_condition,
        );
    }

    #[test]
    fn web_identity_needs_a_tenant() {
        let trust = |issuer: &str, condition: Value| {
            json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
                "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{issuer}")}})
        };
        let github = "token.actions.githubusercontent.com";
        let sub = |operator: &str, value: &str| json!({operator: {format!("{github}:sub"): value}});
        for (statement, unrestricted) in [
            (trust(github, json!(null)), true),
            (trust(github, json!({"StringEquals": {format!("{github}:aud"): "sts.amazonaws.com"}})), true),
            (trust(github, sub("StringLike", "repo:org/app:*")), false),
            (trust(github, sub("StringEquals", "repo:org/app:ref:refs/heads/main")), false),
            (trust(github, sub("StringLike", "repo:*")), true),
            (trust(github, sub("StringLike", "repo:org*")), true),
            (trust(github, sub("StringLike", "*")), true),
            (trust(github, sub("ForAllValues:StringEquals", "repo:org/app:ref:x")), true),
            (trust(github, sub("StringNotEquals", "repo:org/app:ref:x")), true),
            (trust(github, json!({"StringEquals": {format!("{github}:repository_owner"): "org"}})), false),
            (
                trust(
                    "oidc.eks.eu-west-1.amazonaws.com/id/ABC",
                    json!({"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud": "sts.amazonaws.com"}}),
                ),
                false,
            ),
            (trust("oidc.eks.eu-west-1.amazonaws.com/id/ABC", json!({})), true),
            (
                json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                    "Condition": {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}}}),
                true,
            ),
            (
                json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                    "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}}}),
                false,
            ),
        ] {
            assert_eq!(of(&statement)["oidc_unrestricted"], json!(unrestricted), "{statement}");
        }
    }

    #[test]
    fn great_powers_are_named() {
        for (statement, wanted) in [
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
                json!({"admin": true, "iam_admin": true, "assume_any": true}),
            ),
            (json!({"Effect": "Allow", "Action": ["*:*"], "Resource": ["*"]}), json!({"admin": true})),
            (
                json!({"Effect": "Allow", "Action": "iam:*", "Resource": "*"}),
                json!({"admin": false, "iam_admin": true, "assume_any": false}),
            ),
            (
                json!({"Effect": "Allow", "Action": "sts:Assume*", "Resource": "*"}),
                json!({"assume_any": true, "escalation": []}),
            ),
            (
                json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/x"}),
                json!({"assume_any": false}),
            ),
            (
                json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}),
                json!({"admin": true, "iam_admin": true, "not_action": true}),
            ),
            (
                json!({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}),
                json!({"admin": false, "iam_admin": false, "not_action": true}),
            ),
            (
                json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}),
                json!({"admin": true, "not_resource": true}),
            ),
            (
                json!({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}),
                json!({"admin": false, "not_action": false}),
            ),
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
                json!({"admin": false}),
            ),
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::x"}),
                json!({"admin": false, "iam_admin": false}),
            ),
            // The policy of a resource gives nobody an account.
            (
                json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}),
                json!({"admin": false}),
            ),
            (
                json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]),
                json!({"admin": false, "iam_admin": false}),
            ),
            (
                json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]),
                json!({"admin": true}),
            ),
        ] {
            assert_parts(&of(&statement), &wanted, &statement);
        }
    }

    #[test]
    fn ways_to_more_rights_are_named() {
        for (statement, wanted) in [
            (
                json!({"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": "*"}),
                json!(["iam:CreatePolicyVersion"]),
            ),
            (
                json!({"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "arn:aws:iam::111122223333:user/alice"}),
                json!([]),
            ),
            (
                json!([{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/*"},
                    {"Effect": "Allow", "Action": ["ec2:Run*"], "Resource": "*"}]),
                json!(["iam:PassRole", "iam:PassRole+ec2:RunInstances"]),
            ),
            (
                json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}),
                json!([]),
            ),
            (
                json!([{"Effect": "Allow", "Action": ["ssm:*"], "Resource": "*"}, {"Effect": "Deny", "Action": "ssm:StartSession", "Resource": "*"}]),
                json!(["ssm:SendCommand"]),
            ),
        ] {
            assert_eq!(of(&statement)["escalation"], wanted, "{statement}");
        }
    }

    #[test]
    fn what_anybody_may_do_and_without_tls_is_said() {
        let off = json!({"Bool": {"aws:SecureTransport": "false"}});
        let bucket = json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
        let statements = json!([
            {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": bucket},
            {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": bucket},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": bucket, "Condition": off}]);
        let wanted = json!({"public_actions": ["s3:GetObject", "s3:ListBucket"], "enforces_tls": true,
            "unscoped_services": ["logging.s3.amazonaws.com"]});
        assert_parts(&of(&statements), &wanted, &statements);
    }

    #[test]
    fn statements_are_listed_as_they_stand() {
        let statement = json!({"Effect": "Allow", "NotAction": "iam:*", "NotResource": ["a"], "NotPrincipal": {"AWS": ["x"]},
            "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "Bool": {"aws:SecureTransport": true}}});
        assert_eq!(
            of(&statement)["statements"],
            json!([{"effect": "Allow", "actions": [], "not_actions": ["iam:*"], "resources": [], "not_resources": ["a"], "principals": [],
                "not_principals": ["x"], "conditions": ["aws:SecureTransport", "aws:SourceVpc"], "public": false, "external_accounts": []}])
        );
    }
}
