// The tab "Tasks": start a task of the agent in each pane, watch its events, cut the stream and take it up again.

import { button, element, field, fresh, json, say } from "./elements.mjs";
import { remember, remembered, room } from "./session.mjs";
import { Refusal, callAgent, follow } from "./wire.mjs";

const ENDS = new Set(["COMPLETED", "FAILED", "CANCELED", "REJECTED"].map((name) => `TASK_STATE_${name}`));
const ASKS = "TASK_STATE_INPUT_REQUIRED";

const words = (state) => state.replace("TASK_STATE_", "").toLowerCase().replaceAll("_", " ");
const textOf = (parts) => (parts ?? []).map((part) => part.text ?? JSON.stringify(part.data ?? part)).join(" ");

export function openTasks(said, forms, place) {
  const message = element("input", { type: "text", required: true, autocomplete: "off", value: "For how long are files kept?" });
  const skill = element("select", {}, element("option", { value: "" }, "the first of its skills"));
  const number = element("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false" });
  const panes = [new Pane(0, message, number), new Pane(1, message, number)];
  const each = (act) => (event) => {
    event.preventDefault();
    room.panes.forEach((pane) => act(panes[pane]));
  };
  forms.append(
    element("form", { submit: each((pane) => pane.start(skill.value)) },
      field("Message", message), field("Skill", skill), element("button", { type: "submit", class: "first" }, "Start a task")),
    element("form", { submit: each((pane) => pane.look(number.value.trim())) },
      field("Number of a task", number, "Whoever is signed in asks for it: also for one of somebody else's."),
      element("button", { type: "submit" }, "Show it")),
  );
  place.append(...panes.map((pane) => pane.node));
  const show = () => {
    panes.forEach((pane, at) => pane.show(room.panes.includes(at)));
    say(said, room.sessions[0] ? "" : "Sign in first.");
  };
  room.addEventListener("change", show);
  show();
  learnSkills(skill, said);
}

/** The card is for everybody, so the skills can be read before anybody has signed in. */
async function learnSkills(select, said) {
  try {
    const card = await (await fetch("/.well-known/agent-card.json")).json();
    select.replaceChildren(...card.skills.map((skill) => element("option", { value: skill.id }, skill.name)));
  } catch {
    say(said, "The agent's card cannot be read. Does the server still run?", "wrong");
  }
}

class Pane {
  constructor(pane, message, number) {
    Object.assign(this, { pane, message, number });
    this.heading = element("h3", { id: fresh("pane") });
    this.said = element("p", { class: "said", role: "status" });
    this.task = element("p");
    this.after = element("input", { type: "number", min: "0", step: "1", value: "0" });
    this.buttons = {
      cut: button("Cut the stream", () => this.cutting?.abort()),
      resume: button("Go on behind that event", () => this.resume()),
      cancel: button("Cancel the task", () => this.cancel()),
      answer: button("Send the message as its answer", () => this.answer()),
    };
    this.stream = element("div", {}, field("Last event that arrived", this.after, "Sent as Last-Event-ID; set it back to hear more again."),
      ...Object.values(this.buttons));
    this.events = element("ol");
    const log = element("div", { class: "events", role: "log", "aria-label": "Events", tabindex: "0" }, this.events);
    this.artifacts = element("div");
    this.node = element("section", { class: "pane", "aria-labelledby": this.heading.id },
      this.heading, this.said, this.task, this.stream, log, this.artifacts);
    this.forget();
  }

  show(visible) {
    const session = room.sessions[this.pane];
    this.node.hidden = !visible;
    this.heading.textContent = session ? session.who : this.pane ? "Another tenant: not signed in" : "You: not signed in";
    const who = session && `${session.claims.tenant} ${session.claims.sub}`;
    if (session && who !== this.who) {
      this.forget();
      const kept = remembered()[`task${this.pane}`];
      if (kept?.who === who) this.know(kept.id, kept.after);
      this.who = who;
    }
    if (!session) this.cutting?.abort();
    this.enable();
  }

  forget() {
    this.cutting?.abort();
    Object.assign(this, { id: "", state: "", cutting: null, pieces: new Map() });
    this.task.textContent = "No task yet.";
    this.after.value = 0;
    this.events.replaceChildren();
    this.artifacts.replaceChildren();
    say(this.said, "");
    this.enable();
  }

  know(id, after) {
    this.id = id;
    this.task.replaceChildren("Task ", element("code", {}, id));
    if (this.pane === 0) this.number.value = id;
    this.after.value = after;
    const who = `${room.sessions[this.pane].claims.tenant} ${room.sessions[this.pane].claims.sub}`;
    remember({ [`task${this.pane}`]: { who, id, after } });
    this.enable();
  }

  enable() {
    this.buttons.cut.disabled = !this.cutting;
    this.buttons.resume.disabled = !this.id || Boolean(this.cutting);
    this.buttons.cancel.disabled = !this.id || ENDS.has(this.state);
    this.buttons.answer.hidden = this.state !== ASKS;
    this.stream.hidden = !this.id;
  }

  start(skill) {
    this.forget();
    return this.send(skill ? { metadata: { skill } } : {});
  }

  answer() {
    return this.send({ taskId: this.id });
  }

  send(more) {
    const message = { messageId: crypto.randomUUID(), role: "ROLE_USER", parts: [{ text: this.message.value }], ...more };
    return this.watch("SendStreamingMessage", { message });
  }

  resume() {
    const after = Number(this.after.value);
    return this.watch("SubscribeToTask", { id: this.id }, after, `Nothing came after event ${after}.`);
  }

  async watch(method, params, after, nothing = "") {
    const session = room.sessions[this.pane];
    if (!session) return say(this.said, "Sign in first.", "wrong");
    const cutting = new AbortController();
    this.cutting = cutting;
    this.enable();
    let heard = 0;
    say(this.said, "Waiting for events ...");
    try {
      for await (const event of follow(session, method, params, { after, signal: cutting.signal })) {
        heard += 1;
        this.hear(event);
      }
      this.conclude(heard ? "" : nothing);
    } catch (error) {
      this.interrupted(error, cutting);
    } finally {
      if (this.cutting === cutting) this.cutting = null;
      this.enable();
    }
    return undefined;
  }

  conclude(nothing) {
    if (nothing) say(this.said, nothing);
    else if (ENDS.has(this.state)) say(this.said, `The task is ${words(this.state)}.`, this.state.endsWith("COMPLETED") ? "right" : "");
    else if (this.state === ASKS) say(this.said, "The agent asks something; answer by a message.");
    else say(this.said, this.wasCut(), "wrong");
  }

  interrupted(error, cutting) {
    if (cutting.signal.aborted) return this.cutting === cutting && say(this.said, this.wasCut(), "wrong");
    if (error instanceof Refusal) return say(this.said, error.message, "wrong");
    if (error instanceof TypeError) return say(this.said, this.wasCut(), "wrong"); // what fetch throws for a lost connection
    throw error;
  }

  wasCut() {
    return `The stream was cut after event ${this.after.value}. The task goes on without us; go on behind that event.`;
  }

  hear({ number, task, statusUpdate, artifactUpdate }) {
    const id = task?.id ?? statusUpdate?.taskId ?? artifactUpdate?.taskId;
    if (task) this.hearTask(number, task);
    else if (statusUpdate) this.hearStatus(number, statusUpdate.status);
    else if (artifactUpdate) this.hearPiece(number, artifactUpdate);
    this.know(id, number);
  }

  hearTask(number, task) {
    this.state = task.status.state;
    this.note(number, `the task as it is: ${words(task.status.state)}`);
    (task.artifacts ?? []).forEach((artifact) => this.keep(artifact, false));
  }

  hearStatus(number, status) {
    this.state = status.state;
    this.note(number, [words(status.state), textOf(status.message?.parts)].filter(Boolean).join(": "));
  }

  hearPiece(number, { artifact, append }) {
    this.note(number, `a piece of the artifact ${artifact.name || artifact.artifactId}`);
    this.keep(artifact, append);
  }

  note(number, text) {
    this.events.append(element("li", {}, `event ${number}, ${text}`));
  }

  /** Pieces of an artifact are put together by their number, so that one that is heard twice stands there once. */
  keep(artifact, append) {
    const before = append ? (this.pieces.get(artifact.artifactId)?.text ?? "") : "";
    this.pieces.set(artifact.artifactId, { name: artifact.name || artifact.artifactId, text: before + textOf(artifact.parts) });
    this.artifacts.replaceChildren(...[...this.pieces.values()].flatMap(({ name, text }) => [
      element("h4", {}, `Artifact ${name}`), json(`Artifact ${name}`, text)]));
  }

  async cancel() {
    await this.ask("CancelTask", this.id, (task) => {
      this.state = task.status.state;
      if (!this.cutting) say(this.said, `The task is ${words(task.status.state)}.`);
    });
    this.enable();
  }

  async look(id) {
    this.forget();
    await this.ask("GetTask", id, (task) => {
      say(this.said, `The task is ${words(task.status.state)}.`, "right");
      this.artifacts.replaceChildren(element("h4", {}, "The task"), json("The task", task));
      this.state = task.status.state;
      this.know(task.id, Number(task.metadata?.seq ?? 0));
    });
  }

  async ask(method, id, act) {
    const session = room.sessions[this.pane];
    if (!session) return say(this.said, "Sign in first.", "wrong");
    try {
      act(await callAgent(session, method, { id }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(this.said, error.message, "wrong");
    }
    return undefined;
  }
}
