//! The suite on DynamoDB; and what only a table has to do: let things expire, and say what is missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType,
};
use engine::ports::{Clock, Entry, FindingQuery, Store, StoreError, Window};
use libtest_mimic::{Failed, Trial};
use model::{Occurrence, Poison, Timestamp, WindowId};
use tokio::runtime::Runtime;
use trailpost_store::DynamoDb;
use trailpost_store::conformance::CASES;
use trailpost_store::conformance::samples::{ACCOUNT, at, sighting, telling};
use trailpost_store::dynamodb::schema::{FINDINGS, PK, SK, TABLES, Table};

use crate::{orders, runtime};

const ENDPOINT: &str = "TRAILPOST_TEST_DYNAMODB";

/// A test of two empty tables.
type Test = fn(&Runtime, &DynamoDb) -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let cases = CASES.iter().map(|case| {
        Trial::test(format!("dynamodb::{}", case.name), || {
            in_tables(|runtime, store| Ok(runtime.block_on((case.run)(store, Timestamp::now()))?))
        })
    });
    let own: [(&str, Test); 3] = [
        ("order::any", |runtime, store| orders::any(12, runtime, store)),
        ("what_has_expired_is_not_there", expired),
        ("what_would_be_too_large_is_kept_without_its_record", oversized),
    ];
    let own = own.map(|(name, test)| Trial::test(format!("dynamodb::{name}"), move || in_tables(test)));
    let absent = Trial::test("dynamodb::a_table_that_is_not_there_is_named", absent);
    let ignored = std::env::var_os(ENDPOINT).is_none();
    let older = Trial::test("dynamodb::what_an_earlier_version_wrote_is_listed", older);
    cases.chain(own).chain([absent, older]).map(|trial| trial.with_ignored_flag(ignored)).collect()
}

/// Runs `test` on tables of its own, which are dropped when it passes.
fn in_tables(test: impl FnOnce(&Runtime, &DynamoDb) -> Result<(), Failed>) -> Result<(), Failed> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let client = client()?;
    let prefix = format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    // One runtime for all: a connection lives and dies with the one that opened it.
    let runtime = runtime()?;
    for table in TABLES {
        runtime.block_on(create(&client, &prefix, *table))?;
    }
    test(&runtime, &DynamoDb::new(client.clone(), &prefix))?;
    for table in TABLES {
        runtime.block_on(client.delete_table().table_name(table.name(&prefix)).send())?;
    }
    Ok(())
}

fn client() -> Result<Client, Failed> {
    let endpoint =
        std::env::var(ENDPOINT).map_err(|_| format!("set {ENDPOINT} to the URL of an endpoint"))?;
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Ok(Client::from_conf(config))
}

/// Makes a table as the schema says, and nothing that it does not say.
async fn create(client: &Client, prefix: &str, table: Table) -> Result<(), Failed> {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let mut request = client
        .create_table()
        .table_name(table.name(prefix))
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key(PK, KeyType::Hash)?)
        .key_schema(key(SK, KeyType::Range)?);
    for index in table.indexes {
        let included = index.included.iter().map(|&name| name.to_owned()).collect();
        let projection = Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(included))
            .build();
        request = request.global_secondary_indexes(
            GlobalSecondaryIndex::builder()
                .index_name(index.name)
                .key_schema(key(index.pk, KeyType::Hash)?)
                .key_schema(key(index.sk, KeyType::Range)?)
                .projection(projection)
                .build()?,
        );
    }
    for name in [PK, SK].into_iter().chain(table.indexes.iter().flat_map(|index| [index.pk, index.sk])) {
        let text = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(text.build()?);
    }
    request.send().await?;
    Ok(())
}

struct Fixed(Timestamp);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }
}

const DAY: Duration = Duration::from_hours(24);

fn expired(runtime: &Runtime, store: &DynamoDb) -> Result<(), Failed> {
    let now = Timestamp::now();
    let one = sighting("rule", "bucket", "event", at(now, 60));
    let poison = Poison::new(b"{", "not JSON", "queue".into(), now);
    let after = |days: u32| store.clone().with_clock(Arc::new(Fixed(now + days * DAY)));
    runtime.block_on(async {
        let id = &one.occurrence.finding_id;
        store.record(std::slice::from_ref(&one), &telling(&["text"]), now).await?;
        store.quarantine(&poison).await?;
        assert_eq!(after(399).occurrences(id, 1).await?.len(), 1);
        assert_eq!(after(401).occurrences(id, 1).await?, []);
        assert_eq!(after(401).finding(id).await?.map(|finding| finding.count), Some(1));
        assert_eq!(after(401).due_notices(now, 1).await?.len(), 1);
        assert_eq!(after(89).quarantined(&poison.sha256).await?.as_ref(), Some(&poison));
        assert_eq!(after(91).quarantined(&poison.sha256).await?, None);
        let entry = Entry { id: "1".into(), time: at(now, 60), class: String::new(), doc: "{}".into() };
        let window = Window {
            id: WindowId::new("rule", &[]),
            entries: vec![entry.clone()],
            limit: 9,
            asked: Some((at(now, 0), at(now, 60))),
            most: 9,
            stay: 2 * DAY,
        };
        let asked = Window { entries: Vec::new(), ..window.clone() };
        assert_eq!(store.observe(&[window], now).await?, [[entry.clone()]]);
        assert_eq!(after(1).observe(std::slice::from_ref(&asked), now).await?, [[entry]]);
        assert_eq!(after(3).observe(&[asked], now).await?, [Vec::new()]);
        let again = Poison { received_at: now + 91 * DAY, ..poison.clone() };
        assert!(after(91).quarantine(&again).await?);
        assert_eq!(after(91).quarantined(&poison.sha256).await?, Some(again));
        Ok(())
    })
}

/// 64 KiB of control characters are six times as long as JSON text, and a finding holds them with all the rest.
/// Text that cannot be deflated to less than four fifths.
fn noise(letters: usize) -> String {
    let mut seed = 1_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        char::from(b'!' + u8::try_from(seed % 94).unwrap_or_default())
    };
    (0..letters).map(|_| next()).collect()
}

fn oversized(runtime: &Runtime, store: &DynamoDb) -> Result<(), Failed> {
    let now = Timestamp::now();
    let mut one = sighting("rule", "bucket", "event", at(now, 60));
    one.occurrence.evidence = model::Untrusted::new(noise(Occurrence::EVIDENCE_LIMIT));
    one.occurrence.actor.user_agent = model::Untrusted::new(noise(350_000));
    runtime.block_on(async {
        store.record(std::slice::from_ref(&one), &telling(&["text"]), now).await?;
        let note = "left out: the item would be too large";
        let kept = Occurrence { evidence: note.into(), ..one.occurrence.clone() };
        assert_eq!(store.occurrences(&kept.finding_id, 1).await?, std::slice::from_ref(&kept));
        assert_eq!(store.finding(&kept.finding_id).await?.map(|finding| finding.latest), Some(kept));

        one.occurrence.actor.user_agent = model::Untrusted::new(noise(700_000));
        let refused = store.record(std::slice::from_ref(&one), &telling(&["text"]), now).await;
        assert!(matches!(refused, Err(StoreError::Unusable(_))), "{refused:?}");
        Ok(())
    })
}

/// Items that stand in the index of their rule by when they were seen, and say that they are open.
fn older() -> Result<(), Failed> {
    let (client, runtime, now) = (client()?, runtime()?, Timestamp::now());
    let prefix = format!("test-older-{}", std::process::id());
    runtime.block_on(async {
        for table in TABLES {
            create(&client, &prefix, *table).await?;
        }
        let store = DynamoDb::new(client.clone(), &prefix);
        let all = [("one", 60), ("two", 120), ("three", 180)]
            .map(|(scope, seconds)| sighting("rule", scope, scope, at(now, seconds)));
        store.record(&all, &telling(&[]), now).await?;
        for one in &all[..2] {
            let id = one.occurrence.finding_id.as_str();
            let text = |text: String| AttributeValue::S(text);
            let place = format!("{:.3}#{id}", one.occurrence.event_time);
            client
                .update_item()
                .table_name(FINDINGS.name(&prefix))
                .key(PK, text(format!("F#{id}")))
                .key(SK, text("#".into()))
                .update_expression("SET rule_sk = :place, open_sk = :place, open_pk = :open")
                .expression_attribute_values(":place", text(place))
                .expression_attribute_values(":open", text("O#111111111111#0".into()))
                .send()
                .await?;
        }
        let again = sighting("rule", "one", "again", at(now, 240));
        store.record(&[again], &telling(&[]), now).await?;
        for query in [
            FindingQuery { rule: Some("rule".into()), ..FindingQuery::default() },
            FindingQuery { account: Some(ACCOUNT.into()), ..FindingQuery::default() },
        ] {
            let listed = store.findings(&query).await?.items.into_iter().map(|finding| finding.id);
            let order = [0, 2, 1].map(|index: usize| all[index].occurrence.finding_id.clone());
            assert_eq!(listed.collect::<Vec<_>>(), order, "{query:?}");
        }
        for table in TABLES {
            client.delete_table().table_name(table.name(&prefix)).send().await?;
        }
        Ok(())
    })
}

fn absent() -> Result<(), Failed> {
    let now = Timestamp::now();
    let one = sighting("rule", "bucket", "event", at(now, 60));
    let store = DynamoDb::new(client()?, "nobody-made");
    let refused = runtime()?.block_on(store.record(&[one], &telling(&[]), now));
    let Err(StoreError::Unusable(reason)) = refused else { panic!("{refused:?}") };
    assert!(
        reason.starts_with("table nobody-made-findings, or an index of it, does not exist here"),
        "{reason}"
    );
    Ok(())
}
