// Controls from the description of a simulator's parameters; every value is kept as the text that a reader types.
const { element } = await import(`./page.mjs${new URL(import.meta.url).search}`);

// What is wrong with a text, in the words of companion.parameters; empty if nothing.
export function wrong(parameter, text) {
  const word = text.trim();
  if (parameter.optional && word.toLowerCase() === "none") return "";
  const refusal = `${parameter.name} = ${word || "nothing"} is not accepted: it takes ${parameter.range}`;
  if (parameter.choices) return parameter.choices.includes(word) ? "" : refusal;
  if (parameter.kind === "bool") return ["true", "false"].includes(word) ? "" : refusal;
  if (parameter.kind === "str") return "";
  const shape = parameter.kind === "int" ? /^[-+]?\d+$/ : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
  const value = Number(word);
  const within = shape.test(word) && value >= (parameter.minimum ?? -Infinity) && value <= (parameter.maximum ?? Infinity);
  return within ? "" : refusal;
}

// One control: a label, a field, where it helps a slider, the explanation, and room for what is wrong.
export class Control {
  constructor(parameter, prefix, changed, settled) {
    this.parameter = parameter;
    const id = `${prefix}-${parameter.name}`;
    this.field = choices(parameter) ? list(parameter, id) : box(parameter, id);
    this.field.setAttribute("aria-describedby", `${id}-help ${id}-wrong`);
    this.slider = parameter.useful ? slider(parameter) : null;
    this.trouble = element("p", { class: "panel-wrong", id: `${id}-wrong` });
    const label = element("label", { for: id }, parameter.label);
    if (parameter.unit && !parameter.label.endsWith(parameter.unit)) label.append(element("span", { class: "panel-unit" }, ` ${parameter.unit}`));
    // a list shows what there is, and any seed is as good as another
    const range = choices(parameter) || parameter.name === "seed" ? "" : ` It takes ${parameter.range}.`;
    const help = element("p", { class: "panel-help", id: `${id}-help` }, parameter.help + range);
    const fields = element("div", { class: "panel-fields" }, this.field, this.slider);
    this.node = element("div", { class: "panel-control" }, label, fields, this.trouble, help);
    this.field.addEventListener("input", () => {
      this.#follow();
      changed(this);
    });
    this.slider?.addEventListener("input", () => {
      this.field.value = String(Number(this.slider.value));
      changed(this);
    });
    // Not for every step of a moving slider: browsers limit how often the address may change.
    for (const input of [this.field, this.slider]) input?.addEventListener("change", settled);
  }

  get text() {
    return this.field.value.trim();
  }

  set text(text) {
    this.field.value = text;
    this.#follow();
    this.say("");
  }

  // Whether it does something, given the other settings; what does nothing is out of sight.
  fit(texts) {
    const cases = this.parameter.when ?? [];
    const shown = !cases.length || cases.some((one) => Object.entries(one).every(([name, few]) => few.includes(texts.get(name))));
    this.node.hidden = !shown;
  }

  // Show what is wrong beside the field, and return whether anything is.
  check() {
    return this.say(wrong(this.parameter, this.text));
  }

  say(trouble) {
    this.trouble.textContent = trouble;
    if (trouble) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
    return Boolean(trouble);
  }

  #follow() {
    const value = Number(this.text);
    if (!this.slider) return;
    if (this.text.toLowerCase() === "none") this.slider.value = this.slider.max; // no bound is the largest one
    else if (this.text !== "" && Number.isFinite(value)) this.slider.value = value;
  }
}

function choices(parameter) {
  if (parameter.choices) return parameter.choices;
  if (parameter.kind !== "bool") return null;
  return parameter.optional ? ["none", "true", "false"] : ["false", "true"];
}

function list(parameter, id) {
  return element("select", { id }, ...choices(parameter).map((word) => element("option", { value: word }, word)));
}

function box(parameter, id) {
  // A number field would swallow what is no number, and could not say what is wrong with it.
  const mode = parameter.kind === "int" && !parameter.optional ? "numeric" : parameter.kind === "str" ? "text" : "decimal";
  return element("input", { id, type: "text", inputmode: mode, autocomplete: "off", spellcheck: "false", size: "8" });
}

function slider(parameter) {
  const [min, max] = parameter.useful;
  const label = `${parameter.label}, slider from ${min} to ${max} ${parameter.unit ?? ""}`.trim();
  return element("input", { type: "range", min, max, step: parameter.step, "aria-label": label });
}
