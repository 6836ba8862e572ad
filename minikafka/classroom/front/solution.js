// A solution that the kernel gives out once there was an honest try. `asked` counts the questions; `answer` is the reply.
function render({ model, el: host }) {
  const { closed, offline } = model.get("told");
  const region = status();
  const shown = el("div");
  let waiting = 0;
  const open = button("Open the solution", () => {
    put(model, { asked: model.get("asked") + 1 });
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!model.get("answer").text) say(region, "note", el("p", {}, offline));
    }, 2000);
  }, { "data-testid": "open" });
  const buttons = el("div", { class: "mkc-buttons" }, open);
  function draw() {
    const { text, tokens, because } = model.get("answer");
    if (!text) return say(region, "note", el("p", {}, closed));
    clearTimeout(waiting);
    say(region, tokens ? "right" : "note", el("p", {}, text));
    if (!tokens) return;
    shown.replaceChildren(code(tokens, "The solution"), ...(because ? paragraphs(because) : []));
    buttons.remove();
    shown.firstChild.focus();
  }
  host.append(card("Solution", "solution", region, shown, buttons));
  const end = follow(model, ["answer"], draw);
  return () => { clearTimeout(waiting); end(); };
}
export default { render };
