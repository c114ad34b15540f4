// The panel of a simulator: opened when asked, its settings kept in the address, its runs in the page's own Python. Once
// that is there, every settled change runs; the run before, or one that the reader keeps, stays as a ghost.
const version = new URL(import.meta.url).search;
const load = (name) => import(`./${name}.mjs${version}`);
const [{ element, copyButton }, { Control }, { runtime, loadPlot, Cancelled, Refused }] = await Promise.all(
  ["page", "controls", "runtime"].map(load),
);

class Panel {
  constructor(section) {
    this.section = section;
    this.about = JSON.parse(section.querySelector(".panel-description").textContent);
    this.preset = this.about.preset;
    const start = section.querySelector(".panel-start");
    start.hidden = false;
    start.querySelector("button").addEventListener("click", () => {
      this.open();
      this.run();
      this.scenario.focus();
    });
    section.addEventListener("wanted", ({ detail }) => this.take(detail));
    this.restore();
  }

  // Make the controls; Python is not needed for that.
  open() {
    if (this.form) return;
    this.section.querySelector(".panel-start").hidden = true;
    const id = this.section.id;
    this.controls = new Map();
    for (const parameter of this.about.parameters) {
      this.controls.set(parameter.name, new Control(parameter, id, (control) => this.changed(control), () => this.settled()));
    }
    const presets = Object.keys(this.about.presets);
    this.scenario = element("select", { id: `${id}-preset`, "aria-describedby": `${id}-preset-help` },
      ...presets.map((name) => element("option", { value: name }, name.replaceAll("_", " "))));
    this.scenario.addEventListener("change", () => {
      this.choose(this.scenario.value, { seed: this.controls.get("seed")?.text });
      this.settled();
    });
    this.explained = element("p", { class: "panel-help", id: `${id}-preset-help` });
    this.spoken = element("p", { class: "panel-said", role: "status" });
    this.refusal = element("p", { class: "panel-refused", role: "alert" });
    this.old = element("p", { class: "panel-old" }, "These are the settings from before. ");
    this.figure = element("div", { class: "panel-drawing" });
    this.result = element("div", { class: "panel-result" });
    this.form = element("form", { class: "panel-form", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.run(true);
    } },
      element("div", { class: "panel-control panel-scenario" },
        element("label", { for: `${id}-preset` }, "scenario"), this.scenario, this.explained),
      ...this.groups());
    const seen = element("div", { class: "panel-seen" }, this.buttons(), this.refusal, this.spoken, this.old, this.figure);
    this.section.append(element("div", { class: "panel-work" }, this.form, seen), this.result, this.elsewhere());
    this.choose(this.preset, this.about.values);
  }

  // Another part of the page sends the reader here with a scenario.
  take(preset) {
    this.open();
    this.choose(preset, { seed: this.about.values.seed });
    this.section.scrollIntoView();
    this.scenario.focus({ preventScroll: true });
    this.run();
  }

  groups() {
    const groups = new Map();
    for (const control of this.controls.values()) {
      const group = control.parameter.group ?? "";
      groups.set(group, [...(groups.get(group) ?? []), control.node]);
    }
    const first = element("div", { class: "panel-controls" }, ...(groups.get("") ?? []));
    groups.delete("");
    const more = [...groups].map(([name, nodes]) =>
      element("details", { class: "panel-group" }, element("summary", {}, name), element("div", { class: "panel-controls" }, ...nodes)));
    return [first, element("div", { class: "panel-more" }, ...more)];
  }

  buttons() {
    this.go = element("button", { type: "button", class: "panel-go", onclick: () => this.run(true) }, "Run");
    this.keep = element("button", { type: "button", class: "panel-quiet panel-keep", onclick: () => this.keepOrForget() });
    this.stop = element("button", { type: "button", class: "panel-quiet", onclick: () => this.cancel() }, "Cancel");
    this.stop.hidden = this.keep.hidden = true;
    this.bar = element("progress", { max: 100, value: 0, "aria-label": "Progress" });
    this.bar.hidden = true;
    return element("p", { class: "panel-buttons" }, this.go, this.stop, this.keep, copyButton("Copy link", () => this.address().href), this.bar);
  }

  elsewhere() {
    this.code = element("code");
    this.line = element("code");
    const part = (words, code) => element("div", { class: "panel-code" }, element("p", {}, words),
      element("pre", {}, code), copyButton("Copy", () => code.textContent));
    return element("details", { class: "panel-group" }, element("summary", {}, "Open in the notebook, or on the command line"),
      part("In the notebook", this.code), part("On the command line", this.line));
  }

  choose(preset, values) {
    this.preset = preset;
    this.scenario.value = preset;
    this.explained.textContent = this.about.presets[preset].help;
    const base = this.base();
    for (const [name, control] of this.controls) control.text = values[name] ?? base[name];
    this.refusal.textContent = "";
    this.fit();
    this.write();
  }

  // Only what does something is shown, and a figure says when it is not of these settings.
  fit() {
    const texts = new Map([...this.controls].map(([name, control]) => [name, control.text]));
    for (const control of this.controls.values()) control.fit(texts);
    for (const group of this.form.querySelectorAll(".panel-group")) {
      group.hidden = !group.querySelector(".panel-control:not([hidden])");
    }
    this.figure.parentElement.classList.toggle("panel-stale", Boolean(this.shown) && this.shown.request !== this.request());
  }

  request() {
    return JSON.stringify({ module: this.about.module, preset: this.preset, values: this.values() });
  }

  base(preset = this.preset) {
    const defaults = Object.fromEntries(this.about.parameters.map((parameter) => [parameter.name, parameter.default]));
    return { ...defaults, ...this.about.presets[preset].values };
  }

  // What differs from the preset, and the seed always: a link says which draws it shows.
  values() {
    const base = this.base();
    const texts = [...this.controls].map(([name, control]) => [name, control.text]);
    return Object.fromEntries(texts.filter(([name, text]) => name === "seed" || !same(text, base[name])));
  }

  changed(control) {
    control.check();
    if (![...this.controls.values()].some((one) => one.trouble.textContent)) this.refusal.textContent = "";
    this.fit();
    this.write();
  }

  // The reader has let go of a control: what can be run is run.
  settled() {
    this.remember();
    const bad = [...this.controls.values()].some((control) => control.check());
    if (!bad && (runtime.ready || this.running)) this.run();
  }

  // The address

  restore() {
    const asked = new URLSearchParams(location.search);
    const mine = location.hash ? location.hash === `#${this.section.id}` : document.querySelector(".sim-panel") === this.section;
    const notes = [];
    const preset = current(asked.get("preset"), this.about.formerly, notes);
    if (!mine || !Object.hasOwn(this.about.presets, preset ?? "")) return;
    this.open();
    const against = new URLSearchParams(asked.get("against") ?? "");
    const other = this.described(against);
    const kept = Object.hasOwn(this.about.presets, other.preset ?? "") ? other : null;
    this.choose(preset, this.described(asked, notes).values);
    this.explained.textContent += [...new Set(notes)].map((note) => ` ${note}`).join("");
    const bad = [...this.controls.values()].map((control) => control.check()).some(Boolean);
    this.section.scrollIntoView();
    if (!bad) this.run(false, kept);
  }

  described(asked, notes = []) {
    const known = [...asked].filter(([name]) => this.controls.has(name))
      .map(([name, text]) => [name, current(text, this.controls.get(name).parameter.formerly, notes)]);
    const preset = current(asked.get("preset"), this.about.formerly, notes);
    return { preset, values: { seed: this.about.values.seed, ...Object.fromEntries(known) } };
  }

  address() {
    const address = new URL(location.href);
    for (const name of ["preset", "against", ...this.controls.keys()]) address.searchParams.delete(name);
    address.searchParams.set("preset", this.preset);
    for (const [name, text] of Object.entries(this.values())) address.searchParams.set(name, text);
    if (this.kept) address.searchParams.set("against", new URLSearchParams({ preset: this.kept.preset, ...this.kept.values }).toString());
    address.hash = this.section.id;
    return address;
  }

  remember() {
    history.replaceState(history.state, "", this.address());
    this.write();
  }

  write() {
    const values = Object.entries(this.values());
    const said = values.map(([name, text]) => `${name}=${literal(this.controls.get(name).parameter, text)}`);
    this.code.textContent = `from ${this.about.module} import simulate\n\nresult = simulate(${[JSON.stringify(this.preset), ...said].join(", ")})`;
    const options = values.map(([name, text]) => (name === "seed" ? `--seed ${text}` : `-p ${name}=${text}`));
    this.line.textContent = [`companion simulate ${this.about.command} --preset ${this.preset}`, ...options].join(" ");
  }

  // A run

  // Runs what is set; while one is under way, the next waits, and what came between is not drawn. `asked` says that the
  // reader pressed the button, and so wants to be led to what is wrong.
  async run(asked = false, kept = null) {
    this.remember();
    const bad = [...this.controls.values()].filter((control) => control.check());
    this.refusal.textContent = "";
    if (bad.length && !runtime.ready) {
      this.refuse(bad[0].trouble.textContent, bad[0], true);
      return;
    }
    this.asked = asked || this.running === this.request();
    this.next = this.running === this.request() ? null : this.request();
    if (this.running) return;
    this.busy(true);
    try {
      const drawing = Promise.all([loadPlot(), load("chart")]);
      drawing.catch(() => {});
      if (!runtime.ready) await this.starting();
      if (kept) this.kept = { ...kept, result: await this.resultOf(JSON.stringify({ module: this.about.module, ...kept })) };
      while (this.next) {
        [this.running, this.next] = [this.next, null];
        this.say("Running.");
        const { preset, values } = JSON.parse(this.running);
        const done = { preset, values, request: this.running, result: await this.resultOf(this.running) };
        if (!this.next) await this.show(done, drawing);
      }
    } catch (error) {
      this.failed(error, bad[0]);
    } finally {
      this.running = this.next = null;
      this.busy(false);
      this.fit();
    }
  }

  resultOf(request) {
    return runtime.ask({ kind: "run", request }, (done) => (this.bar.value = done));
  }

  // Loading takes seconds when it is the first time; the controls can be used meanwhile.
  async starting() {
    this.running = this.next;
    this.bar.removeAttribute("value");
    this.say("Python is starting; then it runs.");
    await runtime.start();
    this.next = this.request(); // as it is by now
  }

  cancel() {
    this.next = null;
    runtime.cancel();
  }

  keepOrForget() {
    this.kept = this.kept ? null : this.shown;
    this.remember();
    this.redraw();
  }

  failed(error, control) {
    if (error instanceof Cancelled) this.say("Cancelled.");
    else if (error instanceof Refused) this.refuse(error.message, control ?? this.controls.get(error.message.split(" ")[0]), this.asked);
    else {
      this.say("");
      this.refusal.textContent = `It failed: ${error.message}`;
    }
  }

  refuse(message, control, lead) {
    this.say("");
    this.refusal.textContent = message;
    if (!control) return;
    control.say(message);
    if (!lead) return;
    const group = control.node.closest("details");
    if (group) group.open = true;
    control.field.focus();
  }

  async show(done, drawing) {
    this.tools = await drawing;
    this.before = this.shown;
    this.shown = done;
    this.section.result = done.result; // for who wants to look closer, and for the tests
    this.redraw();
    this.say(done.result.said);
  }

  redraw() {
    const [Plot, { draw }] = this.tools;
    const { result, preset } = this.shown;
    const other = this.kept ?? this.before;
    const width = Math.max(290, Math.min(760, this.figure.clientWidth));
    const name = this.kept ? "the run that you keep" : "the run before";
    this.figure.replaceChildren(draw(Plot, result.chart, width, !other || other.request === this.shown.request ? null : other.result.chart, name));
    this.keep.hidden = false;
    this.keep.textContent = this.kept ? "Forget the kept run" : "Keep to compare";
    const compared = this.kept !== this.shown ? this.kept : null;
    const data = URL.createObjectURL(new Blob([result.csv], { type: "text/csv" }));
    const file = `${this.about.command}-${preset}-${this.shown.values.seed ?? "run"}.csv`;
    this.result.querySelectorAll("a[download]").forEach((link) => URL.revokeObjectURL(link.href));
    this.result.replaceChildren(
      ...(compared ? [element("p", { class: "panel-differs" }, this.differences(compared))] : []),
      table(result, compared?.result),
      element("p", {}, element("a", { href: data, download: file }, "The series, second by second, as CSV")));
  }

  // What the kept run has otherwise, in words.
  differences(kept) {
    const full = (run) => ({ ...this.base(run.preset), ...run.values });
    const [ours, theirs] = [full(this.shown), full(kept)];
    const told = this.about.parameters.filter(({ name }) => !same(String(ours[name]), String(theirs[name])))
      .map(({ name, label }) => `${label} ${theirs[name]}, here ${ours[name]}`);
    return `You keep a run of ${kept.preset.replaceAll("_", " ")}: ${told.join("; ") || "the same settings"}.`;
  }

  say(text) {
    this.spoken.textContent = text;
  }

  busy(now) {
    this.bar.value = 0;
    this.bar.hidden = this.stop.hidden = !now;
  }
}

function table(result, kept) {
  const heads = kept ? ["what", "here", "kept", "unit"] : ["what", "value", "unit"];
  const rows = result.rows.map(([label, value, unit], place) => element("tr", {},
    element("th", { scope: "row" }, label), element("td", {}, value),
    kept ? element("td", {}, kept.rows[place]?.[1] ?? "") : null, element("td", {}, unit)));
  return element("table", { class: "panel-table" }, element("caption", {}, result.caption),
    element("thead", {}, element("tr", {}, ...heads.map((word) => element("th", { scope: "col" }, word)))),
    element("tbody", {}, ...rows));
}

// What has another name now, as an old address may not know; `notes` says so.
function current(word, formerly, notes) {
  if (!Object.hasOwn(formerly ?? {}, word ?? "")) return word;
  notes.push(`${word} is called ${formerly[word]} now.`);
  return formerly[word];
}

function same(text, other) {
  return text === other || (text !== "" && other !== "" && Number(text) === Number(other));
}

function literal(parameter, text) {
  if (text.toLowerCase() === "none") return "None";
  if (parameter.kind === "bool") return text === "true" ? "True" : "False";
  if (parameter.kind === "str") return JSON.stringify(text);
  return parameter.kind === "float" && /^[-+]?\d+$/.test(text) ? `${text}.0` : text;
}

for (const section of document.querySelectorAll(".sim-panel")) new Panel(section);
if (document.querySelector(".exercise-answer")) (await load("exercise")).attach();
