"""How the check and the answer talk: frames of JSON over a socket, and values as tagged plain data.

Both processes use this module, and neither trusts it to be used by the other: a frame is bounded before it is read,
and what is decoded are exact built-in types that the reader has made itself. Nothing is pickled or evaluated.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from companion.errors import CompanionError

MAX_FRAME = 4_000_000
MAX_DEPTH = 60
MAX_NODES = 200_000
MAX_BITS = 100_000
_SMALL = 1 << 60
_HEADER = struct.Struct(">I")


class WireError(CompanionError):
    """A value that cannot be sent, or a frame that is none."""


class Hung(Exception):
    """The other side is gone."""


class Line:
    """One end of the conversation."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def send(self, message: dict[str, Any]) -> None:
        """Send one message.

        Raises
        ------
        WireError
            If it is too large.
        Hung
            If nobody is there to read it.
        """
        data = json.dumps(message, separators=(",", ":")).encode("ascii")
        if len(data) > MAX_FRAME:
            raise WireError(f"too large to hand over: {len(data):,} bytes, the limit is {MAX_FRAME:,}")
        try:
            self._connection.sendall(_HEADER.pack(len(data)) + data)
        except OSError as error:
            raise Hung from error

    def receive(self) -> dict[str, Any]:
        """Wait for a message.

        Raises
        ------
        WireError
            If what came is no message.
        Hung
            If the other side has closed, or is gone.
        """
        (length,) = _HEADER.unpack(self._exactly(_HEADER.size))
        if length > MAX_FRAME:
            raise WireError(f"a frame of {length:,} bytes, the limit is {MAX_FRAME:,}")
        try:
            message = json.loads(self._exactly(length))
        except (ValueError, RecursionError) as error:
            raise WireError("a frame that is no JSON") from error
        if not isinstance(message, dict):
            raise WireError("a frame that is no message")
        return message

    def _exactly(self, length: int) -> bytes:
        while len(self._rest) < length:
            try:
                data = self._connection.recv(65536 if length < 65536 else length)
            except OSError as error:
                raise Hung from error
            if not data:
                raise Hung
            self._rest += data
        data, self._rest = self._rest[:length], self._rest[length:]
        return data


def encode(value: Any, other: Callable[[Any], dict[str, Any]]) -> Any:
    """Turn a value into JSON; what is no plain data becomes what `other` gives for it.

    A subclass of a plain type is sent as that type, by the type's own methods: what it overrides is left behind.

    Raises
    ------
    WireError
        If the value is nested too deeply or holds too much.
    """
    return _Encoder(other).encode(value, 0)


class _Encoder:
    def __init__(self, other: Callable[[Any], dict[str, Any]]) -> None:
        self.other = other
        self.nodes = 0

    def encode(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise WireError(f"nested more than {MAX_DEPTH} levels deep")
        if self.nodes > MAX_NODES:
            raise WireError(f"more than {MAX_NODES:,} values in one")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if issubclass(kind, int):  # not isinstance, which believes what an object says of its class
            number = int.__int__(value)
            if -_SMALL < number < _SMALL:
                return number
            if int.bit_length(number) > MAX_BITS:
                raise WireError(f"a whole number of more than {MAX_BITS:,} bits")
            return {"t": "int", "v": int.__format__(number, "x")}
        if issubclass(kind, float):
            return float.__float__(value)
        if issubclass(kind, str):
            if str.__len__(value) > MAX_FRAME:
                raise WireError(f"a text of more than {MAX_FRAME:,} characters")
            return str.__str__(value)
        return self._compound(value, depth + 1)

    def _compound(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if issubclass(kind, bytes | bytearray):
            content = bytes(memoryview(value))
            if len(content) > MAX_FRAME:
                raise WireError(f"more than {MAX_FRAME:,} bytes")
            return {"t": "bytes" if issubclass(kind, bytes) else "bytearray", "v": content.hex()}
        if issubclass(kind, complex):
            return {"t": "complex", "v": [complex.__complex__(value).real, complex.__complex__(value).imag]}
        if issubclass(kind, dict):
            items = [[self.encode(k, depth), self.encode(v, depth)] for k, v in dict.items(value)]
            return {"t": "dict", "v": items}
        kinds: tuple[Any, ...] = (list, tuple, set, frozenset)
        for plain in kinds:
            if issubclass(kind, plain):
                items = [self.encode(item, depth) for item in plain.__iter__(value)]
                return items if plain is list else {"t": plain.__name__, "v": items}
        return self.other(value)


def decode(data: Any, other: Callable[[dict[str, Any]], Any], depth: int = 0) -> Any:
    """Make the value that was sent; what is no plain data is given to `other`.

    Raises
    ------
    WireError
        If it is no value.
    """
    if depth > 2 * MAX_DEPTH:
        raise WireError("a value that is nested too deeply")
    if data is None or isinstance(data, bool | int | float | str):
        return data
    if isinstance(data, list):
        return [decode(item, other, depth + 1) for item in data]
    kind, content = data.get("t"), data.get("v")
    try:
        if kind == "dict":
            return {decode(key, other, depth + 1): decode(value, other, depth + 1) for key, value in content}
        if kind in _SEQUENCES:
            return _SEQUENCES[kind](decode(item, other, depth + 1) for item in content)
        if kind == "int":
            return int(content, 16) if len(content) < MAX_BITS else None
        if kind == "bytes":
            return bytes.fromhex(content)
        if kind == "bytearray":
            return bytearray.fromhex(content)
        if kind == "complex":
            real, imaginary = content
            return complex(float(real), float(imaginary))
    except (TypeError, ValueError) as error:
        raise WireError(f"a {kind} that is none: {error}") from error
    return other(data)


_SEQUENCES: dict[Any, Callable[[Any], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
