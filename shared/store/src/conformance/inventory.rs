//! States and timelines of resources, and marks of what is going to be read.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::ports::{Kind, StateQuery, Step, Store, StoreError};
use model::{
    Actor, Call, Cause, Difference, Effect, Moment, Outcome, State, TimelineId, Timestamp, Turn, Untrusted,
};

use super::samples::{ACCOUNT, at};

const BUCKET: &str = "aws.s3.bucket";

fn state(name: &str, read_at: Timestamp) -> State {
    let arn = format!("arn:aws:s3:::{name}");
    State {
        key: TimelineId::of_resource(ACCOUNT, "eu-west-1", BUCKET, &arn),
        resource_type: BUCKET.into(),
        account: ACCOUNT.into(),
        region: "eu-west-1".into(),
        id: name.into(),
        name: name.into(),
        arn: Untrusted::new(arn),
        document: "{}".into(),
        first_seen: read_at,
        read_at,
        unread: BTreeMap::default(),
        changed_at: read_at,
        gone_at: None,
        incarnation: 1,
    }
}

fn step(before: Option<Timestamp>, state: State, moments: Vec<Moment>) -> Step {
    Step { before, state, moments }
}

fn difference(state: &State, time: Timestamp) -> Moment {
    let difference = Difference {
        turn: Turn::Changed,
        since: None,
        patch: "[]".into(),
        unread: BTreeMap::default(),
        undo: "[]".into(),
        related: false,
        cause: Cause::default(),
        unexplained: ["Logging".to_owned()].into(),
        lane: "scan".into(),
    };
    Moment::difference(state.key.clone(), time, difference)
}

fn call(timeline: &TimelineId, event_id: &str, time: Timestamp) -> Moment {
    let call = Call {
        event_id: event_id.into(),
        shared_event_id: Untrusted::default(),
        account: ACCOUNT.into(),
        time,
        source: "s3.amazonaws.com".into(),
        name: "PutBucketVersioning".into(),
        outcome: Outcome::Success,
        error: Untrusted::default(),
        actor: Actor::default(),
        role: Untrusted::default(),
        effect: Effect::Upsert,
        facets: ["Versioning".to_owned()].into(),
        request: "{}".into(),
        sets: Untrusted::default(),
        lane: "bus".into(),
    };
    Moment::call(timeline.clone(), call)
}

/// A state follows the one that it was compared with, and no other.
pub async fn a_state_follows_the_one_before(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let [first, second, third] = [0, 60, 120].map(|seconds| at(now, seconds));
    let moment = difference(&state("a", first), second);

    let taken = [
        store.advance(&[step(None, state("a", first), Vec::new())]).await?,
        store.advance(&[step(None, state("a", second), Vec::new())]).await?,
        store.advance(&[step(Some(first), state("a", second), vec![moment.clone()])]).await?,
        store
            .advance(&[step(Some(first), state("a", third), vec![difference(&state("a", first), third)])])
            .await?,
        store.advance(&[step(Some(second), state("a", first), Vec::new())]).await?,
    ]
    .concat();

    assert_eq!(taken, [true, false, true, false, false]);
    let key = state("a", first).key;
    assert_eq!(store.state(&key).await?, Some(state("a", second)));
    assert_eq!(store.timeline(&[key], first, third).await?, [moment], "what was not taken is not told");
    Ok(())
}

/// Resources are listed by type, and page by page in one order.
pub async fn resources_are_listed(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let mut steps: Vec<_> =
        ["c", "a", "b"].iter().map(|name| step(None, state(name, now), Vec::new())).collect();
    steps.push(step(None, State { gone_at: Some(now), ..state("gone", now) }, Vec::new()));
    let queue = State { resource_type: "aws.sqs.queue".into(), ..state("q", now) };
    let queue = State { key: TimelineId::of_resource(ACCOUNT, "eu-west-1", "aws.sqs.queue", "q"), ..queue };
    steps.push(step(None, queue.clone(), Vec::new()));
    store.advance(&steps).await?;

    let kind = Kind { account: ACCOUNT.into(), resource_type: BUCKET.into() };
    assert_eq!(store.states_of(&kind).await?.len(), 4, "gone or not");
    let nothing = Kind { account: "222222222222".into(), resource_type: BUCKET.into() };
    assert!(store.states_of(&nothing).await?.is_empty());

    let mut query = StateQuery { limit: 2, ..StateQuery::default() };
    let first = store.states(&query).await?;
    query.after = first.next.clone();
    let second = store.states(&query).await?;
    let listed: Vec<_> = first.items.iter().chain(&second.items).map(|state| state.id.clone()).collect();
    assert_eq!(listed, ["a", "b", "c", "q"].map(Untrusted::new));
    assert_eq!(second.next, None);

    let gone = StateQuery { gone: true, resource_type: Some(BUCKET.into()), ..StateQuery::default() };
    assert_eq!(store.states(&gone).await?.items.len(), 4);
    let elsewhere = StateQuery { region: Some("us-east-1".into()), ..StateQuery::default() };
    assert!(store.states(&elsewhere).await?.items.is_empty());
    Ok(())
}

/// A resource is found by its ARN and by its id.
pub async fn a_resource_is_found_by_name(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    store.advance(&[step(None, state("a", now), Vec::new())]).await?;

    assert_eq!(store.named("arn:aws:s3:::a").await?, [state("a", now)]);
    assert_eq!(store.named("a").await?, [state("a", now)]);
    assert!(store.named(&"b".repeat(3_000)).await?.is_empty());
    Ok(())
}

/// Moments come in the order of time, from several timelines, and the same moment again replaces the one before.
pub async fn moments_come_in_order(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let one = state("a", now).key;
    let other = TimelineId::of_resource(ACCOUNT, "eu-west-1", BUCKET, "a");
    let times = [0, 60, 120, 180].map(|seconds| at(now, seconds));
    let told: Vec<_> = times
        .iter()
        .enumerate()
        .map(|(number, time)| call(if number % 2 == 0 { &one } else { &other }, &number.to_string(), *time))
        .collect();
    let mut shuffled = told.clone();
    shuffled.reverse();
    store.tell(&shuffled).await?;
    store.tell(&told).await?;

    assert_eq!(store.timeline(&[one.clone(), other], times[0], times[3]).await?, told);
    assert_eq!(
        store.timeline(&[one], times[1], times[2]).await?.as_slice(),
        told.get(2..3).unwrap_or_default()
    );
    let many: Vec<_> =
        (0..60).map(|number| call(&TimelineId::of_unmapped(), &format!("m{number}"), now)).collect();
    store.tell(&many).await?;
    assert_eq!(store.timeline(&[TimelineId::of_unmapped()], now, now).await?.len(), 60);
    Ok(())
}

/// What is long comes back whole.
pub async fn a_large_document_comes_back(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let document = format!("{{\"a\":\"{}\"}}", "statement ".repeat(100_000));
    let large = State { document: Untrusted::new(document), ..state("large", now) };
    store.advance(&[step(None, large.clone(), Vec::new())]).await?;
    assert_eq!(store.state(&large.key).await?, Some(large));
    Ok(())
}

/// One of those who mark a target has to see to it, until the mark is taken away or is old.
pub async fn a_mark_is_made_once(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let window = Duration::from_mins(1);
    let mut first = Vec::new();
    for seconds in [0, 30, 61] {
        first.push(store.mark("target", at(now, seconds), window).await?);
    }
    store.unmark("target").await?;
    first.push(store.mark("target", at(now, 62), window).await?);
    first.push(store.mark("other", at(now, 62), window).await?);
    assert_eq!(first, [true, false, true, true, true]);
    store.unmark("nobody marked this").await
}
