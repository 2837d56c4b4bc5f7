// What checks say: how many resources each found clean, could not judge, or has findings about.

const NOTHING = { clean: 0, finding: 0, unknown: 0, muted: 0 };

// The counts of everything that `key` puts together; findings about events are no check's.
function standings(model, key) {
  const counts = new Map();
  const at = (name) => {
    if (!counts.has(name)) counts.set(name, { ...NOTHING });
    return counts.get(name);
  };
  for (const tally of model.tallies) {
    const count = at(key(tally));
    count.clean += tally.clean;
    count.unknown += tally.unknown;
  }
  for (const finding of model.findings) {
    if (!finding.type || finding.status === "resolved") continue;
    at(key({ ...finding, check: finding.rule }))[finding.status === "muted" ? "muted" : "finding"] += 1;
  }
  return counts;
}

function judged(count) {
  return count.clean + count.finding + count.muted + count.unknown;
}

// What a control comes to: the worst that its checks say. Unknown is never a pass.
function controlStatus(counts) {
  const any = (word) => counts.some((count) => count[word] > 0);
  if (any("finding")) return "fail";
  if (any("unknown")) return "unknown";
  if (any("muted")) return "muted";
  return any("clean") ? "pass" : "none";
}

const CONTROL_WORDS = {
  fail: { word: "Fail", symbol: "✕", tone: "critical" },
  unknown: { word: "Unknown", symbol: "?", tone: "unknown" },
  muted: { word: "Muted", symbol: "–", tone: "low" },
  pass: { word: "Pass", symbol: "✓", tone: "good" },
  none: { word: "Not judged", symbol: "○", tone: "none" },
};
