"""The fast engine: the same service and callers as in `model`, as one loop over a heap of events.

`model` is the one to read first. This one exists because a collapse quadruples the load and a sweep repeats it a
thousand times; a test shows that the two are statistically equal. What makes it fast: an attempt is a small list, the
servers are a number, and timeouts need no heap, since every caller is equally patient and so callers give up in the
order in which they sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf, log
from typing import Any

from companion.simulators.metastable.cache import Cache
from companion.simulators.metastable.load import arrivals, outage, stream
from companion.simulators.metastable.policies import defences
from companion.simulators.metastable.result import Result, Tally, conclude
from companion.simulators.metastable.settings import Settings

# The fields of an attempt: when its caller gives up, when the request began, which try this is (the first is 0),
# whether its caller still waits, and which key it asks for.
DEADLINE, BORN, TRY, WAITING, KEY = range(5)
# The kinds of events in the heap.
DONE, LOST, BEGIN, AGAIN, TOLD, SECOND, FLUSH, END = range(8)


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate with the event-heap engine (`companion.simulators.metastable.simulate` is the front door)."""
    timeout, retries, end = settings.timeout, settings.max_retries, settings.duration
    servers, base, slope = settings.server_capacity, settings.base_latency, settings.concurrency_slope
    bound = inf if settings.queue_bound is None else settings.queue_bound
    told, exponential = settings.refusal == "told", settings.service == "exponential"
    closed = settings.clients == "closed"
    down, up = outage(settings)
    uniform = stream(settings, "service").random
    think = stream(settings, "clients").expovariate
    crowd = arrivals(settings, stream(settings, "arrivals"))
    cache = Cache(settings, stream(settings, "keys")) if settings.pattern == "cache_flush" else None
    policy = defences(settings, stream(settings, "retries"))
    delay, budget, gate, margin = policy.delay, policy.budget, policy.gate, policy.shed_margin

    tally = Tally(progress=progress)
    events: list[tuple[float, int, int, Any]] = []  # time, order of scheduling, kind, attempt
    order = count()
    deadlines: deque[list[Any]] = deque()
    queue: deque[list[Any]] = deque()
    take = queue.pop if policy.newest_first else queue.popleft
    busy = 0

    def start(attempt: list[Any], now: float) -> None:
        # A server that takes an attempt during the outage holds it until the outage is over.
        begin = up if down <= now < up else now
        mean = base + slope * busy
        finish = begin - mean * log(1.0 - uniform()) if exponential else begin + mean
        heappush(events, (finish, next(order), LOST if begin < down <= finish else DONE, attempt))

    def rest(now: float) -> None:
        # The request is over; a closed client thinks, and then begins another.
        if closed:
            heappush(events, (now + think(1 / settings.think_time), next(order), BEGIN, None))

    def fail(attempt: list[Any], now: float) -> bool:
        # The caller learns that the attempt failed. True: it tries again at once.
        attempt[WAITING] = False
        if gate is not None:
            gate.record(now, False)
        if attempt[TRY] < retries and (budget is None or budget.spend()):
            if delay is None:
                return True
            heappush(events, (now + delay(attempt[TRY]), next(order), AGAIN, attempt))
        else:
            tally.failures += 1
            rest(now)
        return False

    heappush(events, (1.0, next(order), SECOND, None))
    if cache is not None:
        heappush(events, (settings.spike_start, next(order), FLUSH, None))
    if closed:
        for _ in range(settings.client_count):
            rest(0.0)
    else:
        heappush(events, (next(crowd, inf), next(order), BEGIN, None))

    while True:
        # 1. The next thing that happens. What is below this step is for an attempt that is to be sent.
        if deadlines and deadlines[0][DEADLINE] <= events[0][0]:
            attempt = deadlines.popleft()
            if not attempt[WAITING]:
                continue
            now = attempt[DEADLINE]
            tally.timeouts += 1
            if not fail(attempt, now):
                continue
            born, tries, key = attempt[BORN], attempt[TRY] + 1, attempt[KEY]
        else:
            now, _, kind, attempt = heappop(events)
            if kind <= LOST:  # DONE or LOST: a server is free
                if kind == LOST:
                    tally.lost += 1
                elif attempt[WAITING]:
                    attempt[WAITING] = False
                    tally.answered += 1
                    tally.latencies.append(now - attempt[BORN])
                    if gate is not None:
                        gate.record(now, True)
                    if cache is not None:
                        cache.fill(attempt[KEY], now)
                    rest(now)
                else:
                    tally.late += 1
                    if cache is not None and cache.fills_late:
                        cache.fill(attempt[KEY], now)
                while queue:  # the server takes the next
                    attempt = take()
                    if margin is None or now <= attempt[DEADLINE] - margin:
                        start(attempt, now)
                        break
                    tally.shed += 1
                    if told and attempt[WAITING]:
                        heappush(events, (now, next(order), TOLD, attempt))
                else:
                    busy -= 1
                continue
            if kind == BEGIN:
                if not closed:
                    heappush(events, (next(crowd, inf), next(order), BEGIN, None))
                tally.requests += 1
                if budget is not None:
                    budget.earn()
                born, tries, key = now, 0, 0 if cache is None else cache.pick()
            elif kind == AGAIN or (kind == TOLD and attempt[WAITING] and fail(attempt, now)):
                born, tries, key = attempt[BORN], attempt[TRY] + 1, attempt[KEY]
            elif kind == SECOND:
                tally.mark(len(queue))
                kind, when = (SECOND, now + 1) if now + 1 <= end else (END, end)
                heappush(events, (when, next(order), kind, None))
                continue
            elif kind == FLUSH and cache is not None:
                cache.flush()
                continue
            elif kind == END:
                break
            else:
                continue

        # 2. Send it, unless the cache knows the answer or the caller's own gate is shut. (A loop, because a caller
        # who is refused may try again at once.)
        while True:
            if cache is not None and cache.has(key, now):
                tally.hits += 1
                tally.answered += 1
                tally.latencies.append(now - born)
                rest(now)
                break
            if gate is not None and not gate.admit(now):
                tally.blocked += 1
                tally.failures += 1
                rest(now)
                break
            tally.attempts += 1
            if tries:
                tally.retries += 1
            attempt = [now + timeout, born, tries, True, key]
            if busy < servers:
                busy += 1
                start(attempt, now)
            elif len(queue) < bound:
                tally.queued += 1
                queue.append(attempt)
            else:
                tally.refused += 1
                if told:
                    if not fail(attempt, now):
                        break
                    tries += 1
                    continue
            deadlines.append(attempt)
            break

    in_service = sum(kind in (DONE, LOST) for _, _, kind, _ in events)
    return conclude(settings, "heap", tally, len(queue) + in_service)
