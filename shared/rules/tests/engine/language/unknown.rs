use super::{detection, search};
use rules::Truth::{False, True, Unknown};

/// CloudTrail's mark for a field that was too large.
const OMITTED: &str = r#"{"eventName":"PutBucketPolicy","requestParameters":{"omitted":true,"originalSize":1,"reason":"too large"}}"#;

#[test]
fn what_needs_an_omitted_field_is_unknown() {
    for needs in [
        "{requestParameters.bucketName: x}",
        "{requestParameters.bucketName|neq: x}",
        "{requestParameters.policy|contains: x}",
        "{requestParameters.policy.Statement.Effect: Allow}",
        "{requestParameters|exists: true}",
        "{requestParameters.startTime|hour: 1}",
        "{requestParameters.startTime|hour|neq: 1}",
        "{requestParameters.x: null}",
        "{'requestParameters.items[any]': {x: 1}}",
        "{'requestParameters.items[all]': {x: 1}}",
        "{'requestParameters.items[none]': {x: 1}}",
        "{eventName|fieldref: requestParameters.x}",
        "['needle']",
    ] {
        assert_eq!(search(needs, OMITTED), Unknown, "{needs}");
    }
}

#[test]
fn what_can_be_decided_without_it_is_decided() {
    for (search_, truth) in [
        ("{eventName: PutBucketPolicy}", True),
        ("{eventName: DeleteBucket, requestParameters.x: 1}", False),
        ("[{eventName: PutBucketPolicy}, {requestParameters.x: 1}]", True),
        ("{requestParameters.omitted: true}", True),
        ("['putbucket']", True),
        ("{errorCode: null}", True),
    ] {
        assert_eq!(search(search_, OMITTED), truth, "{search_}");
    }
}

#[test]
fn logic_over_the_unknown_is_kleenes() {
    let of = |condition: &str| {
        let searches = "yes: {eventName: '*'}, no: {eventName: x}, what: {requestParameters.x: 1}";
        detection(&format!("{{{searches}, condition: {condition}}}"), OMITTED)
    };
    for (condition, truth) in [
        ("what", Unknown),
        ("not what", Unknown),
        ("what and yes", Unknown),
        ("what and no", False),
        ("what or yes", True),
        ("what or no", Unknown),
        ("1 of *", True),
        ("2 of *", Unknown),
        ("3 of *", False),
        ("all of *", False),
    ] {
        assert_eq!(of(condition), truth, "{condition}");
    }
}

#[test]
fn one_element_that_could_not_be_seen_leaves_the_others() {
    let event = r#"{"a":[{"x":1},{"$unavailable":"Denied"}]}"#;
    for (search_, truth) in [
        ("{a.x: 1}", True),
        ("{a.x: 2}", Unknown),
        ("{a.x|neq: 1}", False),
        ("{a.x|exists: true}", True),
        ("{a.y|exists: false}", Unknown),
        ("{'a[any]': {x: 1}}", True),
        ("{'a[any]': {x: 2}}", Unknown),
        ("{'a[all]': {x: 1}}", Unknown),
        ("{'a[all]': {x: 2}}", False),
        ("{'a[none]': {x: 1}}", False),
        ("{'a[none]': {x: 2}}", Unknown),
    ] {
        assert_eq!(search(search_, event), truth, "{search_}");
    }
}

#[test]
fn the_part_of_an_object_that_was_seen_counts() {
    let event = r#"{"a":{"$unavailable":"Denied","x":1}}"#;
    assert_eq!(search("{a.x: 1}", event), True);
    assert_eq!(search("{a.x: 2}", event), False);
    assert_eq!(search("{a.y: 1}", event), Unknown);
}

#[test]
fn the_json_of_an_object_with_a_hole_is_unknown() {
    let event = r#"{"a":{"b":{"$unavailable":"Denied"},"c":"x"}}"#;
    assert_eq!(search("{a|contains: denied}", event), Unknown);
    assert_eq!(search("{a|re: x}", event), Unknown);
    assert_eq!(search("{a|contains: x}", event), True, "a text that was seen is enough");
    assert_eq!(search("{a: x}", event), False, "an object is no text");
}

#[test]
fn omitted_is_a_mark_only_where_it_is_true() {
    assert_eq!(search("{a.x: 1}", r#"{"a":{"omitted":"TRUE"}}"#), Unknown);
    assert_eq!(search("{a.x: 1}", r#"{"a":{"omitted":false}}"#), False);
    assert_eq!(search("{a.x: 1}", r#"{"a":{"omitted":"because"}}"#), False);
}
