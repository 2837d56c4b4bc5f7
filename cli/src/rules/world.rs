//! What the linter has to know besides the rules: types of resources, events, placeholders.

use std::collections::{BTreeMap, BTreeSet};

use aws::lint;
use aws::model::Models;
use catalog::Loaded;
use catalog::resource::Row;
use rules::lint::{World, Yields};

use crate::config::Config;

/// The types of resources, with their members, of these rows.
pub(super) fn resources(rows: &[Row], models: &Models) -> BTreeMap<String, BTreeSet<String>> {
    rows.iter().map(|row| (row.name.clone(), lint::members(row, models))).collect()
}

/// Everything that exists outside of a rule. `yields` says which paths the documents of `rows` can have.
pub(super) fn new<'w>(
    rows: &[Row],
    models: &Models,
    builtin: &Loaded,
    config: &Config,
    yields: Yields<'w>,
) -> World<'w> {
    World {
        resources: resources(rows, models),
        yields: Some(yields),
        events: events(rows, builtin),
        placeholders: placeholders(builtin, config),
    }
}

/// The events that the catalogue knows, by source: those that its signatures name, and the calls that change
/// resources.
pub(super) fn events(rows: &[Row], builtin: &Loaded) -> BTreeMap<String, BTreeSet<String>> {
    let mut events: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |source: &str, names: &mut dyn Iterator<Item = String>| {
        events.entry(source.to_owned()).or_default().extend(names);
    };
    for rule in &builtin.rules {
        for (source, name) in rule.events() {
            add(&source, &mut std::iter::once(name));
        }
    }
    let derived = catalog::derived_changes();
    for row in rows {
        let more = derived.get(&row.name).into_iter().flatten();
        for change in row.changed_by.iter().chain(more) {
            let source = change.source.as_deref().unwrap_or_else(|| row.event_source());
            let names = change.events.iter().filter(|name| !name.contains('*'));
            add(&format!("{source}.amazonaws.com"), &mut names.cloned());
        }
    }
    events
}

/// The placeholders that somebody sets, or that built-in rules ask for.
fn placeholders(builtin: &Loaded, config: &Config) -> BTreeSet<String> {
    let asked = builtin.rules.iter().flat_map(rules::Rule::placeholders);
    let usual = rules::test_settings();
    asked.chain(config.settings.names()).chain(usual.names()).collect()
}
