//! `trailpost rules attack`: which techniques of ATT&CK the rules tell of, as a layer of the ATT&CK Navigator.

use std::collections::BTreeMap;
use std::io::Write as _;

use ::rules::Meta;
use serde_json::json;

use crate::args::Rules;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;

/// The form of layers, see
/// <https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md>.
const LAYER: &str = "4.5";

/// The oldest Navigator that reads it.
const NAVIGATOR: &str = "4.9.0";

/// From few rules to many.
const COLORS: [&str; 2] = ["#d7efe9", "#0f5257"];

pub(super) fn run(args: &Rules, config: &Config) -> Result<Ending, Failure> {
    let loaded = load::rules(args, config)?;
    let mut techniques: BTreeMap<&str, Vec<&Meta>> = BTreeMap::new();
    for meta in loaded.rules.iter().map(|rule| &rule.meta) {
        for technique in &meta.attack {
            techniques.entry(technique).or_default().push(meta);
        }
    }
    let most = techniques.values().map(Vec::len).max().unwrap_or(1);
    let told: Vec<_> = techniques
        .iter()
        .map(|(technique, rules)| {
            let ids: Vec<&str> = rules.iter().map(|meta| meta.id.as_str()).collect();
            // Without it the Navigator does not show sub-techniques at first.
            let open = techniques
                .keys()
                .any(|other| other.strip_prefix(*technique).is_some_and(|rest| rest.starts_with('.')));
            json!({
                "techniqueID": technique, "score": ids.len(), "comment": ids.join("\n"), "enabled": true,
                "showSubtechniques": open,
            })
        })
        .collect();
    let layer = json!({
        "name": "Trailpost",
        "versions": { "layer": LAYER, "navigator": NAVIGATOR },
        "domain": "enterprise-attack",
        "description": format!("{} rules tell of {} techniques", loaded.rules.len(), told.len()),
        "filters": { "platforms": ["IaaS"] },
        "gradient": { "colors": COLORS, "minValue": 0, "maxValue": most },
        "techniques": told,
    });
    writeln!(anstream::stdout(), "{}", serde_json::to_string_pretty(&layer).unwrap_or_default())?;
    Ok(Ending::Clean)
}
