//! Why verdicts are not what they were: the part of the difference that turned each of them.

use std::collections::{BTreeMap, HashMap};

use model::json::Document;
use model::{Cause, FindingId, Timestamp, Untrusted};
use rules::{Explanation, Scratch, Truth};
use serde_json::{Map, Value};

use super::Judged;
use crate::check::Checker;
use crate::inventory::{Delta, Kept, add_chains, flipped};
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
        let before = kept.before.clone().map(|before| parsed(Value::Object(before), resource));
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
            if judged.truth != Truth::True {
                return Ok(None);
            }
            // Nothing tells how it was before, so that the calls have to.
            let parts = self.kept.parts().into_iter().filter(is_read).collect();
            let parts = self.decisive(parts, judged, Kept::without_only);
            return self.kept.cause_of_parts(inventory, &parts).await.map(Some);
        }
        let parts = self.turning(changed, judged);
        let Some(mut cause) = self.kept.cause_of(&parts) else { return Ok(None) };
        let explained = |document: &Option<Document>| self.explained(document.as_ref()?, &judged.check);
        if let (Some((_, before)), Some((_, after))) = (explained(&self.before), explained(&self.after)) {
            cause.clause = flipped(&before, &after);
        }
        Ok(Some(cause))
    }

    /// The parts of what changed that turned the verdict, as small as they get.
    fn turning(&self, changed: Vec<Delta>, judged: &Judged) -> Vec<Delta> {
        let or_all = |some: Vec<Delta>, all: Vec<Delta>| if some.is_empty() { all } else { some };
        if judged.truth == Truth::True {
            let whole = or_all(self.decisive(changed.clone(), judged, Kept::without_only), changed);
            let within = self.kept.within_after(&whole);
            or_all(self.decisive(within, judged, Kept::without_only), whole)
        } else {
            let whole = or_all(self.decisive(changed.clone(), judged, Kept::with_only), changed);
            let within = self.kept.within_before(&whole);
            or_all(self.decisive(within, judged, Kept::before_without), whole)
        }
    }

    /// Those of the parts of which each alone decides: on the document that `document` makes with it the check is
    /// content.
    fn decisive(
        &self,
        parts: Vec<Delta>,
        judged: &Judged,
        document: impl Fn(&Kept, &Delta) -> Option<Value>,
    ) -> Vec<Delta> {
        let decides = |part: &Delta| {
            let document = document(self.kept, part).map(|document| parsed(document, self.resource));
            let explained = document.and_then(|document| self.explained(&document, &judged.check));
            explained.is_some_and(|(truth, _)| truth == Truth::False)
        };
        parts.into_iter().take(TRIED).filter(decides).collect()
    }

    fn explained(&self, document: &Document, check: &str) -> Option<(Truth, Explanation)> {
        self.checker.explain(&self.kept.state.resource_type, check, document, self.now)
    }
}

/// The document as checks see it, with what it says of the resource itself.
fn parsed(mut document: Value, resource: Option<&Value>) -> Document {
    if let (Value::Object(members), Some(resource)) = (&mut document, resource) {
        members.insert("$resource".to_owned(), resource.clone());
    }
    Document::parse(document.to_string()).unwrap_or_default()
}
