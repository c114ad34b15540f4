// Chapter 18: attempts wait in order, their callers leave, and the workers serve them all the same.
const { Canvas, unpack, NEVER } = await import(`./canvas.mjs${new URL(import.meta.url).search}`);

const FLIGHT = 0.18; // seconds that a dot takes to its place in the queue
const LEAVING = 0.35; // seconds that an answer is seen on its way out
const BIN = 0.5; // seconds over which rates are counted
const PITCHES = [13, 10, 8, 6.5, 5, 4];

export function make(stage) {
  return new Queue(new Canvas(stage));
}

class Queue {
  constructor(canvas) {
    this.canvas = canvas;
  }

  show(trace) {
    const { data } = trace;
    this.before = this.rows && this.trace !== trace ? { trace: this.trace, rows: this.rows } : null; // stays as a ghost
    this.trace = trace;
    const { sent, began, ended, left } = journeys(data);
    Object.assign(this, { sent, began, ended, left, timeout: data.timeout, servers: data.servers });
    this.rows = rates(trace, this);
  }

  draw(time) {
    const { canvas } = this;
    const [width, height] = canvas.clear();
    if (!width) return;
    this.colour = canvas.colours();
    const now = this.at(time);
    const desk = { size: Math.max(13, Math.min(19, width / 40)), top: 26 };
    const floor = height * 0.62;
    desk.x = width - 86 - desk.size * 2 - 8;
    this.crowd(now, time, 4, 26, desk.x - 14, floor - 26);
    this.workers(now, time, desk, floor);
    this.leaving(time, desk, width, floor);
    this.heads(now, time, width, desk);
    this.key(width, floor - 4);
    this.strips(time, width, floor + 12, height - floor - 14);
  }

  // Who stands where at this moment.
  at(time) {
    const waiting = [];
    const serving = [];
    const upTo = above(this.sent, time);
    for (let one = 0; one < upTo; one += 1) {
      if (this.began[one] > time) {
        if (this.left[one] > time) waiting.push(one);
      } else if (this.ended[one] > time) serving.push(one);
    }
    return { waiting, serving };
  }

  gaveUp(one, time) {
    return time > this.sent[one] + this.timeout;
  }

  crowd({ waiting }, time, left, top, right, bottom) {
    const fits = (pitch) => Math.floor((right - left) / pitch) * Math.floor((bottom - top) / pitch);
    const pitch = PITCHES.find((size) => fits(size) >= waiting.length * 1.2) ?? PITCHES.at(-1);
    const rows = Math.floor((bottom - top) / pitch);
    const most = Math.floor((right - left) / pitch) * rows;
    waiting.slice(0, most).forEach((one, place) => {
      const column = Math.floor(place / rows);
      const row = column % 2 ? rows - 1 - (place % rows) : place % rows;
      let x = right - (column + 0.5) * pitch;
      let y = top + (row + 0.5) * pitch;
      const flown = Math.min(1, (time - this.sent[one]) / FLIGHT);
      if (flown < 1) {
        x = left + (x - left) * flown;
        y = (top + bottom) / 2 + (y - (top + bottom) / 2) * flown;
      }
      this.dot(x, y, pitch * 0.38, this.gaveUp(one, time));
    });
    if (waiting.length > most && right - left > 400) {
      this.canvas.text(`and ${(waiting.length - most).toLocaleString("en")} more`, right, top - 12, { colour: this.colour.quiet, size: 11, align: "right" });
    }
  }

  // Full while the caller waits, hollow when the caller has left.
  dot(x, y, radius, gone) {
    const { pen } = this.canvas;
    pen.beginPath();
    pen.arc(x, y, gone ? radius * 0.8 : radius, 0, 7);
    if (gone) {
      pen.strokeStyle = this.colour.quiet;
      pen.lineWidth = Math.min(1, radius / 2);
      pen.globalAlpha = 0.6;
      pen.stroke();
    } else {
      pen.fillStyle = this.colour.ink;
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  place(number, desk, floor) {
    const rows = Math.ceil(this.servers / 2);
    const gap = Math.min(desk.size + 7, (floor - 34) / rows);
    return [desk.x + Math.floor(number / rows) * (desk.size + 8), desk.top + (number % rows) * gap];
  }

  workers({ serving }, time, desk, floor) {
    const { pen } = this.canvas;
    const seats = this.seats(time, serving);
    for (let number = 0; number < this.servers; number += 1) {
      const [x, y] = this.place(number, desk, floor);
      pen.strokeStyle = this.colour.ink;
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, y + 0.5, desk.size, desk.size);
      const one = seats[number];
      if (one !== undefined) this.dot(x + desk.size / 2 + 0.5, y + desk.size / 2 + 0.5, desk.size * 0.3, this.gaveUp(one, time));
    }
  }

  // A worker keeps its seat for as long as it works on the same attempt.
  seats(time, serving) {
    const seats = new Array(this.servers);
    const kept = this.kept ?? new Map();
    this.kept = new Map();
    const seated = new Set();
    for (const one of serving) {
      const seat = kept.get(one);
      if (seat !== undefined && seats[seat] === undefined) {
        seats[seat] = one;
        seated.add(one);
      }
    }
    let free = 0;
    for (const one of serving) {
      if (seated.has(one)) continue;
      while (seats[free] !== undefined) free += 1;
      seats[free] = one;
    }
    seats.forEach((one, seat) => this.kept.set(one, seat));
    return seats;
  }

  leaving(time, desk, width, floor) {
    const { pen } = this.canvas;
    for (let one = above(this.sent, time) - 1; one >= 0; one -= 1) {
      const since = time - this.ended[one];
      if (since < 0 || since > LEAVING) continue;
      const late = this.ended[one] > this.sent[one] + this.timeout;
      const share = since / LEAVING;
      const from = desk.x + 2 * desk.size + 14;
      const x = from + share * (late ? 26 : width - from - 8);
      const lane = (one * 7919) % 97 / 97;
      const y = desk.top + lane * (floor - 80) + (late ? share * 30 : 0);
      pen.globalAlpha = 1 - share * 0.7;
      if (late) this.dot(x, y, 3, true);
      else {
        pen.fillStyle = this.colour.accent;
        pen.fillRect(x - 3.5, y - 3.5, 7, 7);
      }
      pen.globalAlpha = 1;
    }
  }

  heads({ waiting }, time, width, desk) {
    const gone = waiting.filter((one) => this.gaveUp(one, time)).length;
    const words = `${waiting.length.toLocaleString("en")} wait${gone ? `, ${gone.toLocaleString("en")} of them for nobody` : ""}`;
    this.canvas.text(words, 4, 14, { colour: this.colour.ink, weight: 600 });
    if (width > 520) this.canvas.text("workers", desk.x, 14, { colour: this.colour.ink, weight: 600 });
  }

  // What the marks mean, between the crowd and the curves.
  key(width, y) {
    const { pen } = this.canvas;
    let x = 8;
    for (const [words, mark] of KEY) {
      if (mark === "square") {
        pen.fillStyle = this.colour.accent;
        pen.fillRect(x - 3.5, y - 7.5, 7, 7);
      } else this.dot(x, y - 4, 4, mark === "hollow");
      this.canvas.text(words, x + 9, y, { colour: this.colour.quiet, size: 11 });
      x += 26 + pen.measureText(words).width;
    }
  }

  strips(time, width, top, height) {
    const each = height / 3;
    const bin = Math.min(this.rows.length - 1, Math.max(0, Math.floor((time - this.trace.start) / BIN) - 1));
    STRIPS.forEach(({ key, words, unit, strong }, place) => {
      const y = top + place * each;
      this.strip(key, time, 150, y + 3, width - 154, each - 8, strong);
      const value = this.rows[bin]?.[key] ?? 0;
      const said = key === "age" ? value.toFixed(1) : Math.round(value).toString();
      this.canvas.text(words, 4, y + each / 2 - 2, { colour: this.colour.ink, size: 11.5, weight: strong ? 650 : 400 });
      this.canvas.text(`${said} ${unit}`, 4, y + each / 2 + 13, { colour: strong ? this.colour.accent : this.colour.quiet, size: 12, weight: 600 });
    });
  }

  strip(key, time, x, y, width, height, strong) {
    const { pen } = this.canvas;
    const { start, end } = this.trace;
    const all = [...this.rows, ...(this.before?.rows ?? [])];
    const most = Math.max(1, ...all.map((row) => row[key])) * 1.06;
    const at = (moment) => x + ((moment - start) / (end - start)) * width;
    pen.strokeStyle = this.colour.rule;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, y + height + 0.5);
    pen.lineTo(x + width, y + height + 0.5);
    pen.stroke();
    const line = (rows, first, until) => {
      pen.beginPath();
      let begun = false;
      rows.forEach((row, place) => {
        const moment = first + (place + 1) * BIN;
        if (moment > until || moment < start || moment > end) return;
        const [px, py] = [at(moment), y + height - (row[key] / most) * height];
        if (begun) pen.lineTo(px, py);
        else pen.moveTo(px, py);
        begun = true;
      });
      pen.stroke();
    };
    pen.save();
    if (this.before) {
      pen.setLineDash([2, 3]);
      pen.strokeStyle = this.colour.quiet;
      line(this.before.rows, this.before.trace.start, end);
    }
    pen.restore();
    pen.strokeStyle = strong ? this.colour.accent : this.colour.ink;
    pen.lineWidth = strong ? 2.2 : 1.4;
    line(this.rows, start, time);
    pen.strokeStyle = this.colour.quiet;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(at(time), y);
    pen.lineTo(at(time), y + height);
    pen.stroke();
  }
}

const KEY = [["caller waits", "full"], ["caller has left", "hollow"], ["answered in time", "square"]];

const STRIPS = [
  { key: "good", words: "answered in time", unit: "a second", strong: true },
  { key: "attempts", words: "attempts", unit: "a second" },
  { key: "age", words: "the next has waited", unit: "s" },
];

function above(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// When each attempt was sent, begun and finished, and when it left the queue otherwise.
function journeys(data) {
  let clock = data.first;
  const sent = unpack(data.sent).map((step) => (clock += step / 1000));
  clock = data.beganFirst;
  const known = unpack(data.began).map((step) => (step === NEVER ? Infinity : (clock += step / 1000)));
  const lengths = unpack(data.served).values();
  const began = sent.map((_, one) => known[one] ?? Infinity);
  const ended = began.map((moment) => (moment === Infinity ? Infinity : moment + lengths.next().value / 1000));
  const left = sent.map((_, one) => (one < known.length && began[one] === Infinity ? (data.dropped ?? Infinity) : Infinity));
  return { sent, began, ended, left };
}

// Rates and the age of whoever is served next, for each half second.
function rates({ start, end }, { sent, began, ended, left, timeout }) {
  const rows = Array.from({ length: Math.round((end - start) / BIN) }, () => ({ good: 0, attempts: 0, age: 0 }));
  const bin = (moment) => rows[Math.floor((moment - start) / BIN)];
  sent.forEach((moment, one) => {
    const row = moment >= start ? bin(moment) : undefined;
    if (row) row.attempts += 1 / BIN;
    const done = ended[one] <= moment + timeout && ended[one] >= start ? bin(ended[one]) : undefined;
    if (done) done.good += 1 / BIN;
  });
  let head = 0;
  rows.forEach((row, place) => {
    const moment = start + (place + 1) * BIN;
    while (head < sent.length && (began[head] <= moment || left[head] <= moment)) head += 1;
    row.age = head < sent.length && sent[head] <= moment ? moment - sent[head] : 0;
  });
  return rows;
}
