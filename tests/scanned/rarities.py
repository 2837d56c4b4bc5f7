"""What the estate lacks, one of each, so that more operations have something to answer: calls that make it, in order."""

import json

from reader import straight_to

ACCOUNT = "123456789012"
HOME = "us-east-1"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "r", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}]})
ROLE = f"arn:aws:iam::{ACCOUNT}:role/role-0"
BUCKET = f"bucket-0-{ACCOUNT}"
ORIGIN = {"Id": "o", "DomainName": "b.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
BEHAVIOR = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0, "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}
DISTRIBUTION = {"CallerReference": "r", "Origins": {"Quantity": 1, "Items": [ORIGIN]}, "DefaultCacheBehavior": BEHAVIOR, "Comment": "", "Enabled": True}
VISIBLE = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
FLEET = {"MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.xlarge", "InstanceCount": 1}
BROKERS = {"InstanceType": "kafka.m5.large", "ClientSubnets": ["subnet-1"], "SecurityGroups": ["sg-1"]}
TRAINING = {
    "TrainingJobName": "t", "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"}, "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://b/o"}, "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}

CALLS = [
    ("organizations", "create_organization", {"FeatureSet": "ALL"}),
    ("account", "put_alternate_contact", {"AlternateContactType": "SECURITY", "EmailAddress": "s@example.com", "Name": "S", "PhoneNumber": "1", "Title": "T"}),
    ("iam", "create_open_id_connect_provider", {"Url": "https://id.example.com", "ThumbprintList": ["0" * 40], "ClientIDList": ["sts.amazonaws.com"]}),
    ("iam", "create_saml_provider", {"Name": "saml", "SAMLMetadataDocument": "x" * 1000}),
    ("iam", "create_virtual_mfa_device", {"VirtualMFADeviceName": "mfa"}),
    ("iam", "upload_ssh_public_key", {"UserName": "user-0", "SSHPublicKeyBody": "ssh-rsa AAAA"}),
    ("iam", "upload_server_certificate", {"ServerCertificateName": "c", "CertificateBody": "b", "PrivateKey": "k"}),
    ("iam", "add_role_to_instance_profile", {"InstanceProfileName": "web", "RoleName": "role-1"}),
    ("s3", "put_bucket_encryption", {"Bucket": BUCKET, "ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}}),
    ("s3", "put_bucket_ownership_controls", {"Bucket": BUCKET, "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
    ("s3", "put_bucket_lifecycle_configuration", {"Bucket": BUCKET, "LifecycleConfiguration": {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 7}, "Transitions": [{"Days": 3, "StorageClass": "GLACIER"}]}]}}),
    ("s3", "put_bucket_website", {"Bucket": BUCKET, "WebsiteConfiguration": {"IndexDocument": {"Suffix": "i.html"}, "RoutingRules": [{"Condition": {"KeyPrefixEquals": "a"}, "Redirect": {"ReplaceKeyPrefixWith": "b"}}]}}),
    ("s3", "put_bucket_versioning", {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}),
    ("s3", "put_bucket_replication", {"Bucket": BUCKET, "ReplicationConfiguration": {"Role": ROLE, "Rules": [{"ID": "r", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::trail-bucket"}}]}}),
    ("s3", "create_bucket", {"Bucket": "aa-locked", "ObjectLockEnabledForBucket": True}),
    ("s3", "put_object_lock_configuration", {"Bucket": "aa-locked", "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}}),
    ("s3control", "put_public_access_block", {"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "IgnorePublicAcls": False}}),
    ("s3control", "create_access_point", {"AccountId": ACCOUNT, "Name": "point", "Bucket": BUCKET}),
    ("s3control", "put_access_point_policy", {"AccountId": ACCOUNT, "Name": "point", "Policy": POLICY}),
    ("ecr", "set_repository_policy", {"repositoryName": "repository-0", "policyText": POLICY}),
    ("ecr", "put_lifecycle_policy", {"repositoryName": "repository-0", "lifecyclePolicyText": '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]}'}),
    ("backup", "create_backup_vault", {"BackupVaultName": "vault"}),
    ("backup", "create_backup_plan", {"BackupPlan": {"BackupPlanName": "plan", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "vault", "Lifecycle": {"DeleteAfterDays": 7}}]}}),
    ("cloudfront", "create_distribution", {"DistributionConfig": DISTRIBUTION}),
    ("cognito-identity", "create_identity_pool", {"IdentityPoolName": "pool", "AllowUnauthenticatedIdentities": True}),
    ("dax", "create_cluster", {"ClusterName": "dax", "NodeType": "dax.t3.small", "ReplicationFactor": 1, "IamRoleArn": ROLE}),
    ("elasticbeanstalk", "create_application", {"ApplicationName": "beans"}),
    ("elasticbeanstalk", "create_environment", {"ApplicationName": "beans", "EnvironmentName": "prod", "SolutionStackName": "64bit Amazon Linux 2017.09 v2.7.1 running Python 3.6"}),
    ("emr", "run_job_flow", {"Name": "flow", "Instances": FLEET}),
    ("emr", "create_security_configuration", {"Name": "sc", "SecurityConfiguration": "{}"}),
    ("firehose", "create_delivery_stream", {"DeliveryStreamName": "hose", "S3DestinationConfiguration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::trail-bucket"}}),
    ("kafka", "create_cluster", {"ClusterName": "msk", "KafkaVersion": "3.6.0", "NumberOfBrokerNodes": 1, "BrokerNodeGroupInfo": BROKERS}),
    ("mq", "create_broker", {"BrokerName": "mq", "DeploymentMode": "SINGLE_INSTANCE", "EngineType": "ACTIVEMQ", "EngineVersion": "5.18", "HostInstanceType": "mq.t3.micro", "PubliclyAccessible": True, "AutoMinorVersionUpgrade": True, "Users": [{"Username": "u", "Password": "p"}]}),
    ("eks", "create_nodegroup", {"clusterName": "kube", "nodegroupName": "nodes", "subnets": ["subnet-1"], "nodeRole": ROLE}),
    ("eks", "create_fargate_profile", {"clusterName": "kube", "fargateProfileName": "fargate", "podExecutionRoleArn": ROLE, "selectors": [{"namespace": "n"}]}),
    ("rds", "create_db_parameter_group", {"DBParameterGroupName": "parameters", "DBParameterGroupFamily": "mysql8.0", "Description": "d"}),
    ("rds", "create_db_cluster_parameter_group", {"DBClusterParameterGroupName": "parameters", "DBParameterGroupFamily": "aurora-mysql8.0", "Description": "d"}),
    ("rds", "create_db_cluster_snapshot", {"DBClusterIdentifier": "aurora", "DBClusterSnapshotIdentifier": "snapshot"}),
    ("redshift", "create_cluster_parameter_group", {"ParameterGroupName": "parameters", "ParameterGroupFamily": "redshift-1.0", "Description": "d"}),
    ("route53", "create_hosted_zone", {"Name": "example.com.", "CallerReference": "r"}),
    ("sagemaker", "create_model", {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "i"}}),
    ("sagemaker", "create_endpoint_config", {"EndpointConfigName": "e", "ProductionVariants": [{"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}]}),
    ("sagemaker", "create_notebook_instance", {"NotebookInstanceName": "n", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}),
    ("sagemaker", "create_notebook_instance_lifecycle_config", {"NotebookInstanceLifecycleConfigName": "l", "OnStart": [{"Content": "eA=="}]}),
    ("sagemaker", "create_training_job", TRAINING),
    ("securityhub", "enable_security_hub", {}),
    ("shield", "create_subscription", {}),
    ("ssm", "create_document", {"Name": "document", "Content": '{"schemaVersion": "2.2", "description": "d", "mainSteps": []}', "DocumentType": "Command"}),
    ("transfer", "create_server", {"Protocols": ["SFTP"]}),
    ("wafv2", "create_web_acl", {"Name": "acl", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": VISIBLE, "Rules": [{"Name": "r", "Priority": 1, "Statement": {"GeoMatchStatement": {"CountryCodes": ["DE"]}}, "Action": {"Block": {}}, "VisibilityConfig": VISIBLE}]}),
    ("network-firewall", "create_firewall", {"FirewallName": "wall", "FirewallPolicyArn": f"arn:aws:network-firewall:{HOME}:{ACCOUNT}:firewall-policy/p", "VpcId": "vpc-1", "SubnetMappings": [{"SubnetId": "subnet-1"}]}),
]


def add(estate):
    """Makes them in the account of `estate`, as far as the emulator can."""
    for service, call, parameters in CALLS:

        def step(region):
            client = estate.client(service, region)
            client.meta.events.register("before-send", lambda request, **_: straight_to(estate.url, request))
            getattr(client, call)(**parameters)

        step.__name__ = f"{service}.{call}"
        estate.attempt(step, HOME)
