//! One wanted value and one found value, by definition.

use std::net::IpAddr;

use serde_json::Value as Rule;

use super::globs::{Glob, fits, globs};
use super::paths::{Seen, reach, scalars};
use super::{Truth, World, any};
use crate::document::Json;

/// The modifiers of a field.
#[derive(Debug, Clone)]
pub(super) struct Modifiers(Vec<String>);

impl Modifiers {
    pub(super) fn of(text: &str) -> Self {
        Self(text.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    pub(super) fn and(&self, more: &str) -> Self {
        Self(self.0.iter().cloned().chain([more.to_owned()]).collect())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|each| each == name)
    }

    pub(super) fn has_one(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }
}

pub(super) fn is_true(wanted: &Rule) -> bool {
    wanted == &Rule::Bool(true) || wanted.as_str().is_some_and(|text| text.to_lowercase() == "true")
}

/// Whether a found value is what is wanted.
pub(super) fn one_fits(
    wanted: &Rule,
    found: &Json,
    modifiers: &Modifiers,
    element: Option<&Json>,
    world: World<'_>,
) -> Truth {
    let is_part = modifiers.has_one(&["contains", "startswith", "endswith"]);
    let wanted_text = match wanted {
        Rule::String(text) => text.clone(),
        other => other.to_string(),
    };
    let wanted_number: f64 = wanted_text.parse().unwrap_or(f64::NAN);
    if modifiers.has("fieldref") {
        return refers(&wanted_text, found, modifiers, element, world);
    }
    let unit =
        ["minute", "hour", "day", "week", "month", "year"].into_iter().find(|unit| modifiers.has(unit));
    let orders = ["lt", "lte", "gt", "gte"];
    if let Some(unit) = unit
        && !modifiers.has_one(&orders)
    {
        let differs = |time| (on_the_calendar(unit, time) - wanted_number).abs() > 0.0;
        return Some(time(found).is_some_and(|time| !differs(time)));
    }
    if modifiers.has_one(&orders) {
        let found = match unit {
            Some(unit) => time(found).map(|time| on_the_calendar(unit, time)),
            None => number(found),
        };
        return Some(found.is_some_and(|found| {
            (modifiers.has("lt") && found < wanted_number)
                || (modifiers.has("lte") && found <= wanted_number)
                || (modifiers.has("gt") && found > wanted_number)
                || (modifiers.has("gte") && found >= wanted_number)
        }));
    }
    if modifiers.has_one(&["older_than", "newer_than"]) {
        let age = time(found).map(|time| world.now - time);
        return Some(age.is_some_and(|age| (age > seconds(&wanted_text)) == modifiers.has("older_than")));
    }
    if modifiers.has("cidr") {
        return Some(matches!(found, Json::Text(text) if in_network(text, &wanted_text)));
    }
    if modifiers.has("re") {
        let flags: String = ["i", "m", "s"].into_iter().filter(|flag| modifiers.has(flag)).collect();
        let flags = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
        let regex = regex::Regex::new(&format!("{flags}{wanted_text}")).unwrap();
        return by_text(found, |text| Some(regex.is_match(text)));
    }
    match wanted {
        Rule::Bool(wanted) if !is_part => {
            return Some(match found {
                Json::Bool(found) => found == wanted,
                Json::Text(text) => text.to_lowercase() == wanted.to_string(),
                _ => false,
            });
        }
        Rule::Number(_) if !is_part => return Some(number(found) == Some(wanted_number)),
        _ => {}
    }
    let mut pattern = globs(&fold(&wanted_text, modifiers));
    if modifiers.has_one(&["contains", "endswith"]) {
        pattern.insert(0, Glob::Any);
    }
    if modifiers.has_one(&["contains", "startswith"]) {
        pattern.push(Glob::Any);
    }
    if matches!(found, Json::Map(_)) && pattern.iter().all(|each| matches!(each, Glob::Char(_))) {
        return Some(false);
    }
    by_texts(found, |text| Some(fits(&pattern, &fold(text, modifiers).chars().collect::<Vec<_>>())))
}

fn refers(
    path: &str,
    found: &Json,
    modifiers: &Modifiers,
    element: Option<&Json>,
    world: World<'_>,
) -> Truth {
    let holds = |found: &str, other: &str| {
        let (found, other) = (fold(found, modifiers), fold(other, modifiers));
        Some(match () {
            () if modifiers.has("contains") => found.contains(&other),
            () if modifiers.has("startswith") => found.starts_with(&other),
            () if modifiers.has("endswith") => found.ends_with(&other),
            () => found == other,
        })
    };
    by_text(found, |found| {
        any(reach(path, element, world).into_iter().map(|other| match other {
            Seen::Value(other) => by_text(other, |other| holds(found, other)),
            Seen::Nothing => None,
        }))
    })
}

/// Asks about the text of a value; of an object also about each of the texts in it.
fn by_texts(value: &Json, holds: impl Fn(&str) -> Truth) -> Truth {
    let within = if matches!(value, Json::Map(_)) { scalars(value) } else { Vec::new() };
    let texts = within.into_iter().filter_map(|each| match each.value() {
        Some(Json::Text(text)) => Some(holds(text)),
        _ => None,
    });
    any(texts.chain([by_text(value, &holds)]))
}

/// Asks about the text of a value; an object has its JSON, if all of it could be seen, and null has none.
fn by_text(value: &Json, holds: impl FnOnce(&str) -> Truth) -> Truth {
    match value {
        Json::Text(text) | Json::Number(text) => holds(text),
        Json::Bool(value) => holds(&value.to_string()),
        Json::Map(_) if value.holds_hole() => None,
        Json::Map(_) => holds(&value.to_string()),
        Json::Null | Json::List(_) => Some(false),
    }
}

fn fold(text: &str, modifiers: &Modifiers) -> String {
    if modifiers.has("cased") { text.to_owned() } else { text.to_lowercase() }
}

fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Number(text) | Json::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn time(value: &Json) -> Option<i64> {
    match value {
        Json::Text(text) => Some(text.parse::<jiff::Timestamp>().ok()?.as_second()),
        #[expect(clippy::cast_possible_truncation, reason = "seconds, and no more of them")]
        Json::Number(text) => Some(text.parse::<f64>().ok()? as i64),
        _ => None,
    }
}

/// A number of the date, or of the clock, so many seconds after 1970 began in UTC.
fn on_the_calendar(unit: &str, time: i64) -> f64 {
    let (days, second) = (time.div_euclid(86_400), time.rem_euclid(86_400));
    // A week has the number of its Thursday; 1970 began on one.
    let thursday = days - (days + 3).rem_euclid(7) + 3;
    let (year, month, day) = date(days);
    let number = match unit {
        "minute" => second / 60 % 60,
        "hour" => second / 3_600,
        "day" => day,
        "week" => (thursday - first_of(date(thursday).0)) / 7 + 1,
        "month" => month,
        _ => year,
    };
    f64::from(i32::try_from(number).unwrap())
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The days from 1970 to the first of a year.
fn first_of(year: i64) -> i64 {
    let leap = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (year - 1970) * 365 + leap(year - 1) - leap(1969)
}

/// The year, the month and the day of a day counted from 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while first_of(year + 1) <= days {
        year += 1;
    }
    while first_of(year) > days {
        year -= 1;
    }
    let mut rest = days - first_of(year);
    let february = if is_leap(year) { 29 } else { 28 };
    for (month, length) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        if rest < length {
            return (year, month, rest + 1);
        }
        rest -= length;
    }
    unreachable!("a year has 12 months")
}

fn seconds(text: &str) -> i64 {
    let (number, unit) = text.split_at(text.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        _ => 24 * 60 * 60,
    };
    number.parse::<i64>().unwrap() * seconds
}

/// The bits of an address, or of a network, whose length is given behind a slash.
fn bits(text: &str) -> Option<(Vec<bool>, usize)> {
    let (address, length) =
        text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let bytes = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let bits: Vec<bool> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1)).collect();
    let length = length.map_or(Some(bits.len()), |length| length.parse().ok())?;
    (length <= bits.len()).then_some((bits, length))
}

fn in_network(found: &str, wanted: &str) -> bool {
    let (Some((found, longer)), Some((net, shorter))) = (bits(found), bits(wanted)) else { return false };
    found.len() == net.len() && longer >= shorter && found[..shorter] == net[..shorter]
}
