// Chapter 19: lanes for clients and nodes, time to the right, and messages that travel between them, or are lost.
const NOMINAL = 20; // milliseconds after which a message that was lost would have come, or so
const GUTTER = 62;
const MARKED = { "": "", stale: " st-stale", "given up": " st-given-up" };

const KEY = [["write", "write"], ["read", "read"], ["reply", "answer"], ["gossip", "gossip"], ["lost", "lost"]];

export function make(stage) {
  return new SpaceTime(stage);
}

export function svg(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

export class SpaceTime {
  constructor(stage) {
    this.stage = stage;
    this.gutter = GUTTER;
    this.node = svg("svg", { class: "st", "aria-hidden": "true" }); // the stage is what is described
    stage.append(this.node);
  }

  show(trace) {
    this.trace = trace;
    this.width = 0;
  }

  draw(time) {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width) return;
    if (width !== this.width || height !== this.height) this.build(width, height);
    const { start, end } = this.trace;
    const offset = Math.max(start, Math.min(time - 0.72 * this.span, end - this.span));
    this.moving.setAttribute("transform", `translate(${-offset * this.scale} 0)`);
    this.now.setAttribute("transform", `translate(${time * this.scale} 0)`);
    for (const one of this.messages) this.travel(one, time);
    for (const one of this.operations) this.last(one, time);
    this.hold(time);
    this.divide(time);
  }

  // Pixels that a millisecond takes at least; where all of them do not fit, the picture moves along.
  perMs(width) {
    return width < 500 ? 1.8 : 2.5;
  }

  x(time) {
    return time * this.scale;
  }

  y(lane) {
    return this.top + (lane + 0.5) * this.row;
  }

  build(width, height) {
    Object.assign(this, { width, height });
    const { data, start, end } = this.trace;
    this.top = 4;
    this.row = (height - this.top - 40) / data.lanes.length;
    this.span = Math.min(end - start, (width - GUTTER - 6) / this.perMs(width));
    this.scale = (width - GUTTER - 6) / this.span;
    this.node.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const view = svg("svg", { x: GUTTER, y: 0, width: width - GUTTER, height });
    this.moving = svg("g");
    view.append(this.moving);
    this.node.replaceChildren(view);
    this.lanes(data, start, end);
    this.axis(start, end, height);
    this.cut = data.cut && svg("line", { class: "st-cut" });
    if (this.cut) this.moving.append(this.cut);
    this.operations = data.operations.map((one) => this.operation(one));
    this.messages = data.messages.map((one) => this.message(one));
    this.now = svg("line", { class: "st-now", x1: 0, x2: 0, y1: this.top, y2: height - 36 });
    this.moving.append(this.now);
    this.key(height);
  }

  lanes({ lanes, clients, stored }, start, end) {
    this.boxes = [];
    lanes.forEach((name, lane) => {
      const y = this.y(lane);
      const client = clients.includes(lane);
      this.moving.append(svg("line", { class: client ? "st-client" : "st-lane", x1: this.x(start), x2: this.x(end), y1: y, y2: y }));
      const words = name.length > 2 ? name.replace(" reader", "") : client ? `client ${name}` : `node ${name}`;
      this.node.append(svg("text", { class: client ? "st-name st-strong" : "st-name", x: 2, y: y + 4 }, words));
      if (client) return;
      const box = svg("text", { class: "st-value", x: GUTTER - 9, y: y + 4 });
      this.node.append(svg("rect", { class: "st-box", x: GUTTER - 18, y: y - 9, width: 18, height: 18 }), box);
      this.boxes.push({ box, values: stored.filter(([where]) => where === lane) });
    });
  }

  axis(start, end, height) {
    const y = height - 36;
    this.moving.append(svg("line", { class: "st-lane", x1: this.x(start), x2: this.x(end), y1: y, y2: y }));
    for (let time = Math.ceil(start / 50) * 50; time <= end; time += 50) {
      this.moving.append(svg("line", { class: "st-lane", x1: this.x(time), x2: this.x(time), y1: y, y2: y + 4 }));
      const anchor = time === start ? "start" : time + 12 > end ? "end" : "middle";
      this.moving.append(svg("text", { class: "st-tick", x: this.x(time), y: y + 15, "text-anchor": anchor }, `${time} ms`));
    }
  }

  key(height) {
    let x = 8;
    const kinds = new Set(this.trace.data.messages.map((one) => (one[3] === null ? "lost" : one[4])));
    for (const [kind, words] of KEY.filter(([kind]) => kinds.has(kind))) {
      const mark = this.mark(kind);
      mark.setAttribute("transform", `translate(${x} ${height - 7})`);
      this.node.append(mark, svg("text", { class: "st-tick", x: x + 9, y: height - 3, "text-anchor": "start" }, words));
      x += 28 + 6 * words.length;
    }
  }

  mark(kind) {
    if (kind === "write") return svg("rect", { class: "st-write", x: -4, y: -4, width: 8, height: 8 });
    if (kind === "read") return svg("circle", { class: "st-read", r: 4 });
    if (kind === "reply") return svg("circle", { class: "st-reply", r: 2.8 });
    if (kind === "gossip") return svg("path", { class: "st-gossip", d: "M0-5L5 0L0 5L-5 0Z" });
    return svg("path", { class: "st-lost", d: "M-4-4L4 4M-4 4L4-4" });
  }

  // A message: its line, what travels along it, and where it ends.
  message([from, to, sent, arrives, kind, value]) {
    const lost = arrives === null;
    const begin = [this.x(sent), this.y(from)];
    const share = lost ? this.boundary(from, to) : 1;
    const ends = lost ? sent + NOMINAL * share : arrives;
    const end = [this.x(ends), this.y(from) + (this.y(to) - this.y(from)) * share];
    const waited = this.trace.data.operations.find((one) => one[0] === to && kind === "reply" && one[6].includes(arrives));
    const late = waited && waited[2] !== null && arrives > waited[2];
    const line = svg("line", { class: `st-line${late ? " st-late" : ""}`, x1: begin[0], y1: begin[1] });
    const head = svg("g");
    head.append(this.mark(kind));
    if (value !== null && kind !== "read") head.append(svg("text", { class: "st-carried", x: 0, y: -7 }, value));
    const cross = lost ? this.mark("lost") : null;
    cross?.setAttribute("transform", `translate(${end[0]} ${end[1]})`);
    this.moving.append(line, head, ...(cross ? [cross] : []));
    return { sent, ends, begin, end, line, head, cross, state: -1 };
  }

  // How much of its way a lost message makes: up to the line of the cut.
  boundary(from, to) {
    const after = this.trace.data.cut?.[2];
    if (after === undefined) return 0.5;
    return Math.abs((after + 0.5 - from) / (to - from));
  }

  travel(one, time) {
    const state = time < one.sent ? 0 : time < one.ends ? 1 : 2;
    if (state !== one.state) {
      one.state = state;
      one.line.style.display = state ? "" : "none";
      one.head.style.display = state === 1 ? "" : "none";
      if (one.cross) one.cross.style.display = state === 2 ? "" : "none";
      one.line.classList.toggle("st-flies", state === 1);
      if (state === 2) this.reach(one, 1);
    }
    if (state === 1) this.reach(one, (time - one.sent) / (one.ends - one.sent || 1));
  }

  reach({ begin, end, line, head }, share) {
    const [x, y] = [0, 1].map((axis) => begin[axis] + (end[axis] - begin[axis]) * share);
    line.setAttribute("x2", x);
    line.setAttribute("y2", y);
    head.setAttribute("transform", `translate(${x} ${y})`);
  }

  operation([lane, begun, ended, words, verdict, need, replies]) {
    const y = this.y(lane);
    const bar = svg("rect", { class: "st-operation", x: this.x(begun), y: y - 8, height: 16, rx: 2 });
    const label = svg("text", { class: "st-label", x: this.x(begun) + 4, y: y + 4 });
    this.moving.append(bar, label);
    return { begun, ended, words, verdict, need, replies, bar, label };
  }

  last({ begun, ended, words, verdict, need, replies, bar, label }, time) {
    const seen = time >= begun;
    bar.style.display = label.style.display = seen ? "" : "none";
    if (!seen) return;
    const over = ended !== null && time >= ended;
    const until = over ? ended : time;
    bar.setAttribute("width", Math.max(1, this.x(until) - this.x(begun)));
    bar.setAttribute("class", `st-operation${over ? ` st-over${MARKED[verdict]}` : ""}`);
    const come = Math.min(need, replies.filter((moment) => moment <= time).length);
    const asked = words.split(" ")[0] === "write" ? words : "read";
    const text = over ? (verdict === "given up" ? `${asked}: ${come} of ${need}, gave up` : verdict ? `${words} ${verdict}` : words) : `${asked}: ${come} of ${need}`;
    if (label.textContent !== text) label.textContent = text;
    label.setAttribute("class", `st-label${over && verdict ? " st-strong" : ""}`);
  }

  // What each node has stored by now.
  hold(time) {
    for (const { box, values } of this.boxes) {
      const value = values.findLast(([, when]) => when <= time)?.[2] ?? "–";
      if (box.textContent !== String(value)) box.textContent = value;
    }
  }

  divide(time) {
    if (!this.cut) return;
    const [start, end, after] = this.trace.data.cut;
    const y = this.top + (after + 1) * this.row;
    this.cut.style.display = time > start ? "" : "none";
    for (const [key, value] of Object.entries({ x1: this.x(start), x2: this.x(Math.min(time, end)), y1: y, y2: y })) {
      this.cut.setAttribute(key, value);
    }
  }
}
