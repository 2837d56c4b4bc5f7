// Acts and what they did: an event that a signature found, and the resources that its call made so.

// By event: the findings about events, and those about resources whose newest episode it is known to have caused.
function joinByEvent(findings) {
  const acts = new Map();
  const results = new Map();
  const add = (map, event, finding) => {
    if (!event) return;
    if (!map.has(event)) map.set(event, new Set());
    map.get(event).add(finding);
  };
  for (const finding of findings) {
    const cause = finding.episodes?.at(-1)?.cause;
    if (cause?.certainty === "exact") add(results, cause.calls[0].event, finding);
    if (finding.latest) add(acts, finding.latest.event, finding);
    for (const one of finding.occurrences ?? []) add(acts, one.event, finding);
  }
  return { acts, results };
}

function among(map, events) {
  return [...new Set(events.flatMap((event) => [...(map.get(event) ?? [])]))];
}

// Of a finding about events: what its calls made so, and whether it still is.
function resultsCard(model, finding) {
  if (finding.episodes || !finding.latest) return null;
  const events = [finding.latest, ...(finding.occurrences ?? [])].map((one) => one.event);
  const results = among(model.results, events);
  if (results.length === 0) return null;
  return card("What came of it", el("ul", { class: "joined" }, results.map((one) => el("li", {}, linkTo(one), resultLine(one)))));
}

function resultLine(finding) {
  const episode = finding.episodes.at(-1);
  const over = episode.resolved !== undefined;
  const words = over ? `over after ${span(episode.exposure)}, ${endLine(episode.fix)}` : "still so";
  return el("div", { class: over ? "soft small" : "small tone-high" }, words);
}

// Of a finding about a resource: what signatures said of the call that made it so.
function actsCard(model, finding) {
  const cause = finding.episodes?.at(-1)?.cause;
  if (cause?.certainty !== "exact") return null;
  const acts = among(model.acts, [cause.calls[0].event]);
  if (acts.length === 0) return null;
  return card("What signatures said of the call", el("ul", { class: "joined" }, acts.map((one) => el("li", {}, linkTo(one)))));
}

function linkTo(finding) {
  return el("div", {}, severityPill(finding.severity), " ", el("a", { href: findingAddress(finding) }, finding.title),
    finding.type && el("span", { class: "soft small" }, ` ${shortName(finding.about)}`));
}

// That somebody has dealt with it, and that it happened again since.
function closedCard(finding) {
  if (!finding.closed) return null;
  const { at, by, reason } = finding.closed;
  const again = finding.status !== "resolved";
  return card(again ? "Closed before, and it happened again" : "Closed", el("dl", { class: "who" },
    el("dt", {}, "By"), el("dd", {}, shortName(by)),
    el("dt", {}, "When"), el("dd", {}, when(at)),
    el("dt", {}, "Why"), el("dd", {}, reason)));
}
