// Studies side by side. Each study's properties come from its own small script, which sets one entry of `kbStudies`.
"use strict";
(() => {
  const { $, make, copy, download, readHash, basket, store, showBasket, encode } = globalThis.kb;
  let chosen = [];
  let rows = [];

  /** Load a study's properties; an id is a file name, never more. */
  function load(id) {
    return new Promise((resolve) => {
      if (!/^[a-z0-9][a-z0-9.-]*$/.test(id)) { resolve(null); return; }
      const script = make("script", { src: `studies/${id}.js` });
      script.addEventListener("load", () => resolve(globalThis.kbStudies?.[id] ?? null));
      script.addEventListener("error", () => resolve(null));
      document.head.append(script);
    });
  }

  /** Rows in the order in which the studies name them, section by section; equal as `kb compare` has it. */
  function gather(studies) {
    const sections = [];
    const names = new Map();
    studies.forEach((study, at) => study.rows.forEach(([section, name, value, key]) => {
      if (!names.has(section)) { names.set(section, new Map()); sections.push(section); }
      const found = names.get(section);
      if (!found.has(name)) found.set(name, studies.map(() => null));
      found.get(name)[at] = { value, key };
    }));
    return sections.flatMap((section) => [...names.get(section)].map(([name, values]) => {
      const keys = values.map((one) => one && one.key);
      const known = keys.filter(Boolean);
      const all = studies.length > 1 && known.length === keys.length && new Set(keys).size === 1;
      return { section, name, values: values.map((one) => one && one.value), all };
    }));
  }

  function draw(studies) {
    const table = $("compare-table");
    const head = make("tr", {}, make("th", { scope: "col", text: "Property" }), ...studies.map((study) => {
      const button = make("button", { type: "button", text: "×", "aria-label": `Take away ${study.label}` });
      button.addEventListener("click", () => choose(chosen.filter((id) => id !== study.id)));
      return make("th", { scope: "col" }, make("a", { href: `studies/${study.id}.html`, text: study.label }), " ", button);
    }));
    table.tHead.replaceChildren(head);
    const only = $("compare-differs").checked;
    const lines = [];
    let section = "";
    for (const row of rows) {
      if (only && row.all) continue;
      if (row.section !== section) {
        section = row.section;
        lines.push(make("tr", { class: "group" }, make("th", { scope: "rowgroup", colspan: studies.length + 1, text: section })));
      }
      lines.push(make("tr", row.all ? { class: "compare-same" } : {}, make("th", { scope: "row", text: row.name }), ...row.values.map((value) => (
        value === null ? make("td", {}, make("span", { class: "absent", text: "not recorded" })) : make("td", { text: value })
      ))));
    }
    table.tBodies[0].replaceChildren(...lines);
    table.hidden = studies.length === 0;
    $("compare-tools").hidden = studies.length === 0;
    $("compare-empty").hidden = studies.length > 0;
    const same = rows.filter((row) => row.all).length;
    $("compare-said").textContent = `${studies.length} ${studies.length === 1 ? "study" : "studies"}, ${rows.length} properties, ${same} the same in all`;
    showBasket();
  }

  function choose(ids) {
    store.set("kb-compare", ids.join(" "));
    history.replaceState(null, "", ids.length ? `#v1&${ids.map((id) => `s=${encode(id)}`).join("&")}` : location.pathname);
    show(ids);
  }

  async function show(ids) {
    chosen = ids;
    const studies = (await Promise.all(ids.map(load))).filter(Boolean);
    rows = gather(studies);
    draw(studies);
    $("compare-differs").onchange = () => draw(studies);
    $("compare-csv").onclick = () => download("comparison.csv", [["section", "property", "equal", ...studies.map((study) => study.id)],
      ...rows.filter((row) => !($("compare-differs").checked && row.all)).map((row) => [row.section, row.name, row.all ? "all" : "", ...row.values])]);
    $("compare-link").onclick = () => copy(location.href);
  }

  function read() {
    const named = readHash().get("s") || [];
    show([...new Set(named.length ? named : basket.list())].slice(0, basket.most));
  }

  addEventListener("DOMContentLoaded", () => { addEventListener("hashchange", read); read(); });
})();
