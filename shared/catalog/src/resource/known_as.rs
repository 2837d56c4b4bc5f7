//! In which ways AWS writes what identifies a resource.

use rules::RuleError;
use rules::shape::{KeyShape, Shape, key, known_keys};
use rules::tree::Node;

/// Templates with `{field}` parts. A field stands for text without `:` or `/`, `{+field}` for any text. `*` stands for
/// any text, none included. The fields of the place are `partition`, `region`, `account` and `domain`.
///
/// The forms of ARNs: "Resource types defined by …" of each service, in
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownAs {
    /// How ARNs are written, where the row's `arn` does not show it.
    pub arn: Vec<String>,
    /// How ids are written, where that is more than the value of one field.
    pub id: Option<String>,
    /// Ids are kept in lower case, however a caller writes them.
    pub lower: bool,
}

/// The keys of `known_as`.
pub(super) const KEYS: &[KeyShape] = &[
    key("arn", Shape::Texts, "How ARNs are written, where the row's `arn` does not show it"),
    key("case", Shape::Word(&["lower"]), "Ids are kept in lower case"),
    key("id", Shape::Scalar, "How ids are written"),
];

impl KnownAs {
    pub(super) fn read(node: Option<&Node>) -> Result<Self, RuleError> {
        let Some(node) = node else { return Ok(Self::default()) };
        known_keys(node, KEYS)?;
        let texts = |key: &str| node.get(key).map(Node::items).unwrap_or_default().iter();
        Ok(Self {
            arn: texts("arn").filter_map(Node::text).collect(),
            id: texts("id").find_map(Node::text),
            lower: texts("case").find_map(Node::text).as_deref() == Some("lower"),
        })
    }
}
