// Why a finding is one: who, by which call, from where, what it changed, and which conditions turned.

function causeCard(finding) {
  const episode = finding.episodes?.at(-1);
  if (!episode) {
    if (!finding.latest) return null;
    const attempt = finding.outcome === "attempt";
    return card(attempt ? "Who tried" : "Who did it",
      culpritFacts({ ...finding.latest }),
      finding.latest.error && el("p", { class: "soft sub" }, `The call was refused: ${finding.latest.error}`));
  }
  const { cause } = episode;
  return card("Cause", causeWords(cause), cause.calls?.map((culprit) => el("div", { class: "culprit" }, culpritFacts(culprit), chain(culprit))),
    cause.changes?.length > 0 && [el("h3", { class: "sub" }, cause.certainty === "before" ? "What makes it so" : "What changed"), diff(cause.changes, cause.more)],
    cause.conditions?.length > 0 && [el("h3", { class: "sub" }, "Conditions that turned"), el("ul", { class: "conditions" }, cause.conditions.map((one) => el("li", {}, one)))]);
}

function causeWords({ certainty, calls = [], between }) {
  const where = between && ["between ", when(between[0]), " and ", when(between[1])];
  if (certainty === "exact") return null;
  if (certainty === "several") return el("p", { class: "soft" }, `One of ${calls.length} calls did it.`);
  if (certainty === "none") return el("p", {}, "It changed ", where, where && ", and ", where ? "no event explains it." : "No event explains it.");
  return el("p", {}, "It was so when it was seen first. Who made it so is not known.");
}

function culpritFacts({ call, time, event, actor }) {
  const fact = (word, ...value) => value.some(Boolean) && [el("dt", {}, word), el("dd", {}, value)];
  const mfa = { true: "with MFA", false: "without MFA" }[actor.mfa];
  return el("dl", { class: "who" },
    fact("Who", el("span", {}, el("b", {}, shortName(actor.who) || "unknown"), actor.session && ` as ${actor.session}`),
      el("span", { class: "soft small" }, [actor.kind, mfa].filter(Boolean).length > 0 && ` · ${[actor.kind, mfa].filter(Boolean).join(", ")}`)),
    fact("Call", call && el("code", {}, call)),
    fact("When", when(time)),
    fact("From", actor.ip && el("span", { class: "mono" }, actor.ip), actor.agent && el("span", { class: "soft small" }, ` ${actor.agent}`)),
    fact("Via", actor.via),
    fact("Principal", actor.who.startsWith("arn:") && el("span", { class: "mono" }, actor.who)),
    fact("Access key", actor.key && el("span", { class: "mono" }, actor.key)),
    fact("Event", event && el("span", { class: "mono" }, event)));
}

// The sessions behind the caller, from the one who opened the first to the call.
function chain({ chain: hops, call, actor }) {
  if (!hops?.length) return null;
  const opened = [...hops].reverse().map((hop) => el("li", {},
    el("b", {}, shortName(hop.actor.who)), " opened a session of ", el("b", {}, shortName(hop.role)),
    el("span", { class: "soft small" }, " · ", when(hop.time), hop.actor.ip && ` from ${hop.actor.ip}`)));
  return [el("h3", { class: "sub" }, "How they got there"),
    el("ol", { class: "chain" }, opened, el("li", {}, el("b", {}, shortName(actor.who)), " called ", el("code", {}, call)))];
}

// Who ended something, in one line: what was so when it was seen first did not end by that.
function endLine(fix) {
  return causeLine(fix?.certainty === "before" ? undefined : fix);
}

// Who caused something, in one line.
function causeLine(cause) {
  const [first] = cause?.calls ?? [];
  if (cause?.certainty === "exact" && first) return `by ${shortName(first.actor.who)} with ${first.call}`;
  if (cause?.certainty === "several") return `by one of ${cause.calls.map((one) => one.call).join(", ")}`;
  if (cause?.certainty === "before") return "it was so when it was seen first";
  return "no event explains it";
}
