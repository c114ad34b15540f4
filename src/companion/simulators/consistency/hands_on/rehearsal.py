"""A client that the reader writes, on replicas whose messages are late or lost, before the checker of the chapter.

The client is two decisions: which version a new write is given, and what a read does with the replies of a majority.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from random import Random
from typing import Any

from companion.errors import CompanionError
from companion.history.check import check
from companion.history.drawing import text_drawing
from companion.history.events import Operation
from companion.history.shrink import counterexample
from companion.simulators.clock import Clock

Version = tuple[int, int]
Reply = tuple[Version, int | None]
Stamp = Callable[[list[Reply], int, int], Version]
AfterRead = Callable[[list[Reply]], tuple[int | None, Reply | None]]
Asked = tuple[str, Reply | None]
Client = Generator[Asked, list[Reply] | None, None]

NOTHING: Reply = ((0, -1), None)
"""What a replica holds at first."""

QUICK, SLOW = 4.0, 40.0
"""Means of a message (ms): of a request to write, and of all others."""

PATIENCE = 60.0
"""How long a client waits for a majority (ms)."""


class WrongClientError(CompanionError, ValueError):
    """A client does what no client may do."""


def rehearse(
    stamp: Stamp, after_read: AfterRead, *, nodes: int, clients: int, each: int, loss: float, seed: int,
    histories: int = 300,
) -> str:  # fmt: skip
    """Play many small histories with a client, and say what is wrong with it; nothing if all is well.

    Parameters
    ----------
    stamp : callable
        ``stamp(replies, client, mine)`` gives the version of a new write, a pair (number, client); `mine` is the
        largest number that this client has used.
    after_read : callable
        ``after_read(replies)`` gives what the read returns, and the reply that a majority must hold before it does, or
        None where that is not needed.
    nodes, clients, each : int
        Replicas, clients, and the operations of each client, half of them writes.
    loss : float
        The share of requests to write that are lost.
    seed : int
        Where every random draw comes from.
    histories : int
        How many are played.

    Returns
    -------
    str
        What no client may do; or, drawn, a part of a history that no single copy could have given.
    """
    rng = Random(seed)
    for _ in range(histories):
        try:
            history = _Stage(rng, nodes, loss, stamp, after_read).play(clients, each)
        except WrongClientError as wrong:
            return str(wrong)
        if check(history, steps=100_000).linearizable is False:
            drawn = text_drawing(counterexample(history).operations)
            return f"one copy could not have answered so:\n{drawn}"
    return ""


class _Stage(Clock):
    """Replicas, the messages on their way, and what clients saw."""

    def __init__(self, rng: Random, nodes: int, loss: float, stamp: Stamp, after_read: AfterRead) -> None:
        super().__init__()
        self.rng, self.loss, self.stamp, self.after_read = rng, loss, stamp, after_read
        self.store = [NOTHING] * nodes
        self.operations: list[Operation] = []
        self.given: set[Version] = set()
        self.place = 0

    def play(self, clients: int, each: int) -> list[Operation]:
        """Give the history of all clients; a read that nobody saw the answer of is left out."""
        values = iter(range(1, 1 + clients * each))
        for name in range(clients):
            works = [next(values) if self.rng.random() < 0.5 else None for _ in range(each)]
            self.after(20 * self.rng.random(), self._go_on, self._client(name, works), None)
        self.run()
        return [one for one in self.operations if one.f == "write" or not one.pending]

    def _client(self, name: int, works: Sequence[int | None]) -> Client:
        mine = 0
        for value in works:
            number = self._begin(name, value)
            replies = yield "get", None
            if replies is None:
                continue
            if value is not None:
                version = self.stamp(replies, name, mine)
                _insist(_is_pair(version), f"a version is a pair (number, client), not {version!r}")
                _insist(version not in self.given, f"{version!r} is given to a second value: which one is newer?")
                self.given.add(version)
                mine = max(mine, version[0])
                if (yield "put", (version, value)) is not None:
                    self._end(number, value)
                continue
            decided = self.after_read(replies)
            _insist(_is_pair(decided), f"after_read gives a pair (value, write-back), not {decided!r}")
            answer, back = decided
            if back is not None:
                _insist(back in replies, f"{back!r} is written back, and nobody had it")
                _insist(len(set(replies)) > 1, f"all replies are {back!r}: the round changes nothing")
                if (yield "put", back) is None:
                    continue
            self._end(number, answer)

    def _begin(self, name: int, value: int | None) -> int:
        f = "read" if value is None else "write"
        self.operations.append(Operation(str(name), f, "x", value, self._next(), None))
        return len(self.operations) - 1

    def _end(self, number: int, value: int | None) -> None:
        begun = self.operations[number]
        self.operations[number] = Operation(begun.process, begun.f, "x", value, begun.invoked, self._next())

    def _next(self) -> int:
        self.place += 1
        return self.place

    def _go_on(self, client: Client, replies: list[Reply] | None) -> None:
        """Give a client what it waits for, and send what it asks next."""
        try:
            _, put = client.send(replies)
        except StopIteration:
            return
        call: dict[str, Any] = {"client": client, "replies": []}
        for node in range(len(self.store)):
            if put is None or self.rng.random() >= self.loss:
                self.after(self.rng.expovariate(1 / (SLOW if put else QUICK)), self._asked, node, put, call)
        self.after(PATIENCE, self._give_up, call)

    def _asked(self, node: int, put: Reply | None, call: dict[str, Any]) -> None:
        if put is not None:
            self.store[node] = max(self.store[node], put, key=lambda one: one[0])
        self.after(self.rng.expovariate(1 / QUICK), self._reply, self.store[node], call)

    def _reply(self, reply: Reply, call: dict[str, Any]) -> None:
        call["replies"].append(reply)
        if len(call["replies"]) == len(self.store) // 2 + 1 and call["client"] is not None:
            client, call["client"] = call["client"], None
            self._go_on(client, list(call["replies"]))

    def _give_up(self, call: dict[str, Any]) -> None:
        client, call["client"] = call["client"], None
        if client is not None:
            self._go_on(client, None)


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2


def _insist(fine: bool, why: str) -> None:
    if not fine:
        raise WrongClientError(why)


__all__ = ["NOTHING", "rehearse"]
