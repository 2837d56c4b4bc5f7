//! `egress`: what a security group lets out.

use super::ResourceFact;
use crate::opening::{Direction, group_openings, write_group};

/// What a security group lets out.
pub(super) static EGRESS: ResourceFact = ResourceFact {
    name: "egress",
    about: "What a security group lets out: the shape of ingress.",
    reads: &["IpPermissionsEgress"],
    derive: |document, out| write_group(&group_openings(document, Direction::Egress), out),
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::laws::{assert_cases, hole};

    #[test]
    fn what_goes_out_does_not_come_in() {
        let all = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
        assert_cases(
            &EGRESS,
            &[
                (
                    json!({"IpPermissionsEgress": all}),
                    json!([{"protocol": "all", "world": true, "from": 0, "to": 65535}]),
                ),
                (json!({"IpPermissions": all, "IpPermissionsEgress": []}), json!([])),
                (json!({"IpPermissions": hole()}), json!([])),
                (json!({"IpPermissionsEgress": hole()}), hole()),
            ],
        );
    }
}
