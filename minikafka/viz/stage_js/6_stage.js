// The stage itself: one clock for all branches, the controls, and what is said.

const KEYS = [
  ["Space", "play or pause"], ["← →", "step back, step forward"], ["Shift ← →", "the one before, the next of the chosen kind"], ["Home End", "to the beginning, to the end"],
  ["[ ]", "set the bracket's beginning, its end"], ["\\", "take the bracket away"], ["+ -", "faster, slower"], ["f", "next fault"], ["c", "compare branches"],
  ["w", "why: go to the cause"], ["i", "inspector"], ["t", "transcript"], ["b", "table"], ["1-9", "answer a question"], ["?", "these keys"],
];
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8];
const TABS = [["inspector", "Inspector"], ["transcript", "Transcript"], ["table", "Table"], ["intervene", "Intervene"], ["keys", "Keys"]];
const GROUP_WORDS = { fault: "fault", leadership: "leadership change", isr: "change of the ISR", loss: "truncation or deletion", refusal: "refusal", quorum: "controllers' quorum", group: "consumer group news", client: "client news",
  commit: "commit (high watermark)", write: "write", message: "message", broker: "broker news", other: "other" };

class Stage {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.branches = [this.branch(model.get("scene"), "A", "as it happened", model.get("scenario"))];
    this.current = 0;
    this.options = model.get("options") ?? {};
    this.questions = (model.get("questions") ?? []).map((question) => ({ ...question, answered: null }));
    this.chosen = { type: "moment", name: "" };
    this.aims = {};
    this.kindToJump = "leadership";
    this.speed = 1;
    this.pace = "events";
    this.bracket = null;
    this.zoomed = false;
    this.compare = false;
    this.playing = false;
    this.frame = 0;
    this.frames = 0;
    this.tab = "inspector";
    this.quietToo = false;
    this.shown = this.partitionsToShow();
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.buildFrame();
    this.addForks();
    this.time = this.options.start ?? this.branches[0].trace.moments[0]?.time ?? 0;
    this.moment = this.trace.momentAt(this.time);
    this.layOutAll();
    this.listen();
  }

  branch(message, name, said, scenario) {
    const trace = new Trace(message);
    return { trace, name, said, scenario, view: new SceneView(trace, (thing) => this.choose(thing)) };
  }

  get trace() { return this.branches[this.current].trace; }

  partitionsToShow() {
    const names = this.ownPartitions(this.branches[0].trace);
    return this.options.partitions?.length ? this.options.partitions : names.length > 4 ? names.slice(0, 1) : names;
  }

  /** The names of all partitions but those of Kafka's own topics. */
  ownPartitions(trace = this.trace) { return [...new Set(partitionsOf(trace).map((partition) => partition.name))].filter((name) => !isInternal(name)); }

  // -- the frame around everything ------------------------------------------------------------------------------

  buildFrame() {
    const { root } = this, trace = this.trace;
    root.replaceChildren();
    root.className = "mk-stage";
    Object.entries({ tabindex: "0", role: "group", "aria-label": `Stage: ${this.options.title}. Press question mark for the keys.`, "data-testid": "stage" })
      .forEach(([name, value]) => root.setAttribute(name, value));
    this.clock = make("output", { class: "mk-clock", "data-testid": "clock", "aria-label": "simulated time" });
    const facts = [`seed ${trace.seed}`, `${trace.stops.length.toLocaleString("en")} steps`];
    if (trace.kept) facts.push(trace.kept === 1 ? "messages were not kept" : "nothing was kept");
    root.append(make("div", { class: "mk-header" }, make("div", { class: "mk-heading" }, this.options.title),
      ...facts.map((fact) => make("span", { class: "mk-chip" }, fact)), make("span", { class: "mk-space" }), this.clock));
    this.buildControls();
    this.scenes = make("div", { class: "mk-scenes", "data-testid": "scenes" });
    this.side = make("div", { class: "mk-side" });
    root.append(make("div", { class: "mk-main" }, this.scenes, this.side));
    this.buildSaid();
    this.buildTimeline();
    this.buildTabs();
    this.question = make("div", { class: "mk-question", hidden: true, "data-testid": "question", role: "region", "aria-label": "Question" });
    this.scenes.before(this.question);
    root.querySelector(".mk-main").before(this.question);
  }

  buildControls() {
    const trace = this.trace;
    this.playButton = iconButton("play", "Play", "play", () => this.setPlaying(!this.playing));
    this.speedBox = select("Speed", SPEEDS.map((speed) => [speed, `${speed}×`]), "speed", (value) => { this.speed = +value; });
    this.speedBox.value = "1";
    this.paceBox = select("Pace", [["events", "event by event"], ["clock", "by the clock"]], "pace", (value) => { this.pace = value; });
    this.kindBox = select("Kind of event to jump to", this.kindsToJump(), "kind", (value) => { this.kindToJump = value; });
    this.partitionBox = select("Partitions shown", [["", "all partitions"], ...[...new Set(partitionsOf(trace).map((p) => p.name))].map((name) => [name, name])], "partitions",
      (value) => { this.shown = value ? [value] : this.ownPartitions(); this.layOutAll(); });
    if (this.shown.length === 1) this.partitionBox.value = this.shown[0];
    this.branchBox = select("Branch", [["0", "A"]], "branch", (value) => this.setBranch(+value));
    this.compareButton = make("button", { type: "button", class: "mk-button", "aria-pressed": "false", "data-testid": "compare", on: { click: () => this.setCompare(!this.compare) } }, "Compare");
    this.quietButton = make("button", { type: "button", class: "mk-button", "aria-pressed": "false", "data-testid": "quiet", title: "heartbeats, empty fetches and the like",
      on: { click: () => { this.quietToo = !this.quietToo; this.quietButton.setAttribute("aria-pressed", String(this.quietToo)); this.update(); } } }, "Routine too");
    const group = (label, ...nodes) => make("div", { class: "mk-group", role: "group", "aria-label": label }, ...nodes);
    this.root.append(make("div", { class: "mk-controls" },
      group("Time", iconButton("first", "To the beginning", "first", () => this.toEnd(-1)), iconButton("back", "Step back", "back", () => this.step(-1)), this.playButton,
        iconButton("forward", "Step forward", "forward", () => this.step(1)), iconButton("last", "To the end", "last", () => this.toEnd(1)), this.speedBox, this.paceBox),
      group("Jump", this.kindBox, textButton("◂ before", "jump-back", () => this.jump(-1), "the one before of this kind"), textButton("next ▸", "jump", () => this.jump(1), "the next of this kind")),
      group("Bracket", textButton("[ from here", "bracket-from", () => this.setBracket("from")), textButton("to here ]", "bracket-to", () => this.setBracket("to")),
        (this.bracketOff = textButton("no bracket", "bracket-off", () => this.setBracket(null))), (this.zoomButton = textButton("zoom", "zoom", () => this.setZoom(!this.zoomed)))),
      group("Show", this.partitionBox, this.quietButton), (this.branchGroup = group("Branches", this.branchBox, this.compareButton))));
    this.branchGroup.hidden = true;
    this.bracketOff.hidden = this.zoomButton.hidden = true;
    this.zoomButton.setAttribute("aria-pressed", "false");
  }

  kindsToJump() {
    const trace = this.trace, groups = trace.groups.filter((group) => trace.stopsOf[group].length).map((group) => [group, GROUP_WORDS[group]]);
    const kinds = trace.kinds.filter((kind) => !["message"].includes(kind.group)).map((kind) => [`kind ${kind.name}`, kind.name]);
    if (!trace.stopsOf[this.kindToJump]?.length && groups.length) this.kindToJump = groups[0][0];
    return [...groups.sort((a, b) => (b[0] === this.kindToJump) - (a[0] === this.kindToJump)), ...kinds];
  }

  buildSaid() {
    this.status = make("div", { class: "mk-sentence", role: "status", "data-testid": "sentence" });
    this.because = make("span", { class: "mk-because", "data-testid": "because" });
    this.whyButton = textButton("why?", "why", () => this.why(), "go to the cause");
    this.codeButton = make("button", { type: "button", class: "mk-button mk-code-link", "data-testid": "code", on: { click: () => this.showCode() } });
    this.root.append(make("div", { class: "mk-said" }, this.status, make("div", { class: "mk-said-more" }, this.because, this.whyButton, this.codeButton)));
  }

  buildTimeline() {
    this.timeline = new Timeline((time) => { this.setPlaying(false); this.seekTime(time); });
    this.scrub = make("input", { type: "range", class: "mk-scrub", min: 0, max: 1, step: 1, "aria-label": "Simulated time", "data-testid": "scrub",
      on: { input: () => { this.setPlaying(false); this.seekTime(+this.scrub.value); } } });
    this.root.append(make("div", { class: "mk-time" }, this.timeline.svg, this.scrub));
  }

  buildTabs() {
    this.tabs = TABS.map(([name, words]) => make("button", { type: "button", role: "tab", class: "mk-tab", "data-testid": `tab-${name}`, id: `${this.branches[0].view.id}-${name}`,
      "aria-controls": `${this.branches[0].view.id}-panel`, on: { click: () => this.setTab(name) } }, words));
    this.panel = make("div", { class: "mk-panel", role: "tabpanel", id: `${this.branches[0].view.id}-panel`, tabindex: "0", "data-testid": "panel" });
    this.side.append(make("div", { class: "mk-tabs", role: "tablist", "aria-label": "More about this moment" }, ...this.tabs), this.panel);
    this.chooser = select("What to inspect", choices(this.trace), "choose", (value) => {
      const [type, ...name] = value.split(" ");
      this.chosen = { type, name: name.join(" ") };
      this.update();
    });
  }

  // -- layout ---------------------------------------------------------------------------------------------------

  layOutAll() {
    const width = Math.floor(this.root.clientWidth || 900) - 2;
    this.root.dataset.width = width >= 960 ? "wide" : "narrow";
    const forScenes = Math.max(300, width >= 960 ? width - 352 : width);
    const shownBranches = this.compare ? this.branches.filter((_, i) => i === this.current || i === this.other) : [this.branches[this.current]];
    const beside = this.compare && forScenes / 2 >= 250 * Math.max(1, this.trace.regions.length), row = make("div", { class: beside ? "mk-beside" : "" });
    this.scenes.replaceChildren(row);
    for (const branch of shownBranches) {
      const name = this.branches.length > 1 ? make("div", { class: "mk-branch-name", "data-testid": "branch-name" }, `${branch.name} · ${branch.said}`) : null;
      const leftOut = branch.leftOut ? make("p", { class: "mk-hint mk-left-out", "data-testid": "left-out" }, branch.leftOut) : null;
      row.append(make("div", { class: "mk-branch" }, name, leftOut, branch.view.svg));
      branch.view.build(beside ? Math.floor(forScenes / 2) - 1 : forScenes, this.shown);
    }
    this.onStage = shownBranches;
    if (this.compare) this.scenes.append((this.differenceBox = make("div", { class: "mk-differences", "data-testid": "differences" })));
    this.layOutTimeline(width);
    this.update();
  }

  layOutTimeline(width = Math.floor(this.root.clientWidth || 900) - 2) {
    const [from, to] = this.zoomed && this.bracket ? this.bracket : [0, this.end];
    this.timeline.build(this.trace, width - 24, from, to, this.bracket);
    Object.assign(this.scrub, { min: from, max: to });
    this.root.style.setProperty("--mk-scrub-left", `${LABELS - 8}px`);
  }

  /** The moment that is told: the last one worth a stop, also where routine ones came after it; or one that was jumped to. */
  get toldMoment() {
    if (this.quietToo || (this.moment >= 0 && this.trace.moments[this.moment].time === this.time)) return this.moment;
    const stop = lastUpTo(this.trace.stops, this.moment);
    return stop < 0 ? -1 : this.trace.stops[stop];
  }

  get end() { return Math.max(...this.branches.map((branch) => branch.trace.end)); }

  // -- time -----------------------------------------------------------------------------------------------------

  seekTime(time) {
    this.time = Math.max(0, Math.min(this.end, time));
    this.moment = this.trace.momentAt(this.time);
    this.leaveQuestion();
    this.update();
  }

  seekMoment(moment) {
    if (moment < 0) { this.moment = -1; this.time = 0; } else { this.moment = moment; this.time = this.trace.moments[moment].time; }
    this.leaveQuestion();
    this.update();
  }

  step(direction) {
    this.setPlaying(false);
    const stops = this.trace.stops, here = lastUpTo(stops, this.moment);
    const onStop = here >= 0 && stops[here] === this.moment && this.time === this.trace.moments[this.moment].time;
    const next = direction > 0 ? here + 1 : onStop ? here - 1 : here;
    if (next >= stops.length) return this.seekTime(this.end);
    if (direction > 0 && this.askBefore(this.trace.moments[stops[next]].time)) return;
    this.seekMoment(next < 0 ? -1 : stops[next]);
  }

  jump(direction, kind = this.kindToJump) {
    this.setPlaying(false);
    const stops = kind.startsWith("kind ") ? this.momentsOfKind(kind.slice(5)) : this.trace.stopsOf[kind] ?? [];
    const found = direction > 0 ? stops.find((moment) => moment > this.moment) : stops.findLast((moment) => moment < this.moment);
    if (found === undefined) return this.say(`There is no ${direction > 0 ? "later" : "earlier"} event of this kind.`);
    if (direction > 0 && this.askBefore(this.trace.moments[found].time)) return;
    this.seekMoment(found);
  }

  momentsOfKind(name) {
    const trace = this.trace, wanted = trace.kinds.findIndex((kind) => kind.name === name), found = [];
    trace.moments.forEach((moment, i) => {
      for (let event = moment.first; event <= moment.last; event++) if (trace.kind[event] === wanted) { found.push(i); break; }
    });
    return found;
  }

  toEnd(direction) {
    this.setPlaying(false);
    if (direction < 0) this.seekTime(0);
    else if (!this.askBefore(this.end)) this.seekTime(this.end);
  }

  why() {
    this.setPlaying(false);
    const behind = this.toldMoment >= 0 ? this.trace.momentBehind(this.toldMoment) : -1;
    if (behind < 0) this.say("This came from outside: nothing in the world made it happen.");
    else this.seekMoment(behind);
  }

  setBracket(which) {
    if (which === null) { this.bracket = null; this.zoomed = false; } else {
      const [from, to] = this.bracket ?? [0, this.end];
      this.bracket = which === "from" ? [this.time, Math.max(to, this.time)] : [Math.min(from, this.time), this.time];
      if (this.bracket[1] <= this.bracket[0]) this.bracket[1] = this.end;
    }
    this.bracketOff.hidden = this.zoomButton.hidden = !this.bracket;
    this.zoomButton.setAttribute("aria-pressed", String(this.zoomed));
    this.root.dataset.bracket = this.bracket ? this.bracket.join(" ") : "";
    this.layOutTimeline();
    this.update();
  }

  setZoom(zoomed) {
    this.zoomed = zoomed && !!this.bracket;
    this.zoomButton.setAttribute("aria-pressed", String(this.zoomed));
    this.layOutTimeline();
    this.update();
  }

  // -- playing --------------------------------------------------------------------------------------------------

  setPlaying(playing) {
    if (this.playing === playing) return;
    this.playing = playing;
    this.playButton.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.playButton.title = playing ? "Pause" : "Play";
    this.playButton.querySelector("path").setAttribute("d", ICONS[playing ? "pause" : "play"]);
    this.root.dataset.playing = String(playing);
    this.status.setAttribute("aria-live", playing ? "off" : "polite");
    cancelAnimationFrame(this.frame);
    if (!playing) return this.update();
    if (this.time >= this.end) this.seekTime(this.bracket ? this.bracket[0] : 0);
    this.last = performance.now();
    this.rest = 0;
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    const seconds = Math.min(0.1, Math.max(0, (now - this.last) / 1000)) * this.speed;
    this.last = now;
    if (this.visible !== false) { this.advance(seconds); this.root.dataset.frames = String(++this.frames); }
    if (this.playing) this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  /** Let so many seconds of watching pass. Event by event, each stop gets its beat, however short the simulated time to the next. */
  advance(seconds) {
    let time = this.pace === "clock" ? this.time + seconds * 1e6 : this.timeAfter(seconds);
    const limit = this.bracket ? this.bracket[1] : this.end;
    if (this.askBefore(Math.min(time, limit))) return;
    if (time >= limit) {
      if (this.bracket) time = this.bracket[0];
      else { this.seekTime(limit); this.setPlaying(false); return; }
    }
    this.seekTime(time);
  }

  timeAfter(seconds) {
    const stops = this.trace.stops, moments = this.trace.moments;
    let time = this.time, index = lastUpTo(stops, this.trace.momentAt(time));
    for (;;) {
      const from = index >= 0 ? moments[stops[index]].time : 0;
      while (index + 1 < stops.length && moments[stops[index + 1]].time <= time) index++;
      const to = index + 1 < stops.length ? moments[stops[index + 1]].time : this.end;
      if (to <= from) return this.end;
      const beat = 0.12 + 0.22 * Math.log10(1 + (to - from) / 50), left = beat * (1 - (time - from) / (to - from));
      if (this.still.matches) {
        this.rest += seconds;
        if (this.rest < Math.max(0.5, beat)) return time;
        this.rest = 0;
        return to;
      }
      if (seconds < left) return time + (to - from) * (seconds / beat);
      seconds -= left;
      time = to;
      index++;
      if (time >= this.end) return time;
    }
  }

  // -- questions ------------------------------------------------------------------------------------------------

  /** If a question stands between now and `time`, stop there and ask it. */
  askBefore(time) {
    const question = this.questions.find((one) => one.answered === null && one.at >= this.time && one.at <= time);
    if (!question || this.current !== 0) return false;
    this.setPlaying(false);
    this.seekTime(question.at);
    this.ask(question);
    return true;
  }

  ask(question) {
    this.asked = question;
    const answer = make("div", { class: "mk-answer", role: "status", "data-testid": "answer" });
    const options = question.options.map((words, i) => make("button", { type: "button", class: "mk-button mk-option", "data-testid": `option-${i + 1}`, on: { click: () => this.answerWith(i) } }, `${i + 1}. ${words}`));
    this.question.replaceChildren(make("div", { class: "mk-ask", id: `${this.branches[0].view.id}-ask` }, question.ask),
      make("div", { class: "mk-options", role: "group", "aria-labelledby": `${this.branches[0].view.id}-ask` }, ...options), answer,
      textButton("Skip", "skip", () => this.closeQuestion(), "go on without an answer"));
    this.question.hidden = false;
    this.root.dataset.asking = "true";
    options[0]?.focus({ preventScroll: true });
  }

  answerWith(index) {
    const question = this.asked;
    if (!question || !question.options[index]) return;
    question.answered = index;
    const right = index === question.right;
    this.question.querySelector(".mk-answer").textContent = `${right ? "Yes." : `Not this time: ${question.options[question.right] ?? "none of these"}.`} ${question.because}`;
    this.question.querySelectorAll(".mk-option").forEach((node, i) => { node.disabled = true; node.classList.toggle("mk-right", i === question.right); node.classList.toggle("mk-wrong", i === index && !right); });
    const button = this.question.querySelector("[data-testid=skip]");
    button.textContent = "Go on";
    button.focus({ preventScroll: true });
  }

  closeQuestion() {
    if (this.asked && this.asked.answered === null) this.asked.answered = -1;
    this.hideQuestion();
    this.root.focus({ preventScroll: true });
  }

  hideQuestion() {
    this.asked = null;
    this.question.hidden = true;
    this.root.dataset.asking = "";
  }

  /** Whoever goes to another time has left the question; if it was not answered, it is asked again when its time comes. */
  leaveQuestion() {
    if (!this.asked || this.time === this.asked.at) return;
    const focused = this.question.contains(this.focused);
    this.hideQuestion();
    if (focused) this.root.focus({ preventScroll: true });
  }

  // -- branches -------------------------------------------------------------------------------------------------

  addForks() {
    const forks = this.model.get("forks") ?? [];
    forks.slice(this.branches.length - 1).forEach((fork) => {
      this.branches.push({ ...this.branch(fork.scene, String.fromCharCode(65 + this.branches.length), fork.said, fork.scenario), leftOut: fork["left out"] ?? "" });
    });
    this.branchGroup.hidden = this.branches.length < 2;
    setOptions(this.branchBox, this.branches.map((branch, i) => [i, `${branch.name} · ${branch.said}`]));
    this.branchBox.value = String(this.current);
    this.root.dataset.branches = String(this.branches.length);
  }

  setBranch(index) {
    if (index !== this.current) this.other = this.current;
    const focused = this.panel.contains(this.focused) ? this.focused.dataset.testid : null;
    this.current = index;
    this.branchBox.value = String(index);
    this.moment = this.trace.momentAt(this.time);
    setOptions(this.kindBox, this.kindsToJump());
    setOptions(this.chooser, choices(this.trace));
    this.panel.replaceChildren();
    this.panelFor = null;
    this.layOutAll();
    if (focused) (this.panel.querySelector(`[data-testid="${focused}"]`) ?? this.panel).focus({ preventScroll: true });
  }

  /** Where the keys go now, also inside a shadow tree. */
  get focused() { return this.root.getRootNode().activeElement ?? document.activeElement; }

  setCompare(compare) {
    this.compare = compare && this.branches.length > 1;
    this.other ??= this.current ? 0 : 1;
    this.compareButton.setAttribute("aria-pressed", String(this.compare));
    this.root.dataset.compare = String(this.compare);
    this.layOutAll();
  }

  onForks() {
    this.addForks();
    this.setPlaying(false);
    this.other = this.current;
    this.setBranch(this.branches.length - 1);
    this.setCompare(true);
  }

  intervene(verb, targets, extra) {
    this.say("Asking the kernel to live through it …");
    this.root.dataset.waiting = "true";
    this.model.send({ type: "intervene", verb, targets, extra, at: Math.round(this.time), branch: this.current });
  }

  onMessage(message) {
    this.root.dataset.waiting = "";
    this.reply = message.text;
    this.say(message.text);
    const node = this.panel.querySelector("[data-testid=reply]");
    if (node) node.textContent = message.text;
  }

  // -- what is said ---------------------------------------------------------------------------------------------

  say(words) { this.status.textContent = words; }

  choose(thing) {
    this.chosen = thing;
    this.aims = {};
    if (this.tab !== "intervene") this.tab = "inspector";
    this.panelFor = null;
    this.update();
  }

  setTab(name) {
    this.tab = name;
    this.panelFor = null;
    this.fillPanel();
  }

  showCode() {
    this.tab = "code";
    this.panelFor = null;
    this.fillPanel();
    this.panel.focus({ preventScroll: true });
  }

  /** Bring everything to the present time. Branches that are compared stand at the same time. */
  update() {
    let packets = 0;
    for (const branch of this.onStage) {
      const moment = branch === this.branches[this.current] ? this.moment : branch.trace.momentAt(this.time);
      branch.trace.seek(moment);
      packets += branch.view.update(this.time, this.quietToo, this.chosen);
      if (branch.view.labelled !== moment && !this.playing) {
        branch.view.labelled = moment;
        branch.view.svg.setAttribute("aria-label", this.describe(branch.trace, moment));
      }
    }
    this.clock.textContent = `t = ${sayTime(this.time)}`;
    this.scrub.value = this.time;
    this.timeline.update(this.time);
    const data = this.root.dataset;
    data.time = String(Math.round(this.time));
    data.moment = String(this.moment);
    data.packets = String(packets);
    this.tell();
    this.fillPanel();
  }

  describe(trace, moment) {
    const leaders = partitionsOf(trace).slice(0, 6).map((partition) => {
      const state = trace.get("partition", partition.cluster, partition.name);
      return state.leader === undefined ? null : `${partition.name}: ${state.leader >= 0 ? `broker ${state.leader} leads under epoch ${state.leader_epoch}` : "no leader"}, in sync ${sayValue(state.isr)}`;
    }).filter(Boolean);
    const leading = [...trace.voters].filter(([, index]) => trace.state[index].role === "leader").map(([name, index]) => `Controller ${trace.short(name)} leads the quorum in epoch ${trace.state[index].epoch}. `);
    const groups = trace.groupThings.map((thing) => [thing.name[1], trace.state[thing.index]]).filter(([, state]) => state.state !== undefined)
      .map(([name, state]) => `Group ${name}: ${state.state}, generation ${state.generation}, ${sayMembers(state)}. `);
    return `Replication at ${sayTime(moment >= 0 ? trace.moments[moment].time : 0)}. ${leaders.join("; ")}. ${leading.join("")}${groups.join("")}The table view has every number.`;
  }

  tell() {
    const moment = this.toldMoment, key = `${this.current} ${moment} ${this.playing}`;
    if (this.told === key) return;
    this.told = key;
    const trace = this.trace;
    if (moment < 0) {
      const why = trace.recorded && !trace.moments.length ? "This world kept no events: make it with keep=\"everything\"." : "Before the first event.";
      this.say(why);
      this.because.textContent = "";
      this.whyButton.disabled = true;
      this.codeButton.hidden = true;
      this.scrub.setAttribute("aria-valuetext", why);
      return;
    }
    const { head, time } = trace.moments[moment], sentence = trace.sentence(head), cause = trace.causeOf(moment);
    this.status.replaceChildren(make("b", {}, sayTime(time)), ` ${sentence}`);
    if (!this.playing) this.scrub.setAttribute("aria-valuetext", `${sayTime(time)}: ${sentence}`);
    this.because.textContent = cause.event >= 0 && cause.event !== head ? `because ${trace.sentence(cause.event)}` : "from outside, or from a timer";
    this.whyButton.disabled = trace.momentBehind(moment) < 0;
    const site = trace.sources[trace.kinds[trace.kind[head]].sites[0]];
    this.codeButton.hidden = !site;
    if (site) this.codeButton.textContent = `code: ${site.name} · ${site.path}:${site.line}`;
  }

  // -- the panel ------------------------------------------------------------------------------------------------

  fillPanel() {
    const key = `${this.tab} ${this.current} ${this.compare} ${this.moment} ${this.tab === "inspector" ? JSON.stringify(this.chosen) : ""}`;
    if (this.panelFor === key || (this.playing && performance.now() - (this.panelTime ?? 0) < 250)) return;
    this.panelFor = key;
    this.panelTime = performance.now();
    for (const tab of this.tabs) {
      const on = tab.dataset.testid === `tab-${this.tab}`;
      tab.setAttribute("aria-selected", String(on));
      tab.setAttribute("tabindex", on || this.tab === "code" ? "0" : "-1");
    }
    const fill = { inspector: "fillInspector", transcript: "fillTranscript", table: "fillTable", intervene: "fillIntervene", keys: "fillKeys", code: "fillCode" };
    if (this.tab !== "intervene" || !this.panel.querySelector("[data-testid=intervene]")) this[fill[this.tab]]();
    else this.markInstant();
    this.root.dataset.tab = this.tab;
    if (this.compare && this.differenceBox) this.fillDifferences();
  }

  fillDifferences() {
    const rows = differences(this.onStage.map((branch) => branch.trace));
    this.differenceBox.replaceChildren(rows.length ? table(`What differs at ${sayTime(this.time)}`, ["what", ...this.onStage.map((branch) => branch.name)], rows, "difference-table")
      : make("p", {}, `At ${sayTime(this.time)} the branches do not differ.`));
  }

  fillInspector() {
    const tables = inspected(this.trace, this.chosen, this.toldMoment, this.time).map(([caption, rows]) => table(caption, ["field", "value"], rows));
    const value = this.chosen.type === "moment" ? "moment" : `${this.chosen.type} ${this.chosen.name}`;
    if (![...this.chooser.options].some((option) => option.value === value)) this.chooser.append(make("option", { value }, this.chosen.type));
    this.chooser.value = value;
    const focused = document.activeElement === this.chooser || this.root.getRootNode().activeElement === this.chooser;
    this.panel.replaceChildren(make("label", { class: "mk-choose" }, "Inspect ", this.chooser), ...tables);
    if (focused) this.chooser.focus({ preventScroll: true });
  }

  fillTable() {
    const branches = this.compare ? this.onStage : [this.branches[this.current]];
    this.panel.replaceChildren(...branches.map((branch) => table(`${this.branches.length > 1 ? `${branch.name}: ` : ""}replicas at ${sayTime(this.time)}`, REPLICA_HEAD, replicaRows(branch.trace), "replica-table")),
      ...branches.filter((branch) => branch.trace.voters.size).map((branch) => table(`${this.branches.length > 1 ? `${branch.name}: ` : ""}the controllers' quorum`, VOTER_HEAD, voterRows(branch.trace), "voter-table")),
      ...branches.flatMap((branch) => branch.trace.groupThings.filter((thing) => branch.trace.state[thing.index].state !== undefined).map((thing) => {
        const state = branch.trace.state[thing.index];
        return table(`${this.branches.length > 1 ? `${branch.name}: ` : ""}group ${thing.name[1]}: ${state.state}, generation ${state.generation}`, COMMITTED_HEAD, committedRows(branch.trace, ...thing.name), "group-table");
      })));
  }

  fillTranscript() {
    const trace = this.trace, here = lastUpTo(trace.stops, this.moment), from = Math.max(0, here - 14), until = Math.min(trace.stops.length, here + 26);
    const line = (moment) => {
      const { time, head } = trace.moments[moment], now = moment === this.moment;
      return make("li", { class: now ? "mk-now" : "", "aria-current": now ? "step" : null },
        make("button", { type: "button", class: "mk-line", on: { click: () => { this.setPlaying(false); this.seekMoment(moment); } } }, make("span", { class: "mk-when" }, sayTime(time)), ` ${trace.sentence(head)}`));
    };
    const list = make("ol", { class: "mk-transcript", start: from + 1, "data-testid": "transcript" }, ...trace.stops.slice(from, until).map(line));
    this.panel.replaceChildren(make("p", { class: "mk-hint" }, `Steps ${from + 1} to ${until} of ${trace.stops.length}.`), list);
    const now = list.querySelector(".mk-now");
    if (now) this.panel.scrollTop = Math.max(0, now.offsetTop - this.panel.offsetTop - this.panel.clientHeight / 3);
  }

  fillKeys() { this.panel.replaceChildren(table("Keys, while the stage has the focus", ["key", "does"], KEYS, "keys")); }

  fillCode() {
    const trace = this.trace, head = this.toldMoment >= 0 ? trace.moments[this.toldMoment].head : -1;
    const kind = head >= 0 ? trace.kinds[trace.kind[head]] : null, sites = kind ? kind.sites.map((index) => trace.sources[index]) : [];
    this.panel.replaceChildren(make("p", { class: "mk-hint" }, kind ? `The code that ran for ${kind.name}:` : "Nothing ran yet."),
      ...sites.flatMap((site) => [make("p", { class: "mk-path" }, `minikafka/${site.path}, line ${site.line}: ${site.name}`), make("pre", { class: "mk-code", tabindex: "0", "data-testid": "source" }, site.source)]));
  }

  /** The instant at which an intervention would happen. */
  markInstant() {
    const node = this.panel.querySelector("[data-testid=instant]");
    if (node) node.textContent = `At ${sayTime(this.time)}, in branch ${this.branches[this.current].name}:`;
  }

  fillIntervene() {
    const trace = this.trace, live = !!this.options.live, machine = (name) => [name, trace.short(name)];
    const machines = trace.places.filter((place) => place.region).sort((a, b) => (roleOfMachine(trace, b.name) === "broker") - (roleOfMachine(trace, a.name) === "broker"));
    const aim = (name) => (value) => { this.aims[name] = value; };
    const target = select("Machine", machines.map((place) => machine(place.name)), "target", aim("target"));
    const places = [...trace.regions, ...new Set(machines.map((place) => place.zone)), ...machines.map((place) => place.name)].map((name) => [name, trace.short(name)]);
    const one = select("From", places, "link-one", aim("link-one")), other = select("To", places, "link-other", aim("link-other"));
    const region = select("Region or zone", places.slice(0, places.length - machines.length), "place", aim("place"));
    const slow = select("New latency", ["10ms", "50ms", "200ms", "1s", "5s"].map((t) => [t, t]), "latency", aim("latency"));
    other.selectedIndex = Math.min(1, places.length - 1);
    if (trace.regions.length < 2 && machines.length > 1) { one.value = machines[0].name; other.value = machines[1].name; }
    if (this.chosen.type === "machine") target.value = this.chosen.name;
    if (this.chosen.type === "region") region.value = this.chosen.name;
    if (this.chosen.type === "link") [one.value, other.value] = this.chosen.name.split(" ");
    for (const box of [target, one, other, region, slow]) if ([...box.options].some((option) => option.value === this.aims[box.dataset.testid])) box.value = this.aims[box.dataset.testid];
    const act = (words, verb, targets, extra) => { const button = textButton(words, `do-${verb}`, () => this.intervene(verb, targets(), extra?.() ?? {})); button.disabled = !live; return button; };
    const row = (label, ...nodes) => make("fieldset", { class: "mk-act" }, make("legend", {}, label), ...nodes);
    const ends = () => [one.value, other.value];
    const scenario = make("textarea", { class: "mk-scenario", rows: 3, readonly: true, "aria-label": "Scenario string of this branch", "data-testid": "scenario" });
    scenario.value = this.branches[this.current].scenario ?? "";
    const pasted = make("textarea", { class: "mk-scenario", rows: 2, "aria-label": "A scenario string to play", "data-testid": "pasted" });
    const play = textButton("Play the pasted one", "paste", () => { this.root.dataset.waiting = "true"; this.model.send({ type: "paste", text: pasted.value }); });
    play.disabled = !live;
    this.panel.replaceChildren(make("div", { "data-testid": "intervene" },
      make("p", { class: "mk-hint", "data-testid": "instant" }), live ? "" : make("p", { class: "mk-hint" }, this.options["only watch"] || "Here only what has happened can be watched. In a notebook with a running kernel these buttons fork the world at this instant, and both branches stay."),
      make("p", { class: "mk-reply-text", role: "status", "data-testid": "reply" }, this.reply ?? ""),
      row("One machine", target, act("Crash", "crash", () => [target.value]), act("Power loss", "power_off", () => [target.value]), act("Freeze", "freeze", () => [target.value]), act("Thaw", "thaw", () => [target.value]), act("Start", "start", () => [target.value])),
      row("Between two places", one, other, act("Cut", "cut", ends), act("Heal", "heal", ends), slow, act("Slow", "slow", ends, () => ({ latency: slow.value })), act("Restore speed", "restore_speed", ends)),
      row("A whole place", region, act("Lose", "lose", () => [region.value]), act("Restore", "restore", () => [region.value])),
      this.settingRow(row, live),
      row("Scenario", make("p", { class: "mk-hint" }, "Seed, calls and interventions of this branch. Whoever pastes it sees the same."), scenario,
        textButton("Copy", "copy", () => { scenario.select(); (navigator.clipboard?.writeText(scenario.value) ?? Promise.reject()).then(() => this.say("Copied."), () => { document.execCommand("copy"); this.say("Copied, or marked: press Ctrl+C."); }); }), pasted, play)));
    this.markInstant();
  }

  /** Another value for one of a topic's settings. */
  settingRow(row, live) {
    const topics = [...new Map(this.trace.things.filter((thing) => thing.type === "partition" && !isInternal(thing.name[1]))
      .map((thing) => [`${thing.name[0]} ${thing.name[1].replace(/-[0-9]+$/, "")}`, thing.name[0]])).entries()];
    const settings = this.options.settings ?? [];
    if (!topics.length || !settings.length) return "";
    const words = (topic, cluster) => (this.trace.clusters.length > 1 ? topic : topic.slice(cluster.length + 1));
    const topic = select("Topic", topics.map(([name, cluster]) => [name, words(name, cluster)]), "topic", (value) => { this.aims.topic = value; });
    const value = make("input", { type: "text", class: "mk-value", "aria-label": "New value", "data-testid": "value", size: 12 });
    const about = make("p", { class: "mk-hint", "data-testid": "about-setting" });
    const setting = select("Setting", settings.map(([name]) => [name, name]), "setting", (name) => { this.aims.setting = name; explain(); });
    const explain = () => {
      const [, otherwise, doc] = settings.find(([name]) => name === setting.value);
      about.textContent = `${doc} Kafka's default is ${otherwise}; without a value the topic has the default again.`;
    };
    setting.value = this.aims.setting ?? (settings.some(([name]) => name === "min.insync.replicas") ? "min.insync.replicas" : settings[0][0]);
    if (topics.some(([name]) => name === this.aims.topic)) topic.value = this.aims.topic;
    explain();
    const set = textButton("Set", "do-alter_config", () => {
      const cut = topic.value.indexOf(" ");
      this.intervene("alter_config", [topic.value.slice(0, cut), topic.value.slice(cut + 1)], { setting: setting.value, value: value.value });
    });
    set.disabled = !live;
    return row("A topic's setting", topic, setting, value, set, about);
  }

  // -- keys -----------------------------------------------------------------------------------------------------

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0], tag = target.tagName;
    event.stopPropagation();
    const typing = tag === "TEXTAREA" || tag === "SELECT" || (tag === "INPUT" && target.type !== "range");
    if (typing) return;
    if (tag === "BUTTON" && (event.key === " " || event.key === "Enter")) return;
    if (target.getAttribute?.("role") === "tab" && event.key.startsWith("Arrow")) return this.tabKey(event);
    const faster = (by) => { const at = SPEEDS.indexOf(this.speed) + by; if (SPEEDS[at]) { this.speed = SPEEDS[at]; this.speedBox.value = String(this.speed); this.say(`Speed ${this.speed}×`); } };
    const does = {
      " ": () => this.setPlaying(!this.playing), ArrowRight: () => (event.shiftKey ? this.jump(1) : this.step(1)), ArrowLeft: () => (event.shiftKey ? this.jump(-1) : this.step(-1)),
      Home: () => this.toEnd(-1), End: () => this.toEnd(1), "[": () => this.setBracket("from"), "]": () => this.setBracket("to"), "\\": () => this.setBracket(null),
      "+": () => faster(1), "=": () => faster(1), "-": () => faster(-1), f: () => this.jump(1, "fault"), c: () => this.setCompare(!this.compare), w: () => this.why(),
      i: () => this.setTab("inspector"), t: () => this.setTab("transcript"), b: () => this.setTab("table"), "?": () => this.setTab("keys"),
    }[event.key] ?? (/^[1-9]$/.test(event.key) && this.asked ? () => this.answerWith(+event.key - 1) : null);
    if (does) { event.preventDefault(); does(); }
  }

  tabKey(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const at = (this.tabs.indexOf(event.composedPath()[0]) + (event.key === "ArrowRight" ? 1 : TABS.length - 1)) % TABS.length;
    this.setTab(TABS[at][0]);
    this.tabs[at].focus();
  }

  // -- life -----------------------------------------------------------------------------------------------------

  listen() {
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    const onForks = () => this.onForks(), onMessage = (message) => this.onMessage(message);
    this.model.on("change:forks", onForks);
    this.model.on("msg:custom", onMessage);
    let width = this.root.clientWidth;
    const sized = new ResizeObserver(() => {
      if (Math.abs(this.root.clientWidth - width) > 2) { width = this.root.clientWidth; this.layOutAll(); }
    });
    sized.observe(this.root);
    const seen = new IntersectionObserver((entries) => { this.visible = entries[entries.length - 1].isIntersecting; this.root.dataset.visible = String(this.visible); });
    seen.observe(this.root);
    this.close = () => {
      this.setPlaying(false);
      sized.disconnect();
      seen.disconnect();
      this.model.off("change:forks", onForks);
      this.model.off("msg:custom", onMessage);
    };
    this.root.dataset.ready = "true";
  }
}

function render({ model, el }) {
  const root = document.createElement("section");
  el.appendChild(root);
  const stage = new Stage(model, root);
  root.stage = stage;
  return () => stage.close();
}

export default { render };
