//! Which actions of IAM reading takes: exactly those that rows and the reader itself call.

use std::collections::BTreeSet;

use catalog::resource::{Operation, Read, Row};

use crate::model::Models;

/// What the reader calls besides what rows say.
const OWN: &[&str] = &["ec2:DescribeRegions", "organizations:ListAccounts"];

/// Actions that read what people keep in an account, and not how it is set up: no row may call them, and the read role
/// is denied them whatever else is attached to it.
pub const DATA: &[&str] = &[
    "athena:GetQueryResults",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:GetConsoleOutput",
    "ec2:GetConsoleScreenshot",
    "ec2:GetPasswordData",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "kinesis:GetRecords",
    "kms:Decrypt",
    "lambda:GetFunction",
    "lambda:GetLayerVersion",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetQueryResults",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
];

/// The actions that reading `rows` takes, and those that finding accounts and regions takes.
pub fn needed(rows: &[Row], models: &Models) -> BTreeSet<String> {
    let own = OWN.iter().map(|action| (*action).to_owned());
    let of = |read: &Read| {
        if read.permissions().is_empty() {
            of_operation(models, &read.operation)
        } else {
            read.permissions().to_vec()
        }
    };
    rows.iter().flat_map(Row::reads).flat_map(of).chain(own).collect()
}

/// The actions that an operation takes, unless a row names others.
pub fn of_operation(models: &Models, operation: &Operation) -> Vec<String> {
    match (operation.service.as_str(), operation.name.as_str()) {
        ("code:iam", "CredentialReport") => {
            vec!["iam:GenerateCredentialReport".into(), "iam:GetCredentialReport".into()]
        }
        ("code:s3", "OriginBucket") => vec!["s3:GetBucketVersioning".into()],
        ("code:cloudwatch", "RecentSum") => vec!["cloudwatch:GetMetricStatistics".into()],
        // Who one is may be asked by everybody.
        ("code:sts", "Entry") => Vec::new(),
        (service, name) => {
            let prefix =
                models.service(service).map_or_else(|| service.to_owned(), |model| model.iam_prefix.clone());
            vec![format!("{prefix}:{name}")]
        }
    }
}
