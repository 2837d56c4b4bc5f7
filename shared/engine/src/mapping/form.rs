//! Forms of ids and ARNs: templates that text is held against, and made of.

/// The fields that say where something is.
const PLACE: &[&str] = &["partition", "region", "account", "domain"];

/// Longer texts are no ids. "An ARN can be up to 2048 characters", by the services with the longest names.
const LONGEST: usize = 2048;

/// The fields of a text, by name.
pub(super) type Fields<'f, 't> = Vec<(&'f str, &'t str)>;

/// A compiled template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field { name: String, any: bool },
    Star,
}

impl Form {
    pub(super) fn parse(template: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '*']) {
            let (before, after) = rest.split_at(at);
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            rest = match after.strip_prefix('*') {
                Some(after) => {
                    pieces.push(Piece::Star);
                    after
                }
                None => {
                    let (name, after) =
                        after.get(1..).unwrap_or_default().split_once('}').unwrap_or_default();
                    let plain = name.strip_prefix('+');
                    let any = plain.is_some();
                    pieces.push(Piece::Field { name: plain.unwrap_or(name).to_owned(), any });
                    after
                }
            };
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Self { pieces }
    }

    /// The names of the fields that do not say where something is.
    pub(super) fn own_fields(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field { name, .. } if !PLACE.contains(&name.as_str()) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether texts may hold more than the fields say, so that the form alone makes no text.
    fn has_star(&self) -> bool {
        self.pieces.contains(&Piece::Star)
    }

    /// The fields of `text`, if it has this form.
    pub(super) fn fields<'f, 't>(&'f self, text: &'t str) -> Option<Fields<'f, 't>> {
        let mut fields = Vec::new();
        (text.len() <= LONGEST && fits(&self.pieces, text, &mut fields)).then_some(fields)
    }

    /// The ends of the form by which callers may name the same thing: from the account on, from the resource on, from
    /// the first field of its own on, and the field `id` with what follows it, or alone.
    pub(super) fn ends(&self, id: Option<&str>) -> Vec<Self> {
        let is_field = |piece: &Piece, wanted: &dyn Fn(&str) -> bool| match piece {
            Piece::Field { name, .. } => wanted(name),
            _ => false,
        };
        let mut ends = Vec::new();
        let account = self.pieces.iter().position(|piece| is_field(piece, &|name| name == "account"));
        if let Some(at) = account {
            ends.push(self.pieces.get(at..).unwrap_or_default().to_vec());
            let mut resource = self.pieces.get(at + 1..).unwrap_or_default().to_vec();
            if let Some(Piece::Text(text)) = resource.first_mut() {
                *text = text.trim_start_matches(':').to_owned();
            }
            resource.retain(|piece| *piece != Piece::Text(String::new()));
            ends.push(resource);
        }
        let own = self.pieces.iter().position(|piece| is_field(piece, &|name| !PLACE.contains(&name)));
        let named = self.pieces.iter().position(|piece| is_field(piece, &|name| Some(name) == id));
        for at in own.into_iter().chain(named) {
            ends.push(self.pieces.get(at..).unwrap_or_default().to_vec());
        }
        ends.extend(named.map(|at| self.pieces.get(at..=at).unwrap_or_default().to_vec()));
        ends.dedup();
        ends.into_iter().map(|pieces| Self { pieces }).collect()
    }

    /// The text that `value` makes of the form, if it says every field.
    pub(super) fn filled<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
        if self.has_star() {
            return None;
        }
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Field { name, .. } => text.push_str(value(name)?),
                Piece::Star => {}
            }
        }
        Some(text)
    }
}

/// Whether `text` fits; longest pieces first, so that `role*/{RoleName}` takes a path for the star.
fn fits<'f, 't>(pieces: &'f [Piece], text: &'t str, fields: &mut Fields<'f, 't>) -> bool {
    let Some((piece, rest)) = pieces.split_first() else { return text.is_empty() };
    let (name, least, most) = match piece {
        Piece::Text(piece) => {
            return text.strip_prefix(piece.as_str()).is_some_and(|text| fits(rest, text, fields));
        }
        Piece::Star => (None, 0, text.len()),
        Piece::Field { name, any: true } => (Some(name), 1, text.len()),
        Piece::Field { name, any: false } => {
            // ARNs leave out region and account where there is none.
            let least = usize::from(!PLACE.contains(&name.as_str()));
            (Some(name), least, text.find([':', '/']).unwrap_or(text.len()))
        }
    };
    let ends = (least..=most).rev().filter(|end| text.is_char_boundary(*end));
    for end in ends {
        let (value, after) = text.split_at(end);
        let known = fields.len();
        if let Some(name) = name {
            fields.push((name, value));
        }
        if fits(rest, after, fields) {
            return true;
        }
        fields.truncate(known);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(template: &str, text: &str) -> Option<Vec<(String, String)>> {
        let form = Form::parse(template);
        let fields = form.fields(text)?;
        Some(fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn texts_are_held_against_forms() {
        for (template, text, wanted) in [
            ("role*/{Name}", "role/x", Some("x")),
            ("role*/{Name}", "role/a/b/x", Some("x")),
            ("role*/{Name}", "user/x", None),
            ("table/{Name}*", "table/t/index/i", Some("t")),
            ("table/{Name}*", "table/t", Some("t")),
            ("log-group:{+Name}", "log-group:/aws/lambda/f", Some("/aws/lambda/f")),
            ("{Name}", "a:b", None),
            ("{Name}", "", None),
            ("{Name}", "é", Some("é")),
            ("secret:{+Name}-{suffix}", "secret:prod/db-one-AbCdEf", Some("prod/db-one")),
        ] {
            let found = fields(template, text).and_then(|fields| fields.first().cloned());
            assert_eq!(found.map(|(_, value)| value).as_deref(), wanted, "{template} {text}");
        }
    }

    #[test]
    fn a_form_has_ends() {
        let form = Form::parse("arn:{partition}:lambda:{region}:{account}:function:{Name}*");
        let found = |text: &str| {
            form.ends(Some("Name")).iter().find_map(|end| {
                let fields = end.fields(text)?;
                fields.iter().find(|(name, _)| *name == "Name").map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(found("111122223333:function:f").as_deref(), Some("f"));
        assert_eq!(found("function:f:live").as_deref(), Some("f"));
        assert_eq!(found("f:live").as_deref(), Some("f"));
        assert_eq!(found(""), None);
    }

    #[test]
    fn a_form_makes_text_of_all_its_fields_or_none() {
        let form = Form::parse("arn:{partition}:sns:{region}:{account}:{TopicName}");
        let value = |name: &str| (name != "account").then_some("x");
        assert_eq!(form.filled(value), None);
        assert_eq!(form.filled(|_| Some("x")).as_deref(), Some("arn:x:sns:x:x:x"));
        assert_eq!(Form::parse("a*").filled(|_| Some("x")), None);
    }
}
