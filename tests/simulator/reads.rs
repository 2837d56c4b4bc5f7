//! What the small AWS answers to reads.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use catalog::resource::Operation;
use engine::ports::{Aws, Cause, Clock as _, Place, ReadError};
use serde_json::{Value, json};

use crate::world::{Dice, Kind, SimulatedClock, World, url};

pub(crate) struct Reads {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) clock: SimulatedClock,
}

fn error(cause: Cause, code: &str) -> ReadError {
    ReadError { cause, code: code.to_owned(), message: String::new() }
}

#[async_trait]
impl Aws for Reads {
    async fn read(&self, _: &Place, operation: &Operation, parameters: &Value) -> Result<Value, ReadError> {
        let now = self.clock.now();
        let mut world = self.world.lock().unwrap();
        world.reads += 1;
        if Dice(world.reads.wrapping_mul(77)).hits(world.throttled) {
            return Err(error(Cause::Throttled, "ThrottlingException"));
        }
        let all = |kind: Kind| -> Vec<(String, Value)> {
            let names = world.things.keys().filter(|(own, _)| *own == kind).map(|(_, name)| name);
            names.filter_map(|name| Some((name.clone(), world.seen(kind, name, now)?.clone()))).collect()
        };
        let text = |key: &str| parameters[key].as_str().unwrap_or_default().to_owned();
        let name = operation.name.as_str();
        match (operation.service.as_str(), name) {
            ("ec2", "DescribeSecurityGroups") => {
                let mut groups = all(Kind::Group);
                if let Some(ids) = parameters["GroupIds"].as_array() {
                    groups.retain(|(name, _)| ids.contains(&json!(name)));
                    if groups.is_empty() {
                        return Err(error(Cause::Failed, "InvalidGroup.NotFound"));
                    }
                }
                Ok(json!({"SecurityGroups": groups.into_iter().map(|(_, group)| group).collect::<Vec<_>>()}))
            }
            ("s3", "ListBuckets") => {
                let prefix = text("Prefix");
                let listed = all(Kind::Bucket).into_iter().filter(|(name, _)| name.starts_with(&prefix));
                let listed: Vec<_> =
                    listed.map(|(name, _)| json!({"Name": name, "BucketRegion": "us-east-1"})).collect();
                Ok(json!({ "Buckets": listed }))
            }
            ("s3", _) => {
                let bucket = world.seen(Kind::Bucket, &text("Bucket"), now);
                let bucket = bucket.ok_or_else(|| error(Cause::Failed, "NoSuchBucket"))?;
                let facet = |key: &str, code: &str| {
                    bucket.get(key).cloned().ok_or_else(|| error(Cause::Failed, code))
                };
                Ok(match name {
                    "GetBucketVersioning" => bucket.get("Versioning").cloned().unwrap_or_else(|| json!({})),
                    "GetPublicAccessBlock" => json!({"PublicAccessBlockConfiguration":
                        facet("PublicAccessBlock", "NoSuchPublicAccessBlockConfiguration")?}),
                    "GetBucketTagging" => json!({"TagSet": facet("Tags", "NoSuchTagSet")?}),
                    "GetBucketLogging" => match bucket.get("Logging") {
                        Some(logging) => json!({ "LoggingEnabled": logging }),
                        None => json!({}),
                    },
                    "GetBucketPolicy" | "GetBucketPolicyStatus" => {
                        return Err(error(Cause::Failed, "NoSuchBucketPolicy"));
                    }
                    "GetBucketLifecycleConfiguration" => {
                        return Err(error(Cause::Failed, "NoSuchLifecycleConfiguration"));
                    }
                    "GetObjectLockConfiguration" => {
                        return Err(error(Cause::Failed, "ObjectLockConfigurationNotFoundError"));
                    }
                    "GetBucketReplication" => {
                        return Err(error(Cause::Failed, "ReplicationConfigurationNotFoundError"));
                    }
                    "GetBucketOwnershipControls" => {
                        return Err(error(Cause::Failed, "OwnershipControlsNotFoundError"));
                    }
                    "GetBucketEncryption" => {
                        return Err(error(Cause::Failed, "ServerSideEncryptionConfigurationNotFoundError"));
                    }
                    "GetBucketWebsite" => return Err(error(Cause::Failed, "NoSuchWebsiteConfiguration")),
                    _ => json!({}),
                })
            }
            ("s3control", _) => Err(error(Cause::Failed, "NoSuchPublicAccessBlockConfiguration")),
            ("sqs", "ListQueues") => {
                let urls: Vec<_> = all(Kind::Queue).into_iter().map(|(name, _)| url(&name)).collect();
                Ok(json!({ "QueueUrls": urls }))
            }
            ("sqs", "GetQueueAttributes") => {
                let address = text("QueueUrl");
                let queue = world.seen(Kind::Queue, address.rsplit('/').next().unwrap(), now);
                let queue = queue.ok_or_else(|| error(Cause::Failed, "QueueDoesNotExist"))?;
                Ok(json!({ "Attributes": queue }))
            }
            _ => Ok(json!({})),
        }
    }
}
