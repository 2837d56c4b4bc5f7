// One finding, whole.

function findingView(model, id, list) {
  const finding = model.byFinding.get(id);
  if (!finding) {
    return [crumbs(list, {}), heading("No such finding"), el("p", { class: "soft" }, "This report does not hold the finding that the address names.")];
  }
  const rule = model.rules[finding.rule];
  return [
    crumbs(list, list.neighbours(id)),
    el("div", { class: "finding-head" },
      el("div", { class: "marks" }, severityPill(finding.severity), statusPill(finding), finding.provisional && provisionalPill(), finding.outcome === "attempt" && pill("info", "?", "Attempt: the call failed")),
      heading(finding.title),
      finding.message && finding.message !== finding.title && el("p", { class: "said" }, finding.message)),
    el("div", { class: "finding" },
      el("div", { class: "finding-body" },
        closedCard(finding), causeCard(finding), actsCard(model, finding), resultsCard(model, finding), why(rule),
        finding.status !== "resolved" && fixCard(rule, finding), endCard(model, finding), timelineCard(model, finding), episodesCard(finding)),
      el("div", { class: "finding-side" }, timesCard(finding, model), aboutCard(model, finding), referencesCard(rule))),
  ];
}

// Of what no read has confirmed yet.
function provisionalPill() {
  return pill("medium", "◌", "Provisional: no read has confirmed it");
}

function severityPill(id) {
  const { word, symbol } = SEVERITIES[RANK.get(id)];
  return pill(id, symbol, word);
}

function crumbs(list, { before, behind }) {
  return el("div", { class: "crumbs" },
    el("a", { href: list.address() }, "← All findings"),
    el("nav", { "aria-label": "Other findings" },
      before && el("a", { href: findingAddress(before), id: "previous" }, "Previous"),
      behind && el("a", { href: findingAddress(behind), id: "next" }, "Next")));
}

function why(rule) {
  if (!rule.why) return null;
  return card("Why it matters", el("p", { class: "prose" }, rule.why),
    rule.harmless && [el("h3", { class: "sub" }, "When it is harmless"), el("ul", { class: "prose soft" }, rule.harmless.map((one) => el("li", {}, one)))]);
}

function fixCard({ fix }, { cli = fix?.cli }) {
  if (!fix || (!fix.text && !fix.cli && !fix.terraform)) return null;
  const code = (title, text) => text && [el("h3", {}, title), el("pre", {}, el("code", {}, text.trim()))];
  const section = card("What to do", fix.text && el("p", { class: "prose" }, fix.text), code("AWS CLI", cli), code("Terraform", fix.terraform),
    /<[A-Za-z]/.test(cli ?? "") && el("p", { class: "soft small sub" }, "Put your own values in the place of what stands in <brackets>."));
  section.classList.add("fix");
  return section;
}

function endCard(model, finding) {
  const episode = finding.episodes?.at(-1);
  if (!episode || episode.resolved === undefined) return null;
  const fix = episode.fix;
  const change = model.lives[finding.life]?.find((one) => one.kind === "change" && one.time === episode.resolved && one.patch.changes);
  return card("How it ended",
    fix?.calls?.length ? fix.calls.map((culprit) => el("div", { class: "culprit" }, culpritFacts(culprit))) : el("p", {}, `Seen to be over; ${endLine(fix)}.`),
    change && [el("h3", { class: "sub" }, "What changed"), diff(change.patch.changes, change.patch.more)]);
}

function timesCard(finding, model) {
  const episode = finding.episodes?.at(-1);
  if (!episode) return null;
  const over = episode.resolved !== undefined;
  const soFar = model.made - (episode.cause.calls?.length === 1 ? episode.cause.calls[0].time : episode.opened);
  const line = (word, value) => el("div", {}, el("dt", {}, word), el("dd", {}, value));
  return card("Times", el("dl", { class: "stats" },
    line("Detected after", span(episode.detect)),
    line("Resolved after", over ? span(episode.resolve) : "still open"),
    line(over ? "Exposed for" : "Exposed so far", span(over ? episode.exposure : soFar))));
}

function aboutCard(model, finding) {
  const fact = (word, ...value) => value.some(Boolean) && el("div", {}, el("dt", {}, word), el("dd", {}, value));
  const tells = (framework) => framework.controls.filter((control) => control.checks.includes(finding.rule)).map((control) => control.id);
  const controls = model.frameworks.map((framework) => ({ framework, ids: tells(framework) })).filter(({ ids }) => ids.length > 0);
  return card("About", el("dl", { class: "facts" },
    fact(finding.type ? "Resource" : "Concerns", finding.about && el("span", { class: "mono" }, finding.about)),
    fact("Type", finding.type),
    fact("Account", finding.account),
    fact("Region", finding.region),
    fact("First seen", when(finding.first)),
    fact("Last seen", when(finding.last)),
    fact("Seen", finding.type ? null : counted(finding.count, "time")),
    fact("Controls", controls.length > 0 && el("ul", { class: "controls-of" }, controls.map(({ framework, ids }) =>
      el("li", {}, el("a", { href: complianceAddress(framework) }, frameworkName(framework)), ` ${ids.sort(natural).join(", ")}`)))),
    fact(finding.type ? "Check" : "Signature", el("a", { class: "mono", href: findingsAddress({ rule: finding.rule }) }, finding.rule)),
    fact("Finding", el("span", { class: "mono" }, finding.id))));
}

function referencesCard(rule) {
  const equivalents = Object.entries(rule.equivalents ?? {}).filter(([, ids]) => ids.length > 0);
  if (!rule.references && !rule.attack && equivalents.length === 0) return null;
  const attack = (id) => el("li", {}, outward(`https://attack.mitre.org/techniques/${id.replace(".", "/")}/`, `ATT&CK ${id}`));
  return card("References",
    el("ul", { class: "references" }, rule.references?.map((one) => el("li", {}, outward(one))), rule.attack?.map(attack)),
    equivalents.length > 0 && [el("h3", { class: "sub" }, "The same elsewhere"),
      el("dl", { class: "facts" }, equivalents.map(([tool, ids]) => el("div", {}, el("dt", {}, tool.replaceAll("_", " ")), el("dd", { class: "mono" }, ids.join(", ")))))]);
}

function episodesCard(finding) {
  if ((finding.episodes?.length ?? 0) < 2) return null;
  const row = (episode) => el("tr", {},
    el("td", {}, when(episode.opened)), el("td", {}, causeLine(episode.cause)),
    el("td", {}, episode.resolved === undefined ? "open" : when(episode.resolved)),
    el("td", {}, episode.resolved === undefined ? "" : endLine(episode.fix)),
    el("td", { class: "number" }, span(episode.exposure)));
  const head = ["Opened", "Why", "Resolved", "How", "Exposed"].map((word) => el("th", { scope: "col", class: word === "Exposed" && "number" }, word));
  return card("Episodes", scrolling("Episodes",
    el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, [...finding.episodes].reverse().map(row)))));
}
