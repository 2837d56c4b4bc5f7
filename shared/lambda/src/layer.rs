//! Rules that a layer brings.

use catalog::Loaded;

use crate::boot::BootError;
use crate::config::Config;

/// What the function was built with, and what a layer brings (`trailpost rules pack`).
pub(crate) fn with_layer(mut loaded: Loaded, config: &Config) -> Result<Loaded, BootError> {
    let Some(path) = &config.rules else { return Ok(loaded) };
    let failed = |problem: String| BootError::Rules(path.display().to_string(), problem);
    let text = std::fs::read_to_string(path).map_err(|error| {
        failed(format!(
            "{error}; the parameter RulesLayer names a layer that `trailpost rules pack` did not make"
        ))
    })?;
    loaded.extend(catalog::unpacked(&text).map_err(|error| failed(error.to_string()))?);
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(rules: &std::path::Path) -> Config {
        let rules = rules.display().to_string();
        let set = |name: &str| match name {
            "TRAILPOST_STORE" => Some("dynamodb://trailpost".to_owned()),
            "TRAILPOST_RULES" => Some(rules.clone()),
            _ => None,
        };
        Config::read(set).unwrap()
    }

    #[test]
    fn a_layer_adds_to_what_the_function_was_built_with() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules.json");
        let rule = serde_json::json!({
            "title": "Table deleted", "logsource": { "product": "aws", "service": "cloudtrail" },
            "detection": { "a": { "eventName": "DeleteTable" }, "condition": "a" },
        });
        let pack = serde_json::json!({
            "format": "trailpost.rules/1", "entries": [{ "origin": "mine/a.yaml", "document": rule }],
        });
        std::fs::write(&file, pack.to_string()).unwrap();

        let loaded = with_layer(catalog::signatures(), &config(&file)).unwrap();

        assert_eq!(loaded.rules.len(), catalog::signatures().rules.len() + 1);
        assert_eq!(loaded.rules.last().unwrap().meta.title, "Table deleted");
    }

    #[test]
    fn a_layer_that_cannot_be_read_says_which_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules.json");
        let said = || format!("{:?}", with_layer(catalog::signatures(), &config(&file)).unwrap_err());
        assert!(said().ends_with(
            "rules.json: No such file or directory (os error 2); the parameter RulesLayer names a layer that `trailpost rules pack` did not make"
        ), "{}", said());
        std::fs::write(&file, "[]").unwrap();
        assert!(said().contains("rules.json: this is no pack of rules; make the pack with"), "{}", said());
    }
}
