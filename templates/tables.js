// Tables that sort, filter and leave as CSV. Drawings stand in cells, so they travel with their lines.
"use strict";
(() => {
  const { $, all, make, say, download, fold } = globalThis.kb;

  /** What a cell is worth: its raw value, else its words. */
  function worth(cell) {
    if (!cell) return "";
    if (cell.dataset.v !== undefined) return cell.dataset.v !== "" && isFinite(cell.dataset.v) ? Number(cell.dataset.v) : cell.dataset.v;
    return cell.innerText.trim().replace(/\s+/g, " ");
  }

  class Sheet {
    constructor(table) {
      this.table = table;
      this.body = table.tBodies[0];
      this.order = [...this.body.rows];
      this.sort = [-1, 1];
      this.words = "";
      this.heads = [...table.tHead.rows[0].cells];
      this.names = this.heads.map((head) => head.innerText.split("\n")[0].trim());
    }

    start() {
      this.heads.forEach((head, at) => {
        const button = make("button", { type: "button", text: this.names[at] });
        head.firstChild.replaceWith(button);
        head.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => { this.sort = this.sort[0] !== at ? [at, 1] : this.sort[1] > 0 ? [at, -1] : [-1, 1]; this.show(); });
      });
      const box = document.querySelector(`[data-filter="${this.table.id}"]`);
      if (box) box.addEventListener("input", () => { this.words = fold(box.value); this.show(); });
      const csv = document.querySelector(`[data-csv="${this.table.id}"]`);
      if (csv) csv.addEventListener("click", () => this.csv());
      this.sum();
    }

    show() {
      const [at, way] = this.sort;
      const whole = at < 0 && !this.words;
      const rows = [...this.order];
      if (at >= 0) rows.sort((a, b) => this.compare(a, b, at, way));
      const tests = this.words.split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const plain = !row.matches(".group, .pooled");
        row.hidden = plain ? !tests.every((word) => fold(row.textContent).includes(word)) : !whole;
      }
      this.body.append(...rows);
      this.heads.forEach((head, place) => head.setAttribute("aria-sort", place !== at ? "none" : way > 0 ? "ascending" : "descending"));
      this.sum();
      say(`${this.shown().length} lines shown`);
    }

    compare(a, b, at, way) {
      const missing = (row) => !row.cells[at] || (row.cells[at].dataset.v === undefined && Boolean(row.cells[at].querySelector(".absent")));
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      const [x, y] = [worth(a.cells[at]), worth(b.cells[at])];
      return way * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true }));
    }

    shown() { return [...this.body.rows].filter((row) => !row.hidden && !row.matches(".group")); }

    sum() {
      const box = document.querySelector(`[data-sum="${this.table.id}"]`);
      if (!box) return;
      const rows = this.shown().filter((row) => !row.matches(".pooled, .aside"));
      const counted = rows.filter((row) => row.dataset.n);
      const total = (key) => counted.reduce((sum, row) => sum + Number(row.dataset[key]), 0);
      box.textContent = counted.length ? `${counted.length} ${counted.length === 1 ? "arm" : "arms"} shown, ${total("x")}/${total("n")}` : `${this.shown().length} ${this.shown().length === 1 ? "line" : "lines"} shown`;
    }

    csv() {
      let group = "";
      const grouped = this.body.querySelector(".group") && this.sort[0] < 0 && !this.words;
      const rows = [];
      for (const row of this.body.rows) {
        if (row.hidden) continue;
        if (row.matches(".group")) { group = row.innerText.trim(); continue; }
        rows.push([...(grouped ? [group] : []), ...[...row.cells].map(worth)]);
      }
      download(`${this.table.id}.csv`, [[...(grouped ? ["Group"] : []), ...this.names], ...rows]);
      say(`${rows.length} lines written`);
    }
  }

  addEventListener("DOMContentLoaded", () => { for (const table of all("table.sheet")) new Sheet(table).start(); });
})();
