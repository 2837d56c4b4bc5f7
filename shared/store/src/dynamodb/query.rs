//! Reading findings and occurrences.
//!
//! A list of findings is spread over the partitions of an index. They are read side by side and merged; where a page
//! ends is a place in the merged order, the same for every partition. The index of a rule knows no order, so that a
//! finding that is seen again is not written there: how long ago its findings were seen is read from themselves.

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
use super::schema::{BY_RULE, Index, PK, RECENT, SHARDS, SK, TTL};
use crate::listing::{self, Position};

/// So many findings are in memory while their places in a list are learnt.
const HEADS_AT_ONCE: usize = 1_000;

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
    let limit = listing::limit(query);
    let positions = match &query.rule {
        Some(rule) => of_rule(store, query, rule).await?,
        None => newest(store, query).await?,
    };
    let rows = positions.into_iter().map(|position| (position.clone(), position.id)).collect();
    let ids = listing::page(rows, limit);
    let mut findings = documents(store, &ids.items).await?;
    Ok(Page { items: ids.items.iter().filter_map(|id| findings.remove(id)).collect(), next: ids.next })
}

/// Where the newest findings stand, one more than asked, which tells whether there is more.
async fn newest(store: &DynamoDb, query: &FindingQuery) -> Result<Vec<Position>, StoreError> {
    let list = List { store, query, index: RECENT, before: Position::before(query)? };
    let mut shards: Vec<_> = (0..SHARDS).map(|shard| Shard::new(partition(&RECENT, None, shard))).collect();
    let mut positions = Vec::new();
    while positions.len() <= listing::limit(query) {
        try_join_all(shards.iter_mut().map(|shard| list.fill(shard))).await?;
        let newest = shards.iter_mut().max_by(|left, right| left.ahead.front().cmp(&right.ahead.front()));
        let Some(position) = newest.and_then(|shard| shard.ahead.pop_front()) else { break };
        positions.push(position);
    }
    Ok(positions)
}

/// Where the newest findings of a rule stand, one more than asked.
async fn of_rule(store: &DynamoDb, query: &FindingQuery, rule: &str) -> Result<Vec<Position>, StoreError> {
    let before = Position::before(query)?;
    let list = List { store, query, index: BY_RULE, before: None };
    let shards = (0..SHARDS).map(|shard| list.keys(partition(&BY_RULE, Some(rule), shard)));
    let keys: Vec<Item> = try_join_all(shards).await?.into_iter().flatten().collect();
    let mut positions = Vec::new();
    for keys in keys.chunks(HEADS_AT_ONCE) {
        for head in read::many(store, &store.findings, keys).await? {
            // Rules whose long ids begin alike share a partition.
            let own = read_text(&head, "rule")? == rule;
            let position = Position::parse(read_text(&head, RECENT.sk)?).filter(|_| own);
            positions.extend(position.filter(|own| before.as_ref().is_none_or(|before| own < before)));
        }
    }
    positions.sort_unstable_by(|left, right| right.cmp(left));
    positions.truncate(listing::limit(query).saturating_add(1));
    Ok(positions)
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
    /// The keys in the table of everything in a partition.
    async fn keys(&self, pk: String) -> Result<Vec<Item>, StoreError> {
        let mut shard = Shard::new(pk);
        let mut keys = Vec::new();
        while !shard.ended {
            for item in self.read(&mut shard).await? {
                keys.push(key(read_text(&item, PK)?.to_owned(), HEAD));
            }
        }
        Ok(keys)
    }

    /// Reads on until something is ahead, or the partition has ended.
    async fn fill(&self, shard: &mut Shard) -> Result<(), StoreError> {
        while shard.ahead.is_empty() && !shard.ended {
            for item in self.read(shard).await? {
                shard.ahead.extend(Position::parse(read_text(&item, self.index.sk)?));
            }
        }
        Ok(())
    }

    /// Reads one answer on.
    async fn read(&self, shard: &mut Shard) -> Result<Vec<Item>, StoreError> {
        let answer = self.request(shard).send().await.map_err(|error| {
            failed("Query", &format!("{}/index/{}", self.store.findings, self.index.name), &error)
        })?;
        shard.ended = answer.last_evaluated_key.is_none();
        shard.start = answer.last_evaluated_key;
        Ok(answer.items.unwrap_or_default())
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
        // The limit counts what is left out as well: few of many would come in many answers.
        if filters.is_empty() && self.index == RECENT {
            let limit = listing::limit(self.query).saturating_add(1);
            request = request.limit(i32::try_from(limit).unwrap_or(i32::MAX));
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
