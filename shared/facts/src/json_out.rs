//! Writing JSON: objects and arrays that close themselves.

use std::fmt::Display;

use model::json::Writer;

/// Writes an object with the members that `fill` writes.
pub(crate) fn object(out: &mut Writer, fill: impl FnOnce(&mut Members<'_>)) {
    out.object(|out| fill(&mut Members { out }));
}

/// Writes an array with one value for each item.
pub(crate) fn array<T>(
    out: &mut Writer,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut Writer),
) {
    out.array(|out| items.into_iter().for_each(|item| write(item, out)));
}

/// The members of an object that is being written.
pub(crate) struct Members<'o> {
    out: &'o mut Writer,
}

impl Members<'_> {
    /// Writes `key` and returns where its value goes: exactly one value has to follow.
    pub(crate) fn value(&mut self, key: &'static str) -> &mut Writer {
        self.out.key(key);
        self.out
    }

    /// Writes a text under a key of any kind, which nobody else may have written yet.
    pub(crate) fn entry(&mut self, key: &str, text: &str) {
        self.out.key(key);
        self.out.text(text);
    }

    pub(crate) fn text(&mut self, key: &'static str, text: &str) {
        self.value(key).text(text);
    }

    /// Writes what shows itself without characters that need escapes; `""` where there is nothing.
    pub(crate) fn shown(&mut self, key: &'static str, value: Option<impl Display>) {
        match value {
            Some(value) => self.value(key).shown(value),
            None => self.value(key).text(""),
        }
    }

    pub(crate) fn flag(&mut self, key: &'static str, flag: bool) {
        self.value(key).bool(flag);
    }

    pub(crate) fn maybe_flag(&mut self, key: &'static str, flag: Option<bool>) {
        match flag {
            Some(flag) => self.flag(key, flag),
            None => self.value(key).null(),
        }
    }

    pub(crate) fn number(&mut self, key: &'static str, number: Option<i64>) {
        match number {
            Some(number) => self.value(key).number(number),
            None => self.value(key).null(),
        }
    }

    pub(crate) fn texts<T: AsRef<str>>(&mut self, key: &'static str, texts: impl IntoIterator<Item = T>) {
        array(self.value(key), texts, |text, out| out.text(text.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let mut out = Writer::default();
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
        let read: serde_json::Value = serde_json::from_str(out.json()).unwrap();
        assert_eq!(
            read,
            serde_json::json!({"quote": "a\"b\n", "yes": true, "unknown": null, "minus": -1, "none": null,
                "list": ["x", "y"], "inner": {}, "empty": []})
        );
    }
}
