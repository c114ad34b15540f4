"""The defences, each a small function or a few numbers with two methods; both engines use these.

A caller asks `retry_delay` when to send a retry, a `RetryBudget` whether to send one at all, and a gate
(`CircuitBreaker` or `ConcurrencyLimit`) whether any attempt may leave; a server asks `ControlledDelay` what to drop.
A request that its own gate holds back fails at once: it is not an attempt, since the service never sees it, and it is
not tried again.

All callers share one budget and one gate, as the threads of one client process do.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

from companion.simulators.metastable.settings import Settings


def exponential_backoff(base: float, cap: float, retry: int) -> float:
    """Give the delay before a retry (the first is number 0) in seconds: ``min(cap, base * 2**retry)``."""
    return float(min(cap, base * 2.0**retry))


def retry_delay(settings: Settings, rng: random.Random) -> Callable[[int], float] | None:
    """Choose how long a caller waits before a retry.

    Returns
    -------
    callable or None
        A function from the retry's number (the first is 0) to seconds; None when retries are sent at once.
        Full jitter is ``uniform(0, min(cap, base * 2**n))`` (Brooker, "Exponential Backoff And Jitter", 2015).
    """
    base, cap = settings.backoff_base, settings.backoff_cap
    if settings.delay == "backoff":
        return lambda retry: exponential_backoff(base, cap, retry)
    if settings.delay == "full_jitter":
        return lambda retry: rng.random() * exponential_backoff(base, cap, retry)
    return None


class RetryBudget:
    """A token bucket: each first attempt earns a fraction of a token, each retry spends a whole one.

    It starts full, so that a lone failure after a quiet start can be retried.
    """

    def __init__(self, ratio: float, cap: float) -> None:
        self.ratio, self.cap, self.tokens = ratio, cap, cap

    def earn(self) -> None:
        """Count a first attempt."""
        self.tokens = min(self.cap, self.tokens + self.ratio)

    def spend(self) -> bool:
        """Take a token for a retry; False if there is none, and then there is no retry."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Gate(Protocol):
    """What decides, on the caller's side, whether an attempt may leave."""

    def admit(self, now: float) -> bool:
        """Say whether an attempt may be sent at time `now` (s)."""

    def record(self, now: float, answered: bool) -> None:
        """Learn what became of an admitted attempt: answered in time, or not."""


class CircuitBreaker:
    """Closed, it lets everything pass; open, nothing; half-open, one request that tries.

        closed --(share of failures among the last outcomes)--> open --(open_s later)--> half-open
           ^                                                      ^                          |
           +------------------- the trial is answered ------------+---- the trial fails -----+

    It looks at the last 100 outcomes (at 70 requests/s about as many seconds as the callers' patience lasts) and
    judges only once it has seen that many, since two failures out of three prove nothing.
    """

    WINDOW = 100

    def __init__(self, threshold: float, open_s: float) -> None:
        self.threshold, self.open_s = threshold, open_s
        self.state, self.opened = "closed", 0.0
        self.outcomes: deque[bool] = deque()
        self.failures = 0

    def admit(self, now: float) -> bool:
        """Let everything pass when closed, and one trial after the break."""
        if self.state == "closed":
            return True
        if self.state == "open" and now >= self.opened + self.open_s:
            self.state = "half-open"
            return True
        return False

    def record(self, now: float, answered: bool) -> None:
        """Count the outcome, and change the state where it is due."""
        if self.state == "open":
            return  # outcomes of attempts that were under way when it opened
        if self.state == "half-open":
            self.state, self.opened = ("closed" if answered else "open"), now
            return
        self.outcomes.append(answered)
        self.failures += not answered
        if len(self.outcomes) > self.WINDOW:
            self.failures -= not self.outcomes.popleft()
        if len(self.outcomes) == self.WINDOW and self.failures >= self.threshold * self.WINDOW:
            self.state, self.opened = "open", now
            self.outcomes.clear()
            self.failures = 0


class ConcurrencyLimit:
    """Additive increase, multiplicative decrease of the number of attempts that callers keep in flight.

    An answer in time adds 1/limit, so that a whole round of answers adds one; a timeout or a refusal halves the limit,
    but at most once per timeout, because failures of one round tell of one congestion, not of many (Jacobson, 1988,
    for TCP). The limit grows only while at least half of it is used: an idle caller learns nothing about the service.
    """

    START, LOWEST, HIGHEST = 20.0, 1.0, 1000.0

    def __init__(self, timeout: float) -> None:
        self.timeout, self.limit, self.in_flight = timeout, self.START, 0
        self.deaf_until = 0.0

    def admit(self, now: float) -> bool:
        """Take a place in flight, if there is one."""
        if self.in_flight >= self.limit:
            return False
        self.in_flight += 1
        return True

    def record(self, now: float, answered: bool) -> None:
        """Give the place back and adapt the limit."""
        if answered:
            if 2 * self.in_flight >= self.limit:
                self.limit = min(self.HIGHEST, self.limit + 1 / self.limit)
        elif now >= self.deaf_until:
            self.limit = max(self.LOWEST, self.limit / 2)
            self.deaf_until = now + self.timeout
        self.in_flight -= 1


class ControlledDelay:
    """CoDel: drop from a queue that stands, not from one that a burst has filled for a moment.

    The variant is RFC 8289's (section 5; Nichols and Jacobson, 2012), asked for each attempt that is taken from the
    queue, with attempts for packets: a queue stands once every attempt of a whole `interval` has waited for `target`
    or longer. Then it drops one, and the next after ``interval / sqrt(count)``, faster and faster, until one has waited
    for less. Its numbers, 5 ms and 100 ms, are for networks.
    """

    def __init__(self, target: float, interval: float) -> None:
        self.target, self.interval = target, interval
        self.stands_at: float | None = None
        self.dropping, self.next_drop, self.count, self.last_count = False, 0.0, 0, 0

    def drops(self, now: float, waited: float, last: bool) -> bool:
        """Say whether to drop the attempt that is taken at `now` (s) after it `waited` (s), `last` in the queue."""
        if waited < self.target or last:
            self.stands_at, self.dropping = None, False
            return False
        if self.stands_at is None:
            self.stands_at = now + self.interval
        if now < self.stands_at:
            self.dropping = False
            return False
        if not self.dropping:
            # One that ended a moment ago was at a rate that nearly sufficed: begin there.
            recent = self.count - self.last_count
            self.count = recent if recent > 1 and now - self.next_drop < 16 * self.interval else 1
            self.last_count, self.dropping = self.count, True
            self.next_drop = now + self.interval / sqrt(self.count)
            return True
        if now < self.next_drop:
            return False
        self.count += 1
        self.next_drop += self.interval / sqrt(self.count)
        return True


@dataclass(frozen=True)
class Defences:
    """The policies of one run, ready for use; None where there is none.

    Attributes
    ----------
    delay : callable or None
        From the number of a retry to the seconds before it.
    budget : RetryBudget or None
        What retries are paid from.
    gate : Gate or None
        The circuit breaker or the concurrency limit.
    shed_margin : float or None
        A server drops what has less than this many seconds left before its caller gives up.
    codel : ControlledDelay or None
        What a server drops of a queue that stands.
    newest_first : bool
        Whether the queue is a stack.
    """

    delay: Callable[[int], float] | None
    budget: RetryBudget | None
    gate: Gate | None
    shed_margin: float | None
    codel: ControlledDelay | None
    newest_first: bool


def defences(settings: Settings, rng: random.Random) -> Defences:
    """Set up the policies that the settings name."""
    gate: Gate | None = None
    if settings.policy == "breaker":
        gate = CircuitBreaker(settings.breaker_threshold, settings.breaker_open_s)
    elif settings.policy == "aimd":
        gate = ConcurrencyLimit(settings.timeout)
    budget = RetryBudget(settings.budget_ratio, settings.budget_cap) if settings.policy == "budget" else None
    margin = settings.shed_margin if settings.policy == "shedding" else None
    codel = ControlledDelay(settings.codel_target, settings.codel_interval) if settings.policy == "codel" else None
    return Defences(retry_delay(settings, rng), budget, gate, margin, codel, settings.policy == "lifo")
