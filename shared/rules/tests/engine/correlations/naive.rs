//! The definition, word for word: for each event look at all that came before it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Told;

/// The events that complete the correlation, by their group.
pub(crate) fn fired(correlation: &Value, told: &[Told]) -> BTreeSet<(String, String)> {
    let steps: Vec<&str> =
        correlation["rules"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect();
    let grouped = correlation.get("group-by").is_some();
    let span: i64 = correlation["timespan"].as_str().unwrap().trim_end_matches('s').parse().unwrap();
    let mut fired = BTreeSet::new();
    for end in told.iter().filter(|told| steps.contains(&told.name)) {
        let alike = |other: &&Told| !grouped || other.user == end.user;
        let all: Vec<&Told> = told
            .iter()
            .filter(alike)
            .filter(|other| {
                steps.contains(&other.name) && (end.second - span..=end.second).contains(&other.second)
            })
            .collect();
        let before: Vec<&Told> =
            all.iter().copied().filter(|other| (other.second, other.id) <= (end.second, end.id)).collect();
        if complete(correlation, &steps, end, &before, &all) {
            fired.insert((if grouped { end.user.to_owned() } else { String::new() }, end.event()));
        }
    }
    fired
}

#[expect(clippy::cast_precision_loss, reason = "a handful")]
fn complete(correlation: &Value, steps: &[&str], end: &Told, before: &[&Told], all: &[&Told]) -> bool {
    let values = || before.iter().map(|told| told.value.parse::<f64>().unwrap());
    let distinct: BTreeSet<&str> = before.iter().map(|told| told.value).collect();
    let count = match correlation["type"].as_str().unwrap() {
        "temporal" if correlation.get("condition").is_some() => {
            steps.iter().filter(|step| before.iter().any(|told| told.name == **step)).count() as f64
        }
        "temporal" => return steps.iter().all(|step| before.iter().any(|told| told.name == *step)),
        "temporal_ordered" => {
            return steps.last() == Some(&end.name) && chain(&steps[..steps.len() - 1], all, &mut vec![end]);
        }
        "event_count" => before.len() as f64,
        "value_count" => distinct.len() as f64,
        "value_sum" => values().sum(),
        "value_avg" => values().sum::<f64>() / before.len() as f64,
        other => unreachable!("{other}"),
    };
    let condition = correlation["condition"].as_object().unwrap();
    condition.iter().filter(|(key, _)| *key != "field").all(|(sign, bound)| {
        let bound = bound.as_f64().unwrap();
        match sign.as_str() {
            "gt" => count > bound,
            "gte" => count >= bound,
            "lt" => count < bound,
            "lte" => count <= bound,
            "eq" => (count - bound).abs() < 1e-9,
            other => unreachable!("{other}"),
        }
    })
}

/// Whether some events, each another one, take the steps in the order of time and end with the chain.
fn chain<'t>(steps: &[&str], all: &[&'t Told], chain_so_far: &mut Vec<&'t Told>) -> bool {
    let Some((step, rest)) = steps.split_last() else { return true };
    let next = chain_so_far[chain_so_far.len() - 1].second;
    for told in all {
        let used = chain_so_far.iter().any(|other| other.id == told.id);
        if told.name == *step && told.second <= next && !used {
            chain_so_far.push(told);
            if chain(rest, all, chain_so_far) {
                return true;
            }
            chain_so_far.pop();
        }
    }
    false
}
