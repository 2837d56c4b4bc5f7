//! Wildcards by definition.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glob {
    Char(char),
    One,
    Any,
}

pub(super) fn globs(pattern: &str) -> Vec<Glob> {
    let mut globs = Vec::new();
    let mut rest: Vec<char> = pattern.chars().rev().collect();
    while let Some(each) = rest.pop() {
        globs.push(match (each, rest.last()) {
            ('\\', Some('*' | '?' | '\\')) => Glob::Char(rest.pop().unwrap()),
            ('*', _) => Glob::Any,
            ('?', _) => Glob::One,
            (other, _) => Glob::Char(other),
        });
    }
    globs
}

pub(super) fn fits(pattern: &[Glob], text: &[char]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([Glob::Any, rest @ ..], text) => (0..=text.len()).any(|at| fits(rest, &text[at..])),
        ([Glob::One, rest @ ..], [_, text @ ..]) => fits(rest, text),
        ([Glob::Char(wanted), rest @ ..], [found, text @ ..]) => wanted == found && fits(rest, text),
        (_, []) => false,
    }
}
