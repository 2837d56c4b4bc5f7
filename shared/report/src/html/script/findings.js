// The list of findings. It lives as long as the page, so that coming back to it finds it as it was left.

const PICKS = [
  { facet: "status", label: "Status", all: "Any status", words: STATUS_WORDS },
  { facet: "account", label: "Account", all: "All accounts" },
  { facet: "region", label: "Region", all: "All regions" },
  { facet: "service", label: "Service", all: "All services" },
  { facet: "framework", label: "Framework", all: "All frameworks" },
];

function findingsView(app) {
  let filter = readFilter(new URLSearchParams());
  let found = [];
  let scrolled = 0;
  const title = heading("Findings");
  const input = el("input", { type: "search", "aria-label": "Search findings", placeholder: "Search by text, resource, account, caller, address …", autocomplete: "off", spellcheck: "false" });
  const toggles = el("div", { class: "narrow-row", role: "group", "aria-label": "Severity" });
  const picks = el("div", { class: "narrow-row" });
  const result = el("div", { class: "result" });
  const list = rowList(row, "Findings");
  const nothing = el("div");
  const node = el("div", {}, title,
    el("div", { class: "narrow", role: "search" }, el("div", { class: "narrow-row" }, el("div", { class: "search" }, input, el("kbd", { "aria-hidden": "true" }, "/"))), toggles, picks),
    result, list.node, nothing);

  const selects = new Map(PICKS.map(({ facet, label }) => {
    const select = el("select", { "aria-label": label, onchange: () => change({ [facet]: select.value }) });
    const pick = el("span", { class: "pick" }, select);
    picks.append(pick);
    return [facet, { select, pick }];
  }));
  const buttons = new Map(SEVERITIES.map(({ id }) => {
    const count = el("span", { class: "count" });
    const button = el("button", { type: "button", class: `toggle tone-${id}`, onclick: () => toggle(id) }, severityMark(id), count);
    toggles.append(button);
    return [id, { button, count }];
  }));
  input.addEventListener("input", () => change({ q: input.value }));

  function toggle(id) {
    const chosen = new Set(filter.severity.split(",").filter(Boolean));
    if (!chosen.delete(id)) chosen.add(id);
    change({ severity: SEVERITIES.map((severity) => severity.id).filter((one) => chosen.has(one)).join(",") });
  }

  // The filter is in the address, so that it can be kept and sent; typing makes no history.
  function change(part) {
    filter = { ...filter, ...part };
    replaceAddress(findingsAddress(filter));
    scrolled = 0;
    apply();
  }

  function apply() {
    const started = performance.now();
    const { found: next, counts } = narrowed(app.model, filter);
    found = next;
    if (input.value !== filter.q) input.value = filter.q;
    for (const { id } of SEVERITIES) {
      const { button, count } = buttons.get(id);
      button.setAttribute("aria-pressed", String(filter.severity.split(",").includes(id)));
      count.textContent = grouped(counts.severity.get(id) ?? 0);
    }
    for (const pick of PICKS) fill(pick, counts[pick.facet]);
    list.set(found);
    tellResult();
    node.dataset.filtered = (performance.now() - started).toFixed(1);
  }

  function fill({ facet, all, words = {} }, counts) {
    const { select, pick } = selects.get(facet);
    const chosen = facet === "status" ? filter.status || STATUS_AT_FIRST : filter[facet];
    const names = new Set(counts.keys());
    if (chosen && chosen !== "all") names.add(chosen);
    const title = (name) => words[name] ?? app.model.frameworks.find((one) => facet === "framework" && one.id === name)?.title ?? name;
    const option = (value, text) => el("option", { value, selected: value === chosen }, text);
    const version = (name) => app.model.frameworks.find((one) => facet === "framework" && one.id === name)?.version;
    const named = (name) => [title(name), version(name)].filter(Boolean).join(" ") || "(none)";
    select.replaceChildren(option(facet === "status" ? "all" : "", all),
      ...[...names].sort(natural).map((name) => option(name, `${named(name)} (${grouped(counts.get(name) ?? 0)})`)));
    pick.classList.toggle("is-set", facet === "status" ? chosen !== STATUS_AT_FIRST : chosen !== "");
    pick.hidden = names.size === 0;
  }

  function isNarrowed() {
    return ["q", ...FACETS].some((name) => filter[name]);
  }

  function clear() {
    filter = readFilter(new URLSearchParams());
    replaceAddress(findingsAddress(filter));
    scrolled = 0;
    apply();
  }

  function tellResult() {
    const over = found.length === app.model.findings.length ? "" : ` of ${grouped(app.model.findings.length)}`;
    const words = `${grouped(found.length)}${over} ${app.model.findings.length === 1 ? "finding" : "findings"}`;
    const rule = filter.rule && ` by the rule ${app.model.rules[filter.rule]?.title ?? filter.rule}`;
    result.replaceChildren(el("span", { id: "count" }, words + rule),
      found.length > ON_PAPER ? el("span", { class: "only-paper" }, `The first ${grouped(ON_PAPER)} are printed.`) : "",
      isNarrowed() ? el("button", { type: "button", class: "link", onclick: clear }, "Clear the filters") : "");
    announce(words);
    nothing.replaceChildren();
    if (found.length > 0) return;
    nothing.append(app.model.findings.length === 0
      ? empty("No findings", "Nothing was found yet: run trailpost scan, or trailpost detect.")
      : isNarrowed()
        ? empty("Nothing fits", "No finding fits the search and the filters.", el("button", { type: "button", class: "button", onclick: clear }, "Clear the filters"))
        : empty("Nothing is open", "Every finding is resolved.", el("button", { type: "button", class: "button", onclick: () => change({ status: "all" }) }, "Show what was resolved")));
  }

  function statusWord({ status, provisional, closed }) {
    if (closed && status === "resolved") return "Closed";
    return provisional && status === "open" ? "Provisional" : STATUS_WORDS[status] ?? status;
  }

  function row(finding) {
    const over = finding.status !== "open";
    return el("a", { href: findingAddress(finding), class: over && "is-over" },
      severityMark(finding.severity),
      el("span", { class: "lines" }, el("b", {}, finding.title), el("span", { class: "soft small" }, finding.message || finding.rule)),
      el("span", { class: "lines" }, el("span", { class: "mono" }, shortName(finding.about) || "–"), el("span", { class: "soft small" }, `${finding.account} · ${finding.region}`)),
      el("span", { class: "end lines" }, el("span", {}, statusWord(finding)), el("span", {}, ago(finding.since, app.model.made))));
  }

  return {
    node,
    list,
    title,
    open(query) {
      filter = readFilter(query);
      apply();
      window.scrollTo(0, scrolled);
      list.show();
    },
    leave() {
      scrolled = window.scrollY;
    },
    refresh() {
      const place = list.focused();
      const focused = place >= 0 ? found[place].id : undefined;
      apply();
      if (focused) list.focus(found.findIndex((finding) => finding.id === focused));
    },
    search() {
      input.focus();
      input.select();
    },
    // Esc: out of the search first, then out of the filters.
    escape() {
      if (document.activeElement === input) {
        if (input.value) change({ q: "" });
        input.blur();
      } else if (isNarrowed()) {
        clear();
      }
    },
    address: () => findingsAddress(filter),
    // What would be listed, for who comes to a finding by its address.
    prepare() {
      found = narrowed(app.model, filter).found;
    },
    // The findings before and behind one, as they are listed.
    neighbours(id) {
      const place = found.findIndex((finding) => finding.id === id);
      return place < 0 ? {} : { before: found[place - 1], behind: found[place + 1] };
    },
  };
}

// Puts an address into the place of the present one, without a step of history.
function replaceAddress(address) {
  window.history.replaceState(null, "", address);
}
