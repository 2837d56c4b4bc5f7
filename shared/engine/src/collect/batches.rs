//! Ids that are asked for together.

use catalog::resource::{Batch, Read};
use serde_json::{Map, Value};

use super::answer::{hole, taken};
use super::values::{Missing, at};
use super::{Collector, at_once};
use crate::ports::{Place, ReadError};

impl Collector {
    /// Asks about many documents at once, and gives each its element of the answer.
    pub(super) async fn in_batches(
        &self,
        read: &Read,
        batch: &Batch,
        place: &Place,
        documents: impl ExactSizeIterator<Item = &Map<String, Value>>,
    ) -> Vec<Value> {
        let context = self.context(place);
        let mut groups: Vec<(Value, Vec<(usize, Value)>)> = Vec::new();
        let mut described = vec![Value::Null; documents.len()];
        for (index, document) in documents.enumerate() {
            let mut parameters = match context.parameters(read, document) {
                Ok(Value::Object(parameters)) => parameters,
                Err(Missing::Hole(hole)) => {
                    put(&mut described, index, hole);
                    continue;
                }
                Ok(_) | Err(Missing::Nothing) => continue,
            };
            let id = parameters.remove(&batch.parameter).unwrap_or_default();
            let parameters = Value::Object(parameters);
            match groups.iter_mut().find(|(known, _)| *known == parameters) {
                Some((_, ids)) => ids.push((index, id)),
                None => groups.push((parameters, vec![(index, id)])),
            }
        }
        let mut chunks: Vec<(&Value, &[(usize, Value)])> = Vec::new();
        for (parameters, ids) in &groups {
            chunks.extend(ids.chunks(batch.limit.max(1)).map(|ids| (parameters, ids)));
        }
        let answers = at_once(chunks.into_iter().map(|(parameters, ids)| async move {
            let mut parameters = parameters.clone();
            if let Some(parameters) = parameters.as_object_mut() {
                let ids = ids.iter().map(|(_, id)| id.clone()).collect();
                parameters.insert(batch.parameter.clone(), Value::Array(ids));
            }
            (ids, self.ask(read, place, &parameters, None).await)
        }))
        .await;
        for (ids, answer) in answers {
            match answer {
                Ok(answer) => {
                    let elements = taken(&answer, read.take.as_deref());
                    for (index, id) in ids {
                        let missing = || ReadError::failed("Missing", "the answer leaves it out");
                        let element = elements.as_array().into_iter().flatten().find(|element| {
                            element.as_object().is_some_and(|members| at(members, &batch.key) == *id)
                        });
                        let element =
                            element.cloned().unwrap_or_else(|| hole(&missing(), read, self.aws.as_ref()));
                        put(&mut described, *index, element);
                    }
                }
                Err(error) => {
                    let hole = hole(&error, read, self.aws.as_ref());
                    for (index, _) in ids {
                        put(&mut described, *index, hole.clone());
                    }
                }
            }
        }
        described
    }
}

fn put(values: &mut [Value], index: usize, value: Value) {
    if let Some(slot) = values.get_mut(index) {
        *slot = value;
    }
}
