"""Histories in short: `ax1ry12` appends 1 to x and reads y as [1, 2], as in the tests of Elle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Lines = list[tuple[int, dict[str, Any]]]


def value_of(short: str) -> list[list[Any]]:
    """Give the micro-operations that a text such as `ax1ry12` stands for."""
    value: list[list[Any]] = []
    for letter in short:
        if letter in "ar":
            value.append([{"a": "append", "r": "r"}[letter], None, None])
        elif letter.isalpha():
            value[-1][1] = letter
        elif value[-1][0] == "append":
            value[-1][2] = int(letter)
        else:
            value[-1][2] = [*(value[-1][2] or []), int(letter)]
    return value


def asked(value: list[list[Any]]) -> list[list[Any]]:
    """Give what was known at the invocation."""
    return [[f, key, None if f == "r" else given] for f, key, given in value]


def lines_of(*short: str) -> Lines:
    """Give the events of transactions one after the other; `!` before one is a rollback, `?` an unknown end.

    A digit and a colon before it name the process; else each has its own.
    """
    events: list[dict[str, Any]] = []
    for number, text in enumerate(short, start=10):
        process, _, rest = text.rpartition(":")
        kind = {"!": "fail", "?": "info"}.get(rest[:1], "ok")
        value = value_of(rest.lstrip("!?"))
        who = {"process": int(process or number), "f": "txn"}
        events += [{**who, "type": "invoke", "value": asked(value)}, {**who, "type": kind, "value": value}]
    return list(enumerate(events, start=1))


@pytest.fixture
def short() -> Callable[..., Lines]:
    return lines_of
