//! IAM's credential report: asked for, waited for, and read as rows with types.
//!
//! "Get credential reports for your AWS account",
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>.

use serde_json::{Map, Value};

/// The rows of a report, `{"Rows": [{…}, …]}`. Yes and no are booleans, times are times, what does not apply or is
/// not known is null.
pub(crate) fn rows(csv: &str) -> Value {
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let row = |line: &str| -> Value {
        let cells = names.iter().zip(line.split(','));
        Value::Object(cells.map(|(name, cell)| ((*name).to_owned(), typed(cell))).collect())
    };
    let rows = lines.filter(|line| !line.trim().is_empty()).map(row).collect();
    Value::Object(Map::from_iter([("Rows".to_owned(), Value::Array(rows))]))
}

fn typed(cell: &str) -> Value {
    match cell {
        "true" | "TRUE" => Value::Bool(true),
        "false" | "FALSE" => Value::Bool(false),
        "N/A" | "no_information" | "not_supported" | "" => Value::Null,
        text => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_becomes_rows_with_types() {
        let csv = "user,arn,password_enabled,password_last_used,mfa_active\n\
            <root_account>,arn:aws:iam::111122223333:root,not_supported,2026-01-01T00:00:00+00:00,true\n\
            alice,arn:aws:iam::111122223333:user/alice,true,no_information,false\n";
        assert_eq!(
            rows(csv),
            json!({"Rows": [
                {"user": "<root_account>", "arn": "arn:aws:iam::111122223333:root", "password_enabled": null,
                    "password_last_used": "2026-01-01T00:00:00+00:00", "mfa_active": true},
                {"user": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "password_enabled": true,
                    "password_last_used": null, "mfa_active": false},
            ]})
        );
    }
}
