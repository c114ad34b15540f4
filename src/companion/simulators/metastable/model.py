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
from dataclasses import dataclass
from math import inf
from typing import Any

import simpy
from simpy.resources.resource import Request

from companion.simulators.metastable.cache import Cache
from companion.simulators.metastable.load import arrivals, outage, stream
from companion.simulators.metastable.policies import Defences, defences
from companion.simulators.metastable.result import Result, Tally, conclude
from companion.simulators.metastable.settings import Settings

Process = Generator[simpy.Event, Any, None]  # what SimPy runs: a generator of events


class Stack(list[Any]):
    """A queue whose newest member comes first."""

    def append(self, item: Any) -> None:
        """Take the first place."""
        self.insert(0, item)


class NewestFirst(simpy.Resource):
    """A resource that serves the newest request first."""

    PutQueue = Stack


@dataclass
class Shop:
    """What callers and servers share."""

    env: simpy.Environment
    servers: simpy.Resource
    settings: Settings
    policy: Defences
    cache: Cache | None
    service: random.Random
    tally: Tally


@dataclass(frozen=True)
class Attempt:
    """One message to the service: its caller waits for `answer` until `deadline` (s), and asks for `key`."""

    answer: simpy.Event
    deadline: float
    key: int


def request(shop: Shop) -> Process:
    """Follow one caller from the first attempt to an answer in time, or to giving up."""
    env, settings, policy, tally = shop.env, shop.settings, shop.policy, shop.tally
    born, key = env.now, shop.cache.pick() if shop.cache else 0
    tally.requests += 1
    if policy.budget:
        policy.budget.earn()
    for tries in range(settings.max_retries + 1):
        if tries:
            if policy.budget and not policy.budget.spend():
                break
            if policy.delay:
                yield env.timeout(policy.delay(tries - 1))
        if shop.cache and shop.cache.has(key, env.now):
            tally.hits += 1
            tally.answered += 1
            tally.latencies.append(env.now - born)
            return
        if policy.gate and not policy.gate.admit(env.now):
            tally.blocked += 1
            break
        tally.attempts += 1
        tally.retries += tries > 0
        answered = yield from try_once(shop, key)
        if policy.gate:
            policy.gate.record(env.now, answered)
        if answered:
            tally.answered += 1
            tally.latencies.append(env.now - born)
            return
    tally.failures += 1


def try_once(shop: Shop, key: int) -> Generator[simpy.Event, Any, bool]:
    """Send one message and wait; the generator returns whether an answer came in time."""
    env, settings, servers = shop.env, shop.settings, shop.servers
    sent = Attempt(env.event(), env.now + settings.timeout, key)
    patience = env.timeout(settings.timeout)
    bound = inf if settings.queue_bound is None else settings.queue_bound
    if servers.count == servers.capacity and len(servers.queue) >= bound:
        shop.tally.refused += 1
        if settings.refusal == "told":
            return False
    else:
        shop.tally.queued += servers.count == servers.capacity
        env.process(serve(shop, sent, servers.request()))
    outcome = yield sent.answer | patience
    if sent.answer in outcome:
        return bool(outcome[sent.answer])  # False: a server dropped it, and said so
    shop.tally.timeouts += 1
    return False


def serve(shop: Shop, attempt: Attempt, turn: Request) -> Process:
    """Follow one attempt through the service, whether or not somebody still waits for it."""
    env, settings, margin = shop.env, shop.settings, shop.policy.shed_margin
    down, up = outage(settings)
    with turn:
        yield turn
        if margin is not None and env.now > attempt.deadline - margin:
            shop.tally.shed += 1
            if settings.refusal == "told" and env.now < attempt.deadline:
                attempt.answer.succeed(False)
            return
        if down <= env.now < up:
            yield env.timeout(up - env.now)
        begin = env.now
        mean = settings.base_latency + settings.concurrency_slope * shop.servers.count
        yield env.timeout(shop.service.expovariate(1 / mean) if settings.service == "exponential" else mean)
    in_time = env.now < attempt.deadline
    if begin < down <= env.now:
        shop.tally.lost += 1
        return
    if in_time:
        attempt.answer.succeed(True)
    else:
        shop.tally.late += 1
    if shop.cache and (in_time or shop.cache.fills_late):
        shop.cache.fill(attempt.key, env.now)


def open_crowd(shop: Shop) -> Process:
    """Let requests arrive whatever became of the others."""
    for moment in arrivals(shop.settings, stream(shop.settings, "arrivals")):
        yield shop.env.timeout(moment - shop.env.now)
        shop.env.process(request(shop))


def closed_client(shop: Shop, thinking: random.Random) -> Process:
    """Think, ask, wait until that is over, and think again."""
    while True:
        yield shop.env.timeout(thinking.expovariate(1 / shop.settings.think_time))
        yield from request(shop)


def flush(shop: Shop, cache: Cache) -> Process:
    """Empty the cache when it is time."""
    yield shop.env.timeout(shop.settings.spike_start)
    cache.flush()


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate with SimPy (`companion.simulators.metastable.simulate` is the front door)."""
    env = simpy.Environment()
    policy = defences(settings, stream(settings, "retries"))
    servers = (NewestFirst if policy.newest_first else simpy.Resource)(env, settings.server_capacity)
    cache = Cache(settings, stream(settings, "keys")) if settings.pattern == "cache_flush" else None
    shop = Shop(env, servers, settings, policy, cache, stream(settings, "service"), Tally(progress=progress))
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
        shop.tally.mark(len(servers.queue))
    if settings.duration > env.now:
        env.run(until=settings.duration)
    return conclude(settings, "simpy", shop.tally, len(servers.queue) + servers.count)
