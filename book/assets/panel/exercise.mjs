// A place to answer an exercise: what is typed stays in this browser, the check runs in the page's own Python.
const version = new URL(import.meta.url).search;
const [{ element }, { runtime, Cancelled }] = await Promise.all(["page", "runtime"].map((name) => import(`./${name}.mjs${version}`)));

class Place {
  constructor(section) {
    this.about = JSON.parse(section.querySelector("script").textContent);
    this.key = `companion:exercise:${section.dataset.name}`;
    this.editor = section.querySelector("textarea");
    this.spoken = section.querySelector('[role="status"]');
    this.printed = section.querySelector(".exercise-printed");
    this.go = element("button", { type: "button", onclick: () => this.check() }, "Check");
    this.stop = element("button", { type: "button", class: "panel-quiet", hidden: true, onclick: () => runtime.cancel() }, "Cancel");
    this.again = element("button", { type: "button", class: "panel-quiet", onclick: () => this.startOver() }, "Start over");
    section.querySelector(".panel-buttons").append(this.go, this.stop, this.again);
    this.editor.value = recall(this.key) ?? this.about.stub;
    this.editor.addEventListener("input", () => keep(this.key, this.editor.value));
    this.editor.addEventListener("keydown", (event) => this.pressed(event));
    section.hidden = false;
  }

  // Tab writes, as in any editor of programs; Escape is the way out for whoever moves by keyboard.
  pressed(event) {
    if (event.key === "Escape") (this.go.disabled ? this.stop : this.go).focus();
    if (event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    indent(this.editor, event.shiftKey);
  }

  async check() {
    const { givens, check } = this.about;
    const loaded = runtime.ready;
    this.busy(true);
    this.show(runtime.ready ? "Checking." : "Starting Python, then checking.", "");
    try {
      const verdict = await runtime.ask({ kind: "exercise", givens, answer: this.editor.value, check });
      this.show(verdict.ok ? "That is right." : `Not yet: ${verdict.message}`, verdict.stdout, verdict.ok);
    } catch (error) {
      this.show(error instanceof Cancelled ? "Cancelled." : loaded || runtime.ready ? `It could not be checked: ${error.message}` : UNLOADED, "");
    } finally {
      this.busy(false);
    }
  }

  startOver() {
    this.editor.value = this.about.stub;
    keep(this.key, null);
    this.show("The answer is as it was at first.", "");
    this.editor.focus();
  }

  show(said, printed, right = null) {
    this.spoken.textContent = said;
    this.spoken.dataset.right = right;
    this.printed.textContent = printed;
    this.printed.hidden = !printed;
  }

  busy(now) {
    this.stop.hidden = !now;
    this.go.disabled = now;
    if (now) this.stop.focus();
    else if (document.activeElement === document.body || document.activeElement === this.stop) this.go.focus();
  }
}

const UNLOADED = "Python could not be loaded, so nothing was checked. Is there a connection to the network? Your answer is kept; check it again later.";

// Indents the lines of the selection, or takes their indentation back; without a selection Tab goes to the next stop.
function indent(editor, back) {
  const { value, selectionStart: from, selectionEnd: to } = editor;
  const first = value.lastIndexOf("\n", from - 1) + 1;
  if (!back && from === to) {
    write(editor, from, to, " ".repeat(4 - ((from - first) % 4)));
    return;
  }
  const lines = value.slice(first, to);
  const changed = back ? lines.replace(/^ {1,4}/gm, "") : lines.replace(/^(?=.)/gm, "    ");
  const ahead = back ? Math.min(from - first, lines.length - lines.replace(/^ {1,4}/, "").length) : -4;
  write(editor, first, to, changed);
  editor.setSelectionRange(from - ahead, first + changed.length);
}

// As if it were typed: it can be undone, and is kept like any other input.
function write(editor, from, to, text) {
  editor.setSelectionRange(from, to);
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  editor.setRangeText(text, from, to, "end");
  editor.dispatchEvent(new Event("input"));
}

// A browser may refuse to keep anything; then an answer lasts as long as the page.
function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // see above
  }
}

export function attach() {
  for (const section of document.querySelectorAll(".exercise-answer")) new Place(section);
}
