//! `password_policy`: how a new password policy falls short.
//!
//! Measured against "CIS AWS Foundations Benchmark v1.2.0", 1.5 to 1.11,
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html> (later versions keep length
//! and reuse). A parameter that is left out takes its default, which is weak: `UpdateAccountPasswordPolicy`,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html>.

use model::Event;
use model::json::Writer;

use crate::Fact;
use crate::call::service;
use crate::json_out::object;
use crate::loose::{flag, number};

/// How a new password policy falls short.
pub static PASSWORD_POLICY: Fact = Fact {
    name: "password_policy",
    about: "How the password policy that UpdateAccountPasswordPolicy sets falls short of CIS, or that DeleteAccountPasswordPolicy \
        removed it: {weaker, reasons: [length|reuse|symbols|numbers|uppercase|lowercase|age|removed]}; null for other calls.",
    reads: &["eventName", "eventSource", "requestParameters"],
    derive,
};

fn derive(event: Event<'_>, out: &mut Writer) {
    let name = event.name().unwrap_or_default();
    let reasons = match (service(event).as_ref(), name.as_ref()) {
        ("iam", "UpdateAccountPasswordPolicy") => shortcomings(event),
        ("iam", "DeleteAccountPasswordPolicy") => vec!["removed"],
        _ => {
            out.null();
            return;
        }
    };
    object(out, |fact| {
        fact.flag("weaker", !reasons.is_empty());
        fact.texts("reasons", &reasons);
    });
}

fn shortcomings(event: Event<'_>) -> Vec<&'static str> {
    let set = |name: &str| number(event.root(), &format!("requestParameters.{name}"));
    let required = |name: &str| flag(event.root(), &format!("requestParameters.{name}")) == Some(true);
    let checks = [
        ("length", set("minimumPasswordLength").is_some_and(|length| length >= 14)),
        ("reuse", set("passwordReusePrevention").is_some_and(|count| count >= 24)),
        ("symbols", required("requireSymbols")),
        ("numbers", required("requireNumbers")),
        ("uppercase", required("requireUppercaseCharacters")),
        ("lowercase", required("requireLowercaseCharacters")),
        ("age", set("maxPasswordAge").is_some_and(|days| (1..=90).contains(&days))),
    ];
    checks.into_iter().filter(|(_, met)| !met).map(|(reason, _)| reason).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::laws::derived;

    fn strong() -> Value {
        json!({"minimumPasswordLength": 14, "passwordReusePrevention": "24", "requireSymbols": true, "requireNumbers": "true",
            "requireUppercaseCharacters": true, "requireLowercaseCharacters": true, "maxPasswordAge": 90})
    }

    fn reasons(request: &Value) -> Value {
        let record = json!({"eventSource": "iam.amazonaws.com", "eventName": "UpdateAccountPasswordPolicy", "requestParameters": request});
        let seen = derived(&PASSWORD_POLICY, &record);
        assert_eq!(seen["weaker"], json!(seen["reasons"] != json!([])));
        seen["reasons"].clone()
    }

    #[test]
    fn each_shortcoming_has_its_reason() {
        assert_eq!(reasons(&strong()), json!([]));
        for (name, value, reason) in [
            ("minimumPasswordLength", json!(13), "length"),
            ("minimumPasswordLength", json!(null), "length"),
            ("passwordReusePrevention", json!(23), "reuse"),
            ("requireSymbols", json!(false), "symbols"),
            ("requireNumbers", json!(null), "numbers"),
            ("requireUppercaseCharacters", json!("false"), "uppercase"),
            ("requireLowercaseCharacters", json!(false), "lowercase"),
            ("maxPasswordAge", json!(91), "age"),
            ("maxPasswordAge", json!(0), "age"),
        ] {
            let mut request = strong();
            request[name] = value;
            assert_eq!(reasons(&request), json!([reason]), "{name}");
        }
        assert_eq!(reasons(&json!(null)).as_array().unwrap().len(), 7);
    }

    #[test]
    fn other_calls_have_none() {
        let seen = |name: &str| {
            derived(&PASSWORD_POLICY, &json!({"eventSource": "iam.amazonaws.com", "eventName": name}))
        };
        assert_eq!(seen("DeleteAccountPasswordPolicy"), json!({"weaker": true, "reasons": ["removed"]}));
        assert_eq!(seen("GetAccountPasswordPolicy"), json!(null));
    }
}
