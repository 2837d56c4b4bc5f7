//! What watches the stack: alarms, schedules, logs, and the heartbeat.

use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::{Check, Looked, Verdict};
use super::super::look::{Look, Resource, list, text};
use super::MAKE_AGAIN;

const ALARM: &str = "AWS::CloudWatch::Alarm";
const SCHEDULE: &str = "AWS::Scheduler::Schedule";
const LOGS: &str = "AWS::Logs::LogGroup";

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "schedule-missing",
        title: "every schedule is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(SCHEDULE, |schedule| match describe_schedule(look, schedule) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "schedule-disabled",
        title: "scans, the sweep of notices and the look at producers are scheduled",
        fix: "switch it on in EventBridge Scheduler, or aws scheduler update-schedule --state ENABLED with the rest of the schedule",
        judge: |look| {
            look.each(SCHEDULE, |schedule| {
                let state = text(describe_schedule(look, schedule)?, "State");
                Ok((state == "DISABLED").then(|| "is switched off".into()))
            })
        },
    },
    Check {
        id: "heartbeat-silent",
        title: "DETECT has counted a heartbeat in the last hour",
        fix: "a new stack has one after 15 minutes; else look at the log of HEALTH, then at the rule heartbeats and its queue, then at the log of DETECT",
        judge: |look| Verdict::one(heartbeat(look)),
    },
    Check {
        id: "alarm-missing",
        title: "every alarm is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(ALARM, |alarm| match describe_alarm(look, alarm) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "alarm-mute",
        title: "every alarm tells the topic of Trailpost's alarms",
        fix: "aws cloudwatch enable-alarm-actions --alarm-names NAME; actions that are gone: put-metric-alarm as template.yaml has it",
        judge: |look| {
            look.each(ALARM, |alarm| {
                let found = describe_alarm(look, alarm)?;
                let topic = look.resource("OpsAlarms")?.physical;
                let tells = list(found, "AlarmActions").any(|action| action == topic);
                Ok(match (tells, found["ActionsEnabled"] != false) {
                    (true, true) => None,
                    (false, _) => Some("does not tell OpsAlarms".into()),
                    (true, false) => Some("has its actions switched off".into()),
                })
            })
        },
    },
    Check {
        id: "alarm-ringing",
        title: "no alarm rings",
        fix: "docs/operations.md says what each means and what to do",
        judge: |look| {
            look.each(ALARM, |alarm| {
                let found = describe_alarm(look, alarm)?;
                Ok((text(found, "StateValue") == "ALARM").then(|| "rings".into()))
            })
        },
    },
    Check {
        id: "log-group-missing",
        title: "every function has its log",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(LOGS, |group| match describe_group(look, group) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "log-retention-off",
        title: "logs are kept as long as LogRetentionDays says, and then deleted",
        fix: "aws logs put-retention-policy --retention-in-days DAYS --log-group-name NAME",
        judge: |look| {
            look.each(LOGS, |group| {
                let has = describe_group(look, group)?["retentionInDays"].as_u64();
                let wanted = look.parameter("LogRetentionDays")?;
                Ok(match has {
                    Some(days) if days.to_string() == wanted => None,
                    Some(days) => Some(format!("keeps {days} days, not {wanted}")),
                    None => Some("keeps everything for ever".into()),
                })
            })
        },
    },
];

fn describe_schedule<'a>(look: &Look<'a>, schedule: Resource<'_>) -> Result<&'a Value, Hole> {
    let name = schedule.physical.rsplit(['|', '/']).next().unwrap_or_default();
    look.read("scheduler:GetSchedule", &json!({ "Name": name }))
}

/// All alarms whose names begin as those of the stack do, in one call.
fn describe_alarm<'a>(look: &Look<'a>, alarm: Resource<'_>) -> Result<&'a Value, Hole> {
    let with =
        json!({ "AlarmNamePrefix": format!("{}-", look.subject.stack), "AlarmTypes": ["MetricAlarm"] });
    let found = look.read("cloudwatch:DescribeAlarms", &with)?;
    list(found, "MetricAlarms").find(|found| text(found, "AlarmName") == alarm.physical).ok_or(Hole::Absent)
}

fn describe_group<'a>(look: &Look<'a>, group: Resource<'_>) -> Result<&'a Value, Hole> {
    let found = look.read("logs:DescribeLogGroups", &json!({ "logGroupNamePrefix": group.physical }))?;
    list(found, "logGroups").find(|found| text(found, "logGroupName") == group.physical).ok_or(Hole::Absent)
}

fn heartbeat(look: &Look<'_>) -> Looked {
    let function = look.resource("DetectFunction")?.physical;
    let with = json!({
        "Namespace": "Trailpost", "MetricName": "Heartbeat", "Dimension": "FunctionName", "Of": function, "Hours": 1,
    });
    let found = look.read("code:cloudwatch:RecentSum", &with)?;
    let beats = found["Sum"].as_f64().unwrap_or_default();
    Ok((beats < 1.0).then(|| "no heartbeat came through the bus and its queue to DETECT for an hour".into()))
}
