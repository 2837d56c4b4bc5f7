use super::assert_of;

#[test]
fn text_compares_without_case() {
    assert_of(r#"{"a":"StopLogging"}"#, &["{a: stoplogging}", "{a: STOPLOGGING}"], &["{a: stoplog}"]);
    assert_of(r#"{"a":"École"}"#, &["{a: éCOLE}"], &["{a: ecole}"]);
}

#[test]
fn a_star_is_any_text_and_a_question_mark_one_character() {
    assert_of(
        r#"{"a":"CreateUser"}"#,
        &["{a: 'Create*'}", "{a: '*user'}", "{a: 'c*e*r'}", "{a: 'Create?ser'}", "{a: '*'}"],
        &["{a: 'Create?'}", "{a: 'reate*'}"],
    );
    assert_of(r#"{"a":"é"}"#, &["{a: '?'}"], &["{a: '??'}"]);
    assert_of(r#"{"a":"x\ny"}"#, &["{a: 'x*y'}", "{a: 'x?y'}"], &[]);
    assert_of("{}", &[], &["{a: '*'}"]);
}

#[test]
fn a_backslash_makes_a_wildcard_a_character() {
    assert_of(r#"{"a":"x*"}"#, &[r"{a: 'x\*'}", "{a: 'x*'}"], &[]);
    assert_of(r#"{"a":"xy"}"#, &["{a: 'x*'}", "{a: 'x?'}"], &[r"{a: 'x\*'}", r"{a: 'x\?'}"]);
    assert_of(r#"{"a":"x\\y"}"#, &[r"{a: 'x\y'}", r"{a: 'x\\y'}", r"{a: 'x\\*'}"], &[r"{a: 'x\*'}"]);
}

#[test]
fn null_is_absent_or_null() {
    for event in ["{}", r#"{"a":null}"#, r#"{"a":[]}"#, r#"{"a":[null]}"#] {
        assert_of(event, &["{a: null}", "{a: ~}", "{a: [x, null]}", "{a.b: null}"], &["{a: ''}"]);
    }
    for event in [r#"{"a":""}"#, r#"{"a":0}"#, r#"{"a":false}"#, r#"{"a":{}}"#, r#"{"a":"null"}"#] {
        assert_of(event, &[], &["{a: null}"]);
    }
}

#[test]
fn the_empty_text_is_a_text() {
    assert_of(r#"{"a":""}"#, &["{a: ''}", "{a|contains: ''}", "{a: '*'}"], &["{a: '?'}"]);
    assert_of(r#"{"a":"x"}"#, &["{a|contains: ''}"], &["{a: ''}"]);
    assert_of("{}", &[], &["{a: ''}", "{a|contains: ''}"]);
}

#[test]
fn true_fits_true_as_text() {
    for event in [r#"{"a":true}"#, r#"{"a":"true"}"#, r#"{"a":"True"}"#] {
        assert_of(
            event,
            &["{a: true}", "{a: 'true'}", "{a: 'TRUE'}", "{a|contains: true}"],
            &["{a: false}", "{a: 1}"],
        );
    }
    assert_of(r#"{"a":"yes"}"#, &[], &["{a: true}"]);
}

#[test]
fn a_number_fits_its_text() {
    for event in [r#"{"a":22}"#, r#"{"a":"22"}"#] {
        assert_of(event, &["{a: 22}", "{a: '22'}", "{a: 22.0}", "{a: '2?'}"], &["{a: 2}", "{a: '022'}"]);
    }
    assert_of(r#"{"a":22.0}"#, &["{a: 22}", "{a: '22.0'}"], &["{a: '22'}"]);
    assert_of(r#"{"a":2.2e1}"#, &["{a: 22}"], &["{a: '22'}"]);
}

#[test]
fn the_zero_of_an_account_stays() {
    assert_of(
        r#"{"a":"012345678901"}"#,
        &["{a: 012345678901}", "{a: '012345678901'}"],
        &["{a: '12345678901'}"],
    );
}

#[test]
fn an_object_compared_with_contains_is_its_json() {
    let event = r#"{"a":{"Statement":[{"Effect":"Allow"}],"n":1}}"#;
    assert_of(
        event,
        &[
            r#"{a|contains: '"effect":"allow"'}"#,
            r#"{a: '*"n":1*'}"#,
            r"{a|startswith: '{'}",
            r#"{a|re: '"n":\d'}"#,
        ],
        &["{a: Allow}", "{a|contains: '\"n\": 1'}"],
    );
}

#[test]
fn a_part_of_an_object_may_be_a_part_of_a_text_in_it() {
    let event = r#"{"a":{"policyDocument":"{\"Action\": [\"s3:GetObject\"]}","names":["x\ty",{"b":"two"}]}}"#;
    assert_of(
        event,
        &[
            r#"{a|contains: '"s3:GetObject"'}"#,
            r#"{a|contains|all: ['"action": ', s3:getobject, policyDocument]}"#,
            r#"{a: '*"s3:?etObject"*'}"#,
            "{a|startswith: tw}",
            "{a|endswith: wo}",
            r#"{a|contains: ['"1"', '"2"', '"s3:GetObject"']}"#,
        ],
        &[
            r#"{a|contains: '"s3:PutObject"'}"#,
            r#"{a|re: '"s3:GetObject"'}"#,
            "{a: two}",
            "{a|neq|contains: '\"s3:GetObject\"'}",
        ],
    );
}
