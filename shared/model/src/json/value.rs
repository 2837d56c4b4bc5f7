//! A view of one value on a tape.

use std::borrow::Cow;

use super::tape::{Kind, Node};
use super::text::{escape_into, unescape};

/// One JSON value, borrowed from the bytes it was read from. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    bytes: &'a [u8],
    nodes: &'a [Node],
    at: u32,
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.to_json())
    }
}

impl<'a> Value<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8], nodes: &'a [Node], at: u32) -> Self {
        Self { bytes, nodes, at }
    }

    #[inline]
    fn node(self) -> Option<&'a Node> {
        self.nodes.get(self.at as usize)
    }

    #[inline]
    fn slice(self) -> &'a [u8] {
        self.node()
            .and_then(|node| self.bytes.get(node.start as usize..node.end as usize))
            .unwrap_or_default()
    }

    /// The kind of the value.
    #[inline]
    pub fn kind(self) -> Kind {
        self.node().map_or(Kind::Null, |node| node.kind)
    }

    /// Where on the tape the value stands; a key for caches, unique within one document.
    #[inline]
    pub fn position(self) -> u32 {
        self.at
    }

    /// The value at `position` of the same document.
    #[must_use]
    #[inline]
    pub fn at(self, position: u32) -> Self {
        Self { at: position, ..self }
    }

    /// The bytes of the value as they were written (a string with its quotation marks).
    pub fn raw(self) -> &'a [u8] {
        let Some(node) = self.node() else { return b"null" };
        let quote = usize::from(node.kind == Kind::String);
        self.bytes
            .get((node.start as usize).saturating_sub(quote)..node.end as usize + quote)
            .unwrap_or_default()
    }

    /// Where [`Value::raw`] starts.
    fn raw_start(self) -> usize {
        self.node()
            .map_or(0, |node| (node.start as usize).saturating_sub(usize::from(node.kind == Kind::String)))
    }

    /// Whether the value is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The text of a string, escapes undone; `None` for any other kind.
    #[inline]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let node = self.node()?;
        match (node.kind, node.escaped) {
            (Kind::String, true) => Some(unescape(self.slice())),
            (Kind::String, false) => Some(lossy(self.slice())),
            _ => None,
        }
    }

    /// The bytes of a string that holds no escapes: what a comparison can look at without decoding.
    #[inline]
    pub fn plain_bytes(self) -> Option<&'a [u8]> {
        self.node().filter(|node| node.kind == Kind::String && !node.escaped).map(|_| self.slice())
    }

    /// The text of a string, a number or a boolean; `None` for null, arrays and objects.
    #[inline]
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.kind() {
            Kind::String => self.as_str(),
            Kind::Number | Kind::Bool => Some(lossy(self.slice())),
            Kind::Null | Kind::Array | Kind::Object => None,
        }
    }

    /// A boolean.
    pub fn as_bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.slice() == b"true")
    }

    /// A number, or a string that is one. What is out of range becomes infinite, as a comparison wants it.
    pub fn as_f64(self) -> Option<f64> {
        match self.kind() {
            Kind::Number | Kind::String => {
                self.text()?.trim().parse().ok().filter(|number: &f64| !number.is_nan())
            }
            _ => None,
        }
    }

    /// A whole number, or a string that is one.
    pub fn as_i64(self) -> Option<i64> {
        match self.kind() {
            Kind::Number | Kind::String => self.text()?.trim().parse().ok(),
            _ => None,
        }
    }

    /// The member `key` of an object; of several with one name, the first.
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.all(key).next()
    }

    /// Every member `key` of an object: more than one where the text repeats a key.
    pub fn all(self, key: &str) -> impl Iterator<Item = Value<'a>> {
        self.members().filter(move |(name, _)| name.is_key(key)).map(|(_, value)| value)
    }

    /// Whether this string, as the key of an object, is `key`.
    #[inline]
    pub fn is_key(self, key: &str) -> bool {
        match self.plain_bytes() {
            Some(bytes) => bytes == key.as_bytes(),
            None => self.as_str().is_some_and(|text| text == key),
        }
    }

    /// The value behind a dotted path through objects, such as `userIdentity.sessionContext.attributes`.
    pub fn path(self, path: &str) -> Option<Value<'a>> {
        path.split('.').try_fold(self, Value::get)
    }

    /// The text behind a dotted path through objects.
    pub fn path_text(self, path: &str) -> Option<Cow<'a, str>> {
        self.path(path).and_then(Value::text)
    }

    /// The members of an object, as key and value; nothing for any other kind.
    #[inline]
    pub fn members(self) -> Members<'a> {
        let (at, end) = self.inside(Kind::Object);
        Members(Items { value: self, at, end })
    }

    /// The items of an array; nothing for any other kind.
    #[inline]
    pub fn items(self) -> Items<'a> {
        let (at, end) = self.inside(Kind::Array);
        Items { value: self, at, end }
    }

    /// The items of an array, or the value itself: CloudTrail writes a list of one as the item alone.
    pub fn items_or_self(self) -> Items<'a> {
        match self.node() {
            Some(node) if node.kind == Kind::Array => self.items(),
            Some(node) if node.kind != Kind::Null => Items { value: self, at: self.at, end: node.next },
            _ => Items { value: self, at: 0, end: 0 },
        }
    }

    /// Every value beneath this one that is a string, a number or a boolean, itself included; keys left out.
    pub fn scalars(self) -> impl Iterator<Item = Value<'a>> {
        let end = self.node().map_or(self.at, |node| node.next);
        let mut keys = Vec::new();
        (self.at..end).filter_map(move |at| {
            let value = self.at(at);
            while keys.last().is_some_and(|&(_, end)| at >= end) {
                keys.pop();
            }
            let is_key = match keys.last_mut() {
                Some((next_key, _)) if *next_key == at => {
                    *next_key = self.nodes.get(at as usize + 1).map_or(u32::MAX, |node| node.next);
                    true
                }
                _ => false,
            };
            match (value.kind(), value.node()) {
                (Kind::Object, Some(node)) => keys.push((at + 1, node.next)),
                // An array hides the keys of the object around it.
                (Kind::Array, Some(node)) => keys.push((u32::MAX, node.next)),
                _ => {}
            }
            (!is_key && matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool)).then_some(value)
        })
    }

    #[inline]
    fn inside(self, kind: Kind) -> (u32, u32) {
        match self.node() {
            Some(node) if node.kind == kind => (self.at + 1, node.next),
            _ => (0, 0),
        }
    }

    /// The value as JSON without white space.
    pub fn to_json(self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    /// Appends the value as JSON without white space. Text that was no Unicode is written as U+FFFD.
    pub fn write_json(self, json: &mut String) {
        self.write_json_hiding(json, &|_, _| false);
    }

    /// As [`Value::write_json`], with `"[secret]"` in place of each value for which `hide`, asked with the key of
    /// the member (or none, in an array) and the value, says so.
    pub fn write_json_hiding(self, json: &mut String, hide: &dyn Fn(Option<Value<'_>>, Value<'_>) -> bool) {
        // Containers that are open: where they end, whether they are objects, and how many nodes came directly.
        let mut open: Vec<(u32, bool, u32)> = Vec::new();
        let end = self.node().map_or(self.at, |node| node.next);
        // What is Unicode as a whole, as nearly everything is, is not looked at again piece by piece.
        let whole = std::str::from_utf8(self.raw()).ok();
        let before = self.raw_start();
        let mut at = self.at;
        let mut key = None;
        while at < end {
            let value = self.at(at);
            let Some(node) = value.node() else { return };
            let mut is_key = false;
            if let Some((_, is_object, count)) = open.last_mut() {
                is_key = *is_object && *count % 2 == 0;
                if *is_object && *count % 2 == 1 {
                    json.push(':');
                } else if *count > 0 {
                    json.push(',');
                }
                *count += 1;
            }
            let hidden = !is_key && hide(key.take(), value);
            if is_key {
                key = Some(value);
            }
            match node.kind {
                Kind::String | Kind::Number | Kind::Bool if hidden => json.push_str("\"[secret]\""),
                Kind::Object | Kind::Array => {
                    let is_object = node.kind == Kind::Object;
                    json.push(if is_object { '{' } else { '[' });
                    open.push((node.next, is_object, 0));
                }
                Kind::String if node.escaped => escape_into(json, &unescape(value.slice())),
                _ => {
                    let start = value.raw_start().saturating_sub(before);
                    match whole.and_then(|whole| whole.get(start..start + value.raw().len())) {
                        Some(text) => json.push_str(text),
                        None => json.push_str(&lossy(value.raw())),
                    }
                }
            }
            at += 1;
            while let Some(&(container_end, is_object, _)) = open.last() {
                if at < container_end {
                    break;
                }
                json.push(if is_object { '}' } else { ']' });
                open.pop();
            }
        }
    }
}

/// As `String::from_utf8_lossy`, which looks for what is wrong byte by byte; nearly always nothing is.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The items of an array.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    value: Value<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let item = self.value.at(self.at);
        self.at = item.node()?.next;
        Some(item)
    }
}

/// The members of an object.
#[derive(Debug, Clone)]
pub struct Members<'a>(Items<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (Value<'a>, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.next()?, self.0.next()?))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::document::Document;
    use super::*;

    const RECORD: &str =
        r#"{ "a": {"b": [1, {"c": "x\ny"}], "n": null}, "t": true, "k": ["v", ["w", 2]], "big": 1e999 }"#;

    #[test]
    fn values_are_found_by_path_and_kind() {
        let document = Document::parse(RECORD).unwrap();
        let root = document.root();
        assert_eq!(root.path("a.b").unwrap().items().count(), 2);
        assert_eq!(root.path("a.b").unwrap().items().nth(1).unwrap().path_text("c").unwrap(), "x\ny");
        assert!(root.path("a.n").unwrap().is_null());
        assert!(root.path("a.missing.further").is_none());
        assert_eq!(root.get("t").unwrap().as_bool(), Some(true));
        assert_eq!(root.get("big").unwrap().as_f64(), Some(f64::INFINITY));
        assert_eq!(root.get("t").unwrap().items_or_self().count(), 1);
        assert_eq!(root.path("a.n").unwrap().items_or_self().count(), 0);
    }

    #[test]
    fn scalars_are_all_values_and_no_keys() {
        let document = Document::parse(RECORD).unwrap();
        let texts: Vec<_> = document.root().scalars().filter_map(Value::text).collect();
        assert_eq!(texts, ["1", "x\ny", "true", "v", "w", "2", "1e999"]);
    }

    #[test]
    fn invalid_text_is_written_as_valid_json() {
        let document = Document::parse(&b"{\"a\":\"\xff\\ud800\"}"[..]).unwrap();
        assert_eq!(document.root().to_json(), "{\"a\":\"\u{fffd}\u{fffd}\"}");
    }

    pub(in super::super) fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map("[a-e\"\\\\]{0,3}", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_tape_reads_what_serde_json_reads(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
            let document = Document::parse(text).unwrap();
            prop_assert_eq!(document.ambiguous(), None);
            prop_assert_eq!(document.root().to_json(), value.to_string());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop::sample::select(&b"{}[],:\"\\ue1\x00\xff tn-"[..]), 0..60)) {
            if let Ok(document) = Document::parse(bytes) {
                let root = document.root();
                let _ = (root.to_json(), root.scalars().count(), root.members().count(), document.ambiguous());
            }
        }
    }
}
