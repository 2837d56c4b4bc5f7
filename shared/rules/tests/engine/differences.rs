//! Where the other engine says something else, on purpose, and what for.

use rules::Truth::{self, False, True};

use crate::document::Json;
use crate::harness::{compile, judge_by, world, yaml};
use crate::oracle::Oracle;

/// A difference: its reason, a search, an event, and what this and the other engine say of them.
type Difference = (&'static str, &'static str, &'static str, Truth, Other);

/// What the other engine says.
#[derive(Debug, PartialEq, Eq)]
enum Other {
    Matches,
    Passes,
    /// It does not take the rule.
    Refuses,
}

impl From<Truth> for Other {
    fn from(truth: Truth) -> Self {
        if truth == True { Matches } else { Passes }
    }
}

use Other::{Matches, Passes, Refuses};

/// Sigma leaves these open, or the other engine has a mistake.
const DIFFERENCES: &[Difference] = &[
    // What is absent.
    (
        "`neq` is the opposite of the field without it, also where the field is absent",
        "{a|neq: x}",
        "{}",
        True,
        Passes,
    ),
    ("null in a list of values is null as it is alone", "{a: [null, x]}", "{}", True, Passes),
    ("one null element is a null", "{a: null}", r#"{"a":[null,"x"]}"#, True, Passes),
    ("an empty list is no value", "{a: null}", r#"{"a":[]}"#, True, Passes),
    ("an empty list is no value", "{a|exists: true}", r#"{"a":[]}"#, False, Matches),
    ("a list of nulls is no value", "{a|exists: true}", r#"{"a":[null]}"#, False, Matches),
    ("all of no elements is true, as for every `all`", "{'a[all]': {b: 1}}", "{}", True, Passes),
    // Text of what is no text.
    ("an object is compared by its JSON", "{a|contains: '\"b\":1'}", r#"{"a":{"b":1}}"#, True, Passes),
    ("an object is compared by its JSON", "{a: '*'}", r#"{"a":{"b":1}}"#, True, Passes),
    ("an object is compared by its JSON", "{a|re: 'b'}", r#"{"a":{"b":1}}"#, True, Passes),
    ("numbers and booleans are values that keywords look at", "[true]", r#"{"a":true}"#, True, Passes),
    ("numbers and booleans are values that keywords look at", "[22]", r#"{"a":"x22"}"#, True, Passes),
    ("a number stays as it was written", "{a|contains: '.0'}", r#"{"a":22.0}"#, True, Passes),
    ("white space around a number is no part of it", "{a: 22}", r#"{"a":" 22 "}"#, True, Passes),
    ("only the words true and false are booleans", "{a: true}", r#"{"a":"yes"}"#, False, Matches),
    ("only the words true and false are booleans", "{a: false}", r#"{"a":"0"}"#, False, Matches),
    ("`exists` needs true or false", "{a|exists: 'False'}", r#"{"a":1}"#, False, Matches),
    (
        "keywords of `all` may stand in different fields",
        "{'|all': [x, y]}",
        r#"{"a":"x","b":"y"}"#,
        True,
        Passes,
    ),
    ("keywords of `all` are parts of values", "{'|all': [x, y]}", r#"{"a":"yx"}"#, True, Passes),
    // Wildcards.
    ("a wildcard stands for line ends too", "{a: 'x*y'}", r#"{"a":"x\ny"}"#, True, Passes),
    (
        "`startswith` holds the start, also with wildcards",
        "{a|startswith: 'a?'}",
        r#"{"a":"xab"}"#,
        False,
        Matches,
    ),
    ("`endswith` holds the end, also with wildcards", "{a|endswith: '?b'}", r#"{"a":"xab"}"#, True, Passes),
    // Modifiers.
    ("`all` of one value is that value", "{a|all: x}", r#"{"a":"x"}"#, True, Refuses),
    ("networks lie in networks", "{a|cidr: 10.0.0.0/8}", r#"{"a":"10.1.0.0/16"}"#, True, Passes),
    ("an address is a network of one", "{a|cidr: 10.0.0.1}", r#"{"a":"10.0.0.1"}"#, True, Refuses),
    (
        "placeholders come from the configuration, not from the event",
        "{a|expand: '%two%'}",
        r#"{"a":"22"}"#,
        True,
        Passes,
    ),
    (
        "`windash` is about options, not about dashes in words",
        "{a|windash: 'x-a'}",
        r#"{"a":"x/a"}"#,
        False,
        Matches,
    ),
    ("`windash` takes a slash for a dash", "{a|windash: '/a'}", r#"{"a":"-a"}"#, True, Passes),
    (
        "`base64offset` leaves out what the text behind changes",
        "{a|base64offset|contains: xabc}",
        r#"{"a":"eHhhYmN6"}"#,
        True,
        Passes,
    ),
    ("`utf16` may be big-endian too", "{a|utf16|base64: a}", r#"{"a":"/v8AYQ=="}"#, True, Passes),
    // Fields.
    ("a nested field comes before a flat one", "{a.b: 1}", r#"{"a.b":2,"a":{"b":1}}"#, True, Passes),
    ("a key with dots may be nested", "{a.b.c: 1}", r#"{"a":{"b.c":1}}"#, True, Passes),
    ("`fieldref` means any of several values", "{a|fieldref: b}", r#"{"a":"x","b":["y","x"]}"#, True, Passes),
    (
        "`fieldref` in a scope stays at the element",
        "{'a[any]': {b|fieldref: c}}",
        r#"{"a":[{"b":1,"c":1}]}"#,
        True,
        Passes,
    ),
    (
        "a keyword in a scope looks at all of the element",
        "{'a[any]': [x]}",
        r#"{"a":[{"b":"x"}]}"#,
        True,
        Passes,
    ),
    ("an object is compared by its JSON", "{a|contains: ''}", r#"{"a":{}}"#, True, Passes),
];

#[test]
fn the_engines_differ_only_as_listed() {
    let mut wrong = Vec::new();
    for (why, search, event, ours, theirs) in DIFFERENCES {
        let file = yaml(&format!("{{s: {search}, condition: s}}"));
        let event = Json::read(event);
        let found = judge_by(&compile(std::slice::from_ref(&file)), "r0", world(&event)).0;
        let other = match Oracle::new(&file) {
            Err(_) => Refuses,
            Ok(oracle) if oracle.matches(&event) => Matches,
            Ok(_) => Passes,
        };
        assert_ne!(Other::from(*ours), *theirs, "no difference: {why}");
        if found != *ours || other != *theirs {
            wrong.push(format!("{why}: {search} on {event}: {found:?}, {other:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
