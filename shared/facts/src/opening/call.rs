//! What a call on a security group names.
//!
//! Shapes: `AuthorizeSecurityGroupIngress`, `ModifySecurityGroupRules` and `SecurityGroupRule` of the EC2 API
//! reference,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>. A record
//! holds the rules up to twice: as the caller wrote them, in one of two ways, and as EC2 understood them. The
//! latter is taken where it is there.

use model::Event;
use model::json::{Value, Writer};

use super::{Direction, Opening, Reach, permission};
use crate::json_out::{array, object};
use crate::loose::{at, first_text, flag, list, text};

/// Writes the openings of a call in one direction.
pub(crate) fn write(event: Event<'_>, direction: Direction, out: &mut Writer) {
    let mut openings = of(event);
    openings.retain(|opening| opening.direction.is_none_or(|named| named == direction));
    let reach = Reach::of(&openings);
    array(out, &openings, |opening, out| {
        object(out, |fact| {
            reach.write(opening, fact);
            fact.flag("direction_known", opening.direction.is_some());
        });
    });
}

fn of(event: Event<'_>) -> Vec<Opening> {
    let root = event.root();
    let name = event.name().unwrap_or_default();
    let Some(request) = at(root, "requestParameters") else { return Vec::new() };
    match name.as_ref() {
        "ModifySecurityGroupRules" => list(request, "ModifySecurityGroupRulesRequest.SecurityGroupRule")
            .into_iter()
            .filter_map(|entry| at(entry, "SecurityGroupRule"))
            .filter_map(|rule| described(rule, None))
            .collect(),
        // The older services name a network or a group, and no ports.
        "AuthorizeDBSecurityGroupIngress"
        | "RevokeDBSecurityGroupIngress"
        | "AuthorizeClusterSecurityGroupIngress"
        | "RevokeClusterSecurityGroupIngress"
        | "AuthorizeCacheSecurityGroupIngress"
        | "RevokeCacheSecurityGroupIngress" => {
            let mut openings = Vec::new();
            permission(request, Some(Direction::Ingress), &mut openings);
            openings
        }
        "AuthorizeSecurityGroupIngress" | "RevokeSecurityGroupIngress" => {
            group_rules(root, request, Direction::Ingress)
        }
        "AuthorizeSecurityGroupEgress" | "RevokeSecurityGroupEgress" => {
            group_rules(root, request, Direction::Egress)
        }
        _ => Vec::new(),
    }
}

fn group_rules(root: Value<'_>, request: Value<'_>, direction: Direction) -> Vec<Opening> {
    let understood: Vec<_> =
        ["responseElements.securityGroupRuleSet", "responseElements.revokedSecurityGroupRuleSet"]
            .into_iter()
            .flat_map(|path| list(root, path))
            .filter_map(|rule| described(rule, Some(direction)))
            .collect();
    if !understood.is_empty() {
        return understood;
    }
    let mut openings = Vec::new();
    for nested in list(request, "ipPermissions") {
        permission(nested, Some(direction), &mut openings);
    }
    permission(request, Some(direction), &mut openings);
    openings
}

/// A rule as EC2 describes it: one range, group or prefix list.
fn described(rule: Value<'_>, named: Option<Direction>) -> Option<Opening> {
    let direction = match flag(rule, "isEgress") {
        Some(true) => Some(Direction::Egress),
        Some(false) => Some(Direction::Ingress),
        None => named,
    };
    let opening = Opening {
        group: first_text(rule, &["referencedGroupInfo.groupId", "referencedGroupId"]).into_owned(),
        group_account: first_text(rule, &["referencedGroupInfo.userId"]).into_owned(),
        prefix_list: text(rule, "prefixListId").into_owned(),
        ..Opening::of_range(rule, &first_text(rule, &["cidrIpv4", "cidrIpv6"]), direction)
    };
    let names_nothing = opening.cidr.is_empty() && opening.group.is_empty() && opening.prefix_list.is_empty();
    (!names_nothing).then_some(opening)
}
