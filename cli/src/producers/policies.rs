//! What the roles of a producer need, for those who make them by themselves.

use std::io::Write;

use engine::health::TEMPLATE;
use rules::tree::Node;
use serde_json::{Value, json};

use crate::args::ProducersAdd;
use crate::exit::Failure;

/// Writes the policies of the two roles.
pub(super) fn write(out: &mut impl Write, args: &ProducersAdd, bus: &str) -> Result<(), Failure> {
    let (forwarder, reader) =
        (args.forwarder_role.as_deref().unwrap_or_default(), args.read_role.as_deref().unwrap_or_default());
    writeln!(out, "The role {forwarder}, which sends events. Whom it trusts:")?;
    document(
        out,
        &json!([{ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sts:AssumeRole" }]),
    )?;
    writeln!(out, "What it may do:")?;
    document(out, &json!([{ "Effect": "Allow", "Action": "events:PutEvents", "Resource": bus }]))?;
    writeln!(out, "The role {reader}, which reads. Whom it trusts:")?;
    document(out, &json!([trust(args, bus)]))?;
    writeln!(out, "What it may do, in managed policies of their own, since one has no room for all:")?;
    for statement in read_policies() {
        document(out, &statement)?;
    }
    Ok(())
}

fn trust(args: &ProducersAdd, bus: &str) -> Value {
    let mut parts = bus.split(':').skip(1);
    let partition = parts.next().unwrap_or("aws");
    let account = super::account_of(bus).unwrap_or_default();
    let roles = args.consumer_roles.as_deref().unwrap_or("trailpost-*");
    let mut condition =
        json!({ "ArnLike": { "aws:PrincipalArn": format!("arn:{partition}:iam::{account}:role/{roles}") } });
    if let (Some(word), Some(condition)) = (&args.read_external_id, condition.as_object_mut()) {
        condition.insert("StringEquals".into(), json!({ "sts:ExternalId": word }));
    }
    json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
        "Action": "sts:AssumeRole",
        "Condition": condition,
    })
}

/// The statements of the template's policies of the read role.
fn read_policies() -> Vec<Value> {
    let documents = Node::from_yaml(TEMPLATE).unwrap_or_default();
    let resources = documents.first().and_then(|root| root.get("Resources")).map(Node::members);
    let of = |node: &Node| node.get("Properties")?.get("PolicyDocument")?.get("Statement").map(Node::to_json);
    let is_managed =
        |node: &Node| node.get("Type").and_then(Node::text).as_deref() == Some("AWS::IAM::ManagedPolicy");
    let resources = resources.into_iter().flatten().map(|(_, node)| node);
    resources.filter(|node| is_managed(node)).filter_map(of).collect()
}

fn document(out: &mut impl Write, statement: &Value) -> Result<(), Failure> {
    let document = json!({ "Version": "2012-10-17", "Statement": statement });
    let text =
        serde_json::to_string_pretty(&document).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(writeln!(out, "{text}\n")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_what_may_be_read_and_what_may_not() {
        let policies = read_policies();
        let effects: Vec<_> =
            policies.iter().filter_map(|policy| policy.pointer("/0/Effect")?.as_str()).collect();
        assert_eq!(effects.len(), policies.len());
        assert_eq!(effects.iter().filter(|effect| **effect == "Deny").count(), 1);
        assert!(policies.iter().any(|policy| policy.to_string().contains("\"events:DescribeRule\"")));
    }
}
