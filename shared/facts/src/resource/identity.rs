//! `resource`: which resource a document is about, and how it is tagged.

use std::collections::BTreeMap;

use model::json::{Kind, Value, Writer};

use super::ResourceFact;
use crate::hole::{Known, member};
use crate::json_out::object;
use crate::loose::{first_text, text};

/// Which resource a document is about.
pub(super) static RESOURCE: ResourceFact = ResourceFact {
    name: "resource",
    about: "Which resource it is: {type, id, name, arn, account, region, partition, tags: {key: value}}.",
    reads: &["$resource", "Tags", "TagList", "TagSet", "ResourceTags"],
    derive,
};

/// Where services put tags, letter case aside.
const TAGS: &[&str] = &["Tags", "TagList", "TagSet", "ResourceTags"];

fn derive(document: Value<'_>, out: &mut Writer) {
    let resource = member(document, "$resource");
    object(out, |fact| {
        for key in ["type", "id", "name", "arn", "account", "region", "partition"] {
            let value = resource.map(|resource| resource.map(|resource| text(resource, key)));
            fact.known(key, value, |value, out| {
                out.text(&value.unwrap_or_default());
            });
        }
        fact.known("tags", tags(document), |tags, out| {
            object(out, |fact| tags.iter().for_each(|(key, value)| fact.entry(key, value)));
        });
    });
}

/// The tags of a resource; of several with one key, the first.
fn tags(document: Value<'_>) -> Known<'_, BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for name in TAGS {
        if let Some(written) = member(document, name)? {
            collect(written, &mut tags, 0);
        }
    }
    Ok(tags)
}

/// The answers of calls that list tags hold them so deep.
const MAX_DEPTH: usize = 3;

/// Takes up tags as `[{Key, Value}]`, as `{key: value}`, or as the whole answer of a call that lists them, such as
/// `[{"ResourceArn": "…", "Tags": […]}]`.
fn collect(written: Value<'_>, tags: &mut BTreeMap<String, String>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for tag in written.items() {
        match &*first_text(tag, &["Key", "TagKey"]) {
            "" => collect(tag, tags, depth + 1),
            key => add(tags, key, &first_text(tag, &["Value", "TagValue"])),
        }
    }
    let holds_more = |value: Value<'_>| matches!(value.kind(), Kind::Array | Kind::Object);
    let is_answer = written.members().any(|(_, value)| holds_more(value));
    for (key, value) in written.members() {
        if holds_more(value) {
            collect(value, tags, depth + 1);
        } else if !is_answer {
            add(tags, &key.as_str().unwrap_or_default(), &value.text().unwrap_or_default());
        }
    }
}

fn add(tags: &mut BTreeMap<String, String>, key: &str, value: &str) {
    if !key.is_empty() && !tags.contains_key(key) {
        tags.insert(key.to_owned(), value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::laws::{assert_cases, derived, hole};

    #[test]
    fn tags_are_read_in_every_form() {
        let wanted = json!({"env": "prod", "empty": ""});
        for tags in [
            json!({"Tags": [{"Key": "env", "Value": "prod"}, {"Key": "empty", "Value": ""}]}),
            json!({"tags": [{"key": "env", "value": "prod"}, {"key": "empty"}]}),
            json!({"Tags": [{"TagKey": "env", "TagValue": "prod"}, {"TagKey": "empty", "TagValue": ""}]}),
            json!({"TagList": [{"Key": "env", "Value": "prod"}, {"Key": "empty", "Value": ""}, {"Key": "env", "Value": "late"}]}),
            json!({"TagSet": [{"Key": "env", "Value": "prod"}, {"Key": "empty", "Value": ""}]}),
            json!({"tags": {"env": "prod", "empty": ""}}),
            json!({"Tags": {"env": "prod", "empty": ""}}),
            json!({"Tags": {"TagList": [{"Key": "env", "Value": "prod"}, {"Key": "empty", "Value": ""}]}}),
            json!({"Tags": {"Tags": {"env": "prod", "empty": ""}}}),
            json!({"Tags": {"env": "prod", "empty": null}}),
            json!({"Tags": {"ResourceArn": "arn:x", "ResourceTagList": [{"Key": "env", "Value": "prod"}, {"Key": "empty"}]}}),
            json!({"Tags": [{"ResourceArn": "arn:x", "Tags": [{"Key": "env", "Value": "prod"}, {"Key": "empty"}]}]}),
            json!({"Tags": {"Quantity": 2, "Items": [{"Key": "env", "Value": "prod"}, {"Key": "empty"}]}}),
            json!({"Tags": null, "TagList": [{"Key": "env", "Value": "prod"}], "tagSet": [{"Key": "empty"}]}),
        ] {
            assert_eq!(derived(&RESOURCE, &tags)["tags"], wanted, "{tags}");
        }
    }

    #[test]
    fn a_resource_is_who_the_scan_says_it_is() {
        let resource = json!({"type": "aws.s3.bucket", "id": "b", "name": "b", "arn": "arn:aws:s3:::b", "account": "111122223333",
            "region": "eu-west-1", "partition": "aws"});
        assert_cases(
            &RESOURCE,
            &[
                (json!({"$resource": resource, "Name": "b"}), resource.clone()),
                (json!({"$resource": resource}), json!({"tags": {}})),
                (
                    json!({"$resource": resource, "Tags": hole()}),
                    json!({"account": "111122223333", "tags": hole()}),
                ),
                (
                    json!({"$resource": hole(), "Tags": [{"Key": "a", "Value": "b"}]}),
                    json!({"arn": hole(), "tags": {"a": "b"}}),
                ),
                (
                    json!({"Tags": [{"Key": "a.b \"c\"", "Value": "d"}]}),
                    json!({"arn": "", "tags": {"a.b \"c\"": "d"}}),
                ),
            ],
        );
    }
}
