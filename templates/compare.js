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

  /** An element of a drawing. */
  function shape(name, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /** Dose strips of all arms under each other: one axis of days, and for each unit one scale of heights. */
  function drawStrips(studies) {
    const { ground, shortest } = $("compare-strips").dataset;
    const strips = studies.flatMap((study) => study.arms.flatMap((arm) => arm.strips));
    const dated = strips.filter((strip) => strip.lanes.some((lane) => lane.path));
    const start = Math.min(0, ...dated.map((strip) => strip.start));
    const weeks = Math.max(1, ...dated.map((strip) => strip.start + strip.weeks)) - start;
    const top = new Map();
    for (const { unit, amount } of strips.flatMap((strip) => strip.lanes)) if (unit) top.set(unit, Math.max(amount, top.get(unit) || 0));

    const plot = (lane, strip) => {
      const part = lane.unit ? Math.max(Number(shortest), lane.amount / top.get(lane.unit)) : 1;
      const moved = `translate(${strip.start * 70} ${(ground * (1 - part)).toFixed(2)}) scale(1 ${part.toFixed(4)})`;
      const size = { class: `lane-plot w${weeks}`, viewBox: `${start * 70} 0 ${weeks * 70} 25`, preserveAspectRatio: "none" };
      return shape("svg", { ...size, role: "img", "aria-label": lane.words },
        shape("use", { href: "#_wk", x: start * 70 }), shape("path", { class: `dose ${lane.look}`, d: lane.path, transform: moved }));
    };
    const row = (lane, strip) => make("div", { class: "lane" },
      make("div", { class: "lane-name" }, make("b", { text: lane.agent }), ` ${lane.dose}${lane.look?.includes("weeks") ? `; ${lane.words}` : ""}`),
      lane.path ? plot(lane, strip) : make("div", { class: "lane-unknown" }, make("span", { text: lane.words })));
    const numbers = Array.from({ length: weeks }, (_, at) => start + at).map((week) => (week >= 0 ? week + 1 : week));
    const axis = () => make("div", { class: "lane", "aria-hidden": "true" }, make("div"),
      make("div", { class: `weeks w${weeks}` }, ...numbers.map((week, at) => make("span", { text: at ? week : `wk ${week}` }))));
    const figure = (arm, strip) => make("figure", { class: "doses" },
      make("figcaption", { text: [arm.label, strip.title].filter(Boolean).join(": ") }), ...strip.lanes.map((lane) => row(lane, strip)),
      ...(strip.note ? [make("p", { class: "fine", text: strip.note })] : []));

    $("compare-strips").replaceChildren(...studies.map((study) => make("div", { class: "strip-arm" },
      make("h3", {}, make("a", { href: `studies/${study.id}.html`, text: study.label })),
      ...(study.arms.length ? study.arms.flatMap((arm) => arm.strips.map((strip) => figure(arm, strip))) : [make("p", { class: "absent", text: "no treatment arm" })]),
      ...(study.arms.some((arm) => arm.strips.some((strip) => dated.includes(strip))) ? [axis()] : []))));
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
    for (const id of ["compare-properties", "compare-tools", "compare-given"]) $(id).hidden = studies.length === 0;
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
    drawStrips(studies);
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
