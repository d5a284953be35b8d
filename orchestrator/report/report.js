"use strict";
(() => {
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);

  const theme = find("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));
  const turnTheme = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    showTheme();
  };
  theme.addEventListener("click", turnTheme);
  dark.addEventListener("change", showTheme);
  showTheme();

  const split = find("split");
  const turnSplit = () => {
    if (!split) return;
    const on = root.classList.toggle("split");
    split.setAttribute("aria-pressed", String(on));
  };
  if (split) split.addEventListener("click", turnSplit);

  const help = find("help");
  const showHelp = () => (help.open ? help.close() : help.showModal());
  find("keys").addEventListener("click", showHelp);
  find("close").addEventListener("click", showHelp);

  const all = () => [...document.querySelectorAll("details.attempt > summary, details.before > summary, a.run-link")];
  const go = (step) => {
    const attempts = all();
    if (!attempts.length) return;
    const inside = document.activeElement && document.activeElement.closest("details.attempt, details.before, a.run-link");
    const now = inside ? attempts.indexOf(inside.querySelector("summary") || inside) : -1;
    const next = now < 0 && step < 0 ? attempts.length - 1 : now + step;
    const there = attempts[Math.min(Math.max(next, 0), attempts.length - 1)];
    there.focus({ preventScroll: true });
    there.scrollIntoView({ block: "nearest" });
  };

  const keys = { j: () => go(1), k: () => go(-1), s: turnSplit, d: turnTheme, "?": showHelp };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (help.open && event.key !== "?") return;
    const chosen = all().includes(document.activeElement);
    const arrows = chosen ? { ArrowDown: keys.j, ArrowUp: keys.k } : {};
    const act = keys[event.key] || arrows[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((one) => (one.open = true));
  });
  addEventListener("afterprint", () => {
    opened.forEach((one) => (one.open = false));
    opened = [];
  });
})();
