// Which findings are shown.

const FACETS = ["severity", "status", "account", "region", "service", "framework", "rule"];
// What is over, or muted, is looked at when one asks for it.
const STATUS_AT_FIRST = "open";

function readFilter(query) {
  const filter = { q: query.get("q") ?? "" };
  for (const facet of FACETS) filter[facet] = query.get(facet) ?? "";
  return filter;
}

// Goes over all findings once. A facet's values are counted as if that facet alone were not narrowed, so that each count
// says what choosing the value would bring.
function narrowed(model, filter) {
  const text = filter.q.trim().toLowerCase();
  const words = text.split(/\s+/).filter(Boolean);
  const severities = new Set(filter.severity.split(",").filter(Boolean));
  const status = filter.status || STATUS_AT_FIRST;
  const passes = {
    severity: (finding) => severities.size === 0 || severities.has(finding.severity),
    status: (finding) => status === "all" || finding.status === status,
    account: (finding) => filter.account === "" || finding.account === filter.account,
    region: (finding) => filter.region === "" || finding.region === filter.region,
    service: (finding) => filter.service === "" || finding.service === filter.service,
    framework: (finding) => filter.framework === "" || finding.frameworks.has(filter.framework),
    rule: (finding) => filter.rule === "" || finding.rule === filter.rule,
  };
  const tests = FACETS.map((facet) => passes[facet]);
  const counts = Object.fromEntries(FACETS.map((facet) => [facet, new Map()]));
  const found = [];
  // Which frameworks a finding is of depends on its rule alone: they are counted by rule first.
  const keys = FACETS.map((facet) => (facet === "framework" ? "rule" : facet));
  const count = (at, finding) => {
    const facet = counts[FACETS[at]];
    const value = finding[keys[at]];
    facet.set(value, (facet.get(value) ?? 0) + 1);
  };
  for (const finding of model.findings) {
    let failed = -1;
    let failures = 0;
    for (let at = 0; at < tests.length && failures < 2; at += 1) {
      if (tests[at](finding)) continue;
      failed = at;
      failures += 1;
    }
    // Text is looked through last, and only where it can make a difference.
    if (failures > 1 || !words.every((word) => finding.words.includes(word))) continue;
    if (failures === 0) {
      found.push(finding);
      for (let at = 0; at < FACETS.length; at += 1) count(at, finding);
    } else {
      count(failed, finding);
    }
  }
  const byFramework = new Map();
  for (const [rule, number] of counts.framework) {
    for (const framework of model.frameworksOf.get(rule) ?? []) byFramework.set(framework, (byFramework.get(framework) ?? 0) + number);
  }
  counts.framework = byFramework;
  return { found, counts };
}
