// How far a sweep over seeds has come.
function render({ model, el: host }) {
  const { what, total, title } = model.get("told");
  const words = status();
  const fill = el("div");
  const bar = el("div", { class: "mkc-bar", role: "progressbar", "aria-label": what, "aria-valuemin": 0, "aria-valuemax": total }, fill);
  function draw() {
    const done = model.get("done"), last = model.get("last");
    fill.style.width = `${(100 * done) / total}%`;
    bar.setAttribute("aria-valuenow", done);
    bar.setAttribute("aria-valuetext", `${done} of ${total}`);
    words.textContent = last || `${what}: ${done} of ${total}`;
  }
  host.append(card(title, "sweep", bar, words));
  return follow(model, ["done", "last"], draw);
}
export default { render };
