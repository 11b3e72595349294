"use strict";
// The ranking table, sortable: by click or by keyboard on a column's name. Built of texts alone, never of markup.
const report = (() => {
  const source = document.getElementById("data");
  if (!source) return null;
  const data = JSON.parse(source.textContent);
  const table = document.querySelector("#ranking table");
  const body = table.tBodies[0];
  const shownLine = document.getElementById("shown");
  const all = data.rank.map((_, index) => index);
  const marks = ["", "set", "best"];
  let selected = all;
  let order = { key: "rank", down: false };

  // As "%.4g" writes it, which the rows are written with that need no script.
  function number(value) {
    if (value === 0) return "0";
    const [digits, power] = value.toExponential(3).split("e").map(Number);
    if (power >= -4 && power < 4) return String(Number(value.toPrecision(4)));
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  function cell(column, row) {
    const value = column.values[row];
    if (value === null) return "–";
    if (column.texts) return column.texts[value];
    return column.whole ? String(value) : number(value);
  }
  function sortValue(key, row) {
    return key.startsWith("p") ? data.columns[Number(key.slice(1))].values[row] : data[key][row];
  }
  function compare(a, b) {
    const [x, y] = [sortValue(order.key, a), sortValue(order.key, b)];
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    return (x < y ? -1 : x > y ? 1 : 0) * (order.down ? -1 : 1) || a - b;
  }
  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }
  function svgElement(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }
  function ends(rows) {
    const known = rows.filter((row) => data.low[row] !== null && data.high[row] !== null);
    return [Math.min(...known.map((row) => data.low[row])), Math.max(...known.map((row) => data.high[row]))];
  }
  function interval(row, [low, high]) {
    const made = element("td", { class: "wide" });
    if (data.low[row] === null || !(high > low)) return made;
    const at = (value) => `${(4 + (92 * (value - low)) / (high - low)).toFixed(2)}%`;
    const svg = svgElement("svg", { class: "interval", "aria-hidden": "true" });
    svg.append(
      svgElement("line", { x1: at(data.low[row]), x2: at(data.high[row]), y1: "50%", y2: "50%" }),
      svgElement("circle", { cx: at(data.score[row]), cy: "50%", r: "3.5" }),
    );
    made.append(svg);
    return made;
  }
  function line(row, span) {
    const mark = marks[data.mark[row]];
    const made = element("tr", mark ? { class: mark } : {});
    for (const head of table.tHead.rows[0].cells) {
      const key = head.dataset.key;
      if (key === "rank") made.append(element("td", { class: "n" }, String(data.rank[row])));
      else if (key === "mark") {
        const label = mark === "best" ? "best" : "in the best set";
        const dot = mark ? [element("span", { class: `key ${mark}`, role: "img", "aria-label": label })] : [];
        made.append(element("td", {}, ...dot));
      } else if (key === "score") made.append(element("td", { class: "n score" }, data.score[row].toFixed(data.places)));
      else if (key === "se") made.append(element("td", { class: "n soft" }, data.se[row] === null ? "" : data.se[row].toFixed(data.places)));
      else if (key === "low") made.append(interval(row, span));
      else if (key === "chance" || key === "rankLow") made.append(element("td", { class: "n soft" }, data.standing[key][row]));
      else if (key === "seconds") made.append(element("td", { class: "n soft" }, (data.shared?.[row] ? "~" : "") + data.time[row]));
      else if (key === "id") made.append(element("td", { class: "soft" }, element("code", {}, data.id[row]), data.outside[row] ? "†" : ""));
      else made.append(element("td", { class: "p" }, cell(data.columns[Number(key.slice(1))], row)));
    }
    return made;
  }
  function draw() {
    const rows = [...selected].sort(compare).slice(0, data.top);
    const span = ends(rows);
    body.replaceChildren(...rows.map((row) => line(row, span)));
    const of = selected.length === all.length ? data.ranked : selected.length;
    shownLine.textContent = `${rows.length.toLocaleString("en")} of ${of.toLocaleString("en")} shown.`;
    shownLine.hidden = rows.length === of;
    for (const head of table.tHead.rows[0].cells) {
      if (!head.dataset.key || head.dataset.key === "mark") continue;
      if (head.dataset.key === order.key) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }
  for (const head of table.tHead.rows[0].cells) {
    const key = head.dataset.key;
    if (!key || key === "mark") continue;
    const button = element("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = (key === "score" || key === "low") && data.bestIsHigh;
      order = { key, down: order.key === key ? !order.down : first };
      draw();
    });
  }
  draw();
  return {
    data, all, number, element, svgElement,
    select(rows) {
      selected = rows;
      draw();
    },
  };
})();
