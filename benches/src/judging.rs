//! Trailpost: reading, judging, and loading its catalogue.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use engine::detect::{Detector, Judgement};
use model::Timestamp;
use records::{Item, Limits};
use rules::{Rule, Scratch, Settings};

pub(crate) struct Rules(Vec<Rule>);

impl Rules {
    pub(crate) fn builtin() -> Self {
        Self(catalog::builtin().rules)
    }

    pub(crate) fn from(folder: &Path) -> Self {
        Self(catalog::load(folder).expect("a folder of rules").rules)
    }

    pub(crate) fn and(mut self, folder: &Path) -> Self {
        self.0.extend(Self::from(folder).0);
        self
    }

    /// Every rule so many times, each copy over services of its own, as in a catalogue that has grown.
    pub(crate) fn times(mut self, times: usize) -> Self {
        let mut texts = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog"), &mut texts);
        for copy in 1..times {
            for text in &texts {
                let (rules, _) = rules::read(&text.replace(".amazonaws.com", &format!("-{copy}.amazonaws.com")), "copy");
                self.0.extend(rules.into_iter().map(|mut rule| {
                    rule.meta.id = format!("{}-{copy}", rule.meta.id);
                    rule
                }));
            }
        }
        self
    }
}

fn collect(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the catalogue") {
        let path = entry.expect("the catalogue").path();
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            texts.push(std::fs::read_to_string(path).expect("a rule"));
        }
    }
}

pub(crate) struct Judge(Detector);

impl Judge {
    pub(crate) fn new(rules: &Rules) -> Self {
        let settings = Settings::default()
            .with("approved_regions", ["us-east-1", "eu-west-1"])
            .with("trusted_networks", ["10.0.0.0/8"])
            .with("trusted_accounts", ["111122223333"]);
        Self(Detector::new(rules.0.clone(), &settings).0)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.rules().rules().len()
    }

    pub(crate) fn always(&self) -> usize {
        self.0.rules().judged_always().count()
    }

    /// Judges a file and counts what matched, without building findings.
    pub(crate) fn judge(&self, file: &[u8]) -> usize {
        let now: Timestamp = "2026-01-16T00:00:00Z".parse().expect("a time");
        let mut scratch = Scratch::default();
        let mut judgement = Judgement::default();
        let mut matches = 0;
        records::read(file, "bench", &Limits::default(), &mut |item| {
            if let Item::Record(record) = item {
                judgement.clear();
                self.0.judge(&record, now, &mut scratch, &mut judgement);
                matches += judgement.sightings.len();
            }
            ControlFlow::Continue(())
        })
        .expect("memory can be read");
        matches
    }
}

/// Prints the time that each rule takes that is judged on every event, dearest first.
pub(crate) fn costs(file: &[u8], records: usize) {
    let time = |judge: &Judge| {
        let start = Instant::now();
        judge.judge(file);
        start.elapsed().as_secs_f64() * 1e6 / records as f64
    };
    let best = |judge: &Judge| (0..3).map(|_| time(judge)).fold(f64::MAX, f64::min);
    let all = Judge::new(&Rules::builtin());
    let nothing = best(&Judge::new(&Rules(Vec::new())));
    let mut costs: Vec<_> = all
        .0
        .rules()
        .judged_always()
        .map(|meta| {
            let alone = Rules(Rules::builtin().0.into_iter().filter(|rule| rule.meta.id == meta.id).collect());
            (best(&Judge::new(&alone)) - nothing, meta.id.clone())
        })
        .collect();
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("{nothing:9.2} µs/record  reading, and no rule");
    for (cost, id) in costs {
        println!("{cost:9.2} µs/record  {id}");
    }
}

/// Reads a file and counts its records.
pub(crate) fn read(file: &[u8]) -> usize {
    let mut count = 0;
    records::read(file, "bench", &Limits::default(), &mut |item| {
        count += usize::from(matches!(item, Item::Record(_)));
        ControlFlow::Continue(())
    })
    .expect("memory can be read");
    count
}

/// Prints what it takes to be ready.
pub(crate) fn load() {
    let mut best = (f64::MAX, f64::MAX);
    let mut count = 0;
    for _ in 0..10 {
        let start = Instant::now();
        let loaded = catalog::signatures();
        let read = start.elapsed().as_secs_f64() * 1e3;
        let start = Instant::now();
        let (detector, _) = Detector::new(loaded.rules, &Settings::default());
        best = (best.0.min(read), best.1.min(start.elapsed().as_secs_f64() * 1e3));
        count = detector.rules().rules().len() + detector.rules().resting().len();
    }
    println!("catalogue of {count} signatures: read in {:.1} ms, compiled in {:.1} ms", best.0, best.1);
}
