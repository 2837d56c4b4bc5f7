//! What stands: beside an open finding about a resource stands an item by account, type and resource. With one query it
//! tells what is open, read consistently, which an index cannot be, and what each finding says already, so that most
//! looks neither read nor write a finding.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use engine::ports::{Kind, StoreError};
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{Assessment, Basis, Change, Finding, FindingId, Said, Standing, Status, TimelineId};

use super::DynamoDb;
use super::failure::{failed, malformed};
use super::items::{corrupt, item, read_text, text};
use super::keys::{Item, key, standing_pk, standing_sk};
use super::query;
use super::schema::{PK, SK};
use crate::column::column;
use crate::listing::stamp;

/// Of more resources of a type than this, all that stands about the type is read at once.
const ONE_BY_ONE: usize = 25;

/// How many queries are under way at the same time.
const AT_ONCE: usize = 8;

/// What stands about the resources of assessments, by finding; `None`: open, and any look changes it.
#[derive(Debug, Default)]
pub(super) struct Known {
    asked: BTreeSet<TimelineId>,
    said: HashMap<FindingId, Option<Said>>,
}

impl Known {
    /// What stands about the resources of those `assessments` that it may settle.
    pub(super) async fn about(store: &DynamoDb, assessments: &[Assessment]) -> Result<Self, StoreError> {
        let mut kinds: BTreeMap<String, BTreeSet<TimelineId>> = BTreeMap::new();
        for assessment in assessments.iter().filter(|assessment| may_say_nothing_new(assessment)) {
            let pk = standing_pk(&column(&assessment.account), &assessment.resource_type);
            kinds.entry(pk).or_default().insert(resource(assessment));
        }
        let mut queries = Vec::new();
        for (pk, resources) in &kinds {
            if resources.len() > ONE_BY_ONE {
                queries.push((pk.as_str(), String::new()));
            } else {
                queries.extend(resources.iter().map(|resource| (pk.as_str(), standing_sk(resource))));
            }
        }
        let work: Vec<_> = queries.iter().map(|(pk, prefix)| items(store, pk, prefix)).collect();
        let answers: Vec<Vec<Item>> = stream::iter(work).buffered(AT_ONCE).try_collect().await?;
        let said = answers.iter().flatten().map(|item| Ok((finding_id(item)?, said(item)?)));
        Ok(Self {
            said: said.collect::<Result<_, StoreError>>()?,
            asked: kinds.into_values().flatten().collect(),
        })
    }

    /// What an assessment does, if that is nothing.
    pub(super) fn settles(&self, assessment: &Assessment) -> Option<Change> {
        if !may_say_nothing_new(assessment) || !self.asked.contains(&resource(assessment)) {
            return None;
        }
        match (&assessment.standing, self.said.get(&assessment.finding_id())) {
            (Standing::Over(_), None) => Some(Change::Nothing),
            (Standing::Finding { .. }, Some(Some(said))) if said.is_again(assessment) => Some(Change::Kept),
            (Standing::Over(_) | Standing::Finding { .. }, _) => None,
        }
    }
}

/// Whether the assessment could leave everything as it is: it brings no cause, which may correct an older one.
const fn may_say_nothing_new(assessment: &Assessment) -> bool {
    assessment.cause.is_none() && !matches!(assessment.basis, Basis::Record(_))
}

fn resource(assessment: &Assessment) -> TimelineId {
    let Assessment { account, region, resource_type, resource, .. } = assessment;
    TimelineId::of_resource(&column(account), &column(region), resource_type, &column(resource))
}

/// The write that says of a finding that it stands, or does not any more. `None`: it is not about a resource.
pub(super) fn write(store: &DynamoDb, finding: &Finding) -> Result<Option<TransactWriteItem>, StoreError> {
    let Some(posture) = &finding.posture else { return Ok(None) };
    let (account, region) = (column(&finding.account), column(&finding.region));
    let kind = &posture.resource_type;
    let resource = TimelineId::of_resource(&account, &region, kind, &column(&posture.resource));
    let key = key(standing_pk(&account, kind), format!("{}{}", standing_sk(&resource), finding.id));
    let write = TransactWriteItem::builder();
    if finding.status != Status::Open {
        let delete = Delete::builder().table_name(&store.findings).set_key(Some(key));
        return Ok(Some(write.delete(delete.build().map_err(malformed)?).build()));
    }
    let mut standing = item(key, [("kind", text("standing")), ("finding_id", text(finding.id.as_str()))]);
    if let Some(said) = Said::by(finding) {
        standing.insert("said".to_owned(), text(said.digest));
        standing.insert("seen_at".to_owned(), text(stamp(said.seen_at)));
    }
    let put = Put::builder().table_name(&store.findings).set_item(Some(standing));
    Ok(Some(write.put(put.build().map_err(malformed)?).build()))
}

/// The findings of a kind that are open.
pub(super) async fn standing(store: &DynamoDb, kind: &Kind) -> Result<Vec<Finding>, StoreError> {
    let open = items(store, &standing_pk(&kind.account, &kind.resource_type), "").await?;
    let ids = open.iter().map(finding_id).collect::<Result<Vec<_>, StoreError>>()?;
    query::among(store, &ids).await
}

fn finding_id(item: &Item) -> Result<FindingId, StoreError> {
    read_text(item, "finding_id").map(FindingId::from_text)
}

fn said(item: &Item) -> Result<Option<Said>, StoreError> {
    if !item.contains_key("said") {
        return Ok(None);
    }
    let seen_at = read_text(item, "seen_at")?.parse();
    let seen_at = seen_at.map_err(|error| corrupt(item, format!("`seen_at` is no time: {error}")))?;
    Ok(Some(Said { digest: read_text(item, "said")?.to_owned(), seen_at }))
}

/// What stands in a partition, under sort keys that begin with `prefix`.
async fn items(store: &DynamoDb, pk: &str, prefix: &str) -> Result<Vec<Item>, StoreError> {
    let query = store
        .client
        .query()
        .table_name(&store.findings)
        .consistent_read(true)
        .expression_attribute_names("#pk", PK)
        .expression_attribute_values(":pk", text(pk));
    let query = if prefix.is_empty() {
        query.key_condition_expression("#pk = :pk")
    } else {
        query
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :sk)")
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":sk", text(prefix))
    };
    let found = query.into_paginator().items().send().try_collect().await;
    found.map_err(|error| failed("Query", &store.findings, &error))
}
