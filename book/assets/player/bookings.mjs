// Chapter 22: what is asked in two cities, the messages between them, and each user's wait, drawn to scale.
const SVG = "http://www.w3.org/2000/svg";
const TOP = 92; // where the rows begin
const ROW = 21;
const MARKS = { room: "M-4.5-4.5h9v9h-9z", note: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", colour: "M0-5.5L5.5 4.5h-11z" };

export function make(stage) {
  return new Bookings(stage);
}

function element(name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

class Bookings {
  constructor(stage) {
    this.stage = stage;
    this.picture = element("svg", { "aria-hidden": "true", class: "bookings" }); // the stage is what is described
    stage.append(this.picture);
  }

  show(trace) {
    this.data = trace.data;
    this.width = 0; // build anew
  }

  draw(time) {
    if (this.stage.clientWidth !== this.width) this.build();
    this.rows.forEach((row) => this.row(row, time));
    this.flying.replaceChildren(...this.data.messages.filter(([, , , , sent, arrived]) => sent <= time && time < arrived).map((one) => this.message(one, time)));
  }

  build() {
    this.width = this.stage.clientWidth;
    const { cities, trip, rows } = this.data;
    const narrow = this.width < 480;
    this.side = narrow ? 62 : 84; // of a city
    this.left = narrow ? 124 : 148; // where the waits begin
    this.scale = (this.width - this.left - 74) / (2.15 * trip); // pixels a millisecond
    this.flying = element("g");
    const parts = [this.flying];
    cities.forEach((name, city) => {
      const x = city ? this.width - this.side - 1 : 1;
      parts.push(element("rect", { class: "bookings-city", x, y: 4, width: this.side, height: 54, rx: 3 }));
      parts.push(element("text", { class: "bookings-name", x: x + this.side / 2, y: 35, "text-anchor": "middle" }, name));
    });
    for (const trips of [0, 1, 2]) {
      const x = this.left + trips * trip * this.scale;
      parts.push(element("line", { class: "bookings-trip", x1: x, x2: x, y1: TOP - 12, y2: TOP + rows.length * ROW - 4 }));
      parts.push(element("text", { class: "bookings-quiet", x, y: TOP - 17, "text-anchor": trips ? "middle" : "start" }, trips ? `${trips * trip} ms` : "waits"));
    }
    this.rows = rows.map((about, place) => this.newRow(about, place, cities));
    this.picture.replaceChildren(...parts, ...this.rows.map(({ group }) => group));
  }

  newRow(about, place, cities) {
    const y = TOP + place * ROW;
    const group = element("g", { class: about.red ? "bookings-row red" : "bookings-row" });
    const bar = element("rect", { class: "bookings-wait", x: this.left, y, height: 11 });
    const told = element("text", { x: this.width - 70, y: y + 10 });
    const mark = element("path", { class: "bookings-mark", d: MARKS[about.kind], transform: `translate(7 ${y + 6})` });
    group.append(mark, element("text", { x: 18, y: y + 10 }, `${about.what}, ${cities[about.city]}`), bar, told);
    return { about, group, bar, told };
  }

  // The bar grows until its user is told something, and keeps its length.
  row({ about, group, bar, told }, time) {
    const answer = about.told[0]?.[0] ?? Infinity;
    group.style.visibility = time >= about.begun ? "visible" : "hidden";
    bar.setAttribute("width", Math.max(2, (Math.min(time, answer) - about.begun) * this.scale));
    const said = about.told.findLast(([moment]) => moment <= time)?.[1] ?? "waits";
    if (told.textContent !== said) told.textContent = said;
    group.classList.toggle("lost", said === "taken back");
    group.classList.toggle("waiting", time < answer);
  }

  message([place, words, one, , sent, arrived], time) {
    const [from, to] = [this.side + 8, this.width - this.side - 8];
    const share = (time - sent) / (arrived - sent);
    const x = from + (to - from) * (one ? 1 - share : share);
    const group = element("g", { class: "bookings-message", transform: `translate(${x.toFixed(1)} ${16 + (place % 3) * 16})` });
    group.append(element("path", { class: "bookings-mark", d: MARKS[this.data.rows[place].kind] }));
    const ahead = x > (from + to) / 2 ? -9 : 9;
    group.append(element("text", { x: ahead, y: 4, "text-anchor": ahead < 0 ? "end" : "start" }, words));
    return group;
  }
}
