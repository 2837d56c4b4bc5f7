//! What the formats for programs say of a finding or of a verdict, read once for all of them.

use std::borrow::Cow;

use model::{Finding, FindingId, Severity, Status, Timestamp, Untrusted};
use rules::Meta;

use crate::{Row, Shape, Verdict, fix};

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Somebody has to look.
    Open,
    /// It is over.
    Resolved,
    /// It is so, and somebody decided that nobody needs to look.
    Suppressed,
    /// A check is content with the resource.
    Clean,
    /// A check could not be judged: something could not be read.
    Unknown,
}

impl State {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Suppressed => "suppressed",
            Self::Clean => "clean",
            Self::Unknown => "unknown",
        }
    }

    /// Of a stored finding.
    const fn of(finding: &Finding) -> Self {
        match (finding.status, &finding.muted) {
            (Status::Resolved, _) => Self::Resolved,
            (Status::Open, Some(_)) => Self::Suppressed,
            (Status::Open, None) => Self::Open,
        }
    }
}

/// One finding or one verdict.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// The id of the finding that this is, or would be.
    pub(crate) id: Cow<'a, FindingId>,
    /// The signature or check.
    pub(crate) rule: &'a str,
    /// Its title.
    pub(crate) title: &'a str,
    /// What it says of itself; `None` where it is not loaded.
    pub(crate) meta: Option<&'a Meta>,
    /// How bad.
    pub(crate) severity: Severity,
    /// How things stand.
    pub(crate) state: State,
    /// The account.
    pub(crate) account: Cow<'a, Untrusted>,
    /// The region.
    pub(crate) region: Cow<'a, Untrusted>,
    /// What a check judged: the resource and its type. `None`: this is about an event.
    pub(crate) resource: Option<(&'a Untrusted, &'a str)>,
    /// What happened, what is the matter, or what could not be read.
    pub(crate) message: &'a Untrusted,
    /// When it was seen first.
    pub(crate) first_seen: Timestamp,
    /// When it was seen last.
    pub(crate) last_seen: Timestamp,
    /// When anything about it changed last.
    pub(crate) updated: Timestamp,
    /// How often.
    pub(crate) count: u64,
    /// Whether this is seen for the first time.
    pub(crate) is_new: bool,
    /// What it was judged by: of the record, or of what was read of the resource.
    pub(crate) evidence: &'a Untrusted,
    /// The finding itself; a verdict has none.
    pub(crate) finding: Option<&'a Finding>,
}

impl<'a> Entry<'a> {
    /// An account that is no account, where the real one is not known: documents need one.
    const NO_ACCOUNT: &'static str = "000000000000";

    /// Whether a check said so, and not a signature.
    pub(crate) const fn is_check(&self) -> bool {
        self.resource.is_some()
    }

    /// The account's 12 digits, harmless wherever they stand; zeros where the text is no account.
    pub(crate) fn account_id(&self) -> String {
        Shape::Account.of(&self.account).unwrap_or_else(|| Self::NO_ACCOUNT.to_owned())
    }

    /// The region, harmless wherever it stands; that of global services where the text is no region.
    pub(crate) fn region_id(&self) -> String {
        Shape::Region.of(&self.region).unwrap_or_else(|| "us-east-1".to_owned())
    }

    /// The partition of the region, as in ARNs.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
    pub(crate) fn partition(&self) -> &'static str {
        let region = self.region_id();
        match region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// The rule's title; its id where it has none.
    pub(crate) const fn title(&self) -> &'a str {
        if self.title.is_empty() { self.rule } else { self.title }
    }

    /// Why it matters, on one line; empty where the rule does not say.
    pub(crate) fn why(&self) -> String {
        flowing(self.meta.map_or("", |meta| &meta.why))
    }

    /// What to do in words, on one line; empty where the rule does not say.
    pub(crate) fn advice(&self) -> String {
        flowing(self.meta.map_or("", |meta| &meta.fix.text))
    }

    /// What to do as commands, about this very resource or record; empty where the rule does not say.
    pub(crate) fn commands(&self) -> String {
        self.meta
            .map_or_else(String::new, |meta| fix::commands(&meta.fix, self.evidence).text.trim().to_owned())
    }

    /// Where the rule can be read up: what can stand wherever a URL is asked for.
    pub(crate) fn references(&self) -> impl Iterator<Item = &'a str> {
        self.meta
            .into_iter()
            .flat_map(|meta| &meta.references)
            .map(String::as_str)
            .filter(|url| is_plain_url(url))
    }

    /// The event of the newest occurrence; of a resource, the one that is known to have made it so.
    pub(crate) fn event_id(&self) -> Option<&'a Untrusted> {
        let finding = self.finding?;
        let id = match &finding.posture {
            None => &finding.latest.event_id,
            Some(posture) => &posture.episode()?.cause.exact()?.event_id,
        };
        (!id.is_empty()).then_some(id)
    }

    /// The sentence; the title where there is none.
    pub(crate) fn sentence(&self) -> Untrusted {
        if self.message.is_empty() { Untrusted::new(self.title) } else { self.message.clone() }
    }
}

impl<'a> From<&Row<'a>> for Entry<'a> {
    fn from(row: &Row<'a>) -> Self {
        let finding = row.finding;
        let posture = finding.posture.as_ref();
        let looked = posture.map(|posture| posture.checked_at);
        let resolved = posture.and_then(|posture| posture.resolved_at);
        let closed = finding.closed.as_ref().map(|closing| closing.at);
        Self {
            id: Cow::Borrowed(&finding.id),
            rule: &finding.rule,
            title: &finding.title,
            meta: row.rule,
            severity: finding.severity,
            state: State::of(finding),
            account: Cow::Borrowed(&finding.account),
            region: Cow::Borrowed(&finding.region),
            resource: posture.map(|posture| (&posture.resource, posture.resource_type.as_str())),
            message: &finding.latest.message,
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
            updated: [looked, resolved, closed].into_iter().flatten().fold(finding.last_seen, Ord::max),
            count: finding.count,
            is_new: finding.count <= 1,
            evidence: &finding.latest.evidence,
            finding: Some(finding),
        }
    }
}

impl<'a> From<&'a Verdict> for Entry<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        let account = Untrusted::new(verdict.account.as_str());
        let region = Untrusted::new(verdict.region.as_str());
        let id = match &verdict.finding {
            Some(id) => Cow::Borrowed(id),
            None => Cow::Owned(FindingId::of_resource(&verdict.check, &account, &region, &verdict.resource)),
        };
        Self {
            id,
            rule: &verdict.check,
            title: &verdict.title,
            meta: verdict.rule.as_deref(),
            severity: verdict.severity,
            state: match verdict.status {
                "finding" if verdict.muted.is_some() => State::Suppressed,
                "finding" => State::Open,
                "clean" => State::Clean,
                _ => State::Unknown,
            },
            account: Cow::Owned(account),
            region: Cow::Owned(region),
            resource: Some((&verdict.resource, &verdict.resource_type)),
            message: &verdict.reason,
            first_seen: verdict.judged_at,
            last_seen: verdict.judged_at,
            updated: verdict.judged_at,
            count: 1,
            is_new: verdict.change == Some("new"),
            evidence: &verdict.evidence,
            finding: None,
        }
    }
}

/// Prose of several lines on one.
pub(crate) fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the text is nothing but what a URL is made of, so that it ends where its brackets or quotes do.
fn is_plain_url(url: &str) -> bool {
    url.starts_with("https://")
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn only_plain_urls_are_references() {
        let (finding, mut rule) = (samples::posture(), samples::rule());
        let plain = "https://example.com/a?b=c#d";
        rule.references =
            [plain, "javascript:alert(1)", "https://x>y", "https://a b", "http://a"].map(String::from).into();
        let row = Row { finding: &finding, rule: Some(&rule) };
        assert_eq!(Entry::from(&row).references().collect::<Vec<_>>(), [plain]);
    }

    #[test]
    fn an_account_and_a_region_are_ids_or_stand_ins() {
        let mut finding = samples::posture();
        finding.account = "111122223333/../x".into();
        finding.region = "eu-central-1\"".into();
        let row = Row { finding: &finding, rule: None };
        let entry = Entry::from(&row);
        assert_eq!((entry.account_id().as_str(), entry.region_id().as_str()), ("000000000000", "us-east-1"));
        finding.region = "cn-north-1".into();
        let row = Row { finding: &finding, rule: None };
        assert_eq!(Entry::from(&row).partition(), "aws-cn");
    }

    #[test]
    fn what_is_muted_is_suppressed_until_it_is_over() {
        let muted = model::Muted {
            id: "planned".into(),
            owner: "platform".into(),
            reason: "a migration".into(),
            expires: Timestamp::MAX,
        };
        let mut finding = samples::posture();
        finding.status = Status::Open;
        finding.muted = Some(muted.clone());
        let state = |finding: &Finding| Entry::from(&Row { finding, rule: None }).state;
        assert_eq!(state(&finding), State::Suppressed);
        finding.status = Status::Resolved;
        assert_eq!(state(&finding), State::Resolved);

        let [mut found, ..] = samples::verdicts();
        assert_eq!(Entry::from(&found).state, State::Open);
        found.muted = Some(muted);
        assert_eq!(Entry::from(&found).state, State::Suppressed);
    }
}
