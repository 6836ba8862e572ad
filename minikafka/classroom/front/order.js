// Steps to be put in order. `arrangement` lists the steps' numbers from first to last; `looked` says that it was checked.
function render({ model, el: host }) {
  const { task, steps, rules } = model.get("told");
  const region = status();
  const list = el("ol", { "aria-label": "Steps, first one on top" });
  let held = null;

  const rows = steps.map((text, step) => {
    const number = el("b", { "aria-hidden": "true" });
    const up = button("↑", () => move(step, -1, "up"), { "aria-label": `Move up: ${text}`, "data-move": "up" });
    const down = button("↓", () => move(step, 1, "down"), { "aria-label": `Move down: ${text}`, "data-move": "down" });
    const row = el("li", { class: "mkc-step", draggable: "true", "data-step": step,
      ondragstart: (event) => { held = step; row.classList.add("mkc-held"); event.dataTransfer.setData("text/plain", text); },
      ondragend: () => { held = null; row.classList.remove("mkc-held"); },
      ondragover: (event) => { if (held !== null) event.preventDefault(); },
      ondrop: (event) => { event.preventDefault(); if (held !== null) place(held, model.get("arrangement").indexOf(step)); },
      onkeydown: (event) => {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (by) { event.preventDefault(); move(step, by, by < 0 ? "up" : "down"); }
      } }, number, el("span", {}, ...marked(text)), el("span", { class: "mkc-moves" }, up, down));
    return { row, number, up, down };
  });

  function place(step, position) {
    const order = model.get("arrangement").filter((other) => other !== step);
    order.splice(Math.max(0, Math.min(position, order.length)), 0, step);
    put(model, { arrangement: order, looked: false });
    say(region, "note", el("p", {}, `“${steps[step]}” is now step ${order.indexOf(step) + 1} of ${order.length}.`));
  }

  function move(step, by, side) {
    const order = model.get("arrangement"), to = order.indexOf(step) + by;
    if (to < 0 || to >= order.length) return;
    place(step, to);
    const { up, down } = rows[step];
    const other = side === "up" ? down : up, same = side === "up" ? up : down;
    (same.getAttribute("aria-disabled") === "true" ? other : same).focus();
  }

  // The rules that this order breaks: neighbours first; if no neighbours are wrong, the pairs that stand closest.
  function broken(order) {
    const at = order.map((_, step) => order.indexOf(step));
    const wrong = rules.map(([first, then, why]) => ({ first, then, why, apart: at[first] - at[then] })).filter((rule) => rule.apart > 0);
    const nearest = Math.min(...wrong.map((rule) => rule.apart));
    return wrong.filter((rule) => rule.apart === nearest);
  }

  function draw() {
    const order = model.get("arrangement"), looked = model.get("looked"), wrong = looked ? broken(order) : [];
    const active = document.activeElement;
    if (order.some((step, index) => list.children[index] !== rows[step].row)) list.replaceChildren(...order.map((step) => rows[step].row));
    if (active && list.contains(active)) active.focus();
    order.forEach((step, index) => {
      const { row, number, up, down } = rows[step];
      number.textContent = index + 1;
      up.setAttribute("aria-disabled", index === 0);
      down.setAttribute("aria-disabled", index === order.length - 1);
      row.classList.toggle("mkc-bad", wrong.some((rule) => rule.first === step || rule.then === step));
      row.classList.toggle("mkc-good", looked && !wrong.length);
    });
    if (!looked) return;
    if (!wrong.length) return say(region, "right", el("p", {}, el("strong", {}, "✓ That works. "), model.get("told").done));
    say(region, "wrong", el("p", {}, el("strong", {}, wrong.length === 1 ? "✗ One pair is the wrong way round." : `✗ ${wrong.length} pairs are the wrong way round.`)),
      el("ul", {}, wrong.map((rule) => el("li", {}, `“${steps[rule.then]}” stands ${rule.apart === 1 ? "right before" : "before"} “${steps[rule.first]}”. `,
        ...marked(rule.why || "It has to come after it.")))));
  }

  const look = button("Check the order", () => put(model, { looked: true, tries: model.get("tries") + 1 }),
    { class: "mkc-main", "data-testid": "check" });
  const again = button("Start again", () => { put(model, { arrangement: model.get("told").begin, looked: false }); say(region, "note"); });
  host.append(card("Put in order", "order", ...paragraphs(task), list, el("div", { class: "mkc-buttons" }, look, again), region));
  return follow(model, ["arrangement", "looked"], draw);
}
export default { render };
