// What all cards share. Nothing here writes HTML: what an author or a learner wrote becomes text, never markup.
function serial() { // each card is a module of its own: what must differ within a page is counted on the page
  globalThis.minikafkaCards = (globalThis.minikafkaCards || 0) + 1;
  return globalThis.minikafkaCards;
}

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// `code` between backticks becomes <code>.
function marked(text) {
  return String(text).split(/`([^`]+)`/).map((piece, index) => (index % 2 ? el("code", {}, piece) : piece));
}

function paragraphs(text) {
  return String(text).trim().split(/\n\s*\n/).map((part) => el("p", {}, ...marked(part.trim())));
}

function button(label, act, attributes = {}) {
  return el("button", { type: "button", onclick: act, ...attributes }, label);
}

// A card is a region with a name. Its keys stay in it: the notebook would take arrows and letters for its own.
function card(kind, name, ...children) {
  const id = `mkc-${kind.toLowerCase().replace(/\W+/g, "-")}-${serial()}`;
  const heading = el("p", { class: "mkc-kind", id }, kind);
  return el("div", { class: "mkc", role: "group", "aria-labelledby": id, "data-lm-suppress-shortcuts": "true", "data-testid": name,
    onkeydown: (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); } }, heading, ...children);
}

// The region that is read aloud when it changes.
function status() {
  return el("div", { class: "mkc-status", role: "status", "aria-live": "polite" });
}

function say(region, tone, ...children) {
  region.replaceChildren(...(children.length ? [el("div", { class: `mkc-say mkc-${tone}` }, ...children)] : []));
}

// Redraw when one of these changes, until the view goes.
function follow(model, names, redraw) {
  for (const name of names) model.on(`change:${name}`, redraw);
  redraw();
  return () => { for (const name of names) model.off(`change:${name}`, redraw); };
}

function put(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

// Highlighted code: [[class, text], …], made in Python.
function code(tokens, label) {
  return el("pre", { class: "mkc-code", tabindex: "0", role: "region", "aria-label": label },
    el("code", {}, ...tokens.map(([kind, text]) => (kind ? el("span", { class: `mkc-${kind}` }, text) : text))));
}
