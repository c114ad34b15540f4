// Elements from names and values. A text is put in as text, wherever it came from: nothing here is ever read as HTML.

let numbers = 0;

/** Give an id that no other element has. */
export const fresh = (name) => `${name}-${++numbers}`;

/** Make an element: functions among the attributes listen, true and false switch, all else is set as it is. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (typeof value === "boolean") made.toggleAttribute(key, value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export const button = (text, press, more = {}) => element("button", { type: "button", click: press, ...more }, text);

/** A field with its label, and a line of help that screen readers say with it. */
export function field(label, control, help = "") {
  control.id ||= fresh("field");
  const told = help ? [element("span", { class: "help", id: `${control.id}-help` }, help)] : [];
  if (help) control.setAttribute("aria-describedby", `${control.id}-help`);
  return element("div", { class: "field" }, element("label", { for: control.id }, label), ...told, control);
}

/** JSON to look at, in a box that the keyboard can scroll. */
export function json(label, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return element("pre", { tabindex: "0", role: "group", "aria-label": label }, text);
}

/** Say something, good or bad, in a place that is a live region. */
export function say(place, text, kind = "") {
  place.className = `said ${kind}`;
  place.textContent = text;
}
