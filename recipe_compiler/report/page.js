"use strict";
// Comfort only: without this script every part of the page can be read and opened.
(function () {
  const byId = (id) => document.getElementById(id);
  const tools = document.querySelector(".tools");
  const leaves = Array.from(document.querySelectorAll(".tree .leaf"));
  const folds = Array.from(document.querySelectorAll(".tree details"));
  if (tools) {
    tools.hidden = false;
    const filter = byId("filter");
    const fold = (open) => folds.forEach((one) => { one.open = open; });
    byId("open-all").addEventListener("click", () => fold(true));
    byId("close-all").addEventListener("click", () => fold(false));
    filter.addEventListener("input", () => {
      const words = filter.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      leaves.forEach((leaf) => {
        leaf.hidden = !words.every((word) => leaf.dataset.find.includes(word));
        shown += leaf.hidden ? 0 : 1;
      });
      folds.forEach((one) => {
        const any = Array.from(one.querySelectorAll(".leaf")).some((leaf) => !leaf.hidden);
        one.parentElement.hidden = !any;
        if (words.length && any) { one.open = true; }
      });
      byId("filter-said").textContent = words.length ? shown + " of " + leaves.length : "";
    });
  }
  const number = (text) => (text.trim() === "" ? NaN : Number(text));
  const compare = (a, b) => {
    const x = number(a), y = number(b);
    return Number.isNaN(x) || Number.isNaN(y) ? (a < b ? -1 : a > b ? 1 : 0) : x - y;
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = Array.from(table.tBodies[0].rows);
        rows.sort((a, b) => compare(a.cells[at].textContent, b.cells[at].textContent) * (down ? -1 : 1));
        table.tBodies[0].append(...rows);
      });
    });
  });
})();
