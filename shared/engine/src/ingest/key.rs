//! Keys of a trail's files:
//! `[prefix/]AWSLogs/[o-ID/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_STAMP_RANDOM.json.gz`,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>; those of digests
//! have `CloudTrail-Digest` for `CloudTrail`,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>.
//! Insights, and what else stands beside them, have folders of their own.

/// What a file of a trail holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holds {
    /// Records.
    Records,
    /// The hashes of the files of an hour.
    Digest,
}

impl Holds {
    /// The folder, which stands in the names of files, too.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Records => "CloudTrail",
            Self::Digest => "CloudTrail-Digest",
        }
    }

    /// What a folder of this name holds, if it is one of a trail's.
    pub fn of_folder(name: &str) -> Option<Self> {
        [Self::Records, Self::Digest].into_iter().find(|holds| holds.folder() == name)
    }
}

/// A key, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrailKey<'a> {
    /// What the file holds.
    pub holds: Holds,
    /// The account's id.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
    /// `YYYY/MM/DD`, of the file's delivery.
    pub day: &'a str,
    /// The file's name.
    pub name: &'a str,
}

impl<'a> TrailKey<'a> {
    /// Takes a key apart; `None` of one that is none of a trail's.
    pub fn parse(key: &'a str) -> Option<Self> {
        let (folder, name) = key.rsplit_once('/')?;
        let (rest, _) = cut(folder)?;
        let (rest, _) = cut(rest)?;
        let (rest, year) = cut(rest)?;
        let day = folder.get(folder.len() - 10..)?;
        let (rest, region) = cut(rest)?;
        let (rest, holds) = cut(rest)?;
        let (rest, account) = cut(rest)?;
        let holds = Holds::of_folder(holds)?;
        let is_trail = rest.split('/').any(|part| part == "AWSLogs")
            && is_account(account)
            && is_day(day)
            && year.len() == 4
            && name.contains(&format!("_{}_", holds.folder()))
            && name.ends_with(".json.gz");
        is_trail.then_some(Self { holds, account, region, day, name })
    }

    /// The minute of the delivery in the file's name, as `20261120T0915`; digests have seconds behind it.
    pub fn stamp(&self) -> Option<&'a str> {
        self.name.split('_').rev().find_map(|part| {
            let part = part.strip_suffix(".json.gz").unwrap_or(part);
            let stamp = part.strip_suffix('Z')?;
            let (day, time) = stamp.split_once('T')?;
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            (day.len() == 8 && time.len() >= 4 && digits(day) && digits(time)).then(|| stamp.get(..13))?
        })
    }
}

/// Whether it is the id of an account.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'/',
            _ => byte.is_ascii_digit(),
        })
}

/// What is before the last slash, and behind it. The front is empty where there is no slash.
fn cut(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    Some(text.rsplit_once('/').unwrap_or(("", text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "our logs/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/eu-west-1/2026/11/20/111122223333_CloudTrail_eu-west-1_20261120T0915Z_x1.json.gz";

    #[test]
    fn a_key_says_account_region_and_day() {
        let key = TrailKey::parse(KEY).unwrap();
        assert_eq!((key.holds, key.account, key.region), (Holds::Records, "111122223333", "eu-west-1"));
        assert_eq!((key.day, key.stamp()), ("2026/11/20", Some("20261120T0915")));
        let digest = KEY.replace("/CloudTrail/", "/CloudTrail-Digest/").replace(
            "_CloudTrail_eu-west-1_20261120T0915Z_x1",
            "_CloudTrail-Digest_eu-west-1_our_trail_eu-west-1_20261120T091501Z",
        );
        let key = TrailKey::parse(&digest).unwrap();
        assert_eq!((key.holds, key.stamp()), (Holds::Digest, Some("20261120T0915")));
    }

    #[test]
    fn other_keys_are_none() {
        for (from, to) in [
            ("/CloudTrail/", "/CloudTrail-Insight/"),
            ("AWSLogs", "logs"),
            ("/111122223333/", "/1111/"),
            (".json.gz", ".json"),
            ("/2026/11/20/", "/2026/11/"),
            ("_CloudTrail_", "_VPCFlowLogs_"),
        ] {
            assert_eq!(TrailKey::parse(&KEY.replacen(from, to, 1)), None, "{to}");
        }
        for key in ["", "/", "a/b", "AWSLogs/111122223333/CloudTrail/x_CloudTrail_.json.gz"] {
            assert_eq!(TrailKey::parse(key), None, "{key}");
        }
    }
}
