//! Findings by what people type.

use engine::ports::FindingQuery;
use model::{Finding, FindingId};

use crate::exit::Failure;
use crate::stored::Stored;

/// The finding whose id is `text` or begins with it.
pub(crate) fn finding(store: &Stored, text: &str) -> Result<Finding, Failure> {
    let id = FindingId::from_text(text);
    if let Some(finding) = store.wait(|store| Box::pin(store.finding(&id)))? {
        return Ok(finding);
    }
    let mut query = FindingQuery { limit: 500, ..FindingQuery::default() };
    let mut found: Option<Finding> = None;
    loop {
        let page = store.wait(|store| Box::pin(store.findings(&query)))?;
        for finding in page.items.into_iter().filter(|finding| finding.id.as_str().starts_with(text)) {
            if found.is_some() {
                return Err(Failure::usage(format!(
                    "several findings begin with `{text}`; write more of the id"
                )));
            }
            found = Some(finding);
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    found.ok_or_else(|| Failure::usage(format!("no finding `{text}`; `trailpost findings` lists them")))
}
