//! A tree of conditions, as text.

use std::io;

use report::Terminal;
use rules::Explanation;

const SHOWN: Terminal = Terminal { longest: 200 };

/// Prints the tree, `depth` steps to the right.
pub(crate) fn show(out: &mut impl io::Write, explanation: &Explanation, depth: usize) -> io::Result<()> {
    let seen: Vec<_> = explanation.seen.iter().map(|value| value.encode(&SHOWN)).collect();
    let seen = match (seen.as_slice(), explanation.parts.is_empty()) {
        ([], true) => String::from("  (saw nothing)"),
        ([], false) => String::new(),
        (values, _) => format!("  (saw {})", values.join(", ")),
    };
    writeln!(out, "{}{:7} {}{seen}", "    ".repeat(depth), explanation.truth, explanation.condition)?;
    explanation.parts.iter().try_for_each(|part| show(out, part, depth + 1))
}
