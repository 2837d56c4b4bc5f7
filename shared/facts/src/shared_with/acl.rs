//! The access control lists of S3.
//!
//! "Access control list (ACL) overview",
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>: a list is given in full, by a
//! canned name, or in headers with one right each.

use model::Event;
use model::json::Value;

use super::recipient::Recipient;
use crate::loose::{first_text, list};

/// The groups of which strangers are members.
const PUBLIC_GROUPS: [&str; 2] = ["/global/AllUsers", "/global/AuthenticatedUsers"];
const PUBLIC_CANNED: [&str; 3] = ["public-read", "public-read-write", "authenticated-read"];
const HEADERS: [&str; 5] = [
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
];

pub(super) fn grantees(event: Event<'_>) -> Vec<Recipient> {
    let root = event.root();
    let listed = list(root, "requestParameters.AccessControlPolicy.AccessControlList.Grant")
        .into_iter()
        .map(|grant| first_text(grant, &["Grantee.URI", "Grantee.ID", "Grantee.EmailAddress"]).into_owned());
    let texts =
        |name: &str| list(root, &format!("requestParameters.{name}")).into_iter().filter_map(Value::text);
    // `uri="…", id="…"`
    let in_headers = HEADERS.into_iter().flat_map(texts).flat_map(|header| {
        let one =
            |grantee: &str| grantee.split_once('=').map(|(_, name)| name.trim().trim_matches('"').to_owned());
        header.split(',').filter_map(one).collect::<Vec<_>>()
    });
    let canned =
        texts("x-amz-acl").filter(|name| PUBLIC_CANNED.contains(&name.as_ref())).map(Recipient::anybody);
    listed.chain(in_headers).filter(|name| !name.is_empty()).map(grantee).chain(canned).collect()
}

fn grantee(name: String) -> Recipient {
    if PUBLIC_GROUPS.iter().any(|group| name.ends_with(group)) {
        Recipient::anybody(name)
    } else {
        Recipient::new(name)
    }
}
