//! Whether a machine acted, and which.

use super::client::Client;
use super::identity::{Identity, Kind};
use super::told::Told;
use crate::loose::same_text;

/// The console calls as this service in the name of the person before it.
pub(super) const SIGN_IN: &str = "signin.amazonaws.com";

/// The automation behind a call, or `""`.
///
/// What AWS writes itself (`invokedBy`, the name of a service as the source) proves that a service made the
/// call, though not that nobody told it to. The user agent is the caller's own word: it is taken for tools,
/// whose users have no reason to lie, and never for a service.
pub(super) fn of(told: &Told<'_>, identity: &Identity<'_>, client: &Client) -> &'static str {
    let source = &told.event_source;
    let written_by_aws = [&told.invoked_by, &told.source_ip];
    let invoked_by = |wanted: fn(&str) -> bool| written_by_aws.iter().any(|caller| wanted(caller));
    let directory = source.starts_with("sso-directory.") || source.starts_with("identitystore.");
    if invoked_by(|caller| same_text(caller, "AWS Internal")) {
        "aws-internal"
    } else if invoked_by(|caller| caller == "cloudformation.amazonaws.com") {
        "cloudformation"
    } else if identity.service_linked {
        "service-linked-role"
    } else if source.starts_with("identitystore-scim.") || (directory && client.scim) {
        "scim"
    } else if identity.kind == Kind::Service || invoked_by(|caller| is_service(caller) && caller != SIGN_IN) {
        "aws-service"
    } else if !client.deployer.is_empty() {
        client.deployer
    } else if identity.name.starts_with("cdk-") && identity.name.contains("-role-") {
        "cdk"
    } else {
        ""
    }
}

/// Whether `caller` is the name of an AWS service, as in "AWS service principals",
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
pub(crate) fn is_service(caller: &str) -> bool {
    caller.ends_with(".amazonaws.com") || caller.ends_with(".amazonaws.com.cn")
}
