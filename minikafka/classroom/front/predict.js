// A committed guess. `guess` and `revealed` are the whole state; the page works without a kernel.
function render({ model, el: host }) {
  const { question, options, later } = model.get("told");
  const region = status();
  const parts = question.trim().split(/\n\s*\n/);
  const asked = parts.pop();
  const group = `mkc-guess-${serial()}`;
  let chosen = model.get("guess");

  const rows = options.map((option) => {
    const input = el("input", { type: "radio", name: group, value: option.letter,
      onchange: () => { chosen = option.letter; draw(); } });
    const mark = el("span", { class: "mkc-mark" });
    const label = el("label", { class: "mkc-option" }, input, el("b", { "aria-hidden": "true" }, option.letter),
      el("span", {}, ...marked(option.text)), mark);
    return { option, input, mark, label };
  });
  const commit = button("This is my guess", () => {
    if (!chosen) return say(region, "note", el("p", {}, "Choose an answer first, even if you are not sure: a guess is what makes the answer stick."));
    put(model, { guess: chosen, revealed: model.get("revealed") || !later });
  }, { class: "mkc-main", "data-testid": "commit" });
  const reveal = button("Reveal the answer", () => put(model, { revealed: true }), { class: "mkc-main", "data-testid": "reveal" });
  const again = button("Guess again", () => { chosen = ""; put(model, { guess: "", revealed: false }); rows[0].input.focus(); },
    { "data-testid": "again" });
  const buttons = el("div", { class: "mkc-buttons" });

  // An author may have written "Right" already; it is said once.
  function praise(option) {
    return option.reply.startsWith("Right") ? [] : [el("strong", {}, "Right. ")];
  }

  function reply(option) {
    const idea = option.misconception ? [el("strong", {}, `“${option.misconception}.” `)] : [];
    return [...idea, ...marked(option.reply)];
  }

  function draw() {
    const guess = model.get("guess"), revealed = model.get("revealed"), closed = guess !== "" || revealed;
    if (guess) chosen = guess;
    for (const { option, input, mark, label } of rows) {
      input.checked = option.letter === chosen;
      input.disabled = closed;
      label.classList.toggle("mkc-closed", closed);
      const mine = option.letter === guess;
      const words = !revealed ? (mine ? "your guess" : "") : option.right ? "✓ right" : mine ? "✗ your guess" : "";
      mark.textContent = words;
      mark.className = `mkc-mark ${revealed && option.right ? "mkc-yes" : revealed && mine ? "mkc-no" : ""}`;
    }
    const held = buttons.contains(document.activeElement);
    buttons.replaceChildren(...(revealed ? [again] : guess ? [reveal, again] : later ? [commit, reveal] : [commit]));
    if (held && !buttons.contains(document.activeElement)) buttons.firstChild.focus();
    reveal.classList.toggle("mkc-main", Boolean(guess));
    if (revealed) answer(options.find((option) => option.letter === guess));
    else if (guess) say(region, "note", el("p", {}, `Your guess, (${guess}), is kept. Run the next cells and see; then reveal the answer.`));
    else say(region, "note");
  }

  function answer(mine) {
    const right = options.find((option) => option.right);
    const shown = mine || right;
    const others = options.filter((option) => option !== shown);
    const verdict = mine ? el("p", {}, ...(mine.right ? praise(mine) : [el("strong", {}, `Not (${mine.letter}). `)]), ...reply(mine))
      : el("p", {}, el("strong", {}, `It is (${right.letter}). `), ...reply(right));
    say(region, shown.right ? "right" : "wrong", verdict, el("details", {}, el("summary", {}, "What the other answers think"),
      el("ul", { class: "mkc-others" }, others.map((option) =>
        el("li", {}, el("b", {}, `(${option.letter})`), ...(option.right ? praise(option) : []), ...reply(option))))));
  }

  const box = card("Predict", "predict", ...parts.flatMap(paragraphs),
    el("fieldset", {}, el("legend", {}, ...marked(asked)), rows.map((row) => row.label)), buttons, region);
  box.addEventListener("keydown", (event) => {
    const row = rows.find(({ option }) => option.letter === event.key.toLowerCase());
    if (row && !row.input.disabled && !event.ctrlKey && !event.metaKey && !event.altKey) {
      row.input.focus();
      chosen = row.option.letter;
      draw();
      event.preventDefault();
    }
  });
  host.append(box);
  return follow(model, ["guess", "revealed"], draw);
}
export default { render };
