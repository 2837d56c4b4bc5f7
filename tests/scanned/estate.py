"""An AWS account to scan, on an emulator: resources of many services, good ones and bad ones.

`python estate.py URL [SCALE]` seeds the emulator at URL in two regions; SCALE multiplies the number of resources. What an
emulator cannot make is said and left out.
"""

import json
import sys
import zipfile
from io import BytesIO

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"
REGIONS = ("us-east-1", "eu-west-1")


class Estate:
    def __init__(self, url: str, scale: int = 1):
        self.url, self.scale, self.left_out, self.made = url, scale, [], 0

    def client(self, service: str, region: str):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"max_attempts": 1}),
        )

    def seed(self):
        for step in (self.iam, self.s3):
            self.attempt(step, "us-east-1")
        for region in REGIONS:
            for step in (
                self.trail, self.config, self.network, self.instances, self.databases, self.lambdas, self.messaging, self.keys,
                self.balancers, self.containers, self.logs, self.tables, self.parameters, self.registries, self.caches,
                self.warehouses, self.streams, self.search, self.files, self.guards, self.builds, self.pools, self.apis,
                self.certificates, self.machines,
            ):
                self.attempt(step, region)
        return self

    def attempt(self, step, region):
        try:
            step(region)
        except Exception as problem:  # the emulator lacks it: say so, seed the rest
            self.left_out.append(f"{step.__name__} in {region}: {str(problem)[:160]}")

    def many(self, number: int):
        for index in range(number * self.scale):
            self.made += 1
            yield index

    def iam(self, region):
        iam = self.client("iam", region)
        admin = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        read = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}
        iam.create_policy(PolicyName="everything", PolicyDocument=json.dumps(admin))
        policy = iam.create_policy(PolicyName="reading", PolicyDocument=json.dumps(read))["Policy"]["Arn"]
        iam.create_group(GroupName="staff")
        iam.attach_group_policy(GroupName="staff", PolicyArn=policy)
        for index in self.many(12):
            name = f"user-{index}"
            iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "blue"}])
            if index % 3 == 0:
                iam.create_login_profile(UserName=name, Password="Correct-horse-9-battery")
            if index % 3 == 1:
                iam.create_access_key(UserName=name)
                iam.attach_user_policy(UserName=name, PolicyArn=policy)
            if index % 4 == 0:
                iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=json.dumps(read))
            iam.add_user_to_group(GroupName="staff", UserName=name)
        trust = lambda who: json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}]})
        for index in self.many(10):
            who = [{"Service": "ec2.amazonaws.com"}, {"AWS": "arn:aws:iam::999988887777:root"}, {"AWS": "*"}][index % 3]
            iam.create_role(RoleName=f"role-{index}", AssumeRolePolicyDocument=trust(who))
            iam.put_role_policy(RoleName=f"role-{index}", PolicyName="inline", PolicyDocument=json.dumps(admin if index % 5 == 0 else read))
        iam.create_instance_profile(InstanceProfileName="web")
        iam.update_account_password_policy(MinimumPasswordLength=8)

    def s3(self, region):
        s3 = {name: self.client("s3", name) for name in REGIONS}
        for index in self.many(24):
            home = REGIONS[index % 2]
            name = f"bucket-{index}-{ACCOUNT}"
            where = {} if home == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": home}}
            client = s3[home]
            client.create_bucket(Bucket=name, **where)
            if index % 2:
                client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
                client.put_public_access_block(
                    Bucket=name,
                    PublicAccessBlockConfiguration=dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True),
                )
            if index % 3 == 0:
                anyone = {"Version": "2012-10-17", "Statement": [{"Sid": "r", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}]}
                client.put_bucket_policy(Bucket=name, Policy=json.dumps(anyone))
            if index % 5 == 0:
                client.put_bucket_acl(Bucket=name, ACL="public-read")
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "team", "Value": "red"}]})

    def trail(self, region):
        if region != "us-east-1":
            return
        s3, trail = self.client("s3", region), self.client("cloudtrail", region)
        s3.create_bucket(Bucket="trail-bucket")
        trail.create_trail(Name="main", S3BucketName="trail-bucket", IsMultiRegionTrail=True, EnableLogFileValidation=False)
        trail.start_logging(Name="main")
        self.made += 2

    def config(self, region):
        config = self.client("config", region)
        config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"})
        self.made += 1

    def network(self, region):
        ec2 = self.client("ec2", region)
        for index in self.many(3):
            vpc = ec2.create_vpc(CidrBlock=f"10.{index % 250}.0.0/16")["Vpc"]["VpcId"]
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{index % 250}.1.0/24")
            for group in range(5):
                made = ec2.create_security_group(GroupName=f"g-{index}-{group}", Description="d", VpcId=vpc)["GroupId"]
                port = [22, 3389, 443, 3306, 6379][group]
                where = {"IpRanges": [{"CidrIp": "0.0.0.0/0" if group != 2 else "10.0.0.0/8"}]}
                if group == 1:
                    where["Ipv6Ranges"] = [{"CidrIpv6": "::/0"}]
                ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **where}])
                self.made += 1

    def instances(self, region):
        ec2 = self.client("ec2", region)
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        count = 6 * self.scale
        made = ec2.run_instances(ImageId=image, MinCount=count, MaxCount=count, InstanceType="t3.micro")["Instances"]
        self.made += count
        for index in self.many(6):
            volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=8, Encrypted=index % 2 == 0)["VolumeId"]
            snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
            if index % 3 == 0:
                ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
        ec2.allocate_address(Domain="vpc")
        ec2.create_key_pair(KeyName="ops")
        ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image, "MetadataOptions": {"HttpTokens": "optional"}})
        return made

    def databases(self, region):
        rds = self.client("rds", region)
        for index in self.many(4):
            rds.create_db_instance(
                DBInstanceIdentifier=f"db-{index}", DBInstanceClass="db.t3.micro", Engine=["postgres", "mysql"][index % 2], AllocatedStorage=20,
                MasterUsername="root", MasterUserPassword="Correct-horse-9", PubliclyAccessible=index % 2 == 0, StorageEncrypted=index % 3 == 0,
            )
            rds.create_db_snapshot(DBSnapshotIdentifier=f"snap-{index}", DBInstanceIdentifier=f"db-{index}")
        rds.create_db_cluster(DBClusterIdentifier="aurora", Engine="aurora-mysql", MasterUsername="root", MasterUserPassword="Correct-horse-9")

    def lambdas(self, region):
        iam, functions = self.client("iam", region), self.client("lambda", region)
        role = iam.get_role(RoleName="role-0")["Role"]["Arn"]
        code = BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): pass")
        for index in self.many(6):
            functions.create_function(
                FunctionName=f"function-{index}", Runtime=["python3.13", "python3.8", "nodejs20.x"][index % 3], Role=role, Handler="index.handler",
                Code={"ZipFile": code.getvalue()}, Environment={"Variables": {"STAGE": "test"}},
            )
            if index % 3 == 0:
                functions.add_permission(FunctionName=f"function-{index}", StatementId="any", Action="lambda:InvokeFunction", Principal="*")

    def messaging(self, region):
        sns, sqs = self.client("sns", region), self.client("sqs", region)
        for index in self.many(4):
            topic = sns.create_topic(Name=f"topic-{index}")["TopicArn"]
            if index % 2:
                anyone = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "SNS:Publish", "Resource": topic}]}
                sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(anyone))
        for index in self.many(4):
            sqs.create_queue(QueueName=f"queue-{index}", Attributes={"SqsManagedSseEnabled": "false"} if index % 2 else {})

    def keys(self, region):
        kms = self.client("kms", region)
        for index in self.many(4):
            key = kms.create_key(Description=f"key {index}")["KeyMetadata"]["KeyId"]
            if index % 2:
                kms.enable_key_rotation(KeyId=key)

    def balancers(self, region):
        ec2, balancers, classic = self.client("ec2", region), self.client("elbv2", region), self.client("elb", region)
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
        for index in self.many(2):
            made = balancers.create_load_balancer(Name=f"lb-{index}", Subnets=subnets, Scheme=["internet-facing", "internal"][index % 2])["LoadBalancers"][0]
            group = balancers.create_target_group(Name=f"tg-{index}", Protocol="HTTP", Port=80, VpcId=made["VpcId"])["TargetGroups"][0]["TargetGroupArn"]
            balancers.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        classic.create_load_balancer(LoadBalancerName="classic", AvailabilityZones=[f"{region}a"], Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}])

    def containers(self, region):
        ecs, eks = self.client("ecs", region), self.client("eks", region)
        ecs.create_cluster(clusterName="main")
        for index in self.many(3):
            definition = {"name": "app", "image": "nginx", "memory": 128, "privileged": index % 2 == 0, "environment": [{"name": "STAGE", "value": "test"}]}
            ecs.register_task_definition(family=f"family-{index}", containerDefinitions=[definition])
            ecs.create_service(cluster="main", serviceName=f"service-{index}", taskDefinition=f"family-{index}", desiredCount=0)
        eks.create_cluster(name="kube", roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks", resourcesVpcConfig={"subnetIds": []})

    def logs(self, region):
        logs, alarms = self.client("logs", region), self.client("cloudwatch", region)
        for index in self.many(6):
            logs.create_log_group(logGroupName=f"/app/{index}")
            if index % 2:
                logs.put_retention_policy(logGroupName=f"/app/{index}", retentionInDays=365)
        logs.put_metric_filter(
            logGroupName="/app/0", filterName="root", filterPattern='{ $.userIdentity.type = "Root" }',
            metricTransformations=[{"metricName": "root", "metricNamespace": "cis", "metricValue": "1"}],
        )
        alarms.put_metric_alarm(
            AlarmName="root", MetricName="root", Namespace="cis", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Period=60,
            Statistic="Sum", Threshold=0.0, AlarmActions=[f"arn:aws:sns:{region}:{ACCOUNT}:topic-0"],
        )

    def tables(self, region):
        dynamodb = self.client("dynamodb", region)
        for index in self.many(4):
            dynamodb.create_table(
                TableName=f"table-{index}", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
            )

    def parameters(self, region):
        secrets, parameters = self.client("secretsmanager", region), self.client("ssm", region)
        for index in self.many(3):
            secrets.create_secret(Name=f"secret-{index}", SecretString="hidden")
            parameters.put_parameter(Name=f"/app/{index}", Value="v", Type="String")

    def registries(self, region):
        ecr = self.client("ecr", region)
        for index in self.many(3):
            ecr.create_repository(repositoryName=f"repository-{index}", imageScanningConfiguration={"scanOnPush": index % 2 == 0})

    def caches(self, region):
        self.client("elasticache", region).create_cache_cluster(CacheClusterId="cache", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
        self.made += 1

    def warehouses(self, region):
        self.client("redshift", region).create_cluster(
            ClusterIdentifier="warehouse", NodeType="ra3.xlplus", MasterUsername="root", MasterUserPassword="Correct-horse-9", PubliclyAccessible=True,
        )
        self.made += 1

    def streams(self, region):
        self.client("kinesis", region).create_stream(StreamName="stream", ShardCount=1)
        self.made += 1

    def search(self, region):
        self.client("opensearch", region).create_domain(DomainName="search", EngineVersion="OpenSearch_2.17")
        self.made += 1

    def files(self, region):
        self.client("efs", region).create_file_system(CreationToken="files", Encrypted=False)
        self.made += 1

    def guards(self, region):
        if region == "us-east-1":
            self.client("guardduty", region).create_detector(Enable=True)
            self.made += 1

    def builds(self, region):
        self.client("codebuild", region).create_project(
            name="build", source={"type": "S3", "location": "bucket/path"}, artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL", "privilegedMode": True},
            serviceRole=f"arn:aws:iam::{ACCOUNT}:role/build",
        )
        self.made += 1

    def pools(self, region):
        cognito = self.client("cognito-idp", region)
        pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        cognito.create_user_pool_client(UserPoolId=pool, ClientName="app")
        self.made += 2

    def apis(self, region):
        gateway, second = self.client("apigateway", region), self.client("apigatewayv2", region)
        api = gateway.create_rest_api(name="api")["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
        gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
        gateway.create_deployment(restApiId=api, stageName="prod")
        second.create_api(Name="http", ProtocolType="HTTP")
        self.made += 3

    def certificates(self, region):
        self.client("acm", region).request_certificate(DomainName="example.com")
        self.made += 1

    def machines(self, region):
        steps = self.client("stepfunctions", region)
        definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
        steps.create_state_machine(name="machine", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/steps")
        self.made += 1


if __name__ == "__main__":
    estate = Estate(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1).seed()
    for line in estate.left_out:
        print(f"left out: {line}", file=sys.stderr)
    print(f"about {estate.made} resources")
