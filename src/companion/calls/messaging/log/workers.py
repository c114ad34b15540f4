"""Several workers on one log: who gets what, and in which order it is done.

Workers that run freely finish in an order that depends on the machine. Ours are told when to finish: each that is free
fetches, then one of those that hold a message, drawn by a seed, finishes. So a run can be repeated, on a real broker.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.js import JetStreamContext

from companion.calls.messaging.log.streams import PATIENCE, group

FREE = 1000
"""Messages that a group may hold at once unless it is told otherwise; JetStream's own default."""
Subscription = JetStreamContext.PullSubscription


@dataclass(frozen=True)
class Work:
    """What became of a log.

    Attributes
    ----------
    done : tuple of (int, str)
        Sequence and customer of each message, in the order in which they were finished.
    by : tuple of int
        The worker that did each.
    at_once : int
        The most messages that were worked on at the same time.
    """

    done: tuple[tuple[int, str], ...]
    by: tuple[int, ...]
    at_once: int

    @property
    def swapped(self) -> int:
        """Pairs of neighbours in the log of which the later was finished first."""
        return _swapped([sequence for sequence, _ in self.done])

    @property
    def swapped_of_a_customer(self) -> int:
        """The same within the messages of each customer: orders that overtake what they depend on."""
        customers = {customer for _, customer in self.done}
        return sum(_swapped([seq for seq, who in self.done if who == customer]) for customer in customers)


def _swapped(finished: Sequence[int]) -> int:
    place = {sequence: number for number, sequence in enumerate(finished)}
    ordered = sorted(finished)
    return sum(place[late] < place[early] for early, late in itertools.pairwise(ordered))


async def take(subscription: Subscription) -> Msg | None:
    """Fetch a message, if the group may have one now; None without waiting if not."""
    info = await subscription.consumer_info()
    limit = info.config.max_ack_pending or FREE
    if not info.num_pending or (info.num_ack_pending or 0) >= limit:
        return None
    return (await subscription.fetch(1, timeout=PATIENCE))[0]


async def work(workers: Sequence[Subscription], seed: int) -> Work:
    """Let the workers do all that is in the log.

    Parameters
    ----------
    workers : sequence
        What each fetches from; several may share a group.
    seed : int
        Of the order in which they finish.
    """
    rng = random.Random(seed)
    held: dict[int, Msg] = {}
    done: list[tuple[int, str]] = []
    by: list[int] = []
    at_once = 0
    while True:
        for worker, subscription in enumerate(workers):
            if worker not in held and (message := await take(subscription)):
                held[worker] = message
        if not held:
            return Work(tuple(done), tuple(by), at_once)
        at_once = max(at_once, len(held))
        worker = rng.choice(sorted(held))
        message = held.pop(worker)
        done.append((message.metadata.sequence.stream, message.subject.split(".")[-1]))
        by.append(worker)
        await message.ack_sync(timeout=PATIENCE)


async def idle_fetch(js: JetStreamContext, timeout: float) -> tuple[int, bool]:
    """Ask for two messages where only one may be held.

    Parameters
    ----------
    js : JetStreamContext
        The broker, with two messages at least.
    timeout : float
        Seconds.

    Returns
    -------
    int and bool
        How many came, and whether the client waited its whole time-out for the other.
    """
    worker = await group(js, "idle", max_ack_pending=1)
    clock = asyncio.get_running_loop().time
    start = clock()
    messages = await worker.fetch(2, timeout=timeout)
    return len(messages), clock() - start >= timeout * 0.99
