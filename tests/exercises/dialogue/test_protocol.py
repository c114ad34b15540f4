"""Frames on the socket: what is none is refused."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from companion.exercises.dialogue.protocol import DialogueError, Hung, Line


@pytest.mark.parametrize(
    "raw",
    [struct.pack(">I", 1 << 31), struct.pack(">I", 5) + b"[1,2]", struct.pack(">I", 3) + b"{]}",
     struct.pack(">I", 200_000) + b"[" * 200_000, struct.pack(">I", 2) + b"\xff\xfe"],
    ids=["length", "list", "damaged", "deep", "bytes"],
)  # fmt: skip
def test_a_frame_that_is_none_is_refused(raw: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        threading.Thread(target=theirs.sendall, args=(raw,)).start()
        with pytest.raises(DialogueError):
            Line(ours).receive()


def test_an_end_is_told_from_nonsense() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(Hung):
        Line(ours).receive()


# A conversation, both ends in this process
