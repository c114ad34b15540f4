// The tab "Tools": what a server of MCP offers, a form for the tool that is chosen, and the same call in each pane.

import { button, element, field, fresh, json, say } from "./elements.mjs";
import { fieldsOf } from "./schema.mjs";
import { room } from "./session.mjs";
import { Refusal, callTools, resultOf, toolRequest } from "./wire.mjs";

export function openTools(said, chosen, place) {
  const panes = [new Pane(0), new Pane(1)];
  place.append(...panes.map((pane) => pane.node));
  let listedFor = null;
  const show = () => {
    panes.forEach((pane, number) => pane.show(room.panes.includes(number)));
    if (room.sessions[0] === listedFor) return;
    listedFor = room.sessions[0];
    list(said, chosen, panes);
  };
  room.addEventListener("change", show);
  show();
}

async function list(said, chosen, panes) {
  chosen.replaceChildren();
  const session = room.sessions[0];
  if (!session) return say(said, "Sign in first.");
  try {
    const { tools } = resultOf(await callTools(session, toolRequest("tools/list")));
    say(said, `The server at /mcp has ${tools.length} tools.`);
    chosen.replaceChildren(...choice(tools, panes));
  } catch (error) {
    say(said, error.message, "wrong");
    chosen.replaceChildren(button("List the tools again", () => list(said, chosen, panes)));
  }
  return undefined;
}

function choice(tools, panes) {
  const select = element("select", {}, ...tools.map((tool, at) => element("option", { value: String(at) }, tool.name)));
  const about = element("p");
  const form = element("form");
  const choose = () => {
    const tool = tools[Number(select.value)];
    const { nodes, read } = fieldsOf(tool.inputSchema);
    about.textContent = tool.description ?? "";
    const wrong = element("p", { class: "said", role: "status" });
    form.replaceChildren(...nodes, element("button", { type: "submit", class: "first" }, "Call"), wrong);
    form.onsubmit = (event) => {
      event.preventDefault();
      try {
        const call = { name: tool.name, arguments: read() };
        say(wrong, "");
        room.panes.forEach((pane) => panes[pane].call(call));
      } catch (error) {
        say(wrong, error.message, "wrong");
      }
    };
  };
  select.addEventListener("change", choose);
  choose();
  return [field("Tool", select), about, form];
}

class Pane {
  constructor(pane) {
    this.pane = pane;
    this.heading = element("h3", { id: fresh("pane") });
    this.said = element("p", { class: "said", role: "status" });
    this.body = element("div");
    this.node = element("section", { class: "pane", "aria-labelledby": this.heading.id }, this.heading, this.said, this.body);
  }

  show(visible) {
    const session = room.sessions[this.pane];
    this.node.hidden = !visible;
    this.heading.textContent = session ? session.who : this.pane ? "Another tenant: not signed in" : "You: not signed in";
    if (session !== this.shown) {
      this.body.replaceChildren(); // what one has seen is not for the next one
      say(this.said, "");
    }
    this.shown = session;
  }

  async call(params) {
    const session = room.sessions[this.pane];
    this.body.replaceChildren();
    if (!session) return say(this.said, "Sign in first.", "wrong");
    const request = toolRequest("tools/call", params);
    this.body.append(element("h4", {}, "Request"), json("Request", request));
    say(this.said, "Waiting for the answer ...");
    try {
      const answer = await callTools(session, request, (progress) => {
        say(this.said, progress.message ?? `${progress.progress} of ${progress.total ?? "?"}`);
      });
      this.body.append(element("h4", {}, "Answer"), json("Answer", answer));
      this.read(resultOf(answer), params);
    } catch (error) {
      this.refused(error);
    }
    return undefined;
  }

  read(result, params) {
    if (result.resultType === "input_required") return this.askBack(result, params);
    const text = (result.content ?? []).map((part) => part.text ?? `(${part.type})`).join(" ");
    if (result.isError) return say(this.said, `The tool could not: ${text}`, "wrong");
    return say(this.said, "The tool has answered.", "right");
  }

  /** A tool that asks somebody first: its question becomes a form, and the call is made again with what he says. */
  askBack(result, params) {
    say(this.said, "The tool asks you something first.");
    const questions = Object.entries(result.inputRequests ?? {}).map(([name, { method, params: asked }]) => {
      if (method !== "elicitation/create") throw new Refusal(`The tool wants ${method}, which this page cannot do.`);
      return { name, asked, ...fieldsOf(asked.requestedSchema) };
    });
    const again = (answer) => this.call({
      ...params,
      inputResponses: Object.fromEntries(questions.map((question) => [question.name, answer(question)])),
      ...(result.requestState === undefined ? {} : { requestState: result.requestState }),
    });
    const form = element("form", {
      submit: (event) => {
        event.preventDefault();
        again((question) => ({ action: "accept", content: question.read() }));
      },
    }, ...questions.flatMap((question) => [element("p", {}, question.asked.message), ...question.nodes]),
    element("button", { type: "submit", class: "first" }, "Answer"),
    button("Decline", () => again(() => ({ action: "decline" }))));
    this.body.prepend(form);
  }

  refused(error) {
    if (!(error instanceof Refusal)) throw error;
    say(this.said, error.message, "wrong");
  }
}
