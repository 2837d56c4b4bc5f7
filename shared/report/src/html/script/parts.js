// Pieces that several views show.

function severityMark(id) {
  const { word, symbol } = SEVERITIES[RANK.get(id)];
  return el("span", { class: `severity tone-${id}` }, el("i", { "aria-hidden": "true" }, symbol), word);
}

function pill(tone, symbol, word) {
  return el("span", { class: `pill tone-${tone}` }, el("span", { "aria-hidden": "true" }, symbol), word);
}

function statusPill(finding) {
  if (finding.status === "open") return pill("high", "●", "Open");
  if (finding.status === "muted") return pill("muted", "–", "Muted");
  if (finding.closed) return pill("good", "✓", "Closed");
  return pill("good", "✓", ({
    gone: "Resolved: the resource is gone",
    withdrawn: "Withdrawn: a read shows that it is not so",
    unconfirmed: "Withdrawn: the resource could not be read in time",
  })[finding.resolution] ?? "Resolved");
}

// A bar of parts; words beside it say the same, so it is hidden from readers.
function bar(parts) {
  const whole = parts.reduce((sum, [, size]) => sum + size, 0);
  const node = el("div", { class: "bar", "aria-hidden": "true" });
  for (const [fill, size] of parts) {
    if (size === 0) continue;
    const part = el("span", { class: `fill-${fill}` });
    part.style.flex = `${size / whole} 1 0`;
    node.append(part);
  }
  return node;
}

function severityBar(counts) {
  return bar(SEVERITIES.map((severity, at) => [severity.id, counts[at]]));
}

// 2 critical, 5 high
function severityWords(counts) {
  const said = SEVERITIES.map((severity, at) => counts[at] && `${grouped(counts[at])} ${severity.id}`).filter(Boolean);
  return said.join(", ") || "none";
}

function empty(title, text, ...more) {
  return el("div", { class: "card empty" }, el("h2", {}, title), el("p", {}, text), more);
}

function heading(text) {
  return el("h1", { tabindex: "-1" }, text);
}

function card(title, ...children) {
  return el("section", { class: "card" }, el("h2", {}, title), children);
}

// What may be wider than the page, and scrolls by itself: keys reach it too.
function scrolling(label, ...children) {
  return el("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": label }, children);
}

// JSON in lines, where it is more than fits into one; what was cut stays as it is.
function laidOut(json) {
  if (json.length < 60) return json;
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

// A change of a document, as what was there and what is there.
function diff(changes, more) {
  if (!changes?.length) return null;
  const words = { add: "added", remove: "removed", replace: "changed" };
  const line = (change) => el("li", {},
    el("span", { class: "path" }, `${change.path || "/"} `, el("span", { class: "unseen" }, words[change.op] ?? change.op)),
    change.was !== undefined && el("del", { class: "was" }, `− ${laidOut(change.was)}`),
    change.now !== undefined && el("ins", { class: "now" }, `+ ${laidOut(change.now)}`),
  );
  return [
    el("ul", { class: "diff" }, changes.map(line)),
    more > 0 && el("p", { class: "soft small" }, `… and ${counted(more, "more change")}`),
  ];
}
