"""Bytes that a peer should not send, for each wire, and how to read what a server says to them."""

import json
from collections.abc import Iterator

from companion.calls.wire import jsonrpc, oncrpc, rest, socket_wire
from companion.calls.wire.customers import ConnectionLost, Malformed, RemoteError, WireError
from companion.calls.wire.experiments.till import PAYMENT, Till
from companion.calls.wire.record_marking import encode_record, read_record
from companion.calls.wire.recording import http2
from companion.calls.wire.recording.record import record
from companion.calls.wire.tcp import Read
from companion.calls.wire.xdr import pack_uint

GARBAGE = bytes(range(0x80, 0xC0))
ZEROS = bytes(64)
FOUR_GB = 0xFFFF_FFFF  # the largest length that four bytes can announce
SILENCE = "nothing"  # how a summary begins while a server has not answered yet


def good_request(protocol: str) -> bytes:
    """Return the bytes with which a client opens a connection and pays, as recorded."""
    return record(protocol, lambda client: client.add(PAYMENT), store=Till(), late=0.005)[0].request


def answer_with(protocol: str, filling: bytes) -> bytes:
    """Return an answer to a connection's second call: a header of success, correct to the last bit, and the filling."""
    match protocol:
        case "socket":
            return socket_wire.encode_frame(bytes([socket_wire.DONE]) + filling)
        case "oncrpc":
            xid, *words = 2, oncrpc.REPLY, oncrpc.ACCEPTED, oncrpc.AUTH_NONE, 0, oncrpc.SUCCESS
            return encode_record(b"".join(map(pack_uint, (xid, *words))) + filling)
        case "grpc":
            status = http2.encode_frame(http2.HEADERS, 5, SECOND_STREAM, http2.spell("grpc-status", "0"))
            return _grpc_head(SECOND_STREAM) + _grpc_data(SECOND_STREAM, filling, len(filling)) + status
        case _:
            return _http(STATUS[protocol], filling, len(filling))


def answer_of_four_gb(protocol: str) -> bytes:
    """Return the beginning of an answer that announces as much as four bytes can say."""
    match protocol:
        case "socket" | "oncrpc":  # ONC RPC's top bit is a flag, so that all ones announce half of it
            return FOUR_GB.to_bytes(4, "big") + b"\0"
        case "grpc":
            return _grpc_head(SECOND_STREAM) + _grpc_data(SECOND_STREAM, b"\x0a", FOUR_GB)
        case _:
            return _http(STATUS[protocol], b"{", FOUR_GB)


def request_with(protocol: str, filling: bytes) -> bytes:
    """Return a connection's first bytes, those of an `add`: its header is correct to the last bit, then the filling."""
    match protocol:
        case "socket":
            return socket_wire.encode_frame(bytes([socket_wire.ADD]) + filling)
        case "oncrpc":
            return encode_record(oncrpc.call_message(1, 2, oncrpc.ADD_CUSTOMER) + filling)
        case "grpc":
            return _grpc_opening() + _grpc_data(1, filling, len(filling), http2.END_STREAM)
        case _:
            return _http(f"POST {PATHS[protocol]} HTTP/1.1\r\nHost: localhost", filling, len(filling))


def request_of_four_gb(protocol: str) -> bytes:
    """Return the beginning of a request that announces as much as four bytes can say."""
    match protocol:
        case "socket" | "oncrpc":
            return FOUR_GB.to_bytes(4, "big") + b"\0"
        case "grpc":
            return _grpc_opening() + _grpc_data(1, b"\x0a", FOUR_GB)
        case _:
            return _http(f"POST {PATHS[protocol]} HTTP/1.1\r\nHost: localhost", b"{", FOUR_GB)


SECOND_STREAM = 3  # of a connection: clients number theirs 1, 3, 5
STATUS = {"rest": "HTTP/1.1 201 Created", "jsonrpc": "HTTP/1.1 200 OK"}
PATHS = {"rest": rest.PATH, "jsonrpc": jsonrpc.PATH}


def _grpc_head(stream: int) -> bytes:
    headers = b"\x88" + http2.spell("content-type", "application/grpc")  # 88: status 200, from the RFC's table
    return http2.encode_frame(http2.HEADERS, 4, stream, headers)


def _grpc_data(stream: int, filling: bytes, announced: int, flags: int = 0) -> bytes:
    return http2.encode_frame(http2.DATA, flags, stream, b"\0" + announced.to_bytes(4, "big") + filling)


def _grpc_opening() -> bytes:
    """Return what a client sends up to the data of its first call."""
    frames = [
        frame for frame in http2.read_frames(good_request("grpc")) if frame.kind in (http2.SETTINGS, http2.HEADERS)
    ]
    encoded = (http2.encode_frame(frame.kind, frame.flags, frame.stream, frame.payload) for frame in frames)
    return http2.PREFACE + b"".join(encoded)


def _http(line: str, body: bytes, length: int) -> bytes:
    return f"{line}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode() + body


def summary(protocol: str, reply: bytes) -> str:
    """Say in a few words what a server answered."""
    if not reply:
        return SILENCE
    try:
        match protocol:
            case "socket":
                frame = socket_wire.read_frame(reader_of(reply))
                return f"REFUSED: {frame[1:].decode()}" if frame[0] == socket_wire.REFUSED else f"status {frame[0]}"
            case "oncrpc":
                return _oncrpc_summary(read_record(reader_of(reply)))
            case "grpc":
                return ", ".join(_grpc_summary(reply)) or f"{SILENCE} but settings"
            case _:
                return _http_summary(reply)
    except (ValueError, WireError) as error:
        return f"something that is not the protocol: {error}"


def reader_of(data: bytes) -> Read:
    """Return a function that reads from bytes as `tcp.receiver` reads from a connection."""
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        piece = data[at : at + size]
        at += len(piece)
        if len(piece) < size:
            raise ConnectionLost(f"the peer closed the connection after {len(piece)} of {size} bytes")
        return piece

    return read


def _oncrpc_summary(message: bytes) -> str:
    try:
        oncrpc.result_of(message, int.from_bytes(message[:4], "big"))
        return "SUCCESS"
    except RemoteError as error:
        return str(error)


def _grpc_summary(reply: bytes) -> Iterator[str]:
    headers = http2.HeaderReader()
    for frame in http2.read_frames(reply):
        if frame.name in ("GOAWAY", "RST_STREAM"):
            yield frame.name
        if frame.kind == http2.HEADERS:
            fields = {field.name: field.value for field in headers.read(frame.payload)}
            if "grpc-status" in fields:
                yield f"grpc-status {fields['grpc-status']}"


def _http_summary(reply: bytes) -> str:
    if not reply.startswith(b"HTTP/1.1 "):
        raise Malformed("no status line")
    head, _, body = reply.partition(b"\r\n\r\n")
    status = head.split(b" ")[1].decode("latin-1")  # without its phrase, which newer RFCs have changed
    if b"application/json" in head and b'"error"' in body:
        return f"{status}, error {json.loads(body)['error']['code']}"
    return status
