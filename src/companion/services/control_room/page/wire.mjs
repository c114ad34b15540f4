// The calls: JSON-RPC by POST, and answers that are JSON or a stream of events. What goes wrong is told in words.

/** Something that was refused, or did not arrive; its message is for people. */
export class Refusal extends Error {}

const JSON_TYPE = { "content-type": "application/json" };
const TODAY = "2026-07-28";
const ABOUT = "io.modelcontextprotocol/";

let number = 0;

/** Call an endpoint of the control room itself. */
export async function ask(method, path, body) {
  const sent = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) };
  const answer = await reach(path, { method, ...sent });
  return refuseUnlessFine(answer).then(() => answer.json());
}

/** Call a method of the agent, by A2A. */
export async function callAgent(session, method, params) {
  const answer = await postToAgent(session, method, params);
  return resultOf(await answer.json());
}

/**
 * Call a method of the agent that answers with a stream: give its events, each with its number.
 *
 * It is the answer of a POST, so no EventSource takes it up again by itself. Who was cut off asks once more, with the
 * number of the last event that arrived as `after`; when nothing will follow it, the server says 204 and this ends.
 */
export async function* follow(session, method, params, { after, signal }) {
  const more = after === undefined ? {} : { "last-event-id": String(after) };
  const answer = await postToAgent(session, method, params, more, signal);
  if (answer.status === 204) return;
  if (!isStream(answer)) return resultOf(await answer.json()); // an error: a stream was asked for
  for await (const event of eventsIn(answer.body)) yield { number: Number(event.id), ...resultOf(JSON.parse(event.data)) };
}

async function postToAgent(session, method, params, more = {}, signal = undefined) {
  const headers = { ...JSON_TYPE, "a2a-version": "1.0", authorization: `Bearer ${session.tokens.a2a}`, ...more };
  const body = JSON.stringify({ jsonrpc: "2.0", id: ++number, method, params });
  return refuseUnlessFine(await reach("/rpc", { method: "POST", headers, body, signal }), session);
}

/** Make a request of MCP, to be looked at before it is sent. */
export function toolRequest(method, params = {}) {
  const about = { [`${ABOUT}protocolVersion`]: TODAY, [`${ABOUT}clientCapabilities`]: { elicitation: {} } };
  const meta = { ...about, ...(method === "tools/call" ? { progressToken: ++number } : {}) };
  return { jsonrpc: "2.0", id: ++number, method, params: { ...params, _meta: meta } };
}

/** Send a request of MCP; give its answer, whole. Messages of progress that come before it go to `told`. */
export async function callTools(session, request, told = () => {}) {
  const headers = {
    ...JSON_TYPE, accept: "application/json, text/event-stream", authorization: `Bearer ${session.tokens.mcp}`,
    "mcp-protocol-version": TODAY, "mcp-method": request.method,
    ...(request.params.name === undefined ? {} : { "mcp-name": headerValue(request.params.name) }),
  };
  const answer = await reach("/mcp", { method: "POST", headers, body: JSON.stringify(request) });
  await refuseUnlessFine(answer, session);
  if (!isStream(answer)) return answer.json();
  for await (const event of eventsIn(answer.body)) {
    const message = event.data ? JSON.parse(event.data) : {};
    if (message.method === "notifications/progress") told(message.params);
    else if (message.id === request.id) return message;
  }
  throw new Refusal("The connection was cut before the answer came.");
}

/** Give the result of an answer of JSON-RPC, or throw what its error says. */
export function resultOf(answer) {
  if (answer.error) throw new Refusal(`${sentence(answer.error.message)} (error ${answer.error.code})`);
  return answer.result;
}

/** Read Server-Sent Events, as they arrive. */
export async function* eventsIn(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let ended = false;
  let event = { id: "", data: "" };
  try {
    for (;;) {
      const { value, done } = await reader.read();
      ended = done;
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (event.data) yield event;
          event = { id: event.id, data: "" };
          continue;
        }
        const [name, text = ""] = line.split(/: ?(.*)/s, 2);
        if (name === "id") event.id = text;
        else if (name === "data") event.data += text;
      }
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {}); // it may have been cut, which whoever reads it has been told
  }
}

async function reach(path, options) {
  try {
    return await fetch(path, { ...options, cache: "no-store", credentials: "omit", redirect: "error" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The server does not answer. Does it still run?");
  }
}

async function refuseUnlessFine(answer, session) {
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  const words = sentence(said.error?.message ?? said.error_description ?? `${answer.status} ${answer.statusText}`);
  if (answer.status === 401 && session?.secondsLeft === 0) throw new Refusal("The token has expired. Sign in again.");
  if (answer.status === 401) throw new Refusal(`The server does not accept the token: ${words} Sign in again.`);
  if (answer.status === 403) throw new Refusal(`The server does not allow it: ${words}`);
  if (answer.status === 421) throw new Refusal("The server has another name. Open this page by the address that it printed.");
  throw new Refusal(`The server refused: ${words}`);
}

const isStream = (answer) => (answer.headers.get("content-type") ?? "").startsWith("text/event-stream");
const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A header holds visible ASCII; the protocol has an encoding for all else. */
function headerValue(text) {
  if (/^[!-~]+$/.test(text) && !text.startsWith("=?")) return text;
  return `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}?=`;
}
