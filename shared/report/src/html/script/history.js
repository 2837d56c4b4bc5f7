// What opened and was resolved when.

const DAYS = 30;

// The last days, each with what opened, what was resolved, and what was open at its end.
function history(model) {
  const opened = new Map();
  const resolved = new Map();
  const add = (days, seconds) => days.set(day(seconds), (days.get(day(seconds)) ?? 0) + 1);
  for (const finding of model.findings) {
    const closed = finding.status === "resolved" ? finding.closed?.at : undefined;
    for (const episode of finding.episodes ?? [{ opened: finding.first, resolved: closed }]) {
      add(opened, episode.opened);
      if (episode.resolved !== undefined) add(resolved, episode.resolved);
    }
  }
  const days = [];
  let open = model.findings.filter(isOpen).length;
  for (let back = 0; back < DAYS; back += 1) {
    const date = day(model.made - back * DAY);
    const one = { date, opened: opened.get(date) ?? 0, resolved: resolved.get(date) ?? 0, open };
    open += one.resolved - one.opened;
    days.unshift(one);
  }
  return { days, known: new Set([...opened.keys(), ...resolved.keys()]).size };
}

function median(numbers) {
  const sorted = numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
  return { count: sorted.length, value: sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : undefined };
}

// The times that count, over all episodes.
function spans(model) {
  const episodes = model.findings.flatMap((finding) => finding.episodes ?? []);
  const of = (name) => median(episodes.map((episode) => episode[name]));
  return { detect: of("detect"), resolve: of("resolve"), exposure: of("exposure") };
}
