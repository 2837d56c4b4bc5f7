// What keys do.

function beginKeys(app) {
  const help = byId("help");
  byId("help-open").addEventListener("click", () => help.showModal());
  const step = (by) => {
    if (app.route.view === "finding") {
      const { before, behind } = app.list.neighbours(app.route.id);
      const next = by > 0 ? behind : before;
      if (next) location.hash = findingAddress(next);
    } else if (app.route.view === "findings") {
      const { list } = app.list;
      const at = list.focused();
      list.focus(at < 0 ? 0 : Math.min(list.length() - 1, Math.max(0, at + by)));
    }
  };
  const actions = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    "/": () => {
      if (app.route.view !== "findings") app.go(app.list.address());
      app.list.search();
    },
    Escape: () => {
      if (app.route.view === "findings") app.list.escape();
      else if (app.route.view === "finding") location.hash = app.list.address();
    },
    t: switchTheme,
    "?": () => help.showModal(),
    1: () => app.go("#/"),
    2: () => app.go(app.list.address()),
    3: () => app.go("#/compliance"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const typing = event.target.matches("input, select, textarea");
    if (typing && event.key !== "Escape" && !(event.key === "ArrowDown" && event.target.type === "search")) return;
    // Arrows step from finding to finding; where no row has the focus they scroll, as everywhere.
    const isArrow = event.key.startsWith("Arrow");
    if (isArrow && !typing && (app.route.view !== "findings" || app.list.list.focused() < 0)) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
