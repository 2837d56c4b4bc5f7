//! The trail: EventBridge carries CloudTrail's events only where one logs,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>.

use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::{Check, Looked, Verdict};
use super::super::look::{Look, list, text};

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "trail-missing",
        title: "a trail covers the region",
        fix: "aws cloudtrail create-trail --is-multi-region-trail --name NAME --s3-bucket-name BUCKET, then start-logging",
        judge: |look| {
            Verdict::one(
                trails(look)
                    .map(|trails| trails.is_empty().then(|| format!("no trail in {}", look.subject.region))),
            )
        },
    },
    Check {
        id: "trail-not-logging",
        title: "a trail logs",
        fix: "aws cloudtrail start-logging --name TRAIL",
        judge: |look| {
            Verdict::one(
                some(look, |trail| Ok(status(look, trail)?["IsLogging"] == true))
                    .map(|found| found.map(|names| format!("no trail logs, of {names}"))),
            )
        },
    },
    Check {
        id: "trail-single-region",
        title: "a trail covers all regions, with global services",
        fix: "aws cloudtrail update-trail --is-multi-region-trail --include-global-service-events --name TRAIL",
        judge: |look| {
            Verdict::one(
                some(look, |trail| {
                    Ok(trail["IsMultiRegionTrail"] == true && trail["IncludeGlobalServiceEvents"] != false)
                })
                .map(|found| found.map(|names| format!("of one region only: {names}"))),
            )
        },
    },
    Check {
        id: "trail-leaves-out-calls",
        title: "a trail has the management events, those that write and those that read",
        fix: "aws cloudtrail put-event-selectors with ReadWriteType All and IncludeManagementEvents true",
        judge: |look| {
            Verdict::one(
                some(look, |trail| {
                    let with = json!({ "TrailName": text(trail, "TrailARN") });
                    let region = text(trail, "HomeRegion");
                    let found = look.answers.read(region, "cloudtrail:GetEventSelectors", &with)?;
                    Ok(has_management(found))
                })
                .map(|found| found.map(|names| format!("without some management events: {names}"))),
            )
        },
    },
    Check {
        id: "trail-undelivered",
        title: "the trails deliver their files",
        fix: "give the trail its bucket's policy, and its key's: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
        judge: |look| {
            let mut verdict = Verdict::default();
            match trails(look) {
                Ok(trails) => {
                    for trail in trails {
                        verdict.add(status(look, trail).map(|status| {
                            let error = text(status, "LatestDeliveryError");
                            (!error.is_empty()).then(|| format!("{}: {error}", text(trail, "Name")))
                        }));
                    }
                }
                Err(hole) => verdict.add(Err(hole)),
            }
            verdict
        },
    },
];

/// The trails that cover the stack's region, those of other regions and of the organization included.
fn trails<'a>(look: &Look<'a>) -> Result<Vec<&'a Value>, Hole> {
    let found = look.read("cloudtrail:DescribeTrails", &json!({ "includeShadowTrails": true }))?;
    Ok(list(found, "trailList").collect())
}

fn status<'a>(look: &Look<'a>, trail: &Value) -> Result<&'a Value, Hole> {
    look.read("cloudtrail:GetTrailStatus", &json!({ "Name": text(trail, "TrailARN") }))
}

/// The names of the trails, unless one of them is as it should be. Without a trail there is nothing to say. One that
/// cannot be seen may be the one.
fn some(look: &Look<'_>, is_right: impl Fn(&Value) -> Result<bool, Hole>) -> Looked {
    let trails = trails(look)?;
    let mut hole = trails.is_empty().then_some(Hole::Absent);
    for trail in &trails {
        match is_right(trail) {
            Ok(true) => return Ok(None),
            Ok(false) => {}
            Err(why) => hole = Some(why),
        }
    }
    match hole {
        Some(hole) => Err(hole),
        None => Ok(Some(trails.iter().map(|trail| text(trail, "Name")).collect::<Vec<_>>().join(", "))),
    }
}

/// Whether selectors take all management events:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html>.
fn has_management(selectors: &Value) -> bool {
    let basic = |selector: &Value| {
        selector["IncludeManagementEvents"] != false && matches!(text(selector, "ReadWriteType"), "All" | "")
    };
    let advanced = |selector: &Value| {
        let mut fields = list(selector, "FieldSelectors");
        let is_management = fields.any(|field| {
            text(field, "Field") == "eventCategory"
                && list(field, "Equals").any(|value| value == "Management")
        });
        let narrowed = list(selector, "FieldSelectors").any(|field| text(field, "Field") == "readOnly");
        is_management && !narrowed
    };
    list(selectors, "EventSelectors").any(basic) || list(selectors, "AdvancedEventSelectors").any(advanced)
}
