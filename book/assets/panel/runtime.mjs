// The page's one Python, shared by its panels and exercises. Nothing is loaded before somebody calls start().
const served = JSON.parse(document.querySelector("#companion-runtime")?.textContent ?? "{}");
const version = new URL(import.meta.url).search;
export const vendor = (path) => new URL(`../vendor/${path}`, import.meta.url).href;

export class Cancelled extends Error {}
export class Refused extends Error {}

class Runtime {
  #worker = null;
  #waiting = new Map();
  #next = 0;
  started = null;
  ready = false;

  start() {
    if (this.started === null) {
      this.#worker = new Worker(new URL(`worker.mjs${version}`, import.meta.url), { type: "module" });
      this.#worker.onmessage = ({ data }) => this.#heard(data);
      this.#worker.onerror = (event) => this.#drop(new Error(event.message || "the worker could not be started"));
      const archives = served.archives.map(vendor);
      this.started = this.#ask({ kind: "start", pyodide: vendor(served.pyodide), archives }).then(() => {
        this.ready = true;
      });
      this.started.catch(() => {
        this.started = null; // so that the next try loads again what did not come
      });
    }
    return this.started;
  }

  async ask(message, progress) {
    await this.start();
    return this.#ask(message, progress);
  }

  // Python has no other way of being stopped; a fresh one starts at once, while the reader thinks.
  cancel() {
    this.#drop(new Cancelled());
    this.start().catch(() => {});
  }

  #ask(message, progress) {
    const id = (this.#next += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ ...message, id });
    });
  }

  #heard({ id, kind, done, value, refused, message }) {
    const waiting = this.#waiting.get(id);
    if (kind === "progress") {
      waiting?.progress?.(done);
      return;
    }
    this.#waiting.delete(id);
    if (kind === "done") waiting?.resolve(value);
    else waiting?.reject(new (refused ? Refused : Error)(message));
  }

  #drop(error) {
    this.#worker?.terminate();
    this.started = null;
    this.ready = false;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

export const runtime = new Runtime();

let plot = null;
// The drawing library comes when the first result is under way, as classic scripts, which is what it is shipped as.
export function loadPlot() {
  plot ??= served.plot.reduce((before, path) => before.then(() => classic(vendor(path))), Promise.resolve());
  return plot.then(() => globalThis.Plot);
}

function classic(src) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src, onload: resolve });
    script.onerror = () => reject(new Error(`${src} did not load`));
    document.head.append(script);
  });
}
