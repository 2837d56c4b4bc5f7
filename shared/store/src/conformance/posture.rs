//! Findings about resources: opened, kept, resolved, opened again.

use std::time::Duration;

use engine::ports::{FindingQuery, Kind, Store, StoreError};
use model::{Assessment, Basis, Change, NoticePolicy, Resolution, Severity, Standing, Status, Timestamp};

use super::samples::{ACCOUNT, DAY, at, telling};

/// What a check said of a resource.
fn assessment(resource: &str, standing: Standing, observed_at: Timestamp) -> Assessment {
    Assessment {
        rule: "s3-bucket-versioning-off".into(),
        title: "S3 bucket without versioning".into(),
        severity: Severity::Medium,
        account: ACCOUNT.into(),
        region: "eu-west-1".into(),
        resource_type: "aws.s3.bucket".into(),
        resource: resource.into(),
        standing,
        cause: None,
        observed_at,
        basis: Basis::Read,
        lane: "scan".into(),
    }
}

pub(super) fn bad(resource: &str, observed_at: Timestamp) -> Assessment {
    let standing = Standing::Finding { message: "it keeps no old versions".into(), evidence: "{}".into() };
    assessment(resource, standing, observed_at)
}

fn over(resource: &str, resolution: Resolution, observed_at: Timestamp) -> Assessment {
    assessment(resource, Standing::Over(resolution), observed_at)
}

async fn assess(
    store: &dyn Store,
    assessments: &[Assessment],
    now: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    let assessed = store.assess(assessments, &telling(&["text"]), now).await?;
    Ok(assessed.into_iter().map(|assessed| assessed.change).collect())
}

/// A list by rule or account has what is over, too, and its order follows what is seen again.
pub async fn lists_have_what_is_over_and_follow_what_is_seen(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let arns = ["arn:aws:s3:::one", "arn:aws:s3:::two", "arn:aws:s3:::three"];
    let early = now - Duration::from_secs(3 * DAY);
    for (arn, seconds) in arns.iter().zip([0, 60, 120]) {
        assess(store, &[bad(arn, at(early, seconds))], now).await?;
    }
    let late = now - Duration::from_secs(DAY);
    assess(store, &[bad(arns[0], at(late, 0))], now).await?;
    assess(store, &[over(arns[1], Resolution::Clean, at(late, 60))], now).await?;

    for query in [
        FindingQuery::default(),
        FindingQuery { rule: Some("s3-bucket-versioning-off".into()), ..FindingQuery::default() },
        FindingQuery { account: Some(ACCOUNT.into()), ..FindingQuery::default() },
    ] {
        let listed = store.findings(&query).await?.items;
        let mut expected = Vec::new();
        for arn in arns {
            let finding = store.finding(&bad(arn, now).finding_id()).await?;
            expected.extend(finding.map(|finding| (finding.last_seen, finding.id)));
        }
        expected.sort_unstable_by(|one, other| other.cmp(one));
        let listed: Vec<_> = listed.into_iter().map(|finding| (finding.last_seen, finding.id)).collect();
        assert_eq!(listed, expected, "{query:?}");
        assert_eq!(listed.last().map(|(_, id)| id), Some(&bad(arns[1], now).finding_id()));
    }
    Ok(())
}

/// A finding about a resource keeps its id over its episodes.
pub async fn a_finding_lives_through_episodes(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let arn = "arn:aws:s3:::one";
    let times = [0, 60, 120, 180].map(|seconds| at(now, seconds));

    let opened = assess(store, &[bad(arn, times[0])], now).await?;
    let kept = assess(store, &[bad(arn, times[1])], now).await?;
    let resolved = assess(store, &[over(arn, Resolution::Clean, times[2])], now).await?;
    let reopened = assess(store, &[bad(arn, times[3])], now).await?;

    assert_eq!(
        [opened, kept, resolved, reopened].concat(),
        [Change::Opened, Change::Kept, Change::Resolved, Change::Reopened]
    );
    let id = bad(arn, now).finding_id();
    let finding = store.finding(&id).await?;
    let seen = finding.map(|finding| (finding.status, finding.count, finding.first_seen, finding.last_seen));
    assert_eq!(seen, Some((Status::Open, 2, times[0], times[3])));
    assert_eq!(store.occurrences(&id, 9).await?.len(), 2, "an occurrence for each episode");
    Ok(())
}

/// The same assessment twice is the same as once, and one that is older than the last changes nothing.
pub async fn what_is_known_changes_nothing(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let arn = "arn:aws:s3:::one";
    let (early, late) = (at(now, 0), at(now, 60));

    assess(store, &[bad(arn, late)], now).await?;
    let again = assess(store, &[bad(arn, late)], now).await?;
    let older = assess(store, &[over(arn, Resolution::Clean, early)], now).await?;
    let unknown = assess(store, &[over("arn:aws:s3:::other", Resolution::Gone, late)], now).await?;

    assert_eq!([again, older, unknown].concat(), [Change::Kept, Change::Nothing, Change::Nothing]);
    let page = store.findings(&FindingQuery::default()).await?;
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items.first().map(|finding| (finding.status, finding.count)), Some((Status::Open, 1)));
    Ok(())
}

/// A finding that stays as it is is written down again twice a day, not with each look; its end is not missed.
pub async fn what_stays_is_written_down_twice_a_day(
    store: &dyn Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let arn = "arn:aws:s3:::one";
    let id = bad(arn, now).finding_id();
    let times = [0, 11, 13, 14].map(|hours| at(now, hours * 60 * 60));
    let mut seen = Vec::new();
    for time in &times[..3] {
        assess(store, &[bad(arn, *time)], now).await?;
        seen.extend(store.finding(&id).await?.map(|finding| finding.last_seen));
    }

    let ended = assess(store, &[over(arn, Resolution::Clean, times[3])], now).await?;
    let again = assess(store, &[over(arn, Resolution::Clean, times[3])], now).await?;

    assert_eq!(seen, [times[0], times[0], times[2]]);
    assert_eq!([ended, again].concat(), [Change::Resolved, Change::Nothing]);
    Ok(())
}

/// What stands is what is open, of the type and in the account that are asked for.
pub async fn what_stands_is_what_is_open(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let elsewhere = Assessment { account: "222222222222".into(), ..bad("arn:aws:s3:::b", now) };
    let queue = Assessment { resource_type: "aws.sqs.queue".into(), ..bad("arn:aws:sqs:::q", now) };
    let many: Vec<_> = (0..60).map(|number| bad(&format!("arn:aws:s3:::{number:02}"), now)).collect();
    assess(store, &[elsewhere, queue], now).await?;
    assess(store, &many, now).await?;

    let later = now + Duration::from_mins(1);
    assess(store, &[over("arn:aws:s3:::07", Resolution::Gone, later)], now).await?;

    let kind = Kind { account: ACCOUNT.into(), resource_type: "aws.s3.bucket".into() };
    let ids =
        ["arn:aws:s3:::07", "arn:aws:s3:::08", "arn:aws:s3:::absent"].map(|arn| bad(arn, now).finding_id());
    let mut among: Vec<_> =
        store.findings_among(&ids).await?.into_iter().map(|finding| (finding.id, finding.status)).collect();
    among.sort_by_key(|(id, _)| id != &ids[0]);
    assert_eq!(among, [(ids[0].clone(), Status::Resolved), (ids[1].clone(), Status::Open)]);
    let mut standing: Vec<_> =
        store.standing(&kind).await?.into_iter().filter_map(|finding| finding.posture).collect();
    standing.sort_by(|a, b| a.resource.cmp(&b.resource));
    assert_eq!(standing.len(), 59);
    assert!(standing.iter().all(|posture| posture.resource != "arn:aws:s3:::07".into()));
    let nothing = Kind { account: ACCOUNT.into(), resource_type: "aws.s3.access_point".into() };
    assert!(store.standing(&nothing).await?.is_empty());
    Ok(())
}

/// The beginning and the end of each episode are told; that a finding is kept is not.
pub async fn each_episode_is_told_of(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let arn = "arn:aws:s3:::one";
    let day = super::samples::DAY;
    assess(store, &[bad(arn, at(now, 0))], now).await?;
    assess(store, &[bad(arn, at(now, 60))], now).await?;
    assert_eq!(store.due_notices(at(now, 3 * day), 9).await?.len(), 1);

    assess(store, &[over(arn, Resolution::Clean, at(now, 120))], now).await?;
    let due = store.due_notices(at(now, 3 * day), 9).await?;
    assert_eq!(due.iter().filter(|notice| notice.id.as_str().ends_with("-resolved")).count(), 1);
    assess(store, &[bad(arn, at(now, day))], now).await?;
    assert_eq!(store.due_notices(at(now, 3 * day), 9).await?.len(), 3);

    let silent = store.assess(&[bad("arn:aws:s3:::two", now)], &NoticePolicy::default(), now).await?;
    assert_eq!(silent.first().map(|assessed| assessed.change), Some(Change::Opened));
    assess(store, &[over("arn:aws:s3:::two", Resolution::Clean, at(now, 60))], now).await?;
    assert_eq!(
        store.due_notices(at(now, 3 * day), 9).await?.len(),
        3,
        "the end of what nobody was told is not told"
    );
    Ok(())
}
