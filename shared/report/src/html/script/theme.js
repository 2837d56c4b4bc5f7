// Light or dark: as the system says, until somebody chooses.

const THEME_KEY = "trailpost-theme";
const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

function keptTheme() {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : systemIsDark.matches;
}

function showTheme() {
  const next = isDark() ? "light" : "dark";
  const button = byId("theme");
  button.textContent = isDark() ? "☀" : "☾";
  button.setAttribute("aria-label", `Switch to ${next}`);
  button.title = `Switch to ${next} (t)`;
}

function switchTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem(THEME_KEY, document.documentElement.dataset.theme);
  } catch {
    // Some browsers keep nothing for a file; then the choice lasts as long as the page.
  }
  showTheme();
}

function beginTheme() {
  const kept = keptTheme();
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  systemIsDark.addEventListener("change", showTheme);
  byId("theme").addEventListener("click", switchTheme);
  showTheme();
}
