//! One statement of a policy.

use std::borrow::Cow;

use model::json::Value;

use super::condition::Condition;
use super::principal::Principals;
use crate::arn::Arn;
use crate::glob;
use crate::loose::{field, items};

/// An element that lists patterns, or by its `Not` form all but those.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) not: bool,
    pub(crate) patterns: Vec<String>,
}

impl Element {
    /// Reads the element `name` or `Not` and `name`.
    fn read(statement: Value<'_>, name: &str) -> Option<Self> {
        let not = format!("Not{name}");
        let (not, value) = match field(statement, name) {
            Some(value) => (false, value),
            None => (true, field(statement, &not)?),
        };
        Some(Self { not, patterns: texts(value) })
    }
}

/// The texts of a list, or of one text alone.
pub(super) fn texts(value: Value<'_>) -> Vec<String> {
    items(value).into_iter().filter_map(Value::text).map(Cow::into_owned).collect()
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) allow: bool,
    pub(crate) actions: Element,
    /// A trust policy has none: the role itself is meant.
    pub(crate) resources: Option<Element>,
    /// A policy of an identity has none.
    pub(crate) principals: Option<Principals>,
    pub(crate) conditions: Vec<Condition>,
}

impl Statement {
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        let effect = field(value, "Effect").and_then(Value::as_str)?;
        Some(Self {
            allow: effect.eq_ignore_ascii_case("Allow"),
            actions: Element::read(value, "Action")?,
            resources: Element::read(value, "Resource"),
            principals: Principals::read(value),
            conditions: Condition::read_all(value),
        })
    }

    /// Whether the statement is about `action`, such as `iam:PassRole`.
    pub(super) fn names_action(&self, action: &str) -> bool {
        self.actions.not != self.actions.patterns.iter().any(|pattern| glob::matches(pattern, action))
    }

    /// Whether the statement is about every action of `service`.
    pub(super) fn names_service(&self, service: &str) -> bool {
        let service_of =
            |pattern: &str| pattern.split_once(':').map_or(pattern, |(service, _)| service).to_owned();
        let touches = |pattern: &&String| glob::matches(&service_of(pattern), service);
        let whole =
            |pattern: &String| pattern.split_once(':').is_none_or(|(_, action)| glob::is_everything(action));
        let mut touching = self.actions.patterns.iter().filter(touches);
        if self.actions.not { touching.next().is_none() } else { touching.any(whole) }
    }

    /// Whether the statement is about every action of every service. `NotAction` counts where it leaves IAM:
    /// whoever holds that can take the rest.
    pub(super) fn names_every_action(&self) -> bool {
        let everything = |pattern: &String| pattern.split(':').all(glob::is_everything);
        if self.actions.not {
            self.names_service("iam")
        } else {
            self.actions.patterns.iter().any(everything)
        }
    }

    /// Whether the statement is about everything: `*`, or all but something.
    pub(super) fn names_everything(&self) -> bool {
        let everything = |pattern: &String| glob::is_everything(pattern);
        self.resources
            .as_ref()
            .is_some_and(|resources| resources.not || resources.patterns.iter().any(everything))
    }

    /// Whether the statement is about all resources of `service`: `*`, or such as `arn:aws:s3:::*`.
    pub(super) fn names_all_of(&self, service: &str) -> bool {
        let all = |pattern: &String| {
            Arn::parse(pattern)
                .is_some_and(|arn| glob::matches(arn.service, service) && glob::is_everything(arn.resource))
        };
        let listed = |resources: &Element| !resources.not && resources.patterns.iter().any(all);
        self.names_everything() || self.resources.as_ref().is_some_and(listed)
    }

    /// Whether the statement is about all resources of some kind, such as `*` or `arn:aws:iam::*:role/*`.
    pub(super) fn names_all_of_a_kind(&self) -> bool {
        let all = |pattern: &String| is_all_of_a_kind(pattern);
        self.resources.as_ref().is_some_and(|resources| resources.not || resources.patterns.iter().any(all))
    }

    /// Whether the statement applies to whoever holds the policy, always.
    pub(super) fn is_plain_grant(&self) -> bool {
        self.principals.is_none() && self.conditions.is_empty()
    }
}

fn is_all_of_a_kind(pattern: &str) -> bool {
    let Some(arn) = Arn::parse(pattern) else { return glob::is_everything(pattern) };
    // Of S3 what stands before the `/` is one bucket, not a kind.
    let name = match arn.resource.split_once(['/', ':']) {
        Some((kind, name)) if arn.service != "s3" && !glob::has_wildcard(kind) => name,
        _ => arn.resource,
    };
    glob::is_everything(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_kind_is_told_from_some() {
        for (pattern, all) in [
            ("*", true),
            ("arn:aws:iam::*:role/*", true),
            ("arn:aws:iam::111122223333:*", true),
            ("arn:aws:lambda:*:*:function:*", true),
            ("arn:aws:s3:::*", true),
            ("arn:aws:s3:::bucket/*", false),
            ("arn:aws:iam::*:role/app-*", false),
            ("arn:aws:iam::*:role/app", false),
            ("", false),
        ] {
            assert_eq!(is_all_of_a_kind(pattern), all, "{pattern}");
        }
    }
}
