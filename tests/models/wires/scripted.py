"""A server that says what a test has written for it, on the wire of Ollama or of OpenAI, well or badly.

It is made of `http.server`, chunk by chunk, since a good framework would not let it misbehave.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Do(Enum):
    """What a script may do beside sending bytes."""

    HANG = "send nothing more, and keep the connection"
    TRICKLE = "send the piece before again, ten times a second"
    DIE = "close the connection without ending the answer"


@dataclass(frozen=True)
class Script:
    """What is answered: a status, a type and the pieces; the end of the list ends the answer."""

    steps: tuple[bytes | Do, ...]
    status: int = 200
    kind: str = "application/json"


@dataclass(frozen=True)
class Ollama:
    """How Ollama's server says things: one JSON object a line, the last of them with ``done``."""

    name = "ollama"
    path = "/api/chat"

    def said(self, text: str, stream: bool, **more: Any) -> bytes:
        """Give a piece of an answer."""
        message = {"role": "assistant", "content": text, **more}
        return (
            json.dumps({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}).encode()
            + b"\n"
        )

    def end(self, stream: bool, reason: str = "stop", text: str = "") -> bytes:
        """Give the last piece."""
        counts = {"prompt_eval_count": 5, "eval_count": 2, "done": True, "done_reason": reason}
        message = {"role": "assistant", "content": text}
        return (
            json.dumps({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, **counts}).encode()
            + b"\n"
        )

    def call(self, arguments: Any, stream: bool) -> list[bytes]:
        """Give an answer that calls a tool."""
        calls = [{"function": {"name": "add", "arguments": arguments}}]
        return [self.said("", stream, tool_calls=calls), self.end(stream)]

    def error(self, text: str) -> bytes:
        """Give an error as the body of an answer, or as a line of one."""
        return json.dumps({"error": text}).encode() + b"\n"


@dataclass(frozen=True)
class OpenAI:
    """How OpenAI's server says things: one JSON object, or as a stream one an event until ``[DONE]``."""

    name = "openai"
    path = "/v1/chat/completions"

    def _choice(self, content: dict[str, Any], reason: str | None, stream: bool) -> bytes:
        key = "delta" if stream else "message"
        body = {
            "id": "c1", "object": "chat.completion" + ".chunk" * stream, "created": 1, "model": "m",
            "choices": [{"index": 0, key: {"role": "assistant", **content}, "finish_reason": reason}],
        }  # fmt: skip
        return b"data: " + json.dumps(body).encode() + b"\n\n" if stream else json.dumps(body).encode()

    def said(self, text: str, stream: bool) -> bytes:
        """Give a piece of an answer; what is no stream has but one, which does not say that it is complete."""
        return self._choice({"content": text}, None, stream)

    def end(self, stream: bool, reason: str = "stop", text: str = "") -> bytes:
        """Give the last piece, which of what is no stream is the whole."""
        return self._choice({"content": text}, reason, stream) + (b"data: [DONE]\n\n" if stream else b"")

    def call(self, arguments: Any, stream: bool) -> list[bytes]:
        """Give an answer that calls a tool; arguments are a text with JSON in it."""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        calls = [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "add", "arguments": text}}]
        if not stream:
            return [self._choice({"content": None, "tool_calls": calls}, "tool_calls", stream)]
        return [self._choice({"content": None, "tool_calls": calls}, None, stream), self.end(stream, "tool_calls")]

    def error(self, text: str) -> bytes:
        """Give an error as the body of an answer."""
        return json.dumps({"error": {"message": text, "type": "server_error", "param": None, "code": None}}).encode()


Wire = Ollama | OpenAI


@dataclass
class Server:
    """A server, where it listens, what it says next, and what it was asked."""

    address: str
    script: Callable[[dict[str, Any]], Script]
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def scripted() -> Iterator[Server]:
    """Run a server while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # the client has cut the connection, as it should
                super().handle()

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            made.asked.append(body)
            made.paths.append(self.path)
            script = made.script(body)
            self.send_response(script.status)
            self.send_header("content-type", script.kind)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            before = b""
            with contextlib.suppress(OSError):  # the client has hung up, as it should
                for step in script.steps:
                    if isinstance(step, bytes):
                        self.chunk(before := step)
                    elif not self.misbehave(step, before):
                        self.close_connection = True
                        return
                self.chunk(b"")

        def chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.flush()

        def misbehave(self, step: Do, before: bytes) -> bool:
            """Do so; false where the answer is never to be ended."""
            while step is Do.TRICKLE and not made.released.wait(0.1):
                self.chunk(before)
            if step is Do.HANG:
                made.released.wait()
            return False

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Server(f"http://127.0.0.1:{server.server_address[1]}", lambda _: Script(()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
