//! Whether a machine acted, and which.

use model::Event;

use super::identity::{Identity, Kind};
use crate::loose::{contains, same_text, text};

/// The console calls as this service in the name of the person before it.
pub(super) const SIGN_IN: &str = "signin.amazonaws.com";

/// The automation behind a call, or `""`.
///
/// What AWS writes itself (`invokedBy`, the name of a service as the source) proves that a service made the
/// call, though not that nobody told it to. The user agent is the caller's own word: it is taken for tools,
/// whose users have no reason to lie, and never for a service.
pub(super) fn of(event: Event<'_>, identity: &Identity) -> &'static str {
    let root = event.root();
    let source = text(root, "eventSource");
    let agent = text(root, "userAgent");
    let written_by_aws = [text(root, "userIdentity.invokedBy"), text(root, "sourceIPAddress")];
    let invoked_by = |wanted: fn(&str) -> bool| written_by_aws.iter().any(|caller| wanted(caller));
    let directory = source.starts_with("sso-directory.") || source.starts_with("identitystore.");
    if invoked_by(|caller| same_text(caller, "AWS Internal")) {
        "aws-internal"
    } else if invoked_by(|caller| caller == "cloudformation.amazonaws.com") {
        "cloudformation"
    } else if identity.service_linked {
        "service-linked-role"
    } else if source.starts_with("identitystore-scim.") || (directory && contains(&agent, "scim")) {
        "scim"
    } else if identity.kind == Kind::Service || invoked_by(|caller| is_service(caller) && caller != SIGN_IN) {
        "aws-service"
    } else if contains(&agent, "terraform") || contains(&agent, "opentofu") {
        "terraform"
    } else if contains(&agent, "pulumi") {
        "pulumi"
    } else if contains(&agent, "aws-cdk")
        || (identity.name.starts_with("cdk-") && identity.name.contains("-role-"))
    {
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
