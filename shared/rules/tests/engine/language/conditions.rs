use super::detection;
use rules::Truth::{self, False, True};

/// The verdict of a condition over `yes_1`, `yes_2` and `_yes`, which hold, and `no_1` and `no_2`, which do not.
fn of(condition: &str) -> Truth {
    let searches = "yes_1: {a: x}, yes_2: {a: x}, _yes: {a: x}, no_1: {a: y}, no_2: {a: y}";
    detection(&format!("{{{searches}, condition: {condition}}}"), r#"{"a":"x"}"#)
}

fn all_are(truth: Truth, conditions: &[&str]) {
    for condition in conditions {
        assert_eq!(of(condition), truth, "{condition}");
    }
}

#[test]
fn and_or_not_and_parentheses_join_searches() {
    all_are(
        True,
        &["yes_1", "yes_1 and yes_2", "no_1 or yes_1", "not no_1", "not (no_1 and yes_1)", "(((yes_1)))"],
    );
    all_are(
        False,
        &["no_1", "yes_1 and no_1", "no_1 or no_2", "not yes_1", "not (no_1 or yes_1)", "not not no_1"],
    );
}

#[test]
fn not_binds_closer_than_and_which_binds_closer_than_or() {
    all_are(
        True,
        &["yes_1 or no_1 and no_2", "no_1 and no_2 or yes_1", "not no_1 and yes_1", "not no_1 or no_2"],
    );
    all_are(False, &["(yes_1 or no_1) and no_2", "not no_1 and no_2", "not yes_1 or no_2"]);
}

#[test]
fn of_counts_searches_by_pattern() {
    all_are(
        True,
        &[
            "1 of yes_*",
            "2 of yes_*",
            "all of yes_*",
            "any of *_1",
            "1 of yes_1",
            "2 of *",
            "3 of *yes*",
            "not 1 of no_*",
        ],
    );
    all_are(False, &["1 of no_*", "3 of yes_*", "all of *_1", "2 of *_1", "all of *"]);
}

#[test]
fn them_is_all_but_what_starts_with_an_underscore() {
    all_are(True, &["1 of them", "2 of them", "1 of _*"]);
    all_are(False, &["3 of them", "all of them"]);
}

#[test]
fn words_may_be_written_in_any_case() {
    all_are(True, &["yes_1 AND NOT no_1", "ALL OF yes_*", "1 Of Them"]);
}

#[test]
fn white_space_means_nothing() {
    all_are(True, &["'yes_1   and(not no_1)'", "\"yes_1\\n  and\\n  yes_2\"", "'(yes_1)and(yes_2)'"]);
}

#[test]
fn one_of_several_conditions_has_to_hold() {
    all_are(True, &["[no_1, yes_1]"]);
    all_are(False, &["[no_1, no_2]"]);
}

#[test]
fn timeframe_is_no_search() {
    assert_eq!(detection("{s: {a: x}, timeframe: 5m, condition: all of them}", r#"{"a":"x"}"#), True);
}
