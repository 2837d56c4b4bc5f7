//! The bridge from the rules, which know facts by name, to the derivations.

use model::Event;
use model::json::{Kind, Value, Writer};

/// Derives facts about CloudTrail records.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFacts;

/// The names of the facts about events.
pub fn event_fact_names() -> Vec<&'static str> {
    facts::EVENT_FACTS.iter().map(|fact| fact.name).collect()
}

impl rules::Facts for EventFacts {
    fn derive(&self, name: &str, document: Value<'_>, out: &mut Writer) {
        match facts::event_fact(name) {
            None => out.null(),
            Some(fact) if fact.name != "call" && misses_any(document, fact.reads) => {
                out.object(|hole| {
                    hole.key("$unavailable");
                    hole.text("omitted by CloudTrail");
                });
            }
            Some(fact) => (fact.derive)(Event::new(document), out),
        }
    }
}

/// Whether CloudTrail left one of `fields` out because it was too large.
fn misses_any(document: Value<'_>, fields: &[&str]) -> bool {
    let is_omitted = |value: Value<'_>| {
        value.get("omitted").and_then(Value::text).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    };
    document.members().any(|(key, value)| {
        value.kind() == Kind::Object && is_omitted(value) && fields.iter().any(|field| key.is_key(field))
    })
}
