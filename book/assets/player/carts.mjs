// Chapter 20: one cart in two copies, a link that is cut, and a merge in its steps. A reader may go on by hand: what
// happens then is computed by the package's own Python, which is loaded for the first such change and not before.
const ROWS = 4; // of a merge that are shown at once
const ITEMS = ["milk", "bread", "eggs", "tea"];
const MODULE = "companion.simulators.crdts.carts";

export function make(stage) {
  return new Carts(stage);
}

function element(name, { text, ...attributes } = {}, ...children) {
  const made = Object.assign(document.createElement(name), text === undefined ? {} : { textContent: text });
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

class Carts {
  constructor(stage) {
    [this.a, this.b] = ["a", "b"].map((name) => element("div", { class: `cart-copy cart-${name}` }));
    this.packet = element("span", { class: "cart-packet", text: "cart" });
    this.link = element("div", { class: "cart-link" }, this.packet);
    this.table = element("table", { class: "cart-merge" });
    stage.append(element("div", { class: "cart-sides" }, this.a, this.link, this.b), this.table);
    if (document.querySelector("#companion-runtime")) this.hand = new Hand(stage.closest(".player"), this);
  }

  show(trace) {
    this.trace = trace;
    this.place = -1;
  }

  get frame() {
    return this.trace.data.frames[this.place];
  }

  draw(time) {
    const { frames } = this.trace.data;
    const place = frames.findLastIndex((one) => one.at <= time + 0.001);
    if (place !== this.place) this.turn(place);
    const { at, sends, lost } = this.frame;
    this.packet.hidden = !sends;
    if (!sends) return;
    const ends = frames[place + 1]?.at ?? this.trace.end;
    const share = Math.min(1, (time - at) / (ends - at)) * (lost ? 0.5 : 1);
    this.packet.style.left = `${100 * (sends === "A" ? share : 1 - share)}%`;
  }

  turn(place) {
    const before = place === this.place + 1 ? this.frame : null; // only what is new since the last step is shown as new
    this.place = place;
    this.copy(this.a, "A", before);
    this.copy(this.b, "B", before);
    this.link.classList.toggle("cut", this.frame.cut);
    this.link.dataset.word = this.frame.cut ? "cut" : "";
    this.merge();
    this.hand?.turn();
  }

  copy(node, name, before) {
    const { carts, keeps } = this.frame[name];
    const old = new Set((before ?? this.frame)[name].carts.flat().map(String));
    const shown = carts.map((cart) => element("div", { class: "cart-items" }, ...cart.map(([item, mark]) =>
      element("span", { class: `cart-item ${mark} ${old.has(String([item, mark])) ? "" : "new"}`, text: mark ? `${item}: ${mark}` : item })),
    ...(cart.length ? [] : [element("span", { class: "cart-none", text: "empty" })])));
    const rivals = shown.flatMap((cart, place) => (place ? [element("span", { class: "cart-or", text: "or" }), cart] : [cart]));
    node.replaceChildren(element("p", { class: "cart-name", text: `Copy ${name}` }), ...rivals,
      element("p", { class: "cart-keeps", text: keeps.length ? `keeps ${keeps.join(", ")}` : "keeps nothing" }));
  }

  merge() {
    const { merge } = this.frame;
    if (!merge?.rows.length) {
      this.table.replaceChildren();
      return;
    }
    const [here, there] = merge.at === "A" ? ["A", "B"] : ["B", "A"];
    const head = ["about", `${here} has`, `${there} sent`, "so"].map((text) => element("th", { text }));
    const first = Math.max(0, Math.min(merge.row - 2, merge.rows.length - ROWS));
    const rows = merge.rows.slice(first, first + ROWS).map((row, place) => {
      const done = first + place <= merge.row;
      const cells = row.map((text, column) => element("td", { text: column === 3 && !done ? "" : text }));
      return element("tr", { class: first + place === merge.row ? "now" : "" }, ...cells);
    });
    this.table.replaceChildren(element("caption", { text: `Merging at ${here}` }),
      element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
  }
}

// What the reader does goes on from where the film stands.
class Hand {
  constructor(section, scene) {
    Object.assign(this, { section, scene, asked: 0 });
    this.item = element("select", {}, ...ITEMS.map((text) => element("option", { text })));
    this.told = element("p", { class: "hand-told", role: "status", text: "Or go on by hand, from where the film stands. "
      + "The first change loads Python into this page from this book's own host: 14 MB, once." });
    const change = (what, words, copy) => this.button(`${words} at ${copy}`, () => this.act([what, copy, this.item.value]));
    this.cut = this.button("Cut the link", () => this.act([this.scene.frame.cut ? "heal" : "cut"]));
    this.again = this.button("My deeds, with this type", () => this.ask(this.mine));
    this.again.disabled = true;
    section.querySelector(".player-bar").append(element("div", { class: "player-hand", role: "group", "aria-label": "By hand" },
      this.told, element("label", {}, "Item ", this.item),
      change("add", "Put in", "A"), change("remove", "Take out", "A"), change("add", "Put in", "B"), change("remove", "Take out", "B"),
      this.button("A tells B", () => this.act(["tell", "A"])), this.button("B tells A", () => this.act(["tell", "B"])), this.cut, this.again));
  }

  button(text, press) {
    const made = element("button", { type: "button", text });
    made.addEventListener("click", press);
    return made;
  }

  turn() {
    this.cut.textContent = this.scene.frame.cut ? "Heal the link" : "Cut the link";
  }

  act(deed) {
    const { data } = this.scene.trace;
    this.ask([...(this.wanted ?? data.deeds.slice(0, this.scene.frame.done)), deed]);
  }

  // What is pressed while Python is starting waits for it, and is done in order.
  async ask(deeds) {
    const { player } = this.section;
    const number = (this.asked += 1);
    this.wanted = deeds;
    player.pause();
    try {
      const runtime = await this.runtime();
      if (!runtime.ready) this.told.textContent = "Python is being loaded; what you do meanwhile follows by itself.";
      const request = JSON.stringify({ kind: this.scene.trace.data.kind, deeds });
      const made = await runtime.ask({ kind: "tell", module: MODULE, request });
      if (number !== this.asked) return; // there is a later change, with this one in it
      await this.take(made, deeds);
    } catch (error) {
      if (number === this.asked) this.told.textContent = `That did not work: ${error.message}`;
    }
    if (number === this.asked) this.wanted = null;
  }

  async take(made, deeds) {
    const { player } = this.section;
    const { traces } = player.about;
    this.place ??= traces.length;
    traces[this.place] = { ...made, preset: "" };
    await player.choose(this.place, false);
    player.runs[traces.findIndex(({ name }) => name === made.name)].setAttribute("aria-pressed", true);
    const whole = deeds === this.mine; // the same deeds again, with another type
    [this.mine, this.again.disabled] = [deeds, false];
    player.seek(whole ? 0 : made.data.frames.find(({ done }) => done === deeds.length).at);
    this.told.textContent = "Yours, computed in this page by the book's own code. Step back to take a change back.";
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
  }

  async runtime() {
    const { src } = document.querySelector('script[src*="/panel/panel.mjs"]');
    return (await import(src.replace("panel.mjs", "runtime.mjs"))).runtime;
  }
}
