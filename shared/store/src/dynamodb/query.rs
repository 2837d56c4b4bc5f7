//! Reading findings and occurrences.
//!
//! A list of findings is spread over the partitions of an index. They are read side by side and merged; where a page
//! ends is a place in the merged order, the same for every partition.

use std::collections::{HashMap, VecDeque};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use engine::ports::{FindingQuery, Page, StoreError};
use futures_util::future::try_join_all;
use model::{Finding, FindingId, Occurrence};

use super::DynamoDb;
use super::failure::failed;
use super::items::{number, read_head, read_occurrence, read_text, text};
use super::keys::{HEAD, Item, OCCURRENCES, finding_pk, key, partition};
use super::read;
use super::schema::{BY_RULE, Index, OPEN_BY_ACCOUNT, PK, RECENT, SHARDS, SK, TTL};
use crate::listing::{self, Position};

/// Those of the findings that there are.
pub(super) async fn among(store: &DynamoDb, ids: &[FindingId]) -> Result<Vec<Finding>, StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| key(finding_pk(id), HEAD)).collect();
    let heads = read::many(store, &store.findings, &keys).await?;
    heads.iter().map(|item| read_head(item).map(|head| head.finding)).collect()
}

pub(super) async fn finding(store: &DynamoDb, id: &FindingId) -> Result<Option<Finding>, StoreError> {
    let head = read::one(store, &store.findings, key(finding_pk(id), HEAD)).await?;
    head.map(|item| read_head(&item).map(|head| head.finding)).transpose()
}

pub(super) async fn findings(store: &DynamoDb, query: &FindingQuery) -> Result<Page<Finding>, StoreError> {
    let (index, of) = match (&query.rule, &query.account) {
        (Some(rule), _) => (BY_RULE, Some(rule.as_str())),
        (None, Some(account)) => (OPEN_BY_ACCOUNT, Some(account.as_str())),
        (None, None) => (RECENT, None),
    };
    let list = List { store, query, index, before: Position::before(query)? };
    let limit = listing::limit(query);
    let mut shards: Vec<_> = (0..SHARDS).map(|shard| Shard::new(partition(&index, of, shard))).collect();
    let mut positions = Vec::new();
    // One more than asked tells whether there is more.
    while positions.len() <= limit {
        try_join_all(shards.iter_mut().map(|shard| list.fill(shard))).await?;
        let newest = shards.iter_mut().max_by(|left, right| left.ahead.front().cmp(&right.ahead.front()));
        let Some(position) = newest.and_then(|shard| shard.ahead.pop_front()) else { break };
        positions.push((position.clone(), position.id));
    }
    let ids = listing::page(positions, limit);
    let mut findings = documents(store, &ids.items).await?;
    Ok(Page { items: ids.items.iter().filter_map(|id| findings.remove(id)).collect(), next: ids.next })
}

/// The findings with these ids.
async fn documents(store: &DynamoDb, ids: &[String]) -> Result<HashMap<String, Finding>, StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| key(finding_pk(&FindingId::from_text(id)), HEAD)).collect();
    let items = read::many(store, &store.findings, &keys).await?;
    items
        .iter()
        .map(|item| read_head(item).map(|head| (head.finding.id.as_str().to_owned(), head.finding)))
        .collect()
}

/// A list of findings while it is read.
struct List<'a> {
    store: &'a DynamoDb,
    query: &'a FindingQuery,
    index: Index,
    before: Option<Position>,
}

/// One partition of it.
struct Shard {
    pk: String,
    /// What was read and not yet merged, newest first.
    ahead: VecDeque<Position>,
    /// Where reading goes on.
    start: Option<Item>,
    /// Everything was read.
    ended: bool,
}

impl Shard {
    fn new(pk: String) -> Self {
        Self { pk, ahead: VecDeque::new(), start: None, ended: false }
    }
}

impl List<'_> {
    /// Reads on until something is ahead, or the partition has ended.
    async fn fill(&self, shard: &mut Shard) -> Result<(), StoreError> {
        while shard.ahead.is_empty() && !shard.ended {
            let answer = self.request(shard).send().await.map_err(|error| {
                failed("Query", &format!("{}/index/{}", self.store.findings, self.index.name), &error)
            })?;
            for item in answer.items() {
                shard.ahead.extend(Position::parse(read_text(item, self.index.sk)?));
            }
            shard.ended = answer.last_evaluated_key.is_none();
            shard.start = answer.last_evaluated_key;
        }
        Ok(())
    }

    fn request(&self, shard: &Shard) -> QueryFluentBuilder {
        let mut filters = Vec::new();
        let mut request = self
            .store
            .client
            .query()
            .table_name(&self.store.findings)
            .index_name(self.index.name)
            .scan_index_forward(false)
            .limit(i32::try_from(listing::limit(self.query).saturating_add(1)).unwrap_or(i32::MAX))
            .expression_attribute_names("#pk", self.index.pk)
            .expression_attribute_values(":pk", text(&shard.pk))
            .set_exclusive_start_key(shard.start.clone());
        request = match &self.before {
            None => request.key_condition_expression("#pk = :pk"),
            Some(before) => request
                .key_condition_expression("#pk = :pk AND #sk < :before")
                .expression_attribute_names("#sk", self.index.sk)
                .expression_attribute_values(":before", text(before.to_string())),
        };
        if let Some(minimum) = self.query.minimum {
            filters.push("#rank >= :rank");
            request = request
                .expression_attribute_names("#rank", "severity_rank")
                .expression_attribute_values(":rank", number(minimum.rank()));
        }
        if let Some(account) = &self.query.account {
            filters.push("#account = :account");
            request = request
                .expression_attribute_names("#account", "account")
                .expression_attribute_values(":account", text(account));
        }
        request.set_filter_expression((!filters.is_empty()).then(|| filters.join(" AND ")))
    }
}

pub(super) async fn occurrences(
    store: &DynamoDb,
    id: &FindingId,
    limit: usize,
) -> Result<Vec<Occurrence>, StoreError> {
    let mut found = Vec::new();
    let mut start = None;
    while found.len() < limit {
        let left = limit.saturating_sub(found.len());
        let answer = store
            .client
            .query()
            .table_name(&store.findings)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(left).unwrap_or(i32::MAX))
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :occurrences)")
            .filter_expression("#ttl > :now")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":pk", text(finding_pk(id)))
            .expression_attribute_values(":occurrences", text(OCCURRENCES))
            .expression_attribute_values(":now", number(store.clock.now().as_second()))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| failed("Query", &store.findings, &error))?;
        for item in answer.items() {
            found.push(read_occurrence(item)?);
        }
        start = answer.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    Ok(found)
}
