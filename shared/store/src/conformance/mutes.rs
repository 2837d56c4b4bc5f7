//! Mutes: each is kept for ever, and no write of it is lost to another.

use engine::ports::{KeptMutes, Store, StoreError};
use futures_util::future::join;
use model::{Mute, MuteMatch, MuteRecord, MuteRemoval, Timestamp};

fn mute(id: &str, now: Timestamp) -> Mute {
    let expires = now.checked_add(std::time::Duration::from_secs(30 * super::samples::DAY)).unwrap_or(now);
    Mute {
        id: id.to_owned(),
        matches: MuteMatch { rule: vec!["a-rule".to_owned()], ..MuteMatch::default() },
        reason: "known".into(),
        owner: "ada@example.com".into(),
        ticket: None,
        created: now,
        expires,
        created_by: "arn:aws:iam::111111111111:user/ada".into(),
    }
}

/// Every field, and text that would act elsewhere.
pub async fn a_mute_comes_back_as_it_was(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let whole = Mute {
        matches: MuteMatch {
            rule: vec!["s3-*".to_owned(), "re:a|b".to_owned()],
            account: vec!["111111111111".to_owned()],
            region: vec!["eu-west-?".to_owned()],
            resource: vec!["arn:aws:s3:::'; DROP TABLE mutes; --".to_owned()],
            tags: [("team \u{202e}".to_owned(), "*".to_owned())].into(),
            principal: vec!["arn:aws:iam::111111111111:role/*".to_owned()],
        },
        reason: "\u{1b}[2J<script>=1+1\n\u{0}".into(),
        ticket: Some("SEC-1".into()),
        ..mute("whole", now)
    };
    let record = MuteRecord::new(whole);
    assert!(store.put_mute(&record).await?);
    let removed = record.next(|next| {
        next.removed = Some(MuteRemoval { at: now, by: "os:ada".into() });
        next.warned_at = Some(now);
        next.end_told_at = Some(now);
    });
    assert!(store.put_mute(&removed).await?);
    assert_eq!(store.mutes().await?, KeptMutes { records: vec![removed], unreadable: Vec::new() });
    Ok(())
}

/// The second mute of an id changes nothing, also when the first has ended.
pub async fn an_id_is_taken_once(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let first = MuteRecord::new(mute("one", now));
    let second = MuteRecord::new(Mute { reason: "otherwise".into(), ..mute("one", now) });
    assert!(store.put_mute(&first).await?);
    assert!(!store.put_mute(&second).await?);
    assert_eq!(store.mutes().await?.records, [first]);
    Ok(())
}

/// A writer that has read an old record is refused, and so is one that has read none.
pub async fn only_the_next_revision_is_kept(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let first = MuteRecord::new(mute("one", now));
    let second = first.next(|next| next.warned_at = Some(now));
    let third = second.next(|next| next.end_told_at = Some(now));
    assert!(!store.put_mute(&second).await?, "there is nothing that it comes behind");
    assert!(store.mutes().await?.records.is_empty());
    store.put_mute(&first).await?;
    assert!(!store.put_mute(&third).await?);
    assert!(store.put_mute(&second).await?);
    assert!(!store.put_mute(&second).await?);
    assert!(store.put_mute(&third).await?);
    assert_eq!(store.mutes().await?.records, [third]);
    Ok(())
}

/// More than one answer of a database holds.
pub async fn mutes_come_by_id_and_none_is_lost(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let long = "a reason of some length ".repeat(800);
    let record = |number: usize| {
        MuteRecord::new(Mute { reason: long.as_str().into(), ..mute(&format!("mute-{number:03}"), now) })
    };
    for number in (0..60).rev() {
        assert!(store.put_mute(&record(number)).await?);
    }
    assert_eq!(store.mutes().await?.records, (0..60).map(record).collect::<Vec<_>>());
    Ok(())
}

/// Two who end a mute at once: one of them does.
pub async fn of_two_writers_one_is_first(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let first = MuteRecord::new(mute("one", now));
    store.put_mute(&first).await?;
    let by = |name: &str| first.next(|next| next.removed = Some(MuteRemoval { at: now, by: name.into() }));
    let (ada, bob) = (by("os:ada"), by("os:bob"));
    let (one, other) = join(store.put_mute(&ada), store.put_mute(&bob)).await;
    let (one, other) = (one?, other?);
    assert!(one != other, "{one} {other}");
    assert_eq!(store.mutes().await?.records, [if one { ada } else { bob }]);
    Ok(())
}
