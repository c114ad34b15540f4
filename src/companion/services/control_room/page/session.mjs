// Who is signed in: you, and beside you another tenant. Tokens live here, in memory, and nowhere else.

import { ask } from "./wire.mjs";

const REMEMBERED = "control room";

/** Tells of "change" when somebody signs in or out, or the second pane is opened or shut. */
export const room = new (class extends EventTarget {
  sessions = [null, null];
  beside = false;

  get panes() {
    return this.beside ? [0, 1] : [0];
  }

  set(pane, session) {
    this.sessions[pane] = session;
    this.dispatchEvent(new Event("change"));
  }

  show(beside) {
    this.beside = beside;
    this.dispatchEvent(new Event("change"));
  }
})();

/** What somebody got when he signed in: a token for each service, and what they say. */
export class Session {
  constructor(tokens, tenantName) {
    this.tokens = tokens;
    this.tenantName = tenantName;
    this.claims = claimsOf(tokens.a2a);
  }

  get secondsLeft() {
    return Math.max(0, Math.ceil(this.claims.exp - Date.now() / 1000));
  }

  get who() {
    return `${this.claims.sub} of ${this.tenantName}`;
  }
}

export async function signIn(tenant, tenantName, user, scopes, seconds) {
  const { tokens } = await ask("POST", "/control-room/tokens", { tenant, user, scopes, seconds });
  return new Session(tokens, tenantName);
}

export async function tenants() {
  return (await ask("GET", "/control-room/tenants")).tenants;
}

/** Read what a token says. Whether it is true is for the services to find out, who have the issuer's public keys. */
function claimsOf(token) {
  const middle = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(middle), (character) => character.charCodeAt(0))));
}

/** Keep choices over a reload of this tab; no token is among them. */
export function remember(choices) {
  sessionStorage.setItem(REMEMBERED, JSON.stringify({ ...remembered(), ...choices }));
}

export function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(REMEMBERED)) ?? {};
  } catch {
    return {}; // somebody else's, under our name
  }
}
