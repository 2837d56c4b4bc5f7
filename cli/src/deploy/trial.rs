//! `trailpost deploy test`: an event that says that it is a test goes in at the central bus, and is followed to whoever is
//! told. What is seen is timed; what is not seen is never called a success.

use std::io::Write as _;
use std::time::{Duration, Instant};

use aws::{Act, Parameters};
use catalog::resource::Operation;
use engine::canary::{Canary, DETAIL_TYPE, SOURCE};
use engine::ports::{Aws as _, Cause, ReadError};
use model::{FindingId, Severity, Timestamp, Untrusted};
use report::Terminal;
use serde_json::{Value, json};

use super::way::{Way, connect};
use crate::args::DeployTest;
use crate::exit::{Ending, Failure};

const SHOWN: Terminal = Terminal { longest: 200 };

/// How often the table is asked.
const PAUSE: Duration = Duration::from_millis(500);

/// A stack, as far as a test needs it.
struct Stack {
    bus: String,
    table: String,
    severity: Severity,
}

/// A notice of the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Notice {
    channel: String,
    state: String,
    reason: String,
}

pub(super) fn run(args: &DeployTest) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let way = connect(&args.way).await?;
        let stack = stack(&way, &args.way.stack).await?;
        let name = format!("{:x}-{:x}", Timestamp::now().as_nanosecond(), std::process::id());
        let canary = Canary { name, severity: stack.severity };
        let test = Test { way, stack, began: Instant::now(), wait: Duration::from_secs(args.wait) };
        test.run(&canary).await
    })
}

/// What a test needs of the stack: its bus, its table, and the least severity that alerts.
async fn stack(way: &Way, name: &str) -> Result<Stack, Failure> {
    let asked = Operation { service: "cloudformation".into(), name: "DescribeStacks".into() };
    let answer = way.reader.read(&way.place, &asked, &json!({ "StackName": name })).await;
    let answer = answer.map_err(|error| {
        Failure::usage(format!(
            "the stack {name} cannot be seen in {}: {error}; name it with --stack and --region",
            way.place.region
        ))
    })?;
    let value = |list: &str, key: &str, of: &str, name: &str| {
        let items = answer.pointer(&format!("/Stacks/0/{list}")).and_then(Value::as_array);
        let found = items.into_iter().flatten().find(|item| item[key] == name)?;
        found[of].as_str().map(ToOwned::to_owned)
    };
    let bus = value("Outputs", "OutputKey", "OutputValue", "CentralBusArn").ok_or_else(|| {
        Failure::usage(format!(
            "the stack {name} has no output CentralBusArn; is it Trailpost's? deploy this version first"
        ))
    })?;
    let least = value("Parameters", "ParameterKey", "ParameterValue", "MinimumAlertSeverity");
    let severity = least.and_then(|word| word.parse().ok()).unwrap_or(Severity::Medium);
    Ok(Stack { bus, table: format!("{name}-findings"), severity })
}

struct Test {
    way: Way,
    stack: Stack,
    began: Instant,
    wait: Duration,
}

impl Test {
    async fn run(&self, canary: &Canary) -> Result<Ending, Failure> {
        let finding = canary.finding(&self.way.place.account, &self.way.place.region);
        if let Err(error) = self.put(canary).await {
            return Self::stopped("the central bus did not take the event", &error);
        }
        self.passed("the central bus took the event")?;
        let ending = self.follow(&finding).await?;
        let cleaned = self.clean(&finding).await?;
        // What is left behind is worth a word only where all else went well.
        Ok(if ending == Ending::Clean { cleaned } else { ending })
    }

    async fn put(&self, canary: &Canary) -> Result<(), ReadError> {
        let entry = json!({
            "Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": canary.detail(), "EventBusName": self.stack.bus,
        });
        let parameters = Parameters::Json(json!({ "Entries": [entry] }));
        let act = Act { service: "events", operation: "PutEvents", parameters };
        let answer: Value =
            serde_json::from_str(&self.way.reader.act(&self.way.place, &act).await?).unwrap_or_default();
        match answer.get("FailedEntryCount").and_then(Value::as_u64) {
            Some(0) => Ok(()),
            _ => Err(ReadError::failed("PutEvents", answer.to_string())),
        }
    }

    /// Looks into the table until the finding is there and every notice of it is delivered.
    async fn follow(&self, finding: &FindingId) -> Result<Ending, Failure> {
        let mut kept = false;
        let mut told: Vec<String> = Vec::new();
        loop {
            let items = match self.items(finding).await {
                Ok(items) => items,
                Err(error) => return Self::stopped("the findings cannot be read", &error),
            };
            if !kept && items.iter().any(|item| text(item, "kind") == "finding") {
                kept = true;
                self.passed("DETECT judged it and kept a finding")?;
            }
            let notices: Vec<Notice> = items.iter().filter_map(Notice::read).collect();
            for notice in notices.iter().filter(|notice| notice.is_settled()) {
                if !told.contains(&notice.channel) {
                    told.push(notice.channel.clone());
                    self.passed(&format!("the channel {} {}", notice.channel, notice.became()))?;
                }
            }
            let all = kept && !notices.is_empty() && notices.iter().all(Notice::is_settled);
            if all {
                return Self::end(&notices);
            }
            if self.began.elapsed() > self.wait {
                return self.missed(kept, &notices);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn end(notices: &[Notice]) -> Result<Ending, Failure> {
        let refused = notices.iter().filter(|notice| notice.state != "done").count();
        if refused > 0 {
            say(&format!("{refused} of {} channels refused; see the log of NOTIFY", notices.len()))?;
            return Ok(Ending::Findings);
        }
        say(&format!("the test came through to {} channels", notices.len()))?;
        Ok(Ending::Clean)
    }

    /// What was not seen in time, and where to look.
    fn missed(&self, kept: bool, notices: &[Notice]) -> Result<Ending, Failure> {
        let seconds = self.wait.as_secs();
        if !kept {
            say(&format!(
                "no finding within {seconds} s: look at `trailpost deploy doctor`, at the rule heartbeats and the queue events, then at the log of DETECT"
            ))?;
        } else if notices.is_empty() {
            say(&format!(
                "no notice within {seconds} s: the finding alerts nobody; look at the parameters MinimumAlertSeverity and Alerts, and at mutes"
            ))?;
        } else {
            let waiting = notices.iter().filter(|notice| !notice.is_settled());
            let waiting = waiting.map(|notice| format!("{} ({})", notice.channel, notice.state));
            let waiting = waiting.collect::<Vec<_>>().join(", ");
            say(&format!(
                "not delivered within {seconds} s: {waiting}; look at the log of NOTIFY, at the event source of the stream, and at quiet hours and digests in Alerts"
            ))?;
        }
        Ok(Ending::Findings)
    }

    /// Takes the finding away with all that belongs to it.
    async fn clean(&self, finding: &FindingId) -> Result<Ending, Failure> {
        let items = match self.items(finding).await {
            Ok(items) => items,
            Err(error) => return Self::stopped("what is left of the test cannot be read", &error),
        };
        for item in &items {
            let parameters = Parameters::Json(json!({
                "TableName": self.stack.table, "Key": { "pk": item["pk"], "sk": item["sk"] },
            }));
            let act = Act { service: "dynamodb", operation: "DeleteItem", parameters };
            if let Err(error) = self.way.reader.act(&self.way.place, &act).await {
                let what = format!("the finding {finding} stays: it could not be deleted");
                return Self::stopped(&what, &error);
            }
        }
        if !items.is_empty() {
            say("the finding of the test is deleted")?;
        }
        Ok(Ending::Clean)
    }

    /// The finding, its occurrences and its notices.
    async fn items(&self, finding: &FindingId) -> Result<Vec<Value>, ReadError> {
        let asked = Operation { service: "dynamodb".into(), name: "Query".into() };
        let with = json!({
            "TableName": self.stack.table,
            "ConsistentRead": true,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": format!("F#{finding}") } },
        });
        let answer = self.way.reader.read(&self.way.place, &asked, &with).await?;
        Ok(answer.get("Items").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    fn passed(&self, what: &str) -> Result<(), Failure> {
        let what = Untrusted::new(what).encode(&SHOWN);
        Ok(writeln!(anstream::stdout(), "{:6.1} s  {what}", self.began.elapsed().as_secs_f64())?)
    }

    /// Says that it cannot go on. What is denied leaves the question open; anything else answers it.
    fn stopped(what: &str, error: &ReadError) -> Result<Ending, Failure> {
        say(&format!("{what}: {error}"))?;
        Ok(if error.cause == Cause::Denied { Ending::Incomplete } else { Ending::Findings })
    }
}

impl Notice {
    fn read(item: &Value) -> Option<Self> {
        let of = |key: &str| text(item, key).to_owned();
        (text(item, "kind") == "notice").then(|| Self {
            channel: of("channel"),
            state: of("state"),
            reason: of("reason"),
        })
    }

    fn is_settled(&self) -> bool {
        matches!(self.state.as_str(), "done" | "refused")
    }

    fn became(&self) -> String {
        match self.state.as_str() {
            "done" => "took the alert".to_owned(),
            _ => format!("refused the alert: {}", self.reason),
        }
    }
}

/// Says something that is no hop.
fn say(what: &str) -> Result<(), Failure> {
    let what = Untrusted::new(what).encode(&SHOWN);
    Ok(writeln!(anstream::stdout(), "{:>8}  {what}", "")?)
}

/// A text attribute of an item.
fn text<'a>(item: &'a Value, key: &str) -> &'a str {
    item.get(key).and_then(|value| value.get("S")).and_then(Value::as_str).unwrap_or_default()
}
