//! How resources of a type are called: from any form in which AWS writes it to the one under which they are kept.

use catalog::resource::{Listing, Row};
use serde::{Deserialize, Serialize};

use super::form::{Fields, Form};
use super::place::{Spot, is_account};

/// Which resource of a type, or which resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reference {
    /// The one with this id, as [`crate::collect::Resource::id`] has it.
    Id(String),
    /// The one with this ARN, whose id does not stand in it.
    Arn(String),
    /// The one with this name, which is not its id.
    Name(String),
    /// Those whose documents have, at each path, one of the values: what they are linked with.
    Where(Vec<(String, Vec<String>)>),
    /// All of the type at the place.
    All,
}

/// What is known of a type's ids.
#[derive(Debug)]
pub(super) struct Identity {
    member: Option<String>,
    by_arn: bool,
    lower: bool,
    /// Its ids are unique beneath a parent only.
    scoped: bool,
    arns: Vec<Form>,
    id: Option<Form>,
    ends: Vec<Form>,
}

impl Identity {
    pub(super) fn of(row: &Row) -> Self {
        let member = row.id_member().map(str::to_owned);
        let mut arns: Vec<Form> = row.known_as.arn.iter().map(|arn| Form::parse(arn)).collect();
        let own = Form::parse(&row.arn);
        // A template that is but a member of the document has no form to be told by.
        if arns.is_empty() && member.is_some() && row.arn.starts_with("arn:") {
            arns.push(own);
        }
        let id = row.known_as.id.as_deref().map(Form::parse);
        let by_arn = row.is_known_by_arn();
        let is_enough = |form: &&Form| {
            let mut fields = form.own_fields();
            if by_arn {
                // Only if there is nothing in the ARN but one name can the ARN be made of that name.
                fields.next().is_some() && fields.next().is_none()
            } else {
                id.is_some() || fields.any(|field| Some(field) == member.as_deref())
            }
        };
        let named = arns.iter().filter(is_enough);
        let most = if by_arn { 1 } else { usize::MAX };
        let ends = named.take(most).flat_map(|form| form.ends(member.as_deref())).collect();
        let scoped = !by_arn && matches!(row.listing, Listing::Within { .. });
        Self { member, by_arn, lower: row.known_as.lower, scoped, arns, id, ends }
    }

    /// The fields of an ARN, if it is one of the type.
    pub(super) fn of_arn<'f, 't>(&'f self, arn: &'t str) -> Option<Fields<'f, 't>> {
        let fields = self.arns.iter().find_map(|form| form.fields(arn))?;
        // Policies of AWS itself and the like are nobody's resources.
        let is_owned =
            |(name, value): &(&str, &str)| *name != "account" || value.is_empty() || is_account(value);
        fields.iter().all(is_owned).then_some(fields)
    }

    /// What `text` refers to, and where that is. `None`: it is the ARN of something else.
    pub(super) fn refer(&self, text: &str, spot: &Spot) -> Option<(Reference, Spot)> {
        let text = text.trim();
        if text.starts_with("arn:") {
            // CloudWatch Logs writes the ARN of a group with its streams.
            let arn = text.strip_suffix(":*").unwrap_or(text);
            return self.refer_by_arn(arn, spot).map(|reference| (reference, spot.of_arn(arn)));
        }
        Some((self.refer_by_text(text, spot), spot.clone()))
    }

    fn refer_by_arn(&self, arn: &str, spot: &Spot) -> Option<Reference> {
        if self.arns.is_empty() {
            let arn = arn.to_owned();
            return Some(if self.by_arn { Reference::Id(arn) } else { Reference::Arn(arn) });
        }
        let fields = self.of_arn(arn)?;
        if self.by_arn {
            return Some(Reference::Id(arn.to_owned()));
        }
        let id = if self.scoped { None } else { self.made_of(&fields, &spot.of_arn(arn)) };
        Some(id.map_or_else(|| Reference::Arn(arn.to_owned()), Reference::Id))
    }

    fn refer_by_text(&self, text: &str, spot: &Spot) -> Reference {
        let found = self.id.iter().chain(&self.ends).find_map(|form| {
            let fields = form.fields(text)?;
            if self.by_arn { self.arn_of(&fields, spot) } else { self.made_of(&fields, spot) }
        });
        match found {
            Some(id) => Reference::Id(id),
            // Not in the form that AWS would choose, yet by no name either.
            None if self.ends.is_empty() && !self.by_arn => Reference::Id(self.cased(text)),
            None if text.contains("://") => Reference::Id(text.to_owned()),
            None => Reference::Name(text.to_owned()),
        }
    }

    /// The id that fields make.
    fn made_of(&self, fields: &Fields<'_, '_>, spot: &Spot) -> Option<String> {
        let value = |name: &str| told(fields, name).or_else(|| spot.field(name));
        let id = match &self.id {
            Some(form) => form.filled(value),
            None => told(fields, self.member.as_deref()?).map(str::to_owned),
        };
        id.map(|id| self.cased(&id))
    }

    /// The ARN that fields make.
    fn arn_of(&self, fields: &Fields<'_, '_>, spot: &Spot) -> Option<String> {
        let value = |name: &str| told(fields, name).or_else(|| spot.field(name));
        self.arns.iter().find_map(|form| form.filled(value))
    }

    /// What is known of a resource from its id or ARN alone: the fields of it, and its ARN if that can be made.
    pub(super) fn fields_of(&self, key: &str, spot: &Spot) -> Vec<(String, String)> {
        let mut known: Vec<(String, String)> = Vec::new();
        let fields = if key.starts_with("arn:") {
            self.of_arn(key)
        } else {
            self.id.iter().chain(&self.ends).find_map(|form| form.fields(key))
        };
        let fields = fields.unwrap_or_default();
        let arn = if key.starts_with("arn:") { Some(key.to_owned()) } else { self.arn_of(&fields, spot) };
        let id = self.refer(key, spot).and_then(|(reference, _)| match reference {
            Reference::Id(id) => Some(id),
            _ => None,
        });
        known.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        known.retain(|(name, _)| name != "id" && name != "arn");
        // Of ids that are unique beneath a parent only, the ARN holds the id too.
        let id = id.or_else(|| if key.starts_with("arn:") { self.made_of(&fields, spot) } else { None });
        known.extend(id.map(|id| ("id".to_owned(), id)));
        known.extend(arn.map(|arn| ("arn".to_owned(), arn)));
        known
    }

    fn cased(&self, id: &str) -> String {
        if self.lower { id.to_lowercase() } else { id.to_owned() }
    }
}

fn told<'t>(fields: &Fields<'_, 't>, name: &str) -> Option<&'t str> {
    fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value).filter(|value| !value.is_empty())
}
