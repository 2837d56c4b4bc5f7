//! `trailpost.yaml`: what an installation tells its rules.

use std::path::{Path, PathBuf};

use rules::Settings;
use rules::tree::Node;

use crate::exit::Failure;

/// The name that is looked for when no file is named.
const FILE: &str = "trailpost.yaml";

/// Keys whose values are placeholders of that very name.
const LISTS: &[&str] =
    &["trusted_accounts", "trusted_networks", "approved_regions", "own_resources", "iac_principals"];

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) settings: Settings,
    /// Rules that are always added.
    pub(crate) rules: Vec<PathBuf>,
    pub(crate) store: Option<String>,
    /// Files and folders of mutes.
    pub(crate) mutes: Vec<PathBuf>,
    /// Who is told of what, and when, as it stands there: `trailpost alerts` judges it.
    pub(crate) alerts: Option<Node>,
    /// The file.
    pub(crate) file: String,
}

impl Config {
    /// Reads the file that was named, or the one in this folder if there is one.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Failure> {
        let config = Self::read(named)?;
        // What producers are compared with nobody has to configure.
        Ok(Self { settings: engine::health::settings(config.settings), ..config })
    }

    fn read(named: Option<&Path>) -> Result<Self, Failure> {
        let path = named.unwrap_or(Path::new(FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self::default())
            }
            Err(error) => Err(Failure::usage(format!("{}: {error}; name a readable file", path.display()))),
        }
    }

    fn parse(text: &str, file: &str) -> Result<Self, Failure> {
        let documents =
            Node::from_yaml(text).map_err(|error| Failure::usage(error.in_file(file).to_string()))?;
        let mut config = Self { file: file.to_owned(), ..Self::default() };
        for (key, value) in documents.first().map(Node::members).unwrap_or_default() {
            let texts = || value.items().iter().filter_map(Node::text);
            match key.text.as_str() {
                list if LISTS.contains(&list) => config.settings = config.settings.with(list, texts()),
                "placeholders" => {
                    for (name, values) in value.members() {
                        let values = values.items().iter().filter_map(Node::text);
                        config.settings = config.settings.with(&name.text, values);
                    }
                }
                "rules" => config.rules = texts().map(PathBuf::from).collect(),
                "mutes" => config.mutes = texts().map(PathBuf::from).collect(),
                "store" => config.store = value.text(),
                "alerts" => config.alerts = Some(value.clone()),
                unknown => {
                    return Err(Failure::usage(format!(
                        "{file}:{}:{}: unknown key `{unknown}`; the keys are {}, placeholders, rules, mutes, store, alerts",
                        key.place.line,
                        key.place.column,
                        LISTS.join(", ")
                    )));
                }
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_become_placeholders() {
        let text = "trusted_accounts: ['012345678901', 222233334444]\nplaceholders: {admins: [alice]}\nrules: [sigma]";
        let config = Config::parse(text, "trailpost.yaml").unwrap();
        assert_eq!(
            config.settings.get("trusted_accounts"),
            Some(&["012345678901".to_owned(), "222233334444".to_owned()][..])
        );
        assert_eq!(config.settings.get("admins"), Some(&["alice".to_owned()][..]));
        assert_eq!(config.rules, [PathBuf::from("sigma")]);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_place() {
        let error = Config::parse("a:\n", "t.yaml").unwrap_err().to_string();
        assert!(error.starts_with("t.yaml:1:1: unknown key `a`"), "{error}");
    }
}
