// Making elements. Text reaches the page here and nowhere else, and only as text: no markup is ever made of data.

const SVG = "http://www.w3.org/2000/svg";

function attach(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

// An element with attributes and children; what is undefined, null or false is left out.
function el(name, attributes = {}, ...children) {
  return attach(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return attach(document.createElementNS(SVG, name), attributes, children);
}

// A link out of the page. Anything but https is shown as text: a rule may come from anywhere.
function outward(address, text = address) {
  if (!/^https:\/\/[^\s]+$/.test(address)) return el("span", {}, text);
  return el("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, text);
}

function byId(id) {
  return document.getElementById(id);
}
