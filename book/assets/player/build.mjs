// Chapter 19: the reader moves messages; the package's own checker, in the page's Python, says what one copy could do.
const version = new URL(import.meta.url).search;
const { SpaceTime, svg } = await import(`./spacetime.mjs${version}`);
const MODULE = "companion.simulators.consistency.hands_on.build";

export function make(stage) {
  return new Builder(stage);
}

class Builder extends SpaceTime {
  constructor(stage) {
    super(stage);
    this.section = stage.closest(".player");
    this.asked = 0;
  }

  show(trace) {
    super.show(trace);
    this.arrives ??= trace.data.arrives.map((row) => [...row]);
    if (!this.sliders) this.controls();
  }

  // A slider for each request: the same as dragging its end in the picture, and for the keyboard.
  controls() {
    const { lanes, begun, soonest, latest } = this.trace.data;
    const node = (name, attributes, ...children) => {
      const made = Object.assign(document.createElement(name), attributes);
      made.append(...children);
      return made;
    };
    const whom = (row) => lanes[row ? row + 3 : 0];
    this.sliders = this.arrives.map((row, place) => row.map((_, to) => {
      const slider = node("input", { type: "range", min: begun[place] + soonest, max: latest, step: 1 });
      slider.setAttribute("aria-label", `The ${whom(place)}'s request reaches node ${lanes[to + 1]}, in ms`);
      slider.addEventListener("input", () => this.move(place, to, Number(slider.value)));
      slider.addEventListener("change", () => this.judge());
      return slider;
    }));
    const head = node("tr", {}, node("th", { scope: "col" }, "request of"),
      ...lanes.slice(1, 4).map((name) => node("th", { scope: "col" }, `reaches ${name}`)));
    const rows = this.sliders.map((row, place) => node("tr", {}, node("th", { scope: "row" }, `the ${whom(place)}`),
      ...row.map((slider) => node("td", {}, slider))));
    this.back = node("input", { type: "checkbox" });
    this.back.addEventListener("change", () => this.judge());
    const again = node("button", { type: "button" }, "Begin again");
    again.addEventListener("click", () => {
      this.trace.data.arrives.forEach((row, place) => row.forEach((moment, to) => this.move(place, to, moment)));
      this.back.checked = false;
      this.judge();
    });
    this.verdict = node("p", { className: "build-verdict" }, this.trace.data.said);
    this.verdict.setAttribute("role", "status");
    this.stage.after(this.verdict, node("table", { className: "build-table" }, node("thead", {}, head), node("tbody", {}, ...rows)),
      node("p", { className: "build-more" }, node("label", {}, this.back, " reads write back before they answer"), again));
    this.place();
    this.drag();
  }

  place() {
    this.sliders.forEach((row, place) => row.forEach((slider, to) => {
      slider.value = this.arrives[place][to];
      slider.setAttribute("aria-valuetext", `${Math.round(this.arrives[place][to])} ms`);
    }));
  }

  move(place, to, moment) {
    const { begun, soonest, latest } = this.trace.data;
    this.arrives[place][to] = Math.min(latest, Math.max(begun[place] + soonest, moment));
    this.place();
    this.guides();
  }

  // Where the moved requests will arrive, until the checker has answered; the rest of the picture is the one before.
  guides() {
    const { begun } = this.trace.data;
    this.stage.classList.add("build-moved");
    this.handles?.forEach(({ handle, place, to }) => handle.setAttribute("transform", `translate(${this.x(this.arrives[place][to])} ${this.y(to + 1)})`));
    this.requests?.forEach(({ line, place, to }) => {
      const ends = { x1: this.x(begun[place]), y1: this.y(place ? place + 3 : 0), x2: this.x(this.arrives[place][to]), y2: this.y(to + 1) };
      for (const [key, value] of Object.entries(ends)) line.setAttribute(key, value);
    });
  }

  build(width, height) {
    super.build(width, height);
    this.requests = [];
    this.handles = [];
    this.arrives.forEach((row, place) => row.forEach((_, to) => {
      const line = svg("line", { class: "build-request" });
      const handle = svg("g", { class: "build-handle" });
      handle.append(svg("circle", { class: "build-reach", r: 13 }), place ? svg("circle", { r: 5.5 }) : svg("rect", { x: -5, y: -5, width: 10, height: 10 }));
      this.moving.append(line, handle);
      this.requests.push({ line, place, to });
      this.handles.push({ handle, place, to });
    }));
    this.guides();
    this.stage.classList.remove("build-moved");
  }

  // The whole of it is in sight, and still: the reader moves messages, not the picture.
  perMs() {
    return 0;
  }

  drag() {
    this.node.addEventListener("pointerdown", (event) => {
      const held = this.handles.find(({ handle }) => handle.contains(event.target));
      if (!held) return;
      event.preventDefault();
      this.node.setPointerCapture(event.pointerId);
      const left = this.node.getBoundingClientRect().left + this.gutter;
      const follow = (moved) => this.move(held.place, held.to, Math.round((moved.clientX - left) / this.scale));
      const drop = () => {
        this.node.removeEventListener("pointermove", follow);
        this.judge();
      };
      this.node.addEventListener("pointermove", follow);
      this.node.addEventListener("pointerup", drop, { once: true });
      this.node.addEventListener("pointercancel", drop, { once: true });
    });
  }

  // Only the last question counts: what was asked before is answered too late.
  async judge() {
    const question = (this.asked += 1);
    const { runtime } = await import(document.querySelector('script[src*="panel/panel.mjs"]').src.replace("panel.mjs", "runtime.mjs"));
    if (!runtime.ready) this.say("Python is being loaded (14 MB, once), and the checker will answer by itself.");
    else this.say("The checker is asked.");
    try {
      const request = JSON.stringify({ arrives: this.arrives, write_back: this.back.checked });
      const answer = await runtime.ask({ kind: "call", module: MODULE, name: "judged", request });
      if (question === this.asked) this.answered(answer);
    } catch (error) {
      if (question === this.asked) this.say(`The checker could not be asked: ${error.message}`);
    }
  }

  answered({ said, drawn, linearizable }) {
    const time = this.section.player.time;
    this.trace = { ...this.trace, data: { ...this.trace.data, ...drawn } };
    this.width = 0;
    this.draw(time >= this.trace.end ? time : this.trace.end);
    if (time < this.trace.end) this.section.player.seek(this.trace.end);
    this.verdict.classList.toggle("build-wrong", !linearizable);
    this.say(said);
  }

  say(words) {
    this.verdict.textContent = words;
  }
}
