"""The model to read: a service with a queue, and callers who lose patience, in SimPy.

Think of a counter with ten clerks. A caller takes a place in the queue (`simpy.Resource`) and starts a watch
(`env.timeout`). Whichever comes first, answer or timeout, decides what the caller sees: ``answer | patience``. What the
clerks see is another story. A caller who has left does not take the slip back, so a clerk will work on it in its turn,
for nobody. That one fact makes the collapse possible; everything else here is there to try cures.

`engine` simulates the same thing about ten times as fast.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Any

import simpy
from simpy.resources.resource import Request

from companion.simulators.metastable.cache import Cache
from companion.simulators.metastable.load import arrivals, door, outage, stream
from companion.simulators.metastable.policies import Defences, defences
from companion.simulators.metastable.result import Result, Tally, conclude
from companion.simulators.metastable.settings import Settings

Process = Generator[simpy.Event, Any, None]  # what SimPy runs: a generator of events
THROWN_AWAY = "thrown away"  # what a turn comes to when the queue is dropped


class Stack(list[Any]):
    """A queue whose newest member comes first."""

    def append(self, item: Any) -> None:
        """Take the first place."""
        self.insert(0, item)


class NewestFirst(simpy.Resource):
    """A resource that serves the newest request first."""

    PutQueue = Stack


@dataclass
class Attempt:
    """One message to the service: its caller waits for `answer` until `deadline` (s), and asks for `key`.

    With single flight others who ask for the same key wait for the same answer, until `joined` (s).
    """

    answer: simpy.Event
    deadline: float
    key: int
    joined: list[float] = field(default_factory=list)

    def waited_for(self, now: float) -> int:
        """Count who still waits for the answer at time `now` (s)."""
        return (now < self.deadline) + sum(now < deadline for deadline in self.joined)


@dataclass
class Shop:
    """What callers and servers share.

    Attributes
    ----------
    waiting : dict of Request to Attempt
        What is in the queue.
    flights : dict of int to Attempt, or None
        Single flight: the attempt that is under way for a key.
    retries : int
        How often callers try again, now.
    debt : float
        Seconds of a server's time that refusals have cost and that no server has spent yet; the next one does.
    dropping : int
        How many servers are busy with dropping an attempt.
    """

    env: simpy.Environment
    servers: simpy.Resource
    settings: Settings
    policy: Defences
    cache: Cache | None
    service: random.Random
    tally: Tally
    waiting: dict[Request, Attempt]
    flights: dict[int, Attempt] | None
    retries: int
    debt: float = 0.0
    dropping: int = 0


def request(shop: Shop) -> Process:
    """Follow one caller from the first attempt to an answer in time, or to giving up."""
    env, policy, tally = shop.env, shop.policy, shop.tally
    born, key = env.now, shop.cache.pick() if shop.cache else 0
    if policy.budget:
        policy.budget.earn()
    for tries in count():
        if shop.cache and shop.cache.has(key, env.now):
            tally.hits += 1
            tally.answered += 1
            tally.latencies.append(env.now - born)
            return
        if policy.gate and not policy.gate.admit(env.now):
            tally.blocked += 1
            break
        answered = yield from try_once(shop, key, tries)
        if policy.gate:
            policy.gate.record(env.now, answered)
        if answered:
            tally.answered += 1
            tally.latencies.append(env.now - born)
            return
        if tries >= shop.retries or (policy.budget and not policy.budget.spend()):
            break
        if policy.delay:
            yield env.timeout(policy.delay(tries))
    tally.failures += 1


def try_once(shop: Shop, key: int, tries: int) -> Generator[simpy.Event, Any, bool]:
    """Send one message and wait; the generator returns whether an answer came in time."""
    env, settings, servers, tally = shop.env, shop.settings, shop.servers, shop.tally
    deadline, patience = env.now + settings.timeout, env.timeout(settings.timeout)
    bound = inf if settings.queue_bound is None else settings.queue_bound
    if shop.flights is not None and key in shop.flights:
        sent = shop.flights[key]
        sent.joined.append(deadline)
    else:
        sent = Attempt(env.event(), deadline, key)
        tally.attempts += 1
        tally.retries += tries > 0
        if servers.count == servers.capacity and len(servers.queue) >= bound:
            tally.refused += 1
            shop.debt += settings.refusal_cost
            if settings.refusal == "told":
                return False
        else:
            tally.queued += servers.count == servers.capacity
            turn = servers.request()
            if not turn.triggered:
                shop.waiting[turn] = sent
            if shop.flights is not None:
                shop.flights[key] = sent
            env.process(serve(shop, sent, turn))
    outcome = yield sent.answer | patience
    if sent.answer in outcome:
        return bool(outcome[sent.answer])  # False: a server dropped it, and said so
    tally.timeouts += 1
    return False


def serve(shop: Shop, attempt: Attempt, turn: Request) -> Process:
    """Follow one attempt through the service, whether or not somebody still waits for it."""
    env, settings, margin, codel = shop.env, shop.settings, shop.policy.shed_margin, shop.policy.codel
    down, up = outage(settings)
    with turn:
        if (yield turn) is THROWN_AWAY:
            return
        if shop.waiting.pop(turn, None) is not None:
            waited, last = env.now - (attempt.deadline - settings.timeout), not shop.servers.queue
            if (margin is not None and env.now > attempt.deadline - margin) or (
                codel is not None and codel.drops(env.now, waited, last)
            ):
                shop.tally.shed += 1
                let_go(shop, attempt)
                if settings.refusal_cost:
                    shop.dropping += 1
                    yield env.timeout(settings.refusal_cost)
                    shop.dropping -= 1
                return
        mean = settings.base_latency + settings.concurrency_slope * shop.servers.count
        needed = shop.service.expovariate(1 / mean) if settings.service == "exponential" else mean
        if shop.debt:
            spent, shop.debt = shop.debt, 0.0
            yield env.timeout(spent)
        if down <= env.now < up:
            yield env.timeout(up - env.now)
        begin = env.now
        yield env.timeout(needed)
    if begin < down <= env.now:
        shop.tally.lost += 1
        return
    if shop.flights is not None:
        del shop.flights[attempt.key]
    heard = attempt.waited_for(env.now)
    if heard:
        attempt.answer.succeed(True)
        shop.tally.shared += heard - 1
    else:
        shop.tally.late += 1
    if shop.cache and (heard or shop.cache.fills_late):
        shop.cache.fill(attempt.key, env.now)


def let_go(shop: Shop, attempt: Attempt) -> None:
    """Give an attempt up: no server will work on it, and whoever waits is told, if callers are told."""
    if shop.flights is not None:
        del shop.flights[attempt.key]
    if shop.settings.refusal == "told" and attempt.waited_for(shop.env.now):
        attempt.answer.succeed(False)


def intervene(shop: Shop) -> Process:
    """Change the running service when it is time, as somebody would who was called at night."""
    for at, what, to in shop.settings.interventions:
        yield shop.env.timeout(at - shop.env.now)
        if what == "retries":
            shop.retries = int(to)
        elif what == "queue":
            dropped = sorted(shop.servers.queue, key=lambda turn: shop.waiting[turn].deadline)
            shop.servers.queue.clear()
            shop.tally.dropped += len(dropped)
            for turn in dropped:
                let_go(shop, shop.waiting.pop(turn))
                turn.succeed(THROWN_AWAY)


def open_crowd(shop: Shop) -> Process:
    """Let requests arrive whatever became of the others; once the load is cut, some are turned away at the door."""
    admits = door(shop.settings, stream(shop.settings, "door"))
    for moment in arrivals(shop.settings, stream(shop.settings, "arrivals")):
        yield shop.env.timeout(moment - shop.env.now)
        shop.tally.requests += 1
        if admits is None or admits(shop.env.now):
            shop.env.process(request(shop))
        else:
            shop.tally.turned_away += 1
            shop.tally.failures += 1


def closed_client(shop: Shop, thinking: random.Random) -> Process:
    """Think, ask, wait until that is over, and think again."""
    while True:
        yield shop.env.timeout(thinking.expovariate(1 / shop.settings.think_time))
        shop.tally.requests += 1
        yield from request(shop)


def flush(shop: Shop, cache: Cache) -> Process:
    """Empty the cache when it is time."""
    yield shop.env.timeout(shop.settings.spike_start)
    cache.flush()


def longest_wait(shop: Shop) -> float:
    """Say for how long the oldest in the queue has waited (s); 0 when nothing waits."""
    queue = shop.servers.queue
    if not queue:
        return 0.0
    oldest = shop.waiting[queue[-1 if shop.policy.newest_first else 0]]
    return shop.env.now - (oldest.deadline - shop.settings.timeout)


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate with SimPy (`companion.simulators.metastable.simulate` is the front door)."""
    env = simpy.Environment()
    policy = defences(settings, stream(settings, "retries"))
    servers = (NewestFirst if policy.newest_first else simpy.Resource)(env, settings.server_capacity)
    cache = Cache(settings, stream(settings, "keys")) if settings.pattern == "cache_flush" else None
    shop = Shop(
        env,
        servers,
        settings,
        policy,
        cache,
        stream(settings, "service"),
        Tally(progress=progress),
        waiting={},
        flights={} if cache and settings.single_flight else None,
        retries=settings.max_retries,
    )
    env.process(intervene(shop))
    if cache:
        env.process(flush(shop, cache))
    if settings.clients == "closed":
        thinking = stream(settings, "clients")
        for _ in range(settings.client_count):
            env.process(closed_client(shop, thinking))
    else:
        env.process(open_crowd(shop))
    for second in range(1, int(settings.duration) + 1):
        env.run(until=second)
        shop.tally.mark(len(servers.queue), longest_wait(shop))
    if settings.duration > env.now:
        env.run(until=settings.duration)
    return conclude(settings, "simpy", shop.tally, len(servers.queue) + servers.count - shop.dropping)
