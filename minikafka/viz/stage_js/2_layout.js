// Where everything stands: regions are columns, brokers are cards in them, each replica is a strip on its broker's card.

const ROW = 74, HEAD = 30, PAD = 12, GUTTER = 40, PILL = 30, BAND = 26;

/** What kind of thing a machine is, as far as the trace tells. */
function roleOfMachine(trace, name) {
  if (trace.thingOf.has(`broker ${name}`)) return "broker";
  if (name.endsWith("/controller")) return "controller";
  return "client";
}

/** All partitions of a trace, as "cluster" and "topic-0". */
function partitionsOf(trace) {
  return trace.things.filter((thing) => thing.type === "partition").map((thing) => ({ cluster: thing.name[0], name: thing.name[1] }));
}

/** The pairs of places that were connected, cut or held: one object each on the stage. */
function linksOf(trace) {
  return trace.things.filter((thing) => thing.type === "link" && thing.name[0] !== thing.name[1])
    .map((thing) => ({ one: thing.name[0], other: thing.name[1], index: thing.index }));
}

/** Boxes for everything, in units of the picture. `shown` is a list of partition names. */
function layOut(trace, width, shown) {
  const regions = trace.regions.length ? trace.regions : [""];
  const perRow = Math.max(1, Math.min(regions.length, Math.floor((width + GUTTER) / (205 + GUTTER)), 4));
  const scale = Math.min(1.3, Math.max(1, width / (perRow * 360)));
  const space = width / scale;
  const wide = (space - GUTTER * (perRow + 1)) / perRow;
  const largest = Math.max(99, ...trace.things.filter((t) => t.type === "replica").map((t) => trace.topOffset?.get(t.index) ?? 0));
  const cell = Math.max(21, String(largest).length * 7 + 6);
  const cells = Math.max(5, Math.min(28, Math.floor((wide - 4 * PAD - 6) / cell)));
  const links = linksOf(trace).filter((link) => regions.includes(link.one) && regions.includes(link.other));
  const levels = links.length ? Math.max(...links.map((link) => bandLevel(regions, link))) : 0;
  const boxes = new Map(), regionBoxes = [];
  let top = 8 + levels * BAND, tallest = 0;
  regions.forEach((region, index) => {
    const column = index % perRow;
    if (column === 0 && index) { top += tallest + 16; tallest = 0; }
    const x = GUTTER + column * (wide + GUTTER);
    const height = layOutRegion(trace, region, x, top, wide, shown, boxes);
    tallest = Math.max(tallest, height);
    regionBoxes.push({ name: region, x, y: top, w: wide, h: height, row: Math.floor(index / perRow) });
  });
  for (const box of regionBoxes) {
    box.h = Math.max(...regionBoxes.filter((other) => other.row === box.row).map((other) => other.h));
  }
  return { width: space, height: top + tallest + 10, scale, regions: regionBoxes, boxes, cell, cells, links: links.map((link) => {
    const one = regionBoxes[regions.indexOf(link.one)], other = regionBoxes[regions.indexOf(link.other)];
    return { ...link, ...(one.x < other.x ? { left: one, right: other } : { left: other, right: one }),
             y: one.y - 8 - (bandLevel(regions, link) - 1) * BAND };
  }) };
}

function bandLevel(regions, link) {
  return Math.abs(regions.indexOf(link.one) - regions.indexOf(link.other));
}

function layOutRegion(trace, region, x, top, wide, shown, boxes) {
  const machines = trace.places.filter((place) => place.region === region);
  const of = (role) => machines.filter((place) => roleOfMachine(trace, place.name) === role);
  let y = top + 32;
  for (const place of of("controller")) {
    boxes.set(place.name, { ...place, role: "controller", x: x + PAD, y, w: wide - 2 * PAD, h: HEAD, rows: [] });
    y += HEAD + 8;
  }
  for (const place of of("broker")) {
    const rows = shown.filter((name) => trace.thingOf.has(`replica ${place.name} ${name}`));
    const height = HEAD + rows.length * ROW + (rows.length ? 4 : 0);
    boxes.set(place.name, { ...place, role: "broker", x: x + PAD, y, w: wide - 2 * PAD, h: height, rows });
    y += height + 10;
  }
  const clients = of("client");
  const perLine = Math.max(1, Math.floor((wide - 2 * PAD + 8) / 150));
  const pill = (wide - 2 * PAD - 8 * (perLine - 1)) / perLine;
  clients.forEach((place, index) => {
    const column = index % perLine, line = Math.floor(index / perLine);
    boxes.set(place.name, { ...place, role: "client", x: x + PAD + column * (pill + 8), y: y + 2 + line * (PILL + 8), w: pill, h: PILL, rows: [] });
  });
  if (clients.length) y += 2 + Math.ceil(clients.length / perLine) * (PILL + 8);
  return y - top + 4;
}

/** The curve from one box to another: along the side in one column, through the gap between two. */
function curveBetween(from, to, reply) {
  const a = from.y + from.h / 2 + (reply ? 5 : -5), b = to.y + to.h / 2 + (reply ? -5 : 5);
  const gapRight = to.x - (from.x + from.w), gapLeft = from.x - (to.x + to.w);
  if (gapRight > 0 || gapLeft > 0) {
    const [x1, x2] = gapRight > 0 ? [from.x + from.w, to.x] : [from.x, to.x + to.w];
    const bend = Math.max(30, Math.abs(x2 - x1) / 2) * (gapRight > 0 ? 1 : -1);
    return [x1, a, x1 + bend, a, x2 - bend, b, x2, b];
  }
  const x1 = from.x + from.w, x2 = to.x + to.w, out = Math.max(x1, x2) + 20 + Math.min(14, Math.abs(b - a) / 30);
  return [x1, a, out, a, out, b, x2, b];
}

function pointOn([x0, y0, x1, y1, x2, y2, x3, y3], u) {
  const v = 1 - u, a = v * v * v, b = 3 * v * v * u, c = 3 * v * u * u, d = u * u * u;
  return [a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3];
}
