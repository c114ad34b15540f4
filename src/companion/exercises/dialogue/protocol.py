"""How the check and the answer talk: frames of JSON over a socket.

Both processes use this module, and neither trusts it to be used by the other: a frame is bounded before it is read.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

from companion.errors import CompanionError

MAX_FRAME = 4_000_000
_HEADER = struct.Struct(">I")
_ENCODER = json.JSONEncoder(separators=(",", ":"))


class DialogueError(CompanionError):
    """A value that cannot be sent, or a frame that cannot be read."""


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
        DialogueError
            If it is too large.
        Hung
            If nobody is there to read it.
        """
        data = _ENCODER.encode(message).encode("ascii")
        if len(data) > MAX_FRAME:
            raise DialogueError(f"too large to hand over: {len(data):,} bytes, the limit is {MAX_FRAME:,}")
        try:
            self._connection.sendall(_HEADER.pack(len(data)) + data)
        except OSError as error:
            raise Hung from error

    def receive(self) -> dict[str, Any]:
        """Wait for a message.

        Raises
        ------
        DialogueError
            If what came is no message.
        Hung
            If the other side has closed, or is gone.
        """
        (length,) = _HEADER.unpack(self._exactly(_HEADER.size))
        if length > MAX_FRAME:
            raise DialogueError(f"a frame of {length:,} bytes, the limit is {MAX_FRAME:,}")
        try:
            message = json.loads(self._exactly(length))
        except (ValueError, RecursionError) as error:
            raise DialogueError("a frame that is no JSON") from error
        if not isinstance(message, dict):
            raise DialogueError("a frame that is no message")
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
