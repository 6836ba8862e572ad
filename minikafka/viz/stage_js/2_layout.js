// Where everything stands: regions are columns, brokers are cards in them, each replica is a strip on its broker's card.

const ROW = 82, READERS = 14, HEAD = 30, PAD = 10, PILL = 30, BAND = 30, PLATE = 28, LINE = 17, METADATA = 34, NUMBERS = 9, ROOMY = 235;
const MOST_MEMBERS = 8;

/** A strip with readers has a line more, for their names. */
const rowHeight = (trace, partition) => ROW + (trace.read.has(partition) ? READERS : 0);

/** A voter's card has a strip of its metadata log; where the card is narrow, the numbers stand below the strip. */
const voterHeight = (wide) => METADATA + (wide < ROOMY ? NUMBERS : 0);

/** What kind of thing a machine is, as far as the trace tells. */
function roleOfMachine(trace, name) {
  if (trace.thingOf.has(`broker ${name}`)) return "broker";
  if (name.endsWith("/controller") || trace.voters.has(name)) return "controller";
  return "client";
}

/** Kafka's own topics begin like this; they are shown when they are asked for. */
const isInternal = (partition) => partition.startsWith("__");

/** All partitions of a trace, as "cluster" and "topic-0"; of internal topics only those in which something was written. */
function partitionsOf(trace) {
  return trace.things.filter((thing) => thing.type === "partition" && (!isInternal(thing.name[1]) || trace.written.has(thing.name.join(" "))))
    .map((thing) => ({ cluster: thing.name[0], name: thing.name[1] }));
}

/** The most members that each group ever had. */
function mostMembers(trace) {
  const most = new Map();
  for (const change of trace.changes) if (change.field === "members") most.set(change.thing, Math.max(most.get(change.thing) ?? 0, change.value.length));
  return most;
}

/** A box for each consumer group, under the regions: groups are nowhere, their coordinator is a broker. */
function layOutGroups(trace, width, top) {
  const most = mostMembers(trace), perLine = Math.max(1, Math.floor((width - 40) / 300));
  let y = top;
  return trace.groupThings.map((thing) => {
    const lines = Math.ceil(Math.min(MOST_MEMBERS + 1, most.get(thing.index) ?? 0) / perLine);
    const box = { thing, x: 12, y, w: width - 24, h: 28 + lines * LINE + (lines ? 4 : 0), perLine };
    y += box.h + 8;
    return box;
  });
}

/** The pairs of places that were connected, cut or held: one object each on the stage. */
function linksOf(trace) {
  return trace.things.filter((thing) => thing.type === "link" && thing.name[0] !== thing.name[1])
    .map((thing) => ({ one: thing.name[0], other: thing.name[1], index: thing.index }));
}

/** Boxes for everything, in units of the picture. `shown` is a list of partition names. */
function layOut(trace, width, shown) {
  const regions = trace.regions.length ? trace.regions : [""], gutter = width < 820 ? 22 : 44, margin = 12;
  const perRow = Math.max(1, Math.min(regions.length, Math.floor((width - margin) / (185 + gutter)), 4));
  const scale = Math.min(1.3, Math.max(1, width / (perRow * 380)));
  const space = width / scale;
  const wide = (space - margin - gutter * perRow) / perRow;
  const largest = Math.max(99, ...trace.topOffset.values());
  const cell = Math.max(21, String(largest).length * 7 + 6);
  const cells = Math.max(5, Math.min(28, Math.floor((wide - 4 * PAD - 4) / cell)));
  const links = linksOf(trace).filter((link) => regions.includes(link.one) && regions.includes(link.other));
  const rowOf = (name) => Math.floor(regions.indexOf(name) / perRow), apart = (link) => rowOf(link.one) !== rowOf(link.other);
  levelLinks(regions, links.filter((link) => !apart(link)));
  const platesAbove = (row) => links.filter((link) => apart(link) && Math.max(rowOf(link.one), rowOf(link.other)) === row).length;
  const bandOf = (row) => BAND * Math.max(0, ...links.filter((link) => !apart(link) && rowOf(link.one) === row).map((link) => link.level));
  const boxes = new Map(), regionBoxes = [];
  let top = 8 + bandOf(0), tallest = 0;
  regions.forEach((region, index) => {
    const column = index % perRow, row = Math.floor(index / perRow);
    if (column === 0 && index) { top += tallest + 16 + PLATE * platesAbove(row) + bandOf(row); tallest = 0; }
    const x = margin + column * (wide + gutter);
    const height = layOutRegion(trace, region, x, top, wide, shown, boxes);
    tallest = Math.max(tallest, height);
    regionBoxes.push({ name: region, x, y: top, w: wide, h: height, row, column, band: bandOf(row) });
  });
  for (const box of regionBoxes) {
    box.h = Math.max(...regionBoxes.filter((other) => other.row === box.row).map((other) => other.h));
  }
  const groups = layOutGroups(trace, space, top + tallest + 10), bottom = groups.length ? groups.at(-1).y + groups.at(-1).h : top + tallest;
  const layout = { width: space, height: bottom + 10, scale, gutter, regions: regionBoxes, boxes, cell, cells, groups };
  const stacked = {};
  layout.links = links.map((link) => placeLink(link, regions, regionBoxes, stacked));
  return layout;
}

/** A link between two regions is a bracket above them; if they stand in different rows, a plate above the lower row, each on a line of its own. */
function placeLink(link, regions, boxes, stacked) {
  const one = boxes[regions.indexOf(link.one)], other = boxes[regions.indexOf(link.other)];
  const [left, right] = one.x < other.x ? [one, other] : [other, one];
  const lower = one.y > other.y ? one : other, apart = one.row !== other.row;
  if (apart) {
    const line = (stacked[lower.row] = (stacked[lower.row] ?? 0) + 1);
    return { ...link, left, right, apart, y: lower.y - 16 - lower.band - (line - 1) * PLATE, x1: boxes[0].x, x2: lower.x };
  }
  const { level } = link, inwards = 0.8 - 0.15 * (level - 1);
  return { ...link, left, right, apart, y: one.y - 18 - (level - 1) * BAND, x1: left.x + left.w * inwards, x2: right.x + right.w * (1 - inwards) };
}

/** Give each bracket a level above the regions: short ones low, and no two that overlap on one level. */
function levelLinks(regions, links) {
  const span = (link) => [link.one, link.other].map((name) => regions.indexOf(name)).sort((a, b) => a - b);
  const levels = [], inOrder = links.map((link) => [link, ...span(link)]).sort((a, b) => a[2] - a[1] - (b[2] - b[1]) || a[1] - b[1]);
  for (const [link, from, to] of inOrder) {
    let level = to - from;
    while (levels[level]?.some(([start, end]) => start < to && from < end)) level++;
    (levels[level] ??= []).push([from, to]);
    link.level = level;
  }
}

function layOutRegion(trace, region, x, top, wide, shown, boxes) {
  const machines = trace.places.filter((place) => place.region === region);
  const of = (role) => machines.filter((place) => roleOfMachine(trace, place.name) === role);
  let y = top + 32;
  for (const place of of("controller")) {
    const height = HEAD + (trace.voters.has(place.name) ? voterHeight(wide - 2 * PAD) : 0);
    boxes.set(place.name, { ...place, role: "controller", x: x + PAD, y, w: wide - 2 * PAD, h: height, rows: [] });
    y += height + 8;
  }
  for (const place of of("broker")) {
    const rows = shown.filter((name) => trace.thingOf.has(`replica ${place.name} ${name}`));
    const height = HEAD + rows.reduce((sum, name) => sum + rowHeight(trace, name), 0) + (rows.length ? 4 : 0);
    boxes.set(place.name, { ...place, role: "broker", x: x + PAD, y, w: wide - 2 * PAD, h: height, rows });
    y += height + 10;
  }
  const clients = of("client");
  const perLine = Math.max(1, Math.floor((wide - 2 * PAD + 8) / 190));
  const pill = (wide - 2 * PAD - 8 * (perLine - 1)) / perLine;
  clients.forEach((place, index) => {
    const column = index % perLine, line = Math.floor(index / perLine);
    boxes.set(place.name, { ...place, role: "client", x: x + PAD + column * (pill + 8), y: y + 2 + line * (PILL + 8), w: pill, h: PILL, rows: [] });
  });
  if (clients.length) y += 2 + Math.ceil(clients.length / perLine) * (PILL + 8);
  return y - top + 4;
}

/**
 * The line from one box to another, as a list of cubic pieces: along the side in one column, through the gap to the next column, and
 * above everything, along the link's bracket, to a column further away.
 */
function curveBetween(layout, from, to, reply) {
  const a = from.y + from.h / 2 + (reply ? 5 : -5), b = to.y + to.h / 2 + (reply ? -5 : 5);
  const fromRegion = layout.regions.find((box) => box.name === from.region), toRegion = layout.regions.find((box) => box.name === to.region);
  const far = fromRegion && toRegion && fromRegion.row === toRegion.row && Math.abs(fromRegion.column - toRegion.column) > 1;
  const link = far && layout.links.find((one) => !one.apart && [one.one, one.other].includes(from.region) && [one.one, one.other].includes(to.region));
  if (link) {
    const rightwards = to.x > from.x, side = (box, right) => (right ? box.x + box.w : box.x), gap = layout.gutter / 2 - (reply ? 4 : -4);
    const x1 = side(from, rightwards), x2 = side(to, !rightwards), u = x1 + (rightwards ? gap : -gap), v = x2 - (rightwards ? gap : -gap), y = link.y + (reply ? 3 : -3);
    return [straight(x1, a, u, a), straight(u, a, u, y), straight(u, y, v, y), straight(v, y, v, b), straight(v, b, x2, b)];
  }
  const gapRight = to.x - (from.x + from.w), gapLeft = from.x - (to.x + to.w);
  if ((gapRight > 0 || gapLeft > 0) && from.region !== to.region && fromRegion?.row === toRegion?.row) {
    const [x1, x2] = gapRight > 0 ? [from.x + from.w, to.x] : [from.x, to.x + to.w];
    const bend = Math.max(30, Math.abs(x2 - x1) / 2) * (gapRight > 0 ? 1 : -1);
    return [[x1, a, x1 + bend, a, x2 - bend, b, x2, b]];
  }
  const x1 = from.x + from.w, x2 = to.x + to.w, edge = Math.max(x1, x2);
  const out = edge + Math.min(layout.gutter + 6, 22 + Math.abs(b - a) / 16);
  return [[x1, a, out, a, out, b, x2, b]];
}

function straight(x0, y0, x3, y3) {
  return [x0, y0, x0 + (x3 - x0) / 3, y0 + (y3 - y0) / 3, x3 - (x3 - x0) / 3, y3 - (y3 - y0) / 3, x3, y3];
}

function pathOf(pieces) {
  return `M${pieces[0][0]} ${pieces[0][1]} ` + pieces.map((piece) => `C${piece.slice(2).join(" ")}`).join(" ");
}

/** The point after a part `u` (0 to 1) of the line; every piece counts by its length. */
function pointOn(pieces, u) {
  if (pieces.length === 1) return pointOnPiece(pieces[0], u);
  const lengths = pieces.map(([x0, y0, , , , , x3, y3]) => Math.hypot(x3 - x0, y3 - y0));
  let rest = u * lengths.reduce((sum, length) => sum + length, 0);
  for (let i = 0; i < pieces.length; i++) {
    if (rest <= lengths[i] || i === pieces.length - 1) return pointOnPiece(pieces[i], lengths[i] ? Math.min(1, rest / lengths[i]) : 1);
    rest -= lengths[i];
  }
}

function pointOnPiece([x0, y0, x1, y1, x2, y2, x3, y3], u) {
  const v = 1 - u, a = v * v * v, b = 3 * v * v * u, c = 3 * v * u * u, d = u * u * u;
  return [a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3];
}
