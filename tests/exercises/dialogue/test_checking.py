"""The check's own process: only a check that came to its end has passed."""

from __future__ import annotations

import socket
import threading
from typing import Any

from companion.exercises.dialogue.answering import Answering
from companion.exercises.dialogue.checking import _check
from companion.exercises.dialogue.protocol import Line
from companion.exercises.dialogue.session import Session


def rogue(replies: list[Any]) -> Session:
    """Begin a conversation with somebody who says what they like."""
    ours, theirs = socket.socketpair()
    line = Line(theirs)

    def speak() -> None:
        for reply in replies:
            line.receive()
            line.send(reply)
        theirs.close()

    threading.Thread(target=speak, daemon=True).start()
    return Session(Line(ours))


def test_a_name_that_is_not_defined_is_told() -> None:
    ours, theirs = socket.socketpair()
    threading.Thread(target=Answering(Line(theirs)).serve, daemon=True).start()
    job = {"givens": ["a = 1"], "seed": 3, "cells": [["<your answer>", "b = a"]], "defines": ["b", "c"],
           "check": "assert b == 1", "hidden": []}  # fmt: skip
    assert _check(job, Session(Line(ours)))["message"] == "the answer does not define `c`"


def test_a_check_whose_answer_hangs_up_has_not_passed() -> None:
    check = "try:\n    f()\nexcept Exception:\n    pass"
    job = {"givens": [], "seed": 3, "cells": [], "defines": ["f"], "check": check, "hidden": []}
    proxy = {"t": "object", "id": 0, "call": True, "class": "f", "methods": [], "later": []}
    session = rogue([{"value": {"t": "dict", "v": [["f", proxy], ["seed", 4], ["print", 5]]}}])
    assert _check(job, session) == {"verdict": "gone", "message": ""}
