// The site's own script. Pages read whole without it. Loaded in the head: the chosen theme applies before the first paint.
// Further scripts (finder, tables, compare) take what they need from the global `kb`.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* private mode: the choice lasts for this page */ } },
  };
  const theme = store.get("kb-theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;

  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const say = (words) => { const box = $("_said"); if (box) box.textContent = words; };

  /** Make an element with text, attributes and children; text never becomes markup. */
  function make(name, { text, ...attributes } = {}, ...children) {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function switchTheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme || (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    store.set("kb-theme", root.dataset.theme);
  }

  /** Copy text; where the clipboard is closed, select it so that the reader can. */
  async function copy(text, element) {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
      return true;
    } catch {
      if (element) getSelection().selectAllChildren(element);
      say("Selected: copy with the keyboard");
      return false;
    }
  }

  /** A CSV cell; text that a spreadsheet would run as a formula gets a leading apostrophe. */
  function cell(value) {
    let text = value === null || value === undefined ? "" : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function download(name, rows) {
    const text = "\ufeff" + rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type: "text/csv" })) });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  /** State in the address: `#v1&q=words&marker=nk-cell-count&sort=year`. */
  function readHash() {
    const state = new Map();
    const parts = location.hash.slice(1).split("&");
    if (parts.shift() !== "v1") return state;
    for (const part of parts) {
      const cut = part.indexOf("=");
      if (cut < 1) continue;
      let value;
      try { value = decodeURIComponent(part.slice(cut + 1)); } catch { continue; }
      const key = part.slice(0, cut);
      state.set(key, [...(state.get(key) || []), value]);
    }
    return state;
  }

  const encode = (text) => encodeURIComponent(text).replaceAll("%20", "+").replaceAll("+", "%20");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /** Studies set aside for comparison: at most six ids, kept in this browser. */
  const basket = {
    most: 6,
    list() { return (store.get("kb-compare") || "").split(" ").filter(Boolean); },
    has(id) { return this.list().includes(id); },
    toggle(id) {
      const now = this.list();
      const next = now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-this.most);
      store.set("kb-compare", next.join(" "));
      const full = next.includes(id) && now.length === this.most;
      say(full ? `Added; a comparison holds ${this.most}, so the first was taken out` : next.includes(id) ? "Added to the comparison" : "Taken out of the comparison");
      showBasket();
    },
  };

  function showBasket() {
    const chosen = basket.list();
    for (const link of all("a[data-basket]")) {
      link.href = link.href.split("#")[0] + (chosen.length ? `#v1&${chosen.map((id) => `s=${encode(id)}`).join("&")}` : "");
      link.textContent = chosen.length ? `Compare ${chosen.length}` : "Compare";
    }
    for (const box of all("input[data-compare]")) box.checked = chosen.includes(box.dataset.compare);
    for (const button of all("button[data-compare]")) {
      const on = basket.has(button.dataset.compare);
      button.setAttribute("aria-pressed", on);
      button.textContent = on ? "In the comparison" : "Add to comparison";
    }
  }

  function homeSearch(box) {
    const go = () => { location.href = `${box.dataset.finder}#v1${box.value.trim() ? `&q=${encode(box.value.trim())}` : ""}`; };
    box.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
    $("_go").addEventListener("click", go);
  }

  // A page that the browser kept shows what has been set aside since.
  addEventListener("pageshow", showBasket);
  globalThis.kb = { $, all, make, say, copy, download, readHash, encode, fold, store, basket, showBasket };

  addEventListener("DOMContentLoaded", () => {
    $("_theme").addEventListener("click", switchTheme);
    for (const button of all("[data-copy]")) button.addEventListener("click", () => copy($(button.dataset.copy).textContent, $(button.dataset.copy)));
    const box = $("_q");
    if (box && box.dataset.finder) homeSearch(box);
    for (const button of all("button[data-compare]")) button.addEventListener("click", () => basket.toggle(button.dataset.compare));
    for (const link of all("a.perma")) link.addEventListener("click", () => copy(link.href));
    showBasket();
    addEventListener("keydown", (event) => {
      if (event.key === "/" && box && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) { event.preventDefault(); box.focus(); }
    });
  });
})();
