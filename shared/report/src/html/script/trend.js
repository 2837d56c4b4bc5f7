// Findings opened and resolved by day: bars up and down from a line, and the same as a table.

function trend(model) {
  const { days, known } = history(model);
  const sum = (name) => days.reduce((total, one) => total + one[name], 0);
  const section = el("section", { class: "card trend whole" },
    el("div", { class: "trend-head" },
      el("h2", {}, `The last ${DAYS} days`),
      el("ul", { class: "legend" },
        el("li", { class: "fill-opened" }, el("b", {}, grouped(sum("opened"))), " opened"),
        el("li", { class: "fill-resolved" }, el("b", {}, grouped(sum("resolved"))), " resolved")),
    ),
  );
  if (known === 0) {
    section.append(el("p", { class: "soft" }, "There is no history yet. Every scan and every event adds to it."));
    return section;
  }
  section.append(chart(days, `${sum("opened")} findings opened and ${sum("resolved")} resolved in ${DAYS} days`), table(days));
  if (known === 1) {
    section.append(el("p", { class: "soft small" }, "All that is known is of one day. The next scans and events show where it goes."));
  }
  return section;
}

function chart(days, label) {
  const [wide, high, left] = [1080, 150, 34];
  const up = Math.max(1, ...days.map((one) => one.opened));
  const down = Math.max(0, ...days.map((one) => one.resolved));
  const room = high - 34;
  // What is small beside the greatest stays to be seen.
  const tall = (count) => (count === 0 ? 0 : Math.max(3, (count / (up + down)) * room));
  const zero = 8 + (up / (up + down)) * room;
  const step = (wide - left) / days.length;
  const node = svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": label });
  node.append(
    svg("line", { class: "grid", x1: left, x2: wide, y1: zero - tall(up), y2: zero - tall(up) }),
    svg("text", { x: left - 8, y: zero - tall(up) + 4, "text-anchor": "end" }, grouped(up)),
    down > 0 && svg("line", { class: "grid", x1: left, x2: wide, y1: zero + tall(down), y2: zero + tall(down) }),
    down > 0 && svg("text", { x: left - 8, y: zero + tall(down) + 4, "text-anchor": "end" }, grouped(down)),
  );
  days.forEach((one, at) => {
    const x = left + at * step + step * 0.2;
    const about = svg("title", {}, `${shortDay(one.date)}: ${one.opened} opened, ${one.resolved} resolved, ${one.open} open at the end`);
    node.append(svg("g", {}, about,
      svg("rect", { x: x - step * 0.2, y: 0, width: step, height: high - 18, fill: "transparent" }),
      svg("rect", { class: "opened", x, y: zero - tall(one.opened), width: step * 0.6, height: tall(one.opened), rx: 2 }),
      svg("rect", { class: "resolved", x, y: zero, width: step * 0.6, height: tall(one.resolved), rx: 2 })));
    if ((days.length - 1 - at) % 7 === 0) {
      node.append(svg("text", { x: x + step * 0.3, y: high - 4, "text-anchor": "middle" }, shortDay(one.date)));
    }
  });
  node.append(svg("line", { class: "axis", x1: left, x2: wide, y1: zero, y2: zero }));
  return node;
}

function table(days) {
  const rows = days.filter((one) => one.opened > 0 || one.resolved > 0).reverse();
  const number = (value) => el("td", { class: "number" }, grouped(value));
  return el("details", {}, el("summary", {}, "As a table"),
    el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Day"),
        ["Opened", "Resolved", "Open at the end"].map((word) => el("th", { scope: "col", class: "number" }, word)))),
      el("tbody", {}, rows.map((one) =>
        el("tr", {}, el("td", {}, one.date), number(one.opened), number(one.resolved), number(one.open))))));
}
