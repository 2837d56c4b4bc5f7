// The page: takes the data, shows the view that the address names, and again when either changes.

function announce(text) {
  byId("announce").textContent = text;
}

const TITLES = { overview: "Overview", findings: "Findings", finding: "Finding", compliance: "Compliance" };

function begin() {
  const main = byId("main");
  const app = {
    model: null,
    route: readRoute(),
    list: null,
    go(address) {
      window.history.pushState(null, "", address);
      show();
    },
    // New data: what one looks at stays where it is.
    take(data) {
      const first = app.model === null;
      const before = first ? null : JSON.stringify(shownOf(app));
      app.model = readModel(data);
      if (first) {
        app.list.prepare();
        show();
      }
      else if (app.route.view === "findings") app.list.refresh();
      else if (JSON.stringify(shownOf(app)) !== before) redraw();
    },
  };
  app.list = findingsView(app);

  // What the present view shows, to tell whether it has to be drawn anew.
  function shownOf({ model, route }) {
    if (route.view !== "finding") return model.made;
    const finding = model.byFinding.get(route.id);
    return finding && [{ ...finding, frameworks: undefined }, model.lives[finding.life]];
  }

  function draw() {
    main.replaceChildren(...viewOf(app.route).filter(Boolean));
  }

  function viewOf({ view, id, query }) {
    if (view === "findings") return [app.list.node];
    if (view === "finding") return findingView(app.model, id, app.list);
    if (view === "compliance") return complianceView(app.model, id, query);
    return overview(app.model);
  }

  function redraw() {
    const top = window.scrollY;
    const focused = document.activeElement?.getAttribute("href");
    draw();
    window.scrollTo(0, top);
    if (focused) main.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function show() {
    if (app.model === null) return;
    const left = app.route.view;
    if (left === "findings" && main.contains(app.list.node)) app.list.leave();
    app.route = readRoute();
    const { view, id, query } = app.route;
    for (const link of document.querySelectorAll("[data-view]")) {
      const isHere = link.dataset.view === view || (view === "finding" && link.dataset.view === "findings");
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    draw();
    if (view === "findings") app.list.open(query);
    else window.scrollTo(0, 0);
    const title = view === "finding" ? app.model.byFinding.get(id)?.title : TITLES[view];
    document.title = `${title ?? TITLES[view]} · Trailpost`;
    // Whoever listens hears where they are.
    main.querySelector("h1")?.focus({ preventScroll: true });
  }

  beginTheme();
  beginKeys(app);
  window.addEventListener("hashchange", show);
  window.addEventListener("popstate", show);
  window.addEventListener("scroll", () => requestAnimationFrame(app.list.list.show), { passive: true });
  window.addEventListener("resize", () => app.route.view === "findings" && app.list.list.relayout());
  window.addEventListener("beforeprint", () => app.list.list.print(true));
  window.addEventListener("afterprint", () => app.list.list.print(false));

  const live = document.documentElement.dataset.live;
  if (live) {
    main.replaceChildren(el("p", { class: "soft" }, "Reading …"));
    beginLive(app, live);
  } else {
    const data = readEmbedded();
    byId("freshness").textContent = `As of ${moment(data.made)}`;
    app.take(data);
  }
}

begin();
