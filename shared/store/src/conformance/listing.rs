//! Lists: filters, order, pages.

use engine::ports::{FindingQuery, Page, Store, StoreError};
use model::{FindingId, NoticePolicy, Severity, Sighting, Timestamp};

use super::samples::{as_bad_as, at, in_account, sighting};

/// Reading before anything was written.
pub async fn nothing_is_found_in_an_empty_store(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let id = FindingId::from_text("0".repeat(32));
    assert_eq!(store.finding(&id).await?, None);
    assert_eq!(store.occurrences(&id, 10).await?, []);
    assert_eq!(store.findings(&FindingQuery::default()).await?, Page { items: Vec::new(), next: None });
    assert_eq!(store.due_notices(now, 10).await?, []);
    Ok(())
}

/// Two rules in two accounts, of all severities; some were seen in the same second.
fn mixture(now: Timestamp) -> Vec<Sighting> {
    (0..40_u64)
        .zip(Severity::ALL.into_iter().cycle())
        .map(|(number, severity)| {
            let rule = if number % 2 == 0 { "even" } else { "odd" };
            let account = format!("{:012}", number % 3);
            let event = format!("event {number}");
            let one = sighting(rule, &event, &event, at(now, number / 4));
            let mut one = as_bad_as(severity, in_account(&account, one));
            let finding_id = FindingId::new(rule, &account, "eu-west-1", &event, one.occurrence.outcome);
            one.occurrence.finding_id = finding_id;
            one
        })
        .collect()
}

/// The ids that a list of `all` has to have, in order.
fn expected(all: &[Sighting], query: &FindingQuery) -> Vec<FindingId> {
    let account = query.account.as_deref().map(Into::into);
    let mut left: Vec<_> = all
        .iter()
        .filter(|one| query.minimum.is_none_or(|minimum| one.occurrence.severity >= minimum))
        .filter(|one| query.rule.as_ref().is_none_or(|rule| one.rule == *rule))
        .filter(|one| account.as_ref().is_none_or(|account| one.account == *account))
        .map(|one| (one.occurrence.event_time, one.occurrence.finding_id.clone()))
        .collect();
    left.sort_unstable_by(|left, right| right.cmp(left));
    left.into_iter().map(|(_, id)| id).collect()
}

/// The ids of all pages of `query`, and how many each page had.
async fn listed(store: &dyn Store, query: &FindingQuery) -> Result<(Vec<FindingId>, Vec<usize>), StoreError> {
    let (mut ids, mut sizes) = (Vec::new(), Vec::new());
    let mut query = query.clone();
    loop {
        let page = store.findings(&query).await?;
        sizes.push(page.items.len());
        ids.extend(page.items.into_iter().map(|finding| finding.id));
        assert!(sizes.len() <= 100, "the pages do not end");
        match page.next {
            None => return Ok((ids, sizes)),
            next => query.after = next,
        }
    }
}

/// Severity, rule and account, alone and together.
pub async fn filters_leave_out_what_they_say(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let all = mixture(now);
    store.record(&all, &NoticePolicy::default(), now).await?;
    for minimum in [None, Some(Severity::Info), Some(Severity::High), Some(Severity::Critical)] {
        for rule in [None, Some("even"), Some("odd"), Some("neither")] {
            for account in [None, Some("000000000000"), Some("000000000002"), Some("")] {
                let query = FindingQuery {
                    minimum,
                    rule: rule.map(Into::into),
                    account: account.map(Into::into),
                    limit: 0,
                    after: None,
                };
                let (ids, sizes) = listed(store, &query).await?;
                assert_eq!(ids, expected(&all, &query), "{query:?}");
                assert_eq!(sizes.len(), 1, "{query:?}");
            }
        }
    }
    Ok(())
}

/// Pages of any size put together are the list, with equal times on both sides of an edge.
pub async fn pages_have_no_gaps_and_no_repeats(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let all = mixture(now);
    store.record(&all, &NoticePolicy::default(), now).await?;
    for limit in [1, 2, 3, 7, 20, 39, 40, 41] {
        for (minimum, rule, account) in [
            (None, None, None),
            (Some(Severity::High), None, None),
            (None, Some("odd"), None),
            (None, None, Some("000000000001")),
            (Some(Severity::Low), Some("even"), Some("000000000000")),
        ] {
            let query = FindingQuery {
                minimum,
                rule: rule.map(Into::into),
                account: account.map(Into::into),
                limit,
                after: None,
            };
            let (ids, sizes) = listed(store, &query).await?;
            let expected = expected(&all, &query);
            assert_eq!(ids, expected, "{query:?}");
            let pages: Vec<_> = expected.chunks(limit).map(<[_]>::len).collect();
            assert_eq!(sizes, pages, "{query:?}");
        }
    }
    Ok(())
}

/// A mark that no page gave out is an error, and not the first page.
pub async fn a_wrong_page_mark_is_refused(store: &dyn Store, _now: Timestamp) -> Result<(), StoreError> {
    let query = FindingQuery { after: Some("yesterday".into()), ..FindingQuery::default() };
    assert!(matches!(store.findings(&query).await, Err(StoreError::Unusable(_))));
    Ok(())
}

/// A list is in the order of the last event, and has a finding once.
pub async fn a_finding_moves_up_when_it_is_seen_again(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let first = sighting("rule", "one", "first", at(now, 10));
    let second = sighting("rule", "two", "second", at(now, 20));
    let again = sighting("rule", "one", "third", at(now, 30));
    let ids = [&second, &first].map(|one| one.occurrence.finding_id.clone());
    store.record(&[first, second], &NoticePolicy::default(), now).await?;
    let (listed_before, _) = listed(store, &FindingQuery::default()).await?;
    assert_eq!(listed_before, ids);
    store.record(&[again], &NoticePolicy::default(), now).await?;
    let [second, first] = ids;
    for query in [
        FindingQuery::default(),
        FindingQuery { rule: Some("rule".into()), ..FindingQuery::default() },
        FindingQuery { account: Some(super::samples::ACCOUNT.into()), ..FindingQuery::default() },
    ] {
        let (ids, _) = listed(store, &query).await?;
        assert_eq!(ids, [first.clone(), second.clone()]);
    }
    Ok(())
}

/// And not more than asked for.
pub async fn occurrences_come_newest_first(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let all: Vec<_> = [5, 1, 9, 3, 9, 7]
        .into_iter()
        .zip(0..)
        .map(|(seconds, number)| sighting("rule", "bucket", &format!("event {number}"), at(now, seconds)))
        .collect();
    store.record(&all, &NoticePolicy::default(), now).await?;
    let mut sorted: Vec<_> = all.into_iter().map(|one| one.occurrence).collect();
    sorted.sort_unstable_by(|left, right| (right.event_time, &right.id).cmp(&(left.event_time, &left.id)));
    let id = FindingId::from_text(sorted.first().map(|one| one.finding_id.to_string()).unwrap_or_default());
    for limit in [0, 1, 3, 6, 100] {
        let expected: Vec<_> = sorted.iter().take(limit).cloned().collect();
        assert_eq!(store.occurrences(&id, limit).await?, expected);
    }
    Ok(())
}
