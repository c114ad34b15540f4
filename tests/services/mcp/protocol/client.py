"""A client of protocol 2026-07-28 that sends whatever a test wants, byte by byte, and checks what must always hold.

It knows nothing of the SDK that it tests. What must hold of every answer is checked in one place, `Client.post`:

| page of the specification | requirement |
| --- | --- |
| basic/index, Responses | a response MUST have the id of its request, and either a `result` or an `error` |
| basic/index, ResultType | a `result` MUST have a `resultType` |
| basic/index, Error Responses | an `error` MUST have an integer `code`, and a `message` |
| basic/index, Error Codes | codes that other versions defined (-32002, -32042), and codes of the reserved range that this one does not define, MUST NOT be sent |
| basic/patterns, Overview | a server MUST NOT send requests |
| transports/streamable-http, Sending Messages 6 | a request MUST be answered by application/json or text/event-stream |
| transports/streamable-http, Receiving Messages | no message follows the response (SHOULD terminate the stream) |
| transports/streamable-http, Protocol Version Header | an unknown method MUST be 404, an unsupported version and a header that contradicts the body MUST be 400 |
"""  # noqa: E501 (a table)

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from companion.services.event_stream import data_of, lines

VERSION = "2026-07-28"
META = "io.modelcontextprotocol/"

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
HEADER_MISMATCH, MISSING_CAPABILITY, UNSUPPORTED_VERSION = -32020, -32021, -32022
STATUS = {METHOD_NOT_FOUND: 404, HEADER_MISMATCH: 400, MISSING_CAPABILITY: 400, UNSUPPORTED_VERSION: 400}
"""The status that goes with a code, where the specification says which."""

CODES = {PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS, INTERNAL_ERROR, *STATUS}
"""The codes that this version defines."""

NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""The methods that repeat one of their parameters in a header."""

USUAL = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}

Message = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came back: over HTTP, before the response, and the response itself (empty if there is none)."""

    status: int
    headers: httpx.Headers
    notifications: list[Message] = field(default_factory=list)
    message: Message = field(default_factory=dict)
    body: bytes = b""

    @property
    def result(self) -> Message:
        assert "result" in self.message, self.message or self.body
        result: Message = self.message["result"]
        return result

    @property
    def error(self) -> Message:
        assert "error" in self.message, self.message or self.body
        error: Message = self.message["error"]
        return error

    @property
    def refused(self) -> tuple[int, int]:
        """Give the status and the code of a refusal."""
        return self.status, self.error["code"]

    @property
    def text(self) -> str:
        """Give the one text that a tool has answered."""
        (content,) = self.result["content"]
        assert content["type"] == "text"
        return str(content["text"])


def meta(capabilities: Mapping[str, Any] | None = None, **more: Any) -> Message:
    """Give what each request must say of itself, and more, by the last part of its name."""
    required = {"protocolVersion": VERSION, "clientCapabilities": dict(capabilities or {})}
    return {f"{META}{key}": value for key, value in (required | more).items()}


class Client:
    """Sends requests to one server; `Client.call` a right one, `Client.post` whatever it is given."""

    def __init__(self, address: str) -> None:
        self.url = f"http://{address}/mcp"
        self.http = httpx.Client(trust_env=False, timeout=30)

    def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        id: Any = 1,
        capabilities: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] = meta(),
        headers: Mapping[str, str | bytes] | None = None,
        without: str = "",
    ) -> Answer:
        """Send a request with all that belongs to it, except for the header `without`."""
        said = dict(meta) | ({} if capabilities is None else {f"{META}clientCapabilities": dict(capabilities)})
        body = {"jsonrpc": "2.0", "id": id, "method": method, "params": dict(params or {}) | {"_meta": said}}
        return self.post(json.dumps(body), self.headers_of(body, headers, without))

    def tool(self, name: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """Call a tool; what `call` does not know goes into the parameters."""
        known = {key: more.pop(key) for key in ("id", "capabilities", "meta", "headers", "without") if key in more}
        return self.call("tools/call", {"name": name, "arguments": dict(arguments or {}), **more}, **known)

    @staticmethod
    def headers_of(
        body: Message, more: Mapping[str, str | bytes] | None = None, without: str = ""
    ) -> dict[str, str | bytes]:
        """Give the headers that repeat the body, and more."""
        name = body["params"].get(NAMED.get(body["method"], ""))
        headers: dict[str, str | bytes] = {"MCP-Protocol-Version": VERSION, "Mcp-Method": body["method"]}
        headers |= {"Mcp-Name": name} if name else {}
        return {key: value for key, value in (headers | dict(more or {})).items() if key != without}

    def post(self, body: str | bytes, headers: Mapping[str, str | bytes]) -> Answer:
        """Send a body as it is, and check of the answer what must hold of each."""
        response = self.http.post(self.url, content=body, headers=list((USUAL | dict(headers)).items()))  # type: ignore[arg-type]
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind == "text/event-stream":
            *before, last = events(response.content)
        elif kind == "application/json":
            before, last = [], response.json()
        else:
            return Answer(response.status_code, response.headers, body=response.content)
        for message in before:
            check_notification(message)
        check_response(last, response.status_code, body)
        return Answer(response.status_code, response.headers, before, last, response.content)

    def request(
        self,
        method: str,
        params: Message,
        *,
        id: Any = 1,
        said: Mapping[str, Any] = meta(),
    ) -> tuple[str, dict[str, str]]:
        """Give the body and the headers of a right request, for who sends them otherwise."""
        body = {"jsonrpc": "2.0", "id": id, "method": method, "params": params | {"_meta": dict(said)}}
        return json.dumps(body), USUAL | {key: str(value) for key, value in self.headers_of(body).items()}

    @contextmanager
    def stream(self, method: str, params: Message, **more: Any) -> Iterator[Iterator[Message]]:
        """Send a request whose answer stays open; give its messages as they come, and hang up at the end."""
        body, headers = self.request(method, params, **more)
        with self.http.stream("POST", self.url, content=body, headers=headers) as response:
            assert response.headers["content-type"].startswith("text/event-stream"), response.read()
            yield (json.loads(data) for data in data_of(lines(response.iter_bytes())))

    def close(self) -> None:
        self.http.close()


def events(text: bytes) -> list[Message]:
    """Read the messages of a stream of server-sent events."""
    return [json.loads(data) for data in data_of(lines([text]))]


def check_notification(message: Message) -> None:
    assert message["jsonrpc"] == "2.0"
    assert "id" not in message, "a server must not send requests"
    assert message["method"].startswith("notifications/")


def check_response(message: Message, status: int, sent: str | bytes) -> None:
    assert message["jsonrpc"] == "2.0"
    assert ("result" in message) != ("error" in message)
    if "result" in message:
        assert message["result"].get("resultType") in ("complete", "input_required")
        assert status == 200
    else:
        code = message["error"]["code"]
        assert type(code) is int and isinstance(message["error"]["message"], str)
        assert code in CODES
        assert status == STATUS.get(code, status)
    if message.get("id") is not None:  # an id that could not be read cannot be repeated
        assert message["id"] == json.loads(sent)["id"] and type(message["id"]) in (int, str)
    else:
        assert message["error"]["code"] in (PARSE_ERROR, INVALID_REQUEST)
