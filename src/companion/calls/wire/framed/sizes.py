"""How many bytes a call takes on each wire, and what MCP's client sends beside the call."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from companion.calls.wire import PROTOCOLS, serve
from companion.calls.wire.customers import Address, Client, Customer, CustomerStore, Malformed
from companion.calls.wire.framed.mcp_wire import EARLIER, PATH, TODAY
from companion.calls.wire.objects import corba
from companion.calls.wire.recording.record import ADA, LATE_SECONDS, record
from companion.proxy import Faults, proxy

PORT_DIGITS = 5
"""HTTP's Host header names the port: a call to one of fewer digits is counted as if it had five."""
AGENT = "python-httpx2/2.16.2"
"""What the SDK's client says of itself, held fast: a later version has another number."""
QUIET = 0.05
SOON = 0.005
"""Seconds by which the proxy delays what is recorded only to be counted."""
NAMES = {name: name for name in PROTOCOLS} | {"websocket": "WebSocket", "soap": "SOAP", "pox": "plain XML"}

Bytes = tuple[int, int]


def get_ada(client: Client) -> Customer | None:
    """Ask for customer 1: the call that all the sizes are of."""
    return client.get(ADA.id)


def thrift_bytes(codec: str) -> Bytes:
    """Return the bytes of a call, and of its answer, in one of Thrift's codecs."""
    (call,) = record("thrift", get_ada, late=SOON, codec=codec)
    return len(call.request), len(call.answer)


@dataclass(frozen=True)
class Said:
    """A request of MCP's client and its answer, as HTTP has them.

    Parameters
    ----------
    method : str
        JSON-RPC's.
    request, answer : bytes
        With their heads.
    """

    method: str
    request: bytes
    answer: bytes

    @property
    def size(self) -> Bytes:
        """How many bytes, the port counted as `PORT_DIGITS`."""
        host = next(line for line in self.request.split(b"\r\n") if line.lower().startswith(b"host: "))
        return len(self.request) + PORT_DIGITS - len(host.rpartition(b":")[2]), len(self.answer)


def mcp_conversation(version: str = TODAY, calls: int = 2) -> list[Said]:
    """Have the SDK's own client call `get` so many times; return all that it said, in order.

    Parameters
    ----------
    version : str
        `TODAY`, or `EARLIER` with its sessions.
    calls : int
        How many.
    """
    mode = "auto" if version == TODAY else "legacy"
    options: dict[str, Any] = {"sessions": version != TODAY}
    with serve("mcp", CustomerStore([ADA]), **options) as address, proxy(address, Faults()) as wire:
        with ThreadPoolExecutor(1) as apart_from_a_notebook:  # whose thread has an event loop already
            apart_from_a_notebook.submit(asyncio.run, _by_sdk(Address(*wire.address), mode, calls)).result()
        time.sleep(QUIET)
        connections = {piece.connection for piece in wire.pieces}
        said = [one for number in connections for one in pairs(wire.to_server(number), wire.to_client(number))]
    return sorted(said, key=_place)


async def _by_sdk(address: Address, mode: str, calls: int) -> None:
    import httpx2
    from mcp import Client as SdkClient
    from mcp.client.streamable_http import streamable_http_client

    # Which codings a client asks for depends on the libraries that are there; these two are always.
    said = {"user-agent": AGENT, "accept-encoding": "gzip, deflate"}
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=60.0, headers=said) as web,
        SdkClient(streamable_http_client(f"http://{address}{PATH}", http_client=web), mode=mode) as client,
    ):
        for _ in range(calls):
            await client.call_tool("get", {"id": ADA.id})


def pairs(sent: bytes, received: bytes) -> Iterator[Said]:
    """Cut what passed over one connection into JSON-RPC's requests by POST and their answers."""
    answers = http_messages(received)
    for request in http_messages(sent):
        answer = next(answers, b"")
        if request.startswith(b"POST "):
            message = json.loads(request.partition(b"\r\n\r\n")[2])
            yield Said(str(message["method"]), request, answer)


def _place(said: Said) -> float:
    message = json.loads(said.request.partition(b"\r\n\r\n")[2])
    return float(message.get("id", 1.5))  # a notification has none; the client's only one follows its first request


def http_messages(data: bytes) -> Iterator[bytes]:
    """Cut a stream of HTTP/1.1 into its messages; one that is not complete is left out.

    The SDK's client hangs up when it has its answer, now and then before the five bytes that end a stream of chunks:
    they are counted all the same, so that the bytes repeat.

    Raises
    ------
    Malformed
        When a chunk has no length.
    """
    at = 0
    while at < len(data):
        head, found, _ = data[at:].partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.lower().split(b"\r\n")[1:]
        fields = dict(line.split(b": ", 1) for line in lines if b": " in line)
        end = at + len(head) + 4
        if fields.get(b"transfer-encoding") == b"chunked":
            end = _end_of_chunks(data, end)
            if end == len(data) and not data.endswith(LAST_CHUNK):
                data, end = data + LAST_CHUNK, end + len(LAST_CHUNK)
        else:
            end += int(fields.get(b"content-length", b"0"))
        if end > len(data):
            return
        yield data[at:end]
        at = end


LAST_CHUNK = b"0\r\n\r\n"


def _end_of_chunks(data: bytes, at: int) -> int:
    """Return where the chunks end that begin at `at`: behind the last one, or beyond the data where one is cut off."""
    while at < len(data):
        line, found, _ = data[at : at + 20].partition(b"\r\n")
        if not found:
            return len(data) + 1
        try:
            size = int(line, 16)
        except ValueError as error:
            raise Malformed(f"{line!r} is no length of a chunk") from error
        at += len(line) + 2 + size + 2
        if size == 0:
            break
    return at


def warm_call(said: Sequence[Said]) -> Bytes:
    """Return the bytes of the last call in a conversation."""
    return [one for one in said if one.method == "tools/call"][-1].size


def call_bytes(conversations: Mapping[str, Sequence[Said]] | None = None) -> dict[str, Bytes]:
    """Return the bytes of `get(1)`, request and answer, on an open connection, by wire.

    Parameters
    ----------
    conversations : mapping of str to sequence of Said, optional
        MCP's, by the generation of the protocol, where they are there already.
    """
    conversations = conversations or {version: mcp_conversation(version) for version in (TODAY, EARLIER)}
    found: dict[str, Bytes] = {}
    for protocol, name in NAMES.items():
        # gRPC's books trail behind a call, and a longer wait catches them all.
        _, warm = record(protocol, get_ada, get_ada, late=LATE_SECONDS if protocol == "grpc" else SOON)
        found[name] = len(warm.request), len(warm.answer)
    found["Thrift compact"] = thrift_bytes("compact")
    found["Thrift binary"] = thrift_bytes("binary")
    for version, said in conversations.items():
        found[f"MCP {version}"] = warm_call(said)
    with corba.conversation("Customers") as customers:
        customers.call("add", ADA.model_dump())
        customers.call("get", ADA.id)
        found["CORBA"] = len(customers.request), len(customers.answer)
    return found
