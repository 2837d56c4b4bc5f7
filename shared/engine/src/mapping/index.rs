//! Entries by event source and event name.

use std::collections::HashMap;

use catalog::resource::{Change, Row};

/// Changes by source and name, each with the place of its row.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: HashMap<String, HashMap<String, Vec<(usize, Change)>>>,
}

impl Index {
    pub(super) fn of(rows: &[Row], changes: impl Fn(&Row) -> Vec<Change>) -> Self {
        let mut index = Self::default();
        for (at, row) in rows.iter().enumerate() {
            for change in changes(row) {
                let source = change.source.as_deref().unwrap_or_else(|| row.event_source()).to_owned();
                let names = index.entries.entry(source).or_default();
                for event in &change.events {
                    names.entry(event.clone()).or_default().push((at, change.clone()));
                }
            }
        }
        index
    }

    pub(super) fn entries(&self, source: &str, event: &str) -> &[(usize, Change)] {
        self.entries.get(source).and_then(|names| names.get(event)).map(Vec::as_slice).unwrap_or_default()
    }
}
