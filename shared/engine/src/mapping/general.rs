//! Calls that change resources of any type, and what is found without knowing the call.

use std::collections::BTreeSet;

use model::json::Value;
use model::{Effect, Event};

use super::place::Spot;
use super::{Certainty, Found, Inventory, Mapping, Reference, walk};

/// So many texts of a record are looked up in the inventory.
const LOOKED_UP: usize = 50;

/// Adds what calls on any type of resource change. `false`: it is no such call.
///
/// "Resource Groups Tagging API", <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/>; "Cloud
/// Control API", <https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/>.
pub(super) fn add(
    mapping: &Mapping,
    source: &str,
    family: &str,
    event: Event<'_>,
    spot: &Spot,
    found: &mut Found,
) -> bool {
    match (source, family) {
        ("tagging", "TagResources" | "UntagResources") => {
            for arn in walk::texts(event.root(), "requestParameters.resourceARNList") {
                add_arn(mapping, &arn, spot, Effect::Tags, Certainty::Curated, found);
            }
            true
        }
        ("cloudcontrolapi", "CreateResource" | "UpdateResource" | "DeleteResource") => {
            let effect = if family == "DeleteResource" { Effect::Gone } else { Effect::Upsert };
            add_by_cloudformation(mapping, event.root(), spot, effect, found);
            true
        }
        _ => false,
    }
}

/// Adds each type that has ARNs of this form.
fn add_arn(
    mapping: &Mapping,
    arn: &str,
    spot: &Spot,
    effect: Effect,
    certainty: Certainty,
    found: &mut Found,
) -> bool {
    let mut any = false;
    for (row, identity) in mapping.rows.iter().zip(&mapping.identities) {
        if identity.of_arn(arn).is_some()
            && let Some((which, at)) = identity.refer(arn, spot)
        {
            found.put(row, which, &at, super::Parts::default(), effect, certainty);
            any = true;
        }
    }
    any
}

fn add_by_cloudformation(mapping: &Mapping, root: Value<'_>, spot: &Spot, effect: Effect, found: &mut Found) {
    let first = |paths: [&str; 2]| paths.iter().find_map(|path| walk::texts(root, path).into_iter().next());
    let named = first(["requestParameters.typeName", "responseElements.progressEvent.typeName"]);
    let told = first(["responseElements.progressEvent.identifier", "requestParameters.identifier"]);
    let (Some(named), Some(told)) = (named, told) else { return };
    let rows = mapping.rows.iter().zip(&mapping.identities);
    for (row, identity) in rows.filter(|(row, _)| row.cloudformation.as_deref() == Some(named.as_ref())) {
        // Of an identifier with several parts the last one is the resource's own.
        let own = told.rsplit('|').next().unwrap_or_default();
        if let Some((which, at)) = identity.refer(own, spot) {
            found.put(row, which, &at, super::Parts::default(), effect, Certainty::Curated);
        }
    }
}

/// Adds what the inventory knows of the ARNs and ids in a record.
pub(super) fn match_known(
    mapping: &Mapping,
    event: Event<'_>,
    spot: &Spot,
    inventory: &dyn Inventory,
    found: &mut Found,
) {
    let name = event.name().unwrap_or_default();
    let effect = if name.contains("Tag") { Effect::Tags } else { Effect::Upsert };
    for text in candidates(event.root()) {
        let Some((resource_type, id)) = inventory.known(&text) else { continue };
        let Some((row, _)) = mapping.of_type(&resource_type) else { continue };
        let at = if text.starts_with("arn:") { spot.of_arn(&text) } else { spot.clone() };
        found.put(row, Reference::Id(id), &at, super::Parts::default(), effect, Certainty::Matched);
    }
}

/// The texts of the parameters and the answer that look like ARNs or ids, each once.
pub(crate) fn candidates(root: Value<'_>) -> BTreeSet<String> {
    let parts = ["requestParameters", "responseElements", "resources"];
    let texts = parts.iter().filter_map(|part| root.get(part)).flat_map(Value::scalars);
    let texts = texts.filter_map(Value::as_str).filter(|text| is_like_an_id(text));
    let mut found = BTreeSet::new();
    for text in texts {
        if found.len() == LOOKED_UP {
            break;
        }
        found.insert(text.into_owned());
    }
    found
}

/// Whether a text looks like an ARN, an id of EC2's kind (`vpc-0a1b2c3d`) or a UUID.
///
/// "Resource IDs", <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>.
fn is_like_an_id(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.starts_with("arn:")
        || text.rsplit_once('-').is_some_and(|(kind, number)| {
            matches!(number.len(), 8 | 17)
                && is_hex(number)
                && kind.starts_with(|first: char| first.is_ascii_lowercase())
                && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
        || (text.len() == 36
            && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && text.split('-').all(is_hex))
}
