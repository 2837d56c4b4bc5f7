//! Looks that meet.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use catalog::resource::Row;
use serde_json::json;

use super::*;
use crate::ports::{Kind, Page, StateQuery};

/// An inventory in which somebody else keeps a state right before the first step is taken.
#[derive(Default)]
struct Contended {
    states: Mutex<BTreeMap<TimelineId, State>>,
    meanwhile: Mutex<Option<State>>,
}

#[async_trait]
impl Inventory for Contended {
    async fn state(&self, key: &TimelineId) -> Result<Option<State>, StoreError> {
        Ok(self.states.lock().unwrap().get(key).cloned())
    }

    async fn advance(&self, steps: &[Step]) -> Result<Vec<bool>, StoreError> {
        let mut states = self.states.lock().unwrap();
        let meanwhile = self.meanwhile.lock().unwrap().take();
        states.extend(meanwhile.map(|state| (state.key.clone(), state)));
        let mut take = |step: &Step| {
            let is_next = states.get(&step.state.key).map(|state| state.read_at) == step.before;
            if is_next {
                states.insert(step.state.key.clone(), step.state.clone());
            }
            is_next
        };
        Ok(steps.iter().map(&mut take).collect())
    }

    async fn tell(&self, _: &[Moment]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn timeline(
        &self,
        _: &[TimelineId],
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<Moment>, StoreError> {
        Ok(Vec::new())
    }

    async fn states_of(&self, _: &Kind) -> Result<Vec<State>, StoreError> {
        panic!("whoever keeps knows the states")
    }

    async fn states(&self, _: &StateQuery) -> Result<Page<State>, StoreError> {
        panic!("whoever keeps knows the states")
    }

    async fn named(&self, _: &str) -> Result<Vec<State>, StoreError> {
        panic!("whoever keeps knows the states")
    }

    async fn mark(&self, _: &str, _: Timestamp, _: Duration) -> Result<bool, StoreError> {
        panic!("nothing is due")
    }

    async fn unmark(&self, _: &str) -> Result<(), StoreError> {
        panic!("nothing is due")
    }
}

fn rows() -> Vec<Row> {
    catalog::builtin().rows.into_iter().filter(|row| row.name == "aws.sqs.queue").collect()
}

fn queue(seconds: u32) -> Resource {
    resource(&json!({ "VisibilityTimeout": seconds.to_string() }))
}

fn resource(document: &Value) -> Resource {
    Resource {
        kind: "aws.sqs.queue".into(),
        id: "q".into(),
        name: "q".into(),
        arn: "arn:aws:sqs:eu-west-1:111122223333:q".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        document: document.as_object().cloned().unwrap(),
        nameless: None,
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

async fn look(inventory: &Contended, minute: i64, seconds: u32, known: &[State]) -> Looked {
    let rows = rows();
    let look = Look { rows: &rows, row: &rows[0], observed_at: at(minute), lane: "scan", again: true };
    let known = known.iter().map(|state| (state.key.clone(), state.clone())).collect();
    keep(inventory, &look, &[queue(seconds)], Vec::new(), known).await.unwrap()
}

/// The state that a look at this time keeps of the queue.
async fn state(minute: i64, seconds: u32) -> State {
    look(&Contended::default(), minute, seconds, &[]).await.kept[0].state.clone()
}

#[tokio::test]
async fn of_a_look_that_was_slower_than_an_older_one_nothing_is_lost() {
    let inventory = Contended { meanwhile: Mutex::new(Some(state(1, 30).await)), ..Contended::default() };

    let looked = look(&inventory, 2, 60, &[]).await;

    assert_eq!(looked.outdated.len(), 0);
    let difference = looked.kept[0].difference.as_ref().unwrap();
    assert_eq!((difference.turn, difference.since), (Turn::Changed, Some(at(1))));
    assert_eq!(inventory.state(&looked.kept[0].state.key).await.unwrap().unwrap().read_at, at(2));
}

#[tokio::test]
async fn a_look_that_was_slower_than_a_newer_one_has_nothing_to_say() {
    let newer = state(3, 30).await;
    let inventory = Contended { meanwhile: Mutex::new(Some(newer.clone())), ..Contended::default() };

    let looked = look(&inventory, 2, 60, &[]).await;

    assert!(looked.kept.is_empty());
    assert_eq!(looked.outdated, BTreeSet::from([newer.arn.clone()]));
    assert_eq!(inventory.state(&newer.key).await.unwrap(), Some(newer));
}

/// The members that differ, when a queue is looked at twice, and what is kept of it.
async fn differences(row: &Row, documents: [&Value; 2]) -> (Vec<String>, Value) {
    let inventory = Contended::default();
    let mut known = BTreeMap::new();
    let mut members = Vec::new();
    for (minute, document) in (1..).zip(documents) {
        let rows = std::slice::from_ref(row);
        let look = Look { rows, row, observed_at: at(minute), lane: "scan", again: true };
        let looked = keep(&inventory, &look, &[resource(document)], Vec::new(), known).await.unwrap();
        let kept = &looked.kept[0];
        assert_eq!(kept.deltas.is_empty(), kept.difference.is_none() || minute == 1);
        members = kept.deltas.iter().map(Delta::member).collect();
        known = BTreeMap::from([(kept.state.key.clone(), kept.state.clone())]);
    }
    let kept = known.values().map(|state| Value::Object(document_of(state))).collect::<Vec<_>>();
    (members, kept[0].clone())
}

#[tokio::test]
async fn what_changes_by_itself_makes_no_difference_in_the_types_that_say_so() {
    let queue = &rows()[0];
    let other = &Row { volatile: vec!["Elsewhere".to_owned()], ..queue.clone() };
    let messages = |count: &str| json!({ "DelaySeconds": "0", "ApproximateNumberOfMessages": count });
    let (before, after) = (&messages("0"), &messages("7"));

    assert_eq!(differences(queue, [before, after]).await, (vec![], json!({ "DelaySeconds": "0" })));
    let (members, kept) = differences(other, [before, after]).await;
    assert_eq!((members, &kept), (vec!["ApproximateNumberOfMessages".to_owned()], after));
}

#[tokio::test]
async fn a_member_that_was_kept_before_it_was_named_volatile_makes_no_difference() {
    let inventory = Contended::default();
    let named = rows().remove(0);
    let unnamed = Row { volatile: Vec::new(), ..named.clone() };
    let mut known = BTreeMap::new();
    for (minute, row) in [(1, &unnamed), (2, &named)] {
        let rows = std::slice::from_ref(row);
        let look = Look { rows, row, observed_at: at(minute), lane: "scan", again: true };
        let document = json!({ "DelaySeconds": "0", "ApproximateNumberOfMessages": "7" });
        let looked = keep(&inventory, &look, &[resource(&document)], Vec::new(), known).await.unwrap();
        let kept = &looked.kept[0];
        assert_eq!(document_of(&kept.state).contains_key("ApproximateNumberOfMessages"), minute == 1);
        assert!(kept.deltas.is_empty(), "{:?}", kept.deltas);
        known = BTreeMap::from([(kept.state.key.clone(), kept.state.clone())]);
    }
}
