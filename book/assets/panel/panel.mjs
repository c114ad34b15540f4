// The panel of a simulator: opened when asked, its settings kept in the address, its runs in the page's own Python.
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
      this.starting();
      this.scenario.focus();
    });
    this.restore();
  }

  // Make the controls; Python is not needed for that.
  open() {
    if (this.form) return;
    this.section.querySelector(".panel-start").hidden = true;
    const id = this.section.id;
    this.controls = new Map();
    for (const parameter of this.about.parameters) {
      this.controls.set(parameter.name, new Control(parameter, id, (control) => this.changed(control), () => this.remember()));
    }
    const presets = Object.keys(this.about.presets);
    this.scenario = element("select", { id: `${id}-preset`, "aria-describedby": `${id}-preset-help` },
      ...presets.map((name) => element("option", { value: name }, name)));
    this.scenario.addEventListener("change", () => {
      this.choose(this.scenario.value, { seed: this.controls.get("seed")?.text });
      this.remember();
    });
    this.explained = element("p", { class: "panel-help", id: `${id}-preset-help` });
    this.form = element("form", { class: "panel-form", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.run();
    } },
      element("div", { class: "panel-control panel-scenario" },
        element("label", { for: `${id}-preset` }, "scenario"), this.scenario, this.explained),
      ...this.groups(), this.buttons());
    this.spoken = element("p", { class: "panel-said", role: "status" });
    this.refusal = element("p", { class: "panel-refused", role: "alert" });
    this.result = element("div", { class: "panel-result" });
    this.section.append(this.form, this.refusal, this.spoken, this.result, this.elsewhere());
    this.choose(this.preset, this.about.values);
  }

  // Loading takes seconds when it is the first time; the controls can be used meanwhile.
  async starting() {
    this.bar.removeAttribute("value");
    this.bar.hidden = false;
    this.say("Python is starting.");
    const told = await runtime.start().then(() => "Python is ready.", (error) => `Python did not start: ${error.message}`);
    if (this.go.disabled) return; // a run has begun, and says what becomes of it
    this.bar.hidden = true;
    this.say(told);
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
    this.go = element("button", { type: "submit", class: "panel-go" }, "Run");
    this.stop = element("button", { type: "button", class: "panel-quiet", onclick: () => runtime.cancel() }, "Cancel");
    this.stop.hidden = true;
    this.bar = element("progress", { max: 100, value: 0, "aria-label": "Progress" });
    this.bar.hidden = true;
    return element("p", { class: "panel-buttons" }, this.go, this.stop, this.bar, copyButton("Copy link", () => this.address().href));
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
    this.write();
  }

  base() {
    const defaults = Object.fromEntries(this.about.parameters.map((parameter) => [parameter.name, parameter.default]));
    return { ...defaults, ...this.about.presets[this.preset].values };
  }

  // What differs from the preset, and the seed always: a link says which draws it shows.
  values() {
    const base = this.base();
    const texts = [...this.controls].map(([name, control]) => [name, control.text]);
    return Object.fromEntries(texts.filter(([name, text]) => name === "seed" || !same(text, base[name])));
  }

  changed(control) {
    control.check();
    this.write();
  }

  // The address

  restore() {
    const asked = new URLSearchParams(location.search);
    const mine = location.hash ? location.hash === `#${this.section.id}` : document.querySelector(".sim-panel") === this.section;
    const preset = asked.get("preset");
    if (!mine || !Object.hasOwn(this.about.presets, preset ?? "")) return;
    this.open();
    const known = [...asked].filter(([name]) => this.controls.has(name));
    this.choose(preset, { seed: this.about.values.seed, ...Object.fromEntries(known) });
    for (const control of this.controls.values()) control.check();
    this.section.scrollIntoView();
    if (asked.get("run") === "1") this.run();
  }

  address() {
    const address = new URL(location.href);
    for (const name of ["preset", "run", ...this.controls.keys()]) address.searchParams.delete(name);
    address.searchParams.set("preset", this.preset);
    for (const [name, text] of Object.entries(this.values())) address.searchParams.set(name, text);
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

  async run() {
    this.remember();
    const bad = [...this.controls.values()].filter((control) => control.check());
    this.refusal.textContent = "";
    if (bad.length && !runtime.ready) {
      this.refuse(bad[0].trouble.textContent, bad[0]);
      return;
    }
    this.busy(true);
    this.say(runtime.ready ? "Running." : "Starting Python, then running.");
    try {
      const drawing = Promise.all([loadPlot(), load("chart")]);
      drawing.catch(() => {});
      const request = JSON.stringify({ module: this.about.module, preset: this.preset, values: this.values() });
      const result = await runtime.ask({ kind: "run", request }, (done) => (this.bar.value = done));
      await this.show(result, drawing);
    } catch (error) {
      this.failed(error, bad[0]);
    } finally {
      this.busy(false);
    }
  }

  failed(error, control) {
    if (error instanceof Cancelled) this.say("Cancelled.");
    else if (error instanceof Refused) this.refuse(error.message, control ?? this.controls.get(error.message.split(" ")[0]));
    else {
      this.say("");
      this.refusal.textContent = `It failed: ${error.message}`;
    }
  }

  refuse(message, control) {
    this.say("");
    this.refusal.textContent = message;
    if (!control) return;
    control.say(message);
    const group = control.node.closest("details");
    if (group) group.open = true;
    control.field.focus();
  }

  async show(result, drawing) {
    const [Plot, { draw }] = await drawing;
    const width = Math.max(300, Math.min(760, this.result.clientWidth));
    const rows = result.rows.map(([label, value, unit]) => element("tr", {},
      element("th", { scope: "row" }, label), element("td", {}, value), element("td", {}, unit)));
    const table = element("table", { class: "panel-table" }, element("caption", {}, result.caption),
      element("thead", {}, element("tr", {}, ...["what", "value", "unit"].map((word) => element("th", { scope: "col" }, word)))),
      element("tbody", {}, ...rows));
    const data = URL.createObjectURL(new Blob([result.csv], { type: "text/csv" }));
    const name = `${this.about.command}-${this.preset}-${this.controls.get("seed")?.text ?? "run"}.csv`;
    this.result.querySelectorAll("a[download]").forEach((link) => URL.revokeObjectURL(link.href));
    this.result.replaceChildren(draw(Plot, result.chart, width), table,
      element("p", {}, element("a", { href: data, download: name }, "The series, second by second, as CSV")));
    this.section.result = result; // for who wants to look closer, and for the tests
    this.say(result.said);
  }

  say(text) {
    this.spoken.textContent = text;
  }

  busy(now) {
    this.bar.value = 0;
    this.bar.hidden = this.stop.hidden = !now;
    this.go.disabled = now;
    if (!now && document.activeElement === document.body) this.go.focus();
  }
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
