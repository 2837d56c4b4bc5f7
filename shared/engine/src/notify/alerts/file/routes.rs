//! The parts of the alerts file that say where to: channels and routes.

use std::collections::BTreeMap;

use rules::tree::Node;
use rules::unknown_key;

use super::super::{Alerts, Channel, Form, Route, TOPICS};
use super::{FEEDS, Reading};

const ROUTE: &[&str] = &["at_least", "account", "region", "rule", "tag", "to"];

impl Reading {
    pub(super) fn channels(&mut self, node: &Node) -> BTreeMap<String, Channel> {
        let mut channels = BTreeMap::new();
        for (key, value) in self.map(node, "a name and its topic").to_vec() {
            let name = key.text.clone();
            let plain =
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            if !plain || name.is_empty() || name.len() > 32 {
                let remedy = "write up to 32 of a-z, 0-9 and _";
                self.wrong(key.place, format!("`{name}` is no name of a channel"), remedy);
            }
            if TOPICS.contains(&&*name) || FEEDS.contains(&&*name) {
                self.wrong(key.place, format!("`{name}` is a channel already"), "choose another name");
                continue;
            }
            let (mut topic, mut form) = (None, Form::Text);
            for (key, value) in self.map(&value, "`topic` and `as`").to_vec() {
                let text = value.text().unwrap_or_default();
                match key.text.as_str() {
                    "topic" => topic = Some((value.place, text)),
                    "as" => match text.as_str() {
                        "text" => form = Form::Text,
                        "json" => form = Form::Json,
                        "chat" => form = Form::Chat,
                        _ => self.wrong(
                            value.place,
                            format!("`{text}` is no form of a message"),
                            "write text, json or chat",
                        ),
                    },
                    _ => self.0.push(unknown_key(&key, &["topic", "as"])),
                }
            }
            match topic {
                Some((_, topic)) if is_topic(&topic) => {
                    channels.insert(name, Channel { topic, form });
                }
                Some((place, topic)) => {
                    let remedy = "write it as arn:aws:sns:REGION:ACCOUNT:NAME";
                    self.wrong(place, format!("`{topic}` is no ARN of an SNS topic"), remedy);
                }
                None => {
                    let remedy = "write { topic: arn:aws:sns:…, as: text }";
                    self.wrong(key.place, format!("channel `{name}` has no topic"), remedy);
                }
            }
        }
        channels
    }

    pub(super) fn routes(&mut self, node: &Node, alerts: &Alerts) -> Vec<Route> {
        let mut routes: Vec<Route> = Vec::new();
        for item in node.items() {
            let mut route = Route::default();
            for (key, value) in self.map(item, "a route").to_vec() {
                match key.text.as_str() {
                    "at_least" => {
                        route.at_least = self.severity(value.place, &value.text().unwrap_or_default());
                    }
                    "account" => route.accounts = self.accounts(&value),
                    "region" => route.regions = self.texts(&value),
                    "rule" => route.rules = self.texts(&value),
                    "tag" => route.tags = self.tags(&value),
                    "to" => {
                        route.to =
                            if value.items().is_empty() { Vec::new() } else { self.names(&value, alerts) }
                    }
                    _ => self.0.push(unknown_key(&key, ROUTE)),
                }
            }
            if item.get("to").is_none() {
                let remedy = "write `to: [text, chat]`, or `to: []` for nobody";
                self.wrong(item.place, "this route leads nowhere", remedy);
            }
            if routes.last().is_some_and(Route::takes_all) {
                let remedy = "put it before the route that has no conditions";
                self.wrong(item.place, "nothing comes as far as this route", remedy);
            }
            routes.push(route);
        }
        routes
    }

    fn accounts(&mut self, node: &Node) -> Vec<String> {
        let accounts = self.texts(node);
        for account in &accounts {
            if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
                self.wrong(node.place, format!("`{account}` is no account id"), "write its twelve digits");
            }
        }
        accounts
    }

    fn tags(&mut self, node: &Node) -> Vec<(String, Vec<String>)> {
        let members = self.map(node, "a key and its value").to_vec();
        if members.is_empty() {
            self.wrong(node.place, "this names no tag", "write { team: payments }");
        }
        members.iter().map(|(key, value)| (key.text.clone(), self.texts(value))).collect()
    }

    /// Names of channels.
    pub(super) fn names(&mut self, node: &Node, alerts: &Alerts) -> Vec<String> {
        let names = self.texts(node);
        for item in node.items() {
            let Some(name) = item.text().filter(|name| !alerts.knows(name)) else { continue };
            if FEEDS.contains(&&*name) {
                let problem = format!("`{name}` hears of every finding, whatever a route says");
                self.wrong(item.place, problem, "take it out; a parameter of the template switches it");
            } else {
                let known: Vec<&str> =
                    TOPICS.into_iter().chain(alerts.channels.keys().map(String::as_str)).collect();
                let remedy = format!("write one of {}, or add it under `channels`", known.join(", "));
                self.wrong(item.place, format!("there is no channel `{name}`"), remedy);
            }
        }
        names
    }
}

impl Route {
    fn takes_all(&self) -> bool {
        *self == Self { to: self.to.clone(), ..Self::default() }
    }
}

/// `arn:PARTITION:sns:REGION:ACCOUNT:NAME`,
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html>.
fn is_topic(arn: &str) -> bool {
    match arn.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "sns", region, account, name] => {
            let word = |text: &str| {
                !text.is_empty()
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            };
            word(partition) && word(region) && word(name) && account.len() == 12
        }
        _ => false,
    }
}
