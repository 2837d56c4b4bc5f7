// The posture at a glance.

const PLACES = 8;
const WORST = 6;

function overview(model) {
  const open = model.findings.filter(isOpen);
  const counts = bySeverity(open);
  const checks = standings(model, () => "all").get("all") ?? NOTHING;
  const grid = el("div", { class: "overview" }, tiles(counts));
  if (judged(checks) > 0) grid.append(share(checks));
  grid.append(times(model));
  grid.append(trend(model));
  if (open.length > 0) grid.append(worst(open, model));
  grid.append(places(model, open, "account", "Accounts"), places(model, open, "service", "Services"));
  return [el("div", { class: "hero" }, heading(headline(counts, open.length)), el("p", {}, scope(model, open, checks))), grid];
}

function headline([critical, high], open) {
  if (critical > 0 && high > 0) return `${grouped(critical)} critical and ${grouped(high)} high findings are open`;
  if (critical > 0) return `${counted(critical, "critical finding")} ${critical === 1 ? "is" : "are"} open`;
  if (high > 0) return `${counted(high, "high finding")} ${high === 1 ? "is" : "are"} open`;
  if (open > 0) return "Nothing critical or high is open";
  return "Nothing is open";
}

function scope(model, open, checks) {
  const places = [...model.tallies, ...model.findings];
  const accounts = new Set(places.map((one) => one.account)).size;
  const regions = new Set(places.map((one) => one.region)).size;
  if (accounts === 0) return "Nothing was scanned yet, and no event was judged. Run trailpost scan, or trailpost detect.";
  const unknown = checks.unknown > 0 ? ` ${counted(checks.unknown, "judgement")} could not be made and count as unknown, never as clean.` : "";
  return `${counted(open.length, "open finding")} in ${counted(accounts, "account")} and ${counted(regions, "region")}.${unknown}`;
}

function tiles(counts) {
  return el("div", { class: "tiles whole" }, SEVERITIES.map((severity, at) =>
    el("a", { class: `tile tone-${severity.id}${counts[at] ? "" : " is-none"}`, href: findingsAddress({ severity: severity.id }) },
      severityMark(severity.id), el("strong", {}, grouped(counts[at])))));
}

function share(checks) {
  const sure = checks.clean + checks.finding + checks.muted;
  const parts = [["clean", checks.clean], ["finding", checks.finding + checks.muted], ["unknown", checks.unknown]];
  return el("section", { class: "card share" }, el("h2", {}, "What checks say"),
    el("p", { class: "figure" }, percent(checks.clean, sure), el("small", {}, " clean")),
    bar(parts),
    el("ul", { class: "legend" }, parts.map(([word, count]) =>
      el("li", { class: `fill-${word}` }, el("b", {}, grouped(count)), ` ${word}${word === "finding" && count !== 1 ? "s" : ""}`))));
}

function times(model) {
  const { detect, resolve, exposure } = spans(model);
  const one = (word, { value }) => el("div", {}, el("dt", {}, word), el("dd", {}, span(value)));
  const known = exposure.count > 0 || detect.count > 0;
  return card("How fast",
    el("dl", { class: "spans" }, one("to detect", detect), one("to resolve", resolve), one("exposed", exposure)),
    el("p", { class: "soft small" }, known
      ? `Medians, of ${counted(detect.count, "finding")} with a known call and ${grouped(resolve.count)} that were resolved.`
      : "Times are known once a call is seen to cause a finding, or to end one."));
}

function worst(open, model) {
  const row = (finding) => el("li", {}, el("a", { href: findingAddress(finding) },
    severityMark(finding.severity),
    el("span", {}, el("b", {}, finding.title), el("span", { class: "soft small" }, finding.message || finding.about)),
    el("span", { class: "soft small when" }, ago(finding.since, model.made))));
  const section = card("Look at these first", el("ul", { class: "worst" }, open.slice(0, WORST).map(row)));
  section.classList.add("whole");
  return section;
}

// Accounts, or services, the worst first.
function places(model, open, key, title) {
  const standing = standings(model, (one) => one[key]);
  const groups = grouping(open, (finding) => finding[key]);
  const rows = [...new Set([...groups.keys(), ...standing.keys()])].map((name) => {
    const counts = bySeverity(groups.get(name) ?? []);
    const { clean, finding, muted } = standing.get(name) ?? NOTHING;
    return { name, counts, clean, sure: clean + finding + muted, total: groups.get(name)?.length ?? 0 };
  });
  rows.sort((a, b) => {
    for (let at = 0; at < a.counts.length; at += 1) if (a.counts[at] !== b.counts[at]) return b.counts[at] - a.counts[at];
    return natural(a.name, b.name);
  });
  if (rows.length === 0) return card(title, el("p", { class: "soft" }, "None yet."));
  const line = (row) => el("tr", {},
    el("td", {}, row.total ? el("a", { href: findingsAddress({ [key]: row.name }) }, row.name || "(none)") : row.name || "(none)"),
    el("td", { class: "mix" }, severityBar(row.counts), el("span", { class: "unseen" }, severityWords(row.counts))),
    el("td", { class: "number" }, grouped(row.total)),
    el("td", { class: "number" }, percent(row.clean, row.sure)));
  const head = (word, number) => el("th", { scope: "col", class: number && "number" }, word);
  const section = card(title,
    el("table", { class: "places" },
      el("thead", {}, el("tr", {}, head(title.slice(0, -1)), head("By severity"), head("Open", true), head("Clean", true))),
      el("tbody", {}, rows.slice(0, PLACES).map(line))),
    rows.length > PLACES && el("p", { class: "soft small" }, `and ${grouped(rows.length - PLACES)} more`));
  section.classList.add("place");
  return section;
}
