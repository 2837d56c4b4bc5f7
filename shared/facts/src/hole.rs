//! Holes: what a scan could not read, and what can be said all the same.
//!
//! In place of a member that could not be read a document holds `{"$unavailable": reason, …}`. What depends on
//! it is that same hole, with the call and the permission that it names, and never a no. What does not depend
//! on it is said: the logic is Kleene's.

use model::json::{Kind, Value, Writer};

use crate::json_out::{Members, array};
use crate::loose::{field, items};

/// The mark of a hole.
const MARK: &str = "$unavailable";

/// An object that stands where something could not be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hole<'a>(Value<'a>);

/// Something that is known, or the hole that hides it.
pub(crate) type Known<'a, T> = Result<T, Hole<'a>>;

impl<'a> Hole<'a> {
    /// `value`, if it is a hole.
    fn at(value: Value<'a>) -> Option<Self> {
        (value.kind() == Kind::Object && value.get(MARK).is_some()).then_some(Self(value))
    }

    /// The first hole in `value`, itself included.
    pub(crate) fn within(value: Value<'a>) -> Option<Self> {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            if let Some(hole) = Self::at(value) {
                return Some(hole);
            }
            open.extend(value.items());
            open.extend(value.members().map(|(_, member)| member));
        }
        None
    }

    /// Appends the hole as it stands.
    pub(crate) fn write(self, out: &mut Writer) {
        out.value(self.0);
    }
}

/// The member `name` with all that is in it; nothing where it is missing or null.
pub(crate) fn member<'a>(document: Value<'a>, name: &str) -> Known<'a, Option<Value<'a>>> {
    let found = field(document, name);
    match found.and_then(Hole::within).or_else(|| Hole::at(document)) {
        Some(hole) => Err(hole),
        None => Ok(found),
    }
}

/// Appends what `write` makes of something known, or the hole.
pub(crate) fn write<T>(known: Known<'_, T>, out: &mut Writer, write: impl FnOnce(T, &mut Writer)) {
    match known {
        Ok(value) => write(value, out),
        Err(hole) => hole.write(out),
    }
}

/// Whether both hold.
pub(crate) fn both<'a>(one: Known<'a, bool>, other: Known<'a, bool>) -> Known<'a, bool> {
    match (one, other) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (Err(hole), _) | (_, Err(hole)) => Err(hole),
        (Ok(true), Ok(true)) => Ok(true),
    }
}

/// Whether one of them holds.
pub(crate) fn either<'a>(one: Known<'a, bool>, other: Known<'a, bool>) -> Known<'a, bool> {
    match (one, other) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (Err(hole), _) | (_, Err(hole)) => Err(hole),
        (Ok(false), Ok(false)) => Ok(false),
    }
}

/// A list of which a part may be hidden.
#[derive(Debug)]
pub(crate) struct Gathered<'a, T> {
    pub(crate) items: Vec<T>,
    /// What hides more of them.
    pub(crate) hole: Option<Hole<'a>>,
}

impl<T> Default for Gathered<'_, T> {
    fn default() -> Self {
        Self { items: Vec::new(), hole: None }
    }
}

impl<'a> Gathered<'a, Value<'a>> {
    /// What is there, if it is, with all that is in it.
    pub(crate) fn one(value: Option<Value<'a>>) -> Self {
        let hole = value.and_then(Hole::within);
        Self { items: value.filter(|_| hole.is_none()).into_iter().collect(), hole }
    }

    /// What `path` leads to, through lists, up to the holes on the way.
    pub(crate) fn at(document: Value<'a>, path: &str) -> Self {
        let start = Self { items: vec![document], hole: None };
        path.split('.').fold(start, |seen, name| seen.and_then(|value| Self::shallow_list(value, name)))
    }

    /// The items of the member `name`: those with a hole in them are hidden.
    pub(crate) fn list(document: Value<'a>, name: &str) -> Self {
        Self::items(document, name, Hole::within)
    }

    /// The items of the member `name`: those that are holes are hidden, and others may have holes in them.
    pub(crate) fn shallow_list(document: Value<'a>, name: &str) -> Self {
        Self::items(document, name, Hole::at)
    }

    fn items(document: Value<'a>, name: &str, hole_of: impl Fn(Value<'a>) -> Option<Hole<'a>>) -> Self {
        let mut gathered = Self { items: Vec::new(), hole: Hole::at(document) };
        for item in field(document, name).map(items).unwrap_or_default() {
            match hole_of(item) {
                Some(hole) => gathered.hide(hole),
                None => gathered.items.push(item),
            }
        }
        gathered
    }
}

impl<'a, T> Gathered<'a, T> {
    /// Notes that there may be more behind `hole`.
    pub(crate) fn hide(&mut self, hole: Hole<'a>) {
        self.hole.get_or_insert(hole);
    }

    /// Takes over what `others` hold.
    pub(crate) fn extend(&mut self, others: Self) {
        self.items.extend(others.items);
        self.hole = self.hole.or(others.hole);
    }

    /// Each item as what `read` makes of it.
    pub(crate) fn flat_map<U>(self, read: impl FnMut(T) -> Vec<U>) -> Gathered<'a, U> {
        Gathered { items: self.items.into_iter().flat_map(read).collect(), hole: self.hole }
    }

    /// Each item as what `read` can see of it.
    pub(crate) fn and_then<U>(self, read: impl FnMut(T) -> Gathered<'a, U>) -> Gathered<'a, U> {
        let mut all = Gathered { items: Vec::new(), hole: self.hole };
        self.items.into_iter().map(read).for_each(|part| all.extend(part));
        all
    }

    /// Whether `holds` is true of an item.
    pub(crate) fn any(&self, holds: impl FnMut(&T) -> bool) -> Known<'a, bool> {
        match self.hole {
            _ if self.items.iter().any(holds) => Ok(true),
            Some(hole) => Err(hole),
            None => Ok(false),
        }
    }

    /// Appends the list. What is hidden is one more item, or all there is to say.
    pub(crate) fn write(&self, out: &mut Writer, mut write: impl FnMut(&T, &mut Writer)) {
        match self.hole {
            Some(hole) if self.items.is_empty() => hole.write(out),
            hole => {
                let known = self.items.iter().map(Ok).chain(hole.map(Err));
                array(out, known, |known, out| self::write(known, out, &mut write));
            }
        }
    }
}

impl<T: AsRef<str>> Gathered<'_, T> {
    /// Appends the list of texts.
    pub(crate) fn write_texts(&self, out: &mut Writer) {
        self.write(out, |text, out| out.text(text.as_ref()));
    }
}

impl Members<'_> {
    /// Writes a yes, a no or a hole.
    pub(crate) fn known_flag(&mut self, key: &'static str, flag: Known<'_, bool>) {
        self.known_maybe_flag(key, flag.map(Some));
    }

    /// Writes a yes, a no, `null` for neither, or a hole.
    pub(crate) fn known_maybe_flag(&mut self, key: &'static str, flag: Known<'_, Option<bool>>) {
        match flag {
            Ok(flag) => self.maybe_flag(key, flag),
            Err(hole) => hole.write(self.value(key)),
        }
    }

    /// Writes what `write` makes of something known, or the hole.
    pub(crate) fn known<T>(
        &mut self,
        key: &'static str,
        known: Known<'_, T>,
        write: impl FnOnce(T, &mut Writer),
    ) {
        self::write(known, self.value(key), write);
    }
}
