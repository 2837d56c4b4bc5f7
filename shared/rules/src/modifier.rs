//! A key of a search: the field's path and the modifiers behind it, such as `userAgent|contains|all`.
//!
//! Sigma modifiers: "Value Modifiers", appendix of the Sigma specification 2.1,
//! <https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-modifiers.md>.
//! `older_than` and `newer_than` are additions of this product.

use crate::calendar::Unit;
use crate::code::Code;
use crate::error::{Place, RuleError};
use crate::near::did_you_mean;

/// What a modifier does to a value or to the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modifier {
    Contains,
    StartsWith,
    EndsWith,
    All,
    Neq,
    Cased,
    Exists,
    Expand,
    FieldRef,
    Cidr,
    Windash,
    Base64,
    Base64Offset,
    Utf16,
    Utf16Le,
    Utf16Be,
    Re,
    IgnoreCase,
    Multiline,
    DotAll,
    Lt,
    Lte,
    Gt,
    Gte,
    OlderThan,
    NewerThan,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// Every modifier by the name it has in rules.
pub(crate) const MODIFIERS: &[(&str, Modifier)] = &[
    ("contains", Modifier::Contains),
    ("startswith", Modifier::StartsWith),
    ("endswith", Modifier::EndsWith),
    ("all", Modifier::All),
    ("neq", Modifier::Neq),
    ("cased", Modifier::Cased),
    ("exists", Modifier::Exists),
    ("expand", Modifier::Expand),
    ("fieldref", Modifier::FieldRef),
    ("cidr", Modifier::Cidr),
    ("windash", Modifier::Windash),
    ("base64", Modifier::Base64),
    ("base64offset", Modifier::Base64Offset),
    ("utf16", Modifier::Utf16),
    ("utf16le", Modifier::Utf16Le),
    ("utf16be", Modifier::Utf16Be),
    ("wide", Modifier::Utf16Le),
    ("re", Modifier::Re),
    ("i", Modifier::IgnoreCase),
    ("m", Modifier::Multiline),
    ("s", Modifier::DotAll),
    ("lt", Modifier::Lt),
    ("lte", Modifier::Lte),
    ("gt", Modifier::Gt),
    ("gte", Modifier::Gte),
    ("older_than", Modifier::OlderThan),
    ("newer_than", Modifier::NewerThan),
    ("minute", Modifier::Minute),
    ("hour", Modifier::Hour),
    ("day", Modifier::Day),
    ("week", Modifier::Week),
    ("month", Modifier::Month),
    ("year", Modifier::Year),
];

/// A field and how its value is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The path, empty for a search over all values.
    pub(crate) path: String,
    pub(crate) modifiers: Vec<Modifier>,
}

impl Field {
    /// Reads a key.
    pub(crate) fn parse(key: &str, place: Place) -> Result<Self, RuleError> {
        let mut parts = key.split('|');
        let path = parts.next().unwrap_or_default().trim().to_owned();
        let modifiers = parts.map(|name| modifier(name.trim(), place)).collect::<Result<Vec<_>, _>>()?;
        let field = Self { path, modifiers };
        field.check(place)?;
        Ok(field)
    }

    pub(crate) fn has(&self, modifier: Modifier) -> bool {
        self.modifiers.contains(&modifier)
    }

    /// Refuses modifiers that contradict each other: the field can be compared in one way only, and other forms of a
    /// value are forms of text.
    fn check(&self, place: Place) -> Result<(), RuleError> {
        use Modifier as M;
        let substring = [M::Contains, M::StartsWith, M::EndsWith];
        let ways = [M::Re, M::Cidr, M::Exists, M::Lt, M::Lte, M::Gt, M::Gte, M::OlderThan, M::NewerThan];
        let utf16 = [M::Utf16, M::Utf16Le, M::Utf16Be];
        let base64 = [M::Base64, M::Base64Offset];
        let count = |of: &[Modifier]| of.iter().filter(|modifier| self.has(**modifier)).count();
        let substrings = count(&substring);
        let others = count(&ways);
        // The number of a unit is compared by order, or is equal.
        let units = Unit::modifiers().filter(|modifier| self.has(*modifier)).count();
        let orders = count(&[M::Lt, M::Lte, M::Gt, M::Gte]);
        let is_text = others + units == 0 && !self.has(M::FieldRef);
        let has_forms = count(&utf16) + count(&base64) + count(&[M::Windash]) > 0;
        if substrings + others > 1
            || (others + units > 0 && self.has(M::FieldRef))
            || units > 1
            || (units > 0 && substrings + others > orders)
            || (has_forms && !is_text)
            || count(&utf16) > 1
            || count(&base64) > 1
        {
            return Err(RuleError::new(
                Code::ModifiersContradict,
                place,
                format!("the modifiers of `{}` contradict each other", self.path),
                "keep one way to compare, and split the rest into a second key",
            ));
        }
        let flags = [M::IgnoreCase, M::Multiline, M::DotAll];
        if !self.has(M::Re) && flags.iter().any(|flag| self.has(*flag)) {
            return Err(RuleError::new(
                Code::RegexFlagAlone,
                place,
                "`i`, `m` and `s` belong behind `re`",
                "write `|re|i`",
            ));
        }
        Ok(())
    }
}

fn modifier(name: &str, place: Place) -> Result<Modifier, RuleError> {
    MODIFIERS.iter().find(|(known, _)| *known == name).map(|(_, modifier)| *modifier).ok_or_else(|| {
        let remedy = did_you_mean(name, MODIFIERS.iter().map(|(known, _)| *known), "the modifiers");
        RuleError::new(Code::UnknownModifier, place, format!("unknown modifier `{name}`"), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_mistakes_named() {
        let field = Field::parse("requestParameters.a|contains|all", Place::default()).unwrap();
        assert_eq!(field.path, "requestParameters.a");
        assert_eq!(field.modifiers, [Modifier::Contains, Modifier::All]);
        let error = |key: &str| Field::parse(key, Place::default()).unwrap_err();
        assert_eq!(error("a|contain").remedy, "did you mean `contains`?");
        assert!(error("a|zzzzzzzz").remedy.starts_with("the modifiers are contains"));
        assert!(error("a|contains|cidr").problem.contains("contradict"));
        assert!(error("a|hour|day").problem.contains("contradict"));
        assert!(error("a|hour|contains").problem.contains("contradict"));
        assert!(Field::parse("a|hour|gte|neq", Place::default()).is_ok());
        assert!(error("a|i").problem.contains("behind `re`"));
    }
}
