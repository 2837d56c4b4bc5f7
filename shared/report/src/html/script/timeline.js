// The life of the resource: calls, changes, and when its findings opened and were resolved.

function timelineCard(model, finding) {
  const lines = finding.life === undefined ? occurrences(finding) : life(model, finding);
  if (lines.length === 0) return null;
  // Of what happened at the same time the cause comes before what it caused; the newest is first.
  lines.sort((a, b) => b.time - a.time || b.order - a.order);
  return card(finding.life === undefined ? "Times it was seen" : "Timeline of the resource",
    el("ol", { class: "timeline" }, lines.map(({ time, tone, mark, what }) =>
      el("li", { class: `tone-${tone}`, "data-mark": mark }, when(time), what))));
}

function occurrences(finding) {
  return (finding.occurrences ?? []).map((one) => ({
    time: one.time, order: 0, tone: one.error ? "medium" : "critical", mark: one.error ? "?" : "!",
    what: el("div", {}, el("code", {}, one.call), one.error && ` refused: ${one.error}`, actorLine(one.actor)),
  }));
}

function life(model, finding) {
  const lines = model.lives[finding.life].map((one) => (one.kind === "call" ? callLine(one) : changeLine(one)));
  for (const other of model.findings) {
    if (other.life !== finding.life) continue;
    for (const episode of other.episodes ?? []) {
      lines.push(turnLine(other, finding, episode.opened, "opened", episode.cause));
      if (episode.resolved !== undefined) lines.push(turnLine(other, finding, episode.resolved, "resolved", episode.fix));
    }
  }
  return lines;
}

function actorLine(actor) {
  const said = [shortName(actor.who), actor.session && `as ${actor.session}`, actor.ip && `from ${actor.ip}`].filter(Boolean);
  return el("div", { class: "soft small" }, said.join(" "));
}

function callLine({ time, call, outcome, error, actor }) {
  const refused = outcome === "attempt";
  return { time, order: 0, tone: refused ? "medium" : "low", mark: refused ? "?" : "→",
    what: el("div", {}, el("code", {}, call), refused && ` refused: ${error || "it failed"}`, actorLine(actor)) };
}

function changeLine({ time, turn, related, cause, patch }) {
  const words = { appeared: "It appeared", changed: related ? "What others say of it changed" : "It changed", vanished: "It is gone" };
  return { time, order: 1, tone: "info", mark: "Δ",
    what: el("div", {}, `${words[turn]}; ${causeLine(cause)}`,
      patch.changes && el("details", {}, el("summary", {}, counted(patch.changes.length + (patch.more ?? 0), "change")), diff(patch.changes, patch.more))) };
}

function turnLine(other, finding, time, turn, cause) {
  const title = other === finding ? el("b", {}, other.title) : el("a", { href: findingAddress(other) }, other.title);
  const opened = turn === "opened";
  return { time, order: 2, tone: opened ? other.severity : "good", mark: opened ? "!" : "✓",
    what: el("div", {}, title, ` ${turn}`, el("div", { class: "soft small" }, opened ? causeLine(cause) : endLine(cause))) };
}
