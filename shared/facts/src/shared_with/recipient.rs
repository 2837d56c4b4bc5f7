//! Somebody who gets access.

use crate::actor::is_service;
use crate::arn::{Arn, account_of, is_other_account, last_segment};

/// Somebody who gets access.
#[derive(Debug)]
pub(super) struct Recipient {
    /// As the call writes it.
    pub(super) principal: String,
    pub(super) public: bool,
    /// Held to a source or an organization besides.
    pub(super) narrowed: bool,
    /// The organization that it is held to.
    pub(super) within: String,
}

impl Recipient {
    /// Reads a principal: an account, an ARN, a service, or `*` or `all` for anybody.
    pub(super) fn new(principal: impl Into<String>) -> Self {
        let principal = principal.into();
        let public = matches!(principal.as_str(), "*" | "all");
        Self { principal, public, narrowed: false, within: String::new() }
    }

    /// Anybody, by the name that the call has for that.
    pub(super) fn anybody(name: impl Into<String>) -> Self {
        Self { public: true, ..Self::new(name) }
    }

    /// Holds the recipient to an organization or a source, where one is named.
    pub(super) fn narrowed_to(self, organization: &str, source: &str) -> Self {
        let narrowed = !organization.is_empty() || !source.is_empty();
        Self { narrowed, within: organization.to_owned(), public: self.public && !narrowed, ..self }
    }

    /// The account, or `""`. An organization belongs to an account but is not meant by it.
    pub(super) fn account(&self) -> &str {
        if self.is_organization() { "" } else { account_of(&self.principal) }
    }

    /// The service, or `""`.
    pub(super) fn service(&self) -> &str {
        if is_service(&self.principal) { &self.principal } else { "" }
    }

    /// The organization or the unit of one, or `""`.
    pub(super) fn organization(&self) -> &str {
        if self.is_organization() { last_segment(&self.principal) } else { &self.within }
    }

    fn is_organization(&self) -> bool {
        Arn::parse(&self.principal).is_some_and(|arn| arn.service == "organizations")
    }

    /// Whether this reaches beyond the account `own`: everybody, or another account. Of an organization the
    /// call does not say whose it is.
    pub(super) fn is_external(&self, own: &str) -> bool {
        self.public || is_other_account(self.account(), own)
    }
}
