"""A tuple space that is served over TCP: requests as lines of JSON, carried out one after the other.

When a connection closes, what its owner waits for is forgotten, and what it holds on lease is back at once. That is no
help against a process that is stopped, or a machine that is off: they close nothing, and there the lease must end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from companion.calls.coordination.clocks import Clock, HandClock, real
from companion.calls.coordination.linda.space import Held, Space, SpaceError, checked_fields, checked_lease
from companion.calls.coordination.linda.templates import read_template
from companion.calls.coordination.line_server import Talk, serving
from companion.calls.coordination.lines import Address, Json


def _list(request: Json, key: str) -> list[Any]:
    value = request.get(key, [])
    if not isinstance(value, list):
        raise SpaceError(f"{key} is a list")
    return value


def _lease_number(request: Json) -> int:
    number = request.get("lease")
    if type(number) is not int:
        raise SpaceError("lease is the number of a lease")
    return number


class SpaceService:
    """Carries out the requests of all connections on one space."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.space = Space(clock)

    def handle(self, talk: Talk, request: Json) -> None:
        """Carry out a request, and answer it; a waiting ``in`` or ``rd`` is answered when a tuple comes."""
        match request.get("op"):
            case "out":
                self.space.out(checked_fields(_list(request, "tuple")))
                talk.answer({"ok": True})
            case "in" | "rd" as op:
                self._find(talk, request, keep=op == "rd")
            case "done":
                results = [_list({"": result}, "") for result in _list(request, "results")]
                talk.answer({"ok": self.space.done(_lease_number(request), results)})
            case "renew":
                seconds = checked_lease(request.get("seconds"))
                talk.answer({"ok": seconds is not None and self.space.renew(_lease_number(request), seconds)})
            case "count":
                template = read_template(request["template"]) if "template" in request else None
                talk.answer({"count": self.space.count(template), "waiting": self.space.waiting})
            case "pass":
                self._pass(request)
                talk.answer({"ok": True})
            case op:
                raise SpaceError(f"{str(op)[:30]!r} is no operation")

    def _find(self, talk: Talk, request: Json, keep: bool) -> None:
        def answer(held: Held) -> None:
            talk.answer({"tuple": list(held.fields), "lease": held.lease})

        lease = None if keep else checked_lease(request.get("lease"))
        template = read_template(request.get("template"))
        key = self.space.ask(template, answer, owner=talk.number, keep=keep, lease=lease)
        if request.get("wait") is not True and self.space.forget(key):
            talk.answer({"tuple": None, "lease": None})

    def _pass(self, request: Json) -> None:
        if not isinstance(self.clock, HandClock):
            raise SpaceError("this clock goes by itself")
        self.clock.pass_(checked_lease(request.get("seconds")) or 0.0)
        self.space.expire()

    def closed(self, talk: Talk) -> None:
        """Give back what a connection held, and forget what it waited for."""
        self.space.gone(talk.number)

    def tend(self) -> float | None:
        """Take back what is held on leases that are over."""
        seconds = self.space.expire()
        return None if isinstance(self.clock, HandClock) else seconds


@contextmanager
def serve_space(clock: Clock = real) -> Iterator[Address]:
    """Serve an empty space on a free port of loopback until the block ends."""
    with serving(SpaceService(clock)) as address:
        yield address
