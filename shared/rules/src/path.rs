//! Dotted paths into a document, through arrays to any of their elements.

use std::ops::ControlFlow;

use model::json::{Kind, Value};

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    /// A value that is no array.
    Value(Value<'a>),
    /// Something that could not be seen. The value says why.
    Hole(Value<'a>),
}

/// The member of an object that stands where something could not be read; at the root of a document: where some of
/// its members could not.
pub(crate) const UNAVAILABLE: &str = "$unavailable";

/// Arrays nested directly in each other are looked into so deep; what lies deeper counts as unseen.
const MAX_ARRAYS: usize = 32;

/// A path, split into the names on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segments {
    names: Vec<String>,
    /// From each name to the end as one key: flattened records have keys with dots.
    flat: Vec<String>,
}

impl Segments {
    pub(crate) fn new(path: &str) -> Self {
        let names: Vec<String> =
            if path.is_empty() { Vec::new() } else { path.split('.').map(str::to_owned).collect() };
        let flat = (0..names.len()).map(|at| names.get(at..).unwrap_or_default().join(".")).collect();
        Self { names, flat }
    }

    pub(crate) fn first(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    /// Whether the path is one name.
    pub(crate) fn is_single(&self) -> bool {
        self.names.len() == 1
    }

    /// Visits all that lies behind the names from `at` on, seen from `value`. With `twins`, every one of several
    /// members with the same name is followed, else the first.
    pub(crate) fn visit<'a, B>(
        &self,
        value: Value<'a>,
        at: usize,
        twins: bool,
        visit: &mut impl FnMut(Found<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.walk(value, at, twins, 0, visit)
    }

    fn walk<'a, B>(
        &self,
        value: Value<'a>,
        at: usize,
        twins: bool,
        arrays: usize,
        visit: &mut impl FnMut(Found<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if value.kind() == Kind::Array {
            if arrays >= MAX_ARRAYS {
                return visit(Found::Hole(value));
            }
            return value.items().try_for_each(|item| self.walk(item, at, twins, arrays + 1, visit));
        }
        let Some(name) = self.names.get(at) else {
            return visit(if is_hole(value) { Found::Hole(value) } else { Found::Value(value) });
        };
        if value.kind() != Kind::Object {
            return ControlFlow::Continue(());
        }
        let mut found = false;
        for member in value.all(name) {
            found = true;
            self.walk(member, at + 1, twins, 0, visit)?;
            if !twins {
                break;
            }
        }
        if !found
            && at + 1 < self.names.len()
            && let Some(key) = self.flat.get(at)
        {
            for member in value.all(key) {
                found = true;
                self.walk(member, self.names.len(), twins, 0, visit)?;
                if !twins {
                    break;
                }
            }
        }
        if !found && is_hole(value) {
            return visit(Found::Hole(value));
        }
        ControlFlow::Continue(())
    }
}

/// Visits every text, number and boolean beneath a value, and every hole in place of what it hides.
pub(crate) fn visit_scalars<'a, B>(
    value: Value<'a>,
    visit: &mut impl FnMut(Found<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value.kind() {
            Kind::Null => {}
            Kind::Array => open.extend(value.items()),
            Kind::Object if is_hole(value) => visit(Found::Hole(value))?,
            Kind::Object => open.extend(value.members().map(|(_, member)| member)),
            Kind::Bool | Kind::Number | Kind::String => visit(Found::Value(value))?,
        }
    }
    ControlFlow::Continue(())
}

/// Whether something beneath a value could not be seen.
pub(crate) fn holds_hole(value: Value<'_>) -> bool {
    visit_scalars(value, &mut |found| match found {
        Found::Value(_) => ControlFlow::Continue(()),
        Found::Hole(_) => ControlFlow::Break(()),
    })
    .is_break()
}

/// Whether an object stands where data could not be read: `{"$unavailable": reason}` in a document of a scan, and
/// `{"omitted": true, …}` where CloudTrail left out a field that was too large,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.
fn is_hole(value: Value<'_>) -> bool {
    value.kind() == Kind::Object
        && value.members().any(|(key, member)| {
            key.is_key(UNAVAILABLE)
                || (key.is_key("omitted")
                    && member.text().is_some_and(|text| text.eq_ignore_ascii_case("true")))
        })
}

#[cfg(test)]
mod tests {
    use model::json::Document;

    use super::*;

    fn found(document: &str, path: &str) -> Vec<String> {
        let document = Document::parse(document).unwrap();
        let mut seen = Vec::new();
        let _ = Segments::new(path).visit::<()>(document.root(), 0, false, &mut |found| {
            seen.push(match found {
                Found::Value(value) => value.to_json(),
                Found::Hole(_) => "hole".into(),
            });
            ControlFlow::Continue(())
        });
        seen
    }

    #[test]
    fn paths_go_through_arrays_and_flat_keys() {
        assert_eq!(found(r#"{"a":[{"b":1},{"b":[2,[3]]},{"c":4}]}"#, "a.b"), ["1", "2", "3"]);
        assert_eq!(found(r#"{"a.b":1,"c":{"d.e":2}}"#, "a.b"), ["1"]);
        assert_eq!(found(r#"{"c":{"d.e":2}}"#, "c.d.e"), ["2"]);
        assert!(found(r#"{"a":null}"#, "a.b").is_empty());
        assert_eq!(found(r#"{"a":null}"#, "a"), ["null"]);
    }

    #[test]
    fn what_could_not_be_seen_is_a_hole() {
        let omitted = r#"{"requestParameters":{"omitted":true,"reason":"too large"}}"#;
        assert_eq!(found(omitted, "requestParameters.policyDocument"), ["hole"]);
        assert_eq!(found(omitted, "requestParameters"), ["hole"]);
        assert_eq!(found(omitted, "requestParameters.omitted"), ["true"]);
        assert_eq!(found(r#"{"Policy":{"$unavailable":"Denied"}}"#, "Policy.Statement.Effect"), ["hole"]);
        assert_eq!(found(&format!("{{\"a\":{}1{}}}", "[".repeat(90), "]".repeat(90)), "a"), ["hole"]);
    }

    #[test]
    fn of_twins_the_first_is_followed_unless_all_are_asked_for() {
        let document = Document::parse(r#"{"a":1,"a":2}"#).unwrap();
        for (twins, expected) in [(false, 1), (true, 2)] {
            let mut count = 0;
            let _ = Segments::new("a").visit::<()>(document.root(), 0, twins, &mut |_| {
                count += 1;
                ControlFlow::Continue(())
            });
            assert_eq!(count, expected);
        }
    }
}
