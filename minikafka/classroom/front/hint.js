// Hints, one after the other. `opened` counts those that are open.
function render({ model, el: host }) {
  const { hints } = model.get("told");
  const region = el("div", { role: "status", "aria-live": "polite" });
  const more = button("", () => {
    if (model.get("opened") < hints.length) put(model, { opened: model.get("opened") + 1 });
  }, { "data-testid": "hint" });
  function draw() {
    const opened = model.get("opened"), left = opened < hints.length;
    while (region.children.length > opened) region.lastChild.remove();
    for (let index = region.children.length; index < opened; index += 1) {
      region.append(el("div", { class: "mkc-hint" }, ...paragraphs(hints[index])));
    }
    more.textContent = left ? `Hint ${opened + 1} of ${hints.length}` : "These are all the hints";
    more.setAttribute("aria-disabled", !left);
  }
  host.append(card("Hints", "hints", region, el("div", { class: "mkc-buttons" }, more)));
  return follow(model, ["opened"], draw);
}
export default { render };
