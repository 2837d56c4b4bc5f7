//! The alerts file: YAML, or JSON on one line, with an error for every mistake.

mod routes;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use model::Severity;
use rules::tree::{Data, Key, Node};
use rules::{Code, Place, RuleError, unknown_key};

use super::super::hours::Every;
use super::{Alerts, TOPICS};

const KEYS: &[&str] =
    &["time_zone", "channels", "routes", "digest", "daily_at", "quiet_hours", "burst", "complete"];

/// Channels that feed other systems, so that no route names them.
const FEEDS: [&str; 2] = ["eventbridge", "securityhub"];

impl Alerts {
    /// Reads the text of an alerts file.
    ///
    /// # Errors
    /// Every mistake, with its place and the mend.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleError>> {
        let documents = Node::from_yaml(text).map_err(|error| vec![error])?;
        match documents.as_slice() {
            [] => Ok(Self::default()),
            [one] => Self::read(one),
            [_, second, ..] => {
                let remedy = "keep one, and take the line `---` out";
                Err(vec![RuleError::new(Code::WrongDocument, second.place, "a second document", remedy)])
            }
        }
    }

    /// Reads what stands under `alerts` in a configuration file.
    ///
    /// # Errors
    /// Every mistake, with its place and the mend.
    pub fn read(node: &Node) -> Result<Self, Vec<RuleError>> {
        let mut reading = Reading::default();
        let mut alerts = Self::default();
        let members = reading.map(node, "a map of settings");
        let (channels, others): (Vec<_>, Vec<_>) =
            members.iter().partition(|(key, _)| key.text == "channels");
        // First, because the others name them.
        for (_, value) in channels {
            alerts.channels = reading.channels(value);
        }
        for (key, value) in others {
            match key.text.as_str() {
                "time_zone" => alerts.hours.zone = reading.zone(value),
                "routes" => alerts.routes = reading.routes(value, &alerts),
                "digest" => alerts.digests = reading.digests(value),
                "daily_at" => alerts.hours.daily_at = reading.time(value).unwrap_or(alerts.hours.daily_at),
                "quiet_hours" => alerts.hours.quiet = reading.quiet(value),
                "burst" => reading.burst(value, &mut alerts),
                "complete" => {
                    alerts.complete = reading.names(value, &alerts).into_iter().collect();
                }
                _ => reading.0.push(unknown_key(key, KEYS)),
            }
        }
        if reading.0.is_empty() { Ok(alerts) } else { Err(reading.0) }
    }

    fn knows(&self, channel: &str) -> bool {
        TOPICS.contains(&channel) || self.channels.contains_key(channel)
    }
}

/// The mistakes so far.
#[derive(Default)]
struct Reading(Vec<RuleError>);

impl Reading {
    fn wrong(&mut self, place: Place, problem: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(RuleError::new(Code::WrongShape, place, problem, remedy));
    }

    fn map<'n>(&mut self, node: &'n Node, what: &str) -> &'n [(Key, Node)] {
        if !matches!(node.data, Data::Map(_) | Data::Null) {
            self.wrong(node.place, format!("this is no map, but {what} is wanted"), "write `key: value`");
        }
        for (at, (key, _)) in node.members().iter().enumerate() {
            if node.members().iter().take(at).any(|(other, _)| other.text == key.text) {
                self.wrong(key.place, format!("`{}` a second time", key.text), "keep one of them");
            }
        }
        node.members()
    }

    fn texts(&mut self, node: &Node) -> Vec<String> {
        let mut texts = Vec::new();
        for item in node.items() {
            match item.text() {
                Some(text) if !text.is_empty() => texts.push(text),
                _ => self.wrong(item.place, "this is no text", "write a word, or a list of words"),
            }
        }
        if node.items().is_empty() {
            self.wrong(node.place, "this names nothing", "name at least one, or take the line out");
        }
        texts
    }

    fn severity(&mut self, place: Place, text: &str) -> Option<Severity> {
        match text.parse() {
            Ok(severity) => Some(severity),
            Err(_) => {
                let remedy = "write info, low, medium, high or critical";
                self.wrong(place, format!("`{text}` is no severity"), remedy);
                None
            }
        }
    }

    fn zone(&mut self, node: &Node) -> TimeZone {
        let name = node.text().unwrap_or_default();
        TimeZone::get(&name).unwrap_or_else(|_| {
            let remedy = "write a name of the IANA database, such as Europe/Berlin, or UTC";
            self.wrong(node.place, format!("`{name}` is no time zone"), remedy);
            TimeZone::UTC
        })
    }

    fn time(&mut self, node: &Node) -> Option<Time> {
        let text = node.text().unwrap_or_default();
        let parsed = text.split_once(':').and_then(|(hour, minute)| {
            let two = |text: &str| {
                (text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
                    .then(|| text.parse().ok())?
            };
            Time::new(two(hour)?, two(minute)?, 0, 0).ok()
        });
        if parsed.is_none() {
            let remedy = "write hours and minutes in quotes, such as \"07:00\"";
            self.wrong(node.place, format!("`{text}` is no time of day"), remedy);
        }
        parsed
    }

    fn quiet(&mut self, node: &Node) -> Option<(Time, Time)> {
        let (mut from, mut until) = (None, None);
        for (key, value) in self.map(node, "`from` and `until`").to_vec() {
            match key.text.as_str() {
                "from" => from = self.time(&value),
                "until" => until = self.time(&value),
                _ => self.0.push(unknown_key(&key, &["from", "until"])),
            }
        }
        if node.get("from").is_none() || node.get("until").is_none() {
            let remedy = "write { from: \"20:00\", until: \"07:00\" }";
            self.wrong(node.place, "quiet hours have a beginning and an end", remedy);
        }
        if from.is_some() && from == until {
            self.wrong(node.place, "these quiet hours would never end", "let `until` differ from `from`");
        }
        from.zip(until)
    }

    fn digests(&mut self, node: &Node) -> std::collections::BTreeMap<Severity, Every> {
        let mut digests = std::collections::BTreeMap::new();
        for (key, value) in self.map(node, "a severity and how often").to_vec() {
            let severity = self.severity(key.place, &key.text);
            if severity == Some(Severity::Critical) {
                self.wrong(key.place, "what is critical cannot wait", "take this line out");
            }
            let every = match value.text().as_deref() {
                Some("hourly") => Some(Every::Hour),
                Some("daily") => Some(Every::Day),
                other => {
                    let problem = format!("`{}` says not how often", other.unwrap_or_default());
                    self.wrong(value.place, problem, "write hourly or daily");
                    None
                }
            };
            digests.extend(severity.zip(every));
        }
        digests
    }

    fn burst(&mut self, node: &Node, alerts: &mut Alerts) {
        for (key, value) in self.map(node, "`singly`, `critical` and `minutes`").to_vec() {
            let (least, most) = if key.text == "minutes" { (1, 1440) } else { (0, 100) };
            let number = value.text().and_then(|text| text.parse::<u32>().ok());
            let number = number.filter(|number| (least..=most).contains(number));
            let Some(number) = number else {
                let problem = format!("`{}` is out of range", value.text().unwrap_or_default());
                self.wrong(value.place, problem, format!("write a number from {least} to {most}"));
                continue;
            };
            let count = usize::try_from(number).unwrap_or(usize::MAX);
            match key.text.as_str() {
                "singly" => alerts.burst.singly = count,
                "critical" => alerts.burst.critical = count,
                "minutes" => alerts.burst.minutes = number,
                _ => self.0.push(unknown_key(&key, &["singly", "critical", "minutes"])),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told_with_its_place_and_the_mend() {
        let text = r#"time_zone: Europe/Atlantis
daily_at: 25:00
quiet_hours: { from: "20:00" }
digest: { critical: daily, low: weekly, bad: daily }
burst: { singly: many, minuts: 5 }
channels:
  text: { topic: arn:aws:sns:eu-central-1:111122223333:x }
  Oncall: { topic: "nowhere", as: voice }
routes:
  - { to: [text] }
  - { account: [1234], to: [slack, eventbridge] }
  - { at_least: urgent }
rutes: []
"#;
        let errors = Alerts::parse(text).unwrap_err();
        let lines: Vec<String> =
            errors.into_iter().map(|error| error.in_file("alerts.yaml").to_string()).collect();
        assert_eq!(
            lines,
            [
                "alerts.yaml:7:3: `text` is a channel already; choose another name",
                "alerts.yaml:8:3: `Oncall` is no name of a channel; write up to 32 of a-z, 0-9 and _",
                "alerts.yaml:8:35: `voice` is no form of a message; write text, json or chat",
                "alerts.yaml:8:20: `nowhere` is no ARN of an SNS topic; write it as arn:aws:sns:REGION:ACCOUNT:NAME",
                "alerts.yaml:1:12: `Europe/Atlantis` is no time zone; write a name of the IANA database, such as Europe/Berlin, or UTC",
                "alerts.yaml:2:11: `25:00` is no time of day; write hours and minutes in quotes, such as \"07:00\"",
                "alerts.yaml:3:14: quiet hours have a beginning and an end; write { from: \"20:00\", until: \"07:00\" }",
                "alerts.yaml:4:11: what is critical cannot wait; take this line out",
                "alerts.yaml:4:33: `weekly` says not how often; write hourly or daily",
                "alerts.yaml:4:41: `bad` is no severity; write info, low, medium, high or critical",
                "alerts.yaml:5:18: `many` is out of range; write a number from 0 to 100",
                "alerts.yaml:5:24: unknown key `minuts`; did you mean `minutes`?",
                "alerts.yaml:11:16: `1234` is no account id; write its twelve digits",
                "alerts.yaml:11:29: there is no channel `slack`; write one of text, json, chat, or add it under `channels`",
                "alerts.yaml:11:36: `eventbridge` hears of every finding, whatever a route says; take it out; a parameter of the template switches it",
                "alerts.yaml:11:5: nothing comes as far as this route; put it before the route that has no conditions",
                "alerts.yaml:12:17: `urgent` is no severity; write info, low, medium, high or critical",
                "alerts.yaml:12:5: this route leads nowhere; write `to: [text, chat]`, or `to: []` for nobody",
                "alerts.yaml:13:1: unknown key `rutes`; did you mean `routes`?",
            ]
        );
    }

    #[test]
    fn an_empty_file_and_json_on_one_line_are_read() {
        assert_eq!(Alerts::parse("# nothing yet\n"), Ok(Alerts::default()));
        let yaml = "digest: {low: daily}\nroutes:\n- {at_least: high, to: [text]}\n- {to: [json]}\n";
        let json =
            r#"{"digest":{"low":"daily"},"routes":[{"at_least":"high","to":["text"]},{"to":["json"]}]}"#;
        assert_eq!(Alerts::parse(yaml), Alerts::parse(json));
        assert_eq!(Alerts::parse(yaml).unwrap().routes.len(), 2);
    }
}
