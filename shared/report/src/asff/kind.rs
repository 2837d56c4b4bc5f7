//! The types of resources that the AWS Security Finding Format knows.

/// The members of `ResourceDetails` that are of AWS. See
/// <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ResourceDetails.html>.
#[rustfmt::skip]
static KNOWN: &[&str] = &[
    "AwsAmazonMqBroker", "AwsApiGatewayRestApi", "AwsApiGatewayStage", "AwsApiGatewayV2Api",
    "AwsApiGatewayV2Stage", "AwsAppSyncGraphQlApi", "AwsAthenaWorkGroup", "AwsAutoScalingAutoScalingGroup",
    "AwsAutoScalingLaunchConfiguration", "AwsBackupBackupPlan", "AwsBackupBackupVault",
    "AwsBackupRecoveryPoint", "AwsCertificateManagerCertificate", "AwsCloudFormationStack",
    "AwsCloudFrontDistribution", "AwsCloudTrailTrail", "AwsCloudWatchAlarm", "AwsCodeBuildProject",
    "AwsDmsEndpoint", "AwsDmsReplicationInstance", "AwsDmsReplicationTask", "AwsDynamoDbTable",
    "AwsEc2ClientVpnEndpoint", "AwsEc2Eip", "AwsEc2Instance", "AwsEc2LaunchTemplate", "AwsEc2NetworkAcl",
    "AwsEc2NetworkInterface", "AwsEc2RouteTable", "AwsEc2SecurityGroup", "AwsEc2Subnet",
    "AwsEc2TransitGateway", "AwsEc2Volume", "AwsEc2Vpc", "AwsEc2VpcEndpointService",
    "AwsEc2VpcPeeringConnection", "AwsEc2VpnConnection", "AwsEcrContainerImage", "AwsEcrRepository",
    "AwsEcsCluster", "AwsEcsContainer", "AwsEcsService", "AwsEcsTask", "AwsEcsTaskDefinition",
    "AwsEfsAccessPoint", "AwsEksCluster", "AwsElasticBeanstalkEnvironment", "AwsElasticsearchDomain",
    "AwsElbLoadBalancer", "AwsElbv2LoadBalancer", "AwsEventSchemasRegistry", "AwsEventsEndpoint",
    "AwsEventsEventbus", "AwsGuardDutyDetector", "AwsIamAccessKey", "AwsIamGroup", "AwsIamPolicy",
    "AwsIamRole", "AwsIamUser", "AwsKinesisStream", "AwsKmsKey", "AwsLambdaFunction",
    "AwsLambdaLayerVersion", "AwsMskCluster", "AwsNetworkFirewallFirewall",
    "AwsNetworkFirewallFirewallPolicy", "AwsNetworkFirewallRuleGroup", "AwsOpenSearchServiceDomain",
    "AwsRdsDbCluster", "AwsRdsDbClusterSnapshot", "AwsRdsDbInstance", "AwsRdsDbSecurityGroup",
    "AwsRdsDbSnapshot", "AwsRdsEventSubscription", "AwsRedshiftCluster", "AwsRoute53HostedZone",
    "AwsS3AccessPoint", "AwsS3AccountPublicAccessBlock", "AwsS3Bucket", "AwsS3Object",
    "AwsSageMakerNotebookInstance", "AwsSecretsManagerSecret", "AwsSnsTopic", "AwsSqsQueue",
    "AwsSsmPatchCompliance", "AwsStepFunctionStateMachine", "AwsWafRateBasedRule",
    "AwsWafRegionalRateBasedRule", "AwsWafRegionalRule", "AwsWafRegionalRuleGroup", "AwsWafRegionalWebAcl",
    "AwsWafRule", "AwsWafRuleGroup", "AwsWafWebAcl", "AwsWafv2RuleGroup", "AwsWafv2WebAcl",
    "AwsXrayEncryptionConfig",
];

/// The format's name for one of our types: `AwsEc2SecurityGroup` for `aws.ec2.security-group`, and `Other`, as the
/// format asks for, where it has no such name.
pub(super) fn of(resource_type: &str) -> &'static str {
    let letters = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>()
    };
    let wanted = letters(resource_type);
    KNOWN.iter().find(|known| letters(known) == wanted).copied().unwrap_or("Other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_as_the_format_names_it() {
        assert_eq!(of("aws.ec2.security-group"), "AwsEc2SecurityGroup");
        assert_eq!(of("aws.s3.bucket"), "AwsS3Bucket");
        assert_eq!(of("aws.nothing.known"), "Other");
    }
}
