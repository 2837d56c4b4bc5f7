"""The account that is recorded: the one that is scanned in other tests, and at least one of whatever else an emulator makes.

`python estate.py URL` seeds the emulator at URL. What it cannot make is said; `answers/` has it instead, where it matters.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scanned"))

from estate import ACCOUNT, REGIONS, Estate  # noqa: E402

ROLE = f"arn:aws:iam::{ACCOUNT}:role/role-0"
BROAD = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/11111111-1111-4111-8111-111111111111"


class Wide(Estate):
    def seed_wide(self):
        for region in REGIONS:
            for made in (self.network_of, self.data, self.clusters, self.pipelines, self.workloads, self.models):
                self.attempt(made, region)
        for made in (self.identities, self.global_edges):
            self.attempt(made, "us-east-1")
        return self

    def call(self, region, service, operation, **parameters):
        """Makes one thing; what the emulator lacks is noted, and the rest is made all the same."""
        try:
            answer = getattr(self.client(service, region), operation)(**parameters)
        except Exception as problem:
            self.left_out.append(f"{service}:{operation} in {region}: {str(problem)[:140]}")
            return {}
        self.made += 1
        return answer

    def network_of(self, region):
        ec2 = self.client("ec2", region)
        vpcs = [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        groups = [group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]]
        gateway = self.call(region, "ec2", "create_internet_gateway").get("InternetGateway", {}).get("InternetGatewayId")
        self.call(region, "ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpcs[1])
        self.call(region, "ec2", "create_nat_gateway", SubnetId=subnets[0], ConnectivityType="private")
        self.call(region, "ec2", "create_transit_gateway", Options={"AutoAcceptSharedAttachments": "enable"})
        self.call(region, "ec2", "create_vpc_endpoint", VpcId=vpcs[0], ServiceName=f"com.amazonaws.{region}.s3", VpcEndpointType="Gateway", PolicyDocument=BROAD)
        self.call(region, "ec2", "create_vpc_peering_connection", VpcId=vpcs[0], PeerVpcId=vpcs[1])
        vpn = self.call(region, "ec2", "create_vpn_gateway", Type="ipsec.1").get("VpnGateway", {}).get("VpnGatewayId")
        customer = self.call(region, "ec2", "create_customer_gateway", BgpAsn=65000, PublicIp="198.51.100.7", Type="ipsec.1").get("CustomerGateway", {})
        self.call(region, "ec2", "create_vpn_connection", Type="ipsec.1", CustomerGatewayId=customer.get("CustomerGatewayId"), VpnGatewayId=vpn)
        self.call(region, "logs", "create_log_group", logGroupName="/flow")
        self.call(region, "ec2", "create_flow_logs", ResourceIds=vpcs[:1], ResourceType="VPC", TrafficType="ALL", LogDestinationType="cloud-watch-logs", LogGroupName="/flow", DeliverLogsPermissionArn=ROLE)
        instances = ec2.describe_instances()["Reservations"]
        image = self.call(region, "ec2", "create_image", InstanceId=instances[0]["Instances"][0]["InstanceId"], Name="golden").get("ImageId")
        self.call(region, "ec2", "modify_image_attribute", ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
        lb = self.call(region, "elbv2", "create_load_balancer", Name="net", Type="network", Subnets=subnets[:1]).get("LoadBalancers", [{}])[0].get("LoadBalancerArn")
        self.call(region, "ec2", "create_vpc_endpoint_service_configuration", NetworkLoadBalancerArns=[lb], AcceptanceRequired=False)
        self.call(region, "apigateway", "create_vpc_link", name="link", targetArns=[lb])
        self.call(region, "apigatewayv2", "create_vpc_link", Name="link", SubnetIds=subnets[:1], SecurityGroupIds=groups[:1])
        self.subnets, self.groups, self.vpcs = subnets, groups, vpcs
        self.call(region, "autoscaling", "create_launch_configuration", LaunchConfigurationName="old", ImageId=image, InstanceType="t3.micro", AssociatePublicIpAddress=True)
        self.call(region, "autoscaling", "create_auto_scaling_group", AutoScalingGroupName="web", LaunchConfigurationName="old", MinSize=0, MaxSize=1, DesiredCapacity=0, AvailabilityZones=[f"{region}a"])

    def data(self, region):
        self.call(region, "dynamodb", "create_table", TableName="provided", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
        self.call(region, "application-autoscaling", "register_scalable_target", ServiceNamespace="dynamodb", ResourceId="table/provided", ScalableDimension="dynamodb:table:ReadCapacityUnits", MinCapacity=1, MaxCapacity=9)
        for kind in ("rds", "docdb", "neptune"):
            engine = {"rds": "aurora-postgresql", "docdb": "docdb", "neptune": "neptune"}[kind]
            name = f"{kind}-cluster"
            self.call(region, kind, "create_db_cluster", DBClusterIdentifier=name, Engine=engine, MasterUsername="root", MasterUserPassword="Correct-horse-9")
            self.call(region, kind, "create_db_instance", DBInstanceIdentifier=f"{kind}-node", DBInstanceClass="db.r5.large", Engine=engine, DBClusterIdentifier=name)
            self.call(region, kind, "create_db_cluster_snapshot", DBClusterSnapshotIdentifier=f"{kind}-snapshot", DBClusterIdentifier=name)
        self.call(region, "rds", "create_db_subnet_group", DBSubnetGroupName="data", DBSubnetGroupDescription="d", SubnetIds=self.subnets[:2])
        self.call(region, "rds", "create_db_parameter_group", DBParameterGroupName="own", DBParameterGroupFamily="postgres16", Description="d")
        self.call(region, "rds", "create_db_cluster_parameter_group", DBClusterParameterGroupName="own", DBParameterGroupFamily="aurora-postgresql16", Description="d")
        self.call(region, "rds", "create_option_group", OptionGroupName="own", EngineName="mysql", MajorEngineVersion="8.0", OptionGroupDescription="d")
        self.call(region, "rds", "create_event_subscription", SubscriptionName="events", SnsTopicArn=f"arn:aws:sns:{region}:{ACCOUNT}:topic-0", SourceType="db-instance", EventCategories=["failure"])
        self.call(region, "rds", "create_db_proxy", DBProxyName="proxy", EngineFamily="POSTGRESQL", Auth=[{"AuthScheme": "SECRETS"}], RoleArn=ROLE, VpcSubnetIds=self.subnets[:2], RequireTLS=False)
        self.call(region, "rds", "create_global_cluster", GlobalClusterIdentifier=f"world-{region}", Engine="aurora-postgresql")
        self.call(region, "elasticache", "create_replication_group", ReplicationGroupId="cache", ReplicationGroupDescription="d", Engine="redis", CacheNodeType="cache.t3.micro")
        self.call(region, "elasticache", "create_cache_subnet_group", CacheSubnetGroupName="cache", CacheSubnetGroupDescription="d", SubnetIds=self.subnets[:1])
        self.call(region, "elasticache", "create_snapshot", SnapshotName="cache", ReplicationGroupId="cache")
        self.call(region, "memorydb", "create_cluster", ClusterName="memory", NodeType="db.t4g.small", ACLName="open-access", TLSEnabled=False)
        self.call(region, "memorydb", "create_snapshot", ClusterName="memory", SnapshotName="memory")
        self.call(region, "dax", "create_cluster", ClusterName="dax", NodeType="dax.t3.small", ReplicationFactor=1, IamRoleArn=ROLE)
        self.call(region, "redshift", "create_cluster_subnet_group", ClusterSubnetGroupName="data", Description="d", SubnetIds=self.subnets[:1])
        self.call(region, "redshift", "create_cluster_parameter_group", ParameterGroupName="own", ParameterGroupFamily="redshift-1.0", Description="d")
        self.call(region, "redshift", "create_cluster_snapshot", SnapshotIdentifier="warehouse", ClusterIdentifier="warehouse")
        self.call(region, "opensearchserverless", "create_security_policy", name="keys", type="encryption", policy=json.dumps({"Rules": [{"ResourceType": "collection", "Resource": ["collection/*"]}], "AWSOwnedKey": True}))
        self.call(region, "opensearchserverless", "create_collection", name="search", type="SEARCH")
        self.call(region, "fsx", "create_file_system", FileSystemType="LUSTRE", StorageCapacity=1200, SubnetIds=self.subnets[:1], LustreConfiguration={"DeploymentType": "SCRATCH_2"})
        files = self.client("efs", region).describe_file_systems()["FileSystems"][0]["FileSystemId"]
        self.call(region, "efs", "create_access_point", FileSystemId=files, ClientToken="t")
        self.call(region, "backup", "create_backup_vault", BackupVaultName="vault")
        self.call(region, "backup", "create_backup_plan", BackupPlan={"BackupPlanName": "daily", "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "vault"}]})
        self.call(region, "dms", "create_replication_subnet_group", ReplicationSubnetGroupIdentifier="dms", ReplicationSubnetGroupDescription="d", SubnetIds=self.subnets[:2])
        self.call(region, "dms", "create_replication_instance", ReplicationInstanceIdentifier="mover", ReplicationInstanceClass="dms.t3.micro", PubliclyAccessible=True)
        ends = [
            self.call(region, "dms", "create_endpoint", EndpointIdentifier=name, EndpointType=kind, EngineName="mysql", ServerName="db.example.com", Port=3306, Username="u", SslMode="none").get("Endpoint", {}).get("EndpointArn")
            for name, kind in (("from", "source"), ("to", "target"))
        ]
        self.call(region, "dms", "create_replication_task", ReplicationTaskIdentifier="move", SourceEndpointArn=ends[0], TargetEndpointArn=ends[1], ReplicationInstanceArn=f"arn:aws:dms:{region}:{ACCOUNT}:rep:mover", MigrationType="full-load", TableMappings="{}")
        self.call(region, "s3control", "create_access_point", AccountId=ACCOUNT, Name=f"point-{region}", Bucket=f"bucket-0-{ACCOUNT}")
        self.call(region, "secretsmanager", "put_resource_policy", SecretId="secret-0", ResourcePolicy=BROAD)

    def clusters(self, region):
        self.call(region, "eks", "create_nodegroup", clusterName="kube", nodegroupName="nodes", subnets=self.subnets[:1], nodeRole=ROLE)
        self.call(region, "eks", "create_fargate_profile", clusterName="kube", fargateProfileName="fargate", podExecutionRoleArn=ROLE, selectors=[{"namespace": "default"}])
        self.call(region, "emr", "run_job_flow", Name="emr", ReleaseLabel="emr-7.1.0", Instances={"MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.xlarge", "InstanceCount": 2, "KeepJobFlowAliveWhenNoSteps": True}, JobFlowRole="EMR_EC2", ServiceRole="EMR")
        self.call(region, "kafka", "create_cluster_v2", ClusterName="msk", Provisioned={"BrokerNodeGroupInfo": {"InstanceType": "kafka.m5.large", "ClientSubnets": self.subnets[:2]}, "KafkaVersion": "3.6.0", "NumberOfBrokerNodes": 2})
        self.call(region, "mq", "create_broker", BrokerName="broker", EngineType="ACTIVEMQ", EngineVersion="5.18", HostInstanceType="mq.t3.micro", DeploymentMode="SINGLE_INSTANCE", PubliclyAccessible=True, AutoMinorVersionUpgrade=False, Users=[{"Username": "u", "Password": "Correct-horse-9"}])
        self.call(region, "batch", "create_compute_environment", computeEnvironmentName="batch", type="UNMANAGED", serviceRole=ROLE)
        environment = f"arn:aws:batch:{region}:{ACCOUNT}:compute-environment/batch"
        self.call(region, "batch", "create_job_queue", jobQueueName="jobs", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}])
        self.call(region, "batch", "register_job_definition", jobDefinitionName="job", type="container", containerProperties={"image": "busybox", "vcpus": 1, "memory": 128, "privileged": True})
        self.call(region, "elasticbeanstalk", "create_application", ApplicationName="app")
        self.call(region, "elasticbeanstalk", "create_environment", ApplicationName="app", EnvironmentName="prod")
        self.call(region, "transfer", "create_server", Protocols=["FTP", "SFTP"], IdentityProviderType="SERVICE_MANAGED")
        directory = self.call(region, "ds", "create_directory", Name="corp.example.com", Password="Correct-horse-9", Size="Small", VpcSettings={"VpcId": self.vpcs[0], "SubnetIds": self.subnets[:2]}).get("DirectoryId")
        self.call(region, "workspaces", "register_workspace_directory", DirectoryId=directory, EnableWorkDocs=False)
        self.call(region, "workspaces", "create_workspaces", Workspaces=[{"DirectoryId": directory, "UserName": "alice", "BundleId": "wsb-1", "UserVolumeEncryptionEnabled": False}])

    def pipelines(self, region):
        template = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"Name": {"Value": "q"}}})
        self.call(region, "cloudformation", "create_stack", StackName="stack", TemplateBody=template)
        self.call(region, "cloudformation", "create_stack_set", StackSetName="set", TemplateBody=template)
        stage = lambda name, category, provider, **more: {"name": name, "actions": [{"name": name, "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"}, **more}]}
        self.call(region, "codepipeline", "create_pipeline", pipeline={"name": "pipe", "roleArn": ROLE, "version": 1, "artifactStore": {"type": "S3", "location": "trail-bucket"}, "stages": [stage("Source", "Source", "S3", configuration={"S3Bucket": "trail-bucket", "S3ObjectKey": "k"}), stage("Build", "Build", "CodeBuild")]})
        self.call(region, "firehose", "create_delivery_stream", DeliveryStreamName="hose", ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::trail-bucket"})
        self.call(region, "glue", "create_database", DatabaseInput={"Name": "lake"})
        self.call(region, "glue", "create_job", Name="etl", Role=ROLE, Command={"Name": "glueetl", "ScriptLocation": "s3://trail-bucket/x.py"}, GlueVersion="1.0")
        self.call(region, "glue", "create_crawler", Name="crawler", Role=ROLE, DatabaseName="lake", Targets={"S3Targets": [{"Path": "s3://trail-bucket"}]})
        self.call(region, "glue", "create_connection", ConnectionInput={"Name": "jdbc", "ConnectionType": "JDBC", "ConnectionProperties": {"JDBC_ENFORCE_SSL": "false"}})
        self.call(region, "glue", "create_dev_endpoint", EndpointName="dev", RoleArn=ROLE)
        self.call(region, "athena", "create_data_catalog", Name="lake", Type="GLUE", Parameters={"catalog-id": ACCOUNT})
        self.call(region, "events", "put_rule", Name="rule", ScheduleExpression="rate(1 day)")
        self.call(region, "events", "create_event_bus", Name="shared")
        self.call(region, "events", "put_permission", EventBusName="shared", Action="events:PutEvents", Principal="*", StatementId="any")
        connection = self.call(region, "events", "create_connection", Name="hook", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}).get("ConnectionArn")
        self.call(region, "events", "create_api_destination", Name="hook", ConnectionArn=connection, InvocationEndpoint="https://example.com/", HttpMethod="POST")
        self.call(region, "logs", "put_resource_policy", policyName="others", policyDocument=BROAD)
        self.call(region, "stepfunctions", "create_activity", name="activity")
        self.call(region, "ssm", "create_document", Name="run", DocumentType="Command", Content=json.dumps({"schemaVersion": "2.2", "description": "d", "mainSteps": []}))
        self.call(region, "config", "put_delivery_channel", DeliveryChannel={"name": "default", "s3BucketName": "trail-bucket"})

    def workloads(self, region):
        self.call(region, "lambda", "publish_layer_version", LayerName="layer", Content={"ZipFile": b"PK\x05\x06" + b"\0" * 18}, CompatibleRuntimes=["python3.13"])
        self.call(region, "lambda", "create_event_source_mapping", FunctionName="function-0", EventSourceArn=f"arn:aws:sqs:{region}:{ACCOUNT}:queue-0")
        self.call(region, "cognito-identity", "create_identity_pool", IdentityPoolName="guests", AllowUnauthenticatedIdentities=True)
        self.call(region, "apigateway", "create_domain_name", domainName=f"api.{region}.example.com", securityPolicy="TLS_1_0", regionalCertificateArn=CERTIFICATE, endpointConfiguration={"types": ["REGIONAL"]})
        self.call(region, "apigateway", "create_usage_plan", name="plan")
        api = self.client("apigatewayv2", region).get_apis()["Items"][0]["ApiId"]
        self.call(region, "apigatewayv2", "create_stage", ApiId=api, StageName="$default", AutoDeploy=True)
        self.call(region, "wafv2", "create_web_acl", Name="acl", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig={"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"})
        self.call(region, "network-firewall", "create_firewall", FirewallName="wall", FirewallPolicyArn=f"arn:aws:network-firewall:{region}:{ACCOUNT}:firewall-policy/p", VpcId=self.vpcs[0], SubnetMappings=[{"SubnetId": self.subnets[0]}])
        self.call(region, "acm-pca", "create_certificate_authority", CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration={"KeyAlgorithm": "RSA_2048", "SigningAlgorithm": "SHA256WITHRSA", "Subject": {"CommonName": "ca"}})

    def models(self, region):
        self.call(region, "sagemaker", "create_notebook_instance", NotebookInstanceName="notebook", InstanceType="ml.t3.medium", RoleArn=ROLE, DirectInternetAccess="Enabled", RootAccess="Enabled")
        self.call(region, "sagemaker", "create_model", ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
        self.call(region, "sagemaker", "create_endpoint_config", EndpointConfigName="config", ProductionVariants=[{"VariantName": "v", "ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.t2.medium"}])
        self.call(region, "sagemaker", "create_endpoint", EndpointName="endpoint", EndpointConfigName="config")
        self.call(region, "sagemaker", "create_domain", DomainName="studio", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE}, SubnetIds=self.subnets[:1], VpcId=self.vpcs[0])
        self.call(region, "sagemaker", "create_training_job", TrainingJobName="training", RoleArn=ROLE, AlgorithmSpecification={"TrainingImage": "i", "TrainingInputMode": "File"}, OutputDataConfig={"S3OutputPath": "s3://trail-bucket"}, ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}, StoppingCondition={"MaxRuntimeInSeconds": 60})
        self.call(region, "bedrock-agent", "create_agent", agentName="agent", agentResourceRoleArn=ROLE)
        self.call(region, "bedrock-agent", "create_knowledge_base", name="kb", roleArn=ROLE, knowledgeBaseConfiguration={"type": "VECTOR", "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": "arn:aws:bedrock:us-east-1::foundation-model/e"}}, storageConfiguration={"type": "OPENSEARCH_SERVERLESS", "opensearchServerlessConfiguration": {"collectionArn": f"arn:aws:aoss:{region}:{ACCOUNT}:collection/c", "vectorIndexName": "i", "fieldMapping": {"vectorField": "v", "textField": "t", "metadataField": "m"}}})
        self.call(region, "bedrock", "create_model_customization_job", jobName="custom", customModelName="custom", roleArn=ROLE, baseModelIdentifier="amazon.titan", trainingDataConfig={"s3Uri": "s3://trail-bucket/t"}, outputDataConfig={"s3Uri": "s3://trail-bucket/o"}, hyperParameters={})

    def identities(self, region):
        self.call(region, "iam", "create_saml_provider", Name="idp", SAMLMetadataDocument="x" * 1000)
        self.call(region, "iam", "create_open_id_connect_provider", Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40])
        self.call(region, "iam", "upload_server_certificate", ServerCertificateName="old", CertificateBody="b", PrivateKey="k")
        self.call(region, "iam", "create_virtual_mfa_device", VirtualMFADeviceName="phone")
        self.call(region, "organizations", "create_organization", FeatureSet="ALL")

    def global_edges(self, region):
        origin = {"Id": "o", "DomainName": "origin.example.com", "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}}
        self.call(region, "cloudfront", "create_distribution", DistributionConfig={"CallerReference": "r", "Comment": "", "Enabled": True, "Origins": {"Quantity": 1, "Items": [origin]}, "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "MinTTL": 0, "TrustedSigners": {"Enabled": False, "Quantity": 0}}})
        buckets = [{"Id": name, "DomainName": f"{name}.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}} for name in (f"bucket-0-{ACCOUNT}", "a-bucket-that-is-gone")]
        self.call(region, "cloudfront", "create_distribution", DistributionConfig={"CallerReference": "s", "Comment": "", "Enabled": True, "Origins": {"Quantity": 2, "Items": buckets}, "DefaultCacheBehavior": {"TargetOriginId": "a-bucket-that-is-gone", "ViewerProtocolPolicy": "https-only", "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "MinTTL": 0, "TrustedSigners": {"Enabled": False, "Quantity": 0}}})
        self.call(region, "cloudfront", "create_function", Name="edge", FunctionConfig={"Comment": "c", "Runtime": "cloudfront-js-2.0"}, FunctionCode=b"function handler(e) { return e.request }")
        zone = self.call(region, "route53", "create_hosted_zone", Name="example.com.", CallerReference="r").get("HostedZone", {}).get("Id")
        self.call(region, "route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": "www.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": f"bucket-0-{ACCOUNT}.s3.amazonaws.com"}]}}]})
        self.call(region, "route53", "create_health_check", CallerReference="r", HealthCheckConfig={"IPAddress": "198.51.100.7", "Port": 80, "Type": "HTTP", "ResourcePath": "/"})
        contact = {"FirstName": "A", "LastName": "B", "ContactType": "PERSON", "AddressLine1": "1", "City": "C", "CountryCode": "DE", "ZipCode": "1", "PhoneNumber": "+49.1", "Email": "a@example.com"}
        self.call(region, "route53domains", "register_domain", DomainName="example.com", DurationInYears=1, AutoRenew=False, AdminContact=contact, RegistrantContact=contact, TechContact=contact)
        self.call(region, "wafv2", "create_web_acl", Name="edge", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig={"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"})
        self.call(region, "shield", "create_subscription")
        self.call(region, "shield", "create_protection", Name="address", ResourceArn=f"arn:aws:ec2:us-east-1:{ACCOUNT}:eip-allocation/eipalloc-1")


if __name__ == "__main__":
    estate = Wide(sys.argv[1]).seed()
    estate.seed_wide()
    for line in estate.left_out:
        print(f"left out: {line}", file=sys.stderr)
    print(f"about {estate.made} resources")
