//! The tables.

use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::Check;
use super::super::look::{Look, Resource, at, list, text};
use super::MAKE_AGAIN;
use crate::deploy::template;

const TABLE: &str = "AWS::DynamoDB::Table";

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "table-missing",
        title: "every table is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(TABLE, |table| match description(look, table) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "table-inactive",
        title: "every table is active, and so are its indexes",
        fix: "UPDATING passes; of INACCESSIBLE_ENCRYPTION_CREDENTIALS switch the table's key on again",
        judge: |look| {
            look.each(TABLE, |table| {
                let found = description(look, table)?;
                let index = list(found, "GlobalSecondaryIndexes")
                    .find(|index| !matches!(text(index, "IndexStatus"), "ACTIVE" | "UPDATING" | ""));
                Ok(match (text(found, "TableStatus"), index) {
                    ("ACTIVE" | "UPDATING", None) => None,
                    ("ACTIVE" | "UPDATING", Some(index)) => Some(format!(
                        "has the index {} that is {}",
                        text(index, "IndexName"),
                        text(index, "IndexStatus")
                    )),
                    (status, _) => Some(format!("is {status}")),
                })
            })
        },
    },
    Check {
        id: "table-index-missing",
        title: "the tables have the indexes that findings are listed by",
        fix: "aws dynamodb update-table --global-secondary-index-updates with the index as template.yaml has it",
        judge: |look| {
            look.each(TABLE, |table| {
                let found = description(look, table)?;
                let wanted = list(template::properties(table.logical), "GlobalSecondaryIndexes");
                let has = |name: &str| {
                    list(found, "GlobalSecondaryIndexes").any(|index| text(index, "IndexName") == name)
                };
                let missing: Vec<&str> =
                    wanted.map(|index| text(index, "IndexName")).filter(|name| !has(name)).collect();
                Ok((!missing.is_empty()).then(|| format!("lacks {}", missing.join(", "))))
            })
        },
    },
    Check {
        id: "table-stream-off",
        title: "the findings' stream wakes NOTIFY",
        fix: "aws dynamodb update-table --stream-specification StreamEnabled=true,StreamViewType=NEW_IMAGE, then sam deploy",
        judge: |look| {
            look.each(TABLE, |table| {
                if template::properties(table.logical).get("StreamSpecification").is_none() {
                    return Err(Hole::Absent);
                }
                let on = *at(description(look, table)?, "/StreamSpecification/StreamEnabled") == true;
                Ok((!on).then(|| "has no stream".into()))
            })
        },
    },
    Check {
        id: "table-unprotected",
        title: "no table can be deleted by mistake",
        fix: "aws dynamodb update-table --deletion-protection-enabled --table-name NAME",
        judge: |look| {
            look.each(TABLE, |table| {
                let on = description(look, table)?["DeletionProtectionEnabled"] == true;
                Ok((!on).then(|| "has no deletion protection".into()))
            })
        },
    },
    Check {
        id: "table-backups-off",
        title: "every table can be restored to a point in time",
        fix: "aws dynamodb update-continuous-backups --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true --table-name NAME",
        judge: |look| {
            look.each(TABLE, |table| {
                description(look, table)?;
                let found = look.read("dynamodb:DescribeContinuousBackups", &named(table))?;
                let status = at(found, "/ContinuousBackupsDescription/PointInTimeRecoveryDescription");
                let status = text(status, "PointInTimeRecoveryStatus");
                Ok((status != "ENABLED").then(|| "has no point-in-time recovery".into()))
            })
        },
    },
    Check {
        id: "table-expiry-off",
        title: "what is over leaves the tables by itself",
        fix: "aws dynamodb update-time-to-live --time-to-live-specification Enabled=true,AttributeName=ttl --table-name NAME",
        judge: |look| {
            look.each(TABLE, |table| {
                description(look, table)?;
                let found =
                    &look.read("dynamodb:DescribeTimeToLive", &named(table))?["TimeToLiveDescription"];
                let on = matches!(text(found, "TimeToLiveStatus"), "ENABLED" | "ENABLING")
                    && text(found, "AttributeName") == "ttl";
                Ok((!on).then(|| "keeps everything for ever".into()))
            })
        },
    },
];

fn named(table: Resource<'_>) -> Value {
    json!({ "TableName": table.physical })
}

fn description<'a>(look: &Look<'a>, table: Resource<'_>) -> Result<&'a Value, Hole> {
    look.read("dynamodb:DescribeTable", &named(table))?.get("Table").ok_or(Hole::Absent)
}
