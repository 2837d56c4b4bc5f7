// Where in the page one is: the part of the address behind the hash, so that every view is a link.

function readRoute() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = path.split("/");
  const known = ["findings", "finding", "compliance"];
  return {
    view: known.includes(view) ? view : "overview",
    id: decoded(rest.join("/")),
    query: new URLSearchParams(query ?? ""),
  };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function findingsAddress(filter) {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  return query.size === 0 ? "#/findings" : `#/findings?${query}`;
}

function complianceAddress(framework, status) {
  return `#/compliance/${encodeURIComponent(framework.id)}${status ? `?status=${status}` : ""}`;
}

function findingAddress(finding) {
  return `#/finding/${encodeURIComponent(finding.id)}`;
}
