// The parts around the scene: small helpers for HTML, the inspector, transcript, table, questions.

/** An HTML node; `text` as text, `on` for listeners, everything else as attributes. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const event in value) node.addEventListener(event, value[event]);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const ICONS = {
  play: "M5 3 L17 10 L5 17 Z", pause: "M4 3 h4 v14 h-4 Z M12 3 h4 v14 h-4 Z", back: "M14 3 L6 10 L14 17 Z M4 3 h2 v14 h-2 Z",
  forward: "M6 3 L14 10 L6 17 Z M14 3 h2 v14 h-2 Z", first: "M17 3 L10 10 L17 17 Z M10 3 L3 10 L10 17 Z", last: "M3 3 L10 10 L3 17 Z M10 3 L17 10 L10 17 Z",
};

function iconButton(icon, label, testid, onClick) {
  const button = make("button", { type: "button", class: "mk-button mk-icon", "aria-label": label, title: label, "data-testid": testid, on: { click: onClick } });
  const picture = draw("svg", { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true" });
  draw("path", { d: ICONS[icon] }, picture);
  button.append(picture);
  return button;
}

function textButton(words, testid, onClick, title) {
  return make("button", { type: "button", class: "mk-button", "data-testid": testid, title, on: { click: onClick } }, words);
}

function select(label, options, testid, onChange) {
  const box = make("select", { "data-testid": testid, "aria-label": label, on: { change: () => onChange(box.value) } });
  setOptions(box, options);
  return box;
}

function setOptions(box, options) {
  const value = box.value;
  box.replaceChildren(...options.map(([key, words]) => make("option", { value: key }, words)));
  if (options.some(([key]) => String(key) === value)) box.value = value;
}

function table(caption, head, rows, testid) {
  const cells = (row) => row.map((cell, i) => make(i ? "td" : "th", i ? {} : { scope: "row" }, String(cell)));
  return make("table", { class: "mk-table", "data-testid": testid }, make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row)))));
}

const sayValue = (value, of = "@e") => value === null || value === undefined ? "not known" : Array.isArray(value)
  ? value.map((item) => (Array.isArray(item) ? item.join(of) : item)).join(", ") || "none" : value === true ? "yes" : value === false ? "no" : String(value);

const FIELD_WORDS = {
  role: "role", leader: "leader (broker)", leader_epoch: "leader epoch", partition_epoch: "partition epoch", log_start: "log start offset",
  log_end: "log end offset, LEO", high_watermark: "high watermark, HW", isr: "in-sync replicas, ISR", maximal_isr: "maximal ISR",
  spans: "first offset of each epoch", elr: "eligible leaders, ELR", id: "broker id", epoch: "broker epoch", shutting_down: "shutting down",
  life: "life", position: "next offset", replicas: "replicas", owned: "reads", applied: "applied up to offset", stable: "last stable offset (read_committed stops here)", observers: "observers", gaps: "compacted away", generation: "generation", group: "group",
};

/** A member by the name of its client, or by its id while nobody knows the client: [id, instance, client, partitions]. */
const memberName = (trace, [id, instance, client]) => (client ? trace.short(client) : instance || id.split("/").pop());

const sayMembers = ({ members = [] }) => `${members.length} member${members.length === 1 ? "" : "s"}`;

/** "flights-0, flights-1, flights-3" as "flights-0, 1, 3". */
function shortList(partitions) {
  let topic = "";
  return partitions.map((name) => {
    const cut = name.lastIndexOf("-"), same = name.slice(0, cut) === topic;
    topic = name.slice(0, cut);
    return same ? name.slice(cut + 1) : name;
  }).join(", ");
}

/** What a group has committed, and how far that is from the end: rows of [partition, committed, log end, lag, who reads it]. */
function committedRows(trace, cluster, group) {
  const rows = new Map(), members = trace.get("group", cluster, group).members ?? [];
  for (const member of members) for (const name of member[3]) rows.set(name, [name, "-", "-", "-", memberName(trace, member)]);
  for (const thing of trace.things) {
    if (thing.type !== "committed" || thing.name[0] !== cluster || thing.name[1] !== group) continue;
    const name = thing.name[2], offset = trace.state[thing.index].offset;
    if (offset === undefined || offset === null) continue;
    if (!rows.has(name)) rows.set(name, [name, "-", "-", "-", "-"]);
    rows.get(name)[1] = offset;
  }
  for (const [name, row] of rows) {
    const leader = trace.things.find((thing) => thing.type === "replica" && thing.name[1] === name && thing.name[0].startsWith(`${cluster}/`) && trace.state[thing.index].role === "leader");
    const end = leader && trace.state[leader.index].high_watermark;
    if (end !== undefined && end !== null) { row[2] = end; if (row[1] !== "-") row[3] = end - row[1]; }
  }
  return [...rows.values()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

const COMMITTED_HEAD = ["partition", "committed", "HW", "lag", "member"];

/** A group in the inspector: what it is, who belongs to it, what it has committed. */
function inspectedGroup(trace, cluster, name) {
  const state = trace.get("group", cluster, name);
  if (state.state === undefined) return [[`group ${name}`, [["state", "not yet there"]]]];
  const members = (state.members ?? []).map((member) => [`${memberName(trace, member)}${member[0] === state.leader ? " (leader)" : ""}`, `${member[0]}${member[1] ? `, instance ${member[1]}` : ""}: ${shortList(member[3]) || "nothing"}`]);
  return [
    [`group ${name}`, [["state", state.state], ["generation", state.generation], ["protocol", state.protocol || "-"], ["coordinator", state.coordinator || "none"], ["members", members.length]]],
    ...(members.length ? [["members", members]] : []),
    ["committed", committedRows(trace, cluster, name).map((row) => [row[0], row[1] === "-" ? "nothing" : `${row[1]}, HW ${row[2]}, lag ${row[3]}`])],
  ];
}

/** What can be chosen for the inspector: [value, words]. */
function choices(trace) {
  const of = (role) => trace.places.filter((place) => place.region && roleOfMachine(trace, place.name) === role);
  const links = linksOf(trace).map((link) => [`link ${link.one} ${link.other}`, `link ${link.one} to ${link.other}`]);
  return [
    ["moment", "this moment"], ...of("broker").map((place) => [`machine ${place.name}`, `broker ${trace.short(place.name)}`]),
    ...of("controller").map((place) => [`machine ${place.name}`, trace.short(place.name)]),
    ...of("client").map((place) => [`machine ${place.name}`, `client ${trace.short(place.name)}`]),
    ...trace.groupThings.map((thing) => [`group ${thing.name.join(" ")}`, `group ${thing.name[1]}`]),
    ...trace.regions.map((region) => [`region ${region}`, `region ${region}`]), ...links,
    ...partitionsOf(trace).map((partition) => [`partition ${partition.cluster} ${partition.name}`, `partition ${partition.name}${trace.clusters.length > 1 ? ` of ${partition.cluster}` : ""}`]),
  ];
}

/** The inspector's tables for what is chosen: [caption, rows]. */
function inspected(trace, chosen, moment, time) {
  const fields = (state, skip = []) => Object.entries(state).filter(([name]) => !skip.includes(name))
    .map(([name, value]) => [FIELD_WORDS[name] ?? name, name === "since" ? sayTime(value) : sayValue(value, name === "gaps" ? " to " : "@e")]);
  if (chosen.type === "machine") {
    const place = trace.places[trace.placeOf.get(chosen.name)];
    const tables = [[chosen.name, [["zone", place.zone], ["region", place.region], ...fields(trace.get("machine", chosen.name)), ...fields(trace.get("client", chosen.name))]]];
    if (trace.voters.has(chosen.name)) tables.push(["as a voter of the quorum", fields(trace.state[trace.voters.get(chosen.name)])]);
    if (trace.thingOf.has(`metadata ${chosen.name}`)) tables.push(["the metadata that it has applied", fields(trace.get("metadata", chosen.name))]);
    if (trace.thingOf.has(`broker ${chosen.name}`)) tables.push(["as the controller knows it", fields(trace.get("broker", chosen.name))]);
    for (const thing of trace.things) {
      if (thing.type === "replica" && thing.name[0] === chosen.name && trace.state[thing.index].role !== undefined && isTold(trace, thing)) tables.push([`replica of ${thing.name[1]}`, fields(trace.state[thing.index], ["cut"])]);
      if (thing.type === "position" && thing.name[0] === chosen.name && trace.state[thing.index].position !== null) tables.push([`reads ${thing.name[1]}`, fields(trace.state[thing.index])]);
    }
    return tables;
  }
  if (chosen.type === "group") {
    const cut = chosen.name.indexOf(" ");
    return inspectedGroup(trace, chosen.name.slice(0, cut), chosen.name.slice(cut + 1));
  }
  if (chosen.type === "partition") {
    const [cluster, name] = chosen.name.split(" ");
    return [[`${name}, as the controller has it recorded`, fields(trace.get("partition", cluster, name))]];
  }
  if (chosen.type === "link") {
    const state = trace.get("link", ...chosen.name.split(" ")), rows = [];
    for (const [way, words] of [["there", "there"], ["back", "back"]]) {
      const wire = state[`wire ${way}`];
      if (wire) rows.push([`latency ${words}`, saySpan(wire[0])], [`jitter ${words}`, saySpan(wire[1])], [`bandwidth ${words}`, wire[2] ? `${wire[2]} bits/s` : "no limit"], [`loss ${words}`, `${wire[3] * 100} %`]);
      rows.push([`cut ${words}`, sayValue(!!state[`cut ${way}`])], [`held ${words}`, sayValue(!!state[`held ${way}`])]);
    }
    return [[`link ${chosen.name.replace(" ", " to ")}`, rows]];
  }
  if (chosen.type === "packet") {
    const packet = trace.packets[chosen.name];
    if (packet) {
      return [["message", [["what", packet.label], ["kind", packet.reply ? "reply" : "request"], ["from", trace.places[packet.from].name], ["to", trace.places[packet.to].name],
        ["size", saySize(packet.size)], ["left", sayTime(packet.sent)], [packet.fate === DELIVERED ? "arrived" : ["", "got stuck", "was lost", "would arrive"][packet.fate], sayTime(packet.end)],
        ["took", saySpan(packet.end - packet.sent)], ["connection", packet.connection], ["routine", sayValue(packet.routine)]]]];
    }
  }
  if (chosen.type === "region") {
    const rows = trace.places.filter((place) => place.region === chosen.name).map((place) => [place.name, trace.get("machine", place.name).state ?? "not yet there"]);
    return [[`region ${chosen.name}`, rows]];
  }
  return [inspectedMoment(trace, moment, time)];
}

function inspectedMoment(trace, moment, time) {
  if (moment < 0) return ["before the first event", [["time", sayTime(time)]]];
  const { first, last } = trace.moments[moment], rows = [];
  for (let event = first; event <= last; event++) rows.push([trace.kinds[trace.kind[event]].name, trace.sentence(event)]);
  return [`what happened at ${sayTime(trace.moments[moment].time)}`, rows];
}

/** Whether a replica is worth a table: those of Kafka's own topics are if anything was written to them. */
const isTold = (trace, thing) => !isInternal(thing.name[1]) || trace.written.has(`${thing.name[0].split("/")[0]} ${thing.name[1]}`);

/** Rows of the table view: every replica with its numbers. */
function replicaRows(trace) {
  return trace.things.filter((thing) => thing.type === "replica" && trace.state[thing.index].role !== undefined && isTold(trace, thing)).map((thing) => {
    const [place, name] = thing.name, state = trace.state[thing.index], machine = trace.get("machine", place);
    const partition = trace.get("partition", place.split("/")[0], name), id = trace.get("broker", place).id;
    const running = machine.state === "running";
    const observer = state.role === "follower" && (partition.observers ?? []).includes(id);
    return [`${trace.short(place)} ${name}`, running ? (observer ? "observer" : state.role) : machine.state, running && state.leader_epoch >= 0 ? state.leader_epoch : "-",
      sayValue(state.log_start), sayValue(state.high_watermark), sayValue(state.log_end), (partition.isr ?? []).includes(id) ? "in sync" : "out of sync"];
  });
}

const REPLICA_HEAD = ["replica", "role", "epoch", "start", "HW", "LEO", "ISR"];

/** Rows of the table view: every voter of the quorum. */
function voterRows(trace) {
  return [...trace.voters].sort().map(([name, index]) => {
    const voter = trace.state[index];
    return [trace.short(name), voter.role ?? trace.get("machine", name).state ?? "-", voter.epoch ?? "-", sayValue(voter.high_watermark), sayValue(voter.log_end)];
  });
}

const VOTER_HEAD = ["controller", "role", "epoch", "HW", "log end"];

/** What two branches differ in at the same time: rows of [what, A, B …], only where they differ. */
function differences(traces) {
  const rows = [], add = (what, values) => { if (new Set(values.map(String)).size > 1) rows.push([what, ...values]); };
  for (const partition of partitionsOf(traces[0])) {
    const all = traces.map((trace) => trace.get("partition", partition.cluster, partition.name));
    add(`${partition.name}: leader`, all.map((state) => (state.leader >= 0 ? `broker ${state.leader}` : "none")));
    add(`${partition.name}: leader epoch`, all.map((state) => sayValue(state.leader_epoch)));
    add(`${partition.name}: ISR`, all.map((state) => sayValue(state.isr)));
  }
  const names = new Map();
  for (const trace of traces) for (const row of replicaRows(trace)) names.set(row[0], true);
  for (const name of names.keys()) {
    const all = traces.map((trace) => replicaRows(trace).find((row) => row[0] === name));
    add(`${name}: HW`, all.map((row) => row?.[4] ?? "-"));
    add(`${name}: LEO`, all.map((row) => row?.[5] ?? "-"));
  }
  for (const name of traces[0].voters.keys()) {
    add(`${traces[0].short(name)}: in the quorum`, traces.map((trace) => { const voter = trace.get("voter", name); return voter.role ? `${voter.role} e${voter.epoch}` : "-"; }));
    add(`${traces[0].short(name)}: metadata HW`, traces.map((trace) => sayValue(trace.get("voter", name).high_watermark)));
  }
  for (const thing of traces[0].groupThings) {
    const [cluster, name] = thing.name, all = traces.map((trace) => trace.get("group", cluster, name));
    add(`group ${name}`, all.map((state) => (state.state === undefined ? "-" : `${state.state}, generation ${state.generation}, ${sayMembers(state)}`)));
    for (const row of committedRows(traces[0], cluster, name)) add(`${name}: committed in ${row[0]}`, traces.map((trace) => trace.get("committed", cluster, name, row[0]).offset ?? "-"));
  }
  for (const thing of traces[0].things.filter((thing) => thing.type === "client")) {
    const all = traces.map((trace) => trace.get("client", thing.name[0]));
    for (const field of ["acknowledged", "failed", "retried", "read"]) add(`${traces[0].short(thing.name[0])}: records ${field}`, all.map((state) => state[field] ?? 0));
  }
  return rows;
}
