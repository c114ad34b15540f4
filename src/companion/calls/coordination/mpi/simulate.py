"""A communicator inside one process: ranks are generators, messages are counted, and nothing depends on the machine.

In a round a rank sends at most one message and receives at most one. What is received in round n can be used from
round n + 1 on. A rank that has to wait for its message waits whole rounds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from companion.calls.coordination.mpi.algorithms import Receive, Send, Steps
from companion.errors import CompanionError

MAX_RANKS = 4096


class Deadlock(CompanionError):
    """Every rank that is left waits for another."""


@dataclass(frozen=True)
class Play:
    """What a collective operation did.

    Attributes
    ----------
    results : list
        What each rank returned.
    sent : list of (int, int, int)
        Round, sender and receiver of each message, in order of the rounds.
    items : int
        Elements that moved, where messages are sequences; a value of another kind counts as one.
    rounds : int
        The last round in which somebody sent or received.
    """

    results: list[Any]
    sent: list[tuple[int, int, int]]
    items: int
    rounds: int

    @property
    def messages(self) -> int:
        """How many messages were sent."""
        return len(self.sent)


def play(algorithm: Callable[[int, int, Any], Steps], values: Sequence[Any]) -> Play:
    """Run an algorithm on as many ranks as there are values.

    Raises
    ------
    Deadlock
        When all that have not finished wait for a message.
    """
    size = len(values)
    if not 1 <= size <= MAX_RANKS:
        raise ValueError(f"{size} ranks: from 1 to {MAX_RANKS}")
    ranks = [algorithm(rank, size, value) for rank, value in enumerate(values)]
    clock, received, results = [0] * size, [0] * size, [None] * size
    boxes: dict[tuple[int, int], deque[tuple[int, Any]]] = {}
    waiting: dict[int, Receive] = {}
    sent: list[tuple[int, int, int]] = []
    items = 0
    ready = deque((rank, None) for rank in range(size))
    while ready:
        rank, got = ready.popleft()
        try:
            step = ranks[rank].send(got)
        except StopIteration as end:
            results[rank] = end.value
            continue
        if isinstance(step, Send):
            if not 0 <= step.to < size:
                raise ValueError(f"rank {rank} sends to {step.to}, of {size}")
            clock[rank] += 1
            boxes.setdefault((rank, step.to), deque()).append((clock[rank], step.value))
            sent.append((clock[rank], rank, step.to))
            items += len(step.value) if isinstance(step.value, Sequence) else 1
            ready.append((rank, None))
            woken = step.to if step.to in waiting and waiting[step.to].source == rank else None
        else:
            waiting[rank], woken = step, rank
        if woken is not None and (box := boxes.get((waiting[woken].source, woken))):
            arrived, value = box.popleft()
            received[woken] = max(arrived, received[woken] + 1)
            clock[woken] = max(clock[woken], received[woken])
            del waiting[woken]
            ready.append((woken, value))
    if waiting:
        told = ", ".join(f"{rank} for {step.source}" for rank, step in sorted(waiting.items()))
        raise Deadlock(f"ranks wait for ever: {told}")
    return Play(results, sorted(sent), items, max(clock))
