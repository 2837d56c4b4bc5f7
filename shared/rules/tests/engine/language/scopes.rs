use super::assert_of;

const LIST: &str = r#"{"a":[{"x":1,"y":2},{"x":1,"y":3},null]}"#;

#[test]
fn any_wants_one_element_that_fits_in_all() {
    assert_of(LIST, &["{'a[any]': {x: 1, y: 3}}"], &["{'a[any]': {x: 3, y: 1}}"]);
    assert_of(r#"{"a":[]}"#, &[], &["{'a[any]': {x: null}}"]);
}

#[test]
fn all_wants_every_element_and_holds_of_none() {
    assert_of(LIST, &["{'a[all]': {x: 1}}", "{'a[all]': {y: [2, 3]}}"], &["{'a[all]': {y: 2}}"]);
    for nothing in ["{}", r#"{"a":[]}"#, r#"{"a":null}"#, r#"{"a":[null]}"#] {
        assert_of(nothing, &["{'a[all]': {x: 1}}"], &[]);
    }
}

#[test]
fn none_wants_no_element_and_holds_of_none() {
    assert_of(LIST, &["{'a[none]': {x: 2}}"], &["{'a[none]': {x: 1}}"]);
    assert_of("{}", &["{'a[none]': {x: null}}"], &[]);
}

#[test]
fn a_single_object_is_a_list_of_one() {
    assert_of(
        r#"{"a":{"x":1,"y":2}}"#,
        &["{'a[any]': {x: 1, y: 2}}", "{'a[all]': {x: 1}}"],
        &["{'a[none]': {x: 1}}"],
    );
}

#[test]
fn a_dot_is_the_element_itself() {
    assert_of(
        r#"{"a":["ab","cd"]}"#,
        &["{'a[any]': {'.|startswith': a}}", "{'a[all]': {'.': ['?b', '?d']}}"],
        &["{'a[all]': {'.|startswith': a}}"],
    );
}

#[test]
fn a_condition_may_stand_inside() {
    let body = "{one: {x: 1}, two: {y: 2}, condition: one and not two}";
    assert_of(LIST, &[&format!("{{'a[any]': {body}}}")], &[&format!("{{'a[all]': {body}}}")]);
}

#[test]
fn a_list_inside_is_a_choice() {
    assert_of(
        LIST,
        &["{'a[all]': [{y: 2}, {y: 3}]}", "{'a[any]': ['2', '9']}"],
        &["{'a[all]': [{y: 2}, {x: 2}]}"],
    );
}

#[test]
fn scopes_nest() {
    let event = r#"{"a":[{"b":[{"c":1},{"c":2}]},{"b":{"c":3}}]}"#;
    assert_of(
        event,
        &["{'a[any]': {'b[all]': {c|lt: 3}}}", "{'a[all]': {'b[any]': {c|gt: 1}}}"],
        &["{'a[all]': {'b[all]': {c|lt: 3}}}"],
    );
}

#[test]
fn paths_inside_start_at_the_element() {
    let event = r#"{"a":[{"x":1,"facts":{"y":1}}],"z":1}"#;
    assert_of(
        event,
        &["{'a[any]': {x|fieldref: x}}", "{'a[any]': {facts.y: 1}}"],
        &["{'a[any]': {z: 1}}", "{'a[any]': {x|fieldref: z}}"],
    );
}

#[test]
fn a_dollar_leads_back_to_the_document() {
    let event = r#"{"a":[{"x":1,"b":[{"c":1}]},{"x":2}],"z":1,"x":3}"#;
    assert_of(
        event,
        &[
            "{'a[any]': {x|fieldref: $.z}}",
            "{'a[all]': {$.x: 3}}",
            "{'a[any]': {'b[any]': {c|fieldref: $.z}}}",
            "{'a[any]': {'$.a[any]': {x: 2}}}",
            "{$.z: 1}",
        ],
        &["{'a[all]': {x|fieldref: $.z}}", "{'a[any]': {$.x: 1}}", "{'a[any]': {$.b: 1}}"],
    );
}
