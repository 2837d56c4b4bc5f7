//! What Trailpost is held against.

use std::io::Read as _;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use rsigma_eval::{Engine, JsonEvent};

pub(crate) fn gunzip(packed: &[u8]) -> usize {
    let mut buffer = vec![0; 256 * 1024];
    let mut decoder = MultiGzDecoder::new(packed);
    let mut total = 0;
    loop {
        match decoder.read(&mut buffer).expect("a good archive") {
            0 => return total,
            count => total += count,
        }
    }
}

/// simd-json writes into what it reads, so the text is copied first; that is part of its price.
pub(crate) fn simd_json(plain: &[u8]) -> usize {
    let mut text = plain.to_vec();
    simd_json::to_tape(&mut text).expect("good JSON").0.len()
}

pub(crate) fn sonic(plain: &[u8]) -> usize {
    use sonic_rs::{JsonContainerTrait as _, JsonValueTrait as _};
    let value: sonic_rs::Value = sonic_rs::from_slice(plain).expect("good JSON");
    value.get("Records").and_then(|records| records.as_array()).map_or(0, |records| records.len())
}

pub(crate) fn serde(plain: &[u8]) -> usize {
    let value: serde_json::Value = serde_json::from_slice(plain).expect("good JSON");
    value["Records"].as_array().map_or(0, Vec::len)
}

/// The other Sigma engine in Rust, <https://crates.io/crates/rsigma-eval>.
pub(crate) struct Rsigma(Engine);

impl Rsigma {
    pub(crate) fn new(folder: &Path) -> Self {
        let collection = rsigma_parser::parse_sigma_directory(folder).expect("a folder of rules");
        let mut engine = Engine::new();
        for rule in &collection.rules {
            // A rule that it does not take is left out, as Trailpost leaves out what it does not take.
            let _ = engine.add_rule(rule);
        }
        Self(engine)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.rule_count()
    }

    pub(crate) fn judge(&self, plain: &[u8]) -> usize {
        let value: serde_json::Value = serde_json::from_slice(plain).expect("good JSON");
        let records = value["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        records.iter().map(|record| self.0.evaluate(&JsonEvent::borrow(record)).len()).sum()
    }
}
