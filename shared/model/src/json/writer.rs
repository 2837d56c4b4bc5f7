//! Writing a value so that it can be looked at right away: its text and its tape come about together.

use std::fmt::{Display, Write as _};

use super::tape::{Kind, Node, ParseError, Tape};
use super::text::escape_into;
use super::value::Value;

/// A JSON value while it is written, and then to be read. Made to be used again: [`Writer::clear`] keeps the memory.
///
/// Values follow each other as in the text: within [`Writer::object`] a [`Writer::key`] before each.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    text: String,
    nodes: Vec<Node>,
    /// A value stands before the next one in the same container.
    follows: bool,
}

impl Writer {
    /// Forgets what was written.
    pub fn clear(&mut self) {
        self.text.clear();
        self.nodes.clear();
        self.follows = false;
    }

    /// The value that was written; null where none was.
    pub fn root(&self) -> Value<'_> {
        Value::new(self.text.as_bytes(), &self.nodes, 0)
    }

    /// What was written, as JSON.
    pub fn json(&self) -> &str {
        &self.text
    }

    /// Writes an object with the members that `fill` writes.
    pub fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.container(Kind::Object, '{', '}', fill);
    }

    /// Writes an array with the values that `fill` writes.
    pub fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.container(Kind::Array, '[', ']', fill);
    }

    /// Writes the key of a member, whose value has to follow.
    pub fn key(&mut self, key: &str) {
        self.text(key);
        self.text.push(':');
        self.follows = false;
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        let start = self.begin();
        escape_into(&mut self.text, text);
        let end = self.text.len();
        self.end(Kind::String, start + 1, end - 1, end - start - 2 != text.len());
    }

    /// Writes what shows itself without characters that need escapes as a text.
    pub fn shown(&mut self, value: impl Display) {
        let start = self.begin();
        // Writing to a String cannot go wrong.
        let _ = write!(self.text, "\"{value}\"");
        self.end(Kind::String, start + 1, self.text.len() - 1, false);
    }

    /// Writes a whole number.
    pub fn number(&mut self, number: i64) {
        let start = self.begin();
        // Writing to a String cannot go wrong.
        let _ = write!(self.text, "{number}");
        self.end(Kind::Number, start, self.text.len(), false);
    }

    /// Writes true or false.
    pub fn bool(&mut self, value: bool) {
        self.word(Kind::Bool, if value { "true" } else { "false" });
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.word(Kind::Null, "null");
    }

    /// Writes a value that stands elsewhere.
    pub fn value(&mut self, value: Value<'_>) {
        if self.raw(&value.to_json()).is_err() {
            self.null();
        }
    }

    /// Writes a value that is JSON text already.
    ///
    /// # Errors
    /// Where it is none; then nothing is written.
    pub fn raw(&mut self, json: &str) -> Result<(), ParseError> {
        let mut tape = Tape::default();
        tape.parse(json.as_bytes())?;
        let start = position(self.begin());
        let before = position(self.nodes.len());
        self.text.push_str(json);
        self.nodes.extend(tape.nodes.into_iter().map(|node| Node {
            start: node.start + start,
            end: node.end + start,
            next: node.next + before,
            ..node
        }));
        self.follows = true;
        Ok(())
    }

    fn word(&mut self, kind: Kind, word: &str) {
        let start = self.begin();
        self.text.push_str(word);
        self.end(kind, start, self.text.len(), false);
    }

    fn container(&mut self, kind: Kind, open: char, close: char, fill: impl FnOnce(&mut Self)) {
        let start = self.begin();
        let number = self.nodes.len();
        self.text.push(open);
        self.end(kind, start, start, false);
        self.follows = false;
        fill(self);
        self.text.push(close);
        self.follows = true;
        let next = position(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(number) {
            node.end = position(self.text.len());
            node.next = next;
        }
    }

    /// Where the next value starts.
    fn begin(&mut self) -> usize {
        if self.follows {
            self.text.push(',');
        }
        self.text.len()
    }

    fn end(&mut self, kind: Kind, start: usize, end: usize, escaped: bool) {
        let next = position(self.nodes.len() + 1);
        self.nodes.push(Node { start: position(start), end: position(end), next, kind, escaped });
        self.follows = true;
    }
}

/// Of what we write ourselves nothing comes near 4 GiB.
fn position(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::document::Document;
    use super::*;

    fn write(writer: &mut Writer, value: Value<'_>) {
        match value.kind() {
            Kind::Null => writer.null(),
            Kind::Bool => writer.bool(value.as_bool() == Some(true)),
            Kind::Number => writer.number(value.as_i64().unwrap()),
            Kind::String => writer.text(&value.as_str().unwrap()),
            Kind::Array => writer.array(|writer| value.items().for_each(|item| write(writer, item))),
            Kind::Object => writer.object(|writer| {
                for (key, member) in value.members() {
                    writer.key(&key.as_str().unwrap());
                    write(writer, member);
                }
            }),
        }
    }

    fn nodes(nodes: &[Node]) -> Vec<(u32, u32, u32, Kind, bool)> {
        // Whether a key of an object is escaped is noted for the search for twins only.
        let of = |node: &Node| node.escaped && node.kind == Kind::String;
        nodes.iter().map(|node| (node.start, node.end, node.next, node.kind, of(node))).collect()
    }

    #[test]
    fn what_stands_elsewhere_is_written_too() {
        let other = Document::parse(r#"{"a":[1,"x\ny"]}"#).unwrap();
        let mut writer = Writer::default();
        writer.array(|writer| {
            writer.shown(1.5);
            writer.value(other.root());
            assert!(writer.raw("{").is_err());
            writer.null();
        });
        assert_eq!(writer.json(), r#"["1.5",{"a":[1,"x\ny"]},null]"#);
        assert_eq!(writer.root().items().nth(1).unwrap().to_json(), r#"{"a":[1,"x\ny"]}"#);
        assert_eq!(writer.root().items().count(), 3);
    }

    proptest! {
        #[test]
        fn the_tape_is_the_one_that_reading_the_text_gives(value in super::super::value::tests::json()) {
            let document = Document::parse(value.to_string()).unwrap();
            let mut writer = Writer::default();
            writer.text("before");
            writer.clear();
            write(&mut writer, document.root());
            prop_assert_eq!(writer.json(), value.to_string());
            let mut tape = Tape::default();
            tape.parse(writer.json().as_bytes()).unwrap();
            prop_assert_eq!(nodes(&writer.nodes), nodes(&tape.nodes));
        }
    }
}
