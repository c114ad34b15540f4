// The tab "Sign in": a form in each pane, and what the token says while it lasts.

import { button, element, field, fresh, say } from "./elements.mjs";
import { remember, remembered, room, signIn, tenants } from "./session.mjs";

const NAMES = ["You", "Another tenant"];
const MOST_SECONDS = 900;

export function openSignIn(place) {
  const panes = NAMES.map((name, pane) => new Pane(name, pane));
  place.append(...panes.map((pane) => pane.node));
  const show = () => panes.forEach((pane, number) => pane.show(room.panes.includes(number)));
  room.addEventListener("change", show);
  show();
  setInterval(() => panes.forEach((pane) => pane.tick()), 250);
  offer(panes);
}

async function offer(panes) {
  try {
    const found = await tenants();
    panes.forEach((pane) => pane.offer(found));
  } catch (error) {
    panes.forEach((pane) => say(pane.said, error.message, "wrong"));
  }
}

class Pane {
  constructor(name, pane) {
    this.pane = pane;
    this.tenant = element("select", { required: true });
    this.user = element("input", { type: "text", autocomplete: "off", required: true, maxlength: "200", value: pane ? "bob" : "ada" });
    this.seconds = element("input", { type: "number", min: "1", max: String(MOST_SECONDS), step: "1", required: true, value: "300" });
    this.scopes = ["read", "write"].map((scope) => element("input", { type: "checkbox", value: scope, checked: true }));
    this.said = element("p", { class: "said", role: "status" });
    this.claims = element("div");
    const heading = fresh("pane");
    const form = element(
      "form", { submit: (event) => this.sign(event) },
      field("Tenant", this.tenant), field("User", this.user),
      element("fieldset", { class: "field" }, element("legend", {}, "What the token allows"),
        ...this.scopes.map((box) => element("label", { class: "tick" }, box, box.value))),
      field("Seconds", this.seconds, `How long it is good for, at most ${MOST_SECONDS}.`),
      element("button", { type: "submit", class: "first" }, "Sign in"),
    );
    this.node = element("section", { class: "pane", "aria-labelledby": heading },
      element("h3", { id: heading }, name), form, this.said, this.claims);
  }

  offer(found) {
    const kept = remembered()[`pane${this.pane}`];
    this.names = new Map(found.map((tenant) => [tenant.id, tenant.name]));
    this.tenant.replaceChildren(...found.map((tenant) => element("option", { value: tenant.id }, tenant.name)));
    if (!found.length) return say(this.said, "The database has no tenant.", "wrong");
    this.tenant.selectedIndex = Math.min(this.pane, found.length - 1);
    if (!kept) return undefined;
    if (this.names.has(kept.tenant)) this.tenant.value = kept.tenant;
    this.user.value = kept.user;
    this.seconds.value = kept.seconds;
    this.scopes.forEach((box) => { box.checked = kept.scopes.includes(box.value); });
    if (!room.sessions[this.pane]) say(this.said, "The page was loaded again, and its tokens are gone. Sign in again.");
    return undefined;
  }

  async sign(event) {
    event.preventDefault();
    const scopes = this.scopes.filter((box) => box.checked).map((box) => box.value);
    const [tenant, user, seconds] = [this.tenant.value, this.user.value, Number(this.seconds.value)];
    try {
      const session = await signIn(tenant, this.names.get(tenant), user, scopes, seconds);
      remember({ [`pane${this.pane}`]: { tenant, user, scopes, seconds } });
      say(this.said, `Signed in as ${session.who}.`, "right");
      room.set(this.pane, session);
    } catch (error) {
      say(this.said, error.message, "wrong");
    }
  }

  out() {
    say(this.said, "Signed out.");
    room.set(this.pane, null);
  }

  show(visible) {
    this.node.hidden = !visible;
    const session = room.sessions[this.pane];
    if (session === this.shown) return;
    this.shown = session;
    this.left = element("span", { role: "timer" });
    this.claims.replaceChildren(...(session ? [
      element("h4", {}, "What the token says"),
      element("dl", {}, ...Object.entries(session.claims).flatMap(([name, value]) => [
        element("dt", {}, name), element("dd", {}, name === "aud" ? "a2a, and mcp in the other one" : told(name, value))])),
      element("p", {}, this.left),
      button("Sign out", () => this.out()),
    ] : []));
    this.tick();
  }

  tick() {
    if (!this.shown) return;
    const left = this.shown.secondsLeft;
    const words = left ? `Good for ${left} more seconds.` : "It has expired. Sign in again.";
    if (this.left.textContent === words) return;
    this.left.textContent = words;
    this.left.className = left ? "" : "wrong";
    if (!left) say(this.said, "The token has expired. Sign in again.", "wrong");
  }
}

function told(name, value) {
  if (name === "iat" || name === "exp") return `${value} (${new Date(value * 1000).toLocaleTimeString()})`;
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
