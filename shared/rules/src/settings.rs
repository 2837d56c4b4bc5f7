//! What an installation tells its rules: the values behind `%placeholders%`.

use std::collections::BTreeMap;

/// The values of placeholders, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    values: BTreeMap<String, Vec<String>>,
}

/// Placeholders that stand for an empty list until they are set: nobody is trusted yet, nothing is ours yet. Any
/// other placeholder that is not set puts its rule to rest, because every value would match.
pub const EMPTY_UNLESS_SET: &[&str] = &["trusted_accounts", "own_resources", "iac_principals"];

impl Settings {
    /// Sets a placeholder; empty and blank values are left out.
    #[must_use]
    pub fn with<T: Into<String>>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<String> =
            values.into_iter().map(Into::into).filter(|value: &String| !value.trim().is_empty()).collect();
        if !values.is_empty() {
            self.values.insert(name.to_owned(), values);
        }
        self
    }

    /// Forgets a placeholder.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.values.remove(name);
        self
    }

    /// The placeholders that are set.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.values.keys().cloned()
    }

    /// The values of a placeholder; `None`: a rule that needs it has to rest.
    pub fn get(&self, name: &str) -> Option<&[String]> {
        match self.values.get(name) {
            Some(values) => Some(values),
            None if EMPTY_UNLESS_SET.contains(&name) => Some(&[]),
            None => None,
        }
    }
}
