"""What the bytes of a recorded call mean.

What differs from run to run (a date, a port, the version of a library) is masked: it is counted, and not shown.
"""

import json
import struct

from companion.calls.wire import oncrpc, socket_wire
from companion.calls.wire.customers import MAX_NAME_BYTES
from companion.calls.wire.record_marking import LAST
from companion.calls.wire.recording.notes import Notes, Row, Side
from companion.calls.wire.recording.record import Exchange

OPERATIONS = {socket_wire.ADD: "add", socket_wire.GET: "get", socket_wire.LIST: "list"}
STATUSES = {
    socket_wire.DONE: "done",
    socket_wire.TAKEN: "taken",
    socket_wire.ABSENT: "absent",
    socket_wire.REFUSED: "refused",
}
PROCEDURE_NAMES = ("NULL", "ADD_CUSTOMER", "GET_CUSTOMER", "LIST_CUSTOMERS")


def annotate(exchange: Exchange, side: Side = "request") -> list[Row]:
    """Explain a recorded call, or its answer, byte by byte.

    Parameters
    ----------
    exchange : Exchange
        As `record` returns it.
    side : str
        "request" or "answer".
    """
    if exchange.protocol == "grpc":
        from companion.calls.wire.recording.annotate_grpc import annotate_grpc  # loads the libraries of gRPC

        return annotate_grpc(exchange, side)
    if exchange.protocol in ("thrift", "websocket"):
        from companion.calls.wire.recording.annotate_framed import annotate_framed

        return annotate_framed(exchange, side)
    notes = Notes(exchange.request if side == "request" else exchange.answer)
    if exchange.protocol == "socket":
        explain_socket(notes, side, operation=exchange.request[4])
    elif exchange.protocol == "oncrpc":
        explain_oncrpc(notes, side, procedure=exchange.request[27])
    else:
        explain_http(notes)
    return notes.rows


def explain_socket(notes: Notes, side: Side, operation: int) -> None:
    """Explain a frame of our own protocol."""
    notes.number(4, lambda size: f"length of the rest: {size}")
    if side == "request":
        notes.number(1, lambda code: f"operation {code}: {OPERATIONS.get(code, 'none of ours')}")
        if operation == socket_wire.GET:
            notes.number(4, lambda id: f"id: {id}")
        elif operation == socket_wire.ADD:
            _socket_customer(notes)
        return
    status = notes.number(1, lambda code: f"status {code}: {STATUSES.get(code, 'none of ours')}")
    if status == socket_wire.REFUSED:
        notes.take(notes.left, _text)
    elif operation == socket_wire.LIST:
        notes.number(4, lambda count: f"{count} customers")
    while notes.left:
        _socket_customer(notes)


def _socket_customer(notes: Notes) -> None:
    notes.number(4, lambda id: f"id: {id}")
    notes.take(8, lambda data: f"balance: {struct.unpack('>d', data)[0]}, a float of 64 bits")
    size = notes.number(1, lambda size: f"length of the name: {size}")
    notes.take(size, _text)


def explain_oncrpc(notes: Notes, side: Side, procedure: int) -> None:
    """Explain a record of ONC RPC that is one fragment, as ours are."""
    notes.number(4, lambda mark: f"record mark: {'last' if mark & LAST else 'a'} fragment, {mark & ~LAST} bytes")
    notes.number(4, lambda xid: f"xid {xid}: the answer will bear it, too" if side == "request" else f"xid {xid}")
    (_oncrpc_call if side == "request" else _oncrpc_reply)(notes, procedure)


def _oncrpc_call(notes: Notes, procedure: int) -> None:
    notes.number(4, lambda kind: f"message type {kind}: call")
    notes.number(4, lambda version: f"version {version} of RPC")
    notes.number(4, lambda program: f"program {program:#x}")
    notes.number(4, lambda version: f"version {version} of the program")
    notes.number(4, lambda code: f"procedure {code}: {PROCEDURE_NAMES[code]}")
    _oncrpc_auth(notes, "credential")
    _oncrpc_auth(notes, "verifier")
    if procedure == oncrpc.GET_CUSTOMER:
        notes.number(4, lambda id: f"customer_id: {id}")
    elif procedure == oncrpc.ADD_CUSTOMER:
        _oncrpc_customer(notes)


def _oncrpc_reply(notes: Notes, procedure: int) -> None:
    notes.number(4, lambda kind: f"message type {kind}: reply")
    denied = notes.number(4, lambda state: f"reply state {state}: {'denied' if state else 'accepted'}")
    if denied:
        notes.take(notes.left, "why the call is denied")
        return
    _oncrpc_auth(notes, "verifier")
    refused = notes.number(4, lambda state: f"accept state {state}: {oncrpc.ACCEPT_STATES[state]}")
    if refused:
        notes.take(notes.left, "the versions that there are")
    elif procedure == oncrpc.ADD_CUSTOMER:
        notes.number(4, lambda added: f"result {added}: {'added' if added else 'not added, the id is taken'}")
    elif procedure == oncrpc.LIST_CUSTOMERS:
        notes.number(4, lambda count: f"{count} customers")
    while notes.left:
        _oncrpc_customer(notes)


def _oncrpc_auth(notes: Notes, what: str) -> None:
    notes.number(4, lambda flavor: f"{what}: flavor {flavor}{', none' if flavor == 0 else ''}")
    size = notes.number(4, lambda size: f"{what}: {size} bytes")
    notes.take(size, what)


def _oncrpc_customer(notes: Notes) -> None:
    notes.number(4, lambda id: f"customer_id: {id}" if id else "customer_id: 0, so there is no such customer")
    size = notes.number(4, lambda size: f"name: {size} bytes, of at most {MAX_NAME_BYTES}")
    notes.take(size, _text)
    notes.take(-size % 4, "padding to a multiple of four")
    notes.take(4, lambda data: f"balance: {struct.unpack('>f', data)[0]}, a float of 32 bits")


def explain_http(notes: Notes) -> None:
    """Explain an HTTP/1.1 message: it explains itself, line by line."""
    head, _, body = notes.data.partition(b"\r\n\r\n")
    gzipped = b"content-encoding: gzip" in head.lower()
    for line in head.split(b"\r\n"):
        start, end = masked_in(line)
        text = line.decode("latin-1")
        notes.take(len(line) + 2, text[:start] + "·" * (end - start) + text[end:], (start, end))
    notes.take(2, "an empty line: the headers end here")
    # A compressed body repeats only as long as the library that compressed it is the same.
    notes.take(len(body), "the body, compressed" if gzipped else _text(body), (0, len(body)) if gzipped else (0, 0))


def masked_in(line: bytes) -> tuple[int, int]:
    """Return from where to where a line of an HTTP head differs from run to run."""
    name, _, value = line.partition(b": ")
    start = len(name) + 2
    if name.lower() == b"date":
        return start, len(line)
    if name.lower() == b"host" and b":" in value:
        return start + value.rindex(b":") + 1, len(line)
    return 0, 0


def _text(data: bytes) -> str:
    text = data.decode(errors="replace")
    # As JSON writes it: control characters, which would spoil the page, are escaped.
    return text if text.startswith(("{", "[")) else json.dumps(text, ensure_ascii=False)
