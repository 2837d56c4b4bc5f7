//! Whether what a row says of calls that change it, and of reading one resource, can be true.

use catalog::resource::{Change, Listing, Row, Which};

use crate::model::Models;

/// The parts of a CloudTrail record in which resources are named: "CloudTrail record contents",
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.
const PARTS: &[&str] = &[
    "additionalEventData",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "userIdentity",
];

/// Says what is wrong. `has_member` answers whether the documents may have a member at a path.
pub(super) fn of_row(
    row: &Row,
    models: &Models,
    has_member: &dyn Fn(&str) -> bool,
    say: &mut impl FnMut(String),
) {
    source(row, models, say);
    for change in &row.changed_by {
        of_change(row, change, has_member, say);
    }
    for (member, _) in &row.item {
        if !has_member(member) {
            say(format!("item: the documents have no member `{member}`"));
        }
    }
    by_id(row, models, say);
}

fn of_change(row: &Row, change: &Change, has_member: &dyn Fn(&str) -> bool, say: &mut impl FnMut(String)) {
    let events = change.events.join(", ");
    let is_name = |event: &String| {
        event.starts_with(|first: char| first.is_ascii_uppercase())
            && event.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    for event in change.events.iter().filter(|event| !is_name(event)) {
        say(format!(
            "changed_by: `{event}` is no name of an event; write it as CloudTrail does, without a version"
        ));
    }
    for path in change.paths() {
        let mut parts = path.split('.');
        let is_known = parts.next().is_some_and(|first| PARTS.contains(&first));
        if !is_known || parts.next().is_none_or(str::is_empty) || path.ends_with('.') {
            say(format!(
                "changed_by: {events}: records have no `{path}`; begin with one of {}",
                PARTS.join(", ")
            ));
        }
    }
    for facet in change.facets.iter().filter(|facet| row.facet(facet).is_none()) {
        say(format!("changed_by: {events}: there is no facet `{facet}`"));
    }
    for setting in &change.sets {
        let member = setting.member.as_str();
        let top = member.split('.').next().unwrap_or_default();
        if !has_member(member) {
            say(format!("changed_by: {events}: the documents have no member `{member}` that could be set"));
        } else if row.facet(top).is_some()
            && !change.facets.is_empty()
            && !change.facets.iter().any(|facet| facet == top)
        {
            say(format!("changed_by: {events}: `{member}` is set, and `facet:` does not name `{top}`"));
        }
    }
    if !change.sets.is_empty() && !matches!(change.which, Which::Named { .. } | Which::Own) {
        say(format!("changed_by: {events}: members are set of what the record names; give `id:`"));
    }
    if let Which::Where(linked) = &change.which {
        for (member, _) in linked.iter().filter(|(member, _)| !has_member(member)) {
            say(format!("changed_by: {events}: the documents have no member `{member}`"));
        }
    }
}

/// The source of a row's events is guessed by the name of its service, which is not always right.
fn source(row: &Row, models: &Models, say: &mut impl FnMut(String)) {
    let Some(read) = row.reads().next().filter(|read| !read.is_code()) else { return };
    let Some(service) = models.service(&read.operation.service) else { return };
    let source = row.event_source();
    let is_guess = source == read.operation.service;
    if is_guess && service.signing_name != source && service.endpoint_prefix != source {
        say(format!(
            "`{source}` may not be the source of its events; requests are signed for `{}`",
            service.signing_name
        ));
    }
}

fn by_id(row: &Row, models: &Models, say: &mut impl FnMut(String)) {
    if row.by_id.is_empty() {
        return;
    }
    let (read, is_within) = match &row.listing {
        Listing::Single => return say("by_id: there is no listing that could take an id".into()),
        Listing::Call(read) => (read, false),
        Listing::Within { read, .. } => (read, true),
    };
    let name = &read.operation;
    let Some(service) = models.service(&name.service) else { return };
    let input = service.operations.get(&name.name).and_then(|operation| service.input(operation));
    for (parameter, _) in &row.by_id {
        if !input.is_some_and(|input| input.members.contains_key(parameter)) {
            say(format!("by_id: {name} has no parameter `{parameter}`"));
        }
    }
    // A listing within a parent is asked without the parameters that are about the parent.
    let own: &[_] = if is_within { &[] } else { &read.with };
    let is_given = |needed: &String| row.by_id.iter().chain(own).any(|(parameter, _)| parameter == needed);
    for needed in input.map(|input| input.required.as_slice()).unwrap_or_default() {
        if !is_given(needed) {
            say(format!("by_id: {name} needs the parameter `{needed}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog::resource::read_rows;

    use super::*;
    use crate::lint;

    const TOPIC: &str = "
aws.ec2.thing:
  cloudformation: AWS::EC2::VPC
  list: { call: ec2:DescribeVpcs, items: Vpcs }
  id: VpcId
  arn: 'arn:{partition}:ec2:{region}:{account}:vpc/{VpcId}'
  by_id: { VpcIds: [id] }
  item: { VpcId: id }
  facets:
    Subnets: { call: ec2:DescribeSubnets, take: Subnets, where: { VpcId: VpcId } }
  changed_by:
    CreateVpc: { id: responseElements.vpc.vpcId, facet: Subnets }
    ModifyVpcTenancy: { id: requestParameters.vpcId, sets: { InstanceTenancy: requestParameters.instanceTenancy } }
    DeleteVpc: { where: { VpcId: requestParameters.vpcId }, gone: true }
";

    fn problems(from: &str, to: &str) -> Vec<String> {
        let (rows, errors) = read_rows(&TOPIC.replace(from, to), "r.yaml");
        let lint = lint::rows(&rows, &[], &Models::default());
        errors.iter().map(ToString::to_string).chain(lint.into_iter().map(|problem| problem.text)).collect()
    }

    #[test]
    fn what_cannot_be_true_is_named() {
        assert_eq!(problems("", ""), Vec::<String>::new());
        for (from, to, wanted) in [
            ("VpcIds", "VpcNames", "by_id: ec2:DescribeVpcs has no parameter `VpcNames`"),
            ("item: { VpcId", "item: { Vpc", "item: the documents have no member `Vpc`"),
            ("facet: Subnets", "facet: Nets", "changed_by: CreateVpc: there is no facet `Nets`"),
            (
                "where: { VpcId: req",
                "where: { Vpc: req",
                "changed_by: DeleteVpc: the documents have no member `Vpc`",
            ),
            (
                "responseElements.vpc.",
                "response.vpc.",
                "changed_by: CreateVpc: records have no `response.vpc.vpcId`",
            ),
            ("CreateVpc:", "create-vpc:", "changed_by: `create-vpc` is no name of an event"),
            (
                "sets: { InstanceTenancy",
                "sets: { Tenancy",
                "changed_by: ModifyVpcTenancy: the documents have no member `Tenancy` that could be set",
            ),
            (
                "requestParameters.instanceTenancy",
                "request.instanceTenancy",
                "changed_by: ModifyVpcTenancy: records have no `request.instanceTenancy`",
            ),
            ("gone: true", "gon: true", "unknown key `gon`; did you mean `gone`?"),
            (
                "{ id: responseElements.vpc.vpcId, facet: Subnets }",
                "{}",
                "`CreateVpc` does not say what it changes",
            ),
        ] {
            let found = problems(from, to);
            assert!(found.iter().any(|problem| problem.contains(wanted)), "`{wanted}` is not in {found:#?}");
        }
    }

    #[test]
    fn the_rows_of_the_catalogue_are_sound() {
        let loaded = catalog::builtin();
        assert!(loaded.errors.is_empty(), "{:#?}", loaded.errors);
        let problems = lint::rows(&loaded.rows, &[], &Models::default());
        assert!(problems.is_empty(), "{problems:#?}");
    }
}
