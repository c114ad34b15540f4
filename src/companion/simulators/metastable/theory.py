"""What can be known without simulating: the closed forms that a simulation must agree with.

Rates are in requests/s, times in s. Queueing: Kleinrock, *Queueing Systems*, volume 1 (1975), chapters 3 and 5; the
standard error of a simulated M/M/1: Whitt, "Planning Queueing Simulations" (1989). The rest follows in a few lines,
which its docstrings give.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import inf, sqrt

from companion.simulators.metastable.policies import exponential_backoff
from companion.simulators.metastable.settings import Settings


def mm1_wait(load: float, capacity: float) -> float:
    """Mean wait in the queue of one server, ``rho / (mu - lambda)``, in s; infinite from capacity on."""
    return load / capacity / (capacity - load) if load < capacity else inf


def mm1_relative_error(rho: float, requests: int) -> float:
    """Relative standard error of the mean wait in a simulated M/M/1 queue.

    ``sqrt((2 + 5 rho - 4 rho**2 + rho**3) / (rho n)) / (1 - rho)``: successive waits are strongly correlated, so it is
    far above that of n independent draws.
    """
    return sqrt((2 + 5 * rho - 4 * rho**2 + rho**3) / (rho * requests)) / (1 - rho)


def erlang_c(servers: int, offered: float) -> float:
    """Probability that a request has to wait, M/M/c.

    Parameters
    ----------
    servers : int
        c.
    offered : float
        Offered load ``lambda / mu`` of one server's rate mu, less than c.
    """
    if offered >= servers:
        return 1.0
    blocked = 1.0  # Erlang's B, by its recursion over the servers, which never overflows
    for server in range(1, servers + 1):
        blocked = offered * blocked / (server + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def mmc_wait(servers: int, load: float, rate: float) -> float:
    """Mean wait in the queue of c servers of `rate` each: ``ErlangC / (c mu - lambda)``, in s."""
    return erlang_c(servers, load / rate) / (servers * rate - load) if load < servers * rate else inf


def mmck_loss(servers: int, load: float, rate: float, places: int) -> float:
    """Share of requests that find all places taken, M/M/c/K, K counting those in service: the birth-death ``p_K``."""
    weight, total = 1.0, 1.0
    for present in range(1, places + 1):
        weight *= load / (min(present, servers) * rate)
        total += weight
    return weight / total


def retry_attempts(failure: float, retries: int) -> float:
    """Mean attempts of a request whose attempts fail independently: ``(1 - p**(k+1)) / (1 - p)``; k + 1 at p = 1."""
    return nested_attempts(failure, retries, 1)


def retry_success(failure: float, retries: int) -> float:
    """Share of requests that succeed at last: ``1 - p**(k+1)``."""
    return 1 - failure ** (retries + 1)


def nested_attempts(failure: float, retries: int, layers: int) -> float:
    """Mean attempts at the leaf, when each of L layers retries and only the leaf fails.

    A layer calls again only if all that is below it failed, so the attempts are one run of up to ``(k+1)**L`` tries
    that ends at the first success: ``(1 - p**((k+1)**L)) / (1 - p)``. It is not the product of one-layer factors.
    """
    most = (retries + 1) ** layers
    return float(most) if failure >= 1 else (1 - failure**most) / (1 - failure)


@dataclass(frozen=True)
class Layers:
    """What `simulate_layers` counted: mean attempts at the leaf a request, and the share that succeeded."""

    attempts: float
    success: float


def simulate_layers(failure: float, retries: int, layers: int, requests: int = 20_000, seed: int = 11) -> Layers:
    """Play requests through nested layers that each try ``retries + 1`` times; only the leaf fails, at random."""
    rng = random.Random(f"{seed}/layers")
    attempts = 0

    def call(depth: int) -> bool:
        nonlocal attempts
        if depth == 0:
            attempts += 1
            return rng.random() >= failure
        return any(call(depth - 1) for _ in range(retries + 1))

    succeeded = sum(call(layers) for _ in range(requests))
    return Layers(attempts / requests, succeeded / requests)


def vulnerable_region(capacity: float, retries: int) -> tuple[float, float]:
    """Loads at which a service works until disturbed and then does not recover: ``(mu / (k+1), mu)``.

    Collapsed, each request becomes k + 1 attempts; the collapse feeds itself while these exceed the capacity.
    """
    return capacity / (retries + 1), capacity


def queue_outlasts_patience(bound: int | None, capacity: float, timeout: float) -> bool:
    """Say whether a full queue takes longer than a caller waits, ``K / mu > T``; an unbounded queue does."""
    return bound is None or bound / capacity > timeout


def collapse_persists(load: float, capacity: float, retries: int, timeout: float, bound: int | None) -> bool:
    """Say whether a collapse outlives its cause: ``lambda (k+1) > mu`` and ``K / mu > T``.

    For an open crowd without other defences, away from the borders. With an unbounded queue a load below the border
    recovers only when the backlog has drained.
    """
    return load * (retries + 1) > capacity and queue_outlasts_patience(bound, capacity, timeout)


def drain_seconds(backlog: float, load: float, capacity: float, retries: int) -> float:
    """Time until a collapsed service has worked off its backlog, ``B / (mu - lambda (k+1))``, in s; or infinite.

    Until then each request fails and is sent ``k + 1`` times, and the queue has what they leave of the capacity.
    Callers are answered again a little earlier, when the queue's age falls below their patience.
    """
    spare = capacity - load * (retries + 1)
    return backlog / spare if spare > 0 else inf


def dearest_refusal(servers: int, load: float, retries: int) -> float:
    """Cost of a refusal, in s of a server's time, at which refusing all takes all: ``N / (lambda (k+1))``.

    Every attempt is refused then, and every one is made; dearer refusals keep the service busy with refusing.
    """
    return servers / (load * (retries + 1))


def mean_backoffs(settings: Settings) -> float:
    """Sum of the mean delays before the retries of one request that fails throughout, in s."""
    if settings.delay == "immediate":
        return 0.0
    share = 0.5 if settings.delay == "full_jitter" else 1.0
    delays = (exponential_backoff(settings.backoff_base, settings.backoff_cap, n) for n in range(settings.max_retries))
    return share * sum(delays)


def closed_attempts(clients: int, retries: int, timeout: float, think_time: float, backoffs: float) -> float:
    """Attempts/s of closed clients none of whom gets an answer: ``N (k+1) / ((k+1) T + Z + sum of backoffs)``."""
    return clients * (retries + 1) / ((retries + 1) * timeout + think_time + backoffs)


def closed_loop_stuck(
    clients: int, retries: int, timeout: float, think_time: float, backoffs: float, capacity: float
) -> bool:
    """Say whether closed clients keep a collapsed service collapsed: whether `closed_attempts` exceed its capacity."""
    return closed_attempts(clients, retries, timeout, think_time, backoffs) > capacity
