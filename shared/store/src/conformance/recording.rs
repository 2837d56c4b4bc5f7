//! Recording: each event has one effect, however often and in whatever company it comes.

use std::collections::BTreeSet;

use engine::ports::{Recorded, Store, StoreError};
use futures_util::future::try_join_all;
use model::{Finding, FindingId, NoticePolicy, Occurrence, Severity, Timestamp};

use super::samples::{DAY, as_bad_as, at, sighting, telling};

/// A finding is made of the first sighting, with all its fields.
pub async fn a_first_sighting_opens_a_finding(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let first = sighting("rule", "bucket", "event", at(now, 60));
    let id = &first.occurrence.finding_id;
    assert_eq!(store.finding(id).await?, None);
    let recorded = store.record(std::slice::from_ref(&first), &telling(&["text"]), now).await?;
    assert_eq!(recorded, [Recorded { finding_id: id.clone(), opened: true, new: true }]);
    assert_eq!(store.finding(id).await?, Some(Finding::open(&first)));
    assert_eq!(store.occurrences(id, 10).await?, [first.occurrence]);
    Ok(())
}

/// Another event of the same scope is counted, and the worst severity stays.
pub async fn a_second_sighting_adds_to_it(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let first = as_bad_as(Severity::High, sighting("rule", "bucket", "first", at(now, 60)));
    let second = as_bad_as(Severity::Low, sighting("rule", "bucket", "second", at(now, 120)));
    let id = first.occurrence.finding_id.clone();
    store.record(std::slice::from_ref(&first), &NoticePolicy::default(), now).await?;
    let recorded = store.record(std::slice::from_ref(&second), &NoticePolicy::default(), now).await?;
    assert_eq!(recorded, [Recorded { finding_id: id.clone(), opened: false, new: true }]);
    let finding = Finding {
        count: 2,
        last_seen: at(now, 120),
        latest: second.occurrence.clone(),
        posture: None,
        closed: None,
        muted: None,
        ..Finding::open(&first)
    };
    assert_eq!(store.finding(&id).await?, Some(finding));
    assert_eq!(store.occurrences(&id, 10).await?, [second.occurrence, first.occurrence]);
    Ok(())
}

/// A redelivery is answered as such, and leaves no trace: not in the count, not in the notices.
pub async fn the_same_event_again_changes_nothing(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = sighting("rule", "bucket", "event", at(now, 60));
    let id = event.occurrence.finding_id.clone();
    let all = [event];
    store.record(&all, &telling(&["text"]), now).await?;
    let before =
        (store.finding(&id).await?, store.occurrences(&id, 10).await?, store.due_notices(now, 10).await?);
    // Another channel meanwhile: it hears of the next event, not of this one.
    let recorded = store.record(&all, &telling(&["text", "chat"]), at(now, DAY)).await?;
    assert_eq!(recorded, [Recorded { finding_id: id.clone(), opened: false, new: false }]);
    let after = (
        store.finding(&id).await?,
        store.occurrences(&id, 10).await?,
        store.due_notices(at(now, DAY), 10).await?,
    );
    assert_eq!(before, after);
    Ok(())
}

/// A batch may hold an event twice.
pub async fn the_same_event_twice_in_one_call_counts_once(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = sighting("rule", "bucket", "event", at(now, 60));
    let id = event.occurrence.finding_id.clone();
    let recorded = store.record(&[event.clone(), event.clone(), event], &telling(&["text"]), now).await?;
    let answers: Vec<_> = recorded.iter().map(|recorded| (recorded.opened, recorded.new)).collect();
    assert_eq!(answers, [(true, true), (false, false), (false, false)]);
    assert_eq!(store.finding(&id).await?.map(|finding| finding.count), Some(1));
    assert_eq!(store.due_notices(now, 10).await?.len(), 1);
    Ok(())
}

/// One delivery wins; the others see a known event.
pub async fn five_deliveries_at_once_have_one_effect(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let all = [sighting("rule", "bucket", "event", at(now, 60))];
    let [event] = &all;
    let id = &event.occurrence.finding_id;
    let policy = telling(&["text", "chat"]);
    let recorded = try_join_all((0..5).map(|_| store.record(&all, &policy, now))).await?.concat();
    assert_eq!(recorded.iter().filter(|recorded| recorded.new).count(), 1, "{recorded:?}");
    assert_eq!(recorded.iter().filter(|recorded| recorded.opened).count(), 1, "{recorded:?}");
    assert_eq!(store.finding(id).await?, Some(Finding::open(event)));
    assert_eq!(store.occurrences(id, 10).await?, std::slice::from_ref(&event.occurrence));
    let told: BTreeSet<_> = store.due_notices(now, 10).await?.into_iter().map(|notice| notice.id).collect();
    assert_eq!(told, policy.due(&event.occurrence, None).into_iter().map(|notice| notice.id).collect());
    Ok(())
}

/// Different events of one finding, each from its own writer.
pub async fn writers_at_once_lose_nothing(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let all: Vec<_> = (0..8)
        .map(|number| sighting("rule", "bucket", &format!("event {number}"), at(now, 60 + number)))
        .collect();
    let id = FindingId::from_text(
        all.iter().map(|one| one.occurrence.finding_id.as_str()).next().unwrap_or_default(),
    );
    let policy = telling(&["text"]);
    let recorded = try_join_all(all.chunks(1).map(|one| store.record(one, &policy, now))).await?.concat();
    assert!(recorded.iter().all(|recorded| recorded.new), "{recorded:?}");
    assert_eq!(recorded.iter().filter(|recorded| recorded.opened).count(), 1, "{recorded:?}");
    let finding = store.finding(&id).await?;
    assert_eq!(
        finding.map(|finding| (finding.count, finding.first_seen, finding.last_seen)),
        Some((8, at(now, 60), at(now, 67)))
    );
    assert_eq!(store.occurrences(&id, 10).await?.len(), 8);
    assert_eq!(store.due_notices(now, 10).await?.len(), 1);
    Ok(())
}

/// The answers are in the order of the sightings, whatever the order of the findings.
pub async fn one_call_may_hold_many_findings(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let known = sighting("rule", "scope 7", "known", at(now, 1));
    store.record(std::slice::from_ref(&known), &NoticePolicy::default(), now).await?;
    let mut all: Vec<_> = (0..60_u64)
        .map(|number| {
            sighting(
                "rule",
                &format!("scope {}", number % 20),
                &format!("event {number}"),
                at(now, 100 + number),
            )
        })
        .collect();
    all.insert(30, known);
    let recorded = store.record(&all, &NoticePolicy::default(), now).await?;
    let expected: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(place, sighting)| Recorded {
            finding_id: sighting.occurrence.finding_id.clone(),
            opened: place < 20 && place != 7,
            new: place != 30,
        })
        .collect();
    assert_eq!(recorded, expected);
    for (place, sighting) in all.iter().take(20).enumerate() {
        let count = store.finding(&sighting.occurrence.finding_id).await?.map(|finding| finding.count);
        assert_eq!(count, Some(if place == 7 { 4 } else { 3 }), "scope {place}");
    }
    Ok(())
}

/// More occurrences of one finding than one transaction of any database takes, over two days.
pub async fn a_storm_of_one_finding_is_counted(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let all: Vec<_> = (0..250_u64)
        .map(|number| sighting("rule", "bucket", &format!("event {number}"), at(now, number * DAY / 125)))
        .collect();
    let recorded = store.record(&all, &telling(&["text", "chat"]), now).await?;
    assert_eq!(recorded.iter().filter(|recorded| recorded.new).count(), 250);
    assert_eq!(recorded.iter().map(|recorded| recorded.opened).position(|opened| opened), Some(0));
    assert_eq!(recorded.iter().filter(|recorded| recorded.opened).count(), 1);
    for recorded in recorded.into_iter().take(1) {
        let finding = store.finding(&recorded.finding_id).await?;
        assert_eq!(finding.map(|finding| finding.count), Some(250));
        assert_eq!(store.occurrences(&recorded.finding_id, 1000).await?.len(), 250);
    }
    assert_eq!(store.due_notices(now, 1000).await?.len(), 4);
    Ok(())
}

/// An empty batch is answered by an empty answer.
pub async fn no_sightings_are_no_work(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    assert_eq!(store.record(&[], &telling(&["text"]), now).await?, []);
    assert_eq!(store.due_notices(now, 10).await?, []);
    Ok(())
}

/// NUL, text that looks like a statement, emoji, half a megabyte of it in all: nothing is lost, cut or changed.
pub async fn hostile_text_comes_back_as_it_was(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let hostile = "\0\u{1}\u{1b}]52;c;\u{7}'; DROP TABLE findings; --\u{202e}\u{1f980}\u{feff}\r\n#%:\"\\ ";
    let mut one = sighting("rule", "bucket", "event", at(now, 60));
    one.title = hostile.to_owned();
    one.region = hostile.into();
    one.scope = hostile.into();
    one.occurrence.message = hostile.into();
    one.occurrence.error = hostile.into();
    one.occurrence.actor.source_ip = hostile.into();
    one.occurrence.actor.user_agent = model::Untrusted::new("\u{1f980}".repeat(10_000));
    let evidence = r#"{"a":"\\ \u0000 🦀"}"#.repeat(Occurrence::EVIDENCE_LIMIT);
    let end = (0..=Occurrence::EVIDENCE_LIMIT).rev().find(|&end| evidence.is_char_boundary(end));
    one.occurrence.evidence = evidence.get(..end.unwrap_or_default()).unwrap_or_default().into();
    store.record(std::slice::from_ref(&one), &telling(&[hostile]), now).await?;
    let id = &one.occurrence.finding_id;
    assert_eq!(store.finding(id).await?, Some(Finding::open(&one)));
    assert_eq!(store.occurrences(id, 1).await?, [one.occurrence]);
    let channels: Vec<_> =
        store.due_notices(now, 10).await?.into_iter().map(|notice| notice.channel).collect();
    assert_eq!(channels, [hostile]);
    Ok(())
}

/// Every text may be empty; ids are not.
pub async fn empty_text_is_text(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let mut one = sighting("", "", "", at(now, 60));
    one.title = String::new();
    one.account = "".into();
    one.region = "".into();
    one.occurrence = Occurrence {
        event_source: "".into(),
        event_name: "".into(),
        message: "".into(),
        evidence: "".into(),
        lane: "".into(),
        actor: model::Actor::default(),
        ..one.occurrence
    };
    store.record(std::slice::from_ref(&one), &NoticePolicy::default(), now).await?;
    let id = &one.occurrence.finding_id;
    assert_eq!(store.finding(id).await?, Some(Finding::open(&one)));
    assert_eq!(store.occurrences(id, 1).await?, [one.occurrence]);
    Ok(())
}
