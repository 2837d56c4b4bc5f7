//! What the account answered. Checks are plain functions over it: one that misses an answer says so, what all of them
//! miss is asked at the same time, and then they judge again. So no call is made twice, and none that no check needs.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use catalog::resource::Operation;
use engine::ports::{Aws, Cause, Place, ReadError};
use futures_util::StreamExt as _;
use serde_json::Value;

/// So many calls are made at the same time.
const AT_ONCE: usize = 16;

/// A call: its region, its name as in `sqs:GetQueueAttributes`, its parameters as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Call {
    region: String,
    name: String,
    with: String,
}

/// Why an answer is not at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hole {
    /// It was not asked for yet.
    Unread,
    /// There is no such thing.
    Absent,
    /// It cannot be had. What cannot, in words.
    Unknown(String),
}

/// Answers by call.
#[derive(Debug, Default)]
pub(super) struct Answers {
    known: HashMap<Call, Result<Value, ReadError>>,
    wanted: RefCell<HashSet<Call>>,
}

impl Answers {
    /// The answer to a call, or why there is none.
    pub(super) fn read(&self, region: &str, name: &str, with: &Value) -> Result<&Value, Hole> {
        let call = Call { region: region.to_owned(), name: name.to_owned(), with: with.to_string() };
        match self.known.get(&call) {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) if is_absence(error) => Err(Hole::Absent),
            Some(Err(error)) if error.cause == Cause::Denied => {
                Err(Hole::Unknown(match error.code.as_str() {
                    "NoCredentials" => "there are no credentials".to_owned(),
                    code => format!("{} is denied ({code})", action(name)),
                }))
            }
            Some(Err(error)) => Err(Hole::Unknown(format!("{name}: {}: {}", error.code, error.message))),
            None => {
                self.wanted.borrow_mut().insert(call);
                Err(Hole::Unread)
            }
        }
    }

    /// Asks for what was missed. Whether anything was.
    pub(super) async fn ask(&mut self, aws: &dyn Aws, account: &str) -> bool {
        let wanted: Vec<Call> = self.wanted.take().into_iter().collect();
        let asked = wanted.into_iter().map(|call| async move {
            let place = Place { account: account.to_owned(), region: call.region.clone() };
            let (service, operation) = call.name.rsplit_once(':').unwrap_or_default();
            let operation = Operation { service: service.to_owned(), name: operation.to_owned() };
            let with = serde_json::from_str(&call.with).unwrap_or_default();
            let answer = aws.read(&place, &operation, &with).await;
            (call, answer)
        });
        let before = self.known.len();
        let got: Vec<_> = futures_util::stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
        self.known.extend(got);
        self.known.len() > before
    }
}

/// The action of IAM that a call takes: that of the reader's own goes by another name.
fn action(name: &str) -> &str {
    match name {
        "code:cloudwatch:RecentSum" => "cloudwatch:GetMetricStatistics",
        "s3:GetBucketNotificationConfiguration" => "s3:GetBucketNotification",
        name => name,
    }
}

/// Codes by which services say that there is no such thing.
const ABSENT: &[&str] = &[
    "AWS.SimpleQueueService.NonExistentQueue",
    // Security Hub's for an account that has not switched it on.
    "InvalidAccessException",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "TrailNotFoundException",
];

fn is_absence(error: &ReadError) -> bool {
    // CloudFormation says it in words only:
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html.
    let no_stack = error.code == "ValidationError" && error.message.contains("does not exist");
    no_stack || ABSENT.contains(&error.code.as_str())
}
