//! Pages: where an answer says how to go on, and how pages become one document.

use serde_json::{Map, Value};

use crate::model::{Operation, Page, Service, Several, Shape, Type};

/// The pairs of parameter and member that carry tokens where a model does not say it.
const USUAL: &[(&str, &str)] = &[
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("Marker", "Marker"),
    ("Marker", "NextMarker"),
    ("NextMarker", "NextMarker"),
];

/// Answers that go on behind the last element of a list: the parameter, the element, the list, and where the answer
/// says that there is more. Firehose and Kinesis do it so,
/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html>.
const BEHIND_THE_LAST: &[(&str, &str, &str, &str)] = &[
    (
        "ExclusiveStartDeliveryStreamName",
        "DeliveryStreamNames[-1]",
        "DeliveryStreamNames",
        "HasMoreDeliveryStreams",
    ),
    ("ExclusiveStartTagKey", "Tags[-1].Key", "Tags", "HasMoreTags"),
];

/// What comes after a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// A page that these parameters lead to.
    Page(Map<String, Value>),
    /// Nothing.
    End,
    /// There is more, says the answer, but not where.
    Lost,
}

/// How the pages of `operation` follow each other; `None`: there is one.
pub(crate) fn pages(service: &Service, operation: &Operation) -> Option<Page> {
    if operation.page.is_some() {
        return operation.page.clone();
    }
    let (input, output) = (service.input(operation)?, service.output(operation)?);
    let is = |shape: &Shape, name: &str, kind: Type| {
        let part = shape.members.get(name).and_then(|member| service.shape(&member.shape));
        part.is_some_and(|part| part.r#type == kind)
    };
    let behind = BEHIND_THE_LAST.iter().find(|(parameter, _, list, more)| {
        is(input, parameter, Type::String) && is(output, list, Type::List) && is(output, more, Type::Boolean)
    });
    if let Some((parameter, element, list, more)) = behind {
        return Some(Page {
            input_token: Several::One((*parameter).to_owned()),
            output_token: Several::One((*element).to_owned()),
            result_key: Some(Several::One((*list).to_owned())),
            more_results: Some((*more).to_owned()),
        });
    }
    let top = std::iter::once((String::new(), output));
    // CloudFront puts its lists, and the token beside each, into one member.
    let below = output.members.iter().filter_map(|(key, member)| {
        let shape = service.shape(&member.shape).filter(|shape| shape.r#type == Type::Structure)?;
        Some((format!("{key}."), shape))
    });
    top.chain(below).find_map(|(owner, shape)| {
        let (parameter, member) = USUAL.iter().find(|(parameter, member)| {
            is(input, parameter, Type::String) && is(shape, member, Type::String)
        })?;
        let lists = shape.members.keys().filter(|key| is(shape, key, Type::List));
        Some(Page {
            input_token: Several::One((*parameter).to_owned()),
            output_token: Several::One(format!("{owner}{member}")),
            result_key: Some(Several::Many(lists.map(|key| format!("{owner}{key}")).collect())),
            more_results: is(shape, "IsTruncated", Type::Boolean).then(|| format!("{owner}IsTruncated")),
        })
    })
}

/// What comes after the page that `answer` is.
pub(crate) fn next(page: &Page, answer: &Value) -> Next {
    let more = page.more_results.as_ref().map(|more| at(answer, more).and_then(Value::as_bool) == Some(true));
    if more == Some(false) {
        return Next::End;
    }
    let parameters = page.input_token.as_slice();
    let tokens = page.output_token.as_slice().iter().map(|token| first_of(answer, token));
    let next: Map<_, _> =
        parameters.iter().cloned().zip(tokens).filter_map(|(name, token)| Some((name, token?))).collect();
    match more {
        _ if !next.is_empty() => Next::Page(next),
        Some(true) => Next::Lost,
        _ => Next::End,
    }
}

/// Adds the lists of a further page to `document`.
pub(crate) fn join(page: &Page, document: &mut Value, more: &Value) {
    for key in page.result_key.iter().flat_map(Several::as_slice) {
        let Some(Value::Array(items)) = at(more, key) else { continue };
        match at_mut(document, key) {
            Some(Value::Array(known)) => known.extend(items.iter().cloned()),
            Some(_) => {}
            None => put(document, key, Value::Array(items.clone())),
        }
    }
}

/// Removes what is about pages only.
pub(crate) fn tidy(page: &Page, document: &mut Value) {
    let tokens = page.output_token.as_slice().iter().flat_map(|token| token.split(" || "));
    for name in tokens.chain(page.more_results.as_deref()) {
        let (owner, name) = name.rsplit_once('.').unwrap_or(("", name));
        let owner = if owner.is_empty() { Some(&mut *document) } else { at_mut(document, owner) };
        if let Some(members) = owner.and_then(Value::as_object_mut) {
            members.remove(name);
        }
    }
}

/// The first of alternatives such as `NextMarker || Contents[-1].Key` that has a value.
fn first_of(answer: &Value, expression: &str) -> Option<Value> {
    expression.split(" || ").find_map(|path| {
        let value = at(answer, path.trim())?;
        let empty = value.is_null() || value.as_str() == Some("");
        (!empty).then(|| value.clone())
    })
}

/// The value at a dotted path; `name[-1]` is the last element of a list.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| match name.strip_suffix("[-1]") {
        Some(list) => value.get(list)?.as_array()?.last(),
        None => value.get(name),
    })
}

fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(value, |value, name| value.get_mut(name))
}

fn put(document: &mut Value, path: &str, value: Value) {
    let (owner, name) = path.rsplit_once('.').unwrap_or(("", path));
    let owner = if owner.is_empty() { Some(document) } else { at_mut(document, owner) };
    if let Some(members) = owner.and_then(Value::as_object_mut) {
        members.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Models;

    fn page(input: &str, output: &str, result: &str, more: Option<&str>) -> Page {
        let one = |text: &str| Several::One(text.into());
        Page {
            input_token: one(input),
            output_token: one(output),
            result_key: Some(one(result)),
            more_results: more.map(str::to_owned),
        }
    }

    #[test]
    fn a_token_leads_on_until_there_is_none() {
        let to = |token: &str| Next::Page(Map::from_iter([("Marker".to_owned(), token.into())]));
        let plain = page("Marker", "Marker", "Users", Some("IsTruncated"));
        assert_eq!(next(&plain, &json!({"Marker": "m", "IsTruncated": true})), to("m"));
        assert_eq!(next(&plain, &json!({"Marker": "m", "IsTruncated": false})), Next::End);
        assert_eq!(next(&plain, &json!({"Marker": "m"})), Next::End);
        assert_eq!(next(&plain, &json!({"Marker": "", "IsTruncated": true})), Next::Lost);
        let last = page("Marker", "NextMarker || Contents[-1].Key", "Contents", None);
        assert_eq!(next(&last, &json!({"Contents": [{"Key": "a"}, {"Key": "b"}]})), to("b"));
        let nested = page("Marker", "DistributionList.NextMarker", "DistributionList.Items", None);
        assert_eq!(next(&nested, &json!({"DistributionList": {"NextMarker": "n"}})), to("n"));
        assert_eq!(next(&nested, &json!({"DistributionList": {}})), Next::End);
    }

    #[test]
    fn an_answer_without_a_token_of_its_own_goes_on_behind_its_last_element() {
        let firehose = Models::default().service("firehose").unwrap();
        let page = pages(&firehose, &firehose.operations["ListDeliveryStreams"]).unwrap();
        let answer = |more: bool| json!({"DeliveryStreamNames": ["a", "b"], "HasMoreDeliveryStreams": more});
        let parameters = Map::from_iter([("ExclusiveStartDeliveryStreamName".to_owned(), "b".into())]);
        assert_eq!(next(&page, &answer(true)), Next::Page(parameters));
        assert_eq!(next(&page, &answer(false)), Next::End);
    }

    #[test]
    fn pages_become_one_document_without_tokens() {
        let nested = page("Marker", "List.NextMarker", "List.Items", Some("List.IsTruncated"));
        let mut document =
            json!({"List": {"Items": [1], "NextMarker": "n", "IsTruncated": true, "Quantity": 1}});
        join(&nested, &mut document, &json!({"List": {"Items": [2, 3]}}));
        tidy(&nested, &mut document);
        assert_eq!(document, json!({"List": {"Items": [1, 2, 3], "Quantity": 1}}));
        let plain = page("NextToken", "NextToken", "Things", None);
        let mut empty = json!({"NextToken": "t"});
        join(&plain, &mut empty, &json!({"Things": [4]}));
        tidy(&plain, &mut empty);
        assert_eq!(empty, json!({"Things": [4]}));
    }
}
