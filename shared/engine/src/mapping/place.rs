//! Where a record says that something happened.

use catalog::resource::Scope;
use model::Event;

/// The partition, account and region of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) account: String,
    pub(super) region: String,
}

type Partition = (&'static str, &'static str, &'static str, &'static str);

/// Partitions by how the names of their regions begin, the region in which global services record, and the end of
/// their hosts: "Partitions", <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>.
const PARTITIONS: &[Partition] = &[
    ("cn-", "aws-cn", "cn-north-1", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "us-gov-west-1", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "us-isob-east-1", "sc2s.sgov.gov"),
    ("us-iso-", "aws-iso", "us-iso-east-1", "c2s.ic.gov"),
    ("eusc-", "aws-eusc", "eusc-de-east-1", "amazonaws.eu"),
    ("", "aws", "us-east-1", "amazonaws.com"),
];

impl Spot {
    /// The account that received the record, and the record's region. What belongs to somebody else though it was made
    /// here, such as an interface in a shared subnet, is named by EC2 with its owner.
    pub(super) fn of(event: Event<'_>) -> Self {
        let owner = event.root().path_text("responseElements.ownerId").filter(|owner| is_account(owner));
        let account = owner.or_else(|| event.account()).unwrap_or_default().into_owned();
        Self { account, region: event.region().unwrap_or_default().into_owned() }
    }

    /// The spot that an ARN names, as far as it names one.
    pub(super) fn of_arn(&self, arn: &str) -> Self {
        let mut parts = arn.split(':').skip(3);
        let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        Self {
            account: if is_account(account) { account.to_owned() } else { self.account.clone() },
            region: if region.is_empty() { self.region.clone() } else { region.to_owned() },
        }
    }

    /// The region under which resources of that scope are kept.
    pub(super) fn region_for(&self, scope: Scope) -> String {
        match scope {
            Scope::Regional => self.region.clone(),
            Scope::Global => self.partition().2.to_owned(),
        }
    }

    /// A field of a form.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        match name {
            "partition" => Some(self.partition().1),
            "domain" => Some(self.partition().3),
            "region" => Some(self.region.as_str()).filter(|region| !region.is_empty()),
            "account" => Some(self.account.as_str()).filter(|account| !account.is_empty()),
            _ => None,
        }
    }

    fn partition(&self) -> Partition {
        partition(&self.region)
    }
}

/// The name of the partition that a region is in.
pub(crate) fn partition_of(region: &str) -> &'static str {
    partition(region).1
}

fn partition(region: &str) -> Partition {
    let found = PARTITIONS.iter().find(|(start, ..)| region.starts_with(start));
    found.copied().unwrap_or(("", "aws", "us-east-1", "amazonaws.com"))
}

/// Whether `text` is an account id: twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
