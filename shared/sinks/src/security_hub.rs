//! Findings in AWS Security Hub.
//!
//! The API: <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>. With an account's
//! default product, Security Hub takes findings about that account from callers of that account only. So those of another
//! account are imported through a role there; where none is named they are refused, and say so.
//!
//! Only a finding that is resolved is archived, and nothing resolves one but evidence: an unknown verdict never does.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use engine::ports::{Delivery, Sink, SinkError};
use report::{Row, Shape};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::call::{Caller, refusal};

/// The most findings of one call.
const FINDINGS: usize = 100;

const HEADERS: &[(&str, &str)] = &[("content-type", "application/json")];

/// The way into member accounts.
#[derive(Debug, Clone)]
pub struct Members {
    /// The role's name with its path, the same in each account.
    pub role: String,
    /// The external id that it asks for.
    pub external_id: Option<String>,
    /// What assumes it.
    pub config: SdkConfig,
}

/// Imports findings, each into the Security Hub of its account, all in one region.
#[derive(Debug)]
pub struct SecurityHub {
    caller: Caller,
    account: String,
    region: String,
    members: Option<Members>,
    entered: Mutex<HashMap<String, Caller>>,
}

impl SecurityHub {
    /// The channel's name.
    pub const CHANNEL: &'static str = "securityhub";

    /// Imports as `account`, the caller's own, in `region`, and through roles into others.
    pub fn new(
        caller: Caller,
        account: impl Into<String>,
        region: impl Into<String>,
        members: Option<Members>,
    ) -> Self {
        Self {
            caller,
            account: account.into(),
            region: region.into(),
            members,
            entered: Mutex::new(HashMap::new()),
        }
    }

    fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// Who calls for the findings of `account`.
    async fn caller_of(&self, account: &str) -> Result<Caller, SinkError> {
        if account == self.account {
            return Ok(self.caller.clone());
        }
        let Some(members) = &self.members else {
            return Err(refused(format!(
                "account {account} imports its own findings only; name a role there with the parameter SecurityHubRoleName"
            )));
        };
        let mut entered = self.entered.lock().await;
        if let Some(known) = entered.get(account) {
            return Ok(known.clone());
        }
        let role = members.role.trim_start_matches('/');
        let arn = format!("arn:{}:iam::{account}:role/{role}", self.partition());
        let mut role = AssumeRoleProvider::builder(arn).session_name("trailpost").configure(&members.config);
        if let Some(external_id) = &members.external_id {
            role = role.external_id(external_id);
        }
        let caller = self.caller.clone().by(SharedCredentialsProvider::new(role.build().await));
        entered.insert(account.to_owned(), caller.clone());
        Ok(caller)
    }

    /// Imports findings of one account. Of two notices about one finding, the document says the same.
    async fn import(
        &self,
        account: &str,
        some: &[(usize, Delivery<'_>)],
    ) -> Vec<(usize, Result<(), SinkError>)> {
        let product = format!(
            "arn:{}:securityhub:{}:{account}:product/{account}/default",
            self.partition(),
            self.region
        );
        let documents: Vec<(usize, String, Value)> = some
            .iter()
            .map(|(number, delivery)| {
                let row = Row { finding: delivery.finding, rule: delivery.rule };
                let document = report::asff::finding(&row, Some(&product));
                let id = document.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
                (*number, id, document)
            })
            .collect();
        let once: BTreeMap<&String, &Value> =
            documents.iter().map(|(_, id, document)| (id, document)).collect();
        let body = json!({ "Findings": once.into_values().collect::<Vec<_>>() });
        let answer = match self.caller_of(account).await {
            Ok(caller) => caller.post(Self::CHANNEL, "/findings/import", HEADERS, &body).await,
            Err(error) => Err(error),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return documents.iter().map(|(number, ..)| (*number, Err(error.again()))).collect();
            }
        };
        let failed = answer.get("FailedFindings").and_then(Value::as_array).cloned().unwrap_or_default();
        let verdict = |id: &str| {
            let text = |failure: &Value, name: &str| {
                failure.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned()
            };
            match failed.iter().find(|failure| failure.get("Id").and_then(Value::as_str) == Some(id)) {
                None => Ok(()),
                Some(failure) => {
                    Err(refusal(Self::CHANNEL, &text(failure, "ErrorCode"), &text(failure, "ErrorMessage")))
                }
            }
        };
        documents.iter().map(|(number, id, _)| (*number, verdict(id))).collect()
    }
}

fn refused(reason: String) -> SinkError {
    SinkError::Refused { channel: SecurityHub::CHANNEL.to_owned(), reason }
}

#[async_trait]
impl Sink for SecurityHub {
    fn channel(&self) -> &str {
        Self::CHANNEL
    }

    fn most(&self) -> usize {
        FINDINGS
    }

    fn is_for_people(&self) -> bool {
        false
    }

    async fn deliver(&self, deliveries: &[Delivery<'_>]) -> Vec<Result<(), SinkError>> {
        let mut answers: BTreeMap<usize, Result<(), SinkError>> = BTreeMap::new();
        let mut accounts: BTreeMap<String, Vec<(usize, Delivery<'_>)>> = BTreeMap::new();
        for (number, &delivery) in deliveries.iter().enumerate() {
            match Shape::Account.of(&delivery.finding.account) {
                Some(account) => accounts.entry(account).or_default().push((number, delivery)),
                None => {
                    let reason = "the finding's account is no account id".to_owned();
                    answers.insert(number, Err(refused(reason)));
                }
            }
        }
        for (account, some) in accounts {
            for chunk in some.chunks(FINDINGS) {
                answers.extend(self.import(&account, chunk).await);
            }
        }
        answers.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use model::{Finding, FindingId};

    use super::*;
    use crate::call::stub::Stub;
    use crate::samples::{self, deliver};

    fn hub(stub: &Stub) -> SecurityHub {
        SecurityHub::new(stub.caller("securityhub"), "111122223333", "eu-central-1", None)
    }

    fn numbered(number: usize) -> Finding {
        Finding { id: FindingId::from_text(format!("{number:032x}")), ..samples::stopped_logging() }
    }

    #[tokio::test]
    async fn a_finding_that_fails_takes_no_other_with_it() {
        let failed = json!({"FailedCount": 2, "SuccessCount": 1, "FailedFindings": [
            {"Id": format!("trailpost/{:032x}", 1), "ErrorCode": "InternalException", "ErrorMessage": "later"},
            {"Id": format!("trailpost/{:032x}", 2), "ErrorCode": "InvalidInput", "ErrorMessage": "no"},
        ]});
        let stub = Stub::new(&[(200, failed)]);
        let answers = deliver(&hub(&stub), &[numbered(0), numbered(1), numbered(2)]).await;
        assert!(matches!(
            answers.as_slice(),
            [Ok(()), Err(SinkError::Unavailable { .. }), Err(SinkError::Refused { .. })]
        ));
        let asked = stub.asked.lock().unwrap();
        let (uri, body) = asked.first().unwrap();
        assert!(uri.ends_with("/findings/import"), "{uri}");
        let finding = &body["Findings"][0];
        assert_eq!(
            finding["ProductArn"],
            "arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default"
        );
        assert_eq!(
            (&finding["AwsAccountId"], &finding["RecordState"]),
            (&json!("111122223333"), &json!("ACTIVE"))
        );
    }

    #[tokio::test]
    async fn a_member_without_a_role_is_said_to_be_one_and_harms_nobody() {
        let stub = Stub::new(&[(200, json!({"FailedCount": 0, "SuccessCount": 1}))]);
        let member = Finding { account: "444455556666".into(), ..numbered(1) };
        let nowhere = Finding { account: "nowhere".into(), ..numbered(2) };
        let answers = deliver(&hub(&stub), &[member, numbered(3), nowhere]).await;
        let said: Vec<String> = answers
            .iter()
            .map(|answer| answer.as_ref().map_or_else(ToString::to_string, |()| "ok".into()))
            .collect();
        assert_eq!(
            said,
            [
                "securityhub refuses the message: account 444455556666 imports its own findings only; name a role there with the parameter SecurityHubRoleName",
                "ok",
                "securityhub refuses the message: the finding's account is no account id",
            ]
        );
        assert_eq!(stub.asked.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_is_resolved_is_archived_and_one_finding_goes_once() {
        let stub = Stub::new(&[(200, json!({"FailedCount": 0, "SuccessCount": 1}))]);
        let over = samples::group_open(Some(695));
        let answers = deliver(&hub(&stub), &[over.clone(), over]).await;
        assert!(answers.len() == 2 && answers.iter().all(Result::is_ok));
        let asked = stub.asked.lock().unwrap();
        let findings = asked[0].1["Findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0]["RecordState"], "ARCHIVED");
    }
}
