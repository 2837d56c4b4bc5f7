//! The bucket that a host of S3 names, such as an origin of a `CloudFront` distribution.
//!
//! "Virtual hosting of general purpose buckets",
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>, and "Website endpoints",
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html>.

use crate::model::partition_of;

/// How names end that are not those of general purpose buckets: aliases of access points, and directory buckets.
/// "Bucket naming rules", <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
const OTHER_NAMES: &[&str] = &["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// The name of the bucket in `host`; `None` of a host that names none, or one of another partition than that of `region`.
pub(crate) fn named_by<'h>(host: &'h str, region: &str) -> Option<&'h str> {
    let partition = partition_of(region)?;
    let rest = host.strip_suffix(&partition.suffix)?.strip_suffix('.')?;
    let (bucket, service) = rest.rsplit_once(".s3")?;
    let place = service.strip_prefix("-website").unwrap_or(service);
    let place = place.strip_prefix(".dualstack").unwrap_or(place);
    let known = |name: &str| partition.regions.iter().any(|region| region == name);
    let is_s3 = match place.strip_prefix(['.', '-']) {
        Some(name) => known(name) || service == "-accelerate" || service == "-external-1",
        None => place.is_empty(),
    };
    let is_other = OTHER_NAMES.iter().any(|end| bucket.ends_with(end));
    (is_s3 && !is_other && !bucket.is_empty()).then_some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_s3_name_a_bucket() {
        for (host, bucket) in [
            ("site.s3.amazonaws.com", "site"),
            ("site.s3.eu-west-1.amazonaws.com", "site"),
            ("site.s3-eu-west-1.amazonaws.com", "site"),
            ("site.s3.dualstack.eu-west-1.amazonaws.com", "site"),
            ("site.s3-website-us-east-1.amazonaws.com", "site"),
            ("site.s3-website.eu-central-1.amazonaws.com", "site"),
            ("site.s3-accelerate.amazonaws.com", "site"),
            ("www.example.com.s3.amazonaws.com", "www.example.com"),
            ("a.s3.b.s3.us-west-2.amazonaws.com", "a.s3.b"),
        ] {
            assert_eq!(named_by(host, "us-east-1"), Some(bucket), "{host}");
        }
        assert_eq!(named_by("site.s3.cn-north-1.amazonaws.com.cn", "cn-north-1"), Some("site"));
    }

    #[test]
    fn other_hosts_name_none() {
        for host in [
            "",
            "www.example.com",
            "s3.amazonaws.com",
            ".s3.amazonaws.com",
            "files.s3.example.com",
            "my-api.execute-api.eu-west-1.amazonaws.com",
            "site.s3.nowhere-1.amazonaws.com",
            "site.s3.cn-north-1.amazonaws.com.cn",
            "point-111122223333.s3-accesspoint.eu-west-1.amazonaws.com",
            "point-111122223333.s3-object-lambda.eu-west-1.amazonaws.com",
            "point-abcdefgh-s3alias.s3.eu-west-1.amazonaws.com",
            "point-abcdefgh--ol-s3.s3.eu-west-1.amazonaws.com",
            "abcdefgh.mrap.accesspoint.s3-global.amazonaws.com",
            "fast--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
        ] {
            assert_eq!(named_by(host, "us-east-1"), None, "{host}");
        }
    }
}
