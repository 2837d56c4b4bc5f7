//! Rules over several events: against their definition, against another engine, and by example.

mod examples;
mod laws;
mod naive;
mod oracle;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::json::Document;
use proptest::collection::vec;
use proptest::prelude::*;
use rules::{NoFacts, RuleSet, Scratch, Seen, Settings, Truth, View, read};
use serde_json::{Value, json};

/// An event: it has a name that rules look for, a user to group by, and a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) id: usize,
    pub(crate) second: i64,
    pub(crate) name: &'static str,
    pub(crate) user: &'static str,
    pub(crate) value: &'static str,
}

impl Told {
    pub(crate) fn event(&self) -> String {
        format!("e{:04}", self.id)
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "eventID": self.event(), "name": self.name, "user": self.user, "value": self.value })
    }
}

/// Events in the order of time, several at once among them.
pub(crate) fn events() -> impl Strategy<Value = Vec<Told>> {
    let one = (
        0..4_i64,
        prop_oneof![Just("a"), Just("b"), Just("c")],
        prop_oneof![Just("x"), Just("y")],
        0..4_usize,
    );
    vec(one, 0..24).prop_map(|all| {
        let mut second = 0;
        all.into_iter()
            .enumerate()
            .map(|(id, (later, name, user, value))| {
                second += later;
                Told { id, second, name, user, value: ["1", "2", "3", "4"][value] }
            })
            .collect()
    })
}

/// Three rules, each for the events of one name, and a correlation.
pub(crate) fn files(correlation: &Value) -> String {
    let base = |name: &str| {
        let detection = json!({ "s": { "name": name }, "condition": "s" });
        json!({ "title": format!("t{name}"), "id": format!("id-{name}"), "name": name, "logsource": { "product": "aws" },
            "detection": detection })
    };
    let correlation = json!({ "title": "joined", "id": "joined", "correlation": correlation });
    ["a", "b", "c"]
        .map(|name| base(name).to_string())
        .into_iter()
        .chain([correlation.to_string()])
        .collect::<Vec<_>>()
        .join("\n---\n")
}

pub(crate) fn set(text: &str) -> RuleSet {
    let (rules, errors) = read(text, "f.yaml");
    assert_eq!(errors, [], "{text}");
    let (set, errors) = RuleSet::new(rules, &Settings::default(), &[]);
    assert_eq!(errors, [], "{text}");
    set
}

/// What records told one group of one correlation: time, event, rule and value, and whether the call took effect.
pub(crate) type Windows = BTreeMap<(String, Vec<String>), Vec<(Timestamp, String, usize, String, bool)>>;

/// What a record tells.
pub(crate) fn tell(set: &RuleSet, second: i64, record: &Value, windows: &mut Windows) {
    let document = Document::parse(record.to_string()).unwrap();
    let view = View { facts: &NoFacts, now: Timestamp::UNIX_EPOCH, ambiguous: false };
    let time = Timestamp::from_second(1_700_000_000 + second).unwrap();
    let event = record["eventID"].as_str().unwrap();
    set.judge(document.root(), view, &mut Scratch::default(), |judged| {
        assert_eq!(judged.truth, Truth::True);
        for observed in judged.observed(&mut |_, _, _, _| true) {
            let base = set.correlation(&observed.rule).unwrap().base(&observed.base).unwrap();
            let success = record.get("errorCode").is_none();
            let entry = (time, event.to_owned(), base, observed.value, success);
            windows.entry((observed.rule, observed.group)).or_default().push(entry);
        }
    });
}

/// The events that complete something, by their correlation and group.
pub(crate) fn completed(set: &RuleSet, windows: &Windows) -> BTreeSet<(String, String, String)> {
    let mut completed = BTreeSet::new();
    for ((rule, group), entries) in windows {
        let seen: Vec<_> = entries
            .iter()
            .map(|(time, event, base, value, success)| Seen {
                time: *time,
                event,
                base: *base,
                value,
                success: *success,
            })
            .collect();
        for fired in set.correlation(rule).unwrap().fired(&seen) {
            completed.insert((rule.clone(), group.join(" "), seen[fired.at].event.to_owned()));
        }
    }
    completed
}

/// The events that complete the correlation, by their group.
pub(crate) fn fired(set: &RuleSet, told: &[Told]) -> BTreeSet<(String, String)> {
    let mut windows = Windows::new();
    for told in told {
        tell(set, told.second, &told.json(), &mut windows);
    }
    completed(set, &windows).into_iter().map(|(_, group, event)| (group, event)).collect()
}

/// Correlations of every kind over the rules of [`files`].
pub(crate) fn correlation() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        Just("event_count"),
        Just("value_count"),
        Just("value_sum"),
        Just("value_avg"),
        Just("temporal"),
        Just("temporal_ordered"),
    ];
    let sign = prop_oneof![Just("gt"), Just("gte"), Just("lt"), Just("lte"), Just("eq")];
    (kind, vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..4), 1..9_i64, sign, 1..5_i64, any::<bool>())
        .prop_map(|(kind, mut rules, span, sign, bound, grouped)| {
            if kind != "temporal_ordered" {
                rules.sort_unstable();
                rules.dedup();
            }
            let mut correlation = json!({ "type": kind, "rules": rules, "timespan": format!("{span}s") });
            if grouped {
                correlation["group-by"] = json!(["user"]);
            }
            if !kind.starts_with("temporal") || (kind == "temporal" && grouped) {
                correlation["condition"] = json!({ sign: bound });
            }
            if kind.starts_with("value") {
                correlation["condition"]["field"] = json!("value");
            }
            correlation
        })
}
