//! Whether nobody gets in without TLS.
//!
//! "Enforce encryption of data in transit",
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html>: a policy that denies
//! everybody everything while `aws:SecureTransport` is false. A least `s3:TlsVersion` is no substitute: the
//! comparison does not apply to a request that has none.

use super::{PolicyDocument, Statement};
use crate::arn::Arn;
use crate::glob;

/// Services of which one action carries all data that callers send: "Amazon SNS preventive best practices",
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html>.
const DATA_ACTIONS: &[(&str, &str)] = &[("sns", "sns:Publish")];

impl PolicyDocument {
    /// Whether everybody is denied all that matters on all of the resource `arn` unless TLS is used. Where the
    /// resource is not known (`""`), it is one that the statements name.
    pub(crate) fn enforces_tls(&self, arn: &str) -> bool {
        let denials: Vec<&Statement> =
            self.statements.iter().filter(|statement| statement.denies_without_tls()).collect();
        if !arn.is_empty() {
            return cover(&denials, arn);
        }
        let named = denials.iter().filter_map(|denial| denial.resources.as_ref());
        let mut named = named.flat_map(|resources| &resources.patterns);
        let of_the_resource = |denial: &&Statement| denial.resources.is_none() && denial.denies_all_of("");
        denials.iter().any(of_the_resource)
            || named.any(|pattern| cover(&denials, pattern.strip_suffix("/*").unwrap_or(pattern)))
    }
}

/// Whether `denials` together are about all actions on `arn` and what is in it.
fn cover(denials: &[&Statement], arn: &str) -> bool {
    let parsed = Arn::parse(arn);
    let service = parsed.map_or("", |arn| arn.service);
    let mut whole = denials.iter().filter(|denial| denial.denies_all_of(service));
    let itself = whole.clone().any(|denial| denial.covers(|pattern| glob::matches(pattern, arn)));
    // A bucket and its objects are two resources. What matches up to the `/` and goes on with `*`, matches all.
    let has_objects = parsed.is_some_and(|arn| arn.service == "s3" && arn.account.is_empty());
    let start = format!("{arn}/");
    let in_it = |pattern: &str| pattern.ends_with('*') && glob::matches(pattern, &start);
    itself && (!has_objects || whole.any(|denial| denial.covers(in_it)))
}

impl Statement {
    /// Whether the statement denies everybody, whenever TLS is not used.
    fn denies_without_tls(&self) -> bool {
        !self.allow
            && self.is_about_everybody()
            && !self.conditions.is_empty()
            && self.conditions.iter().all(super::condition::Condition::is_without_tls)
    }

    /// Whether the actions are all that matter of `service`, of any where that is `""`.
    fn denies_all_of(&self, service: &str) -> bool {
        let whole = |pattern: &String| {
            let (of, action) = pattern.split_once(':').unwrap_or((pattern, "*"));
            glob::is_everything(action) && (service.is_empty() || glob::matches(of, service))
        };
        let carries_data =
            DATA_ACTIONS.iter().any(|(of, action)| *of == service && self.names_action(action));
        !self.actions.not && (self.actions.patterns.iter().any(whole) || carries_data)
    }

    /// Whether `fits` is true of a resource pattern. A statement without resources is about the one it is
    /// attached to.
    fn covers(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.resources
            .as_ref()
            .is_none_or(|resources| !resources.not && resources.patterns.iter().any(|pattern| fits(pattern)))
    }
}
