//! Where to look at the event.

use model::Finding;

use report::Shape;

/// The page of the CloudTrail console that shows the newest event of `finding`, and the account to sign in to.
///
/// Built only from what is nothing but an id, so that nobody who makes a call can choose where the link leads.
/// `None` where an id is missing, and in partitions whose console is not known to have such a page.
pub(super) fn event_history(finding: &Finding) -> Option<(String, String)> {
    let account = Shape::Account.of(&finding.account)?;
    let region = Shape::Region.of(&finding.region)?;
    // Of a finding about a resource, the call that made it so.
    let cause = finding.posture.as_ref().and_then(|posture| posture.episode()?.cause.exact());
    let event = Shape::Uuid.of(cause.map_or(&finding.latest.event_id, |culprit| &culprit.event_id))?;
    let console = match region.split('-').take(2).collect::<Vec<_>>().as_slice() {
        ["us", "gov"] => "console.amazonaws-us-gov.com".to_owned(),
        ["cn", _] => "console.amazonaws.cn".to_owned(),
        [_, word] if word.starts_with("iso") => return None,
        _ => format!("{region}.console.aws.amazon.com"),
    };
    Some((format!("https://{console}/cloudtrailv2/home?region={region}#/events?EventId={event}"), account))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn link(change: impl FnOnce(&mut Finding)) -> Option<String> {
        let mut finding = samples::stopped_logging();
        change(&mut finding);
        event_history(&finding).map(|(link, _)| link)
    }

    #[test]
    fn a_link_leads_to_the_console_of_the_partition() {
        let path = "/cloudtrailv2/home?region";
        let event = "#/events?EventId=3f2b1a90-5c4d-4e6f-8a7b-9c0d1e2f3a4b";
        for (region, host) in [
            ("us-east-1", "us-east-1.console.aws.amazon.com"),
            ("us-gov-west-1", "console.amazonaws-us-gov.com"),
            ("cn-north-1", "console.amazonaws.cn"),
        ] {
            let expected = format!("https://{host}{path}={region}{event}");
            assert_eq!(link(|finding| finding.region = region.into()), Some(expected));
        }
    }

    #[test]
    fn there_is_no_link_without_ids() {
        assert_eq!(link(|finding| finding.account = "someone".into()), None);
        assert_eq!(link(|finding| finding.region = "evil.example/".into()), None);
        assert_eq!(link(|finding| finding.region = "us-iso-east-1".into()), None);
        assert_eq!(link(|finding| finding.latest.event_id = "sha256:00".into()), None);
    }
}
