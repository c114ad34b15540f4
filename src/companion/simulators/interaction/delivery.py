"""The control plane: A adds to accounts that B keeps; messages are lost and sent again, and threads of B interleave.

B reads an account, works for `apply_time`, and writes. Every write remembers which write it had read, so that at the
end the chain from an account's last write back to its first tells which of them are in the balance; the others were
overwritten by somebody who had not seen them. Which interleavings happen follows from the times at which messages
arrive, and from nothing else.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from companion.simulators.clock import Clock
from companion.simulators.interaction.latency import drawn
from companion.simulators.interaction.result import Tally
from companion.simulators.interaction.settings import Settings


@dataclass
class Request:
    """What A asked for: when (s), of which account, and how it goes."""

    number: int
    begun: float
    account: int
    attempts: int = 0
    acknowledged: float | None = None
    gave_up: bool = False
    finished: bool = False
    known: bool = False
    writes: list[Write] = field(default_factory=list)


@dataclass
class Write:
    """One addition to an account: on top of which other, and whether it is in the balance at the end."""

    parent: Write | None
    kept: bool = False


@dataclass
class Account:
    """What B keeps: the last write, whether a thread holds the lock and who waits for it, the latest request seen."""

    head: Write | None = None
    locked: bool = False
    waiting: deque[Request] = field(default_factory=deque)
    latest: int = -1


@dataclass
class World(Clock):
    """The clock of the run (s), and both systems."""

    settings: Settings
    rng: random.Random
    tally: Tally
    accounts: list[Account]
    requests: list[Request] = field(default_factory=list)

    def send(self, arrive: Callable[..., None], *args: Any) -> None:
        """Carry a message, unless it is lost."""
        lost = self.rng.random() < self.settings.loss
        travel = drawn(self.rng, self.settings)
        if not lost:
            self.after(travel, arrive, *args)


def deliveries(settings: Settings, rng: random.Random, tally: Tally) -> Iterator[float]:
    """Simulate until the last request is settled; yields the end of each second."""
    world = World(settings, rng, tally, [Account() for _ in range(settings.accounts)])
    now = 0.0
    while (now := now + rng.expovariate(settings.request_rate)) < settings.duration:
        request = Request(len(world.requests), now, rng.randrange(settings.accounts))
        world.requests.append(request)
        world.at(now, ask, world, request)
    for second in range(1, int(settings.duration) + 1):
        world.run(second)
        yield second
    world.run()
    settle(world)


def ask(world: World, request: Request) -> None:
    """Let A send the request, once more if no acknowledgement has come, until it gives up."""
    if request.acknowledged is not None:
        return
    if request.attempts > world.settings.upstream_retries:
        request.gave_up = True
        return
    request.attempts += 1
    world.send(receive, world, request)
    world.after(world.settings.upstream_timeout, ask, world, request)


def receive(world: World, request: Request) -> None:
    """Let B begin; a repetition that it knows by its key is acknowledged, or answered with the first when that ends."""
    account = world.accounts[request.account]
    if request.known and world.settings.delivery == "exactly_once":
        if request.finished:
            world.send(acknowledge, world, request)
        return
    request.known = True
    world.tally.counts["executions"] += 1
    world.tally.counts["out_of_order"] += request.number < account.latest
    account.latest = max(account.latest, request.number)
    if world.settings.thread_safe and account.locked:
        account.waiting.append(request)
    else:
        read(world, request, account)


def read(world: World, request: Request, account: Account) -> None:
    """Read the account, under the lock if there is one; what is written later is on top of what is seen now."""
    seen, account.locked = account.head, True
    world.after(world.settings.apply_time / 1000, write, world, request, account, seen)


def write(world: World, request: Request, account: Account, seen: Write | None) -> None:
    """Write the account, whatever has happened to it since, and acknowledge."""
    account.head = Write(seen)
    request.writes.append(account.head)
    request.finished = True
    account.locked = False
    world.send(acknowledge, world, request)
    if account.waiting:
        read(world, account.waiting.popleft(), account)


def acknowledge(world: World, request: Request) -> None:
    """Let A learn that it is done; too late, if it has given up."""
    if request.acknowledged is None and not request.gave_up:
        request.acknowledged = world.now


def settle(world: World) -> None:
    """Find which writes are in the balances, and count what became of each request."""
    for account in world.accounts:
        write = account.head
        while write is not None:
            write.kept, write = True, write.parent
    counts = world.tally.counts
    for request in world.requests:
        kept = sum(write.kept for write in request.writes)
        counts["lost_updates"] += len(request.writes) - kept
        counts["duplicates"] += max(0, len(request.writes) - 1)
        if request.acknowledged is None:
            counts["ghosts"] += kept > 0
            counts["wasted"] += len(request.writes)
            world.tally.settle("refused", request.begun)
        else:
            world.tally.latencies.append(request.acknowledged - request.begun)
            counts["wasted"] += len(request.writes) - 1
            world.tally.settle("delivered" if kept == 1 else "changed", request.begun)
