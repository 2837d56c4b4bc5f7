//! What a record tells about its caller, found in one pass over each of its objects.

use std::borrow::Cow;

use model::Event;
use model::json::Value;

use crate::loose::{fields, text_of};

/// What a record tells about its caller. Text that is missing is `""`.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(super) event_source: Cow<'a, str>,
    pub(super) event_type: Cow<'a, str>,
    pub(super) recipient_account: Cow<'a, str>,
    pub(super) source_ip: Cow<'a, str>,
    pub(super) user_agent: Cow<'a, str>,
    /// `sessionCredentialFromConsole`
    pub(super) from_console: Option<Value<'a>>,

    // Of `additionalEventData`.
    pub(super) mfa_used: Option<Value<'a>>,
    pub(super) saml_provider: Option<Value<'a>>,

    // Of `userIdentity`.
    pub(super) kind: Cow<'a, str>,
    pub(super) arn: Cow<'a, str>,
    pub(super) account: Cow<'a, str>,
    pub(super) principal_id: Cow<'a, str>,
    pub(super) user_name: Cow<'a, str>,
    pub(super) invoked_by: Cow<'a, str>,
    pub(super) access_key: Cow<'a, str>,
    /// `onBehalfOf.userId`
    pub(super) on_behalf_of: Cow<'a, str>,
    /// `sessionContext.attributes.mfaAuthenticated`
    pub(super) mfa_authenticated: Option<Value<'a>>,

    // Of `userIdentity.sessionContext.sessionIssuer`.
    pub(super) issuer_arn: Cow<'a, str>,
    pub(super) issuer_name: Cow<'a, str>,
    pub(super) issuer_account: Cow<'a, str>,
}

impl<'a> Told<'a> {
    pub(crate) fn of(event: Event<'a>) -> Self {
        let [
            event_source,
            event_type,
            recipient_account,
            source_ip,
            user_agent,
            from_console,
            more,
            identity,
        ] = fields(
            event.root(),
            [
                "eventSource",
                "eventType",
                "recipientAccountId",
                "sourceIPAddress",
                "userAgent",
                "sessionCredentialFromConsole",
                "additionalEventData",
                "userIdentity",
            ],
        );
        let [mfa_used, saml_provider] = fields(more, ["MFAUsed", "SamlProviderArn"]);
        let [kind, arn, account, principal_id, user_name, invoked_by, access_key, on_behalf_of, session] =
            fields(
                identity,
                [
                    "type",
                    "arn",
                    "accountId",
                    "principalId",
                    "userName",
                    "invokedBy",
                    "accessKeyId",
                    "onBehalfOf",
                    "sessionContext",
                ],
            );
        let [on_behalf_of] = fields(on_behalf_of, ["userId"]);
        let [attributes, issuer] = fields(session, ["attributes", "sessionIssuer"]);
        let [mfa_authenticated] = fields(attributes, ["mfaAuthenticated"]);
        let [issuer_arn, issuer_name, issuer_account] = fields(issuer, ["arn", "userName", "accountId"]);
        Self {
            event_source: text_of(event_source),
            event_type: text_of(event_type),
            recipient_account: text_of(recipient_account),
            source_ip: text_of(source_ip),
            user_agent: text_of(user_agent),
            from_console,
            mfa_used,
            saml_provider,
            kind: text_of(kind),
            arn: text_of(arn),
            account: text_of(account),
            principal_id: text_of(principal_id),
            user_name: text_of(user_name),
            invoked_by: text_of(invoked_by),
            access_key: text_of(access_key),
            on_behalf_of: text_of(on_behalf_of),
            mfa_authenticated,
            issuer_arn: text_of(issuer_arn),
            issuer_name: text_of(issuer_name),
            issuer_account: text_of(issuer_account),
        }
    }
}
