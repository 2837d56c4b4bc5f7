//! What a security group lets through, as it is described.
//!
//! `SecurityGroup`, <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html>.

use model::json::{Value, Writer};

use super::{Direction, Opening, Reach, permission};
use crate::hole::Gathered;
use crate::json_out::object;

/// The openings of the group that `document` describes, in one direction.
pub(crate) fn openings(document: Value<'_>, direction: Direction) -> Gathered<'_, Opening> {
    let name = match direction {
        Direction::Ingress => "IpPermissions",
        Direction::Egress => "IpPermissionsEgress",
    };
    Gathered::list(document, name).flat_map(|rule| {
        let mut openings = Vec::new();
        permission(rule, Some(direction), &mut openings);
        openings
    })
}

/// Writes openings; what is the internet only in pieces is looked for among all of them.
pub(crate) fn write(openings: &Gathered<'_, Opening>, out: &mut Writer) {
    let reach = Reach::of(&openings.items);
    openings.write(out, |opening, out| object(out, |fact| reach.write(opening, fact)));
}
