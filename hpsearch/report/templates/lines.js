// Parallel coordinates: drag along an axis, or move its two handles by keyboard, to select configurations. What is selected is told,
// and alone listed in the ranking.
(() => {
  const widget = document.getElementById("lines");
  if (!report || !widget) return;
  const { data, all, number, element, svgElement } = report;
  const height = 300, top = 16, bottom = 40, least = 92, step = 0.05;
  const stage = widget.querySelector(".stage");
  const canvas = element("canvas", { "aria-hidden": "true" });
  const overlay = svgElement("svg", { role: "group", "aria-label": "Axes: each has a handle for the lowest and one for the highest value" });
  const told = document.getElementById("selected");
  const clear = widget.querySelector("button");
  const score = { ...data.scoreAxis, values: data.score };
  const axes = [...data.axes.map((index) => data.columns[index]), score].map((axis) => ({ ...axis, low: 0, high: 1 }));
  let width = 0, left = 0, right = 0;

  function scaled(axis, value) {
    const [low, high] = axis.log ? axis.ends.map(Math.log) : axis.ends;
    return high > low ? ((axis.log ? Math.log(value) : value) - low) / (high - low) : 0.5;
  }
  function place(axis, row) {
    const value = axis.values[row];
    if (value === null) return null;
    return axis.at ? axis.at[value] : Math.min(1, Math.max(0, scaled(axis, value)));
  }
  function valueAt(axis, at) {
    if (axis.labels.length) return axis.labels[Math.round(at * (axis.labels.length - 1))];
    const [low, high] = axis.log ? axis.ends.map(Math.log) : axis.ends;
    const value = low + at * (high - low);
    const plain = axis.log ? Math.exp(value) : value;
    return axis.whole ? String(Math.round(plain)) : number(plain);
  }
  for (const axis of axes) axis.places = all.map((row) => place(axis, row));
  const isOpen = (axis) => axis.low <= 0 && axis.high >= 1;
  const inside = (row) =>
    axes.every((axis) => isOpen(axis) || (axis.places[row] !== null && axis.places[row] >= axis.low - 1e-4 && axis.places[row] <= axis.high + 1e-4));
  const x = (index) => left + (index * (width - left - right)) / Math.max(1, axes.length - 1);
  const y = (at) => top + (1 - at) * (height - top - bottom);

  function paint(selected) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const chosen = new Set(selected);
    // Rows are by rank: the better the stronger; and the more there are the fainter each.
    const others = selected.filter((row) => data.mark[row] === 0 && row !== 0);
    const alike = selected.filter((row) => data.mark[row] !== 0 && row !== 0);
    const faint = (rows) => Math.min(1, Math.max(0.08, 200 / rows.length));
    const quarter = Math.ceil(others.length / 4);
    const groups = [
      [all.filter((row) => !chosen.has(row)), colour("grid"), all.length > 300 ? 0.35 : 0.9, 1],
      ...[0.22, 0.38, 0.54, 0.7].map((alpha, part) => [
        others.slice((3 - part) * quarter, (4 - part) * quarter), colour("point"), alpha * faint(others), 1,
      ]),
      [alike, colour("set"), 0.75 * faint(alike), 1.2],
      [chosen.has(0) ? [0] : [], colour("best"), 1, 2.5],
    ];
    for (const [rows, ink, alpha, thick] of groups) {
      pen.strokeStyle = ink;
      pen.globalAlpha = alpha;
      pen.lineWidth = thick;
      for (const row of rows) {
        pen.beginPath();
        let on = false;
        axes.forEach((axis, index) => {
          const at = axis.places[row];
          if (at === null) on = false;
          else {
            if (on) pen.lineTo(x(index), y(at));
            else pen.moveTo(x(index), y(at));
            on = true;
          }
        });
        pen.stroke();
      }
    }
  }
  function tell(selected) {
    const open = axes.every(isOpen);
    const ranges = axes.filter((axis) => !isOpen(axis)).map((axis) => {
      const [low, high] = [valueAt(axis, axis.low), valueAt(axis, axis.high)];
      return low === high ? `${axis.name} = ${low}` : `${axis.name} from ${low} to ${high}`;
    });
    const of = all.length < data.ranked ? `${all.length.toLocaleString("en")} that are drawn` : data.ranked.toLocaleString("en");
    told.textContent = open
      ? `All ${of}. Drag along an axis to select, or move its handles with the arrow keys.`
      : `${selected.length.toLocaleString("en")} selected of ${of}: ${ranges.join("; ")}. The ranking lists ${selected.length === 1 ? "it" : "these"}.`;
    clear.disabled = open;
  }
  function update() {
    for (const axis of axes) axis.refresh();
    const selected = all.filter(inside);
    paint(selected);
    tell(selected);
    report.select(selected);
  }
  function snap(axis, at) {
    const parts = axis.labels.length - 1;
    const kept = Math.min(1, Math.max(0, at));
    return parts > 0 ? Math.round(kept * parts) / parts : kept;
  }
  function handle(axis, end) {
    const other = end === "low" ? "high" : "low";
    const made = svgElement("g", {
      class: "handle", role: "slider", tabindex: "0", "aria-orientation": "vertical", "aria-valuemin": "0", "aria-valuemax": "100",
      "aria-label": `${axis.name}: ${end === "low" ? "lowest" : "highest"} selected`,
    });
    made.append(svgElement("path", { d: end === "low" ? "M-8,0H8L0,7Z" : "M-8,0H8L0,-7Z" }));
    made.addEventListener("keydown", (event) => {
      const by = axis.labels.length > 1 ? 1 / (axis.labels.length - 1) : step;
      const moves = { ArrowUp: by, ArrowRight: by, ArrowDown: -by, ArrowLeft: -by, PageUp: 4 * by, PageDown: -4 * by, Home: -2, End: 2 };
      if (event.key === "Escape") [axis.low, axis.high] = [0, 1];
      else if (event.key in moves) {
        const to = snap(axis, axis[end] + moves[event.key]);
        axis[end] = end === "low" ? Math.min(to, axis[other]) : Math.max(to, axis[other]);
      } else return;
      event.preventDefault();
      update();
    });
    return made;
  }
  function brush(axis, hit) {
    let from = null;
    const at = (event) => 1 - (event.clientY - overlay.getBoundingClientRect().top - top) / (height - top - bottom);
    hit.addEventListener("pointerdown", (event) => {
      from = at(event);
      hit.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    hit.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const to = at(event);
      if (Math.abs(to - from) < 0.02) return;
      const ends = [Math.min(from, to), Math.max(from, to)].map((end) => Math.min(1, Math.max(0, end)));
      // Of categories those whose places were passed over.
      const parts = axis.labels.length - 1;
      if (parts > 0) {
        const [first, last] = [Math.ceil(ends[0] * parts - 0.2), Math.floor(ends[1] * parts + 0.2)];
        if (first > last) return;
        [axis.low, axis.high] = [first / parts, last / parts];
      } else [axis.low, axis.high] = ends;
      update();
    });
    const stop = (event) => {
      if (from !== null && event.type === "pointerup" && Math.abs(at(event) - from) < 0.02) {
        [axis.low, axis.high] = [0, 1];
        update();
      }
      from = null;
    };
    hit.addEventListener("pointerup", stop);
    hit.addEventListener("pointercancel", stop);
  }
  function text(content, attributes) {
    const made = svgElement("text", attributes);
    made.textContent = content;
    return made;
  }
  // What stands left of the first axis, and below the first and the last one, has no other axis to make room for.
  function margins(fit) {
    const pen = canvas.getContext("2d");
    const wide = (content, size) => {
      pen.font = `${size}px ${getComputedStyle(stage).fontFamily}`;
      return pen.measureText(content).width;
    };
    const [first, last] = [axes[0], axes[axes.length - 1]];
    left = Math.max(84, 16 + Math.max(...first.ticks.map(([, label]) => wide(label, 12))), 8 + wide(fit(first.name), 13) / 2);
    right = Math.max(60, 8 + wide(fit(last.name), 13) / 2);
  }
  function lay() {
    const room = (within) => Math.max(6, Math.floor(within / Math.max(1, axes.length - 1) / 7.5));
    const shorten = (content, most) => (content.length > most ? `${content.slice(0, most - 1)}…` : content);
    margins((content) => shorten(content, room(stage.clientWidth - 144)));
    width = Math.max(stage.clientWidth, left + right + least * (axes.length - 1));
    overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
    overlay.setAttribute("width", width);
    overlay.setAttribute("height", height);
    canvas.parentElement.style.width = `${width}px`;
    const fit = (content) => shorten(content, room(width - left - right));
    overlay.replaceChildren();
    axes.forEach((axis, index) => {
      const group = svgElement("g", { class: "axis", role: "group", "aria-label": axis.name, transform: `translate(${x(index)},0)` });
      group.append(svgElement("line", { y1: y(0), y2: y(1) }));
      for (const [at, label] of axis.ticks) group.append(text(index ? fit(label) : label, { class: "tick", x: -8, y: y(at), dy: ".32em", "text-anchor": "end" }));
      group.append(text(fit(axis.name), { class: "name", x: 0, y: height - 8, "text-anchor": "middle" }));
      const range = svgElement("rect", { class: "range", x: -5, width: 10 });
      const hit = svgElement("rect", { class: "hit", x: -18, y: top, width: 36, height: height - top - bottom });
      const [low, high] = [handle(axis, "low"), handle(axis, "high")];
      group.append(range, hit, low, high);
      brush(axis, hit);
      axis.refresh = () => {
        const open = isOpen(axis);
        range.setAttribute("y", y(axis.high) - 2);
        range.setAttribute("height", y(axis.low) - y(axis.high) + 4);
        group.classList.toggle("open", open);
        for (const [end, made] of [["low", low], ["high", high]]) {
          made.setAttribute("transform", `translate(0,${y(axis[end]) + (end === "low" ? 3 : -3)})`);
          made.setAttribute("aria-valuenow", Math.round(100 * axis[end]));
          made.setAttribute("aria-valuetext", valueAt(axis, axis[end]));
        }
      };
      overlay.append(group);
    });
    update();
  }
  clear.addEventListener("click", () => {
    for (const axis of axes) [axis.low, axis.high] = [0, 1];
    update();
  });
  stage.append(element("div", { class: "layers" }, canvas, overlay));
  widget.hidden = false;
  document.documentElement.classList.add("scripted");
  lay();
  new ResizeObserver(() => {
    if (stage.clientWidth !== lay.seen) {
      lay.seen = stage.clientWidth;
      const active = document.activeElement?.getAttribute?.("aria-label");
      lay();
      if (active) overlay.querySelector(`[aria-label="${CSS.escape(active)}"]`)?.focus();
    }
  }).observe(stage);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update);
})();
