"""The fast engine: the same service and callers as in `model`, as one loop over a heap of events.

`model` is the one to read first. This one exists because a collapse quadruples the load and a sweep repeats it a
thousand times; a test shows that the two are statistically equal. What makes it fast: an attempt is a small list, the
servers are a number, and timeouts need no heap, since every caller is equally patient and so callers give up in the
order in which they sent.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import count
from math import inf, log, nextafter
from typing import Any

from companion.simulators.metastable.cache import Cache
from companion.simulators.metastable.load import arrivals, door, outage, stream
from companion.simulators.metastable.policies import defences
from companion.simulators.metastable.result import Result, Tally, conclude
from companion.simulators.metastable.settings import Settings

# The fields of an attempt: when its caller gives up, when the request began, which try this is (the first is 0),
# whether its caller still waits, and which key it asks for.
DEADLINE, BORN, TRY, WAITING, KEY = range(5)
# The kinds of events in the heap.
DONE, LOST, SPENT, BEGIN, AGAIN, TOLD, SECOND, FLUSH, CHANGE, END = range(10)


Attempt = list[Any]


def _before(now: float) -> float:
    # What happens at the end of a second is not of that second any more, so the end comes before it.
    return nextafter(now, 0.0)


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate with the event-heap engine (`companion.simulators.metastable.simulate` is the front door)."""
    with _no_search_for_cycles():
        return Engine(settings, progress).run()


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    # Attempts refer to nothing that refers to them. Python, which looks for such circles again and again among all that
    # wait, took half of the time of a run with a long queue to find none.
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


class Engine:
    """One run. Its two jobs are `to_send`, what happens and who wants to send, and `run`, what becomes of the sent."""

    def __init__(self, settings: Settings, progress: Callable[[int], object] | None) -> None:
        self.settings, self.tally = settings, Tally(progress=progress)
        self.told, self.closed = settings.refusal == "told", settings.clients == "closed"
        self.cache = Cache(settings, stream(settings, "keys")) if settings.pattern == "cache_flush" else None
        self.flights: dict[int, list[Attempt]] | None = {} if self.cache and settings.single_flight else None
        self.policy = defences(settings, stream(settings, "retries"))
        self.retries, self.debt = settings.max_retries, 0.0  # debt: the seconds that refusals have cost, not yet spent
        self.events: list[tuple[float, int, int, Any]] = []  # time, order of scheduling, kind, attempt
        self.order = count().__next__
        self.deadlines: deque[Attempt] = deque()
        self.queue: deque[Attempt] = deque()
        self.busy = 0
        self.think = stream(settings, "clients").expovariate
        self.start, self.fail = self._make_start(), self._make_fail()

    def run(self) -> Result:
        """Take each attempt to the service, unless the cache knows the answer or the caller's own gate is shut."""
        settings, tally, cache, gate, closed = self.settings, self.tally, self.cache, self.policy.gate, self.closed
        timeout, servers, told = settings.timeout, settings.server_capacity, self.told
        bound = inf if settings.queue_bound is None else settings.queue_bound
        queue, deadlines, start, fail, rest = self.queue, self.deadlines, self.start, self.fail, self._rest
        flights, refusal_cost = self.flights, settings.refusal_cost
        for now, born, tries, key in self.to_send():
            while True:  # because a caller who is refused may try again at once
                if cache is not None and cache.has(key, now):
                    tally.hits += 1
                    tally.answered += 1
                    tally.latencies.append(now - born)
                    if closed:
                        rest(now)
                    break
                if gate is not None and not gate.admit(now):
                    tally.blocked += 1
                    tally.failures += 1
                    if closed:
                        rest(now)
                    break
                attempt = [now + timeout, born, tries, True, key]
                if flights is not None:
                    if key in flights:
                        flights[key].append(attempt)
                        deadlines.append(attempt)
                        break
                    flights[key] = []
                tally.attempts += 1
                if tries:
                    tally.retries += 1
                if self.busy < servers:
                    self.busy += 1
                    start(attempt, now)
                elif len(queue) < bound:
                    tally.queued += 1
                    queue.append(attempt)
                else:
                    tally.refused += 1
                    self.debt += refusal_cost
                    if flights is not None:
                        del flights[key]
                    if told:
                        if not fail(attempt, now):
                            break
                        tries += 1
                        continue
                deadlines.append(attempt)
                break
        in_service = sum(kind in (DONE, LOST) for _, _, kind, _ in self.events)
        return conclude(settings, "heap", tally, len(queue) + in_service)

    def to_send(self) -> Iterator[tuple[float, float, int, int]]:
        """Let one thing happen after the other, and yield whatever is to be sent: now, since when, which try, the key.

        Either somebody's patience ends, or it is the turn of what the heap has next.
        """
        settings, tally, cache, policy, closed = self.settings, self.tally, self.cache, self.policy, self.closed
        budget, gate, end = policy.budget, policy.gate, settings.duration
        queue, deadlines, events, order = self.queue, self.deadlines, self.events, self.order
        flights, timeout, refusal_cost = self.flights, settings.timeout, settings.refusal_cost
        stale, serves_all = self._stale, policy.shed_margin is None and policy.codel is None
        admits = door(settings, stream(settings, "door"))
        take = queue.pop if policy.newest_first else queue.popleft
        start, fail, rest = self.start, self.fail, self._rest
        crowd = arrivals(settings, stream(settings, "arrivals"))
        self._open(crowd)
        while True:
            if deadlines and deadlines[0][DEADLINE] <= events[0][0]:
                attempt = deadlines.popleft()
                now, born, tries, waits, key = attempt
                if waits:
                    tally.timeouts += 1
                    if fail(attempt, now):
                        yield now, born, tries + 1, key
                continue
            now, _, kind, attempt = heappop(events)
            if kind <= SPENT:  # DONE or LOST, or a drop's time is SPENT: a server is free
                if kind:
                    tally.lost += kind == LOST
                elif flights is not None:
                    self._land(attempt, now)
                elif attempt[WAITING]:
                    attempt[WAITING] = False
                    tally.answered += 1
                    tally.latencies.append(now - attempt[BORN])
                    if gate is not None:
                        gate.record(now, True)
                    if cache is not None:
                        cache.fill(attempt[KEY], now)
                    if closed:
                        rest(now)
                else:
                    tally.late += 1
                    if cache is not None and cache.fills_late:
                        cache.fill(attempt[KEY], now)
                while queue:  # the server takes the next
                    attempt = take()
                    if serves_all or not stale(attempt, now):
                        start(attempt, now)
                        break
                    tally.shed += 1
                    self._let_go(attempt, now)
                    if refusal_cost:
                        heappush(events, (now + refusal_cost, order(), SPENT, attempt))
                        break
                else:
                    self.busy -= 1
            elif kind == BEGIN:
                if not closed:
                    heappush(events, (next(crowd, inf), order(), BEGIN, None))
                tally.requests += 1
                if admits is not None and not admits(now):
                    tally.turned_away += 1
                    tally.failures += 1
                    continue
                if budget is not None:
                    budget.earn()
                yield now, now, 0, 0 if cache is None else cache.pick()
            elif kind == AGAIN or (kind == TOLD and attempt[WAITING] and fail(attempt, now)):
                yield now, attempt[BORN], attempt[TRY] + 1, attempt[KEY]
            elif kind == SECOND:
                tally.mark(len(queue), now - (queue[0][DEADLINE] - timeout) if queue else 0.0)
                second = len(tally.history) + 1
                last = second > end
                heappush(events, (_before(end if last else second), order(), END if last else SECOND, None))
            elif kind == FLUSH and cache is not None:
                cache.flush()
            elif kind == CHANGE:
                self._intervene(now, *attempt)
            elif kind == END:
                return

    def _open(self, crowd: Iterator[float]) -> None:
        heappush(self.events, (_before(1), self.order(), SECOND, None))
        for at, what, to in self.settings.interventions:
            heappush(self.events, (at, self.order(), CHANGE, (what, to)))
        if self.cache is not None:
            heappush(self.events, (self.settings.spike_start, self.order(), FLUSH, None))
        if self.closed:
            for _ in range(self.settings.client_count):
                self._rest(0.0)
        else:
            heappush(self.events, (next(crowd, inf), self.order(), BEGIN, None))

    def _rest(self, now: float) -> None:
        # The request of a closed client is over, who thinks, and then begins another.
        heappush(self.events, (now + self.think(1 / self.settings.think_time), self.order(), BEGIN, None))

    def _stale(self, attempt: Attempt, now: float) -> bool:
        # Whether the policy has a server drop what it has just taken from the queue.
        margin, codel, deadline = self.policy.shed_margin, self.policy.codel, attempt[DEADLINE]
        if margin is not None:
            return bool(now > deadline - margin)
        return codel is not None and codel.drops(now, now - (deadline - self.settings.timeout), not self.queue)

    def _intervene(self, now: float, what: str, to: float) -> None:
        if what == "retries":
            self.retries = int(to)
        elif what == "queue":
            dropped = list(self.queue)
            self.queue.clear()
            self.tally.dropped += len(dropped)
            for attempt in dropped:
                self._let_go(attempt, now)

    def _let_go(self, attempt: Attempt, now: float) -> None:
        # No server will work on it; whoever waits for it is told, if callers are told.
        waiting = [attempt]
        if self.flights is not None:
            waiting += self.flights.pop(attempt[KEY])
        if self.told:
            for one in waiting:
                if one[WAITING]:
                    heappush(self.events, (now, self.order(), TOLD, one))

    def _land(self, attempt: Attempt, now: float) -> None:
        # Single flight: the answer goes to everybody who asked for the key and still waits.
        assert self.cache is not None and self.flights is not None
        waiting = [one for one in (attempt, *self.flights.pop(attempt[KEY])) if one[WAITING]]
        for one in waiting:
            one[WAITING] = False
            self.tally.answered += 1
            self.tally.latencies.append(now - one[BORN])
            if self.policy.gate is not None:
                self.policy.gate.record(now, True)
            if self.closed:
                self._rest(now)
        self.tally.late += not waiting
        self.tally.shared += max(0, len(waiting) - 1)
        if waiting or self.cache.fills_late:
            self.cache.fill(attempt[KEY], now)

    # -- The two that are called most are made once, of local names

    def _make_start(self) -> Callable[[Attempt, float], None]:
        settings, events, order = self.settings, self.events, self.order
        base, slope, exponential = settings.base_latency, settings.concurrency_slope, settings.service == "exponential"
        uniform = stream(settings, "service").random
        down, up = outage(settings)
        costs = settings.refusal_cost > 0

        def start(attempt: Attempt, now: float) -> None:
            # A server that takes an attempt during the outage holds it until the outage is over.
            if costs and self.debt:
                now += self.debt
                self.debt = 0.0
            begin = up if down <= now < up else now
            mean = base + slope * self.busy
            finish = begin - mean * log(1.0 - uniform()) if exponential else begin + mean
            heappush(events, (finish, order(), LOST if begin < down <= finish else DONE, attempt))

        return start

    def _make_fail(self) -> Callable[[Attempt, float], bool]:
        tally, events, order, closed, rest = self.tally, self.events, self.order, self.closed, self._rest
        policy = self.policy
        delay, budget, gate = policy.delay, policy.budget, policy.gate

        def fail(attempt: Attempt, now: float) -> bool:
            # The caller learns that the attempt failed. True: it tries again at once.
            attempt[WAITING] = False
            if gate is not None:
                gate.record(now, False)
            if attempt[TRY] < self.retries and (budget is None or budget.spend()):
                if delay is None:
                    return True
                heappush(events, (now + delay(attempt[TRY]), order(), AGAIN, attempt))
            else:
                tally.failures += 1
                if closed:
                    rest(now)
            return False

        return fail
