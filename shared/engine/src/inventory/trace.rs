//! What requests say of a part of a difference.

use std::collections::BTreeSet;

use catalog::resource::How;
use model::{Call, Effect, Untrusted};
use serde_json::Value;

use super::canonical;
use super::delta::Delta;
use crate::mapping::outcome::told_by;

/// One part of a difference: in which member it is, and the texts that stood there, and that stand there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(super) member: String,
    /// It is an element of a list, or inside one: other calls change other elements.
    listed: bool,
    was: BTreeSet<String>,
    is: BTreeSet<String>,
    around: BTreeSet<String>,
    /// The names of the members that it is made of, in small letters.
    names: BTreeSet<String>,
    /// Of an element of a list that came or went as one: the elements of its own lists, which several calls may have put.
    pub(super) inner: Vec<Self>,
}

/// What a request has to do with a part as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// It asks for this; the more of it, the greater the number.
    For(usize),
    /// It asks for something else in its place.
    Against,
    /// It does not speak of it.
    Silent,
}

impl Trace {
    pub(super) fn of(delta: &Delta) -> Self {
        let around = Value::Object(delta.around.clone());
        Self::new(delta.path(), delta.before.as_ref(), delta.after.as_ref(), Some(&around))
    }

    /// The parts of a change as a patch has it.
    pub(crate) fn of_patch(patch: &Untrusted) -> Vec<Self> {
        let text = patch.to_document().map(|document| document.bytes().to_vec()).unwrap_or_default();
        let operations: Vec<Value> = serde_json::from_slice(&text).unwrap_or_default();
        let trace = |operation: &Value| {
            let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
            Self::new(path, operation.get("was"), operation.get("value"), operation.get("in"))
        };
        operations.iter().map(trace).collect()
    }

    fn new(path: &str, was: Option<&Value>, is: Option<&Value>, around: Option<&Value>) -> Self {
        let mut steps = path.split('/').skip(1);
        let member = steps.next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let is_place = |step: &str| step == "-" || step.bytes().all(|byte| byte.is_ascii_digit());
        let listed = steps.clone().any(is_place);
        let mut names = BTreeSet::new();
        names.extend(path.rsplit('/').find(|step| !is_place(step)).map(str::to_ascii_lowercase));
        for value in [was, is].into_iter().flatten() {
            names_in(value, &mut names);
        }
        let inner = if listed { Self::within(path, was, is) } else { Vec::new() };
        Self { member, listed, was: texts(was), is: texts(is), around: texts(around), names, inner }
    }

    fn within(path: &str, was: Option<&Value>, is: Option<&Value>) -> Vec<Self> {
        let (whole, is_new) = match (was, is) {
            (None, Some(whole)) => (whole, true),
            (Some(whole), None) => (whole, false),
            _ => return Vec::new(),
        };
        let members = || whole.as_object().into_iter().flatten();
        let plain = members().filter(|(_, value)| !value.is_array() && !value.is_object());
        let around = Value::Object(plain.map(|(key, value)| (key.clone(), value.clone())).collect());
        let items = members().filter_map(|(key, value)| Some((key, value.as_array()?)));
        let items = items.flat_map(|(key, items)| items.iter().map(move |item| (key, item)));
        let inner: Vec<Self> = items
            .map(|(key, item)| {
                let (was, is) = if is_new { (None, Some(item)) } else { (Some(item), None) };
                Self::new(&format!("{path}/{key}/-"), was, is, Some(&around))
            })
            .collect();
        if inner.len() > 1 { inner } else { Vec::new() }
    }

    /// Whether it is an element of a list, or inside one.
    pub(super) const fn is_listed(&self) -> bool {
        self.listed
    }

    /// Whether nothing stands there now.
    pub(super) fn is_empty(&self) -> bool {
        self.is.is_empty()
    }

    /// What a request asks for, where the requests that ask for this part ask for at most `best`, and have one of
    /// `names`.
    pub(super) fn stance(&self, call: &Call, best: usize, names: &BTreeSet<&Untrusted>) -> Stance {
        let said = said(call);
        let speaks = |of: &BTreeSet<String>| said.texts.intersection(of).count();
        let score = self.score(call, &said);
        if score == best && best > 0 {
            return Stance::For(score);
        }
        let (new, gone): (BTreeSet<_>, BTreeSet<_>) = (
            self.is.difference(&self.was).cloned().collect(),
            self.was.difference(&self.is).cloned().collect(),
        );
        let around = speaks(&self.around);
        let opposes = if takes(call) {
            // What takes away exactly what is there now, or all of the member.
            let is_it = speaks(&new) > 0 && speaks(&new) + around >= best;
            let is_all = !self.listed && !new.is_empty() && !call.facets.is_empty();
            is_it || is_all
        } else {
            let puts_back = speaks(&gone) > 0 && speaks(&new) == 0 && around == self.around.len();
            let overwrites = !self.listed
                && names.contains(&call.name)
                && said.names.intersection(&self.names).next().is_some();
            // A member that a call fills is not empty.
            let fills = self.is.is_empty() && !self.listed && !call.facets.is_empty() && said.texts.len() > 1;
            puts_back || overwrites || fills
        };
        if opposes {
            Stance::Against
        } else if score > 0 {
            Stance::For(score)
        } else {
            Stance::Silent
        }
    }

    /// Whether a call that asks for something else may yet have turned a verdict, on the way from what was there: it puts
    /// something in the member's place, and not what stood there before.
    pub(super) fn is_on_the_way(&self, call: &Call) -> bool {
        let restores = if takes(call) {
            self.was.is_empty()
        } else {
            said(call).texts.intersection(&self.was).any(|text| !self.is.contains(text))
        };
        !self.listed && !restores
    }

    /// Whether a call puts what is away now: then it did not take it away.
    pub(super) fn is_put_by(&self, call: &Call) -> bool {
        let said = said(call).texts;
        let mut gone = self.was.difference(&self.is).peekable();
        !takes(call) && gone.peek().is_some() && gone.all(|text| said.contains(text))
    }

    /// Whether a call took away the element of a list in whose place another one stands now.
    pub(super) fn is_taken_by(&self, call: &Call) -> bool {
        let mut gone = self.was.difference(&self.is).peekable();
        let is_swap = self.listed && !self.is.is_empty() && gone.peek().is_some();
        is_swap && takes(call) && {
            let said = said(call).texts;
            gone.all(|text| said.contains(text))
        }
    }

    /// How much a request says of what is there now, or, if it takes something away, of what was there. What is away
    /// was taken away rather than put.
    pub(super) fn said_by(&self, call: &Call) -> usize {
        self.score(call, &said(call))
    }

    fn score(&self, call: &Call, said: &Said) -> usize {
        let speaks = |of: &BTreeSet<String>| said.texts.intersection(of).count();
        // The same range of other ports is another one.
        let around = speaks(&self.around);
        if takes(call) {
            let adds = !self.is.is_subset(&self.was);
            let gone = self.was.difference(&self.is).filter(|text| said.texts.contains(*text)).count();
            if gone == 0 && adds {
                return 0;
            }
            return gone + around + usize::from(self.is.is_empty());
        }
        let is = speaks(&self.is);
        let is_named = || said.names.intersection(&self.names).next().is_some();
        if is == 0 || (self.is.iter().all(is_word) && !is_named()) { 0 } else { is + around }
    }
}

fn texts(value: Option<&Value>) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    if let Some(value) = value {
        canonical::texts(value, &mut texts);
    }
    texts
}

/// The names of all members in a value, in small letters.
fn names_in(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            names.insert(name.to_ascii_lowercase());
            names_in(value, names);
        }),
        Value::Array(items) => items.iter().for_each(|item| names_in(item, names)),
        _ => {}
    }
}

/// Whether a call takes something away.
pub(super) fn takes(call: &Call) -> bool {
    TAKE.iter().any(|verb| call.name.begins_with(verb))
}

/// Whether a call makes something.
pub(crate) fn makes(call: &Call) -> bool {
    MAKE.iter().any(|verb| call.name.begins_with(verb))
}

/// Whether a call may have made something, as far as its name tells: what concerns a facet alone, or takes something
/// away, changes what is there.
pub(super) fn may_make(call: &Call) -> bool {
    let changes = CHANGE.iter().any(|verb| call.name.begins_with(verb));
    call.effect == Effect::Upsert && call.facets.is_empty() && !takes(call) && !changes
}

/// Whether a call may change a member of a document.
pub(super) fn may_change(call: &Call, member: &str) -> bool {
    if call.effect == Effect::Tags {
        return member.to_ascii_lowercase().contains("tag");
    }
    call.facets.is_empty() || call.facets.iter().any(|facet| facet.eq_ignore_ascii_case(member))
}

/// How the names of calls begin that make something.
const MAKE: &[&str] =
    &["Create", "Run", "Register", "Import", "Allocate", "Copy", "Restore", "Request", "Launch", "Subscribe"];

/// How the names of calls begin that change what is there.
const CHANGE: &[&str] = &["Authorize", "Modify", "Set", "Tag", "Update"];

/// How the names of calls begin that take something away from a resource.
const TAKE: &[&str] =
    &["Revoke", "Delete", "Remove", "Detach", "Disassociate", "Disable", "Untag", "Deregister"];

/// What a request says: its texts, and the names of its members in small letters.
pub(super) struct Said {
    pub(super) texts: BTreeSet<String>,
    names: BTreeSet<String>,
}

/// What a call says: what its request asks for and, of what it takes away, what else its record tells.
pub(super) fn said(call: &Call) -> Said {
    let mut said = asked(call);
    if takes(call) {
        let taken = told_by(call).into_iter().filter(|set| set.how == How::Take);
        taken.for_each(|set| canonical::texts(&set.value(), &mut said.texts));
    }
    said
}

/// What its request asks for.
pub(super) fn asked(call: &Call) -> Said {
    let mut said = Said { texts: BTreeSet::new(), names: BTreeSet::new() };
    if let Ok(document) = call.request.to_document()
        && let Ok(request) = serde_json::from_slice::<Value>(document.bytes())
    {
        canonical::texts(&request, &mut said.texts);
        names_in(&request, &mut said.names);
    }
    said
}

/// Whether a document is as a call that changes it would leave it: it has what the request says, or, where something is
/// taken away, has not all of it.
pub(crate) fn is_as_said(call: &Call, document: &serde_json::Map<String, Value>) -> bool {
    let mut there = BTreeSet::new();
    document.values().for_each(|value| canonical::texts(value, &mut there));
    let said = asked(call).texts;
    // What names the resource itself stands in requests in many forms; no resource is named true or false.
    let absent = || said.iter().filter(|text| !there.contains(*text));
    let (missing, names_all) = (absent().count(), !absent().any(is_word));
    // What names nothing but the resource takes all that its facets say.
    let is_empty = |facet: &String| document.get(facet).is_none_or(|value| texts(Some(value)).is_empty());
    if takes(call) {
        missing > 1 || (said.len() <= 1 && call.facets.iter().all(is_empty))
    } else {
        missing <= 1 && names_all
    }
}

/// Whether a text says that something is so or not, as every other request does.
fn is_word(text: &String) -> bool {
    text == "true" || text == "false"
}
