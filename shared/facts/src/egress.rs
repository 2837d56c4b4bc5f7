//! `egress`: what a call lets out of a security group, or takes from it.

use crate::Fact;
use crate::opening::{self, Direction};

/// What a call lets out of a security group.
pub static EGRESS: Fact = Fact {
    name: "egress",
    about: "What an Authorize, Revoke or Modify call on a security group names as allowed out: the shape of ingress.",
    reads: &["eventName", "requestParameters", "responseElements"],
    derive: |event, out| opening::write_call(event, Direction::Egress, out),
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::laws::derived;

    #[test]
    fn what_goes_out_does_not_come_in() {
        let record = json!({"eventName": "AuthorizeSecurityGroupEgress", "requestParameters": {"groupId": "sg-1", "ipPermissions": {"items":
            [{"ipProtocol": "-1", "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}});
        let seen = derived(&EGRESS, &record);
        assert_eq!((&seen[0]["world"], &seen[0]["protocol"]), (&json!(true), &json!("all")));
        assert_eq!(derived(&crate::INGRESS, &record), json!([]));
    }
}
