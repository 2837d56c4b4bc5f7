//! Writing JSON: objects and arrays that close themselves.

use std::fmt::{Display, Write as _};

use model::json::escape_into;

/// Most facts fit in so many bytes; text that grows step by step is copied at each of them.
const USUAL_LENGTH: usize = 384;

/// Appends an object with the members that `fill` writes.
pub(crate) fn object(out: &mut String, fill: impl FnOnce(&mut Members<'_>)) {
    if out.is_empty() {
        out.reserve(USUAL_LENGTH);
    }
    out.push('{');
    fill(&mut Members { out, first: true });
    out.push('}');
}

/// Appends an array with one value for each item.
pub(crate) fn array<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut String),
) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// The members of an object that is being written.
pub(crate) struct Members<'o> {
    out: &'o mut String,
    first: bool,
}

impl Members<'_> {
    /// Writes `key`, which needs no escapes, and returns where its value goes: exactly one value has to follow.
    pub(crate) fn value(&mut self, key: &'static str) -> &mut String {
        self.out.push_str(if std::mem::take(&mut self.first) { "\"" } else { ",\"" });
        self.out.push_str(key);
        self.out.push_str("\":");
        self.out
    }

    /// Writes a text under a key of any kind, which nobody else may have written yet.
    pub(crate) fn entry(&mut self, key: &str, text: &str) {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
        escape_into(self.out, key);
        self.out.push(':');
        escape_into(self.out, text);
    }

    pub(crate) fn text(&mut self, key: &'static str, text: &str) {
        escape_into(self.value(key), text);
    }

    /// Writes one of our own words, which needs no escapes.
    pub(crate) fn word(&mut self, key: &'static str, word: &'static str) {
        let out = self.value(key);
        out.push('"');
        out.push_str(word);
        out.push('"');
    }

    /// Writes what shows itself without characters that need escapes; `""` where there is nothing.
    pub(crate) fn shown(&mut self, key: &'static str, value: Option<impl Display>) {
        let out = self.value(key);
        // Writing to a String cannot go wrong.
        let _ = match value {
            Some(value) => write!(out, "\"{value}\""),
            None => out.write_str("\"\""),
        };
    }

    pub(crate) fn flag(&mut self, key: &'static str, flag: bool) {
        self.maybe_flag(key, Some(flag));
    }

    pub(crate) fn maybe_flag(&mut self, key: &'static str, flag: Option<bool>) {
        self.value(key).push_str(match flag {
            Some(true) => "true",
            Some(false) => "false",
            None => "null",
        });
    }

    pub(crate) fn number(&mut self, key: &'static str, number: Option<i64>) {
        let out = self.value(key);
        // Writing to a String cannot go wrong.
        let _ = match number {
            Some(number) => write!(out, "{number}"),
            None => out.write_str("null"),
        };
    }

    pub(crate) fn texts<T: AsRef<str>>(&mut self, key: &'static str, texts: impl IntoIterator<Item = T>) {
        array(self.value(key), texts, |text, out| escape_into(out, text.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let mut out = String::new();
        object(&mut out, |members| {
            members.text("quote", "a\"b\n");
            members.flag("yes", true);
            members.maybe_flag("unknown", None);
            members.number("minus", Some(-1));
            members.number("none", None);
            members.texts("list", ["x", "y"]);
            object(members.value("inner"), |_| {});
            array(members.value("empty"), [(); 0], |(), _| {});
        });
        let read: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            read,
            serde_json::json!({"quote": "a\"b\n", "yes": true, "unknown": null, "minus": -1, "none": null,
                "list": ["x", "y"], "inner": {}, "empty": []})
        );
    }
}
