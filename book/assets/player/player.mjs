// Plays recorded runs. A scene draws its trace at any moment; here is what all scenes share: time, buttons, words.
const version = new URL(import.meta.url).search;
const still = matchMedia("(prefers-reduced-motion: reduce)");

class Player {
  constructor(section, make) {
    this.section = section;
    this.about = JSON.parse(section.querySelector(".player-description").textContent);
    const find = (name) => section.querySelector(`.player-${name}`);
    [this.go, this.slider, this.now, this.said] = ["go", "time", "now", "said"].map(find);
    this.speed = section.querySelector(".player-speed select");
    this.scene = make(find("stage"));
    this.runs = [...section.querySelectorAll(".player-run")];
    this.runs.forEach((button, place) => button.addEventListener("click", () => this.choose(place, true)));
    this.go.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.own = find("own");
    this.own.addEventListener("click", () => this.panel?.dispatchEvent(new CustomEvent("wanted", { detail: this.trace.preset })));
    find("back").addEventListener("click", () => this.step(-1));
    find("on").addEventListener("click", () => this.step(1));
    this.slider.addEventListener("input", () => {
      this.pause();
      this.seek(Number(this.slider.value));
    });
    new ResizeObserver(() => this.draw()).observe(find("stage"));
    new MutationObserver(() => this.draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  // What was not recorded is run by the chapter's panel, if the page has one.
  get panel() {
    return document.querySelector(".sim-panel");
  }

  // The first run moves as soon as it can be seen, unless the reader wants stillness or has stopped it before.
  async begin() {
    await this.choose(0, false);
    new IntersectionObserver(([seen]) => {
      if (!seen.isIntersecting) {
        if (this.playing) this.pause(false);
      } else if (!this.touched && !still.matches && this.time < this.trace.end) this.play(false);
    }, { threshold: 0.4 }).observe(this.section.querySelector(".player-stage"));
  }

  async choose(place, asked) {
    this.pause(asked);
    const trace = this.about.traces[place];
    this.wanted = trace;
    this.press(trace);
    try {
      trace.data ??= await fetch(trace.file).then((answer) => answer.json());
    } catch {
      this.press(this.trace);
      this.said.textContent = "This run could not be loaded; its words are below.";
      return;
    }
    if (this.wanted !== trace) return; // another was asked for meanwhile
    this.trace = trace;
    for (const part of this.section.querySelectorAll(":disabled")) part.disabled = false;
    [this.slider.min, this.slider.max] = [trace.start, trace.end];
    this.scene.show(trace);
    this.seek(trace.start);
    this.own.hidden = !(this.panel && trace.preset);
    if (asked) this.play();
  }

  press(trace) {
    this.runs.forEach((button, place) => button.setAttribute("aria-pressed", this.about.traces[place] === trace));
  }

  // Whoever wants stillness is shown one step after the other, at their own pace.
  play(asked = true) {
    if (asked) this.touched = true;
    if (still.matches) {
      this.step(1);
      return;
    }
    if (this.time >= this.trace.end) this.seek(this.trace.start);
    this.playing = true;
    this.go.textContent = "Pause";
    let before = performance.now();
    const frame = (now) => {
      if (!this.playing) return;
      const passed = Math.min(now - before, 100) / 1000; // a tab that slept does not leap
      before = now;
      this.seek(this.time + passed * Number(this.speed.value));
      if (this.time >= this.trace.end) this.pause(false);
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  pause(asked = true) {
    if (asked) this.touched = true;
    this.playing = false;
    this.go.textContent = still.matches ? "Next step" : "Play";
  }

  step(way) {
    this.pause();
    const times = this.trace.steps.map(([time]) => time);
    const next = way > 0 ? times.find((time) => time > this.time + 0.001) : times.findLast((time) => time < this.time - 0.001);
    this.seek(next ?? (way > 0 ? this.trace.end : this.trace.start));
  }

  seek(time) {
    this.time = Math.min(this.trace.end, Math.max(this.trace.start, time));
    this.slider.value = this.time;
    const words = `${this.time.toFixed(1)} ${this.about.unit}`;
    this.now.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    const said = this.trace.steps.findLast(([moment]) => moment <= this.time + 0.001)?.[1] ?? "";
    if (this.said.textContent !== said) this.said.textContent = said;
    this.draw();
  }

  draw() {
    if (this.trace) this.scene.draw(this.time);
  }
}

// Each for itself: one that does not load keeps no other waiting. A scene is asked for once: of two imports of one module
// that are under way at a time, WebKit never ends the second.
const scenes = {};
for (const section of document.querySelectorAll(".player")) {
  const { scene } = JSON.parse(section.querySelector(".player-description").textContent);
  scenes[scene] ??= import(`./${scene}.mjs${version}`);
  scenes[scene].then(({ make }) => {
    section.player = new Player(section, make);
    return section.player.begin();
  });
}
