//! Shapes of records that are easily got wrong, one by one. The records are made up; their shapes are those that the
//! services' own documentation shows.

use model::Effect;
use serde_json::{Value, json};
use trailpost_engine::mapping::{Certainty, Reference};

use super::{ACCOUNT, mapped};

/// A record of a call.
#[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
fn call(source: &str, name: &str, request: Value, response: Value) -> Value {
    json!({
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
        "recipientAccountId": ACCOUNT, "readOnly": false, "eventCategory": "Management",
        "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/team/alice"},
        "requestParameters": request, "responseElements": response,
    })
}

/// What a record changes, as short text: type, which, and what happens to it.
fn told(record: &Value) -> Vec<String> {
    mapped(record)
        .affected()
        .iter()
        .map(|one| {
            let which = match &one.which {
                Reference::Id(id) => id.clone(),
                Reference::Arn(arn) => format!("arn {arn}"),
                Reference::Name(name) => format!("name {name}"),
                Reference::Where(links) => links
                    .iter()
                    .map(|(path, values)| format!("{path}={}", values.join("|")))
                    .collect::<Vec<_>>()
                    .join(" & "),
                Reference::All => "all".to_owned(),
            };
            let effect = match one.change {
                Effect::Tags => " tags",
                Effect::Upsert => "",
                Effect::Gone => " gone",
            };
            format!("{} {which}{effect}", one.resource_type.trim_start_matches("aws."))
        })
        .collect()
}

fn assert_told(record: &Value, wanted: &[&str]) {
    let told = told(record);
    for one in wanted {
        assert!(told.iter().any(|told| told == one), "`{one}` is not in {told:#?} of {record}");
    }
}

macro_rules! cases {
    ($($name:ident: $record:expr => [$($wanted:literal),* $(,)?];)*) => {
        $(#[test] fn $name() { assert_told(&$record, &[$($wanted),*]); })*
    };
}

cases! {
    several_instances_of_one_call: call("ec2", "TerminateInstances", json!({"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}), json!(null))
        => ["ec2.instance i-1 gone", "ec2.instance i-2 gone"];
    instances_that_were_started: call("ec2", "RunInstances", json!({}), json!({"ownerId": ACCOUNT, "instancesSet": {"items": [{"instanceId": "i-1"}]}}))
        => ["ec2.instance i-1"];
    a_wrapped_request: call("ec2", "ModifyInstanceMetadataOptions", json!({"ModifyInstanceMetadataOptionsRequest": {"InstanceId": "i-1"}}), json!(null))
        => ["ec2.instance i-1"];
    one_flow_log: call("ec2", "DeleteFlowLogs", json!({"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}}), json!(null))
        => ["ec2.flow_log fl-1 gone", "ec2.vpc FlowLogs.FlowLogId=fl-1"];
    two_flow_logs: call("ec2", "DeleteFlowLogs", json!({"DeleteFlowLogsRequest": {"FlowLogId": [{"tag": 1, "content": "fl-1"}, {"tag": 2, "content": "fl-2"}]}}), json!(null))
        => ["ec2.flow_log fl-1 gone", "ec2.flow_log fl-2 gone", "ec2.vpc FlowLogs.FlowLogId=fl-1|fl-2"];
    two_types_of_one_call: call("ec2", "AttachVolume", json!({"volumeId": "vol-1", "instanceId": "i-1"}), json!({}))
        => ["ec2.volume vol-1", "ec2.instance i-1"];
    tags_by_the_prefix_of_an_id: call("ec2", "CreateTags", json!({"resourcesSet": {"items": [{"resourceId": "sg-1"}, {"resourceId": "vpce-svc-1"}, {"resourceId": "ami-1"}]}}), json!({}))
        => ["ec2.security_group sg-1 tags", "ec2.vpc_endpoint_service vpce-svc-1 tags", "ec2.image ami-1 tags"];
    a_rule_of_a_group_reaches_its_instances: call("ec2", "AuthorizeSecurityGroupIngress", json!({"groupId": "sg-1"}), json!({"securityGroupRuleSet": {"items": [{"groupId": "sg-1"}]}}))
        => ["ec2.security_group sg-1", "ec2.instance NetworkInterfaces.Groups.GroupId=sg-1"];
    an_association_that_is_over: call("ec2", "DisassociateRouteTable", json!({"associationId": "rtbassoc-1"}), json!({}))
        => ["ec2.route_table Associations.RouteTableAssociationId=rtbassoc-1"];
    an_attachment_that_is_over: call("ec2", "DetachNetworkInterface", json!({"attachmentId": "eni-attach-1"}), json!({}))
        => ["ec2.network_interface Attachment.AttachmentId=eni-attach-1"];
    a_key_pair_by_name: call("ec2", "DeleteKeyPair", json!({"keyName": "k"}), json!({}))
        => ["ec2.key_pair name k gone"];
    a_setting_of_a_region: call("ec2", "DisableEbsEncryptionByDefault", json!({}), json!({}))
        => ["ec2.region_settings eu-west-1"];
    what_comes_with_a_vpc: call("ec2", "CreateVpc", json!({}), json!({"vpc": {"vpcId": "vpc-1"}}))
        => ["ec2.vpc vpc-1", "ec2.security_group VpcId=vpc-1", "ec2.route_table VpcId=vpc-1"];
    a_renamed_user: call("iam", "UpdateUser", json!({"userName": "old", "newUserName": "new"}), json!(null))
        => ["iam.user old gone", "iam.user new"];
    a_user_whose_path_changes: call("iam", "UpdateUser", json!({"userName": "old", "newPath": "/x/"}), json!(null))
        => ["iam.user old"];
    the_caller_where_no_user_is_named: call("iam", "CreateAccessKey", json!(null), json!(null))
        => ["iam.user alice"];
    a_policy_with_a_path: call("iam", "CreatePolicyVersion", json!({"policyArn": "arn:aws:iam::111122223333:policy/team/p"}), json!(null))
        => ["iam.policy p", "iam.role AttachedManagedPolicies.PolicyArn=arn:aws:iam::111122223333:policy/team/p"];
    a_provider_whose_letters_are_odd: call("iam", "UpdateSAMLProvider", json!({"sAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/x"}), json!(null))
        => ["iam.saml_provider arn:aws:iam::111122223333:saml-provider/x"];
    all_buckets_of_an_account: call("s3", "PutAccountPublicAccessBlock", json!({}), json!(null))
        => ["s3.account 111122223333", "s3.bucket all"];
    a_name_that_differs_from_the_api: call("s3", "PutBucketPublicAccessBlock", json!({"bucketName": "b"}), json!(null))
        => ["s3.bucket b"];
    an_identifier_in_capitals: call("rds", "ModifyDBInstance", json!({"dBInstanceIdentifier": "Prod"}), json!({"engine": "mysql"}))
        => ["rds.instance prod"];
    a_cluster_of_another_engine: call("rds", "ModifyDBCluster", json!({"dBClusterIdentifier": "c"}), json!({"engine": "neptune"}))
        => ["neptune.cluster c"];
    a_replica_and_its_source: call("rds", "CreateDBInstanceReadReplica", json!({"dBInstanceIdentifier": "r", "sourceDBInstanceIdentifier": "s"}), json!({}))
        => ["rds.instance r", "rds.instance s"];
    databases_of_a_parameter_group: call("rds", "ModifyDBParameterGroup", json!({"dBParameterGroupName": "g"}), json!({}))
        => ["rds.parameter_group g", "rds.instance DBParameterGroups.DBParameterGroupName=g"];
    tags_by_arn: call("rds", "AddTagsToResource", json!({"resourceName": "arn:aws:rds:eu-west-1:111122223333:cluster:c"}), json!(null))
        => ["rds.cluster c tags"];
    a_key_by_alias: json!({"eventSource": "kms.amazonaws.com", "eventName": "PutKeyPolicy", "awsRegion": "eu-west-1", "recipientAccountId": ACCOUNT, "readOnly": false, "requestParameters": {"keyId": "alias/x"}, "resources": [{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/k-1"}]})
        => ["kms.key k-1"];
    the_end_of_a_secret: json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": "EndSecretVersionDelete", "eventType": "AwsServiceEvent", "awsRegion": "eu-west-1", "recipientAccountId": ACCOUNT, "readOnly": false, "additionalEventData": {"SecretId": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf"}})
        => ["secretsmanager.secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf gone"];
    a_secret_by_name: call("secretsmanager", "PutResourcePolicy", json!({"secretId": "prod/db-one"}), json!(null))
        => ["secretsmanager.secret name prod/db-one"];
    a_version_behind_the_name_of_a_call: call("lambda", "UpdateFunctionCode20150331v2", json!({"functionName": "arn:aws:lambda:eu-west-1:111122223333:function:f:live"}), json!(null))
        => ["lambda.function f"];
    a_part_of_an_arn: call("lambda", "AddPermission20150331v2", json!({"functionName": "111122223333:function:f"}), json!(null))
        => ["lambda.function f"];
    a_function_that_goes: call("lambda", "DeleteFunction20150331", json!({"functionName": "f"}), json!(null))
        => ["lambda.function f gone"];
    a_version_that_goes: call("lambda", "DeleteFunction20150331", json!({"functionName": "f", "qualifier": "3"}), json!(null))
        => ["lambda.function f"];
    a_trail_by_arn: call("cloudtrail", "StopLogging", json!({"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"}), json!(null))
        => ["cloudtrail.trail t", "cloudtrail.account 111122223333"];
    a_queue_by_arn: call("tagging", "TagResources", json!({"resourceARNList": ["arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:s3:::b"]}), json!({}))
        => ["sqs.queue https://sqs.eu-west-1.amazonaws.com/111122223333/q tags", "s3.bucket b tags"];
    a_zone_without_its_prefix: call("route53", "ChangeResourceRecordSets", json!({"hostedZoneId": "Z1"}), json!({}))
        => ["route53.hosted_zone /hostedzone/Z1"];
    a_classic_load_balancer: call("elasticloadbalancing", "DeleteLoadBalancer", json!({"loadBalancerName": "c"}), json!({}))
        => ["elb.load_balancer c gone"];
    a_load_balancer: call("elasticloadbalancing", "DeleteLoadBalancer", json!({"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/0"}), json!({}))
        => ["elbv2.load_balancer arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/0 gone"];
    a_stage_of_one_generation: call("apigateway", "UpdateStage", json!({"restApiId": "r", "stageName": "prod"}), json!({}))
        => ["apigateway.stage id=r & stageName=prod"];
    a_stage_of_the_other: call("apigateway", "UpdateStage", json!({"apiId": "a", "stageName": "prod"}), json!({}))
        => ["apigatewayv2.stage ApiId=a & StageName=prod"];
    a_rule_of_the_default_bus: call("events", "DisableRule", json!({"name": "r"}), json!({}))
        => ["events.rule arn:aws:events:eu-west-1:111122223333:rule/r"];
    a_rule_of_another_bus: call("events", "DisableRule", json!({"name": "r", "eventBusName": "b"}), json!({}))
        => ["events.rule Name=r & EventBusName=b"];
    a_web_acl_of_cloudfront: call("wafv2", "UpdateWebACL", json!({"id": "w", "scope": "CLOUDFRONT"}), json!({}))
        => ["wafv2.cloudfront_web_acl w"];
    a_revision_of_a_task: call("ecs", "DeregisterTaskDefinition", json!({"taskDefinition": "f:3"}), json!({}))
        => ["ecs.task_definition f"];
    a_log_group_by_arn: call("logs", "AssociateKmsKey", json!({"resourceIdentifier": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:*"}), json!(null))
        => ["logs.log_group /aws/lambda/f"];
    a_resource_by_cloud_control: call("cloudcontrolapi", "DeleteResource", json!({"typeName": "AWS::SNS::Topic", "identifier": "arn:aws:sns:eu-west-1:111122223333:t"}), json!({}))
        => ["sns.topic arn:aws:sns:eu-west-1:111122223333:t gone"];
    several_alarms: call("monitoring", "DeleteAlarms", json!({"alarmNames": ["a", "b"]}), json!(null))
        => ["cloudwatch.alarm a gone", "cloudwatch.alarm b gone", "cloudwatch.monitoring 111122223333"];
}

#[test]
fn only_the_type_that_is_meant_is_named() {
    let rds = call(
        "rds",
        "AddTagsToResource",
        json!({"resourceName": "arn:aws:rds:eu-west-1:111122223333:snapshot:s"}),
        json!(null),
    );
    assert_eq!(told(&rds), ["rds.snapshot s tags"]);
    let classic =
        call("elasticloadbalancing", "DeleteLoadBalancer", json!({"loadBalancerName": "c"}), json!({}));
    assert_eq!(told(&classic), ["elb.load_balancer c gone"]);
    let acl = call("wafv2", "UpdateWebACL", json!({"id": "w", "scope": "REGIONAL"}), json!({}));
    assert_eq!(told(&acl), ["wafv2.web_acl w"]);
    let neptune =
        call("rds", "ModifyDBCluster", json!({"dBClusterIdentifier": "c"}), json!({"engine": "neptune"}));
    assert_eq!(told(&neptune), ["neptune.cluster c"]);
}

#[test]
fn an_attempt_names_what_was_to_be_made() {
    for (source, name, request, wanted) in [
        ("iam", "CreateUser", json!({"userName": "u"}), "iam.user u"),
        ("iam", "CreatePolicy", json!({"policyName": "p"}), "iam.policy p"),
        ("sns", "CreateTopic", json!({"name": "t"}), "sns.topic arn:aws:sns:eu-west-1:111122223333:t"),
        (
            "sqs",
            "CreateQueue",
            json!({"queueName": "q"}),
            "sqs.queue https://sqs.eu-west-1.amazonaws.com/111122223333/q",
        ),
    ] {
        let mut record = call(source, name, request, json!(null));
        record["errorCode"] = "AccessDenied".into();
        assert_eq!(told(&record), [wanted]);
    }
}

#[test]
fn policies_of_aws_are_nobodys() {
    let record = call(
        "iam",
        "AttachRolePolicy",
        json!({"roleName": "r", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        json!(null),
    );
    assert_eq!(told(&record), ["iam.role r"]);
}

#[test]
fn places_are_those_of_the_resource() {
    let place = |record: &Value| {
        let found = mapped(record);
        let one = found.affected().first().unwrap();
        (one.account.clone(), one.region.clone())
    };
    let is = |account: &str, region: &str| (account.to_owned(), region.to_owned());
    let mut role = call("iam", "DeleteRole", json!({"roleName": "r"}), json!(null));
    assert_eq!(place(&role), is(ACCOUNT, "us-east-1"));
    role["awsRegion"] = "cn-northwest-1".into();
    assert_eq!(place(&role), is(ACCOUNT, "cn-north-1"));
    let topic =
        call("sns", "DeleteTopic", json!({"topicArn": "arn:aws:sns:eu-north-1:444455556666:t"}), json!(null));
    assert_eq!(place(&topic), is("444455556666", "eu-north-1"));
    let shared = call(
        "ec2",
        "CreateNetworkInterface",
        json!({}),
        json!({"ownerId": "444455556666", "networkInterface": {"networkInterfaceId": "eni-1"}}),
    );
    assert_eq!(place(&shared), is("444455556666", "eu-west-1"));
    let bucket = call(
        "s3",
        "CreateBucket",
        json!({"bucketName": "b", "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}),
        json!(null),
    );
    assert_eq!(place(&bucket), is(ACCOUNT, "eu-central-1"));
}

#[test]
fn facets_are_told() {
    let record = call("s3", "PutBucketVersioning", json!({"bucketName": "b"}), json!(null));
    let found = mapped(&record);
    let one = found.affected().first().unwrap();
    assert_eq!(one.facets.iter().collect::<Vec<_>>(), ["Versioning"]);
    assert_eq!(one.certainty, Certainty::Curated);
}

#[test]
fn a_call_that_no_row_names_may_be_derived() {
    let record = call(
        "acm-pca",
        "UpdateCertificateAuthority",
        json!({"certificateAuthorityArn": "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/a"}),
        json!(null),
    );
    let found = mapped(&record);
    assert_eq!(found.affected().first().unwrap().certainty, Certainty::Generated);
}
