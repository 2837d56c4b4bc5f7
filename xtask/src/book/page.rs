//! The pages about services, rules and frameworks.

use std::fmt::Write as _;

use catalog::Framework;

use super::Entry;

/// A text of the catalogue as Markdown: it holds code between backticks, and no HTML.
fn prose(text: &str) -> String {
    text.trim().replace('<', "&lt;")
}

/// The same, in a cell of a table.
fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|").replace('\n', " ")
}

/// A fence is longer than any that the text holds.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end())
}

/// The rules of a service.
pub(super) fn service(name: &str, entries: &[&Entry]) -> String {
    let mut page = format!("# {name}\n");
    for (title, is_check) in [("Checks", true), ("Signatures", false)] {
        let mut those = entries.iter().filter(|entry| entry.kind.is_some() == is_check).peekable();
        if those.peek().is_none() {
            continue;
        }
        write!(page, "\n## {title}\n\n| Severity | Rule | Finds |\n|---|---|---|\n").ok();
        for entry in those {
            let meta = &entry.meta;
            writeln!(page, "| {} | [{}]({}.md) | {} |", meta.severity, meta.id, meta.id, cell(&meta.title))
                .ok();
        }
    }
    page
}

/// A rule.
pub(super) fn rule(entry: &Entry) -> String {
    let meta = &entry.meta;
    let kind =
        entry.kind.as_deref().map_or_else(|| "signature".to_owned(), |kind| format!("check of `{kind}`"));
    let mut page = format!("# {}\n\n`{}` · {} · {kind}\n", prose(&meta.title), meta.id, meta.severity);
    let mut section = |title: &str, text: String| {
        if !text.is_empty() {
            write!(page, "\n## {title}\n\n{}\n", text.trim_end()).ok();
        }
    };
    let list = |items: &mut dyn Iterator<Item = String>| {
        let items: Vec<String> = items.map(|item| format!("- {item}")).collect();
        items.join("\n")
    };

    section("Why it matters", prose(&meta.why));
    let mut fix = prose(&meta.fix.text);
    for (language, text) in [("bash", &meta.fix.cli), ("hcl", &meta.fix.terraform)] {
        if !text.is_empty() {
            write!(fix, "\n\n{}", fenced(language, text)).ok();
        }
    }
    section("What to do", fix);
    section("When it is harmless", list(&mut meta.false_positives.iter().map(|text| prose(text))));
    section("Looks for", prose(&entry.counts));
    section("Reads", list(&mut entry.reads.iter().map(|path| format!("`{path}`"))));
    section(
        "Controls",
        list(&mut entry.controls.iter().map(|(framework, controls)| {
            format!("[{framework}](../frameworks/{framework}.md): {}", prose(&controls.join(", ")))
        })),
    );
    section(
        "ATT&CK",
        list(
            &mut meta
                .attack
                .iter()
                .map(|id| format!("[{id}](https://attack.mitre.org/techniques/{}/)", id.replace('.', "/"))),
        ),
    );
    section(
        "The same rule elsewhere",
        list(&mut meta.equivalents.iter().map(|(tool, ids)| format!("{tool}: {}", prose(&ids.join(", "))))),
    );
    section("References", list(&mut meta.references.iter().map(|link| format!("<{link}>"))));
    section("The file", format!("`{}`\n\n{}", entry.file, fenced("yaml", &entry.yaml)));
    page
}

/// A framework: its controls, and the checks that tell of each.
pub(super) fn framework(framework: &Framework, entries: &[Entry]) -> String {
    let mut page = format!(
        "# {}\n\n`{}`, version {}: <{}>\n\nTrailpost names the control that a check tells of; the control's text is \
         its publisher's.\n\n| Control | Checks |\n|---|---|\n",
        prose(&framework.title),
        framework.id,
        framework.version,
        framework.source,
    );
    for (control, checks) in &framework.controls {
        let links: Vec<String> = checks
            .iter()
            .map(|id| match entries.iter().find(|entry| entry.meta.id == *id) {
                Some(entry) => format!("[{id}](../{}/{id}.md)", entry.folder()),
                None => format!("`{id}`"),
            })
            .collect();
        writeln!(page, "| {} | {} |", cell(control), links.join("<br>")).ok();
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_catalogue_is_no_html() {
        assert_eq!(prose(" a <b> `c` "), "a &lt;b> `c`");
        assert_eq!(cell("a | b\nc"), "a \\| b c");
    }

    #[test]
    fn a_fence_is_longer_than_those_within() {
        assert_eq!(fenced("yaml", "a\n"), "```yaml\na\n```");
        assert_eq!(fenced("yaml", "a ```` b"), "`````yaml\na ```` b\n`````");
    }
}
