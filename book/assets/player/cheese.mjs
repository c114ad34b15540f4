// Chapter 28: problems fly at slices with holes. A slider moves the holes into line; whom that lets through is recorded.
const { unpack } = await import(`./canvas.mjs${new URL(import.meta.url).search}`);
const SVG = "http://www.w3.org/2000/svg";
const TALL = 1000; // thousandths of a slice's height, in which heights are recorded
const [TOP, BELOW] = [24, 46]; // pixels above the slices, for their names, and below, for what they stopped
const ROW = 7; // pixels of height in which those that end at one slice lie beside each other
const SETTLE = 0.25; // seconds in which a problem that was stopped falls back to its place
const DOT = "M-2.7 0a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0-5.4 0z";
const CROSS = "M-2.4-2.4L2.4 2.4M2.4-2.4L-2.4 2.4";

export function make(stage) {
  return new Cheese(stage);
}

function element(name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

class Cheese {
  constructor(stage) {
    this.stage = stage;
    this.section = stage.closest(".player");
    this.picture = element("svg", { "aria-hidden": "true", class: "cheese" }); // the stage is what is described
    stage.append(this.picture);
  }

  show(trace) {
    this.data ??= { ...trace.data, common: unpack(trace.data.common), own: trace.data.own.map(unpack), heights: unpack(trace.data.heights),
      levels: trace.data.levels.map((level) => ({ ...level, stopped: [...level.stopped].map(Number) })) };
    if (!this.slider) this.control();
    this.trace = trace;
    this.set(this.data.runs[trace.name]);
  }

  control() {
    const node = (name, attributes, ...children) => {
      const made = Object.assign(document.createElement(name), attributes);
      made.append(...children);
      return made;
    };
    this.slider = node("input", { type: "range", min: 0, max: this.data.common.length, step: 1 });
    this.slider.setAttribute("aria-label", "Holes in the same place");
    this.words = node("strong", {});
    this.slider.addEventListener("input", () => this.chosen());
    this.stage.after(node("p", { className: "cheese-control" }, node("label", {}, "Holes in the same place: ", this.words, this.slider)));
  }

  // The same problems, judged again; the words beside the picture are those of the slider's place.
  chosen() {
    const { player } = this.section;
    this.set(Number(this.slider.value));
    player.press(player.about.traces.find(({ name }) => this.data.runs[name] === this.shared));
    player.seek(player.time);
  }

  set(shared) {
    this.shared = shared;
    this.level = this.data.levels[shared];
    this.trace.steps = this.level.steps;
    const words = `${(100 * shared) / this.data.common.length} %`;
    this.words.textContent = words;
    this.slider.value = shared;
    this.slider.setAttribute("aria-valuetext", words);
    if (this.width) this.arrange();
  }

  draw(time) {
    if (this.stage.clientWidth !== this.width) this.build();
    if (!this.width) return;
    const over = [...this.data.layers, "through"].map(() => 0);
    this.marks.forEach((mark, number) => {
      const stop = this.level.stopped[number];
      const since = time - this.data.pace * number;
      if (since >= this.due(stop) - 1e-6) over[stop] += 1;
      this.move(mark, number, stop, since);
    });
    this.tell(over);
  }

  // When a problem that such a layer stops is stopped, in seconds after it came.
  due(stop) {
    return this.data.hop * (stop + 1);
  }

  build() {
    this.width = this.stage.clientWidth;
    if (!this.width) return;
    const { layers, common, heights } = this.data;
    const narrow = this.width < 480;
    this.tall = this.stage.clientHeight - TOP - BELOW;
    this.bar = narrow ? 13 : 24;
    this.step = Math.floor((this.width - (narrow ? 66 : 118)) / (layers.length + 0.35)); // from the front of a slice to the next one's
    this.out = this.step * layers.length + this.bar + 8; // where incidents lie
    this.holes = [];
    this.lines = common.map((start) => this.hole("cheese-line", this.width, start));
    const lines = element("svg", { y: TOP, width: this.width, height: this.tall });
    lines.append(...this.lines.map(({ group }) => group));
    const slices = layers.map((name, layer) => this.slice(layer));
    const foot = TOP + this.tall + 16;
    this.counts = [...layers, "incidents"].map((name, layer) => {
      const out = layer === layers.length;
      const x = !out ? this.front(layer) + this.bar / 2 : narrow ? this.width - 1 : (this.out + this.width) / 2;
      const about = { x, "text-anchor": out && narrow ? "end" : "middle", class: out ? "cheese-name cheese-through" : "cheese-name" };
      return { name: element("text", { ...about, y: 14, "font-size": narrow ? 10.5 : 11.5 }, name),
        count: element("text", { ...about, y: foot, class: about.class.replace("name", "count") }) };
    });
    this.share = element("text", { x: 0, y: foot + 21, class: "cheese-share" });
    this.marks = heights.map(() => ({ node: element("path"), was: "" }));
    this.picture.replaceChildren(lines, ...slices, ...this.marks.map(({ node }) => node),
      element("text", { x: 0, y: foot, class: "cheese-quiet" }, narrow ? "" : "stopped"), this.share,
      ...this.counts.flatMap(({ name, count }) => [name, count]));
    this.arrange();
  }

  front(layer) {
    return this.step * (layer + 1);
  }

  y(height) {
    return this.tall * (1 - height / TALL);
  }

  slice(layer) {
    const made = element("svg", { x: this.front(layer), y: TOP, width: this.bar, height: this.tall });
    made.append(element("rect", { class: "cheese-slice", width: "100%", height: "100%" }));
    const holes = this.data.own[layer].map((start) => this.hole("cheese-hole", this.bar, start));
    made.append(...holes.map(({ group }) => group));
    this.holes.push(holes);
    return made;
  }

  // Twice: what reaches over the top goes on from the bottom.
  hole(name, width, start) {
    const group = element("g", { class: name });
    const height = (this.tall * this.data.wide) / TALL;
    for (const y of [0, this.tall]) group.append(element("rect", { x: -2, y, width: width + 4, height }));
    const made = { group, start };
    this.lay(made, start);
    return made;
  }

  lay({ group }, start) {
    group.style.transform = `translateY(${this.y(start + this.data.wide).toFixed(1)}px)`;
  }

  // The holes go to their places; of those that end in one row of a slice, the first lies next to it.
  arrange() {
    const { common, heights, layers } = this.data;
    this.lines.forEach(({ group }, number) => group.classList.toggle("shared", number < this.shared));
    for (const holes of this.holes) {
      holes.forEach((hole, number) => {
        hole.group.classList.toggle("shared", number < this.shared);
        this.lay(hole, number < this.shared ? common[number] : hole.start);
      });
    }
    const rows = new Map();
    this.ranks = heights.map((height, number) => {
      const stop = this.level.stopped[number];
      const row = `${stop} ${Math.floor(this.y(height) / ROW)}`;
      rows.set(row, (rows.get(row) ?? 0) + 1);
      return rows.get(row) - 1;
    });
    this.pitches = [...layers, "through"].map((_, stop) => {
      const most = Math.max(1, ...[...rows].filter(([key]) => key.startsWith(`${stop} `)).map(([, count]) => count));
      const room = stop === layers.length ? this.width - this.out - 6 : this.step - (stop ? this.bar : 0) - 8;
      return Math.min(stop === layers.length ? 7 : 5.5, room / most);
    });
  }

  move(mark, number, stop, since) {
    const end = this.due(stop);
    const out = stop === this.data.layers.length;
    const state = since < 0 ? "" : since < end ? "flies" : out ? "out" : "stopped";
    if (mark.was !== state) {
      mark.was = state;
      mark.node.setAttribute("class", `cheese-mark ${state}`);
      mark.node.setAttribute("d", { "": "", flies: DOT, out: DOT, stopped: CROSS }[state]);
    }
    if (!state) return;
    const [x, y] = this.at(number, stop, since, out);
    const place = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
    if (mark.place === place) return;
    mark.place = place;
    mark.node.setAttribute("transform", place);
  }

  // A problem flies straight to the slice that stops it and falls back a little; one that none stops goes on to its place.
  at(number, stop, since, out) {
    const beside = this.ranks[number] * this.pitches[stop];
    const { hop, heights } = this.data;
    const y = TOP + this.y(heights[number] + 0.5);
    const x = out ? this.out + 4 + beside : this.front(stop) - 4 - beside;
    const turned = out ? hop * stop : this.due(stop);
    if (since <= turned) return [Math.min((this.step * since) / hop, out ? Infinity : this.front(stop) - 3), y];
    const from = out ? this.step * stop : this.front(stop) - 3;
    const share = Math.min(1, (since - turned) / (out ? hop : SETTLE));
    return [from + (x - from) * share, y];
  }

  tell(over) {
    const say = (node, words) => {
      if (node.textContent !== words) node.textContent = words;
    };
    this.counts.forEach(({ count }, place) => say(count, `${over[place]}`));
    const came = over.reduce((sum, number) => sum + number);
    const per = (share) => `${(100 * share).toFixed(1)} %`;
    const seen = came ? `${per(over.at(-1) / came)} of ${came}` : "none yet";
    say(this.share, `Incidents so far: ${seen}; expected: ${per(this.level.expected)}`);
  }
}
