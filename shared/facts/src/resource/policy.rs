//! `policy`: what the policy of a resource amounts to.

use model::json::{Value, Writer};

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
pub(super) fn write_member(document: Value<'_>, name: &str, out: &mut Writer) {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resource::laws::{assert_cases, derived, hole};

    fn bucket(policy: &Value) -> Value {
        json!({"$resource": {"account": "111122223333", "arn": "arn:aws:s3:::b", "type": "aws.s3.bucket"}, "Policy": policy})
    }

    fn of(statements: &Value) -> Value {
        bucket(&json!({"Version": "2012-10-17", "Statement": statements}))
    }

    fn allow(principal: &Value, action: &str, condition: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "arn:aws:s3:::b/*", "Condition": condition})
    }

    #[test]
    fn a_policy_is_read_in_every_form() {
        let document = json!({"Statement": allow(&json!("*"), "s3:GetObject", &json!(null))});
        let encoded = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22*%22%2C%22Action%22%3A%22s3%3AGetObject%22%7D%5D%7D";
        let read = json!({"found": true, "parsed": true, "public": true, "public_actions": ["s3:GetObject"]});
        let none = json!({"found": false, "parsed": false, "public": false, "enforces_tls": false, "statements": []});
        assert_cases(
            &POLICY,
            &[
                (bucket(&document), read.clone()),
                (bucket(&json!(document.to_string())), read.clone()),
                (bucket(&json!(encoded)), read.clone()),
                // The whole answer of the call that reads it.
                (bucket(&json!({"Policy": document.to_string(), "RevisionId": "1"})), read.clone()),
                (bucket(&json!([document.to_string(), {"Statement": []}])), read),
                (bucket(&json!(null)), none.clone()),
                (json!({}), none.clone()),
                (bucket(&json!("")), none),
                (bucket(&json!("not json")), json!({"found": true, "parsed": false, "public": false})),
                (bucket(&hole()), hole()),
                (json!({"$resource": hole(), "Policy": document}), hole()),
                (bucket(&json!({"Statement": [allow(&json!("*"), "s3:*", &json!(null)), hole()]})), hole()),
            ],
        );
    }

    #[test]
    fn whom_it_lets_in_is_seen_from_the_owner() {
        let partner = json!({"AWS": ["arn:aws:iam::444455556666:role/x", "111122223333"]});
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}});
        assert_cases(
            &POLICY,
            &[
                (
                    of(&json!([allow(&partner, "s3:GetObject", &json!(null))])),
                    json!({"public": false, "accounts": ["111122223333", "444455556666"], "external_accounts": ["444455556666"],
                        "public_actions": [], "statements": [{"effect": "Allow", "public": false, "external_accounts": ["444455556666"]}]}),
                ),
                (
                    of(
                        &json!([allow(&json!("*"), "s3:GetObject", &organization), allow(&json!({"AWS": "*"}), "s3:List*", &json!(null)),
                        {"Effect": "Deny", "Principal": {"AWS": "444455556666"}, "Action": "s3:*", "Resource": "*"}]),
                    ),
                    json!({"public": true, "public_actions": ["s3:List*"], "external_accounts": [], "statements": [
                        {"public": false, "conditions": ["aws:PrincipalOrgID"]}, {"public": true}, {"public": false, "external_accounts": []}]}),
                ),
                (
                    of(&json!([allow(&json!({"AWS": "arn:aws:iam::*:root"}), "s3:*", &json!(null))])),
                    json!({"public": true}),
                ),
                (
                    of(
                        &json!({"Effect": "Allow", "Principal": "*", "NotAction": "s3:DeleteBucket", "Resource": "*"}),
                    ),
                    json!({"public": true, "public_actions": ["*"], "not_action": true}),
                ),
            ],
        );
    }

    #[test]
    fn services_need_a_source() {
        let cases = [
            (json!(null), true),
            (json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}), false),
            (json!({"ArnLike": {"AWS:SourceArn": "arn:aws:sns:*:111122223333:*"}}), false),
            (json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}), true),
            (json!({"StringEquals": {"aws:SourceOrgID": "o-abc123"}}), false),
            (json!({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-abc123/r-1/*"}}), false),
            (json!({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}), true),
            (json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}), true),
            (json!({"StringEquals": {"sts:ExternalId": "pool-1"}}), false),
            (
                json!({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:*"}}),
                false,
            ),
            (json!({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:*:*:*"}}), true),
            (json!({"Bool": {"aws:SecureTransport": "true"}}), true),
        ];
        for (condition, unscoped) in cases {
            let document =
                of(&json!([allow(&json!({"Service": "x.amazonaws.com"}), "s3:PutObject", &condition)]));
            let wanted = if unscoped { json!(["x.amazonaws.com"]) } else { json!([]) };
            assert_eq!(derived(&POLICY, &document)["unscoped_services"], wanted, "{condition}");
            assert_eq!(derived(&POLICY, &document)["services"], json!(["x.amazonaws.com"]), "{condition}");
        }
    }

    #[test]
    fn tls_is_enforced_for_everybody_on_everything_or_not() {
        let both = json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
        let off = json!({"Bool": {"aws:SecureTransport": "false"}});
        let deny = |principal: Value, action: Value, resource: &Value, condition: &Value| json!({"Effect": "Deny", "Principal": principal, "Action": action, "Resource": resource, "Condition": condition});
        let plain =
            |resource: &Value, condition: &Value| deny(json!("*"), json!("s3:*"), resource, condition);
        for (statements, enforced) in [
            (plain(&both, &off), true),
            (
                deny(
                    json!({"AWS": "*"}),
                    json!(["*"]),
                    &json!("*"),
                    &json!({"BoolIfExists": {"aws:securetransport": [false]}}),
                ),
                true,
            ),
            (json!([plain(&both[0], &off), plain(&both[1], &off)]), true),
            (plain(&json!("arn:aws:s3:::b*"), &off), true),
            (plain(&both[0], &off), false),
            (plain(&both[1], &off), false),
            (plain(&json!(["arn:aws:s3:::b", "arn:aws:s3:::b/logs/*"]), &off), false),
            (plain(&json!(["arn:aws:s3:::other", "arn:aws:s3:::other/*"]), &off), false),
            (deny(json!({"AWS": "111122223333"}), json!("s3:*"), &both, &off), false),
            (deny(json!("*"), json!("s3:GetObject"), &both, &off), false),
            (deny(json!("*"), json!("sqs:*"), &both, &off), false),
            (plain(&both, &json!({"Bool": {"aws:SecureTransport": "true"}})), false),
            (plain(&both, &json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}})), false),
            (
                plain(
                    &both,
                    &json!({"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}),
                ),
                false,
            ),
            (plain(&both, &json!(null)), false),
            (
                json!({"Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": both, "Condition": off}),
                false,
            ),
            (
                json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": both, "Condition": off}),
                false,
            ),
        ] {
            assert_eq!(derived(&POLICY, &of(&statements))["enforces_tls"], json!(enforced), "{statements}");
        }
        let topic = json!({"$resource": {"arn": "arn:aws:sns:eu-west-1:111122223333:t"}, "Policy": {"Statement":
            deny(json!("*"), json!("sns:Publish"), &json!("arn:aws:sns:eu-west-1:111122223333:t"), &off)}});
        assert_cases(&POLICY, &[(topic, json!({"enforces_tls": true}))]);
        // Without a resource element the one is meant that the policy is attached to.
        let repository = json!({"$resource": {"arn": "arn:aws:ecr:eu-west-1:111122223333:repository/r"}, "Policy": {"Statement":
            {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": off}}});
        assert_cases(&POLICY, &[(repository, json!({"enforces_tls": true}))]);
        // Of a resource that is not known, it is what the statements name.
        for (resource, enforced) in [(both.clone(), true), (both[0].clone(), false), (json!("*"), true)] {
            let document = json!({"Policy": {"Statement": plain(&resource, &off)}});
            assert_eq!(derived(&POLICY, &document)["enforces_tls"], json!(enforced), "{resource}");
        }
    }
}
