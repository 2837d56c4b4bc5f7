//! Whether a document can have what its row says changes by itself.

use std::collections::BTreeSet;

use catalog::resource::{Read, Row};

use super::{can_have, shape_at};
use crate::model::{Models, Service, Shape};

/// Holds the `volatile:` of a row against the models; parents may stand among `known`.
pub(super) fn of_row(row: &Row, known: &[Row], models: &Models, say: &mut impl FnMut(String)) {
    if row.volatile.is_empty() {
        return;
    }
    let names = names(row, models);
    let has = |member: &str| {
        names.iter().any(|name| name.eq_ignore_ascii_case(member)) || can_have(row, known, models, member)
    };
    for member in row.volatile.iter().filter(|member| !has(member)) {
        say(format!("volatile: no call answers `{member}`; take a name as its answers have it, or a path"));
    }
}

/// The names of the members, at any depth, that the calls of a row answer. Of reads that are code, of JSON in texts, and of
/// what a row's parent says, nobody knows them.
pub fn names(row: &Row, models: &Models) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for read in row.reads().filter(|read| !read.is_code() && !read.parse_json) {
        of_read(read, models, &mut found);
    }
    found
}

fn of_read(read: &Read, models: &Models, found: &mut BTreeSet<String>) -> Option<()> {
    let service = models.service(&read.operation.service)?;
    let output = service.output(service.operations.get(&read.operation.name)?)?;
    let taken = match &read.take {
        Some(take) => shape_at(&service, output, take)?,
        None => output,
    };
    of_shape(&service, taken, found, &mut BTreeSet::new());
    Some(())
}

fn of_shape<'s>(
    service: &'s Service,
    shape: &'s Shape,
    found: &mut BTreeSet<String>,
    seen: &mut BTreeSet<&'s str>,
) {
    found.extend(shape.members.keys().cloned());
    for inner in shape.members.values().chain(&shape.member).chain(&shape.value) {
        if seen.insert(&inner.shape)
            && let Some(shape) = service.shape(&inner.shape)
        {
            of_shape(service, shape, found, seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog::resource::read_rows;

    use super::*;

    /// The columns of the report are in no model.
    const USER: &str = "
aws.iam.person:
  list: { call: iam:ListVirtualMFADevices, items: VirtualMFADevices }
  id: SerialNumber
  arn: '{SerialNumber}'
  facets:
    Roles: { call: iam:GetAccountAuthorizationDetails, take: RoleDetailList }
    Credentials: { call: code:iam:CredentialReport, take: Rows }
  volatile: [passwordlastused, LastUsedDate, Roles.RoleLastUsed.Region, Credentials.password_last_used]
";

    fn problems(from: &str, to: &str) -> Vec<String> {
        let (rows, errors) = read_rows(&USER.replace(from, to), "r.yaml");
        let mut problems: Vec<String> = errors.iter().map(ToString::to_string).collect();
        for row in &rows {
            of_row(row, &rows, &Models::default(), &mut |problem| problems.push(problem));
        }
        problems
    }

    #[test]
    fn what_no_call_answers_is_named() {
        assert_eq!(problems("", ""), Vec::<String>::new());
        for (from, to) in [
            ("passwordlastused", "PasswordLastUse"),
            ("LastUsedDate", "password_last_used"),
            ("Roles.RoleLastUsed.Region", "Roles.RoleLastUsed.Reggion"),
            ("Credentials.password_last_used", "Credential.password_last_used"),
        ] {
            assert_eq!(
                problems(from, to),
                [format!("volatile: no call answers `{to}`; take a name as its answers have it, or a path")]
            );
        }
    }

    #[test]
    fn names_are_those_of_what_is_taken_and_of_a_map_any() {
        let (rows, errors) = read_rows(USER, "r.yaml");
        assert_eq!(errors, []);
        let names = names(&rows[0], &Models::default());
        assert!(names.contains("LastUsedDate") && names.contains("PasswordLastUsed"), "{names:?}");
        assert!(!names.contains("UserDetailList") && !names.contains("IsTruncated"), "{names:?}");

        let (describe, id) =
            ("  describe: { call: sqs:GetQueueAttributes, take: Attributes }\n", "  id: SerialNumber");
        assert_eq!(problems(id, &format!("{describe}{id}")), Vec::<String>::new());
        assert_eq!(problems("LastUsedDate", "ApproximateNumberOfMessages").len(), 1);
        let queue = USER.replace("LastUsedDate", "ApproximateNumberOfMessages");
        let (rows, _) = read_rows(&queue.replace(id, &format!("{describe}{id}")), "r.yaml");
        let mut found = Vec::new();
        of_row(&rows[0], &rows, &Models::default(), &mut |problem| found.push(problem));
        assert_eq!(found, Vec::<String>::new());
    }
}
