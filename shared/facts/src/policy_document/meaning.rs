//! Writing what a policy amounts to.

use std::collections::BTreeSet;

use model::json::Writer;

use super::{Element, Found, Owner, Statement};
use crate::arn::is_other_account;
use crate::json_out::object;

impl Found {
    /// Appends what the policy amounts to for `owner`.
    pub(crate) fn write(&self, owner: &Owner<'_>, out: &mut Writer) {
        let document = &self.document;
        let accounts: BTreeSet<String> = document.allowed().flat_map(Statement::accounts).collect();
        let services: BTreeSet<&str> = document.allowed().flat_map(Statement::services).collect();
        let unscoped: BTreeSet<&str> = document
            .allowed()
            .filter(|statement| !statement.asks_for_source())
            .flat_map(Statement::services)
            .collect();
        let federated: BTreeSet<&str> = document.allowed().flat_map(Statement::federated).collect();
        let public_actions: BTreeSet<&str> = document
            .allowed()
            .filter(|statement| statement.is_public())
            .flat_map(Statement::listed_actions)
            .collect();
        let any = |holds: fn(&Statement) -> bool| document.allowed().any(holds);
        object(out, |fact| {
            fact.flag("found", self.carried);
            fact.flag("parsed", !document.statements.is_empty());
            fact.flag("public", any(Statement::is_public));
            fact.texts("public_actions", public_actions);
            fact.texts("accounts", &accounts);
            fact.texts(
                "external_accounts",
                accounts.iter().filter(|account| is_other_account(account, owner.account)),
            );
            fact.texts("services", services);
            fact.texts("unscoped_services", unscoped);
            fact.texts("federated", federated);
            fact.flag("oidc_unrestricted", any(Statement::trusts_any_tenant));
            fact.flag("admin", document.admin().is_held());
            fact.flag("iam_admin", document.iam_admin().is_held());
            fact.flag("assume_any", document.any_role().is_held());
            fact.texts("escalation", document.escalations());
            fact.flag("not_action", any(|statement| statement.actions.not));
            fact.flag(
                "not_resource",
                any(|statement| statement.resources.as_ref().is_some_and(|resources| resources.not)),
            );
            fact.flag(
                "not_principal",
                any(|statement| statement.principals.as_ref().is_some_and(|principals| principals.not)),
            );
            fact.flag("enforces_tls", document.enforces_tls(owner.arn));
            let statements = fact.value("statements");
            crate::json_out::array(statements, &document.statements, |statement, out| {
                statement.write(owner, out);
            });
        });
    }
}

impl Statement {
    /// Appends the statement as it stands, and whom it lets in.
    pub(crate) fn write(&self, owner: &Owner<'_>, out: &mut Writer) {
        let patterns = |element: Option<&Element>, not: bool| -> Vec<String> {
            element
                .filter(|element| element.not == not)
                .map(|element| element.patterns.clone())
                .unwrap_or_default()
        };
        let principals = |not: bool| {
            let listed = self.principals.iter().filter(move |principals| principals.not == not);
            listed.flat_map(|principals| &principals.named).map(|principal| &principal.name)
        };
        let external: BTreeSet<String> = self
            .accounts()
            .into_iter()
            .filter(|account| self.allow && is_other_account(account, owner.account))
            .collect();
        object(out, |fact| {
            fact.text("effect", if self.allow { "Allow" } else { "Deny" });
            fact.texts("actions", patterns(Some(&self.actions), false));
            fact.texts("not_actions", patterns(Some(&self.actions), true));
            fact.texts("resources", patterns(self.resources.as_ref(), false));
            fact.texts("not_resources", patterns(self.resources.as_ref(), true));
            fact.texts("principals", principals(false));
            fact.texts("not_principals", principals(true));
            fact.texts("conditions", self.conditions.iter().map(|condition| &condition.written_key));
            fact.flag("public", self.is_public());
            fact.texts("external_accounts", external);
        });
    }

    /// The actions as they are listed; `*` for all but some.
    fn listed_actions(&self) -> impl Iterator<Item = &str> {
        let all_but = self.actions.not.then_some("*");
        let listed = self.actions.patterns.iter().filter(|_| !self.actions.not).map(String::as_str);
        all_but.into_iter().chain(listed)
    }
}
