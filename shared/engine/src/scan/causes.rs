//! Why verdicts are not what they were: the part of the difference that turned each of them.

use std::collections::{BTreeMap, HashMap};

use model::json::Document;
use model::{Cause, Decisive, FindingId, Timestamp, Turn, Untrusted};
use rules::{Explanation, Scratch, Truth};
use serde_json::{Map, Value};

use super::Judged;
use super::way::Way;
use crate::check::Checker;
use crate::inventory::{About, Delta, Kept, add_chains, flipped};
use crate::ports::{Inventory, StoreError};

/// So many parts of a difference are tried one by one.
const TRIED: usize = 40;

/// The causes of verdicts on resources that changed, by finding.
pub(super) async fn causes(
    inventory: &dyn Inventory,
    checker: &Checker,
    kept: &[Kept],
    judged: &[Judged],
    documents: &HashMap<Untrusted, Map<String, Value>>,
    now: Timestamp,
) -> Result<HashMap<FindingId, Cause>, StoreError> {
    let mut by_resource: HashMap<&Untrusted, Vec<&Judged>> = HashMap::new();
    for judged in judged {
        by_resource.entry(&judged.resource).or_default().push(judged);
    }
    let mut causes = HashMap::new();
    for kept in kept {
        let verdicts = by_resource.get(&kept.state.arn).map(Vec::as_slice).unwrap_or_default();
        let turned = Turned::new(checker, kept, documents.get(&kept.state.arn), now);
        for judged in verdicts.iter().filter(|judged| turned.is_turned(judged)) {
            if let Some(mut cause) = turned.cause(inventory, judged).await? {
                add_chains(inventory, &mut cause).await?;
                causes.insert(judged.finding.clone(), cause);
            }
        }
    }
    Ok(causes)
}

/// The cause of a verdict that opens or ends a finding though this look sees nothing that turned it: an earlier look saw
/// it, and could not judge, or was interrupted before it had told. The difference that turned it is looked for back in
/// time.
pub(super) async fn earlier(
    inventory: &dyn Inventory,
    checker: &Checker,
    kept: &Kept,
    judged: &Judged,
    document: Option<&Map<String, Value>>,
    now: Timestamp,
) -> Result<Option<Cause>, StoreError> {
    if kept.before.is_none() || judged.truth == Truth::Unknown {
        return Ok(None);
    }
    let resource = document.and_then(|document| document.get("$resource"));
    for step in kept.steps_back(inventory).await?.iter().take(TRIED) {
        let turned = Turned::new(checker, step, None, now);
        let turned = Turned { resource, ..turned };
        let Some(before) = step.before.clone() else { break };
        let before = parsed(Value::Object(before), resource);
        let was = turned.explained(&before, &judged.check).map(|(truth, _)| truth);
        if was == Some(judged.truth) {
            continue;
        }
        let after = Some(parsed(Value::Object(step.after.clone()), resource));
        let turned = Turned { before: Some(before), after, ..turned };
        let mut cause = turned.cause(inventory, judged).await?;
        if let Some(cause) = &mut cause {
            add_chains(inventory, cause).await?;
        }
        return Ok(cause);
    }
    if judged.truth != Truth::True {
        return Ok(None);
    }
    let turned = Turned { resource, ..Turned::new(checker, kept, document, now) };
    let mut cause = turned.first_seen(inventory, judged).await?;
    add_chains(inventory, &mut cause).await?;
    Ok(Some(cause))
}

/// A resource that differs, judged as it was.
struct Turned<'a> {
    checker: &'a Checker,
    kept: &'a Kept,
    resource: Option<&'a Value>,
    after: Option<Document>,
    before: Option<Document>,
    truths: BTreeMap<String, Truth>,
    now: Timestamp,
}

impl<'a> Turned<'a> {
    fn new(
        checker: &'a Checker,
        kept: &'a Kept,
        read: Option<&'a Map<String, Value>>,
        now: Timestamp,
    ) -> Self {
        let resource = read.and_then(|document| document.get("$resource"));
        let after = read.map(|document| parsed(Value::Object(document.clone()), None));
        let before = kept.comparable().map(|before| parsed(Value::Object(before), resource));
        let mut truths = BTreeMap::new();
        if let Some(before) = &before {
            let mut scratch = Scratch::default();
            let verdicts = checker.judge(&kept.state.resource_type, before, now, &mut scratch);
            truths = verdicts.into_iter().map(|verdict| (verdict.check.id.clone(), verdict.truth)).collect();
        }
        Self { checker, kept, resource, after, before, truths, now }
    }

    fn is_turned(&self, judged: &Judged) -> bool {
        match judged.truth {
            Truth::Unknown => false,
            Truth::False if self.before.is_none() => false,
            truth => self.truths.get(&judged.check) != Some(&truth),
        }
    }

    async fn cause(&self, inventory: &dyn Inventory, judged: &Judged) -> Result<Option<Cause>, StoreError> {
        let reads = self.checker.reads_of(&self.kept.state.resource_type, &judged.check);
        let is_read = |part: &Delta| reads.iter().any(|read| read.eq_ignore_ascii_case(&part.member()));
        let changed: Vec<Delta> = self.kept.deltas.iter().filter(|part| is_read(part)).cloned().collect();
        if self.before.is_none() || changed.is_empty() {
            if judged.truth != Truth::True || self.before.is_some() {
                return Ok(None);
            }
            return self.first_seen(inventory, judged).await.map(Some);
        }
        let (parts, decisive) = self.turning(changed, judged);
        let about = if judged.truth == Truth::False { About::Ending } else { About::Opening };
        let Some(cause) = self.kept.cause_of(&parts, decisive, about) else { return Ok(None) };
        let mut cause = self.held(cause, judged);
        let explained = |document: &Option<Document>| self.explained(document.as_ref()?, &judged.check);
        if let (Some((_, before)), Some((_, after))) = (explained(&self.before), explained(&self.after)) {
            cause.clause = flipped(&before, &after);
        }
        Ok(Some(cause))
    }

    /// The cause, unless what the records of other calls say leaves it open.
    fn held(&self, cause: Cause, judged: &Judged) -> Cause {
        let is_changed = self.kept.difference.as_ref().is_some_and(|one| one.turn == Turn::Changed);
        let (Some(before), true) = (self.kept.comparable(), is_changed) else { return cause };
        let way = Way::new(self.checker, &self.kept.state, &judged.check, self.now);
        way.hold(cause, &self.kept.suspects, (&before, Some(&self.kept.after)), judged.truth)
    }

    /// The cause of what nothing tells how it was before, so that the calls have to.
    async fn first_seen(&self, inventory: &dyn Inventory, judged: &Judged) -> Result<Cause, StoreError> {
        let reads = self.checker.reads_of(&self.kept.state.resource_type, &judged.check);
        let is_read = |part: &Delta| reads.iter().any(|read| read.eq_ignore_ascii_case(&part.member()));
        let parts = self.kept.parts().into_iter().filter(is_read).collect();
        let parts = self.decisive(parts, judged, Kept::without_only, Truth::False);
        let (parts, decisive) = if parts.is_empty() {
            (self.kept.members_in(&reads), Decisive::All)
        } else {
            (parts, Decisive::Last)
        };
        self.kept.cause_of_parts(inventory, &parts, decisive).await
    }

    /// The parts of what changed that turned the verdict, as small as they get, and which of them counts.
    fn turning(&self, changed: Vec<Delta>, judged: &Judged) -> (Vec<Delta>, Decisive) {
        let was = if judged.truth == Truth::True { Truth::False } else { Truth::True };
        let is = judged.truth;
        let (whole, decisive) = match self.decisive(changed.clone(), judged, Kept::without_only, was) {
            needed if !needed.is_empty() => (needed, Decisive::Last),
            _ => match self.decisive(changed.clone(), judged, Kept::with_only, is) {
                enough if !enough.is_empty() => (enough, Decisive::First),
                _ => (changed, Decisive::All),
            },
        };
        // What came, or went, as one may consist of parts of which one alone counts.
        if judged.truth == Truth::True {
            let within = self.kept.within_after(&whole);
            let within = self.decisive(within, judged, Kept::without_only, was);
            let is_whole = |part: &Delta| !within.iter().any(|inner| inner.is_within_after(part));
            return refined(whole, decisive, is_whole, within.clone(), Decisive::Last);
        }
        let within = self.kept.within_before(&whole);
        let within = self.decisive(within, judged, Kept::before_without, is);
        let is_whole = |part: &Delta| !within.iter().any(|inner| inner.is_within_before(part));
        let parts = within.iter().cloned().map(Delta::reversed).collect();
        refined(whole, decisive, is_whole, parts, Decisive::First)
    }

    /// Those of the parts of which each alone decides, or with what follows from it: the document that `document` makes of
    /// it is judged `wanted`.
    fn decisive(
        &self,
        parts: Vec<Delta>,
        judged: &Judged,
        document: impl Fn(&Kept, Option<&Delta>, &[Delta]) -> Option<Value>,
        wanted: Truth,
    ) -> Vec<Delta> {
        let is_wanted = |part: Option<&Delta>, others: &[Delta]| {
            let document = document(self.kept, part, others).map(|document| parsed(document, self.resource));
            let explained = document.and_then(|document| self.explained(&document, &judged.check));
            explained.is_some_and(|(truth, _)| truth == wanted)
        };
        let decides = |part: &Delta| {
            if is_wanted(Some(part), &[]) {
                return true;
            }
            let others = self.kept.companions(part);
            !others.is_empty() && is_wanted(Some(part), &others) && !is_wanted(None, &others)
        };
        parts.into_iter().take(TRIED).filter(decides).collect()
    }

    fn explained(&self, document: &Document, check: &str) -> Option<(Truth, Explanation)> {
        self.checker.explain(&self.kept.state.resource_type, check, document, self.now)
    }
}

/// The parts that count: finer `parts`, of which the `finer` one counts, in the place of those that they are within.
fn refined(
    whole: Vec<Delta>,
    decisive: Decisive,
    is_whole: impl Fn(&Delta) -> bool,
    parts: Vec<Delta>,
    finer: Decisive,
) -> (Vec<Delta>, Decisive) {
    if parts.is_empty() {
        return (whole, decisive);
    }
    let mut counting: Vec<Delta> =
        whole.into_iter().filter(|part| decisive == finer && is_whole(part)).collect();
    counting.extend(parts);
    (counting, finer)
}

/// The document as checks see it, with what it says of the resource itself.
fn parsed(mut document: Value, resource: Option<&Value>) -> Document {
    if let (Value::Object(members), Some(resource)) = (&mut document, resource) {
        members.insert("$resource".to_owned(), resource.clone());
    }
    Document::parse(document.to_string()).unwrap_or_default()
}
