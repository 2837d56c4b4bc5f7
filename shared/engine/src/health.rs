//! Producers: what has to be true of an account so that its events come.
//!
//! What is found there is read by the rows of `catalog/trailpost`, and judged by its checks, as any other resource. Here
//! stands what those are compared with: the template that this very program carries.

use std::sync::{Arc, LazyLock};

use facts::canonical_pattern;
use futures_util::{StreamExt as _, TryStreamExt as _};
use model::json::Document;
use rules::tree::Node;
use rules::{Settings, Truth};

use crate::collect::{Collector, Scene};
use crate::ports::{Aws, StoreError};
use crate::scan::{Scanned, Scanner, Selection, plan};

/// `templates/producer.yaml`, which makes a producer.
pub const TEMPLATE: &str = include_str!("../../../templates/producer.yaml");

/// The service folder of the types of resources that say how a producer is. They are read by those who name it.
pub const SERVICE: &str = "trailpost";

/// What the template says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its digest, which a stack of it has as the output `ProducerTemplate`.
    pub template: String,
    /// The rule's pattern, in the form of the fact `event_pattern`.
    pub pattern: String,
}

/// What a producer of this program's template is like.
pub fn expected() -> &'static Expected {
    static EXPECTED: LazyLock<Expected> = LazyLock::new(|| read(TEMPLATE).unwrap_or(NONE));
    &EXPECTED
}

/// Of a template that is not one: the checks that compare with it rest.
const NONE: Expected = Expected { template: String::new(), pattern: String::new() };

fn read(template: &str) -> Option<Expected> {
    let documents = Node::from_yaml(template).ok()?;
    let root = documents.first()?;
    let at = |path: &[&str]| path.iter().try_fold(root, |node, key| node.get(key));
    let pattern = at(&["Resources", "Records", "Properties", "EventPattern"])?.to_json();
    let pattern = Document::parse(pattern.to_string()).ok()?;
    Some(Expected {
        template: at(&["Outputs", "ProducerTemplate", "Value"])?.text()?,
        pattern: canonical_pattern(pattern.root()),
    })
}

/// `settings` with what the checks of producers compare with.
#[must_use]
pub fn settings(settings: Settings) -> Settings {
    let Expected { template, pattern } = expected();
    settings.with("producer_template", [template.as_str()]).with("producer_pattern", [pattern.as_str()])
}

/// `settings` with the consumer's bus, by its ARN, that rules of producers have to send to. Without it the check rests.
#[must_use]
pub fn sending_to(settings: Settings, bus: &str) -> Settings {
    settings.with("producer_bus", [bus])
}

/// What came of a look at one account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Examined {
    /// How many findings there are.
    pub findings: usize,
    /// How many of them are new.
    pub new: usize,
    /// How many findings are over.
    pub resolved: usize,
    /// How many verdicts are open.
    pub unknown: usize,
}

/// So many regions are looked at at the same time.
const AT_ONCE: usize = 8;

/// Reads and judges the producers of an account, in `regions` or in all of its. What is wrong the first time is told at
/// once: nobody waits for a second look to learn that an account is not watched.
///
/// # Errors
/// When the store fails.
pub async fn examine(
    scanner: &Scanner,
    aws: Arc<dyn Aws>,
    scene: Scene,
    regions: &[String],
) -> Result<Examined, StoreError> {
    let mut examined = Examined::default();
    for scanned in look(scanner, aws, scene, regions).await? {
        examined.add(&scanned);
    }
    Ok(examined)
}

/// The same, with each verdict.
///
/// # Errors
/// When the store fails.
pub async fn look(
    scanner: &Scanner,
    aws: Arc<dyn Aws>,
    scene: Scene,
    regions: &[String],
) -> Result<Vec<Scanned>, StoreError> {
    let known = regions.iter().filter(|region| scene.regions.contains(region)).cloned();
    let selection = Selection { regions: known.collect(), services: vec![SERVICE.to_owned()] };
    let collector = Collector::new(aws, Arc::new(scanner.rows().to_vec()), scene.clone());
    let shards = plan(scanner.rows(), scanner.checker(), &collector, &scene, &selection);
    let work: Vec<_> = shards.iter().map(|shard| scanner.shard(&collector, shard)).collect();
    futures_util::stream::iter(work).buffer_unordered(AT_ONCE).try_collect().await
}

impl Examined {
    fn add(&mut self, scanned: &Scanned) {
        let count = |truth| scanned.judged.iter().filter(|judged| judged.truth == truth).count();
        self.findings += count(Truth::True);
        self.unknown += count(Truth::Unknown);
        self.new += scanned.judged.iter().filter(|judged| judged.change.is_new()).count();
        self.resolved += scanned.resolved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_understood() {
        let Expected { template, pattern } = expected();
        assert_eq!(template.len(), 12, "{template}");
        assert!(
            pattern.starts_with(r#"{"detail":{"eventName":[{"anything-but":["BatchImportFindings","#),
            "{pattern}"
        );
        assert!(pattern.ends_with(r#""source":[{"prefix":"aws."}]}"#), "{pattern}");
        assert!(pattern.contains(r#"{"exists":false}"#), "{pattern}");
    }
}
