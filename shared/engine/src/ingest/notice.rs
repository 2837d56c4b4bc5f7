//! Which files a notice is about. There are three kinds of notices, each bare or in an SNS envelope:
//!
//! - S3's own, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>;
//! - CloudTrail's through SNS, <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html>;
//! - `EventBridge`'s `Object Created`, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>.

use model::json::{Document, Value};
use percent_encoding::percent_decode_str;

use super::key::TrailKey;

/// A file in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The bucket.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
}

/// What a notice names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Files and digests of a trail; empty: the notice is about other objects, or a test of the wiring.
    Files(Vec<File>),
    /// It is no notice of the kinds that are known.
    Nothing,
}

/// The files of a trail that a notice names.
pub fn files(notice: &str) -> Named {
    let Ok(document) = Document::parse(notice) else { return Named::Nothing };
    let root = document.root();
    if let Some(inner) = root.path_text("Message").filter(|_| root.get("TopicArn").is_some()) {
        return files(&inner);
    }
    if root.path_text("Event").is_some_and(|event| event == "s3:TestEvent") {
        return Named::Files(Vec::new());
    }
    let found = if let Some(records) = root.get("Records") {
        records.items().map(of_s3).collect::<Option<Vec<_>>>()
    } else if let Some(keys) = root.get("s3ObjectKey") {
        let bucket = root.path_text("s3Bucket").unwrap_or_default().into_owned();
        let keys = keys.items().filter_map(Value::as_str);
        Some(keys.map(|key| File { bucket: bucket.clone(), key: key.into_owned() }).collect())
    } else {
        match (root.path_text("detail.bucket.name"), root.path_text("detail.object.key")) {
            (Some(bucket), Some(key)) => {
                Some(vec![File { bucket: bucket.into_owned(), key: key.into_owned() }])
            }
            _ => None,
        }
    };
    match found {
        Some(files) => {
            Named::Files(files.into_iter().filter(|file| TrailKey::parse(&file.key).is_some()).collect())
        }
        None => Named::Nothing,
    }
}

/// S3 writes keys as in forms: a plus for a space, and percent signs.
fn of_s3(record: Value<'_>) -> Option<File> {
    let key = record.path_text("s3.object.key")?.replace('+', " ");
    Some(File {
        bucket: record.path_text("s3.bucket.name")?.into_owned(),
        key: percent_decode_str(&key).decode_utf8_lossy().into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/eu-west-1/2026/11/20/111122223333_CloudTrail_eu-west-1_20261120T0915Z_x.json.gz";

    fn keys(notice: &serde_json::Value) -> Option<Vec<String>> {
        match files(&notice.to_string()) {
            Named::Files(files) => {
                assert!(files.iter().all(|file| file.bucket == "trails"));
                Some(files.into_iter().map(|file| file.key).collect())
            }
            Named::Nothing => None,
        }
    }

    fn in_sns(notice: &serde_json::Value) -> serde_json::Value {
        json!({"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": notice.to_string()})
    }

    #[test]
    fn every_kind_of_notice_names_its_files_bare_or_in_an_envelope() {
        let s3 = json!({"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "trails"}, "object": {"key": KEY}}}]});
        let cloudtrail = json!({"s3Bucket": "trails", "s3ObjectKey": [KEY]});
        let bridge = json!({"detail-type": "Object Created", "detail": {"bucket": {"name": "trails"}, "object": {"key": KEY}}});
        for notice in [s3, cloudtrail, bridge] {
            assert_eq!(keys(&notice), Some(vec![KEY.to_owned()]), "{notice}");
            assert_eq!(keys(&in_sns(&notice)), Some(vec![KEY.to_owned()]), "{notice}");
        }
    }

    #[test]
    fn only_s3_encodes_keys() {
        let spaced = format!("our prefix/{KEY}");
        let encoded = spaced.replace(' ', "+");
        let s3 = json!({"Records": [{"s3": {"bucket": {"name": "trails"}, "object": {"key": encoded}}}]});
        assert_eq!(keys(&s3), Some(vec![spaced.clone()]));
        assert_eq!(keys(&json!({"s3Bucket": "trails", "s3ObjectKey": [spaced]})), Some(vec![spaced]));
    }

    #[test]
    fn what_is_beside_the_files_is_left_alone() {
        let insight = KEY.replace("CloudTrail/", "CloudTrail-Insight/");
        for key in
            [insight.as_str(), "AWSLogs/111122223333/elasticloadbalancing/x.gz", "a.json.gz", "CloudTrail"]
        {
            assert_eq!(keys(&json!({"s3Bucket": "trails", "s3ObjectKey": [key]})), Some(Vec::new()), "{key}");
        }
        assert_eq!(
            keys(&json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "trails"})),
            Some(Vec::new())
        );
        assert_eq!(keys(&json!({"hello": "world"})), None);
        assert_eq!(files("no JSON"), Named::Nothing);
    }
}
