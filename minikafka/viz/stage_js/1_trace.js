// The trace as it came from Python: columns are unpacked, and state can be walked forward and back.

const GAP = "\x1f";
const HALT = 0.4;  // where on its way a packet that is stuck stands
const DELIVERED = 0, STUCK = 1, LOST = 2, UNDER_WAY = 3;

/** Numbers of a packed column: base64 of zigzag variable-length integers (see packed.py). */
function unpack(text) {
  const bytes = atob(text), found = [];
  let number = 0, factor = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    number += (byte & 127) * factor;
    factor *= 128;
    if (byte < 128) {
      found.push(number % 2 ? -(number + 1) / 2 : number / 2);
      number = 0;
      factor = 1;
    }
  }
  return found;
}

/** Running sums: the opposite of `steps_between`. */
function sums(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

/** The last index whose value is not above `value`, -1 if there is none. */
function lastUpTo(values, value) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function sayTime(us) {
  return `${(us / 1e6).toFixed(3)} s`;
}

function saySpan(us) {
  const short = (value) => String(+value.toPrecision(4));
  return us >= 1e6 ? `${short(us / 1e6)} s` : us >= 1e3 ? `${short(us / 1e3)} ms` : `${us} µs`;
}

function saySize(size) {
  for (const [unit, factor] of [["GB", 2 ** 30], ["MB", 2 ** 20], ["KB", 1024]]) {
    if (size >= factor) return `${+(size / factor).toPrecision(4)} ${unit}`;
  }
  return `${size} B`;
}

/** One run of one world. `seek(moment)` brings `state` there; everything else only looks. */
class Trace {
  constructor(message) {
    this.end = message.end;
    this.seed = message.seed;
    this.kept = message.kept;
    this.recorded = message.recorded;
    this.regions = message.regions;
    this.groups = message.groups;
    this.kinds = message.kinds.map(([name, group, sites]) => ({ name, group, sites }));
    this.sources = message.sources.map(([path, line, name, source]) => ({ path, line, name, source }));
    this.messages = message.messages;
    this.patterns = message.patterns.map((pattern) => pattern.split(GAP));
    this.places = message.places.map(([name, zone, region]) => ({ name, zone, region }));
    this.placeOf = new Map(this.places.map((place, index) => [place.name, index]));
    const clusters = new Set(this.places.filter((p) => p.region).map((p) => p.name.split("/")[0]));
    this.clusters = [...clusters];
    this.readEvents(message.events);
    this.readPackets(message.packets);
    this.readMoments(message.moments);
    this.readChanges(message);
    const named = (type, at) => new Set(this.things.filter((thing) => thing.type === type).map((thing) => thing.name[at]));
    this.read = new Set([...named("position", 1), ...named("committed", 2)]);
    this.written = new Set(this.things.filter((thing) => thing.type === "replica" && this.topOffset.get(thing.index)).map((thing) => `${thing.name[0].split("/")[0]} ${thing.name[1]}`));
    this.voters = new Map(this.things.filter((thing) => thing.type === "voter").map((thing) => [thing.name[0], thing.index]));
    this.groupThings = this.things.filter((thing) => thing.type === "group");
  }

  readEvents(columns) {
    this.time = sums(unpack(columns.time));
    this.place = unpack(columns.place);
    this.kind = unpack(columns.kind);
    this.pattern = unpack(columns.pattern);
    this.numbers = unpack(columns.numbers);
    this.numbersFrom = this.starts(this.pattern);
    const gaps = unpack(columns.seq);
    this.seq = new Array(columns.count);
    for (let i = 0, next = 0, seq = columns.first; i < columns.count; i++, seq++) {
      if (gaps[next] === i) { seq += gaps[next + 1]; next += 2; }
      this.seq[i] = seq;
    }
    this.cause = unpack(columns.cause).map((back, i) => (back ? this.seq[i] - back : 0));
  }

  /** Where each one's numbers begin: a pattern of n pieces has n - 1 gaps. */
  starts(patterns) {
    let at = 0;
    return patterns.map((pattern) => {
      const from = at;
      if (pattern >= 0) at += this.patterns[pattern].length - 1;
      return from;
    });
  }

  fill(pattern, numbers, from) {
    const pieces = this.patterns[pattern];
    let said = pieces[0];
    for (let i = 1; i < pieces.length; i++) said += numbers[from + i - 1] + pieces[i];
    return said;
  }

  readPackets(columns) {
    const left = sums(unpack(columns.left)), lasts = unpack(columns.lasts), arrived = unpack(columns.arrived);
    const from = unpack(columns.from), to = unpack(columns.to), size = unpack(columns.size), flags = unpack(columns.flags);
    const label = unpack(columns.label), numbers = unpack(columns.numbers), connection = unpack(columns.connection);
    const starts = this.starts(label);
    this.packets = left.map((event, i) => ({
      index: i, left: event, sent: this.time[event], end: this.time[event] + lasts[i], arrived: arrived[i] ? event + arrived[i] : -1,
      from: from[i], to: to[i], size: size[i], fate: flags[i] & 3, reply: !!(flags[i] & 4), routine: !!(flags[i] & 8),
      again: !!(flags[i] & 16), connection: connection[i], label: this.fill(label[i], numbers, starts[i]),
    }));
    this.packetSent = this.packets.map((packet) => packet.sent);
    this.packetAt = new Map();
    for (const packet of this.packets) {
      this.packetAt.set(packet.left, packet);
      if (packet.arrived >= 0) this.packetAt.set(packet.arrived, packet);
    }
    const LONG = 500_000;
    this.slowPackets = this.packets.filter((packet) => packet.end - packet.sent > LONG || packet.fate === STUCK);
    this.slowest = LONG;
    this.stuckUntil = this.endsOfStuck();
  }

  /** Until when a stuck packet is to be seen: it goes on, or its connection is closed, or the trace ends. */
  endsOfStuck() {
    const until = new Map();
    for (const packet of this.slowPackets) {
      if (packet.fate !== STUCK) continue;
      let end = this.end;
      for (const other of this.packets) {
        if (other.again && other.left > packet.left && other.connection === packet.connection && other.label === packet.label) {
          end = other.sent;
          break;
        }
      }
      until.set(packet.index, end);
    }
    return until;
  }

  readMoments(columns) {
    const events = unpack(columns.events), headline = unpack(columns.headline);
    let first = 0;
    this.moments = events.map((count, i) => {
      const moment = { first, last: first + count - 1, head: first + (headline[i] >> 1), quiet: !!(headline[i] & 1), time: this.time[first] };
      first += count;
      return moment;
    });
    this.momentTime = this.moments.map((moment) => moment.time);
    this.momentFirst = this.moments.map((moment) => moment.first);
    this.stops = [];
    this.moments.forEach((moment, i) => { if (!moment.quiet) this.stops.push(i); });
    this.stopsOf = {};
    for (const group of this.groups) this.stopsOf[group] = [];
    this.moments.forEach((moment, i) => {
      const seen = new Set();
      for (let event = moment.first; event <= moment.last; event++) seen.add(this.kinds[this.kind[event]].group);
      for (const group of seen) this.stopsOf[group].push(i);
    });
  }

  readChanges(message) {
    this.things = message.things.map(([type, ...name], index) => ({ type, name, index }));
    this.thingOf = new Map(this.things.map((thing) => [`${thing.type} ${thing.name.join(" ")}`, thing.index]));
    const events = sums(unpack(message.changes.event)), what = unpack(message.changes.what);
    const values = unpack(message.changes.values), odd = message.changes.odd;
    this.state = this.things.map(() => ({}));
    this.topOffset = new Map();
    let nextValue = 0, nextOdd = 0;
    this.changes = events.map((event, i) => {
      const thing = what[3 * i], field = message.fields[what[3 * i + 1]];
      const value = what[3 * i + 2] ? odd[nextOdd++] : values[nextValue++];
      const before = this.state[thing][field];
      this.state[thing][field] = value;
      if (field === "log_end" && value > (this.topOffset.get(thing) ?? 0)) this.topOffset.set(thing, value);
      return { event, thing, field, value, before };
    });
    this.done = this.changes.length;
    this.changeEvents = events;
  }

  /** Bring `state` to right after this moment (-1: before everything). */
  seek(moment) {
    const last = moment >= 0 ? this.moments[moment].last : -1;
    const wanted = lastUpTo(this.changeEvents, last) + 1;
    while (this.done < wanted) {
      const change = this.changes[this.done++];
      this.state[change.thing][change.field] = change.value;
    }
    while (this.done > wanted) {
      const change = this.changes[--this.done];
      if (change.before === undefined) delete this.state[change.thing][change.field];
      else this.state[change.thing][change.field] = change.before;
    }
  }

  get(type, ...name) {
    const index = this.thingOf.get(`${type} ${name.join(" ")}`);
    return index === undefined ? {} : this.state[index];
  }

  momentAt(time) { return lastUpTo(this.momentTime, time); }

  momentOfSeq(seq) {
    const event = lastUpTo(this.seq, seq);
    return event >= 0 && this.seq[event] === seq ? lastUpTo(this.momentFirst, event) : -1;
  }

  /** The packets to be seen at a time: those under way, and those that are stuck. */
  packetsAt(time) {
    const found = [];
    for (let i = lastUpTo(this.packetSent, time); i >= 0; i--) {
      const packet = this.packets[i];
      if (packet.sent < time - this.slowest) break;
      if (packet.end > time && packet.end - packet.sent <= this.slowest && packet.fate !== STUCK) found.push(packet);
    }
    for (const packet of this.slowPackets) {
      if (packet.sent > time) break;
      const until = packet.fate === STUCK ? this.stuckUntil.get(packet.index) : packet.end;
      if (until > time) found.push(packet);
    }
    return found;
  }

  /** How far a packet has come: a pure function of the simulated time. One that gets stuck stays on the way, and goes on from there. */
  progress(packet, time) {
    const part = packet.end > packet.sent ? Math.min(1, (time - packet.sent) / (packet.end - packet.sent)) : 1;
    if (packet.fate === STUCK) return Math.min(HALT, part);
    return packet.again ? HALT + part * (1 - HALT) : part;
  }

  // -- words ----------------------------------------------------------------------------------------------------

  short(name) {
    return this.clusters.length === 1 && name.startsWith(`${this.clusters[0]}/`) ? name.slice(this.clusters[0].length + 1) : name;
  }

  placeName(event) { return this.places[this.place[event]].name; }

  said(event) {
    if (this.pattern[event] >= 0) return this.fill(this.pattern[event], this.numbers, this.numbersFrom[event]);
    const packet = this.packetAt.get(event);
    if (!packet) return "a message arrived";
    const parts = ["", this.places[packet.from].name, this.places[packet.to].name, packet.label, saySize(packet.size)];
    return this.messages[packet.left === event ? 0 : 1].replace(/[\x01-\x04]/g, (gap) => parts[gap.charCodeAt(0)]);
  }

  /** The event's sentence with its place in front, unless it names the place itself. */
  sentence(event) {
    const said = this.said(event), place = this.placeName(event);
    return said.includes(place) ? said : `${place}: ${said}`;
  }

  /** What made a moment happen: its first event, or, if that is the headline, the event that woke it. -1: from outside. */
  causeOf(moment) {
    const { first, head } = this.moments[moment];
    if (head !== first && this.kinds[this.kind[first]].group === "message") return { event: first, moment };
    const cause = this.cause[first];
    if (!cause) return { event: head !== first ? first : -1, moment: -1 };
    const before = this.momentOfSeq(cause);
    return before < 0 ? { event: -1, moment: -1 } : { event: lastUpTo(this.seq, cause), moment: before };
  }

  /** The moment before, in the chain of causes. */
  momentBehind(moment) {
    const cause = this.cause[this.moments[moment].first];
    return cause ? this.momentOfSeq(cause) : -1;
  }
}
