"""What the bytes of a gRPC call mean: HTTP/2's frames, their headers or their data, and the message inside the data."""

import struct
from typing import Any

from companion.calls.wire import customer_pb2 as pb
from companion.calls.wire.recording.http2 import (
    DATA,
    END_STREAM,
    FRAME_HEADER,
    HEADERS,
    PREFACE,
    SETTINGS,
    Field,
    Frame,
    HeaderReader,
    read_frames,
)
from companion.calls.wire.recording.notes import Notes, Row, Side
from companion.calls.wire.recording.record import Exchange

SETTING_NAMES = {
    1: "HEADER_TABLE_SIZE",
    2: "ENABLE_PUSH",
    3: "MAX_CONCURRENT_STREAMS",
    4: "INITIAL_WINDOW_SIZE",
    5: "MAX_FRAME_SIZE",
    6: "MAX_HEADER_LIST_SIZE",
}
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


def annotate_grpc(exchange: Exchange, side: Side = "request") -> list[Row]:
    """Explain a recorded call of gRPC, or its answer, byte by byte."""
    asked = side == "request"
    headers = HeaderReader()
    for frame in read_frames(exchange.request_before if asked else exchange.answer_before):
        if frame.kind == HEADERS:
            headers.read(frame.payload)  # what the calls before have put into the table
    notes = Notes(exchange.request if asked else exchange.answer)
    if notes.data.startswith(PREFACE):
        notes.take(len(PREFACE), "the preface: this is HTTP/2")
    message = message_of(exchange, side)
    for frame in read_frames(notes.data):
        notes.take(FRAME_HEADER, _frame_header(frame))
        if frame.kind == HEADERS:
            for field in headers.read(frame.payload):
                _header(notes, field)
        elif frame.kind == SETTINGS:
            for _ in range(len(frame.payload) // 6):
                notes.take(6, _setting)
        elif frame.kind == DATA:
            _data(notes, frame.payload, message)
        elif frame.name == "WINDOW_UPDATE":
            notes.number(4, lambda more: f"I can take {more} bytes more")
        else:
            notes.take(len(frame.payload), "bookkeeping")
    return notes.rows


def message_of(exchange: Exchange, side: Side) -> Any:
    """Return the descriptor of the message that a call carries, found by the path among its headers."""
    headers = HeaderReader()
    path = ""
    for frame in read_frames(exchange.request_before + exchange.request.removeprefix(PREFACE)):
        if frame.kind == HEADERS:
            path = next(field.value for field in headers.read(frame.payload) if field.name == ":path")
    method = pb.DESCRIPTOR.services_by_name["CustomerService"].methods_by_name[path.rpartition("/")[2]]
    return method.input_type if side == "request" else method.output_type


def _frame_header(frame: Frame) -> str:
    flags = []
    if frame.kind == SETTINGS and frame.flags & 1:
        flags.append("ack")
    if frame.kind in (DATA, HEADERS) and frame.flags & END_STREAM:
        flags.append("the last of its side")
    where = "the connection" if frame.stream == 0 else f"stream {frame.stream}"
    return ", ".join([f"{frame.name} of {len(frame.payload)} bytes, {where}", *flags])


def _header(notes: Notes, field: Field) -> None:
    value = field.value
    masked = (0, 0)
    if field.name == "user-agent":  # names the versions of two libraries and the operating system
        value = "·" * len(value)
        masked = (len(field.data) - len(value), len(field.data)) if field.how in ("new", "once") else (0, 0)
        value = "···"
    how = {"new": "", "once": "  (not for the table)"}.get(field.how, f"  ({field.how})")
    notes.take(len(field.data), f"{field.name}: {value}{how}", masked)


def _setting(data: bytes) -> str:
    code, value = struct.unpack(">HI", data)
    return f"{SETTING_NAMES.get(code, f'setting {code:#x}')} = {value}"


def _data(notes: Notes, payload: bytes, message: Any) -> None:
    compressed = notes.number(1, lambda flag: f"compressed: {'yes' if flag else 'no'}")
    size = notes.number(4, lambda size: f"message of {size} bytes")
    if compressed or size != len(payload) - 5:
        notes.take(len(payload) - 5, "the message, compressed" if compressed else "the message, or a part of it")
    else:
        _message(notes, notes.at + size, message, "")


def _message(notes: Notes, end: int, message: Any, prefix: str) -> None:
    """Explain a message of Protocol Buffers: a row of fields, each a tag (number and wire type) and a value."""
    while notes.at < end:
        tag, tag_size = _varint(notes.data, notes.at)
        field = message.fields_by_number[tag >> 3]
        name = f"{prefix}{field.name}"
        value, value_size = _varint(notes.data, notes.at + tag_size)
        if tag & 7 == VARINT:
            notes.take(tag_size + value_size, f"{name} (field {field.number}): {value}")
        elif tag & 7 == LENGTH:
            notes.take(tag_size + value_size, f"{name} (field {field.number}): {value} bytes follow")
            if field.message_type is not None:
                _message(notes, notes.at + value, field.message_type, f"{name}.")
            else:
                notes.take(value, lambda data: f'"{data.decode()}"')
        else:
            notes.take(tag_size, f"{name} (field {field.number}): a float of 64 bits")
            notes.take(8, lambda data: f"{struct.unpack('<d', data)[0]}, little-endian")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a number, seven bits to a byte, the lowest first; return it and how many bytes it took."""
    value = size = 0
    while at + size < len(data):
        byte = data[at + size]
        value |= (byte & 0x7F) << 7 * size
        size += 1
        if not byte & 0x80:
            break
    return value, size
