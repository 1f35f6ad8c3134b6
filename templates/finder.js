// The finder: search and choices over the index that index.js sets.
"use strict";
(() => {
  const { $, all, make, say, copy, download, readHash, encode, fold, basket, showBasket } = globalThis.kb;

  class Finder {
    constructor(index) {
      this.dimensions = index.dimensions.map(([key, label, shown, values]) => {
        const places = new Map(values.map(([value], place) => [value, place]));
        return { key, label, shown, values, places, chosen: new Set() };
      });
      this.studies = index.studies.map(([id, label, year, title, diseases, regimens, patients, endpoint, result, status, words, values]) => {
        const study = { id, label, year, title, diseases, regimens, patients, endpoint, result, status };
        study.values = values.map((places) => new Set(places));
        const named = values.flatMap((places, at) => places.map((place) => this.dimensions[at].values[place][1]));
        study.text = ` ${fold([label, title, words, status, ...named].join(" "))}`;
        return study;
      });
      this.query = "";
      this.sort = ["", 1];
      this.limit = 50;
      this.boxes = new Map(all("#facets input").map((box) => [`${box.dataset.dim}=${box.value}`, box]));
    }

    start() {
      $("_q").addEventListener("input", () => { this.query = $("_q").value; this.limit = 50; this.write(); this.show(); });
      for (const box of this.boxes.values()) {
        box.addEventListener("change", () => { this.choose(box.dataset.dim, box.value, box.checked); });
      }
      $("csv").addEventListener("click", () => this.csv());
      $("copy-link").addEventListener("click", () => copy(location.href));
      $("studies").addEventListener("change", (event) => { if (event.target.dataset.compare) basket.toggle(event.target.dataset.compare); });
      $("more").addEventListener("click", () => { this.limit += 50; this.show(); });
      for (const head of all("#studies th[data-sort]")) {
        const button = make("button", { type: "button", text: head.textContent });
        head.replaceChildren(button);
        head.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => this.sortBy(head.dataset.sort));
      }
      if (matchMedia("(max-width: 61.99rem)").matches) $("facet-panel").open = false;
      addEventListener("hashchange", () => this.read());
      this.read();
    }

    read() {
      const state = readHash();
      this.query = (state.get("q") || [""])[0];
      $("_q").value = this.query;
      const [key, way] = (state.get("sort") || [""])[0].split("~");
      this.sort = [key, way === "down" ? -1 : 1];
      for (const dimension of this.dimensions) {
        const wanted = state.get(dimension.key) || [];
        dimension.chosen = new Set(wanted.map((value) => dimension.places.get(value) ?? -1));
      }
      this.limit = 50;
      this.show();
    }

    write() {
      const parts = ["v1"];
      if (this.query) parts.push(`q=${encode(this.query)}`);
      for (const { key, values, chosen } of this.dimensions) {
        for (const place of chosen) if (place >= 0) parts.push(`${key}=${encode(values[place][0])}`);
      }
      if (this.sort[0]) parts.push(`sort=${this.sort[0]}${this.sort[1] < 0 ? "~down" : ""}`);
      history.replaceState(null, "", parts.length > 1 ? `#${parts.join("&")}` : location.pathname);
    }

    choose(key, value, on) {
      const dimension = this.dimensions.find((one) => one.key === key);
      const place = dimension.places.get(value) ?? -1;
      if (on) dimension.chosen.add(place); else dimension.chosen.delete(place);
      this.limit = 50;
      this.write();
      this.show();
    }

    sortBy(key) {
      this.sort = [key, this.sort[0] === key ? -this.sort[1] : 1];
      this.write();
      this.show();
    }

    /** Words of the query; one of up to three letters must start a word, so that "nk" does not find "unknown". */
    tests() {
      return fold(this.query).split(/\s+/).filter(Boolean).map((word) => (
        word.length > 3 ? (text) => text.includes(word) : (text) => text.includes(` ${word}`) || text.includes(`-${word}`) || text.includes(`(${word}`)
      ));
    }

    /** Studies that fit, and for each dimension how many would fit if one of its values were added. */
    search() {
      const tests = this.tests();
      const counts = this.dimensions.map(({ values }) => new Uint32Array(values.length));
      const found = [];
      for (const study of this.studies) {
        if (!tests.every((test) => test(study.text))) continue;
        let misses = 0;
        let missed = -1;
        this.dimensions.forEach(({ chosen }, at) => {
          if (chosen.size && ![...chosen].some((place) => study.values[at].has(place))) { misses += 1; missed = at; }
        });
        if (misses === 0) found.push(study);
        if (misses > 1) continue;
        study.values.forEach((places, at) => {
          if (misses === 0 || at === missed) for (const place of places) counts[at][place] += 1;
        });
      }
      const [key, way] = this.sort;
      if (key) found.sort((a, b) => this.compare(a, b, key, way));
      return { found, counts };
    }

    /** Order by a column; what is missing comes last either way. */
    compare(a, b, key, way) {
      const [x, y] = [a, b].map((study) => (key === "result" ? rate(study.result) : study[key]));
      if (x === null || y === null) return (x === null) - (y === null);
      return way * (typeof x === "number" ? x - y : String(x).localeCompare(String(y), "en"));
    }

    show() {
      const { found, counts } = this.search();
      this.found = found;
      $("shown").textContent = `${found.length} of ${this.studies.length} studies`;
      $("csv").textContent = found.length === 1 ? "CSV of this study" : `CSV of these ${found.length}`;
      $("studies").tBodies[0].replaceChildren(...found.slice(0, this.limit).map((study) => this.row(study)));
      $("empty").hidden = found.length > 0;
      $("more").hidden = found.length <= this.limit;
      $("more").textContent = `Show ${Math.min(50, found.length - this.limit)} more`;
      for (const head of all("#studies th[data-sort]")) {
        head.setAttribute("aria-sort", head.dataset.sort !== this.sort[0] ? "none" : this.sort[1] > 0 ? "ascending" : "descending");
      }
      this.dimensions.forEach(({ key, values, chosen }, at) => values.forEach(([value], place) => {
        const box = this.boxes.get(`${key}=${value}`);
        if (!box) return;
        box.checked = chosen.has(place);
        box.parentElement.querySelector("b").textContent = counts[at][place];
        box.parentElement.classList.toggle("none", counts[at][place] === 0);
      }));
      this.chips();
      showBasket();
      say($("shown").textContent);
    }

    chips() {
      const chips = [];
      for (const { key, label, values, chosen } of this.dimensions) {
        for (const place of chosen) {
          const [value, words] = place >= 0 ? values[place] : ["", "nothing here has it"];
          const button = make("button", { type: "button", text: "×", "aria-label": `Take away ${label}: ${words}` });
          button.addEventListener("click", () => this.choose(key, value, false));
          chips.push(make("li", {}, `${label}: ${words}`, button));
        }
      }
      if (chips.length > 1) {
        const button = make("button", { type: "button", text: "Clear all" });
        button.addEventListener("click", () => { this.dimensions.forEach((one) => one.chosen.clear()); this.write(); this.show(); });
        chips.push(make("li", {}, button));
      }
      $("chips").replaceChildren(...chips);
    }

    row(study) {
      const name = make("th", { scope: "row" }, make("a", { href: `${study.id}.html`, text: study.label }), this.marked(study.title));
      const missing = (words) => make("span", { class: "absent", text: words });
      const data = (label, kind, ...content) => make("td", { "data-label": label, ...(kind && { class: kind }) }, ...content);
      const result = study.result ? [study.result] : [missing("not counted")];
      if (study.endpoint && study.result) result.push(make("div", { class: "fine", text: study.endpoint }));
      return make("tr", {}, name, data("Year", "num", String(study.year)), data("Disease", "", study.diseases), data("Regimen", "", study.regimens),
        data("Patients", "num", study.patients === null ? missing("not given") : String(study.patients)), data("Response", "num", ...result),
        data("Status", "", make("span", { class: `status ${study.status.split(" ")[0]}`, text: study.status })),
        data("Compare", "", make("input", { type: "checkbox", "data-compare": study.id, "aria-label": `Compare ${study.label}` })));
    }

    /** The title with the words of the query marked. */
    marked(title) {
      const box = make("div", { class: "fine" });
      const folded = fold(title);
      const words = fold(this.query).split(/\s+/).filter((word) => word.length > 1);
      let from = 0;
      while (from < title.length) {
        const hits = folded.length === title.length ? words.map((word) => [folded.indexOf(word, from), word.length]).filter(([at]) => at >= 0) : [];
        if (!hits.length) break;
        const [at, length] = hits.sort((a, b) => a[0] - b[0])[0];
        box.append(title.slice(from, at), make("mark", { text: title.slice(at, at + length) }));
        from = at + length;
      }
      box.append(title.slice(from));
      return box;
    }

    csv() {
      const head = ["id", "label", "year", "title", "diseases", "regimens", "patients", "endpoint", "result", "status"];
      download("studies.csv", [head, ...this.found.map((study) => head.map((key) => study[key]))]);
      say(`${this.found.length} studies written`);
    }
  }

  /** `5/20` or `25 %` as a number, or null. */
  function rate(result) {
    const counts = /^(\d+)\/(\d+)$/.exec(result);
    if (counts) return Number(counts[1]) / Number(counts[2]);
    const percent = /(\d+(?:\.\d+)?) %$/.exec(result);
    return percent ? Number(percent[1]) / 100 : null;
  }

  addEventListener("DOMContentLoaded", () => {
    if (globalThis.kbIndex && $("finder")) new Finder(globalThis.kbIndex).start();
  });
})();
