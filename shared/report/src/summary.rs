//! All findings in one line.

use model::Severity;

use crate::Row;

/// How many findings there are, and how bad: `3 findings: 1 critical, 2 low`.
pub fn summary(rows: &[Row<'_>]) -> String {
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (severity, rows.iter().filter(|row| row.finding.severity == severity).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    match rows.len() {
        0 => "No findings".to_owned(),
        1 => format!("1 finding: {}", counts.join(", ")),
        total => format!("{total} findings: {}", counts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_worst_come_first_and_what_there_is_none_of_is_left_out() {
        let findings = samples::findings();
        let rows: Vec<Row<'_>> = findings.iter().map(|finding| Row { finding, rule: None }).collect();
        assert_eq!(summary(&rows), "5 findings: 1 critical, 1 high, 1 medium, 1 low, 1 info");
        assert_eq!(summary(&rows[..1]), "1 finding: 1 critical");
        assert_eq!(summary(&[]), "No findings");
    }
}
