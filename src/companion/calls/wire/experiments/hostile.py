"""Bytes that a peer should not send, for each wire, and how to read what a server says to them."""

import json
from collections.abc import Callable, Iterator

from companion.calls.wire import oncrpc, socket_wire
from companion.calls.wire.customers import ConnectionLost, Malformed, RemoteError, WireError
from companion.calls.wire.record_marking import encode_record, read_record
from companion.calls.wire.recording import http2
from companion.calls.wire.recording.record import ADA, record
from companion.calls.wire.tcp import Read

GARBAGE = bytes(range(0x80, 0xC0))
FOUR_GB = 0xFFFF_FFFF  # the largest length that four bytes can announce
SILENCE = "nothing"  # how a summary begins while a server has not answered yet
NONSENSE = GARBAGE[:16]  # what a good frame is filled with

IN_A_FRAME = "sends nonsense in a good frame"
TOO_LONG = "announces 4 GB"
TOO_LONG_FRAME = "announces a frame of 16 MB"  # HTTP/2 has three bytes for that length


def good_request(protocol: str) -> bytes:
    """Return the bytes with which a client opens a connection and asks for a customer, as recorded."""
    return record(protocol, lambda client: client.get(ADA.id), late=0.005)[0].request


def bad_answers(protocol: str) -> dict[str, bytes]:
    """Return what a malicious or broken server may answer, by the fault's name."""
    match protocol:
        case "socket":
            return {IN_A_FRAME: socket_wire.encode_frame(NONSENSE), TOO_LONG: FOUR_GB.to_bytes(4, "big") + b"\0"}
        case "oncrpc":
            # The top bit is a flag, so that all ones announce half of it: a last fragment of 2 GB.
            return {IN_A_FRAME: encode_record(NONSENSE), TOO_LONG: FOUR_GB.to_bytes(4, "big") + b"\0"}
        case "grpc":
            head = http2.encode_frame(http2.HEADERS, 4, 1, b"\x88" + http2.spell("content-type", "application/grpc"))
            nonsense = b"\0" + len(NONSENSE).to_bytes(4, "big") + NONSENSE
            status = http2.encode_frame(http2.HEADERS, 5, 1, http2.spell("grpc-status", "0"))
            return {
                IN_A_FRAME: head + http2.encode_frame(http2.DATA, 0, 1, nonsense) + status,
                TOO_LONG: head + http2.encode_frame(http2.DATA, 0, 1, b"\0" + FOUR_GB.to_bytes(4, "big") + b"\x0a"),
                TOO_LONG_FRAME: b"\xff\xff\xff" + bytes([http2.DATA, 0, 0, 0, 0, 1]),
            }
        case _:
            return {IN_A_FRAME: _http("HTTP/1.1 200 OK", NONSENSE), TOO_LONG: _http("HTTP/1.1 200 OK", b"{", FOUR_GB)}


def bad_requests(protocol: str) -> dict[str, bytes]:
    """Return what a malicious or broken client may send, by the fault's name."""
    match protocol:
        case "socket" | "oncrpc":
            return bad_answers(protocol)
        case "grpc":
            frames = list(http2.read_frames(good_request(protocol)))
            opening = http2.PREFACE + b"".join(
                http2.encode_frame(frame.kind, frame.flags, frame.stream, frame.payload)
                for frame in frames
                if frame.kind != http2.DATA
            )
            nonsense = b"\0" + len(NONSENSE).to_bytes(4, "big") + NONSENSE
            return {
                IN_A_FRAME: opening + http2.encode_frame(http2.DATA, http2.END_STREAM, 1, nonsense),
                TOO_LONG: opening + http2.encode_frame(http2.DATA, 0, 1, b"\0" + FOUR_GB.to_bytes(4, "big") + b"\x0a"),
                TOO_LONG_FRAME: opening + b"\xff\xff\xff" + bytes([http2.DATA, 0, 0, 0, 0, 1]),
            }
        case _:
            line = f"POST {'/rpc' if protocol == 'jsonrpc' else '/customers'} HTTP/1.1\r\nHost: localhost"
            return {IN_A_FRAME: _http(line, NONSENSE), TOO_LONG: _http(line, b"{", FOUR_GB)}


def _http(line: str, body: bytes, length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    return f"{line}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode() + body


def open_http2(read: Read, send: Callable[[bytes], None]) -> None:
    """Play a server of HTTP/2 up to the point where a request has arrived."""
    send(http2.encode_frame(http2.SETTINGS, 0, 0, b""))
    read(len(http2.PREFACE))
    while True:
        header = read(http2.FRAME_HEADER)
        read(int.from_bytes(header[:3], "big"))
        if header[3] == http2.DATA and header[4] & http2.END_STREAM:
            send(http2.encode_frame(http2.SETTINGS, 1, 0, b""))
            return


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
