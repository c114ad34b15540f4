// A form made of a JSON Schema: a field for each property, with its name, help, range and default.

import { element, field, fresh } from "./elements.mjs";

/**
 * Make the fields of a schema.
 *
 * Returns the nodes, and `read`, which gives the arguments: what was left empty and is not required is left out. `read`
 * throws a SyntaxError where a field for JSON has none. The texts of a schema are a server's, and are put in as texts.
 */
export function fieldsOf(schema) {
  const required = new Set(schema?.required ?? []);
  const fields = Object.entries(schema?.properties ?? {}).map(([name, given]) => fieldOf(name, given, required.has(name)));
  const read = () => Object.fromEntries(fields.map(({ name, value }) => [name, value()]).filter(([, value]) => value !== undefined));
  return { nodes: fields.map(({ node }) => node), read };
}

function fieldOf(name, given, needed) {
  const schema = plain(given);
  const { control, value, kind } = controlOf(schema, needed);
  const help = [schema.description ?? given.description, kind, needed ? "Required." : ""].filter(Boolean).join(" ");
  control.id = fresh("argument");
  control.name = name;
  const node = schema.type === "boolean" ? tick(name, control, help) : field(name, control, help);
  return { name, node, value: () => read(name, value) };
}

function read(name, value) {
  try {
    return value();
  } catch {
    throw new SyntaxError(`${name} is no JSON.`);
  }
}

/** Where a value may also be null, leaving it out does. */
function plain(schema) {
  const others = (schema.anyOf ?? []).filter((one) => one.type !== "null");
  return others.length === 1 ? { ...schema, ...others[0] } : schema;
}

function controlOf(schema, needed) {
  const given = schema.default;
  if (Array.isArray(schema.enum)) {
    const options = schema.enum.map((one) => element("option", { value: JSON.stringify(one), selected: one === given }, String(one)));
    const control = element("select", {}, ...(needed ? [] : [element("option", { value: "" }, "(leave out)")]), ...options);
    return { control, value: () => (control.value === "" ? undefined : JSON.parse(control.value)), kind: "" };
  }
  if (schema.type === "boolean") {
    const control = element("input", { type: "checkbox", checked: given === true });
    return { control, value: () => control.checked, kind: "" };
  }
  if (schema.type === "integer" || schema.type === "number") {
    const control = element("input", { type: "number", step: schema.type === "integer" ? "1" : "any", required: needed });
    if (schema.minimum !== undefined) control.min = schema.minimum;
    if (schema.maximum !== undefined) control.max = schema.maximum;
    if (typeof given === "number") control.value = given;
    return { control, value: () => (control.value === "" ? undefined : Number(control.value)), kind: range(schema) };
  }
  if (schema.type === "string") {
    const control = element("input", { type: "text", autocomplete: "off", spellcheck: "false", required: needed });
    if (schema.maxLength !== undefined) control.maxLength = schema.maxLength;
    if (schema.minLength !== undefined) control.minLength = schema.minLength;
    if (typeof given === "string") control.value = given;
    const kind = schema.format ? `A ${schema.format}.` : "";
    return { control, value: () => (control.value === "" && !needed ? undefined : control.value), kind };
  }
  const control = element("textarea", { rows: "3", spellcheck: "false", required: needed });
  if (given !== undefined && given !== null) control.value = JSON.stringify(given);
  return { control, value: () => (control.value.trim() === "" ? undefined : JSON.parse(control.value)), kind: "As JSON." };
}

function range({ minimum, maximum, type }) {
  const kind = type === "integer" ? "A whole number" : "A number";
  if (minimum !== undefined && maximum !== undefined) return `${kind} from ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `${kind}, at least ${minimum}.`;
  return maximum !== undefined ? `${kind}, at most ${maximum}.` : `${kind}.`;
}

function tick(name, control, help) {
  control.setAttribute("aria-describedby", `${control.id}-help`);
  const label = element("label", { class: "tick", for: control.id }, control, name);
  return element("div", { class: "field" }, label, element("span", { class: "help", id: `${control.id}-help` }, help));
}
