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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::laws::{assert_cases, hole};

    #[test]
    fn who_may_assume_a_role_is_listed() {
        let role = |statement| {
            json!({"$resource": {"account": "111122223333", "arn": "arn:aws:iam::111122223333:role/r"},
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
        };
        let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        let web = json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": github}});
        assert_cases(
            &TRUST,
            &[
                (
                    role(
                        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}),
                    ),
                    json!({"found": true, "public": false, "external_accounts": ["444455556666"], "oidc_unrestricted": false}),
                ),
                (
                    role(
                        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}),
                    ),
                    json!({"services": ["ec2.amazonaws.com"], "unscoped_services": ["ec2.amazonaws.com"]}),
                ),
                (
                    role(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}})),
                    json!({"public": true, "public_actions": ["sts:AssumeRole"]}),
                ),
                (role(web), json!({"oidc_unrestricted": true, "federated": [github]})),
                (json!({"AssumeRolePolicyDocument": hole()}), hole()),
                (json!({"Policy": hole()}), json!({"found": false})),
            ],
        );
    }
}
