//! Which mute covers a finding.

use model::{Finding, Mute, TimelineId, Timestamp, Untrusted};

use super::pattern::Pattern;
use crate::inventory::{document_of, plain};
use crate::ports::{Store, StoreError};
use crate::times::tag_of;

/// What the ids of rules begin with that say that mutes are not what they should be. No mute covers their findings.
const OWN: &str = "trailpost-mute";

/// So many of a finding's newest occurrences are looked at for who made the calls.
const LOOKED_AT: usize = 100;

/// Mutes, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Mutes {
    /// In the order of preference: those that hold longest first, and of equals by id.
    compiled: Vec<Compiled>,
}

#[derive(Debug, Clone)]
struct Compiled {
    mute: Mute,
    rule: Vec<Pattern>,
    account: Vec<Pattern>,
    region: Vec<Pattern>,
    resource: Vec<Pattern>,
    tags: Vec<(String, Pattern)>,
    principal: Vec<Pattern>,
}

/// What a finding itself does not say, and a mute may ask.
#[derive(Debug, Clone, Default)]
pub struct Background {
    /// The document of the resource, with its tags.
    pub document: Option<serde_json::Value>,
    /// Who made the calls of the newest occurrences.
    pub principals: Vec<Untrusted>,
}

impl Mutes {
    /// The mutes that can be read, and what is wrong with the others, by id.
    pub fn new(mutes: impl IntoIterator<Item = Mute>) -> (Self, Vec<(String, String)>) {
        let mut compiled = Vec::new();
        let mut wrong = Vec::new();
        for mute in mutes {
            let id = mute.id.clone();
            match Compiled::new(mute) {
                Ok(mute) => compiled.push(mute),
                Err(problem) => wrong.push((id, problem)),
            }
        }
        compiled.sort_by(|a, b| {
            (b.mute.expires, &a.mute.id, &a.mute.owner).cmp(&(a.mute.expires, &b.mute.id, &b.mute.owner))
        });
        (Self { compiled }, wrong)
    }

    /// The mutes, those that hold longest first.
    pub fn iter(&self) -> impl Iterator<Item = &Mute> {
        self.compiled.iter().map(|compiled| &compiled.mute)
    }

    /// The mute that covers `finding` at `now`; of several the one that holds longest.
    pub fn covering(&self, finding: &Finding, background: &Background, now: Timestamp) -> Option<&Mute> {
        let mut candidates = self.candidates(finding, now);
        candidates.find(|mute| mute.fits(background)).map(|compiled| &compiled.mute)
    }

    /// Those that cover the finding as far as it says so itself.
    fn candidates(&self, finding: &Finding, now: Timestamp) -> impl Iterator<Item = &Compiled> {
        let may = !finding.rule.starts_with(OWN);
        self.compiled.iter().filter(move |mute| may && now < mute.mute.expires && mute.may_cover(finding))
    }
}

impl Compiled {
    fn new(mute: Mute) -> Result<Self, String> {
        let all =
            |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect::<Result<Vec<_>, _>>();
        let matches = &mute.matches;
        let rule = all(&matches.rule)?;
        let resource = all(&matches.resource)?;
        let is_narrow =
            |patterns: &[Pattern]| !patterns.is_empty() && !patterns.iter().any(Pattern::is_everything);
        if !is_narrow(&rule) && !is_narrow(&resource) {
            return Err("it matches every rule and every resource".to_owned());
        }
        let tags = matches.tags.iter().map(|(key, text)| Ok((key.clone(), Pattern::new(text)?)));
        Ok(Self {
            rule,
            resource,
            account: all(&matches.account)?,
            region: all(&matches.region)?,
            principal: all(&matches.principal)?,
            tags: tags.collect::<Result<_, String>>()?,
            mute,
        })
    }

    fn may_cover(&self, finding: &Finding) -> bool {
        let any = |patterns: &[Pattern], text: &Untrusted| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.covers(text))
        };
        let resource = finding.posture.as_ref().map_or(&finding.scope, |posture| &posture.resource);
        (self.rule.is_empty() || self.rule.iter().any(|pattern| pattern.matches(&finding.rule)))
            && any(&self.account, &finding.account)
            && any(&self.region, &finding.region)
            && any(&self.resource, resource)
    }

    /// What is not known does not fit: it is better to hear too much than too little.
    fn fits(&self, background: &Background) -> bool {
        let principal =
            |text: &Untrusted| !text.is_empty() && self.principal.iter().any(|pattern| pattern.covers(text));
        let tag = |(key, pattern): &(String, Pattern)| {
            let value = background.document.as_ref().and_then(|document| tag_of(document, key));
            value.is_some_and(|value| pattern.matches(&value))
        };
        let principals = &background.principals;
        (self.principal.is_empty() || (!principals.is_empty() && principals.iter().all(principal)))
            && self.tags.iter().all(tag)
    }
}

/// Looks up what the mutes that may cover `finding` ask about it; nothing where they ask nothing.
///
/// # Errors
/// When the store fails.
pub async fn about(
    store: &dyn Store,
    mutes: &Mutes,
    finding: &Finding,
    now: Timestamp,
) -> Result<Background, StoreError> {
    let mut background = Background::default();
    if mutes.candidates(finding, now).any(|mute| !mute.tags.is_empty())
        && let Some(posture) = &finding.posture
    {
        let (account, region) = (plain(&finding.account), plain(&finding.region));
        let resource = plain(&posture.resource);
        let key = TimelineId::of_resource(&account, &region, &posture.resource_type, &resource);
        background.document = store.state(&key).await?.map(|state| document_of(&state).into());
    }
    if mutes.candidates(finding, now).any(|mute| !mute.principal.is_empty()) {
        background.principals = if finding.posture.is_some() || finding.count == 1 {
            vec![finding.latest.actor.principal.clone()]
        } else {
            let seen = store.occurrences(&finding.id, LOOKED_AT).await?;
            seen.into_iter().map(|occurrence| occurrence.actor.principal).collect()
        };
    }
    Ok(background)
}

/// Writes into each finding which mute covers it, and counts those that one does.
///
/// # Errors
/// When the store fails.
pub async fn mark(
    store: &dyn Store,
    mutes: &Mutes,
    findings: &mut [Finding],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut count = 0_usize;
    for finding in findings {
        let background = about(store, mutes, finding, now).await?;
        finding.muted = mutes.covering(finding, &background, now).map(Into::into);
        count = count.saturating_add(usize::from(finding.muted.is_some()));
    }
    Ok(count)
}
