//! Causes, callers and changes in words.

use std::io::Write;

use model::{Actor, Cause, Certainty, Culprit, Timestamp, Untrusted};
use report::Terminal;

const SHOWN: Terminal = Terminal { longest: 200 };

/// So many operations of a patch are shown.
const OPERATIONS: usize = 12;

/// A number of things in words.
pub(crate) fn counted<N: Copy + std::fmt::Display + PartialEq + From<u8>>(number: N, thing: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// A time to the second.
pub(crate) fn when(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// A call as `service:Name`.
pub(crate) fn call(source: &Untrusted, name: &Untrusted) -> String {
    let source = source.encode(&SHOWN);
    format!("{}:{}", source.trim_end_matches(".amazonaws.com"), name.encode(&SHOWN))
}

/// Who caused something, in one line.
pub(crate) fn cause(cause: &Cause) -> String {
    match (cause.certainty, cause.calls.as_slice()) {
        (Certainty::Exact, [culprit, ..]) => format!("by {}", culprit_line(culprit)),
        (Certainty::Several, calls) => {
            let calls: Vec<String> = calls.iter().map(culprit_line).collect();
            format!("by one of {}", calls.join(" | "))
        }
        (Certainty::Before, _) => "it was so when it was seen first".to_owned(),
        (Certainty::None | Certainty::Exact, _) => "no event explains it".to_owned(),
    }
}

fn culprit_line(culprit: &Culprit) -> String {
    let actor = &culprit.actor;
    let who = if actor.session.is_empty() {
        actor.principal.encode(&SHOWN)
    } else {
        format!("{} ({})", actor.principal.encode(&SHOWN), actor.session.encode(&SHOWN))
    };
    format!("{} of {who} at {}", call(&culprit.source, &culprit.name), when(culprit.time))
}

/// The caller of a call, and what it called with.
pub(crate) fn actor(out: &mut impl Write, actor: &Actor) -> std::io::Result<()> {
    let shown = |text: &Untrusted| text.encode(&SHOWN);
    let mfa = match actor.mfa {
        Some(true) => "  with MFA",
        Some(false) => "  without MFA",
        None => "",
    };
    let who = format!("{} {}", shown(&actor.principal), shown(&actor.session));
    writeln!(out, "    who   {}{mfa}", who.trim_end())?;
    let from = format!("{} {}", shown(&actor.source_ip), shown(&actor.user_agent));
    writeln!(out, "    from  {}", from.trim_end())?;
    if !actor.invoked_by.is_empty() {
        writeln!(out, "    via   {}", shown(&actor.invoked_by))?;
    }
    Ok(())
}

/// The sessions behind the caller of a cause.
pub(crate) fn chain(out: &mut impl Write, culprit: &Culprit) -> std::io::Result<()> {
    for hop in &culprit.chain {
        writeln!(
            out,
            "            session of {} opened by {} at {}",
            hop.role.encode(&SHOWN),
            hop.actor.principal.encode(&SHOWN),
            when(hop.time)
        )?;
    }
    Ok(())
}

/// A patch, an operation a line.
pub(crate) fn patch(out: &mut impl Write, patch: &Untrusted) -> std::io::Result<()> {
    let Ok(document) = patch.to_document() else { return Ok(()) };
    let operations: Vec<_> = document.root().items().collect();
    for operation in operations.iter().take(OPERATIONS) {
        let text = |key: &str| operation.path_text(key).unwrap_or_default().into_owned();
        let mark = match text("op").as_str() {
            "add" => '+',
            "remove" => '-',
            _ => '~',
        };
        let shown = |key: &str| {
            let mut value = String::new();
            if let Some(given) = operation.get(key) {
                given.write_json(&mut value);
            }
            value
        };
        let values = match (shown("was"), shown("value")) {
            (was, is) if was.is_empty() || was == "null" => is,
            (was, is) if is.is_empty() => was,
            (was, is) => format!("{was} → {is}"),
        };
        let line = Untrusted::new(format!("{} {values}", text("path")));
        writeln!(out, "    {mark} {}", line.encode(&SHOWN))?;
    }
    if operations.len() > OPERATIONS {
        writeln!(out, "    … and {} more", operations.len() - OPERATIONS)?;
    }
    Ok(())
}
