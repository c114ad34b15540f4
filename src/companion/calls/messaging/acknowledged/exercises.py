"""What checks the exercise on idempotent handlers: every crash, and every pair of crashes, at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

Message = Mapping[str, Any]
Handler = Callable[[Message], object]
LIMIT = 200
"""Deliveries in one script; whoever needs more never acknowledges."""


class Crash(Exception):
    """The consumer's process is gone. A handler may catch it; the store is out of its reach all the same."""


class Store:
    """Rows on a disk: each `write` is one step, done wholly or not at all, and outlives the process."""

    def __init__(self, step: Callable[[str], None] = lambda where: None) -> None:
        self.rows: dict[str, Any] = {}
        self._step = step

    def get(self, name: str, default: Any = None) -> Any:
        """Read a row."""
        self._step("")
        return self.rows.get(name, default)

    def write(self, rows: Mapping[str, Any]) -> None:
        """Write these rows in one step."""
        self._step("before a write")
        self.rows.update(rows)
        self._step("after a write")


@dataclass(frozen=True)
class Verdict:
    """The first script that ended wrongly: where it crashed, and what the account has and should have."""

    crashes: tuple[str, ...]
    account: str
    found: Any
    right: int


class _Steps:
    """Counts the steps of a script, and crashes at those that it is told."""

    def __init__(self, at: Sequence[int]) -> None:
        self.at, self.passed, self.crashed = frozenset(at), 0, []  # type: tuple[frozenset[int], int, list[str]]
        self.dead = False

    def __call__(self, where: str) -> None:
        if self.dead:
            raise Crash(where)
        if not where:
            return
        self.passed += 1
        if self.passed - 1 in self.at:
            self.crashed.append(where)
            self.dead = True
            raise Crash(where)


def play(
    make_handler: Callable[[Store], Handler], messages: Sequence[Message], at: Sequence[int], kind: type[Store] = Store
) -> tuple[Any, Any]:
    """Deliver the messages, each until it is acknowledged, with crashes at these steps; the store and the steps."""
    steps = _Steps(at)
    store = kind(steps)
    handle = make_handler(store)
    waiting = list(messages)
    for _ in range(LIMIT):
        if not waiting:
            break
        try:
            handle(dict(waiting[0]))
            steps("after the handler, before the acknowledgement")
            waiting.pop(0)
        except Crash:
            steps.dead = False
            handle = make_handler(store)  # a new process, which knows what is in the store
    return store, steps


def first_wrong(
    make_handler: Callable[[Store], Handler], messages: Sequence[Message], kind: type[Store] = Store
) -> Verdict | None:
    """Play without a crash, with one at every step, and with every two; the first that ends wrongly, if one does.

    `kind` is the class of stores that handlers are given, for a check whose handlers run in another process.
    """
    right: dict[str, int] = {}
    for message in {message["id"]: message for message in messages}.values():
        right[message["account"]] = right.get(message["account"], 0) + message["amount"]
    _, calm = play(make_handler, messages, (), kind)
    for at in _scripts(min(calm.passed + 8, 40)):
        store, steps = play(make_handler, messages, at, kind)
        for account, amount in right.items():
            if store.get(account, 0) != amount:
                return Verdict(tuple(steps.crashed), account, store.get(account, 0), amount)
    return None


def _scripts(steps: int) -> Iterator[tuple[int, ...]]:
    return chain([()], ((one,) for one in range(steps)), combinations(range(steps), 2))


__all__ = ["Crash", "Store", "Verdict", "first_wrong", "play"]
