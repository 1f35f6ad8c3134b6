// The finder: search and choices over the index that index.js sets.
"use strict";
(() => {
  const { $, all, make, say, copy, download, readHash, encode, fold, basket, showBasket } = globalThis.kb;

  class Finder {
    constructor(index) {
      let size = 0;
      this.counts = new Uint32Array(index.dimensions.reduce((sum, [, , , values]) => sum + values.length, 0));
      this.dimensions = index.dimensions.map(([key, label, , values]) => {
        const places = new Map(values.map(([value], place) => [value, place]));
        const counts = this.counts.subarray(size, size += values.length);
        return { key, label, values, places, chosen: new Set(), counts, base: size - values.length };
      });
      const names = ["id", "label", "year", "title", "diseases", "regimens", "patients", "endpoint", "result", "status", "words", "places"];
      this.studies = index.studies.map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])));
      // The places of each study's values among all counts, one list after the other.
      this.flat = Uint32Array.from(this.studies.flatMap(({ places }) => places.flatMap((own, at) => own.map((place) => place + this.dimensions[at].base))));
      let end = 0;
      for (const study of this.studies) { study.first = end; study.end = end += study.places.reduce((sum, own) => sum + own.length, 0); }
      this.dictionary();
      this.query = "";
      this.sort = ["", 1];
      this.limit = 50;
      this.boxes = this.dimensions.map(() => []);
      const at = new Map(this.dimensions.map(({ key }, place) => [key, place]));
      for (const box of all("#facets input")) {
        const place = at.get(box.dataset.dim);
        const choice = this.dimensions[place].places.get(box.value);
        this.boxes[place].push({ box, choice, label: box.parentElement, number: box.parentElement.querySelector("b"), told: -1 });
      }
    }

    /** Words of all studies in one text, each once and on a line of its own, with the end of the line and the studies that have it. */
    dictionary() {
      const folded = this.dimensions.map(({ values }) => values.map(([, words]) => fold(words)));
      const found = new Map();
      this.studies.forEach(({ label, title, words, status, places }, study) => {
        const named = places.map((own, at) => own.map((place) => folded[at][place]).join(" "));
        for (const word of `${fold(`${label} ${title} ${words} ${status}`)} ${named.join(" ")}`.split(/\s+/)) {
          const has = found.get(word);
          if (has === undefined) found.set(word, [study]); else if (has[has.length - 1] !== study) has.push(study);
        }
      });
      this.text = `\n${[...found.keys()].join("\n")}\n`;
      let end = 0;
      this.lines = [...found].map(([word, studies]) => ({ end: end += word.length + 1, studies }));
    }

    start() {
      $("_q").addEventListener("input", () => { this.query = $("_q").value; this.limit = 50; this.write(); this.show(); });
      $("facets").addEventListener("change", ({ target }) => { if (target.dataset.dim) this.choose(target.dataset.dim, target.value, target.checked); });
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

    /** How many words of the query each study has; one of up to three letters must start a word, so that "nk" does not find "unknown". */
    hits(words) {
      const hits = new Uint8Array(this.studies.length);
      words.forEach((word, before) => {
        for (const part of word.length > 3 ? [word] : [`\n${word}`, `-${word}`, `(${word}`]) {
          let line = 0;
          for (let at = this.text.indexOf(part); at >= 0; at = this.text.indexOf(part, this.lines[line].end)) {
            while (this.lines[line].end <= at) line += 1;
            for (const study of this.lines[line].studies) if (hits[study] === before) hits[study] = before + 1;
          }
        }
      });
      return hits;
    }

    /** Studies that fit, and for each dimension how many would fit if one of its values were added. */
    search() {
      const words = fold(this.query).split(/\s+/).filter(Boolean);
      const hits = this.hits(words);
      const asked = this.dimensions.flatMap(({ chosen }, at) => (chosen.size ? [[at, chosen]] : []));
      this.counts.fill(0);
      const found = [];
      this.studies.forEach((study, number) => {
        if (hits[number] !== words.length) return;
        let misses = 0;
        let missed = -1;
        for (const [at, chosen] of asked) if (!study.places[at].some((place) => chosen.has(place))) { misses += 1; missed = at; }
        if (misses === 0) found.push(study);
        if (misses === 1) for (const place of study.places[missed]) this.dimensions[missed].counts[place] += 1;
        if (misses === 0) for (let at = study.first; at < study.end; at += 1) this.counts[this.flat[at]] += 1;
      });
      const [key, way] = this.sort;
      if (key) found.sort((a, b) => this.compare(a, b, key, way));
      return found;
    }

    /** Order by a column; what is missing comes last either way. */
    compare(a, b, key, way) {
      const [x, y] = [a, b].map((study) => (key === "result" ? rate(study.result) : study[key]));
      if (x === null || y === null) return (x === null) - (y === null);
      return way * (typeof x === "number" ? x - y : String(x).localeCompare(String(y), "en"));
    }

    show() {
      const found = this.found = this.search();
      $("shown").textContent = `${found.length} of ${this.studies.length} studies`;
      $("csv").textContent = found.length === 1 ? "CSV of this study" : `CSV of these ${found.length}`;
      $("empty").hidden = found.length > 0;
      $("more").hidden = found.length <= this.limit;
      $("more").textContent = `Show ${Math.min(50, found.length - this.limit)} more`;
      this.boxes.forEach((boxes, at) => {
        const { chosen, counts } = this.dimensions[at];
        for (const one of boxes) {
          one.box.checked = chosen.has(one.choice);
          if (one.told === counts[one.choice]) continue;
          one.told = counts[one.choice];
          one.number.textContent = one.told;
          one.label.classList.toggle("none", one.told === 0);
        }
      });
      this.chips();
      say($("shown").textContent);
      // Whoever types on is not kept waiting: lines are drawn once a frame.
      this.frame ??= requestAnimationFrame(() => { this.frame = undefined; this.draw(); });
    }

    draw() {
      $("studies").tBodies[0].replaceChildren(...this.found.slice(0, this.limit).map((study) => this.row(study)));
      for (const head of all("#studies th[data-sort]")) {
        head.setAttribute("aria-sort", head.dataset.sort !== this.sort[0] ? "none" : this.sort[1] > 0 ? "ascending" : "descending");
      }
      showBasket();
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
