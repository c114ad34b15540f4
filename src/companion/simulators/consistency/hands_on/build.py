"""A history that the reader builds: one write and two reads on three replicas, each request arriving when they say.

Called by the page (``book/assets/player/build.mjs``) in Pyodide, and by the chapter's cell for the picture that is
there before Python is. Every operation ends with its second answer; an answer travels for `BACK`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.history.check import check
from companion.history.events import Operation
from companion.history.session import stale_reads
from companion.player import Trace

ALT = "A space-time diagram: a writer, the nodes A, B and C, and two readers, with each one's requests and answers."
"""What the picture shows, for readers who do not see it."""

NODES = ("A", "B", "C")
ASKED = (("writer", 0.0), ("first reader", 30.0), ("second reader", 80.0))
"""Who asks, and when (ms): the write of 1, and two reads."""

BACK = 10.0
"""What an answer takes, and a message of a read that writes back (ms)."""

SOONEST, LATEST = 4.0, 140.0
"""How soon after it was sent a request arrives, and the last moment at which it may (ms)."""

AT_FIRST = ((12.0, 17.0, 9.0), (41.0, 46.0, 38.0), (92.0, 88.0, 97.0))
"""Where the reader begins: when each request arrives at each node (ms)."""

HALF_WRITTEN = ((12.0, 130.0, 130.0), (38.0, 46.0, 54.0), (97.0, 96.0, 88.0))
"""Requests that make a history no single copy could have given, unless reads write back."""


@dataclass(frozen=True)
class Asked:
    """What became of an operation: when it was begun and ended (ms), and what a read gave (None: nothing yet)."""

    who: str
    begun: float
    ended: float
    value: int | None


def outcome(arrives: Sequence[Sequence[float]], *, write_back: bool = False) -> tuple[list[Asked], list[list[Any]]]:
    """Play the requests, and give what became of the operations, and every message.

    Parameters
    ----------
    arrives : sequence
        For the write and both reads, when the request arrives at each of `NODES` (ms).
    write_back : bool
        Whether a read that saw its two nodes differ tells all of them what it saw, and ends when two know.

    Returns
    -------
    (list of Asked, list)
        A message is ``[who, whom, sent, arrives, kind, value]``, participants by name.
    """
    written = list(arrives[0])
    found, messages = [], []
    for (who, begun), there in zip(ASKED, arrives, strict=True):
        order = sorted(range(3), key=lambda node: (there[node], node))
        ended = there[order[1]] + BACK
        reads = who != ASKED[0][0]
        seen = [1 if written[node] <= there[node] else None for node in range(3)] if reads else [1, 1, 1]
        value = 1 if not reads or 1 in (seen[order[0]], seen[order[1]]) else None
        for node in range(3):
            kind = "read" if reads else "write"
            messages.append([who, NODES[node], begun, there[node], kind, None if reads else 1])
            messages.append([NODES[node], who, there[node], there[node] + BACK, "reply", seen[node] if reads else None])
        if write_back and reads and value and seen[order[0]] != seen[order[1]]:
            told = ended + BACK
            for node in range(3):
                written[node] = min(written[node], told)
                messages.append([who, NODES[node], ended, told, "write", 1])
                messages.append([NODES[node], who, told, told + BACK, "reply", None])
            ended = told + BACK
        found.append(Asked(who, begun, ended, value))
    return found, messages


def history(found: Sequence[Asked]) -> list[Operation]:
    """Give the operations in the order of their events, as the checker wants them."""
    # What begins at the moment at which another ends overlaps it: nobody could tell which was first.
    events = sorted(
        [(one.begun, 0, one) for one in found] + [(one.ended, 1, one) for one in found], key=lambda e: e[:2]
    )
    place = {(id(one), ends): number for number, (_, ends, one) in enumerate(events)}
    return [
        Operation(one.who, "read" if number else "write", "x", None if one.value is None else str(one.value),
                  place[id(one), 0], place[id(one), 1])
        for number, one in enumerate(found)
    ]  # fmt: skip


def judged(request: str) -> str:
    """Play what the reader built, and let the checker judge it.

    Parameters
    ----------
    request : str
        JSON: ``arrives``, nine numbers in three rows, and ``write_back``.

    Returns
    -------
    str
        JSON: ``linearizable``, ``said`` (the verdict in a sentence or two), and what the player's scene draws.
    """
    asked: Mapping[str, Any] = json.loads(request)
    arrives = [
        [min(LATEST, max(begun + SOONEST, float(one))) for one in row]
        for (_, begun), row in zip(ASKED, asked["arrives"], strict=True)
    ]
    found, messages = outcome(arrives, write_back=bool(asked["write_back"]))
    operations = history(found)
    fine = check(operations).linearizable is True
    lanes = [ASKED[0][0], *NODES, *(who for who, _ in ASKED[1:])]
    place = {name: number for number, name in enumerate(lanes)}
    nodes = {name: min(m[3] for m in messages if m[1] == name and m[4] == "write") for name in NODES}
    drawn = {
        "lanes": lanes,
        "clients": [0, 4, 5],
        "cut": None,
        "messages": [[place[who], place[whom], *rest] for who, whom, *rest in messages],
        "stored": [[place[name], moment, 1] for name, moment in nodes.items()],
        "operations": [
            [place[one.who], one.begun, one.ended, "write 1" if not number else f"read {one.value or '-'}", "", 2,
             [m[3] for m in messages if m[1] == one.who]]
            for number, one in enumerate(found)
        ],
    }  # fmt: skip
    return json.dumps(
        {"linearizable": fine, "said": _said(found, operations, fine), "arrives": arrives, "drawn": drawn}
    )


def trace() -> Trace:
    """Give the history with which the reader begins, for the player's scene ``build``."""
    told = json.loads(judged(json.dumps({"arrives": AT_FIRST, "write_back": False})))
    data = {**told["drawn"], "arrives": told["arrives"], "said": told["said"], "begun": [begun for _, begun in ASKED],
            "soonest": SOONEST, "latest": LATEST}  # fmt: skip
    found, _ = outcome(AT_FIRST)
    steps = [(one.begun, f"The {one.who} asks A, B and C, and waits for two answers.") for one in found]
    steps += [
        (one.ended, f"The {one.who} has two answers" + (" and reads " if number else "; the write of ") +
         (str(one.value) if one.value else "nothing yet") + ("." if number else " is done."))
        for number, one in enumerate(found)
    ]  # fmt: skip
    return Trace("as it is at first", 0.0, LATEST + 4 * BACK, tuple(sorted(steps)), data)


def _said(found: Sequence[Asked], operations: Sequence[Operation], fine: bool) -> str:
    first, second = ("1" if one.value else "nothing yet" for one in found[1:])
    read = f"The first reader reads {first}, the second {second}."
    if fine:
        names = {operation: one.who for operation, one in zip(operations, found, strict=True)}
        order = ", then ".join(
            "the write" if one.f == "write" else f"the {names[one]}" for one in one_order(operations)
        )
        return f"{read} Linearizable: one copy could have answered so, in the order {order}."
    late = " and stale" if stale_reads(operations) else "; no read is stale, for the write had not ended"
    return f"{read} Not linearizable{late}. No single copy could have answered so."


def one_order(operations: Sequence[Operation]) -> list[Operation]:
    """Give an order in which one copy would have answered so: the write before the first read that saw it."""
    rest = sorted(operations, key=lambda one: one.invoked)
    write = next(one for one in rest if one.f == "write")
    blind = [one for one in rest if one.f == "read" and one.value is None]
    return [*blind, write, *(one for one in rest if one.f == "read" and one.value is not None)]


__all__ = [
    "ALT",
    "ASKED",
    "AT_FIRST",
    "BACK",
    "LATEST",
    "NODES",
    "SOONEST",
    "Asked",
    "history",
    "judged",
    "one_order",
    "outcome",
    "trace",
]
