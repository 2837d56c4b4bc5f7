//! Which conditions of a check came out differently.

use std::collections::BTreeSet;

use model::Untrusted;
use rules::{Explanation, Truth};

use super::plain;

/// So many conditions are told.
const TOLD: usize = 5;

/// The conditions that hold in `after` and did not in `before`, or the other way round, with the values they saw after.
pub(crate) fn flipped(before: &Explanation, after: &Explanation) -> Vec<Untrusted> {
    let of = |explanation, truth| {
        let mut found = Vec::new();
        leaves(explanation, truth, &mut found);
        found
    };
    let mut told = Vec::new();
    for truth in [Truth::True, Truth::False] {
        let known: BTreeSet<String> = of(before, truth).into_iter().map(line).collect();
        for leaf in of(after, truth) {
            let text = line(leaf);
            if !known.contains(&text) {
                told.push(if truth == Truth::True { text } else { format!("not: {text}") });
            }
        }
        // What newly holds says more than what does not any more.
        if !told.is_empty() {
            break;
        }
    }
    told.into_iter().take(TOLD).map(Untrusted::new).collect()
}

fn leaves<'e>(explanation: &'e Explanation, truth: Truth, found: &mut Vec<&'e Explanation>) {
    if explanation.parts.is_empty() && explanation.truth() == truth {
        found.push(explanation);
    }
    for part in &explanation.parts {
        leaves(part, truth, found);
    }
}

fn line(leaf: &Explanation) -> String {
    let seen: Vec<String> = leaf.seen.iter().map(plain).collect();
    if seen.is_empty() {
        return leaf.condition.clone();
    }
    format!("{} (is {})", leaf.condition, seen.join(", "))
}
