//! `trailpost rules pack`: rules for the functions of a deployment.

use std::io::Read as _;

use serde_json::Value;

use crate::trial::Trial;

const RULE: &str = "
title: Table deleted
severity: high
logsource: { product: aws, service: cloudtrail }
detection: { delete: { eventSource: dynamodb.amazonaws.com, eventName: DeleteTable }, condition: delete }
";

/// What the layer holds, where Lambda unpacks it.
fn packed(trial: &Trial, name: &str) -> Value {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(trial.path(name)).unwrap()).unwrap();
    assert_eq!(archive.len(), 1);
    let mut text = String::new();
    archive.by_name("trailpost/rules.json").unwrap().read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_same_rules_make_the_same_layer() {
    let trial = Trial::new().file("mine/a.yaml", RULE);

    let ran = trial.run(&["rules", "pack", "mine"]);
    let again = trial.run(&["rules", "pack", "mine", "--into", "b.zip"]);

    assert_eq!((ran.code, ran.out.as_str()), (0, "trailpost-rules.zip\n"), "{}", ran.err);
    assert!(
        ran.err.ends_with(
            "1 rule and 0 types of resources; publish it and name it in the parameter RulesLayer\n"
        )
    );
    assert_eq!(again.out, "b.zip\n");
    let read = |name: &str| std::fs::read(trial.path(name)).unwrap();
    assert_eq!(read("trailpost-rules.zip"), read("b.zip"));
    let pack = packed(&trial, "b.zip");
    assert_eq!(pack["entries"][0]["document"]["title"], "Table deleted");
}

#[test]
fn one_mistake_and_nothing_is_packed() {
    let trial = Trial::new()
        .file("mine/a.yaml", RULE)
        .file("mine/b.yaml", RULE.replace("condition: delete", "condition: gone"));

    let ran = trial.run(&["rules", "pack", "mine"]);

    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("mine/b.yaml:5:") && ran.err.contains("error[unknown-search]"), "{}", ran.err);
    assert!(ran.err.ends_with("nothing is packed: 1 error\n"), "{}", ran.err);
    assert!(!trial.path("trailpost-rules.zip").exists());
}

#[test]
fn what_rows_call_besides_is_said() {
    let row = "
aws.dynamodb.expiry:
  list: { call: dynamodb:ListTables, items: TableNames, as: TableName }
  id: TableName
  arn: arn:{partition}:dynamodb:{region}:{account}:table/{TableName}
  facets:
    TimeToLive: { call: dynamodb:DescribeTimeToLive, with: { TableName: TableName }, take: TimeToLiveDescription }
";
    let trial = Trial::new().file("mine/resources.yaml", row);

    let ran = trial.run(&["rules", "pack", "mine"]);

    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = "Give the read role what its rows call besides: dynamodb:DescribeTimeToLive\n";
    assert!(ran.err.starts_with(said), "{}", ran.err);
}

#[test]
fn a_row_that_calls_what_there_is_not_is_not_packed() {
    let row = "aws.workspaces.image:\n  scope: regional\n  list: { call: workspaces:DescribeWorkspaceImagery, items: Images }\n  id: ImageId\n  arn: arn:{partition}:workspaces:{region}:{account}:workspaceimage/{ImageId}\n";
    let trial = Trial::new().file("mine/resources.yaml", row);

    let ran = trial.run(&["rules", "pack", "mine"]);

    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("DescribeWorkspaceImagery") && ran.err.contains("nothing is packed: "),
        "{}",
        ran.err
    );
    assert!(!trial.path("trailpost-rules.zip").exists());
}

#[test]
fn a_folder_without_rules_is_refused() {
    let trial = Trial::new().file("mine/readme.md", "nothing");
    let ran = trial.run(&["rules", "pack", "mine"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (3, "trailpost: there is no rule at these paths; name files and folders of rules\n")
    );
}
