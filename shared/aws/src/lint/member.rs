//! Whether a document can have what a check reads of it.

use catalog::resource::{Listing, Read, Row};

use crate::model::{Models, Shape, Type};

use super::{element, shape_at};

/// Whether the documents of a row can have a value at a dotted path; `true` where that cannot be told. Letters may
/// differ in case, as in rules.
pub fn can_have(row: &Row, rows: &[Row], models: &Models, path: &str) -> bool {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let same = |name: &str| name.eq_ignore_ascii_case(first);
    if same("$resource") {
        return true;
    }
    if let Some((_, read)) = row.facets.iter().find(|(name, _)| same(name)) {
        return in_facet(read, models, rest);
    }
    let of_parent = || match &row.listing {
        Listing::Within { parent, carry, .. } => {
            let carried = carry.iter().find(|path| same(path.rsplit('.').next().unwrap_or_default()));
            let parent = rows.iter().find(|row| row.name == *parent);
            carried.zip(parent).is_some_and(|(path, parent)| {
                let path = if rest.is_empty() { path.clone() } else { format!("{path}.{rest}") };
                can_have(parent, rows, models, &path)
            })
        }
        Listing::Single | Listing::Call(_) => false,
    };
    let listing = match &row.listing {
        Listing::Single => None,
        Listing::Call(read) | Listing::Within { read, .. } => Some(read),
    };
    let named =
        listing.and_then(|read| read.named.as_deref()).is_some_and(|name| same(name) && rest.is_empty());
    named || of_parent() || listing.into_iter().chain(&row.describe).any(|read| in_answer(read, models, path))
}

/// Whether a facet can have a value at a path. One that is asked for each of several values is a list of answers, each
/// with what it is about.
fn in_facet(read: &Read, models: &Models, path: &str) -> bool {
    if read.each.is_none() {
        return in_answer(read, models, path);
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match first {
        "" | "Of" => rest.is_empty(),
        // Of an answer that is no object.
        "Value" => in_answer(read, models, rest),
        _ => in_answer(read, models, path),
    }
}

/// Whether the part of an answer that counts can have a value at a path.
fn in_answer(read: &Read, models: &Models, path: &str) -> bool {
    if read.is_code() || read.parse_json {
        return true;
    }
    let Some(service) = models.service(&read.operation.service) else { return true };
    let output = service.operations.get(&read.operation.name).and_then(|operation| service.output(operation));
    let Some(output) = output else { return false };
    let taken = match &read.take {
        Some(take) => shape_at(&service, output, take),
        None => Some(output),
    };
    let Some(mut shape) = taken else { return false };
    for name in path.split('.').filter(|name| !name.is_empty()) {
        let inner: &Shape = element(&service, shape).unwrap_or(shape);
        let next = match inner.r#type {
            Type::Structure if inner.document => return true,
            Type::Structure => {
                inner.members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, member)| member)
            }
            // Keys are whatever people call them, dots included.
            Type::Map => return true,
            _ => None,
        };
        // IAM's policies are text on the wire and objects in documents, as the AWS CLI prints them.
        if next.is_some_and(|member| member.shape == "policyDocumentType") {
            return true;
        }
        match next.and_then(|member| service.shape(&member.shape)) {
            Some(next) => shape = next,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_from_what_cannot_be_one() {
        let rows = catalog::builtin().rows;
        let models = Models::default();
        let can = |row: &str, path: &str| {
            let row = rows.iter().find(|known| known.name == row).unwrap();
            can_have(row, &rows, &models, path)
        };
        // A facet, in part and in any case of letters; what is JSON in text; what is listed; what is described.
        assert!(can("aws.s3.bucket", "Versioning.Status") && can("aws.s3.bucket", "versioning.status"));
        assert!(can("aws.s3.bucket", "Policy.Statement.Anything"));
        assert!(can("aws.ec2.instance", "NetworkInterfaces.Groups.GroupId"));
        assert!(can("aws.dynamodb.table", "SSEDescription.Status"));
        assert!(can("aws.iam.role", "AssumeRolePolicyDocument.Statement"));
        // What children take over, what a list of texts is called, and what a call was repeated for.
        assert!(can("aws.ecs.service", "clusterArn") && can("aws.eks.nodegroup", "name"));
        assert!(can("aws.s3.account", "TrailStatus.Of") && can("aws.s3.account", "TrailStatus.IsLogging"));
        for (row, path) in [
            ("aws.s3.bucket", "Versioning.Stat"),
            ("aws.s3.bucket", "Verzioning"),
            ("aws.s3.bucket", "Name.First"),
            ("aws.s3.account", "TrailStatus.Name.Of"),
            ("aws.ec2.region_settings", "GroupId"),
        ] {
            assert!(!can(row, path), "{row} {path}");
        }
    }
}
