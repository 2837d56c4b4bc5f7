use super::{assert_of, search};
use crate::document::Json;
use crate::harness::{compile, judge_by, world, yaml};
use rules::Truth::{False, True};

#[test]
fn all_fields_of_a_map_have_to_fit() {
    assert_of(r#"{"a":"x","b":"y"}"#, &["{a: x}", "{a: x, b: y}"], &["{a: x, b: z}", "{a: x, c: y}"]);
}

#[test]
fn one_map_of_a_list_has_to_fit() {
    assert_of(r#"{"a":"x"}"#, &["[{a: x}, {b: y}]", "[{b: y}, {a: x}]"], &["[{b: y}, {a: z}]"]);
}

#[test]
fn one_value_of_a_list_has_to_fit() {
    assert_of(r#"{"a":"x"}"#, &["{a: [x, y]}", "{a: [y, x]}"], &["{a: [y, z]}"]);
}

#[test]
fn a_keyword_stands_in_some_value() {
    let event = r#"{"a":{"b":["one Two three"]},"two_key":4,"c":true}"#;
    assert_of(event, &["two", "[none, TWO]", "4", "true", "['one*three']"], &["two_key", "[none]", "b"]);
}

#[test]
fn keywords_may_have_modifiers_and_no_field() {
    let event = r#"{"a":"x","b":{"c":"y"}}"#;
    assert_of(
        event,
        &["{'|all': [x, y]}", "{'|neq': z}", "{'|re': '^y$'}"],
        &["{'|all': [x, z]}", "{'|neq': x}", "{'|cased': X}"],
    );
}

#[test]
fn maps_and_keywords_may_stand_in_one_list() {
    let both = "[{a: x}, y]";
    assert_eq!(
        [r#"{"a":"x"}"#, r#"{"b":"y"}"#, r#"{"b":"x"}"#].map(|event| search(both, event)),
        [True, True, False]
    );
}

#[test]
fn a_dotted_path_leads_into_objects() {
    let event = r#"{"userIdentity":{"sessionContext":{"sessionIssuer":{"userName":"admin"}}}}"#;
    assert_of(
        event,
        &["{userIdentity.sessionContext.sessionIssuer.userName: admin}"],
        &["{userIdentity.sessionContext.userName: admin}", "{sessionIssuer.userName: admin}"],
    );
}

#[test]
fn a_path_through_arrays_leads_to_any_element() {
    let event = r#"{"a":[{"b":"x"},{"b":["y",["z"]]},{"c":"w"}]}"#;
    assert_of(event, &["{a.b: x}", "{a.b: y}", "{a.b: z}", "{a.c: w}"], &["{a.b: w}", "{a: x}"]);
}

#[test]
fn two_paths_may_be_true_of_two_elements() {
    assert_of(r#"{"a":[{"x":1},{"y":2}]}"#, &["{a.x: 1, a.y: 2}"], &["{'a[any]': {x: 1, y: 2}}"]);
}

#[test]
fn the_keys_of_a_flattened_record_have_dots() {
    assert_of(r#"{"a.b":"x","c":{"d.e":"y"}}"#, &["{a.b: x}", "{c.d.e: y}"], &["{a.b: y}", "{c.d: y}"]);
}

#[test]
fn names_of_fields_have_case() {
    assert_of(r#"{"eventName":"x"}"#, &["{eventName: x}"], &["{eventname: x}", "{EventName: x}"]);
}

#[test]
fn every_one_of_several_members_with_one_name_counts() {
    let twins = Json::Map(vec![("a".into(), Json::text("x")), ("a".into(), Json::text("y"))]);
    for wanted in ["x", "y"] {
        let set = compile(&[yaml(&format!("{{s: {{a: {wanted}}}, condition: s}}"))]);
        assert_eq!(judge_by(&set, "r0", world(&twins)).0, True);
    }
}
