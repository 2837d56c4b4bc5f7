//! What is said of mistakes: the place, what is wrong, and the mend.

use rules::{RuleSet, Settings, read};

use crate::harness::FACTS;

/// A file and what is said of it. What starts with white space is a detection.
const MISTAKES: &[(&str, &str)] = &[
    (
        "a: [",
        "f:2:1: not YAML: while parsing a node, did not find expected node content; mend the indentation or the quotes there",
    ),
    ("a: 1\na: 2", "f:2:1: not YAML: duplicated key in mapping; mend the indentation or the quotes there"),
    (
        "a: 'x",
        "f:1:4: not YAML: while scanning a quoted scalar, found unexpected end of stream; mend the indentation or the quotes there",
    ),
    ("\ttitle: t", "f:1:2: the rule has no detection; add `detection:` with a condition"),
    ("- title: t", "f:1:1: a rule that is no map; start with `title:` and `detection:`"),
    (
        "{1: [}",
        "f:1:6: not YAML: while parsing a node, did not find expected node content; mend the indentation or the quotes there",
    ),
    ("[a]: b", "f:1:1: a key that is no text; write a name before the colon"),
    ("id: x", "f:1:1: the rule has no title; add `title:`"),
    ("title: t", "f:1:1: the rule has no detection; add `detection:` with a condition"),
    (
        "title: t\ndetection: {s: {a: 1}}",
        "f:2:12: the detection has no condition; add `condition: selection`",
    ),
    (
        "title: t\nlevel: urgent\ndetection: {s: {a: 1}, condition: s}",
        "f:2:8: `urgent` is no severity: write info, low, medium, high or critical; a rule without one is medium",
    ),
    (
        "title: t\nseverity: low\nfalse_positive: x\ndetection: {s: {a: 1}, condition: s}",
        "f:3:1: unknown key `false_positive`; did you mean `false_positives`?",
    ),
    (
        "title: t\nautomation: mute\ndetection: {s: {a: 1}, condition: s}",
        "f:2:13: `automation: mute`; write annotate or lower",
    ),
    (
        "title: t\nattempt: lowest\ndetection: {s: {a: 1}, condition: s}",
        "f:2:10: `attempt: lowest`; write lower or same",
    ),
    (
        "title: t\ncorrelation: {type: event_count}",
        "f:2:14: the correlation has no bound; add `condition: { gte: 5 }`",
    ),
    (
        "title: t\ncorrelation: {type: event_cuont, rules: [x], timespan: 5m, condition: {gte: 3}}",
        "f:2:21: `event_cuont` is no type of a correlation; the types are event_count, value_count, value_sum, value_avg, temporal, temporal_ordered, new_terms",
    ),
    (
        "title: t\ncorrelation: {type: event_count, rules: [x], timespan: soon, condition: {gte: 3}}",
        "f:2:56: `soon` is no timespan; write a number and s, m, h or d, such as 90d",
    ),
    (
        "title: t\ncorrelation: {type: event_count, rules: [x], condition: {gte: 3}}",
        "f:2:14: the correlation has no timespan; add `timespan: 10m`",
    ),
    (
        "title: t\ncorrelation: {type: event_count, timespan: 5m, condition: {gte: 3}}",
        "f:2:14: the correlation names no rules; add `rules:` and the ids, names or titles of rules",
    ),
    (
        "title: t\ncorrelation: {type: event_count, rules: [x], timespan: 5m, condition: {gte: many}}",
        "f:2:77: `gte` is followed by no number; write gt, gte, lt, lte or eq and a number, and `field:`",
    ),
    (
        "title: t\ncorrelation: {type: value_count, rules: [x], timespan: 5m, condition: {gte: 3}}",
        "f:2:14: the correlation names no field; add `field:`, the field whose values count, to its condition",
    ),
    (
        "title: t\ncorrelation: {type: temporal, rules: [x], timespan: 5m, groupby: [a]}",
        "f:2:57: unknown key `groupby`; did you mean `group-by`?",
    ),
    (
        "title: t\ncorrelation:\n  type: temporal\n  timespan: 5m\n  rules:\n    - nobody",
        "f:6:7: the correlation names `nobody`, and no rule has that id, name or title; mend it, or load the file of that rule as well",
    ),
    (
        "title: t\ncorrelation: {type: temporal, rules: [t], timespan: 5m}",
        "f:2:39: correlations name each other in a circle; let one of them name rules over single events",
    ),
    (
        "title: t\ncorrelation: {type: new_terms, rules: [x], field: a}",
        "f:2:14: `new_terms` learns nothing; add `learning: 7d`",
    ),
    (
        "title: t\ncorrelation: {type: new_terms, rules: [x], field: a, learning: 40d}",
        "f:2:14: the correlation forgets before it has learned; let `timespan` be longer than `learning`",
    ),
    (
        "title: t\ndetection: {s: {a: 1}, u: {a: 2}}\ncorrelation:\n  type: temporal\n  rules: [s, u]\n  timespan: 5m\n  group-by: [who]\n  aliases: {who: {s: b}}",
        "f:8:13: the alias `who` says nothing of `u`; name the field that it stands for there",
    ),
    (
        "  s: {a: 1}\n  timeframe: soon\n  condition: s | count() > 3",
        "f:4:14: `soon` is no timeframe; write a number and s, m, h or d, such as 90d",
    ),
    (
        "  s: {a: 1}\n  condition: s | counts() > 3",
        "f:4:14: in the condition: `counts()` is no count; write `search | count() by field > 5`, `count(field)`, `sum`, `avg`, `min`, `max`, or `| near other`",
    ),
    (
        "title: t\neach: x\ndetection: {s: {a: 1}, condition: s}",
        "f:2:7: `each` is no list; write `each:` and a list of maps",
    ),
    (
        "title: t\neach: [x]\ndetection: {s: {a: 1}, condition: s}",
        "f:2:8: an entry of `each` is no map; write { name: value, … }",
    ),
    (
        "title: t\ndetection: {s: {a: 1}, condition: s}\ntests: [{given: {a: 1}}]",
        "f:3:9: a test without a verdict; name it `finding: …`, `clean: …` or `unknown: …`",
    ),
    (
        "title: t\ndetection: {s: {a: 1}, condition: s}\ntests: [{clean: c, record: {a: 1}}]",
        "f:3:20: unknown key `record`; the keys are finding, clean, unknown, given, severity, outcome, settings, events",
    ),
    (
        "  s: {a: 1}\n  condition: t",
        "f:4:14: the condition names `t`, which is no search here; the searches are s",
    ),
    (
        "  s: {a: 1}\n  condition: 1 of t*",
        "f:4:14: the condition names `t*`, which is no search here; the searches are s",
    ),
    (
        "  _s: {a: 1}\n  condition: all of them",
        "f:4:14: the condition names `them`, which is no search here; the searches are _s",
    ),
    (
        "  s: {a: 1}\n  condition: {s: 1}",
        "f:4:14: the condition is no text; write names joined by `and` and `or`",
    ),
    ("  s: {a: 1}\n  condition: []", "f:4:14: the condition is empty; add `condition: selection`"),
    ("  s: {a: 1}\n  condition:", "f:4:12: the condition is empty; add `condition: selection`"),
    (
        "  s: {a: 1}\n  condition: s and",
        "f:4:14: in the condition: it ends too early; name a search after `and`, `or` and `not`",
    ),
    ("  s: {a: 1}\n  condition: (s or s", "f:4:14: in the condition: a parenthesis is not closed; add `)`"),
    (
        "  s: {a: 1}\n  condition: s s",
        "f:4:14: in the condition: `s` does not fit here; join names with `and` or `or`",
    ),
    (
        "  s: {a: 1}\n  condition: 0 of s",
        "f:4:14: in the condition: `0 of`; write `1 of`, `2 of` … or `all of`",
    ),
    (
        "  s: {a: 1}\n  condition: 1 of",
        "f:4:14: in the condition: `of` names nothing; write `of them` or `of selection*`",
    ),
    (
        "  s: {a: 1}\n  condition: or s",
        "f:4:14: in the condition: `or` does not fit here; name a search there",
    ),
    (
        "  s: {a: 1}\n  condition: ''",
        "f:4:14: in the condition: it ends too early; name a search after `and`, `or` and `not`",
    ),
    (
        "  s: {a: 1}\n  condition: s | near t",
        "f:4:14: the condition names `t`, which is no search here; the searches are s",
    ),
    ("  s: {a|contians: 1}\n  condition: s", "f:3:7: unknown modifier `contians`; did you mean `contains`?"),
    ("  s: {a|hours: 1}\n  condition: s", "f:3:7: unknown modifier `hours`; did you mean `hour`?"),
    (
        "  s: {a|contains|startswith: 1}\n  condition: s",
        "f:3:7: the modifiers of `a` contradict each other; keep one way to compare, and split the rest into a second key",
    ),
    (
        "  s: {a: {b: 1}}\n  condition: s",
        "f:3:10: `a` is followed by a map; write the whole path on one line (`a.name: value`), or `a[any]:` for elements",
    ),
    ("  s: {a: [[1]]}\n  condition: s", "f:3:11: a value that is a list or a map; list plain values only"),
    (
        "  s: {'a[0]': 1}\n  condition: s",
        "f:3:7: `a[0]` is no path; write `[any]`, `[all]` or `[none]` at its end",
    ),
    (
        "  s: {'a[any].b': 1}\n  condition: s",
        "f:3:7: `a[any].b` is no path; write `[any]`, `[all]` or `[none]` at its end",
    ),
    ("  s: []\n  condition: s", "f:3:6: an empty list matches nothing; list a value, or remove the search"),
    (
        "  s: {}\n  condition: s",
        "f:3:6: an empty map matches everything; write a field and its value, or remove the search",
    ),
    (
        "  s:\n  condition: s",
        "f:3:4: an empty search matches nothing; write a field and its value, or remove the search",
    ),
    (
        "  s: {a: []}\n  condition: s",
        "f:3:10: an empty list matches nothing; list a value, or remove the field",
    ),
    (
        "  s: {'a[any]': {}}\n  condition: s",
        "f:3:17: an empty map matches everything; write a field and its value, or remove the search",
    ),
    (
        "  s: {'a[any]': {x: {b: 1}, condition: y}}\n  condition: s",
        "f:3:40: the condition names `y`, which is no search here; the searches are x",
    ),
    (
        "  s: {'a[any]': {x: {b: 1}, condition: [x]}}\n  condition: s",
        "f:3:40: the condition is no text; write names joined by `and` and `or`",
    ),
    ("  s: {a|exists: 1}\n  condition: s", "f:3:7: `exists` needs true or false; write `exists: true`"),
    (
        "  s: {a|gt: x}\n  condition: s",
        "f:3:7: `x` is no number; write a number behind `lt`, `lte`, `gt`, `gte`",
    ),
    (
        "  s: {a|older_than: 1y}\n  condition: s",
        "f:3:7: `1y` is no duration; write a number and s, m, h or d, such as 90d",
    ),
    (
        "  s: {a|cidr: 10.0.0.0/33}\n  condition: s",
        "f:3:7: `10.0.0.0/33` is no network; write it as 192.0.2.0/24 or 2001:db8::/32",
    ),
    (
        "  s: {a|re: '('}\n  condition: s",
        "f:3:7: `(` is no regular expression: unclosed group; mend it; look-around and back-references do not exist, so that matching stays linear",
    ),
    (
        "  s: {a|re: '(?=x)'}\n  condition: s",
        "f:3:7: `(?=x)` is no regular expression: look-around, including look-ahead and look-behind, is not supported; mend it; look-around and back-references do not exist, so that matching stays linear",
    ),
    (
        "  s: {a|re: '\\w{9}{9}{9}{9}'}\n  condition: s",
        "f:3:7: `\\w{9}{9}{9}{9}` is no regular expression: Compiled regex exceeds size limit of 1048576 bytes.; mend it; look-around and back-references do not exist, so that matching stays linear",
    ),
    (
        "  s: {a|windash: '-a -b -c -d -e'}\n  condition: s",
        "f:3:7: `-a -b -c -d -e` has too many dashes for `windash`; see the modifier's description",
    ),
    ("  s: {a|utf16: x}\n  condition: s", "f:3:7: `x` in UTF-16 is no text; see the modifier's description"),
    ("  s: {facts.x: 1}\n  condition: s", "f:3:7: unknown fact `x`; the facts are f, g"),
    (
        "title: t\nmessage: '{facts.x}'\ndetection: {s: {a: 1}, condition: s}",
        "f:1:1: unknown fact `x`; the facts are f, g",
    ),
    ("title: t\ndetection: x", "f:2:12: the detection has no condition; add `condition: selection`"),
    (
        "  s: {a|: 1}\n  condition: s",
        "f:3:7: unknown modifier ``; the modifiers are contains, startswith, endswith, all, neq, cased, exists, expand, fieldref, cidr, windash, base64, base64offset, utf16, utf16le, utf16be, wide, re, i, m, s, lt, lte, gt, gte, older_than, newer_than, minute, hour, day, week, month, year",
    ),
    (
        "  s: *x\n  condition: s",
        "f:3:6: not YAML: while parsing node, found unknown anchor; mend the indentation or the quotes there",
    ),
    (
        "  s: {a|base64|lt: 1}\n  condition: s",
        "f:3:7: the modifiers of `a` contradict each other; keep one way to compare, and split the rest into a second key",
    ),
    (
        "  s: {a|older_than: 1.5d}\n  condition: s",
        "f:3:7: `1.5d` is no duration; write a number and s, m, h or d, such as 90d",
    ),
    (
        "  s: {a|cidr: '*'}\n  condition: s",
        "f:3:7: `*` is no network; write it as 192.0.2.0/24 or 2001:db8::/32",
    ),
];

/// The first thing that is said of a file.
fn said(file: &str) -> String {
    let (rules, errors) = read(file, "f");
    let (_, more) = RuleSet::new(rules, &Settings::default(), FACTS);
    errors.iter().chain(&more).next().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn mistakes_are_told_with_place_and_mend() {
    let mut wrong = Vec::new();
    for (file, expected) in MISTAKES {
        let whole = format!("title: t\ndetection:\n{file}");
        let said = said(if file.starts_with("  ") { &whole } else { file });
        if said != *expected {
            wrong.push(format!("{file}\n  is told: {said}\n  and not: {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_files_are_blamed_for_each_other() {
    let (rules, errors) = read("title: [\n", "one.yaml");
    assert!(rules.is_empty());
    assert!(errors[0].to_string().starts_with("one.yaml:"), "{}", errors[0]);
    let (rules, _) = read("title: t\ndetection: {s: {facts.x: 1}, condition: s}", "two.yaml");
    let errors = RuleSet::new(rules, &Settings::default(), FACTS).1;
    assert!(errors[0].to_string().starts_with("two.yaml:2:"), "{}", errors[0]);
}
