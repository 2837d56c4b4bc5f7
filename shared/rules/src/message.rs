//! Sentences with fields: `{userIdentity.arn} stopped {requestParameters.name|default:a trail}`.

use crate::expr::Path;
use crate::subject::Subject;

/// A piece of a message.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(String),
    Field {
        path: Path,
        default: String,
    },
    /// How many events, values or steps completed a correlation.
    Count,
    /// Which values.
    Values,
}

impl Piece {
    /// The path whose value stands here.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Field { path, .. } => Some(path),
            Self::Text(_) | Self::Count | Self::Values => None,
        }
    }

    /// What a field means that no document has.
    pub(crate) fn of_correlation(field: &str) -> Option<Self> {
        match field {
            "correlation.count" => Some(Self::Count),
            "correlation.values" => Some(Self::Values),
            _ => None,
        }
    }
}

/// What to write between the braces of a field, and what to write where it is absent.
pub(crate) fn split(template: &str) -> Vec<Result<String, (String, String)>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        let Some((field, after)) = from.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Ok(before.to_owned()));
        }
        let (path, default) = field.split_once("|default:").unwrap_or((field, "(unknown)"));
        pieces.push(Err((path.trim().to_owned(), default.to_owned())));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Ok(rest.to_owned()));
    }
    pieces
}

/// The longest that one field may be in a message.
const FIELD_CHARACTERS: usize = 200;

pub(crate) fn render(pieces: &[Piece], subject: &Subject<'_>) -> String {
    let mut message = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => message.push_str(text),
            Piece::Count | Piece::Values => {}
            Piece::Field { path, default } => match subject.text(path).filter(|text| !text.is_empty()) {
                Some(text) => match text.char_indices().nth(FIELD_CHARACTERS) {
                    Some((end, _)) => {
                        message.push_str(text.get(..end).unwrap_or_default());
                        message.push('…');
                    }
                    None => message.push_str(&text),
                },
                None => message.push_str(default),
            },
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_from_text() {
        assert_eq!(
            split("{a.b} did {c|default:nothing} {open"),
            [
                Err(("a.b".into(), "(unknown)".into())),
                Ok(" did ".into()),
                Err(("c".into(), "nothing".into())),
                Ok(" {open".into()),
            ]
        );
    }
}
