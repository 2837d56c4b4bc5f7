//! The bridge from the rules, which know facts by name, to the derivations.

use model::Event;
use model::json::Value;

/// Derives facts about CloudTrail records.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFacts;

/// The names of the facts about events.
pub fn event_fact_names() -> Vec<&'static str> {
    facts::EVENT_FACTS.iter().map(|fact| fact.name).collect()
}

impl rules::Facts for EventFacts {
    fn derive(&self, name: &str, document: Value<'_>) -> String {
        let Some(fact) = facts::event_fact(name) else { return "null".into() };
        if fact.reads.iter().any(|path| is_omitted(document, path)) && fact.name != "call" {
            return r#"{"$unavailable":"omitted by CloudTrail"}"#.into();
        }
        let mut json = String::new();
        (fact.derive)(Event::new(document), &mut json);
        json
    }
}

/// Whether CloudTrail left the top-level field of `path` out because it was too large.
fn is_omitted(document: Value<'_>, path: &str) -> bool {
    let field = path.split('.').next().unwrap_or_default();
    document
        .get(field)
        .and_then(|value| value.get("omitted"))
        .and_then(Value::text)
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}
