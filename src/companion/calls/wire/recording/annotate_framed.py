"""What the bytes of Thrift's messages and of WebSocket's frames mean."""

import json
import struct

from companion.calls.wire.recording.notes import Notes, Row, Side
from companion.calls.wire.recording.record import Exchange

KINDS = {1: "call", 2: "reply", 3: "exception", 4: "call without an answer"}
TYPES = {2: "bool", 4: "double", 8: "i32", 11: "string", 12: "struct", 15: "list"}
COMPACT = {1: "true", 2: "false", 5: "i32", 7: "double", 8: "string", 9: "list", 12: "struct"}
OPCODES = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


def annotate_framed(exchange: Exchange, side: Side) -> list[Row]:
    """Explain a recorded message of one of the two, or its answer."""
    notes = Notes(exchange.request if side == "request" else exchange.answer)
    if exchange.protocol == "websocket":
        explain_websocket(notes)
    elif notes.data[:1] == b"\x82":
        explain_compact(notes)
    else:
        explain_binary(notes)
    if notes.left:
        notes.take(notes.left, "and so on")
    return notes.rows


def explain_binary(notes: Notes) -> None:
    """Explain a message of Thrift's binary protocol, down to its first value that is no struct, string or number."""
    notes.take(4, lambda head: f"version 1, {KINDS.get(head[3], 'no kind')}")
    size = notes.number(4, lambda size: f"length of the method's name: {size}")
    notes.take(size, _text)
    notes.number(4, lambda number: f"number of the call: {number}")
    depth = 1
    while depth and notes.left:
        if notes.data[notes.at] == 0:
            notes.take(1, "the struct ends")
            depth -= 1
            continue
        kind = notes.take(3, lambda head: f"field {int.from_bytes(head[1:], 'big')}, {TYPES.get(head[0], 'other')}")[0]
        if kind == 12:
            depth += 1
        elif kind == 11:
            size = notes.number(4, lambda size: f"length: {size}")
            notes.take(size, _text)
        elif kind == 8:
            notes.number(4, str)
        elif kind == 4:
            notes.take(8, lambda data: f"{struct.unpack('>d', data)[0]}")
        else:
            return


def explain_compact(notes: Notes) -> None:
    """Explain a message of Thrift's compact protocol, down to its first value that is no struct, string or number."""
    notes.take(2, lambda head: f"compact, version 1, {KINDS.get(head[1] >> 5, 'no kind')}")
    notes.number(1, lambda number: f"number of the call: {number}")
    size = notes.number(1, lambda size: f"length of the method's name: {size}")
    notes.take(size, _text)
    depth = 1
    while depth and notes.left:
        head = notes.data[notes.at]
        if head == 0:
            notes.take(1, "the struct ends")
            depth -= 1
            continue
        kind, step = head & 15, head >> 4
        if step:
            notes.take(1, f"{step} field{'s' * (step > 1)} on, {COMPACT.get(kind, 'other')}")
        else:
            notes.take(2, f"field 0, {COMPACT.get(kind, 'other')}")
        if kind == 12:
            depth += 1
        elif kind == 8:
            size = notes.number(1, lambda size: f"length: {size}")
            notes.take(size, _text)
        elif kind == 5 and notes.data[notes.at] < 0x80:
            notes.number(1, lambda twice: f"{(twice >> 1) ^ -(twice & 1)}, doubled so that the sign fits")
        elif kind == 7:
            notes.take(8, lambda data: f"{struct.unpack('<d', data)[0]}, least significant byte first")
        elif kind > 2:
            return


def explain_websocket(notes: Notes) -> None:
    """Explain frames of WebSocket whose length fits their second byte; a client's are masked by four random bytes."""
    if notes.data[:4] in (b"GET ", b"HTTP"):
        head = notes.data.partition(b"\r\n\r\n")[0]
        notes.take(len(head) + 4, "the handshake, in HTTP", (0, len(head)))
    while notes.left >= 2:
        notes.number(1, lambda first: f"the last frame of a message, {OPCODES.get(first & 15, 'other')}")
        second = notes.number(1, lambda byte: f"length {byte & 127}{', masked' if byte > 127 else ''}")
        size = second & 127
        if size > 125:
            return
        if second > 127:
            key = notes.take(4, "the mask, four random bytes", (0, 4))
            plain = bytes(byte ^ key[place % 4] for place, byte in enumerate(notes.data[notes.at : notes.at + size]))
            notes.take(size, _text(plain), (0, size))
        else:
            notes.take(size, _text)


def _text(data: bytes) -> str:
    text = data.decode(errors="replace")
    return text if text.startswith(("{", "[")) else json.dumps(text, ensure_ascii=False)
