"""MCP: JSON-RPC over HTTP for agents. A method `tools/call`, and in it the name of a tool and its arguments.

The server is that of the official SDK, with three tools. It speaks two generations of the protocol:

    2026-07-28   no session: each request says who asks and what it can do, and repeats the tool's name in a header
    2025-11-25   `initialize` opens a session, whose name is in a header from then on; answers are events in a stream

A tool that fails is answered by status 200 and `isError`, with a text and no code. So our tools begin the text with a
word, and our client looks for it.
"""

import contextlib
import itertools
import math
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import BaseModel

from companion.calls.wire import web
from companion.calls.wire.customers import (
    Address,
    Customer,
    Customers,
    CustomerStore,
    InvalidCustomer,
    Malformed,
    MalformedReply,
    RemoteError,
    StoreFull,
    customer_of,
)

PATH = "/mcp"
TODAY, EARLIER = "2026-07-28", "2025-11-25"
SERVER_NAME = "wire"
ABSENT, TAKEN, REFUSED = "absent", "taken", "refused"
ABOUT = "io.modelcontextprotocol/"


class Record(BaseModel):
    """A customer."""

    id: int
    name: str
    balance: float


def make_server(store: CustomerStore) -> MCPServer[Any]:
    """Return a server of three tools."""
    # Silent: the SDK logs by a handler of the whole process, to stderr.
    server: MCPServer[Any] = MCPServer(SERVER_NAME, log_level="CRITICAL")

    @server.tool()
    def add(id: int, name: str, balance: float) -> bool:
        """Add a customer."""
        try:
            added = store.add(customer_of({"id": id, "name": name, "balance": balance}))
        except (InvalidCustomer, StoreFull) as error:
            raise ToolError(f"{REFUSED}: {error}") from error
        if not added:
            raise ToolError(f"{TAKEN}: there is a customer {id} already")
        return True

    @server.tool()
    def get(id: int) -> Record:
        """Get a customer."""
        found = store.get(id)
        if found is None:
            raise ToolError(f"{ABSENT}: there is no customer {id}")
        return Record(**found.model_dump())

    @server.tool(name="list")
    def list_all() -> list[Record]:
        """List all customers."""
        return [Record(**customer.model_dump()) for customer in store.list()]

    return server


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0, *, sessions: bool = False) -> Iterator[Address]:
    """Serve the store while the context lasts, by default without the sessions of the earlier generation."""
    # It answers to whatever name it is called by, as the other servers of this chapter do.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = make_server(store).streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=not sessions,
        max_request_body_size=web.MAX_BODY,
        transport_security=security,
    )
    with web.running(app, host, port, lifespan=True) as address:  # in which the SDK keeps its tasks
        yield address


def call_message(id: int, tool: str, arguments: dict[str, Any], version: str = TODAY) -> dict[str, Any]:
    """Return the request that calls a tool."""
    params: dict[str, Any] = {"name": tool, "arguments": arguments}
    if version == TODAY:
        params["_meta"] = {
            f"{ABOUT}protocolVersion": version,
            f"{ABOUT}clientInfo": {"name": "companion", "version": "1"},
            f"{ABOUT}clientCapabilities": {},
        }
    return {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}


def headers_of(message: dict[str, Any], version: str = TODAY) -> dict[str, str]:
    """Return the headers that go with a request: for a gateway that does not read bodies."""
    said = {
        "accept": "application/json, text/event-stream",
        "content-type": web.JSON_TYPE,
        "mcp-protocol-version": version,
    }
    if version == TODAY:
        said |= {"mcp-method": message["method"], "mcp-name": message["params"]["name"]}
    return said


class McpClient:
    """A client of today's generation, without the SDK."""

    def __init__(self, address: Address, timeout: float | None = 2.0) -> None:
        self._http = _Connection(address, timeout, gzip=False)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        return self._call("add", customer.model_dump(), TAKEN) is not None

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        found = self._call("get", {"id": id}, ABSENT)
        return None if found is None else web.read_customer(found)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        found = self._call("list", {}, "")
        return web.read_customers(found.get("result") if isinstance(found, dict) else None)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _call(self, tool: str, arguments: dict[str, Any], no_result: str) -> Any:
        """Call a tool; None for the failure whose text begins with `no_result`."""
        with self._lock:
            id = next(self._ids)
        message = call_message(id, tool, arguments)
        answer = self._http.post(web.encode(message), headers_of(message))
        reply = message_of(answer)
        if reply.get("id") != id or ("result" in reply) == ("error" in reply):
            raise web.refusal(answer) if answer.status != 200 else MalformedReply("the answer is none to this call")
        if "error" in reply:
            raise _error(reply["error"])
        result = reply["result"]
        if not isinstance(result, dict):
            raise MalformedReply("the answer has no result")
        if result.get("isError"):
            failure = text_of(result).removeprefix(f"Error executing tool {tool}").removeprefix(": ")
            if no_result and failure.startswith(no_result):
                return None
            raise RemoteError("isError", failure)
        return result.get("structuredContent")


class _Connection(web.HttpConnection):
    """A connection for requests with headers of their own."""

    def post(self, body: bytes, headers: dict[str, str]) -> web.Answer:
        """Send a request, and read the answer within the bounds of time and size."""
        deadline = math.inf if self._timeout is None else time.monotonic() + self._timeout
        try:
            with self._client.stream("POST", PATH, content=body, headers=headers) as response:
                return web.Answer(response.status_code, response.headers, web.read_body(response, deadline))
        except httpx.HTTPError as error:
            raise web.named(error) from error


def message_of(answer: web.Answer) -> dict[str, Any]:
    """Return the JSON-RPC message of an answer, from a body or from the last event of a stream."""
    body = answer.body
    if "text/event-stream" in answer.headers.get("content-type", ""):
        events = [line[6:] for line in body.splitlines() if line.startswith(b"data: ")]
        body = events[-1] if events else b""
    try:
        message = web.parse_json(body)
    except Malformed as error:
        if answer.status != 200:
            raise web.refusal(answer) from error
        raise MalformedReply(f"the answer is no JSON: {error}") from error
    if not isinstance(message, dict):
        raise MalformedReply("the answer is no message")
    return message


def text_of(result: dict[str, Any]) -> str:
    """Return what a person, or a model, reads of a result."""
    parts = result.get("content")
    if not isinstance(parts, list):
        return ""
    return " ".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def _error(error: Any) -> RemoteError:
    if not isinstance(error, dict):
        raise MalformedReply("the answer's error is none")
    return RemoteError(str(error.get("code")), str(error.get("message", "")))


def connect(address: Address, timeout: float | None = 2.0) -> McpClient:
    """Return a client; it connects with its first call."""
    return McpClient(address, timeout)
