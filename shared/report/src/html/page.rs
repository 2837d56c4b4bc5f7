//! The page itself: one HTML file put together from its parts, and the policy that holds it.

use std::io::{self, Write};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// The frame that the parts are put into, at the marks in double braces.
const FRAME: &str = include_str!("page.html");

/// How it looks, in the order in which rules outrank each other.
const STYLE: &str = concat!(
    include_str!("style/tokens.css"),
    include_str!("style/base.css"),
    include_str!("style/frame.css"),
    include_str!("style/overview.css"),
    include_str!("style/findings.css"),
    include_str!("style/finding.css"),
    include_str!("style/compliance.css"),
    include_str!("style/print.css"),
);

/// What it does. The parts share one scope that nothing else sees; the last one starts it.
const SCRIPT: &str = concat!(
    "\"use strict\";(() => {\n",
    include_str!("script/dom.js"),
    include_str!("script/words.js"),
    include_str!("script/model.js"),
    include_str!("script/standing.js"),
    include_str!("script/history.js"),
    include_str!("script/route.js"),
    include_str!("script/filter.js"),
    include_str!("script/list.js"),
    include_str!("script/parts.js"),
    include_str!("script/trend.js"),
    include_str!("script/overview.js"),
    include_str!("script/findings.js"),
    include_str!("script/cause.js"),
    include_str!("script/timeline.js"),
    include_str!("script/joined.js"),
    include_str!("script/finding.js"),
    include_str!("script/compliance.js"),
    include_str!("script/theme.js"),
    include_str!("script/keys.js"),
    include_str!("script/live.js"),
    include_str!("script/main.js"),
    "})();\n",
);

/// What `trailpost serve` says beside [`policy`], which a `meta` element cannot say.
pub const LIVE_POLICY_EXTRA: &str = "; frame-ancestors 'none'";

/// Whether the page may ask where it came from for news.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Live,
}

/// The Content Security Policy of the live page: this style, this script, and data from where the page came from.
/// <https://www.w3.org/TR/CSP3/>
pub fn policy() -> &'static str {
    static LIVE: LazyLock<String> = LazyLock::new(|| policy_of(Kind::Live));
    &LIVE
}

/// Tells `data` from any other: a quoted digest, as an entity tag is written.
pub fn version(data: &str) -> String {
    format!("\"{}\"", BASE64_STANDARD.encode(Sha256::digest(data.as_bytes())))
}

fn policy_of(kind: Kind) -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    let connect = match kind {
        Kind::File => "",
        Kind::Live => "; connect-src 'self'",
    };
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'{connect}",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// The page without data, which asks for `data.json` beside it again and again.
pub fn live_page() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(|| {
        let [head, tail] = halves(Kind::Live);
        format!("{head}null{tail}")
    });
    &PAGE
}

/// Writes the page with `data`, JSON as [`super::wire`] makes it.
pub(super) fn write(out: &mut dyn Write, data: &str) -> io::Result<()> {
    let [head, tail] = halves(Kind::File);
    for part in [&head, data, &tail] {
        out.write_all(part.as_bytes())?;
    }
    Ok(())
}

/// What stands before the data, and what stands behind it.
fn halves(kind: Kind) -> [String; 2] {
    let (head, tail) = FRAME.split_once("{{data}}").unwrap_or((FRAME, ""));
    [head, tail].map(|half| {
        half.replace("{{policy}}", &policy_of(kind))
            .replace("{{live}}", if kind == Kind::Live { "data.json" } else { "" })
            .replace("{{style}}", STYLE)
            .replace("{{script}}", SCRIPT)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_stand_where_they_belong_and_end_no_element_early() {
        let page = live_page();
        assert!(!page.contains("{{"), "a mark was left");
        for part in [STYLE, SCRIPT] {
            assert_eq!(page.matches(part).count(), 1);
            let lower = part.to_ascii_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("</style") && !lower.contains("<!--"));
        }
        assert_eq!(page.matches("</script>").count(), 2);
    }

    #[test]
    fn the_policy_lets_nothing_in_but_what_the_page_came_with() {
        let of_file = policy_of(Kind::File);
        assert!(of_file.starts_with("default-src 'none'; style-src 'sha256-"), "{of_file}");
        for dangerous in ["unsafe", "http", "*", "connect-src"] {
            assert!(!of_file.contains(dangerous), "{dangerous}: {of_file}");
        }
        assert_eq!(policy(), format!("{of_file}; connect-src 'self'"));
    }
}
