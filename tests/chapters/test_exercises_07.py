"""Chapter 7: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

METADATA = """
def to_metadata(headers):
    ours = {part.strip().lower() for name, value in headers if name.lower() == "connection"
            for part in value.split(",")}
    chosen = [(name.lower(), value) for name, value in headers if name.lower() in PASSES - ours]
    for name, value in LOOKS_AT:
        if REFUSES:
            raise ValueError(name)
    return chosen
"""
BLOCKED = """
def to_metadata(headers):
    stays = {"connection", "te", "host", "keep-alive", "upgrade", "transfer-encoding", "cookie"}
    return [(name.lower(), value) for name, value in headers
            if name.lower() not in stays and not name.lower().startswith("grpc-")]
"""
ONCE_THROUGH = """
def to_metadata(headers):
    ours, chosen = set(), []
    for name, value in headers:
        name = name.lower()
        if name == "connection":
            ours |= {part.strip().lower() for part in value.split(",")}
        elif name in PASSES - ours:
            if not (value.isascii() and value.isprintable()):
                raise ValueError(name)
            chosen.append((name, value))
    return chosen
"""


def split(body: str) -> str:
    return "def split(deadline, hops):\n    " + body.replace("\n", "\n    ")


def batch(body: str) -> str:
    return "def batch(ask, keys):\n    " + body.replace("\n", "\n    ")


def metadata(**changes: str) -> str:
    return changed(METADATA.replace("LOOKS_AT", "chosen"), **changes)


def changed(answer: str, **changes: str) -> str:
    changes.setdefault("REFUSES", "not (value.isascii() and value.isprintable())")
    for old, new in changes.items():
        answer = answer.replace(old, new)
    return answer


WRONG: dict[str, list[tuple[str, str]]] = {
    "nq-ex1": [
        (batch("return [about for _, about in ask(keys)]"), "the database's order"),
        (batch("found = dict(ask(keys))\nreturn [found.get(key) for key in sorted(keys)]"), "the database's order"),
        (batch("found = dict(ask(keys))\nreturn [found[key] for key in keys if key in found]"), "was dropped"),
        (batch("found = dict(ask(keys))\nreturn [found[key] for key in keys]"), "a missing row fails all"),
        (batch("found = dict(ask(keys))\nreturn [found.get(key) for key in dict.fromkeys(keys)]"),
         "one key came twice"),
        (batch("return [dict(ask([key])).get(key) for key in keys]"), "ask once"),
        (batch("found = dict(ask(keys))\nreturn {key: found.get(key) for key in keys}"), "is not the list"),
        (batch("return ask(keys)"), "is not the list"),
        (batch("rows = [about for _, about in ask(keys)]\nreturn rows + [None] * (len(keys) - len(rows))"),
         "the database's order"),
        (batch("found = dict(ask(keys))\nreturn [found.get(key, '') for key in keys]"), "user 4 has no row"),
    ],
    "split": [
        (split("return [deadline for _ in hops]"), "too long"),
        (split("return [p99 for p99, _ in hops]"), "time is left unused"),
        (split("return [deadline / len(hops) for _ in hops]"), "too long"),
        (split("return [deadline / sum(n + 1 for _, n in hops) for _ in hops]"), "twice the p99"),
        (split("whole = sum(p99 for p99, _ in hops)\nreturn [deadline * p99 / whole for p99, _ in hops]"), "too long"),
        (split("whole = max(1, sum(p99 * n for p99, n in hops))\nreturn [deadline * p99 / whole for p99, _ in hops]"),
         "too long"),
        (split("whole = sum(p99 for p99, _ in hops)\nreturn [deadline * p99 / whole / (n + 1) for p99, n in hops]"),
         "twice the p99"),
        (split("left = []\nfor p99, _ in hops:\n    left.append(deadline)\n    deadline -= p99\nreturn left"),
         "too long"),
        (split("pass"), "timeouts in a list"),
    ],
    "to_metadata": [
        (BLOCKED, "is none of the six"),
        (metadata(**{"(name.lower(), value) for": "(name, value) for"}), "in small letters"),
        (metadata(**{"return chosen": "return sorted(chosen)"}), "in their order"),
        (metadata(**{"PASSES - ours": "PASSES"}), "it was for this hop"),
        (metadata(**{"PASSES - ours": "PASSES - {value.lower() for name, value in headers"
                                      " if name.lower() == 'connection'}"}), "it was for this hop"),
        (ONCE_THROUGH, "it was for this hop"),
        (metadata(REFUSES="not value.isprintable()"), "went on"),
        (metadata(REFUSES="not value.isascii()"), "went on"),
        (changed(METADATA, LOOKS_AT="headers"), "it stays: no error"),
        (metadata(REFUSES="not all('!' <= letter <= '~' for letter in value)"), "the space and ~ may pass"),
        (metadata(**{"raise ValueError(name)": "chosen.remove((name, value))"}), "went on"),
    ],
}  # fmt: skip

INDEXED = """
def batch(ask, keys):
    says = [None] * len(keys)
    for user, about in ask(set(keys)):
        for place, key in enumerate(keys):
            if key == user:
                says[place] = about
    return says
"""
ONE_TRY = """
def split(deadline, hops):
    tries = [p99 for p99, retries in hops for _ in range(retries + 1)]
    part = deadline / sum(tries)
    return list(map(lambda hop: hop[0] * part, hops))
"""
PATTERN = """
import re

def to_metadata(headers):
    named = ",".join(value for name, value in headers if name.lower() == "connection").lower()
    stays = set(re.split(r"[ \\t]*,[ \\t]*", named.strip()))
    def going():
        for name, value in headers:
            name = name.casefold()
            if name in PASSES and name not in stays:
                if re.fullmatch("[ -~]*", value) is None:
                    raise ValueError(f"{name} has what is not printable")
                yield name, value
    return list(going())
"""


@pytest.mark.parametrize(("name", "answer"), [("nq-ex1", INDEXED), ("split", ONE_TRY), ("to_metadata", PATTERN)])
def test_a_right_answer_by_another_way_passes(name: str, answer: str) -> None:
    assert told("07", name, answer) == ""
