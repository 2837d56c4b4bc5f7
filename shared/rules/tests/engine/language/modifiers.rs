use super::{assert_of, search};
use crate::document::Json;
use crate::harness::{compile, judge_by, world, yaml};
use rules::Truth::{False, True};

#[test]
fn contains_startswith_and_endswith_look_at_a_part() {
    let event = r#"{"a":"arn:aws:iam::aws:policy/AdministratorAccess"}"#;
    assert_of(
        event,
        &[
            "{a|contains: admin}",
            "{a|startswith: 'arn:aws'}",
            "{a|endswith: access}",
            "{a|contains: 'arn*admin'}",
            "{a|startswith: 'arn:?ws'}",
        ],
        &["{a|contains: user}", "{a|startswith: aws}", "{a|endswith: admin}"],
    );
}

#[test]
fn all_wants_every_value() {
    let event = r#"{"a":"x y"}"#;
    assert_of(
        event,
        &["{a|contains|all: [x, y]}", "{a|contains|all: x}"],
        &["{a|contains|all: [x, z]}", "{a|all: [x, y]}"],
    );
    assert_of(r#"{"a":["x","y"]}"#, &["{a|all: [x, y]}"], &["{a|all: [x, y, z]}"]);
}

#[test]
fn with_all_one_form_of_each_value_is_enough() {
    assert_of(
        r#"{"a":"x /b -c"}"#,
        &["{a|windash|contains|all: [-b, -c]}"],
        &["{a|windash|contains|all: [-b, -d]}"],
    );
    assert_of(
        r#"{"a":"eHhhYnlj"}"#,
        &["{a|base64offset|contains|all: [xx, ab]}"],
        &["{a|base64offset|contains|all: [xx, ab1]}"],
    );
}

#[test]
fn neq_wants_none_of_the_values() {
    assert_of(
        r#"{"a":"x"}"#,
        &["{a|neq: y}", "{a|neq: [y, z]}", "{a|neq|contains: y}", "{a|neq: null}"],
        &["{a|neq: x}", "{a|neq: [x, y]}"],
    );
    assert_of(r#"{"a":["x","y"]}"#, &["{a|neq: z}"], &["{a|neq: x}"]);
    assert_of("{}", &["{a|neq: x}"], &["{a|neq: null}"]);
}

#[test]
fn cased_compares_with_case() {
    assert_of(
        r#"{"a":"AKIA1"}"#,
        &["{a|cased: AKIA1}", "{a|cased|startswith: AKIA}", "{a|cased: '?KIA1'}"],
        &["{a|cased: akia1}", "{a|cased|contains: kia}"],
    );
}

#[test]
fn exists_asks_for_a_value() {
    for event in [r#"{"a":"x"}"#, r#"{"a":""}"#, r#"{"a":false}"#, r#"{"a":{}}"#, r#"{"a":[null,1]}"#] {
        assert_of(event, &["{a|exists: true}", "{a|exists: 'True'}"], &["{a|exists: false}"]);
    }
    for event in ["{}", r#"{"a":null}"#, r#"{"a":[]}"#, r#"{"b":{"a":1}}"#] {
        assert_of(event, &["{a|exists: false}"], &["{a|exists: true}"]);
    }
}

#[test]
fn re_is_a_regular_expression_with_case() {
    let event = r#"{"a":"one\nTwo"}"#;
    assert_of(
        event,
        &[
            "{a|re: 'n.\\nT'}",
            "{a|re: Two$}",
            "{a|re|i: TWO}",
            "{a|re|m: ^Two}",
            "{a|re|s: 'one.Two'}",
            "{a|re|i|s: '^ONE.two$'}",
        ],
        &["{a|re: two}", "{a|re: ^Two}", "{a|re: 'one.Two'}", "{a|re: 'TWO|x'}"],
    );
    assert_of(r#"{"a":22}"#, &["{a|re: '^2{2}$'}", "{a|re: 22}"], &[]);
}

#[test]
fn cidr_holds_addresses_and_whole_networks() {
    assert_of(
        r#"{"a":"10.1.2.3"}"#,
        &["{a|cidr: 10.0.0.0/8}", "{a|cidr: 10.1.2.3}", "{a|cidr: [192.168.0.0/16, 10.0.0.0/8]}"],
        &["{a|cidr: 10.2.0.0/16}", "{a|cidr: '::/0'}"],
    );
    assert_of(r#"{"a":"10.1.0.0/16"}"#, &["{a|cidr: 10.0.0.0/8}"], &["{a|cidr: 10.1.0.0/24}"]);
    assert_of(r#"{"a":"2001:db8::1"}"#, &["{a|cidr: '2001:db8::/32'}"], &["{a|cidr: 0.0.0.0/0}"]);
    assert_of(r#"{"a":"AWS Internal"}"#, &["{a|neq|cidr: 0.0.0.0/0}"], &["{a|cidr: 0.0.0.0/0}"]);
}

#[test]
fn numbers_are_compared_as_numbers() {
    for event in [r#"{"a":22}"#, r#"{"a":"22"}"#, r#"{"a":2.2e1}"#] {
        assert_of(
            event,
            &["{a|gt: 9}", "{a|gte: 22}", "{a|lt: 100}", "{a|lte: '22'}", "{a|gt: 21.5}"],
            &["{a|gt: 22}", "{a|lt: 22}"],
        );
    }
    assert_of(r#"{"a":"x"}"#, &[], &["{a|gt: 0}", "{a|lte: 0}"]);
}

#[test]
fn a_number_too_large_for_arithmetic_is_larger_than_all() {
    let event = Json::map([("a", Json::number("1e999"))]);
    for (search, truth) in [("{a|gt: 1}", True), ("{a|lt: 1}", False), ("{a: 1e999}", True)] {
        let set = compile(&[yaml(&format!("{{s: {search}, condition: s}}"))]);
        assert_eq!(judge_by(&set, "r0", world(&event)).0, truth, "{search}");
    }
}

#[test]
fn fieldref_is_the_value_of_another_field() {
    let event = r#"{"a":"User/Bob","b":{"c":"bob"},"d":["x","USER/BOB"]}"#;
    assert_of(
        event,
        &[
            "{a|fieldref|endswith: b.c}",
            "{a|fieldref: d}",
            "{a|fieldref|contains: b.c}",
            "{b.c|fieldref|neq: a}",
            "{a|fieldref|startswith: [z, a]}",
        ],
        &[
            "{a|fieldref: b.c}",
            "{a|fieldref|cased|endswith: b.c}",
            "{a|fieldref: z}",
            "{z|fieldref: a}",
            "{a|fieldref|neq: d}",
        ],
    );
}

#[test]
fn windash_takes_every_dash_for_every_other() {
    for text in ["x -enc y", "x /enc y", "x –enc y", "x —enc y", "x ―enc y"] {
        assert_eq!(search("{a|windash|contains: ' -enc'}", &format!(r#"{{"a":"{text}"}}"#)), True, "{text}");
    }
    assert_of(r#"{"a":"-b /c x-y"}"#, &["{a|windash: '/b -c x-y'}"], &["{a|windash: '-b -c x/y'}"]);
}

#[test]
fn base64_is_the_encoded_text() {
    assert_of(r#"{"a":"YWI="}"#, &["{a|base64: ab}"], &["{a|base64: abc}", "{a|base64: AB}"]);
    assert_of(r#"{"a":"YVwqYg=="}"#, &[r"{a|base64: 'a\\\*b'}"], &[]);
}

#[test]
fn base64offset_finds_text_wherever_it_stands() {
    for before in ["", "x", "xy", "xyz"] {
        for after in ["", "x", "xy", "/xyz"] {
            let text = base64::Engine::encode(
                &base64::prelude::BASE64_STANDARD,
                format!("{before}/bin/bash{after}"),
            );
            assert_eq!(search("{a|base64offset|contains: /bin/bash}", &format!(r#"{{"a":"{text}"}}"#)), True);
            assert_eq!(search("{a|base64offset|contains: /bin/zsh}", &format!(r#"{{"a":"{text}"}}"#)), False);
        }
    }
}

#[test]
fn utf16_comes_before_base64() {
    assert_of(
        r#"{"a":"YQBiAA=="}"#,
        &["{a|wide|base64: ab}", "{a|utf16le|base64: ab}"],
        &["{a|utf16be|base64: ab}"],
    );
    assert_of(r#"{"a":"AGEAYg=="}"#, &["{a|utf16be|base64: ab}"], &["{a|wide|base64: ab}"]);
    for text in ["//5hAA==", "/v8AYQ=="] {
        assert_eq!(search("{a|utf16|base64: a}", &format!(r#"{{"a":"{text}"}}"#)), True, "{text}");
    }
}

#[test]
fn expand_fills_placeholders_in() {
    assert_of(
        r#"{"a":"22"}"#,
        &["{a|expand: '%two%'}", "{a|expand: [x, '%two%']}", "{a|expand|neq: '%trusted_accounts%'}"],
        &[
            "{a|expand: 'x%two%'}",
            "{a: '%two%'}",
            "{a|expand: '%trusted_accounts%'}",
            "{a|expand|all: '%trusted_accounts%'}",
        ],
    );
    assert_of(r#"{"a":"100% of 22"}"#, &["{a|expand: '100% of %two%'}"], &["{a|expand: '100% %two%'}"]);
}

#[test]
fn numbers_of_a_time_are_those_of_utc() {
    let event =
        r#"{"a":"2026-01-01T01:05:59Z","b":"2026-01-01T01:05:59+02:00","c":1767229559,"d":"soon","e":{}}"#;
    assert_of(
        event,
        &[
            "{a|hour: 1, a|minute: 5, a|day: 1, a|week: 1, a|month: 1, a|year: 2026}",
            "{b|hour: 23, b|day: 31, b|month: 12, b|year: 2025}",
            "{c|hour: '1'}",
            "{b|hour: [22, 23, 0]}",
            "{a|hour|lt: 6}",
            "{a|hour|gte: 1}",
            "{b|hour|neq: [1, 2]}",
            "{a|year|gt: 2025.5}",
        ],
        &[
            "{a|hour: 2}",
            "{a|hour|gt: 1}",
            "{d|hour|gte: 0}",
            "{e|year: 2026}",
            "{z|hour: 1}",
            "{a|hour|neq: 1}",
        ],
    );
    assert_of(r#"{"a":"2027-01-03T00:00:00Z"}"#, &["{a|week: 53}"], &["{a|week: 1}"]);
}

#[test]
fn older_than_and_newer_than_compare_with_now() {
    // Now is 2026-01-15T10:00:00Z.
    assert_of(
        r#"{"a":"2026-01-14T10:00:00Z"}"#,
        &["{a|older_than: 23h}", "{a|newer_than: 1d}", "{a|newer_than: 90d}"],
        &["{a|older_than: 1d}", "{a|newer_than: 1439m}"],
    );
    assert_of(
        r#"{"a":1768471190}"#,
        &["{a|older_than: 9s}", "{a|newer_than: 10s}"],
        &["{a|older_than: 10s}"],
    );
    assert_of(r#"{"a":"2030-01-01T00:00:00+02:00"}"#, &["{a|newer_than: 1s}"], &["{a|older_than: 1s}"]);
    assert_of(r#"{"a":"never"}"#, &[], &["{a|older_than: 1d}", "{a|newer_than: 1d}"]);
}
