// The timeline: lanes of marks over simulated time, the playhead, and the bracket.

const LANES = [["faults", "fault"], ["leadership", "leadership"], ["in sync", "isr"], ["cut away", "loss"], ["quorum", "quorum"], ["groups", "group"], ["refused", "refusal"]];
const LANE = 17, LABELS = 78;

/** Round numbers for a time axis. */
function ticksFor(from, to, most) {
  const rough = (to - from) / most, power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power;
  const found = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) found.push(t);
  return found;
}

/** Spans in which a machine was not running or a link was cut: [from, to, words]. */
function faultSpans(trace) {
  const open = new Map(), spans = [];
  for (const change of trace.changes) {
    const thing = trace.things[change.thing], time = trace.time[change.event];
    const bad = thing.type === "machine" && change.field === "state" ? change.value !== "running"
      : thing.type === "link" && (change.field.startsWith("cut") || change.field.startsWith("held")) ? change.value : null;
    if (bad === null) continue;
    const key = `${change.thing} ${thing.type === "machine" ? "" : change.field}`;
    if (open.has(key)) { spans.push([open.get(key), time]); open.delete(key); }
    if (bad) open.set(key, time);
  }
  for (const from of open.values()) spans.push([from, trace.end]);
  return spans;
}

/** How far the slowest replica is behind the longest log, whenever that changes: [time, records]. */
function lagOver(trace) {
  const ends = new Map(), points = [[0, 0]];
  const tp = (thing) => trace.things[thing].name[1], cluster = (thing) => trace.things[thing].name[0].split("/")[0];
  for (const change of trace.changes) {
    if (change.field !== "log_end" || change.value === null) continue;
    const key = `${cluster(change.thing)} ${tp(change.thing)}`;
    if (!ends.has(key)) ends.set(key, new Map());
    ends.get(key).set(change.thing, change.value);
    let lag = 0;
    for (const group of ends.values()) {
      let low = Infinity, high = 0;
      for (const end of group.values()) { if (end < low) low = end; if (end > high) high = end; }
      if (high - low > lag) lag = high - low;
    }
    const time = trace.time[change.event];
    if (points[points.length - 1][0] === time) points[points.length - 1][1] = lag;
    else if (points[points.length - 1][1] !== lag) points.push([time, lag]);
  }
  return points;
}

class Timeline {
  constructor(onSeek) {
    this.onSeek = onSeek;
    this.svg = draw("svg", { class: "mk-timeline", role: "img", "aria-label": "Timeline of faults, leadership, in-sync replicas and lag" });
    this.svg.addEventListener("click", (event) => {
      const box = this.svg.getBoundingClientRect();
      const part = (event.clientX - box.left - LABELS) / (box.width - LABELS - 8);
      if (part >= 0 && part <= 1) this.onSeek(this.from + part * (this.to - this.from));
    });
  }

  build(trace, width, from, to, bracket) {
    Object.assign(this, { trace, width, from, to });
    const svg = this.svg, lanes = LANES.filter(([, group]) => group === "fault" || trace.stopsOf[group]?.length), lagTop = 8 + lanes.length * LANE;
    const height = lagTop + 30 + 18;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    this.bracket = draw("rect", { y: 2, height: lagTop + 28, class: "mk-bracket" }, svg);
    lanes.forEach(([name, group], index) => this.buildLane(name, group, 8 + index * LANE));
    this.buildLag(lagTop);
    for (const tick of ticksFor(from, to, Math.max(3, width / 110))) {
      draw("text", { x: this.x(tick), y: height - 4, "text-anchor": tick === from ? "start" : this.x(tick) > width - 26 ? "end" : "middle", class: "mk-small" }, svg, `${+(tick / 1e6).toFixed(6)} s`);
      draw("path", { d: `M${this.x(tick)} ${lagTop + 26} v5`, class: "mk-tick" }, svg);
    }
    this.head = draw("g", { class: "mk-head" }, svg);
    draw("path", { d: `M0 6 V${lagTop + 30}` }, this.head);
    draw("circle", { cx: 0, cy: 6, r: 5 }, this.head);
    this.setBracket(bracket);
  }

  x(time) { return LABELS + ((time - this.from) / Math.max(1, this.to - this.from)) * (this.width - LABELS - 8); }

  buildLane(name, group, y) {
    const svg = this.svg, trace = this.trace;
    draw("text", { x: 0, y: y + 10, class: "mk-small" }, svg, name);
    draw("rect", { x: LABELS, y: y + 4, width: this.width - LABELS - 8, height: 7, rx: 3.5, class: "mk-lane" }, svg);
    if (group === "fault") {
      for (const [from, to] of faultSpans(trace)) {
        const x = Math.max(LABELS, this.x(from)), end = Math.min(this.width - 8, this.x(to));
        if (end > LABELS && x < this.width - 8) draw("rect", { x, y: y + 4, width: Math.max(2, end - x), height: 7, class: "mk-span" }, svg);
      }
    }
    let last = -9;
    for (const moment of trace.stopsOf[group] ?? []) {
      const x = this.x(trace.moments[moment].time);
      if (x < LABELS || x > this.width - 7 || x - last < 1.5) continue;
      last = x;
      draw("rect", { x: x - 1.75, y: y + 1.5, width: 3.5, height: 12, rx: 1, class: `mk-mark mk-mark-${group}` }, svg);
    }
  }

  buildLag(top) {
    const points = lagOver(this.trace), most = Math.max(1, ...points.map(([, lag]) => lag)), base = top + 26, tall = 20;
    draw("text", { x: 0, y: top + 13, class: "mk-small" }, this.svg, "replica lag");
    draw("text", { x: 0, y: top + 26, class: "mk-small" }, this.svg, `up to ${most}`);
    const inside = points.filter(([time]) => time >= this.from && time <= this.to);
    const before = points.filter(([time]) => time < this.from).pop();
    let path = `M${LABELS} ${base}`, y = base - (tall * (before?.[1] ?? 0)) / most;
    path += ` V${y.toFixed(1)}`;
    let lastX = -1;
    for (const [time, lag] of inside) {
      const x = this.x(time);
      y = base - (tall * lag) / most;
      path += x - lastX > 0.3 ? ` H${x.toFixed(1)} V${y.toFixed(1)}` : ` V${y.toFixed(1)}`;
      lastX = x;
    }
    draw("path", { d: `${path} H${this.width - 8} V${base} Z`, class: "mk-lag" }, this.svg);
  }

  setBracket(bracket) {
    const [from, to] = bracket ?? [0, 0];
    show(this.bracket, !!bracket);
    if (bracket) {
      const x = Math.max(LABELS, this.x(from));
      touch(this.bracket, { x, width: Math.max(2, Math.min(this.width - 8, this.x(to)) - x) });
    }
  }

  update(time) {
    touch(this.head, { transform: `translate(${Math.min(this.width - 8, Math.max(LABELS, this.x(time))).toFixed(1)} 0)` });
  }
}
