// The data, indexed once for everything that looks at it.

function readModel(data) {
  const frameworksOf = new Map();
  for (const framework of data.frameworks) {
    for (const control of framework.controls) {
      for (const check of control.checks) {
        if (!frameworksOf.has(check)) frameworksOf.set(check, new Set());
        frameworksOf.get(check).add(framework.id);
      }
    }
  }
  const none = new Set();
  const findings = data.findings;
  const byFinding = new Map();
  for (const finding of findings) {
    finding.id ??= [finding.rule, finding.account, finding.region, finding.about].join(" ");
    finding.title = data.rules[finding.rule].title;
    finding.rank = RANK.get(finding.severity);
    finding.frameworks = frameworksOf.get(finding.rule) ?? none;
    finding.since = finding.episodes?.at(-1)?.opened ?? finding.first;
    finding.words = words(finding);
    byFinding.set(finding.id, finding);
  }
  // The worst first, of equals the newest: what is open before what is over.
  const open = (finding) => (finding.status === "open" ? 0 : 1);
  findings.sort((a, b) => open(a) - open(b) || a.rank - b.rank || b.since - a.since || (a.id < b.id ? -1 : 1));
  return { ...data, findings, byFinding, frameworksOf, ...joinByEvent(findings) };
}

// What the search looks at.
function words(finding) {
  const culprit = (finding.episodes?.at(-1)?.cause.calls ?? [])[0] ?? finding.latest;
  const actor = culprit?.actor;
  return [
    finding.title, finding.message, finding.about, finding.rule, finding.id, finding.account, finding.region, finding.service,
    culprit?.call, culprit?.event, actor?.who, actor?.session, actor?.ip, actor?.key,
  ].filter(Boolean).join("\n").toLowerCase();
}

function isOpen(finding) {
  return finding.status === "open";
}

// How many of each severity, in the order of SEVERITIES.
function bySeverity(findings) {
  const counts = SEVERITIES.map(() => 0);
  for (const finding of findings) counts[finding.rank] += 1;
  return counts;
}

// Things put together by a key.
function grouping(items, key) {
  const groups = new Map();
  for (const item of items) {
    const at = key(item);
    if (!groups.has(at)) groups.set(at, []);
    groups.get(at).push(item);
  }
  return groups;
}
