//! Where services are reached, by partition and region.

use serde_json::{Map, Value, json};

/// The partitions that are read: commercial, China and the US government's.
const PARTITIONS: &[(&str, &str)] =
    &[("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")];

fn partition<'a>(endpoints: &'a Value, name: &str) -> Option<&'a Value> {
    endpoints.get("partitions")?.as_array()?.iter().find(|entry| entry.get("partition") == Some(&json!(name)))
}

/// Name, suffix, home region and regions of each partition.
pub(super) fn partitions(endpoints: &Value) -> Value {
    let each = PARTITIONS.iter().filter_map(|(name, home)| {
        let entry = partition(endpoints, name)?;
        let regions: Vec<_> = entry.get("regions")?.as_object()?.keys().collect();
        Some((
            (*name).to_owned(),
            json!({ "suffix": entry.get("dnsSuffix")?, "home": home, "regions": regions }),
        ))
    });
    json!({ "partitions": each.collect::<Map<_, _>>() })
}

/// What is special about reaching a service: the one endpoint of a partition, hosts that do not follow
/// `{prefix}.{region}.{suffix}`, and the regions that have it.
pub(super) fn of_service(endpoints: &Value, prefix: &str) -> Value {
    let each = PARTITIONS.iter().filter_map(|(name, _)| {
        let partition = partition(endpoints, name)?;
        let suffix = partition.get("dnsSuffix")?.as_str()?;
        let service = partition.get("services")?.get(prefix)?;
        let known = service.get("endpoints")?.as_object()?;
        let mut entry = Map::new();
        let one = service.get("partitionEndpoint").and_then(Value::as_str).and_then(|one| known.get(one));
        let regional = service.get("isRegionalized") != Some(&Value::Bool(false));
        if let Some(one) = one.filter(|_| !regional || prefix == "support") {
            let region = one.get("credentialScope").and_then(|scope| scope.get("region"));
            entry.insert("global".into(), json!({ "host": one.get("hostname"), "region": region }));
        }
        let is_region =
            |name: &str| partition.get("regions").is_some_and(|regions| regions.get(name).is_some());
        let regions: Vec<_> = known.keys().filter(|name| is_region(name)).collect();
        if !entry.contains_key("global") {
            entry.insert("regions".into(), json!(regions));
            let odd: Map<_, _> = known
                .iter()
                .filter(|(name, _)| is_region(name))
                .filter_map(|(name, endpoint)| {
                    let host = endpoint.get("hostname")?.as_str()?;
                    (host != format!("{prefix}.{name}.{suffix}")).then(|| (name.clone(), json!(host)))
                })
                .collect();
            if !odd.is_empty() {
                entry.insert("hosts".into(), Value::Object(odd));
            }
        }
        Some(((*name).to_owned(), Value::Object(entry)))
    });
    Value::Object(each.collect())
}
