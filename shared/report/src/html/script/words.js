// How things are said: severities, times, spans, numbers.

const SEVERITIES = [
  { id: "critical", word: "Critical", symbol: "◆" },
  { id: "high", word: "High", symbol: "▲" },
  { id: "medium", word: "Medium", symbol: "●" },
  { id: "low", word: "Low", symbol: "○" },
  { id: "info", word: "Info", symbol: "·" },
];
const RANK = new Map(SEVERITIES.map((severity, rank) => [severity.id, rank]));
const STATUS_WORDS = { open: "Open", resolved: "Resolved", muted: "Muted" };
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function counted(number, one, several = one + "s") {
  return `${grouped(number)} ${number === 1 ? one : several}`;
}

// 12345 as 12,345.
function grouped(number) {
  return number.toLocaleString("en");
}

function percent(part, whole) {
  if (whole === 0) return "–";
  const share = (100 * part) / whole;
  // Never 100 % while something is left, nor 0 % while something is there.
  if (part < whole && share > 99) return "99 %";
  if (part > 0 && share < 1) return "1 %";
  return `${Math.round(share)} %`;
}

function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function shortDay(date) {
  return new Date(date + "T00:00:00Z").toLocaleDateString("en", { day: "numeric", month: "short", timeZone: "UTC" });
}

// 2026-11-25 08:14:02 UTC
function moment(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ") + " UTC";
}

function when(seconds) {
  return el("time", { datetime: new Date(seconds * 1000).toISOString() }, moment(seconds));
}

// A span in its two greatest units: 3 d 4 h, 12 min 5 s.
function span(seconds) {
  if (seconds === undefined || seconds === null) return "–";
  const units = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [1, "s"]];
  let rest = Math.max(0, Math.round(seconds));
  const said = [];
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) said.push(`${count} ${unit}`);
    else if (said.length > 0) break;
    if (said.length === 2) break;
  }
  return said.join(" ") || "0 s";
}

// How long before the report something was: 5 min, 3 h, 12 d.
function ago(seconds, now) {
  const past = Math.max(0, now - seconds);
  if (past < MINUTE) return "just now";
  const [size, unit] = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"]].find(([size]) => past >= size);
  return `${Math.floor(past / size)} ${unit} ago`;
}

// What a person calls a principal: the part of an ARN behind the account.
function shortName(arn) {
  const match = /^arn:[^:]*:[^:]*:[^:]*:[^:]*:(.+)$/.exec(arn);
  return match ? match[1] : arn;
}

function natural(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}
