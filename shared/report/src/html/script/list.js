// A list of any length: only the rows in sight are in the page. The window scrolls, so that every key that scrolls does.

const BEYOND_SIGHT = 8;
const ON_PAPER = 1000;

function rowList(makeRow, label) {
  const node = el("ul", { class: "list", "aria-label": label });
  const shown = new Map();
  let items = [];
  let printing = false;

  function height() {
    return Number(getComputedStyle(node).getPropertyValue("--row"));
  }

  function show() {
    if (!node.isConnected) return;
    const row = height();
    const top = window.scrollY - (node.getBoundingClientRect().top + window.scrollY);
    let from = Math.max(0, Math.floor(top / row) - BEYOND_SIGHT);
    let until = Math.min(items.length, Math.ceil((top + window.innerHeight) / row) + BEYOND_SIGHT);
    if (printing) [from, until] = [0, Math.min(items.length, ON_PAPER)];
    for (const [place, element] of shown) {
      const hasFocus = element.contains(document.activeElement);
      if ((place < from || place >= until) && !hasFocus) {
        element.remove();
        shown.delete(place);
      }
    }
    let before = null;
    for (let place = until - 1; place >= from; place -= 1) {
      let element = shown.get(place);
      if (!element) {
        element = el("li", { "aria-setsize": items.length, "aria-posinset": place + 1 }, makeRow(items[place], place));
        element.style.transform = `translateY(${place * row}px)`;
        shown.set(place, element);
        node.insertBefore(element, before);
      }
      before = element;
    }
  }

  function set(next) {
    items = next;
    for (const element of shown.values()) element.remove();
    shown.clear();
    node.style.height = `${items.length * height()}px`;
    node.hidden = items.length === 0;
    show();
  }

  // Brings a row into sight and gives it the focus.
  function focus(place) {
    if (place < 0 || place >= items.length) return;
    const row = height();
    const top = node.getBoundingClientRect().top + window.scrollY + place * row;
    const head = document.querySelector(".frame-header").offsetHeight;
    if (top < window.scrollY + head) window.scrollTo(0, top - head - 8);
    else if (top + row > window.scrollY + window.innerHeight) window.scrollTo(0, top + row - window.innerHeight + 8);
    show();
    shown.get(place)?.firstElementChild.focus({ preventScroll: true });
  }

  // The row that has the focus, or -1.
  function focused() {
    for (const [place, element] of shown) if (element.contains(document.activeElement)) return place;
    return -1;
  }

  function print(begins) {
    printing = begins;
    show();
  }

  return { node, set, show, focus, focused, print, length: () => items.length, relayout: () => set(items) };
}
