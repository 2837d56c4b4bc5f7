//! Conditions by definition: `or` splits first, then `and`, then `not` is taken off.

use super::{Truth, all, any, not};

/// Whether a condition over the named searches holds.
pub(super) fn holds(condition: &str, names: &[&str], search: &dyn Fn(&str) -> Truth) -> Truth {
    let spaced = condition.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words_hold(&words, names, search)
}

fn words_hold(words: &[&str], names: &[&str], search: &dyn Fn(&str) -> Truth) -> Truth {
    let inside = |words: &[&str]| words_hold(words, names, search);
    let options = split(words, "or");
    if options.len() > 1 {
        return any(options.into_iter().map(inside));
    }
    let parts = split(words, "and");
    if parts.len() > 1 {
        return all(parts.into_iter().map(inside));
    }
    match words {
        ["not", rest @ ..] => not(inside(rest)),
        ["(", rest @ .., ")"] => inside(rest),
        [name] => search(name),
        [how_many, "of", which] => {
            let truths: Vec<Truth> =
                names.iter().filter(|name| is_named(which, name)).map(|name| search(name)).collect();
            match *how_many {
                "all" => all(truths),
                "any" => any(truths),
                number => at_least(number.parse().unwrap(), &truths),
            }
        }
        other => panic!("no condition: {other:?}"),
    }
}

/// Splits at a word that stands outside of all parentheses.
fn split<'a>(words: &'a [&'a str], at: &str) -> Vec<&'a [&'a str]> {
    let mut depth = 0;
    words
        .split(|word| {
            match *word {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            depth == 0 && *word == at
        })
        .collect()
}

fn is_named(pattern: &str, name: &str) -> bool {
    match pattern {
        "them" => !name.starts_with('_'),
        pattern => match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        },
    }
}

/// True if so many hold whatever the unknown ones are, false if not even all unknown ones would make it so many.
fn at_least(count: usize, truths: &[Truth]) -> Truth {
    let worst = truths.iter().filter(|truth| **truth == Some(true)).count() >= count;
    let best = truths.iter().filter(|truth| **truth != Some(false)).count() >= count;
    (worst == best).then_some(best)
}
