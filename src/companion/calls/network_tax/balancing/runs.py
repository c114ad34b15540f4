"""Who gets the calls: the same three servers behind a balancer of connections, and with a client that balances calls.

A run says how many calls each server got; nothing here is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from companion.calls.network_tax.balancing.balancer import balancing
from companion.calls.network_tax.balancing.workers import PATIENCE, BalancingError, Caller, Worker, working

NAMES = ("a", "b", "c")
BREATH = 0.005
"""Seconds between two calls of a caller that waits for something to change."""


@dataclass(frozen=True)
class Spread:
    """Where the calls of one run went.

    Attributes
    ----------
    calls : tuple of int
        For each server, how many it got.
    connections : int
        Over how many connections all of them together got calls, since the run began.
    errors : int
        How many calls failed.
    """

    calls: tuple[int, ...]
    connections: int
    errors: int

    @property
    def about(self) -> tuple[int, ...]:
        """The calls of each server to the nearest ten: who is asked first is not for a page to say."""
        return tuple(10 * round(calls / 10) for calls in self.calls)


def behind_balancer(calls: int = 300, channels: int = 1, own_pool: bool = False) -> Spread:
    """Call through the balancer of connections."""
    with (
        working(NAMES) as workers,
        balancing([worker.address for worker in workers]) as balancer,
        Caller(f"ipv4:{balancer.address}", channels, own_pool) as caller,
    ):
        return _call(caller, workers, calls)


def by_client(policy: str, calls: int = 300) -> Spread:
    """Call the servers by a list of their addresses, which the client's own policy chooses from."""
    with working(NAMES) as workers, Caller(_listed(workers), policy=policy) as caller:
        if policy == "round_robin":
            _until(caller, lambda: all(worker.calls for worker in workers), "a first call for each server")
        return _call(caller, workers, calls)


def one_stops(calls: int = 300) -> Spread:
    """Call by round robin, and stop the second server once all three have had calls; what is counted comes after."""
    with working(NAMES) as workers, Caller(_listed(workers), policy="round_robin") as caller:
        _until(caller, lambda: all(worker.calls for worker in workers), "a first call for each server")
        workers[1].stop()
        return _call(caller, workers, calls)


def one_returns() -> Spread:
    """Stop a server as `one_stops` does, start it anew at its old address, and call until it has had a call again."""
    with working(NAMES) as workers, Caller(_listed(workers), policy="round_robin") as caller:
        _until(caller, lambda: all(worker.calls for worker in workers), "a first call for each server")
        workers[1].stop()
        _call(caller, workers, 2 * len(NAMES))
        workers[1] = Worker(NAMES[1], port=workers[1].address.port)  # which `working` will stop with the others
        _until(caller, lambda: workers[1].calls > 0, "a call for the server that returned")
        return _seen(caller, workers)


def one_joins(max_age_ms: int | None, calls: int = 100) -> Spread:
    """Let a third server join behind the balancer while a client calls.

    With a greatest age of connections, go on until the newcomer has a call; without one it would never have.
    """
    with (
        working(NAMES[:2], max_age_ms) as workers,
        balancing([worker.address for worker in workers]) as balancer,
        Caller(f"ipv4:{balancer.address}") as caller,
        working(NAMES[2:], max_age_ms) as [newcomer],
    ):
        _until(caller, lambda: any(worker.calls for worker in workers), "a first call")
        balancer.add(newcomer.address)
        spread = _call(caller, [*workers, newcomer], calls)
        if max_age_ms is None:
            return spread
        _until(caller, lambda: newcomer.calls > 0, "a call for the server that joined")
        return _seen(caller, [*workers, newcomer])


def _listed(workers: Sequence[Worker]) -> str:
    return "ipv4:" + ",".join(str(worker.address) for worker in workers)


def _call(caller: Caller, workers: Sequence[Worker], calls: int) -> Spread:
    for worker in workers:
        worker.forget()
    for _ in range(calls):
        caller.call()
    return _seen(caller, workers)


def _seen(caller: Caller, workers: Sequence[Worker]) -> Spread:
    connections = sum(len(worker.peers) for worker in workers)
    return Spread(tuple(worker.calls for worker in workers), connections, caller.errors)


def _until(caller: Caller, done: Callable[[], bool], what: str) -> None:
    """Call until something has happened."""
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise BalancingError(f"{what} did not come in {PATIENCE:g} seconds")
        caller.call()
        time.sleep(BREATH)
