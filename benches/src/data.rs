//! Records to time with: several services, 1.3 KB each, and more or less of what signatures look for.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

pub(crate) struct Data {
    pub(crate) records: usize,
    pub(crate) plain: Vec<u8>,
    pub(crate) packed: Vec<u8>,
}

const CALLS: &[(&str, &[&str])] = &[
    ("s3", &["GetBucketAcl", "ListBuckets", "GetBucketPolicy", "PutBucketPolicy", "GetBucketVersioning"]),
    (
        "ec2",
        &[
            "DescribeInstances",
            "DescribeSecurityGroups",
            "DescribeVolumes",
            "AuthorizeSecurityGroupIngress",
            "RunInstances",
        ],
    ),
    ("iam", &["ListUsers", "GetUser", "ListRoles", "CreateUser", "AttachUserPolicy"]),
    ("sts", &["AssumeRole", "GetCallerIdentity", "AssumeRole", "AssumeRole", "AssumeRole"]),
    ("kms", &["Decrypt", "DescribeKey", "GenerateDataKey", "Decrypt", "Decrypt"]),
    (
        "logs",
        &[
            "DescribeLogGroups",
            "CreateLogStream",
            "DescribeLogStreams",
            "DescribeLogGroups",
            "FilterLogEvents",
        ],
    ),
];

/// What an account does all day, nine times of ten.
const READS: &[(&str, &str)] = &[
    ("sts", "AssumeRole"),
    ("sts", "AssumeRole"),
    ("kms", "Decrypt"),
    ("kms", "Decrypt"),
    ("kms", "GenerateDataKey"),
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeNetworkInterfaces"),
    ("iam", "GetRole"),
    ("s3", "GetBucketAcl"),
    ("logs", "DescribeLogGroups"),
    ("monitoring", "DescribeAlarms"),
    ("ssm", "GetParameter"),
    ("rds", "DescribeDBInstances"),
    ("lambda", "GetFunction20150331v2"),
    ("elasticloadbalancing", "DescribeTargetHealth"),
    ("ecs", "DescribeTasks"),
];

/// And else.
const WRITES: &[(&str, &str)] = &[
    ("logs", "CreateLogStream"),
    ("logs", "CreateLogStream"),
    ("logs", "CreateLogStream"),
    ("ec2", "CreateNetworkInterface"),
    ("ec2", "RunInstances"),
    ("ec2", "CreateTags"),
    ("ecs", "RunTask"),
    ("elasticloadbalancing", "RegisterTargets"),
    ("lambda", "UpdateFunctionCode20150331v2"),
    ("autoscaling", "CompleteLifecycleAction"),
    ("iam", "AttachRolePolicy"),
    ("dynamodb", "UpdateTable"),
];

/// Whose records they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of roles at private addresses, four reads to a write.
    Roles,
    /// Of users, services and roles, some of them refused, at addresses on the internet.
    Callers,
    /// Of the same, and nine of ten are reads, as in an account where nothing is wrong.
    Account,
}

impl Data {
    /// So many records, always the same.
    pub(crate) fn new(records: usize, kind: Kind) -> Self {
        let mut random = Random(7);
        let list: Vec<String> = (0..records).map(|number| record(number, kind, &mut random)).collect();
        let plain = file(&list);
        let packed = packed(&plain);
        Self { records, plain, packed }
    }
}

/// Files as a trail writes them: packed, `each` records in one.
pub(crate) fn files(records: usize, each: usize) -> Vec<Vec<u8>> {
    let mut random = Random(7);
    let list: Vec<String> = (0..records).map(|number| record(number, Kind::Account, &mut random)).collect();
    list.chunks(each).map(|some| packed(&file(some))).collect()
}

fn file(records: &[String]) -> Vec<u8> {
    format!("{{\"Records\":[{}]}}", records.join(",")).into_bytes()
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// Xorshift: enough to vary records, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

fn record(number: usize, kind: Kind, random: &mut Random) -> String {
    let (service, name) = match kind {
        Kind::Account if random.below(10) == 0 => WRITES[random.below(WRITES.len())],
        Kind::Account => READS[random.below(READS.len())],
        Kind::Roles | Kind::Callers => {
            let (service, names) = CALLS[random.below(CALLS.len())];
            (service, names[random.below(names.len())])
        }
    };
    let verbs = ["Put", "Create", "Authorize", "Run", "Attach", "Register", "Update", "Complete"];
    let write = verbs.iter().any(|start| name.starts_with(start));
    let account = format!("1111222233{:02}", random.below(100));
    let role = format!("app-role-{}", random.below(40));
    let mut record = json!({
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("AROAEXAMPLE{:010}:session-{}", random.below(1 << 30), random.below(100)),
            "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/session-{}", random.below(100)),
            "accountId": account,
            "accessKeyId": format!("ASIAEXAMPLE{:09}", random.below(1 << 29)),
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLE0000000001", "arn": format!("arn:aws:iam::{account}:role/{role}"),
                    "accountId": account, "userName": role
                },
                "attributes": { "creationDate": "2026-01-15T09:12:44Z", "mfaAuthenticated": "false" }
            }
        },
        "eventTime": format!("2026-01-15T{:02}:{:02}:{:02}Z", number / 3600 % 24, number / 60 % 60, number % 60),
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": name,
        "awsRegion": (["us-east-1", "eu-west-1"][random.below(2)]),
        "sourceIPAddress": format!("10.0.{}.{}", random.below(250), random.below(250)),
        "userAgent": format!("aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 api/{service}#1.54.3"),
        "requestParameters": { "name": format!("thing-{}", random.below(5000)), "maxResults": 100, "filterSet": { "items": [{ "name": "vpc-id" }] } },
        "responseElements": null,
        "requestID": format!("{:016x}{:016x}", random.next(), random.next()),
        "eventID": format!("{:08x}-0000-4000-8000-{:012}", random.next() as u32, number),
        "readOnly": !write,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
        "tlsDetails": { "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": format!("{service}.us-east-1.amazonaws.com") }
    });
    if kind != Kind::Roles {
        mix(&mut record, &account, random);
    }
    // CloudTrail writes the version first, by which a reader knows a record.
    format!("{{\"eventVersion\":\"1.11\",{}", record.to_string().trim_start_matches('{'))
}

const AGENTS: &[&str] = &[
    "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython",
    "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#5.10.0 md/arch#aarch64 lang/python#3.12.3 exec-env/AWS_Lambda_python3.12",
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.62.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
];

/// Makes another caller of it, at another address, who may be refused.
fn mix(record: &mut serde_json::Value, account: &str, random: &mut Random) {
    record["sourceIPAddress"] = format!("203.0.113.{}", random.below(250)).into();
    record["userAgent"] = AGENTS[random.below(AGENTS.len())].into();
    match random.below(10) {
        0 => {
            record["userIdentity"] = json!({
                "type": "IAMUser", "principalId": "AIDAEXAMPLE0000000001", "arn": format!("arn:aws:iam::{account}:user/alice"),
                "accountId": account, "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "alice"
            });
        }
        1 | 2 => {
            let service = ["autoscaling.amazonaws.com", "config.amazonaws.com", "lambda.amazonaws.com"]
                [random.below(3)];
            record["userIdentity"] = json!({"type": "AWSService", "invokedBy": service});
            record["sourceIPAddress"] = service.into();
            record["userAgent"] = service.into();
        }
        3 => record["userIdentity"]["invokedBy"] = "cloudformation.amazonaws.com".into(),
        4 => record["sourceIPAddress"] = "10.0.3.7".into(),
        5 if random.below(2) == 0 => {
            record["errorCode"] = "AccessDenied".into();
            record["errorMessage"] = "User is not authorized to perform: this on resource: that".into();
        }
        _ => {}
    }
}
