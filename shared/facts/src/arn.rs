//! Amazon Resource Names and account ids.
//!
//! Format: "Identify AWS resources with Amazon Resource Names (ARNs)",
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

/// The parts of an ARN. Any partition is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads `text`, or nothing where it is no ARN.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let (_partition, service) = (parts.next()?, parts.next()?);
        let (region, account) = (parts.next()?, parts.next()?);
        Some(Self { service, region, account, resource: parts.next()? })
    }
}

/// What follows the last `/`: a name without its path, a session without its role.
pub(crate) fn last_segment(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// Whether `text` is an account id: twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account that `text` names: an id, or an ARN with one; else `""`.
pub(crate) fn account_of(text: &str) -> &str {
    if is_account(text) {
        return text;
    }
    Arn::parse(text).map(|arn| arn.account).filter(|account| is_account(account)).unwrap_or_default()
}

/// Whether both are known accounts, and not the same one.
pub(crate) fn is_other_account(account: &str, own: &str) -> bool {
    is_account(account) && is_account(own) && account != own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_in_ids_and_arns() {
        for (text, account) in [
            ("123456789012", "123456789012"),
            ("arn:aws:iam::123456789012:root", "123456789012"),
            ("arn:aws-cn:sts::123456789012:assumed-role/a/b", "123456789012"),
            ("arn:aws:iam::cloudfront:user/x", ""),
            ("arn:aws:s3:::bucket", ""),
            ("*", ""),
            ("arn:aws", ""),
            ("12345678901é", ""),
        ] {
            assert_eq!(account_of(text), account, "{text}");
        }
        assert!(is_other_account("111111111111", "222222222222"));
        assert!(!is_other_account("", "222222222222"));
        assert!(!is_other_account("111111111111", "111111111111"));
    }
}
