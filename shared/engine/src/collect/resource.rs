//! A resource as it was read.

use catalog::resource::{Row, Source};
use model::State;
use serde_json::{Map, Value, json};

use super::values::{at, texts, unread};
use crate::ports::Place;

/// A resource, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its type, such as `aws.s3.bucket`.
    pub kind: String,
    /// What identifies it among its siblings.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The account that it is in.
    pub account: String,
    /// The region that it is in.
    pub region: String,
    /// What the AWS CLI would print of it, with a member for each facet.
    pub document: Map<String, Value>,
    /// The hole because of which nobody can say which resource this is: its ARN, its id or its region is not whole.
    pub nameless: Option<Value>,
}

impl Resource {
    pub(super) fn new(row: &Row, place: &Place, partition: &str, mut document: Map<String, Value>) -> Self {
        let text = |path: &str| texts(&at(&document, path)).next().unwrap_or_default();
        let of_place = |name: &str| match name {
            "partition" => partition.to_owned(),
            "region" => place.region.clone(),
            "account" => place.account.clone(),
            path => text(path),
        };
        let id = match &row.id {
            Source::Path(path) => text(path),
            Source::Account => place.account.clone(),
            Source::Region => place.region.clone(),
            Source::Partition => partition.to_owned(),
            Source::Literal(value) => texts(value).next().unwrap_or_default(),
            Source::Each | Source::List(_) | Source::Map(_) => String::new(),
        };
        let name =
            row.display.as_deref().map(text).filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
        let arn = filled(&row.arn, of_place);
        let named = |name: &&str| !matches!(*name, "partition" | "region" | "account");
        let mut names = fields(&row.arn).filter(named).chain(row.id.paths()).chain(row.region.as_deref());
        // Without a part of their ARNs, several resources would be one.
        let blank = || fields(&row.arn).filter(named).any(|path| text(path).is_empty());
        let nameless =
            names.find_map(|path| unread(&document, path)).or_else(|| blank().then(|| no_name(row)));
        document.insert(
            "$resource".to_owned(),
            json!({
                "type": row.name, "id": id, "name": name, "arn": arn, "account": place.account,
                "region": place.region, "partition": partition,
            }),
        );
        Self {
            kind: row.name.clone(),
            id,
            name,
            arn,
            account: place.account.clone(),
            region: place.region.clone(),
            document,
            nameless,
        }
    }
}

impl Resource {
    /// A resource that is known, with another document.
    pub(crate) fn of_state(state: &State, document: &Map<String, Value>) -> Self {
        let [id, name, arn] = [&state.id, &state.name, &state.arn].map(crate::inventory::plain);
        let (account, region, kind) =
            (state.account.clone(), state.region.clone(), state.resource_type.clone());
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        let mut document = document.clone();
        let own = json!({
            "type": kind, "id": id, "name": name, "arn": arn, "account": account, "region": region,
            "partition": partition,
        });
        document.insert("$resource".to_owned(), own);
        Self { kind, id, name, arn, account, region, document, nameless: None }
    }
}

/// The hole that stands for a resource whose ARN the answer leaves out.
fn no_name(row: &Row) -> Value {
    let operation = row.reads().next().map(|read| read.operation.to_string()).unwrap_or_default();
    json!({"$unavailable": "Failed", "operation": operation, "code": "NoName"})
}

/// A template with its `{name}` fields filled in.
fn filled(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&value(name));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The names in a template.
fn fields(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
