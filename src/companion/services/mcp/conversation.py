"""One request and its answer, as they are on the wire: what the SDK's client does, without the SDK.

There are two generations of the protocol. The earlier one opens a session with a handshake, and names it in a header of
every request. Today's has none: each request says which protocol it speaks and what its sender can do, and repeats in
headers what a gateway needs to know of the body.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from companion.services.event_stream import data_of, lines

TODAY = "2026-07-28"
EARLIER = "2025-11-25"
ABOUT = "io.modelcontextprotocol/"
"""What the names of the protocol's own facts begin with, in `_meta`."""

Message = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes
    ----------
    status : int
        HTTP's.
    headers : Mapping[str, str]
        HTTP's.
    body : bytes
        As it was sent.
    messages : tuple of dict
        The JSON-RPC messages in it: one in a JSON body, any number in a stream.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    messages: tuple[Message, ...]

    @property
    def result(self) -> Message:
        """The result; KeyError if the answer has none."""
        found: Message = (self.messages or ({},))[-1]["result"]
        return found

    @property
    def error(self) -> Message | None:
        """The JSON-RPC error, if it is one."""
        found: Message | None = self.messages[-1].get("error") if self.messages else None
        return found

    @property
    def words(self) -> str:
        """What a person, or a model, reads of it: a tool's text, or an error's message."""
        if self.error is not None:
            return f"{self.error['code']} {self.error['message']}"
        if not self.messages:
            return self.body.decode(errors="replace")
        return " ".join(part.get("text", "") for part in self.result.get("content", ()))


def request(method: str, /, *, version: str = TODAY, id: Any = 1, **params: Any) -> Message:
    """Make a request of a generation of the protocol."""
    if version == TODAY:
        about = {f"{ABOUT}protocolVersion": version, f"{ABOUT}clientCapabilities": {"elicitation": {}}}
        params = params | {"_meta": about}
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params}


def headers(message: Message, version: str = TODAY) -> dict[str, str]:
    """Give the headers that go with a request."""
    said = {
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": version,
    }
    if version == TODAY:
        said["mcp-method"] = message["method"]
        name = message["params"].get("name") or message["params"].get("uri")
        said |= {"mcp-name": _as_header(name)} if name else {}
    return said


def _as_header(name: str) -> str:
    """Write a name so that it passes a header: what is no plain ASCII goes as Base64, and is marked as such."""
    if name.isascii() and name.isprintable() and name == name.strip() and not name.startswith("=?base64?"):
        return name
    return f"=?base64?{base64.b64encode(name.encode()).decode()}?="


def post(web: httpx.Client, url: str, message: Any, said: Mapping[str, str] | None = None) -> Answer:
    """Send a message, and read the answer to its end.

    Parameters
    ----------
    web : httpx.Client
        The connection; it bounds the time.
    url : str
        The server's.
    message : dict or bytes
        The body.
    said : mapping of str to str, optional
        The headers; by default those that go with a dict in today's protocol.
    """
    body = message if isinstance(message, bytes) else json.dumps(message, separators=(",", ":")).encode()
    answer = web.post(url, content=body, headers=headers(message) if said is None else dict(said))
    return Answer(answer.status_code, answer.headers, answer.content, tuple(_messages(answer)))


def call(web: httpx.Client, url: str, tool: str, arguments: Message, **more: Any) -> Answer:
    """Call a tool, in today's protocol."""
    return post(web, url, request("tools/call", name=tool, arguments=arguments, **more))


def _messages(answer: httpx.Response) -> list[Message]:
    """Read the message of a JSON body, or those of a stream of events."""
    if "text/event-stream" in answer.headers.get("content-type", ""):
        texts = list(data_of(lines([answer.content])))
    else:
        texts = [answer.text] if "json" in answer.headers.get("content-type", "") else []
    read = (json.loads(text) for text in texts if text.strip())
    return [one for one in read if isinstance(one, dict) and "jsonrpc" in one]  # a 401 is JSON too, and OAuth's
