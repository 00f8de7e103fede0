// What the report can do beyond being read: tables that sort and search, effects on a chosen
// task, cells of the heat map by pointer and keys. Must be well-formed inside an XML element: no
// "less than", no ampersand.
"use strict";
(function () {
  const all = function (selector, root) {
    return Array.from((root || document).querySelectorAll(selector));
  };
  const data = JSON.parse(document.getElementById("data").textContent);

  all("[hidden]").forEach(function (element) { element.hidden = false; });

  // Tables.
  function valueOf(row, column) {
    const cell = row.cells[column];
    if (!cell.hasAttribute("data-value")) return cell.textContent.toLowerCase();
    return parseFloat(cell.getAttribute("data-value"));  // NaN where there is none
  }
  function compare(a, b) {
    if (typeof a === "string") return a.localeCompare(b, "en", { numeric: true });
    return a - b;
  }
  function sortBy(table, column, direction) {
    const rows = Array.from(table.tBodies[0].rows).map(function (row, at) {
      return { row: row, at: at, value: valueOf(row, column) };
    });
    const none = function (entry) { return typeof entry.value === "number" ? isNaN(entry.value) : entry.value === ""; };
    rows.sort(function (a, b) {
      if (none(a) || none(b)) return none(a) === none(b) ? a.at - b.at : (none(a) ? 1 : -1);
      return direction * compare(a.value, b.value) || a.at - b.at;
    });
    rows.forEach(function (entry) { table.tBodies[0].appendChild(entry.row); });
    all("th[aria-sort]", table).forEach(function (head) { head.removeAttribute("aria-sort"); });
    table.tHead.rows[0].cells[column].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  }
  all("table.sortable").forEach(function (table) {
    all("thead th:not(.fixed)", table).forEach(function (head) {
      const button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () {
        const first = head.getAttribute("data-first") ||
          (head.classList.contains("n") ? "descending" : "ascending");
        const now = head.getAttribute("aria-sort");
        const next = now === first ? (first === "ascending" ? "descending" : "ascending") : first;
        sortBy(table, head.cellIndex, next === "ascending" ? 1 : -1);
      });
    });
  });
  all("input[data-filters]").forEach(function (input) {
    const table = document.getElementById(input.getAttribute("data-filters"));
    const output = input.closest(".tools").querySelector("output");
    const rows = Array.from(table.tBodies[0].rows);
    const texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    input.addEventListener("input", function () {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      rows.forEach(function (row, i) {
        const fits = words.every(function (word) { return texts[i].includes(word); });
        row.hidden = !fits;
        found += fits ? 1 : 0;
      });
      output.textContent = words.length ? found + " of " + rows.length : "";
    });
  });

  function shown(value) {
    if (value === null) return "\u2013";
    const text = String(Number(value.toPrecision(3)));
    return text.replace("-", "\u2212");
  }

  // The effect on one task instead of the largest.
  const task = document.getElementById("task");
  const table = document.getElementById("filter-table");
  const title = document.getElementById("effect-column");
  const column = title.cellIndex;
  const tops = new Map(all("tbody tr", table).map(function (row) {
    const cell = row.cells[column];
    return [row, { value: cell.getAttribute("data-value"), html: cell.innerHTML }];
  }));
  task.addEventListener("change", function () {
    title.querySelector("button").textContent =
      task.value === "" ? "Effect" : "on " + data.tasks[Number(task.value)];
    tops.forEach(function (top, row) {
      const cell = row.cells[column];
      if (task.value === "") {
        cell.setAttribute("data-value", top.value);
        cell.innerHTML = top.html;
        return;
      }
      const value = data.effects[Number(row.getAttribute("data-unit"))][Number(task.value)];
      cell.setAttribute("data-value", value === null ? "" : value);
      cell.textContent = shown(value);
    });
    sortBy(table, column, -1);
  });

  // The heat map.
  const box = document.getElementById("heat-map");
  const readout = document.getElementById("cell");
  const picture = box.querySelector("svg");
  const [left, top, width, height] = data.cells;
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  cursor.setAttribute("class", "cursor");
  cursor.setAttribute("width", width);
  cursor.setAttribute("height", height);
  cursor.setAttribute("visibility", "hidden");
  picture.appendChild(cursor);
  const at = { row: 0, column: 0 };
  const within = function (value, size) { return Math.min(Math.max(value, 0), size - 1); };
  const hint = "Point at a cell, or move with the arrow keys.";
  readout.textContent = hint;
  function show() {
    const unit = data.rows[at.row];
    const of = data.columns[at.column];
    cursor.setAttribute("x", left + at.column * width);
    cursor.setAttribute("y", top + at.row * height);
    cursor.setAttribute("visibility", "visible");
    readout.textContent = data.filters[unit] + ", " + data.tasks[of] + ": weight " +
      shown(data.weights[unit][of]) + ", effect " + shown(data.effects[unit][of]) +
      ", importance " + shown(data.importances[unit][of]);
  }
  picture.addEventListener("pointermove", function (event) {
    const frame = picture.getBoundingClientRect();
    const scale = picture.viewBox.baseVal.width / frame.width;
    const row = Math.floor(((event.clientY - frame.top) * scale - top) / height);
    const of = Math.floor(((event.clientX - frame.left) * scale - left) / width);
    if (row !== within(row, data.rows.length) || of !== within(of, data.columns.length)) return;
    at.row = row;
    at.column = of;
    show();
  });
  picture.addEventListener("click", function () {
    if (cursor.getAttribute("visibility") === "visible") location.hash = "unit" + data.rows[at.row];
  });
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  box.addEventListener("keydown", function (event) {
    const step = steps[event.key];
    if (event.key === "Enter") {
      location.hash = "unit" + data.rows[at.row];
      return;
    }
    if (!step) return;
    event.preventDefault();
    if (cursor.getAttribute("visibility") === "visible") {
      at.row = within(at.row + step[0], data.rows.length);
      at.column = within(at.column + step[1], data.columns.length);
    }
    show();
    cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
})();
