"use strict";
(() => {
  const root = document.documentElement;
  const state = document.getElementById("live");
  const say = (text, lost) => {
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("is-lost", lost);
  };

  // What the reader has opened stays open, what has the focus keeps it: elements are changed, not replaced.
  const keyed = (node) => node.nodeType === 1 && (node.id || node.dataset.key);
  const mark = (node) => node.nodeName + (keyed(node) || "");
  const partner = (child, next) => {
    let found = next;
    while (found && mark(found) !== mark(child)) {
      if (keyed(found) && !keyed(child)) return null;
      found = found.nextSibling;
    }
    return found;
  };
  const isTheReaders = (node, name) => node.nodeName === "DETAILS" && name === "open";
  const dress = (old, fresh) => {
    for (const name of fresh.getAttributeNames()) {
      const value = fresh.getAttribute(name);
      if (old.getAttribute(name) !== value && !isTheReaders(old, name)) old.setAttribute(name, value);
    }
    for (const name of old.getAttributeNames()) {
      if (!fresh.hasAttribute(name) && !isTheReaders(old, name)) old.removeAttribute(name);
    }
  };
  const become = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== 1) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    dress(old, fresh);
    let next = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const found = partner(child, next);
      if (!found) {
        old.insertBefore(child, next);
        continue;
      }
      while (next !== found) {
        const gone = next;
        next = next.nextSibling;
        gone.remove();
      }
      become(found, child);
      next = found.nextSibling;
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  };

  let clocks = performance.now();
  const two = (value) => String(value).padStart(2, "0");
  const shown = (seconds) => {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const rest = two(seconds % 60);
    return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
  };
  setInterval(() => {
    const since = Math.floor((performance.now() - clocks) / 1000);
    for (const clock of document.querySelectorAll("[data-clock]")) {
      clock.textContent = shown(Number(clock.dataset.clock) + since);
    }
  }, 1000);

  const parts = ["main", "nav.toc", ".brand", ".foot"];
  let busy = false;
  let again = false;
  const update = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
      if (!answer.ok) throw new Error("refused");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts) {
        const [old, now] = [document.querySelector(part), fresh.querySelector(part)];
        if (old && now) become(old, now);
      }
      clocks = performance.now();
      document.title = fresh.title;
      root.dataset.version = fresh.documentElement.dataset.version;
      say("Live", false);
    } catch {
      say("Not updated any more", true);
    }
    busy = false;
    if (again) {
      again = false;
      update();
    }
  };

  // A browser has few connections to one server: a page that nobody looks at gives its own back.
  let stream = null;
  const listen = () => {
    if (stream) return;
    const path = location.pathname === "/" ? "" : location.pathname;
    stream = new EventSource(`${path}/changes?since=${root.dataset.version}`);
    stream.addEventListener("change", update);
    stream.onopen = () => say("Live", false);
    stream.onerror = () => say("Not updated any more", true);
  };
  const rest = () => {
    if (stream) stream.close();
    stream = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", () => document.hidden || listen());
})();
