//! Policy documents: what they say, and what that amounts to.
//!
//! "Grammar of the IAM JSON policy language",
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>. A document with
//! principals is attached to a resource, one without to an identity.
//!
//! What a document *allows* is read statement by statement. A `Deny` is taken into account only where it is
//! plain: without condition, for all resources. Any other may not apply to the request that matters.

mod condition;
mod find;
mod grants;
mod meaning;
mod principal;
mod statement;
mod transport;

use model::json::Value;

use crate::loose::{field, items};

pub(crate) use find::{Found, find};
pub(crate) use grants::Power;
pub(crate) use statement::{Element, Statement};

/// Whose policy it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'o> {
    /// The account that others are foreign to.
    pub(crate) account: &'o str,
    /// The resource that the policy is attached to, `""` where that is not known.
    pub(crate) arn: &'o str,
}

/// A policy document.
#[derive(Debug, Default)]
pub(crate) struct PolicyDocument {
    pub(crate) statements: Vec<Statement>,
}

impl PolicyDocument {
    /// Reads `value`: a document, or one statement of it. Nothing, where it holds no statement.
    pub(crate) fn read(value: Value<'_>) -> Option<Self> {
        let entries = field(value, "Statement").map_or_else(|| vec![value], items);
        let statements: Vec<_> = entries.into_iter().filter_map(Statement::read).collect();
        (!statements.is_empty()).then_some(Self { statements })
    }

    /// The statements that allow something.
    pub(crate) fn allowed(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.allow)
    }
}
