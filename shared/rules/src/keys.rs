//! The keys of a rule, with what stands behind each.

use crate::shape::{KeyShape, Shape, key};

/// The severities, and Sigma's word for the lowest.
fn severities() -> Vec<&'static str> {
    model::Severity::ALL.iter().map(|severity| severity.as_str()).chain(["informational"]).collect()
}

/// The types of correlations.
fn kinds() -> Vec<&'static str> {
    crate::correlation::KINDS.iter().map(|(word, _)| *word).collect()
}

/// A rule: Sigma's own keys, and the additions that writing rules describes.
pub const RULE: &[KeyShape] = &[
    key("title", Shape::Scalar, "One line for people"),
    key("id", Shape::Scalar, "Kebab-case, names the act or the defect; of a Sigma rule, its UUID"),
    key("name", Shape::Scalar, "A name by which correlations call the rule"),
    key("related", Shape::List(&Shape::Map(RELATED)), "Other rules that this one comes from or replaces"),
    key("status", Shape::Scalar, "stable, test, experimental, deprecated or unsupported"),
    key("description", Shape::Scalar, "Sigma's word for `why`"),
    key("references", Shape::Texts, "Where it can be read up"),
    key("author", Shape::Scalar, "Who wrote it"),
    key("date", Shape::Scalar, "When it was written, YYYY-MM-DD"),
    key("modified", Shape::Scalar, "When it was changed, YYYY-MM-DD"),
    key("tags", Shape::Texts, "Sigma's tags, such as attack.t1562.008"),
    key("logsource", Shape::Map(LOGSOURCE), "What is judged: { product: aws, service: cloudtrail }"),
    key("detection", Shape::Detection, "Named searches, and the condition that joins them"),
    key(
        "filter",
        Shape::Detection,
        "Makes it a filter of other `rules`: they match where its condition holds too",
    ),
    key("fields", Shape::Texts, "Fields that are worth a look"),
    key("falsepositives", Shape::Texts, "Sigma's word for `false_positives`"),
    key("false_positives", Shape::Texts, "When a match is harmless"),
    key("level", Shape::Words(severities), "Sigma's word for `severity`"),
    key("severity", Shape::Words(severities), "How bad a match is"),
    key("license", Shape::Scalar, "Under which licence the rule is"),
    key("taxonomy", Shape::Scalar, "Sigma's taxonomy of field names"),
    key("scope", Shape::Texts, "Sigma's scope"),
    key("custom", Shape::Any, "Anything"),
    key("resource", Shape::Scalar, "Makes it a check: the type of the resources, such as aws.s3.bucket"),
    key("message", Shape::Scalar, "The sentence of a finding, with {path} and {path|default:text} fields"),
    key("why", Shape::Scalar, "Why it matters"),
    key("fix", Shape::ScalarOrMap(FIX), "What to do"),
    key("attack", Shape::Texts, "ATT&CK techniques, such as T1562.008"),
    key("equivalents", Shape::Named(&Shape::Texts), "The same rule elsewhere: tool to ids"),
    key("dedup", Shape::Texts, "The paths whose values tell one finding from another"),
    key(
        "automation",
        Shape::Word(&["annotate", "lower"]),
        "What a call of known automation does to the severity",
    ),
    key("attempt", Shape::Word(&["lower", "same"]), "What a failed call does to the severity"),
    key("tests", Shape::List(&Shape::Map(TEST)), "What it has to find, to let pass, and not to know about"),
    key("base", Shape::Any, "What every test starts from"),
    key("correlation", Shape::Map(CORRELATION), "Makes it a rule over several events"),
    key("generate", Shape::Any, "Whether the rules of the correlation are reported as well"),
    key("timeframe", Shape::Scalar, "The time of a condition that counts, as some Sigma rules have it"),
    key("each", Shape::List(&Shape::Any), "Makes several rules of the file"),
    key("simulation", Shape::Any, "Sigma's simulations"),
    key("regression_tests_path", Shape::Scalar, "Sigma's regression tests"),
];

/// The states of a Sigma rule: "Status", Sigma specification 2.1.
pub const STATUS: &[&str] = &["stable", "test", "experimental", "deprecated", "unsupported"];

/// How a Sigma rule is related to another: "Related", Sigma specification 2.1.
pub const RELATIONS: &[&str] = &["derived", "obsolete", "merged", "renamed", "similar"];

const RELATED: &[KeyShape] = &[
    key("id", Shape::Scalar, "The id of the other rule"),
    key("type", Shape::Scalar, "derived, obsolete, merged, renamed or similar"),
];

const LOGSOURCE: &[KeyShape] = &[
    key("product", Shape::Scalar, "aws"),
    key("service", Shape::Scalar, "cloudtrail"),
    key("category", Shape::Scalar, "Not used for CloudTrail"),
    key("definition", Shape::Scalar, "What has to be switched on"),
    key("custom", Shape::Any, "Anything"),
];

const FIX: &[KeyShape] = &[
    key("text", Shape::Scalar, "In words"),
    key(
        "cli",
        Shape::Scalar,
        "As AWS CLI commands, with {path} fields, and <name> for what only their reader knows",
    ),
    key("terraform", Shape::Scalar, "As Terraform"),
];

/// The verdicts that a test may want, each the key of its name.
pub const TEST: &[KeyShape] = &[
    key("finding", Shape::Scalar, "The rule has to match; what the test shows"),
    key("clean", Shape::Scalar, "The rule must not match; what the test shows"),
    key("unknown", Shape::Scalar, "The rule must not know; what the test shows"),
    key("given", Shape::Any, "Patches the document that the test starts from; ~ removes a member"),
    key("severity", Shape::Words(severities), "The severity of the finding"),
    key("outcome", Shape::Word(&["success", "attempt"]), "The outcome of the finding"),
    key("settings", Shape::Named(&Shape::Texts), "Placeholders of this test"),
    key("events", Shape::OneOrMore(&Shape::Map(EVENT)), "The events of a rule over several"),
];

/// An event of a test.
pub const EVENT: &[KeyShape] = &[
    key("given", Shape::Any, "Patches the document of the test"),
    key("at", Shape::Scalar, "The time since the first event, such as +30s"),
    key("times", Shape::Scalar, "How often"),
    key("every", Shape::Scalar, "How far repetitions are apart"),
];

/// The `correlation` block.
pub const CORRELATION: &[KeyShape] = &[
    key("type", Shape::Words(kinds), "What is looked for"),
    key("rules", Shape::Texts, "Ids, names or titles of rules, or conditions over the rule's own searches"),
    key("group-by", Shape::Texts, "Fields, or aliases; one window for each combination of values"),
    key("timespan", Shape::Scalar, "Within which time, such as 10m"),
    key("timeframe", Shape::Scalar, "The older word for timespan"),
    key("condition", Shape::Any, "Bounds of the count: gt, gte, lt, lte, eq, neq; and `field`"),
    key(
        "aliases",
        Shape::Named(&Shape::Named(&Shape::Scalar)),
        "What a name stands for in the events of each rule",
    ),
    key("generate", Shape::Any, "Whether its rules are reported as well"),
    key("field", Shape::Texts, "The field whose values count"),
    key("learning", Shape::Scalar, "How long `new_terms` learns before it tells"),
];
