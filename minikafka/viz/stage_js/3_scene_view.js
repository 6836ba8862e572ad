// The scene: SVG nodes that are made once for a layout, and then only touched where something has changed.

const SVG = "http://www.w3.org/2000/svg";

/** An SVG node. Text goes in as text, never as markup: names come from users. */
function draw(tag, attributes, parent, text) {
  const node = document.createElementNS(SVG, tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.appendChild(node);
  return node;
}

/** Set what differs from last time, and nothing else: untouched nodes cost no frame. */
function touch(node, attributes, text) {
  const last = (node.last ??= {});
  for (const name in attributes) {
    if (last[name] !== attributes[name]) {
      last[name] = attributes[name];
      if (attributes[name] === null) node.removeAttribute(name);
      else node.setAttribute(name, attributes[name]);
    }
  }
  if (text !== undefined && last.text !== text) {
    last.text = text;
    node.textContent = text;
  }
}

const FAMILY = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
const FLAG = "11px", NOTE = "11.5px", BOLD_NOTE = "650 11.5px", LABEL = "12px", ROLE = "600 12.5px", STRONG = "700 14px", TITLE = "650 14px";
const widths = new Map();
let ruler;

/** How wide words are in a font of the scene (see stage.css). */
function widthOf(words, font) {
  const key = `${font} ${words}`;
  if (!widths.has(key)) {
    if (widths.size > 5000) widths.clear();
    ruler ??= document.createElement("canvas").getContext("2d");
    ruler.font = `${font} ${FAMILY}`;
    widths.set(key, ruler.measureText(words).width);
  }
  return widths.get(key);
}

/** The first of several ways to say a thing that has room. */
const sayIn = (space, font, ways) => ways.find((words) => widthOf(words, font) <= space) ?? "";

/** As much of the words as there is room for. */
function fit(words, space, font) {
  if (widthOf(words, font) <= space) return words;
  let most = words.length - 1;
  while (most > 2 && widthOf(`${words.slice(0, most)}…`, font) > space) most--;
  return `${words.slice(0, most)}…`;
}

/** The end of the words, as much as there is room for: it is at their ends that names differ. */
function ending(words, space, font) {
  let from = 0;
  while (from < words.length - 3 && widthOf(`${from ? "…" : ""}${words.slice(from)}`, font) > space) from++;
  return `${from ? "…" : ""}${words.slice(from)}`;
}

const show = (node, visible) => touch(node, { visibility: visible ? "visible" : "hidden" });
const EPOCH_COLOURS = 5;
const NAME = 40; // so wide at least is what is left of a partition's name, or its role stands there alone
const MACHINE_WORDS = { running: "", down: "crashed", dark: "no power", frozen: "frozen", stopped: "stopped" };
const VOTER_SIGNS = { leader: "★", follower: "●", candidate: "?", prospective: "?", unattached: "○", resigned: "○" };
const MACHINE_SHAPES = { running: "●", down: "✕", dark: "✕", frozen: "‖", stopped: "■" };
let pictures = 0;

class SceneView {
  constructor(trace, onSelect) {
    this.trace = trace;
    this.onSelect = onSelect;
    this.id = `mk${++pictures}`;
    this.svg = draw("svg", { class: "mk-scene", role: "img", "data-testid": "scene" });
  }

  build(width, shown) {
    const layout = (this.layout = layOut(this.trace, width, shown));
    this.svg.replaceChildren();
    this.svg.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", Math.round(layout.height * layout.scale));
    this.defs();
    this.regions = layout.regions.map((box) => this.buildRegion(box));
    this.wires = draw("g", { class: "mk-wires" }, this.svg);
    this.links = [...layout.links].sort((a, b) => (b.level ?? 0) - (a.level ?? 0)).map((link) => this.buildLink(link));
    this.machines = new Map();
    this.strips = [];
    for (const [name, box] of layout.boxes) this.machines.set(name, this.buildMachine(name, box));
    this.groups = layout.groups.map((box) => this.buildGroup(box));
    this.cuts = this.buildCuts();
    this.packets = draw("g", { class: "mk-packets" }, this.svg);
    this.pool = [];
  }

  defs() {
    const defs = draw("defs", {}, this.svg);
    const hatch = draw("pattern", { id: `${this.id}-hatch`, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, defs);
    draw("line", { x1: 0, y1: 0, x2: 0, y2: 5, class: "mk-hatch" }, hatch);
    const arrow = draw("marker", { id: `${this.id}-arrow`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, defs);
    draw("path", { d: "M0 0.8 L7.5 4 L0 7.2", class: "mk-arrow" }, arrow);
  }

  clickable(group, type, name) {
    group.classList.add("mk-click");
    group.addEventListener("click", (event) => { event.stopPropagation(); this.onSelect({ type, name }); });
    return group;
  }

  // -- regions and links ----------------------------------------------------------------------------------------

  buildRegion(box) {
    const group = this.clickable(draw("g", { class: "mk-region" }, this.svg), "region", box.name);
    const frame = draw("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 12 }, group);
    const title = draw("text", { x: box.x + PAD, y: box.y + 21, class: "mk-title" }, group, box.name || "the world");
    const note = draw("text", { x: box.x + box.w - PAD, y: box.y + 21, "text-anchor": "end", class: "mk-note" }, group);
    return { box, frame, title, note, group };
  }

  buildLink(link) {
    const group = this.clickable(draw("g", { class: "mk-link" }, this.svg), "link", `${link.one} ${link.other}`);
    const { x1, x2, y, apart } = link;
    const path = draw("path", { d: apart ? "" : `M${x1} ${link.left.y} V${y} H${x2} V${link.right.y}`, class: "mk-link-line" }, group);
    const plate = draw("rect", { y: y - 12, height: 24, rx: 12, class: "mk-plate" }, group);
    const text = draw("text", { y: y + 4, "text-anchor": "middle", class: "mk-small" }, group);
    return { link, group, path, plate, text };
  }

  updateLink(view) {
    const state = this.trace.state[view.link.index];
    const cut = state["cut there"] || state["cut back"], held = state["held there"] || state["held back"];
    const both = state["cut there"] && state["cut back"];
    const [latency, , bandwidth, loss] = state["wire there"] ?? [0, 0, 0, 0];
    const like = `${saySpan(latency)}${bandwidth ? ` · ${+(bandwidth / 1e6).toPrecision(3)} Mbps` : ""}${loss ? ` · ${(loss * 100).toFixed(1)} % lost` : ""}`;
    const words = (view.link.apart ? `${view.link.one} – ${view.link.other}: ` : "") + (cut ? `✕ link cut${both ? "" : " one way"}` : held ? "‖ held back" : like);
    touch(view.group, { class: `mk-link mk-click${cut ? " mk-bad" : ""}${held ? " mk-held" : ""}` });
    const wide = 24 + words.length * 6.3, middle = view.link.apart ? view.link.x1 + wide / 2 : (view.link.x1 + view.link.x2) / 2;
    touch(view.plate, { x: middle - wide / 2, width: wide });
    touch(view.text, { x: middle }, words);
  }

  /** Cuts between machines, zones, or a machine and a region: drawn where they are. */
  buildCuts() {
    const known = new Set(this.layout.links.map((link) => link.index));
    return linksOf(this.trace).filter((link) => !known.has(link.index)).map((link) => {
      const one = this.boxOf(link.one), other = this.boxOf(link.other);
      if (!one || !other) return null;
      const group = this.clickable(draw("g", { class: "mk-link mk-bad" }, this.svg), "link", `${link.one} ${link.other}`);
      const curve = curveBetween(this.layout, one, other, false);
      draw("path", { d: pathOf(curve), class: "mk-link-line" }, group);
      const [x, y] = pointOn(curve, 0.5);
      draw("rect", { x: x - 24, y: y - 12, width: 48, height: 24, rx: 12, class: "mk-plate" }, group);
      const text = draw("text", { x, y: y + 4, "text-anchor": "middle", class: "mk-small" }, group, "✕ cut");
      return { link, group, text };
    }).filter(Boolean);
  }

  boxOf(name) {
    const box = this.layout.boxes.get(name) ?? this.layout.regions.find((region) => region.name === name);
    if (box) return box;
    const inZone = [...this.layout.boxes.values()].filter((candidate) => candidate.zone === name);
    if (!inZone.length) return null;
    const x = Math.min(...inZone.map((b) => b.x)), y = Math.min(...inZone.map((b) => b.y));
    return { x, y, w: inZone[0].w, h: Math.max(...inZone.map((b) => b.y + b.h)) - y };
  }

  // -- machines -------------------------------------------------------------------------------------------------

  buildMachine(name, box) {
    const group = this.clickable(draw("g", { class: "mk-machine" }, this.svg), "machine", name);
    const pill = box.role !== "broker";
    const frame = draw("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: pill ? 15 : 8, class: "mk-card" }, group);
    const shape = draw("text", { x: box.x + 12, y: box.y + 20, class: "mk-shape" }, group);
    const title = draw("text", { x: box.x + 28, y: box.y + 20, class: pill ? "mk-label" : "mk-strong" }, group);
    const note = draw("text", { x: box.x + box.w - 10, y: box.y + 20, "text-anchor": "end", class: "mk-note" }, group);
    const view = { name, box, group, frame, shape, title, note };
    if (this.trace.voters.has(name)) view.metadata = this.buildMetadata(view);
    let y = box.y + HEAD;
    for (const row of box.rows) {
      this.strips.push(this.buildStrip(view, row, y));
      y += rowHeight(this.trace, row);
    }
    return view;
  }

  updateMachine(view, time) {
    const { name, box } = view, machine = this.trace.get("machine", name), state = machine.state ?? "down";
    const never = machine.state === undefined;
    touch(view.group, { class: `mk-machine mk-click mk-${box.role} mk-${never ? "absent" : state}` });
    touch(view.shape, {}, never ? "" : box.role === "client" && state === "running" ? "▸" : MACHINE_SHAPES[state]);
    const short = this.trace.short(name);
    if (box.role === "client") {
      const said = this.clientWords(name).map((words) => `${short}${words}`);
      touch(view.title, {}, sayIn(box.w - 36, LABEL, said) || fit(said.at(-1), box.w - 36, LABEL));
      touch(view.note, {}, "");
      return;
    }
    const voter = view.metadata ? this.trace.state[this.trace.voters.get(name)] : null;
    const title = voter ? `${short}  ${this.voterWords(voter, state)}`.trimEnd() : short;
    touch(view.title, {}, title);
    if (voter) this.updateMetadata(view.metadata, voter);
    const broker = this.trace.get("broker", name);
    const ways = never ? ["not yet there"] : state !== "running" ? [`${MACHINE_WORDS[state]} since ${sayTime(machine.since)}`, MACHINE_WORDS[state]]
      : box.role === "controller" ? (voter ? [box.zone] : ["decides who leads", "decides"]) : broker.fenced ? ["fenced"] : broker.shutting_down ? ["shutting down"] : this.brokerNotes(name, box.zone);
    touch(view.note, {}, sayIn(box.w - 48 - widthOf(title, box.role === "broker" ? STRONG : LABEL), state === "running" ? NOTE : BOLD_NOTE, ways));
  }

  /** What a client has done, in full and in short. */
  clientWords(name) {
    const client = this.trace.get("client", name);
    if (client.kind === "producer") {
      const counts = ` · ${client.acknowledged ?? 0}/${client.sent ?? 0}`;
      return [`${counts} acked${client.failed ? `, ${client.failed} failed` : ""}`, ...(client.failed ? [`${counts}, ${client.failed} failed`, `${counts}, ✕ ${client.failed}`] : []), counts];
    }
    const member = client.group ? ` · ${client.group} g${client.generation}` : "", read = ` · read ${client.read ?? 0}`;
    return client.kind === "consumer" ? [`${member}${read}`, read] : [""];
  }

  /** What there is to say of a broker that runs: how far it is behind, the groups that it coordinates now, or its zone. */
  brokerNotes(name, zone) {
    const groups = this.trace.groupThings.filter((thing) => this.trace.state[thing.index].coordinator === name).map((thing) => thing.name[1]);
    const behind = this.metadataLag(name);
    return behind.length ? behind : groups.length ? [`coordinates ${groups.join(", ")}`, `coordinates ${groups.length} group${groups.length === 1 ? "" : "s"}`, "coordinates"] : [zone];
  }

  // -- the controllers' quorum ----------------------------------------------------------------------------------

  voterWords(voter, state) {
    if (state !== "running" && state !== "frozen") return "";
    return voter.role ? `${VOTER_SIGNS[voter.role] ?? "…"} ${voter.role} e${voter.epoch}` : "… starting";
  }

  /** The last offsets of a voter's metadata log: what a majority has is solid, what it may lose is hatched. */
  buildMetadata({ box, group }) {
    const { cell } = this.layout, left = box.x + 12, top = box.y + HEAD, cells = [], narrow = box.w < ROOMY, fitting = Math.max(2, Math.floor((box.w - (narrow ? 24 : 180)) / cell));
    for (let i = 0; i < fitting; i++) {
      const x = left + i * cell;
      cells.push({ body: draw("rect", { x: x + 0.75, y: top, width: cell - 1.5, height: 18, rx: 2.5 }, group),
        hatch: draw("rect", { x: x + 0.75, y: top, width: cell - 1.5, height: 18, rx: 2.5, fill: `url(#${this.id}-hatch)`, visibility: "hidden" }, group),
        text: draw("text", { x: x + cell / 2, y: top + 13, "text-anchor": "middle", class: "mk-offset" }, group) });
    }
    const hw = draw("path", { class: "mk-hw" }, group), words = draw("text", { x: box.x + box.w - 10, y: top + (narrow ? 31 : 13), "text-anchor": "end", class: "mk-flag" }, group);
    return { cells, hw, words, left, top };
  }

  updateMetadata(view, voter) {
    const { cell } = this.layout, end = voter.log_end ?? voter.high_watermark ?? 0, hw = voter.high_watermark, most = view.cells.length;
    const first = Math.max(0, Math.max(end, hw ?? 0) - most + 1), known = hw !== null && hw !== undefined;
    view.cells.forEach((one, i) => {
      const offset = first + i, there = offset < Math.max(end, hw ?? 0), committed = known && offset < hw;
      touch(one.body, { class: `mk-cell ${!there ? "mk-none" : committed ? "mk-committed mk-e0" : known ? "mk-uncommitted mk-e0" : "mk-doubtful mk-e0"}` });
      touch(one.text, {}, there ? String(offset) : "");
      show(one.hatch, there && known && !committed);
    });
    show(view.hw, known);
    if (known) touch(view.hw, { d: `M${view.left + Math.max(0, Math.min(most, hw - first)) * cell} ${view.top - 3} v24` });
    touch(view.words, {}, known ? `metadata: HW ${hw}, LEO ${Math.max(end, hw)}` : voter.log_end === null ? "" : `metadata: LEO ${end}`);
  }

  /** How far a broker is behind the metadata that its controller knew to be committed. */
  metadataLag(name) {
    const { applied, high_watermark: high } = this.trace.get("metadata", name);
    const behind = applied === undefined || applied === null ? 0 : high - 1 - applied;
    return behind > 0 ? [`metadata @${applied}, ${behind} behind`, `${behind} behind`] : [];
  }

  // -- groups ---------------------------------------------------------------------------------------------------

  buildGroup(box) {
    const group = this.clickable(draw("g", { class: "mk-group-box" }, this.svg), "group", box.thing.name.join(" "));
    const frame = draw("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 10 }, group);
    const title = draw("text", { x: box.x + 12, y: box.y + 19, class: "mk-role" }, group);
    const wide = (box.w - 24) / box.perLine, lines = [];
    for (let i = 0; i < (Math.round((box.h - 28) / LINE)) * box.perLine; i++) {
      lines.push(draw("text", { x: box.x + 12 + (i % box.perLine) * wide, y: box.y + 37 + Math.floor(i / box.perLine) * LINE, class: "mk-flag" }, group));
    }
    return { box, group, frame, title, lines, wide };
  }

  updateGroup(view) {
    const state = this.trace.state[view.box.thing.index], members = state.members ?? [], { lines } = view;
    const [, name] = view.box.thing.name, coordinator = state.coordinator ? `, coordinator ${this.trace.short(state.coordinator)}` : "";
    touch(view.group, { class: `mk-group-box mk-click${state.state === "Stable" ? " mk-stable" : ""}` });
    touch(view.title, {}, fit(state.state === undefined ? `group ${name}: not yet there` : `group ${name} · ${state.state}, generation ${state.generation}${coordinator}`, view.box.w - 24, ROLE));
    lines.forEach((line, i) => {
      const member = members[i], last = i === lines.length - 1 && members.length > lines.length;
      const words = last ? `and ${members.length - lines.length + 1} more` : member ? `${memberName(this.trace, member)}${member[0] === state.leader ? " (leader)" : ""}: ${shortList(member[3]) || "nothing"}` : "";
      touch(line, {}, fit(words, view.wide - 10, FLAG));
    });
  }

  // -- strips ---------------------------------------------------------------------------------------------------

  buildStrip(machine, partition, y) {
    const { box } = machine, { cell, cells } = this.layout;
    const group = draw("g", { class: "mk-strip" }, machine.group);
    const left = box.x + PAD + 5, top = y + 32;
    const outline = draw("rect", { x: box.x + 6, y: y - 1, width: box.w - 12, height: rowHeight(this.trace, partition) - 5, rx: 7, class: "mk-outline" }, group);
    const role = draw("text", { x: box.x + 13, y: y + 13, class: "mk-role" }, group);
    const sync = draw("text", { x: box.x + box.w - 13, y: y + 13, "text-anchor": "end", class: "mk-sync" }, group);
    const made = [];
    for (let i = 0; i < cells; i++) {
      const x = left + i * cell;
      made.push({
        body: draw("rect", { x: x + 0.75, y: top, width: cell - 1.5, height: 20, rx: 2.5 }, group),
        hatch: draw("rect", { x: x + 0.75, y: top, width: cell - 1.5, height: 20, rx: 2.5, fill: `url(#${this.id}-hatch)`, visibility: "hidden" }, group),
        text: draw("text", { x: x + cell / 2, y: top + 14, "text-anchor": "middle", class: "mk-offset" }, group),
        epoch: draw("text", { x: x + 2, y: top - 4, class: "mk-epoch" }, group),
      });
    }
    const mark = (className) => draw("path", { class: className }, group), word = (className) => draw("text", { class: className }, group);
    const hw = mark("mk-hw"), leo = mark("mk-leo"), start = mark("mk-start"), stable = mark("mk-stable-mark");
    const hwText = word("mk-flag mk-hw-text"), leoText = word("mk-flag"), startText = word("mk-flag"), stableText = word("mk-flag");
    const empty = draw("text", { x: left + 2, y: top + 14, class: "mk-note" }, group);
    const readers = draw("g", {}, group);
    return { machine, partition, group, outline, role, sync, cells: made, left, top, hw, leo, start, hwText, leoText, startText, stable, stableText, empty, readers, under: top + 35 + (this.trace.read.has(partition) ? READERS : 0),
             right: box.x + box.w - 10, replica: this.trace.thingOf.get(`replica ${machine.name} ${partition}`) };
  }

  /** The first offset that the strips of a partition show: the same for all of its replicas, moved a few at a time. */
  windowOf(partition) {
    let end = 0, room = 1;
    for (const strip of this.strips) {
      if (strip.partition === partition) {
        const state = this.trace.state[strip.replica];
        end = Math.max(end, state.log_end ?? 0, state.cut ? state.cut[1] : 0);
      }
    }
    for (const strip of this.strips) {
      const began = strip.partition === partition ? this.trace.state[strip.replica].spans?.at(-1)?.[0] ?? 0 : 0;
      if (began && began > end - 4) room = 3;  // the flag of the log's end must not hide where the epoch begins
    }
    const step = Math.max(1, Math.min(4, Math.floor(this.layout.cells / 4)));
    return Math.max(0, Math.ceil((end + room - this.layout.cells) / step) * step);
  }

  updateStrip(strip, first, time) {
    const trace = this.trace, state = trace.state[strip.replica], machine = trace.get("machine", strip.machine.name);
    const cluster = strip.machine.name.split("/")[0];
    const partition = trace.get("partition", cluster, strip.partition), id = trace.get("broker", strip.machine.name).id;
    const up = machine.state === "running" || machine.state === "frozen";
    const here = state.log_end !== undefined && state.role !== "gone";
    const observer = (partition.observers ?? []).includes(id);
    const isr = partition.isr ?? [], member = (partition.replicas ?? []).includes(id), synced = isr.includes(id);
    const fading = state.cut ? Math.max(0, 1 - (time - state.cut[2]) / 5e6) : 0;
    const signature = JSON.stringify([here, up, state.role, state.leader_epoch, state.log_start, state.log_end, state.high_watermark,
      state.spans, state.cut, state.gaps, state.stable, observer, Math.round(fading * 8), synced, member, partition.leader, first, this.readersOf(strip)]);
    if (strip.signature === signature) return;
    strip.signature = signature;
    show(strip.group, here || member);
    if (!here && !member) { for (const cell of strip.cells) this.clearCell(cell); this.hideFlags(strip); return; }
    const [glyph, word] = !up ? ["✕", "not running"] : state.role === "leader" ? ["★", `leader e${state.leader_epoch}`]
      : state.role === "follower" && observer ? ["◇", `observer e${state.leader_epoch}`] : state.role === "follower" ? ["●", `follower e${state.leader_epoch}`] : state.role === "offline" ? ["✕", "no leader"] : ["…", "starting"];
    const recorded = partition.leader === id;
    const old = state.role === "leader" && !recorded && up;
    touch(strip.group, { class: `mk-strip mk-role-${up ? state.role : "down"}${synced ? " mk-synced" : ""}${old ? " mk-stale" : ""}${observer ? " mk-observer" : ""}` });
    const sync = member && !old ? (synced ? (observer ? "in sync, promoted" : "in sync") : observer ? "not counted" : "out of sync") : "";
    const space = strip.right - strip.left - 1, full = `${strip.partition} ${glyph} ${word}${old ? ", it believes" : ""}`;
    const short = full.replace("follower", "foll.").replace("not running", "down").replace(", it believes", "?"), wide = (words, more) => widthOf(words, ROLE) + (more && widthOf(more, NOTE) + 8);
    const shortest = short.replace(/(leader|foll\.|observer) e/, "e"), ways = [full, short, shortest];
    const notes = sync.endsWith("promoted") ? [sync, "promoted"] : [sync], role = short.slice(strip.partition.length);
    const whole = notes.flatMap((note) => [full, short].map((words) => [words, note])).find(([words, note]) => wide(words, note) < space);
    const alone = ways.find((words) => wide(words, "") < space), note = notes.find((one) => space - wide(role, one) > NAME) ?? "";
    const [said, told] = whole ?? (alone ? [alone, ""] : [`${ending(strip.partition, space - wide(role, note) - 2, ROLE)}${role}`, note]);
    touch(strip.role, {}, fit(said, space, ROLE));
    touch(strip.sync, {}, told);
    this.updateCells(strip, state, first, fading);
    this.updateFlags(strip, state, first);
  }

  /** Who reads a partition, and what is committed for it: [sign, name, offset]. A position is a triangle, a committed one a filled dot. */
  readersOf(strip) {
    const trace = this.trace, cluster = strip.machine.name.split("/")[0];
    this.positions ??= trace.things.filter((thing) => thing.type === "position" || thing.type === "committed");
    return this.positions.map((thing) => {
      const state = trace.state[thing.index], committed = thing.type === "committed", offset = committed ? state.offset : state.position;
      const mine = committed ? thing.name[0] === cluster && thing.name[2] === strip.partition : thing.name[1] === strip.partition;
      return mine && offset !== undefined && offset !== null ? [committed ? "●" : "▴", committed ? thing.name[1] : trace.short(thing.name[0]), offset] : null;
    }).filter(Boolean);
  }

  clearCell(cell) {
    touch(cell.body, { class: "mk-cell mk-none" });
    touch(cell.text, { class: "mk-offset" }, "");
    touch(cell.epoch, {}, "");
    show(cell.hatch, false);
  }

  updateCells(strip, state, first, fading) {
    const start = state.log_start ?? 0, end = state.log_end, spans = state.spans ?? [], gaps = state.gaps ?? [];
    const [cutFrom, cutTo, , cutSpans] = state.cut ?? [0, 0, 0, []];
    let span = 0;
    strip.cells.forEach((cell, i) => {
      const offset = first + i;
      const ghost = fading > 0 && offset >= (end ?? 0) && offset >= cutFrom && offset < cutTo;
      const gone = gaps.some(([from, to]) => offset >= from && offset <= to);
      const there = end !== null && end !== undefined && offset >= start && offset < end && !gone;
      const history = ghost ? cutSpans : spans;
      span = 0;
      while (span + 1 < history.length && history[span + 1][0] <= offset) span++;
      if (!there && !ghost) {
        touch(cell.body, { class: `mk-cell mk-none${(offset < start || (gone && offset < end)) && end ? " mk-gap" : ""}`, opacity: null });
        touch(cell.text, { class: "mk-offset" }, "");
        touch(cell.epoch, {}, "");
        show(cell.hatch, false);
        return;
      }
      const epoch = history.length ? history[span][1] : 0;
      const known = state.high_watermark !== null && state.high_watermark !== undefined;
      const committed = there && known && offset < state.high_watermark;
      const look = ghost ? "mk-ghost" : committed ? "mk-committed" : known ? "mk-uncommitted" : "mk-doubtful";
      touch(cell.body, { class: `mk-cell ${look} mk-e${epoch % EPOCH_COLOURS}`, opacity: ghost ? (0.25 + 0.6 * fading).toFixed(2) : null });
      touch(cell.text, { class: `mk-offset${ghost ? " mk-struck" : ""}` }, String(offset));
      touch(cell.epoch, {}, history.length && (history[span][0] === offset || offset === Math.max(first, start)) ? `e${epoch}` : "");
      show(cell.hatch, there && known && !committed);
    });
  }

  hideFlags(strip) {
    for (const node of [strip.hw, strip.leo, strip.start, strip.hwText, strip.leoText, strip.startText, strip.stable, strip.stableText]) show(node, false);
    touch(strip.empty, {}, "");
    strip.readers.replaceChildren();
  }

  updateFlags(strip, state, first) {
    const { cell, cells } = this.layout, { left, top } = strip;
    const at = (offset) => left + Math.max(0, Math.min(cells, offset - first)) * cell;
    const known = (value) => value !== null && value !== undefined;
    const behind = known(state.log_end) && state.log_end < first;
    const end = known(state.log_end) && !behind, hw = known(state.high_watermark), start = known(state.log_start);
    for (const [node, visible] of [[strip.hw, hw && end], [strip.hwText, hw && end], [strip.leo, end], [strip.leoText, end], [strip.start, start && end],
      [strip.startText, start && end]]) show(node, visible);
    const nothing = behind ? [`◂ its log ends at ${state.log_end}`, `◂ ends at ${state.log_end}`] : ["what its disk holds is not known", "its disk is not known", "disk not known"];
    touch(strip.empty, {}, end ? "" : sayIn(strip.right - left - 8, BOLD_NOTE, nothing));
    if (end) {
      const x = at(state.log_end), right = x + 7 + 6.2 * (4 + String(state.log_end).length) > strip.right;
      touch(strip.leo, { d: `M${x - 4} ${top - 10} h8 l-4 7 z M${x} ${top - 4} v26` });
      touch(strip.leoText, { x: right ? x - 6 : x + 7, y: top - 4, "text-anchor": right ? "end" : "start" }, `LEO ${state.log_end}`);
    }
    if (hw && end) {
      const x = at(state.high_watermark), word = `HW ${state.high_watermark}`;
      const room = Math.min(Math.max(x, left + 22), strip.right - word.length * 3.6);
      touch(strip.hw, { d: `M${x} ${top - 5} V${top + 25}` });
      touch(strip.hwText, { x: room, y: strip.under, "text-anchor": "middle" }, word);
    }
    if (start && end) {
      const x = at(state.log_start), word = `start ${state.log_start}`;
      const near = hw && Math.abs(Math.max(at(state.high_watermark), left + 22) - x) < 34 + word.length * 6;
      touch(strip.start, { d: `M${x + 5} ${top - 0.5} h-5 v21 h5` });
      touch(strip.startText, { x: near ? Math.max(at(state.high_watermark), left + 22) + 32 : x, y: strip.under }, word);
    }
    const unstable = end && state.stable !== undefined && state.stable !== null;
    show(strip.stable, unstable);
    show(strip.stableText, unstable);
    if (unstable) {
      touch(strip.stable, { d: `M${at(state.stable)} ${top - 2} v25` });
      const x = at(state.stable), word = `stable ${state.stable}`, wide = widthOf(word, FLAG), begins = [first, ...(state.spans ?? []).map((span) => span[0])].map(at);
      const free = (from) => !begins.some((start) => start + 18 > from && start < from + wide);
      const after = [x + 4, x + 19].find((from) => free(from) && from + wide + 8 < at(state.log_end)), before = x - 4 - wide > left + 18 && free(x - 4 - wide);
      touch(strip.stableText, { x: after ?? x - 4, y: top - 4, "text-anchor": after ? "start" : "end" }, after || before ? word : "");
    }
    this.updateReaders(strip, state, first, at);
  }

  updateReaders(strip, state, first, at) {
    strip.readers.replaceChildren();
    if (state.role !== "leader") return;
    const readers = this.readersOf(strip), places = [strip.left];
    for (const [sign, , offset] of readers) {
      const both = readers.some(([other, , there]) => other !== sign && there === offset), x = at(offset) + (both ? (sign === "●" ? 5 : -5) + (offset <= first ? 7 : 0) : 0);
      places.push(x);
      if (sign === "●") draw("circle", { cx: x, cy: strip.top + 30, r: 4, class: "mk-reader" }, strip.readers);
      else draw("path", { d: `M${x - 5} ${strip.top + 34} h10 l-5 -8.5 z`, class: "mk-reader" }, strip.readers);
    }
    const words = readers.map((reader) => reader.join(" ")).join(", "), leftmost = Math.min(...places.slice(1)), last = Math.max(...places), wide = widthOf(words, FLAG) + 12;
    if (!words) return;
    const [x, anchor, space] = last + wide < strip.right ? [last + 9, "start", wide] : leftmost - wide > strip.left ? [leftmost - 9, "end", wide] : [strip.left, "start", leftmost - strip.left - 9];
    draw("text", { x, y: strip.top + 34, "text-anchor": anchor, class: "mk-flag" }, strip.readers, space < 30 ? "" : fit(words, space, FLAG));
  }

  // -- packets --------------------------------------------------------------------------------------------------

  packetNode(index) {
    while (this.pool.length <= index) {
      const wire = draw("path", { class: "mk-wire" }, this.wires), group = draw("g", { class: "mk-packet" }, this.packets);
      const made = { wire, group, shape: draw("path", {}, group), text: draw("text", { class: "mk-packet-text" }, group) };
      group.addEventListener("click", (event) => { event.stopPropagation(); this.onSelect({ type: "packet", name: made.packet.index }); });
      this.pool.push(made);
    }
    return this.pool[index];
  }

  updatePackets(time, quietToo) {
    const seen = this.trace.packetsAt(time).filter((packet) => quietToo || !packet.routine || packet.fate === STUCK);
    const taken = [];
    let count = 0;
    for (const packet of seen) {
      const from = this.layout.boxes.get(this.trace.places[packet.from].name), to = this.layout.boxes.get(this.trace.places[packet.to].name);
      if (!from || !to || from === to) continue;
      const node = this.packetNode(count++);
      node.packet = packet;
      const curve = curveBetween(this.layout, from, to, packet.reply), progress = this.trace.progress(packet, time), [x, y] = pointOn(curve, progress);
      const stuck = packet.fate === STUCK && progress >= HALT;
      show(node.wire, true);
      show(node.group, true);
      const kind = `${packet.reply ? "mk-reply" : "mk-request"}${packet.routine ? " mk-quiet" : ""}${stuck ? " mk-stuck" : ""}`;
      touch(node.wire, { d: pathOf(curve), class: `mk-wire ${kind}`, "marker-end": `url(#${this.id}-arrow)` });
      touch(node.group, { class: `mk-packet mk-click ${kind}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
      const r = packet.routine ? 4 : 7;
      touch(node.shape, { d: packet.reply ? `M0 ${-r - 1} L${r + 1} 0 L0 ${r + 1} L${-r - 1} 0 Z` : `M${-r} 0 a${r} ${r} 0 1 0 ${2 * r} 0 a${r} ${r} 0 1 0 ${-2 * r} 0` });
      this.labelPacket(node, packet, stuck, x, y, taken);
    }
    for (let i = count; i < this.pool.length; i++) { show(this.pool[i].wire, false); show(this.pool[i].group, false); }
    return count;
  }

  /** A label stands beside its packet, on the side with room; where two would lie on one another the later one moves down, or is left out. */
  labelPacket(node, packet, stuck, x, y, taken) {
    const pair = `${packet.from} ${packet.to}`, told = stuck && taken[pair];
    if (stuck) taken[pair] = true;
    const words = packet.routine || told ? "" : stuck ? `✕ ${packet.label}` : packet.label;
    const width = words.length * 6.4, left = x + 12 + width > this.layout.width;
    let line = 0;
    const clash = () => taken.some((other) => Math.abs(other.y - (y + line)) < 12 && other.x1 < (left ? x : x + width + 12) && other.x2 > (left ? x - width - 12 : x));
    for (const shift of [0, 13, -13, 26]) { line = shift; if (!clash()) break; line = null; }
    const visible = words && line !== null;
    if (visible) taken.push({ y: y + line, x1: left ? x - width - 12 : x, x2: left ? x : x + width + 12 });
    touch(node.text, { x: left ? -12 : 12, y: 4 + (line ?? 0), "text-anchor": left ? "end" : "start" }, visible ? words : "");
  }

  // -- everything -----------------------------------------------------------------------------------------------

  update(time, quietToo, selected) {
    for (const view of this.machines.values()) this.updateMachine(view, time);
    const windows = new Map();
    for (const strip of this.strips) {
      if (!windows.has(strip.partition)) windows.set(strip.partition, this.windowOf(strip.partition));
      this.updateStrip(strip, windows.get(strip.partition), time);
    }
    for (const view of this.regions) this.updateRegion(view);
    for (const view of this.groups) this.updateGroup(view);
    for (const view of this.links) this.updateLink(view);
    for (const view of this.cuts) {
      const state = this.trace.state[view.link.index], cut = state["cut there"] || state["cut back"], held = state["held there"] || state["held back"];
      show(view.group, cut || held);
      touch(view.text, {}, cut ? "✕ cut" : "‖ held");
    }
    for (const view of this.machines.values()) touch(view.frame, { class: `mk-card${selected?.type === "machine" && selected.name === view.name ? " mk-chosen" : ""}` });
    for (const view of this.groups) touch(view.frame, { class: selected?.type === "group" && selected.name === view.box.thing.name.join(" ") ? "mk-chosen" : "" });
    for (const view of this.regions) touch(view.frame, { class: selected?.type === "region" && selected.name === view.box.name ? "mk-chosen" : "" });
    return this.updatePackets(time, quietToo);
  }

  updateRegion(view) {
    const inside = [...this.layout.boxes.entries()].filter(([, box]) => box.region === view.box.name && box.role !== "client");
    const states = inside.map(([name]) => this.trace.get("machine", name)).filter((machine) => machine.state);
    const lost = states.length > 0 && states.every((machine) => machine.state === "dark" || machine.state === "down");
    touch(view.group, { class: `mk-region mk-click${lost ? " mk-lost" : ""}` });
    const space = view.box.w - 2 * PAD - 10 - widthOf(view.title.textContent, TITLE);
    touch(view.note, {}, lost ? sayIn(space, BOLD_NOTE, [`✕ lost since ${sayTime(Math.max(...states.map((machine) => machine.since)))}`, "✕ lost"]) : "");
  }
}
