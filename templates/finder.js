// The finder: search and choices over the index that index.js sets.
"use strict";
(() => {
  const { $, all, make, say, copy, download, readHash, encode, fold, basket } = globalThis.kb;

  const PAGE = 50; // lines shown before somebody asks for more
  const BATCH = 4; // lines drawn in one frame
  const SEEN = 12; // lines drawn at once; the others, below the fold, when whoever types rests
  const REST = 250; // milliseconds

  /** Words in one text, a blank about each; `stops` are their ends. */
  class Dictionary {
    constructor(words) {
      this.text = ` ${words.join(" ")} `;
      let end = 0;
      this.stops = Uint32Array.from(words, (word) => { end += word.length + 1; return end; });
    }

    /** Visit the place of each word that fits; up to three letters must start a word, so that "nk" does not find "unknown". */
    each(word, visit) {
      const { text, stops } = this;
      for (const part of word.length > 3 ? [word] : [` ${word}`, `-${word}`, `(${word}`]) {
        let line = 0;
        for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, stops[line])) {
          while (stops[line] <= at) line += 1;
          visit(line);
        }
      }
    }
  }

  /** The studies of each word: all in one list, and where each word's end. A study is the gap to the one before, lowest digit of 32 first. */
  function unpack(having) {
    const digits = new Uint8Array(128);
    [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].forEach((sign, value) => { digits[sign.charCodeAt(0)] = value; });
    const studies = new Uint32Array(having.length);
    const ends = [];
    let [size, last, gap, scale] = [0, -1, 0, 1];
    for (let at = 0; at < having.length; at += 1) {
      const code = having.charCodeAt(at);
      if (code === 32) { ends.push(size); last = -1; continue; }
      gap += (digits[code] & 31) * scale;
      scale *= 32;
      if (digits[code] < 32) { last += gap + 1; studies[size++] = last; gap = 0; scale = 1; }
    }
    return { studies: studies.slice(0, size), ends: Uint32Array.from([...ends, size]) };
  }

  /** Write a text where it is not yet: what stays the same is not laid out again. */
  const tell = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  /** A line of the table, which shows one study after the other. */
  class Line {
    constructor() {
      const data = (label, kind, ...content) => make("td", { "data-label": label, ...(kind && { class: kind }) }, ...content);
      this.link = make("a");
      this.title = make("div", { class: "fine" });
      [this.year, this.diseases, this.regimens] = [data("Year", "num"), data("Disease"), data("Regimen")];
      [this.patients, this.result, this.status] = [make("span"), make("span"), make("span")];
      this.endpoint = make("div", { class: "fine" });
      this.box = make("input", { type: "checkbox" });
      this.row = make("tr", {}, make("th", { scope: "row" }, this.link, this.title), this.year, this.diseases, this.regimens,
        data("Patients", "num", this.patients), data("Response", "num", this.result, this.endpoint), data("Status", "", this.status), data("Compare", "", this.box));
    }

    show(study, words, aside) {
      const maybe = (element, value, missing) => { tell(element, value || missing); element.className = value ? "" : "absent"; };
      const parts = marked(study.title, words);
      const look = parts.join("\n");
      if (this.look !== look) this.title.replaceChildren(...parts.map((part, at) => (at % 2 ? make("mark", { text: part }) : part)));
      this.look = look;
      this.box.checked = aside.includes(study.id);
      if (this.study === study) return;
      this.study = study;
      this.link.href = `${study.id}.html`;
      tell(this.link, study.label);
      for (const key of ["year", "diseases", "regimens", "status"]) tell(this[key], String(study[key]));
      this.status.className = `status ${study.status.split(" ")[0]}`;
      maybe(this.patients, study.patients === null ? "" : String(study.patients), "not given");
      maybe(this.result, study.result, "not counted");
      tell(this.endpoint, study.result ? study.endpoint : "");
      this.box.dataset.compare = study.id;
      this.box.setAttribute("aria-label", `Compare ${study.label}`);
    }
  }

  /** A title in parts; every second one is a word of the query. */
  function marked(title, words) {
    const folded = fold(title);
    const parts = [];
    let from = 0;
    while (folded.length === title.length) {
      const hits = words.filter((word) => word.length > 1).map((word) => [folded.indexOf(word, from), word.length]).filter(([at]) => at >= 0);
      if (!hits.length) break;
      const [at, length] = hits.sort((a, b) => a[0] - b[0])[0];
      parts.push(title.slice(from, at), title.slice(at, at + length));
      from = at + length;
    }
    return [...parts, title.slice(from)];
  }

  class Finder {
    constructor(index) {
      this.dimensions = index.dimensions.map(([key, label, , values, lists]) => (
        { key, label, values, lists, places: new Map(values.map(([value], place) => [value, place])), chosen: new Set(), boxes: [] }));
      const [diseases, regimens, endpoints, statuses] = index.texts;
      this.studies = index.studies.map(([id, label, year, title, disease, regimen, patients, endpoint, result, status]) => (
        { id, label, year, title, diseases: diseases[disease], regimens: regimens[regimen], patients, endpoint: endpoints[endpoint], result, status: statuses[status] }));
      // For each dimension the list of values of each study.
      this.dimensions.forEach((dimension, at) => { dimension.own = Uint32Array.from(index.studies, (row) => row[10][at]); });
      this.words = new Dictionary(index.words.split(" "));
      this.having = unpack(index.having);
      this.nameValues();
      this.misses = new Uint8Array(this.studies.length);
      this.missed = new Uint8Array(this.studies.length);
      this.orders = new Map([["1", this.studies.map((study, number) => number)]]);
      this.lines = [];
      this.query = "";
      this.sort = ["", 1];
      this.limit = PAGE;
      const named = new Map(this.dimensions.map((dimension) => [dimension.key, dimension]));
      for (const box of all("#facets input")) {
        const dimension = named.get(box.dataset.dim);
        const number = box.parentElement.querySelector("b");
        dimension.boxes.push({ box, choice: dimension.places.get(box.value), label: box.parentElement, number, told: Number(number.textContent) });
      }
    }

    /** The words of the values, with the values that have them: a study is found by the names of all that it has. */
    nameValues() {
      const found = new Map();
      this.dimensions.forEach(({ values }, at) => values.forEach(([, words], place) => {
        for (const word of fold(words).split(/\s+/)) found.set(word, [...(found.get(word) || []), [at, place]]);
      }));
      this.names = new Dictionary([...found.keys()]);
      this.named = [...found.values()];
    }

    start() {
      $("_q").addEventListener("input", () => { this.query = $("_q").value; this.limit = PAGE; this.show(); });
      $("facets").addEventListener("change", ({ target }) => { if (target.dataset.dim) this.choose(target.dataset.dim, target.value, target.checked); });
      $("csv").addEventListener("click", () => this.csv());
      $("copy-link").addEventListener("click", () => { this.write(); copy(location.href); });
      $("studies").addEventListener("change", (event) => { if (event.target.dataset.compare) basket.toggle(event.target.dataset.compare); });
      $("more").addEventListener("click", () => { this.limit += PAGE; this.show(); this.finish(); });
      for (const head of all("#studies th[data-sort]")) {
        const button = make("button", { type: "button", text: head.textContent });
        head.replaceChildren(button);
        head.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => this.sortBy(head.dataset.sort));
      }
      if (matchMedia("(max-width: 61.99rem)").matches) $("facet-panel").open = false;
      // A browser takes longest for the first search of each sort, so nobody waits for it.
      for (const word of ["s", "inter"]) this.hits([word]);
      addEventListener("hashchange", () => this.read());
      for (const event of ["beforeprint", "scroll"]) addEventListener(event, () => this.finish(), { passive: true });
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
      this.limit = PAGE;
      this.show();
      this.finish();
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
      this.limit = PAGE;
      this.write();
      this.show();
    }

    sortBy(key) {
      this.sort = [key, this.sort[0] === key ? -this.sort[1] : 1];
      this.write();
      this.show();
    }

    /** How many words of the query each study has. */
    hits(words) {
      const hits = new Uint8Array(this.studies.length);
      const { studies, ends } = this.having;
      words.forEach((word, before) => {
        this.words.each(word, (line) => {
          for (let at = line ? ends[line - 1] : 0; at < ends[line]; at += 1) if (hits[studies[at]] === before) hits[studies[at]] = before + 1;
        });
        const values = new Map();
        this.names.each(word, (line) => { for (const [at, place] of this.named[line]) values.set(at, (values.get(at) || new Set()).add(place)); });
        for (const [at, places] of values) {
          const fits = this.fitting(at, places);
          const { own } = this.dimensions[at];
          for (let study = 0; study < own.length; study += 1) if (fits[own[study]] && hits[study] === before) hits[study] = before + 1;
        }
      });
      return hits;
    }

    /** For each list of values of a dimension, whether any of some values is in it. */
    fitting(at, places) {
      return Uint8Array.from(this.dimensions[at].lists, (list) => list.some((place) => places.has(place)));
    }

    /** Find the studies that fit; of the others, note how many choices they miss and which was missed last. */
    search() {
      const words = fold(this.query).split(/\s+/).filter(Boolean);
      const hits = this.hits(words);
      const { misses, missed } = this;
      for (let study = 0; study < hits.length; study += 1) misses[study] = hits[study] === words.length ? 0 : 2;
      this.dimensions.forEach(({ chosen, own }, at) => {
        if (!chosen.size) return;
        const fits = this.fitting(at, chosen);
        for (let study = 0; study < own.length; study += 1) if (!fits[own[study]] && misses[study] < 2) { misses[study] += 1; missed[study] = at; }
      });
      // Numbers of studies.
      this.found = [];
      for (const study of this.order()) if (misses[study] === 0) this.found.push(study);
      this.asked = words;
    }

    /** The numbers of all studies in the order of a column, sorted once; what is missing comes last either way. */
    order() {
      const [key, way] = this.sort;
      const name = `${key}${way}`;
      if (!this.orders.has(name)) {
        const { compare } = new Intl.Collator("en");
        const keys = this.studies.map((study) => (key === "result" ? rate(study.result) : study[key]));
        this.orders.set(name, this.orders.get("1").slice().sort((a, b) => {
          const [x, y] = [keys[a], keys[b]];
          if (x === null || y === null) return (x === null) - (y === null);
          return way * (typeof x === "number" && typeof y === "number" ? x - y : compare(String(x), String(y)));
        }));
      }
      return this.orders.get(name);
    }

    /** For each choice, how many studies would fit if it were added. */
    count() {
      const { misses, missed } = this;
      this.dimensions.forEach(({ lists, own, chosen, boxes }, at) => {
        if (!boxes.length) return;
        const studies = new Uint32Array(lists.length);
        for (let study = 0; study < own.length; study += 1) if (misses[study] === 0 || (misses[study] === 1 && missed[study] === at)) studies[own[study]] += 1;
        const counts = new Map();
        lists.forEach((list, number) => { for (const place of list) counts.set(place, (counts.get(place) || 0) + studies[number]); });
        for (const one of boxes) {
          one.box.checked = chosen.has(one.choice);
          const count = counts.get(one.choice) || 0;
          if (one.told === count) continue;
          one.told = count;
          one.number.textContent = count;
          one.label.classList.toggle("none", count === 0);
        }
      });
    }

    show() {
      this.search();
      const { length } = this.found;
      tell($("shown"), `${length} of ${this.studies.length} studies`);
      tell($("csv"), length === 1 ? "CSV of this study" : `CSV of these ${length}`);
      $("empty").hidden = length > 0;
      $("more").hidden = length <= this.limit;
      tell($("more"), `Show ${Math.min(PAGE, length - this.limit)} more`);
      for (const head of all("#studies th[data-sort]")) {
        const sorted = head.dataset.sort !== this.sort[0] ? "none" : this.sort[1] > 0 ? "ascending" : "descending";
        if (head.getAttribute("aria-sort") !== sorted) head.setAttribute("aria-sort", sorted);
      }
      this.parts = this.draw();
      $("studies").setAttribute("aria-busy", "true");
      clearTimeout(this.timer);
      this.frame ??= requestAnimationFrame(() => this.step());
    }

    /** Do one part of the drawing; the next comes with the next frame, or after a rest. */
    step() {
      const { done, value: rest } = this.parts.next();
      this.frame = done || rest ? undefined : requestAnimationFrame(() => this.step());
      if (rest) this.timer = setTimeout(() => this.step(), rest);
    }

    finish() {
      while (!this.parts.next().done);
    }

    /**
     * Draw what was found, in parts: whoever types on is not kept waiting, since the next letter drops the parts that are left.
     * The frame of the letter itself shows the letter and the number of studies.
     */
    *draw() {
      yield;
      const { rows, parentElement: table } = $("studies").tBodies[0];
      const size = Math.min(this.found.length, this.limit);
      while (rows.length > size) rows[rows.length - 1].remove();
      for (let from = 0; from < size || from < SEEN; from += BATCH) {
        const aside = basket.list();
        for (let at = from; at < Math.min(from + BATCH, size); at += 1) {
          const line = this.lines[at] ??= new Line();
          line.show(this.studies[this.found[at]], this.asked, aside);
          if (rows[at] !== line.row) { if (rows[at]) rows[at].replaceWith(line.row); else table.tBodies[0].append(line.row); }
        }
        yield;
        if (from + BATCH !== SEEN) continue;
        this.chips();
        this.count();
        yield REST;
        this.write();
        say($("shown").textContent);
        yield;
      }
      table.removeAttribute("aria-busy");
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

    csv() {
      const head = ["id", "label", "year", "title", "diseases", "regimens", "patients", "endpoint", "result", "status"];
      download("studies.csv", [head, ...this.found.map((study) => head.map((key) => this.studies[study][key]))]);
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
