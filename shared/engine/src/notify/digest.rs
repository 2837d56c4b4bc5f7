//! What one message says of many findings.

use std::collections::BTreeMap;

use model::{FindingId, Line, NoticeId, Severity, Timestamp, Untrusted};

/// How many of each kind a digest names; the rest is counted.
const NAMED: usize = 10;

/// One message about many findings: what there is, counted, and the worst by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Tells a repetition.
    pub id: NoticeId,
    /// When the first and the last of it happened.
    pub from: Timestamp,
    /// See `from`.
    pub until: Timestamp,
    /// How many findings.
    pub findings: usize,
    /// How many of them are over.
    pub over: usize,
    /// Whether there are more than were counted.
    pub more: bool,
    /// How many of each severity, the worst first.
    pub severities: Vec<(Severity, usize)>,
    /// The rules: id, title, the worst severity, how many. The worst first, then the most frequent.
    pub rules: Vec<Group<(String, String)>>,
    /// The accounts, in the same order.
    pub accounts: Vec<Group<Untrusted>>,
    /// The regions, in the same order.
    pub regions: Vec<Group<Untrusted>>,
    /// The worst findings; of equals the newest first.
    pub worst: Vec<Line>,
}

/// What has something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<K> {
    /// What.
    pub key: K,
    /// The worst severity.
    pub severity: Severity,
    /// How many.
    pub count: usize,
}

impl Digest {
    /// Puts lines together; `None`: there are none. `more`: these are not all.
    pub fn of(id: NoticeId, lines: Vec<Line>, more: bool) -> Option<Self> {
        // A finding that opened and ended meanwhile has two lines, of which the end is the news.
        let mut findings: BTreeMap<FindingId, Line> = BTreeMap::new();
        for line in lines {
            match findings.get(&line.finding) {
                Some(known) if (known.over, known.time) >= (line.over, line.time) => {}
                _ => {
                    findings.insert(line.finding.clone(), line);
                }
            }
        }
        let mut lines: Vec<Line> = findings.into_values().collect();
        lines.sort_by(|left, right| {
            let rank = |line: &Line| (!line.over, line.severity, line.time);
            rank(right).cmp(&rank(left)).then_with(|| left.finding.cmp(&right.finding))
        });
        let times = || lines.iter().map(|line| line.time);
        let mut severities: BTreeMap<Severity, usize> = BTreeMap::new();
        for line in &lines {
            let count = severities.entry(line.severity).or_default();
            *count = count.saturating_add(1);
        }
        Some(Self {
            id,
            from: times().min()?,
            until: times().max()?,
            findings: lines.len(),
            over: lines.iter().filter(|line| line.over).count(),
            more,
            severities: severities.into_iter().rev().collect(),
            rules: groups(&lines, |line| (line.rule.clone(), line.title.clone())),
            accounts: groups(&lines, |line| line.account.clone()),
            regions: groups(&lines, |line| line.region.clone()),
            worst: lines.iter().take(NAMED).cloned().collect(),
        })
    }

    /// The worst severity.
    pub fn severity(&self) -> Severity {
        self.severities.first().map_or(Severity::Info, |(severity, _)| *severity)
    }
}

fn groups<K: Ord + Clone>(lines: &[Line], key: impl Fn(&Line) -> K) -> Vec<Group<K>> {
    let mut groups: BTreeMap<K, (Severity, usize)> = BTreeMap::new();
    for line in lines {
        let (severity, count) = groups.entry(key(line)).or_insert((line.severity, 0));
        *severity = line.severity.max(*severity);
        *count = count.saturating_add(1);
    }
    let mut groups: Vec<Group<K>> =
        groups.into_iter().map(|(key, (severity, count))| Group { key, severity, count }).collect();
    groups.sort_by_key(|group| std::cmp::Reverse((group.severity, group.count)));
    groups
}
