// Framework, its controls, the checks that tell of them, and what they say.

const CONTROL_ORDER = ["fail", "unknown", "muted", "pass", "none"];

function complianceView(model, id, query) {
  const framework = model.frameworks.find((one) => one.id === id) ?? model.frameworks[0];
  if (!framework) {
    return [heading("Compliance"), empty("No frameworks", "This page was made of findings alone. trailpost report --html knows what every check says.")];
  }
  const byCheck = standings(model, (one) => one.check);
  const controls = framework.controls.map((control) => {
    const checks = control.checks.map((check) => ({ check, count: byCheck.get(check) ?? NOTHING }));
    return { ...control, checks, status: controlStatus(checks.map(({ count }) => count)) };
  }).sort((a, b) => natural(a.id, b.id));
  const counts = Object.fromEntries(CONTROL_ORDER.map((status) => [status, controls.filter((one) => one.status === status).length]));
  const chosen = CONTROL_ORDER.find((status) => status === query.get("status"));
  const shown = controls.filter((control) => !chosen || control.status === chosen);
  return [
    heading("Compliance"),
    el("nav", { class: "tabs", "aria-label": "Frameworks" }, model.frameworks.map((one) =>
      el("a", { href: complianceAddress(one), "aria-current": one === framework && "page" }, frameworkName(one)))),
    frameworkHead(framework, counts, controls.length),
    el("nav", { class: "tabs", "aria-label": "Status of controls" }, chip(framework, undefined, chosen, controls.length),
      CONTROL_ORDER.filter((status) => counts[status] > 0 || status === chosen).map((status) => chip(framework, status, chosen, counts[status]))),
    shown.length === 0 && empty("None", "No control of the framework has this status."),
    shown.length > 0 && el("ul", { class: "card controls" }, shown.map((control) => el("li", {}, controlRow(model, control)))),
  ];
}

// What a framework is called among others: CIS AWS 5.0.
function frameworkName({ id }) {
  return id.toUpperCase().replaceAll("-", " ");
}

// Narrows the controls to a status, or to none.
function chip(framework, status, chosen, count) {
  const { word, symbol } = status ? CONTROL_WORDS[status] : { word: "All", symbol: "" };
  return el("a", { href: complianceAddress(framework, status), "aria-current": status === chosen && "true" },
    symbol && el("span", { "aria-hidden": "true" }, `${symbol} `), `${word} `, el("span", { class: "soft" }, grouped(count)));
}

function named({ title, version }) {
  return title.includes(version) ? title : `${title} ${version}`;
}

function frameworkHead(framework, counts, total) {
  return el("section", { class: "card framework-head" },
    el("h2", {}, named(framework)),
    el("p", { class: "figure" }, grouped(counts.pass), el("small", {}, ` of ${counted(total, "control")} pass`)),
    bar(["pass", "muted", "fail", "unknown", "none"].map((status) => [status, counts[status]])),
    el("ul", { class: "legend" }, CONTROL_ORDER.filter((status) => counts[status] > 0).map((status) =>
      el("li", { class: `fill-${status}` }, el("b", {}, grouped(counts[status])), ` ${CONTROL_WORDS[status].word.toLowerCase()}`))),
    el("p", { class: "soft small sub" }, "What could not be read is unknown, and no control passes on it. The controls’ words are their publisher’s: ", outward(framework.source)));
}

function controlRow(model, control) {
  const { word, symbol, tone } = CONTROL_WORDS[control.status];
  const open = control.checks.reduce((sum, { count }) => sum + count.finding, 0);
  const titles = control.checks.map(({ check }) => model.rules[check]?.title ?? check);
  const summary = el("summary", {},
    el("span", {}, pill(tone, symbol, word)),
    el("span", { class: "control-id" }, control.id),
    el("span", { class: "titles" }, titles.join(" · ")),
    el("span", { class: "soft small" }, open > 0 ? counted(open, "finding") : ""));
  const details = el("details", {}, summary);
  // A framework has hundreds of checks: their table is made when one looks.
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(checksTable(model, control.checks));
  });
  return details;
}

function checksTable(model, checks) {
  const number = (value) => el("td", { class: "number" }, value > 0 ? grouped(value) : el("span", { class: "soft" }, "–"));
  const row = ({ check, count }) => {
    const { word, symbol, tone } = CONTROL_WORDS[controlStatus([count])];
    const title = model.rules[check]?.title ?? check;
    return el("tr", {}, el("td", {}, pill(tone, symbol, word)),
      el("td", {}, count.finding > 0 ? el("a", { href: findingsAddress({ rule: check }) }, title) : title),
      number(count.finding), number(count.clean), number(count.unknown), number(count.muted));
  };
  const head = (name, isNumber) => el("th", { scope: "col", class: isNumber && "number" }, name);
  return el("div", { class: "checks" }, scrolling("Checks of the control", el("table", {},
    el("thead", {}, el("tr", {}, head("Status"), head("Check"), ["Findings", "Clean", "Unknown", "Muted"].map((name) => head(name, true)))),
    el("tbody", {}, checks.map(row)))));
}
