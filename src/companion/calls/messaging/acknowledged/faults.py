"""A broker that is killed again and again, under load, and what has become of the orders in the end.

Producers publish numbered orders, each until it is acknowledged; a consumer takes them into a ledger and acknowledges
them. The server is killed (`kill -9`) whenever so many more acknowledgements have come, and a little later, both drawn
from a seed; what it says in its last millisecond is not heard. So it dies between storing and acknowledging, and
between a consumer's acknowledgement and writing that down.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from companion.calls.messaging.acknowledged.delivery import DURABLE
from companion.calls.messaging.acknowledged.durability import STREAM, SUBJECT, apart
from companion.calls.messaging.acknowledged.ledger import Ledger
from companion.calls.messaging.broker import Broker, BrokerError, connected, running

PRODUCERS = 8
PATIENCE = 60.0
"""Seconds until a life of the server is given up; the right path takes .3."""
GONE = (nats.errors.Error, nats.js.errors.Error, OSError, asyncio.TimeoutError)
"""What a call raises when the server went away under it, or is too busy to answer."""


DEAF = 0.001
"""Seconds before a kill from which no acknowledgement is heard: a connection breaks together with its server."""


@dataclass(frozen=True)
class Outcome:
    """What has become of the orders.

    Attributes
    ----------
    kills : int
        How often the server was killed.
    acknowledged : int
        Orders whose acknowledgement their producer has seen: all, in the end.
    lost : int
        Of those, the ones that are not in the stream.
    stored_twice : int
        Messages in the stream beyond the first of each order.
    delivered_again : int
        Deliveries beyond one for each message in the stream.
    taken_wrongly : int
        Orders that the ledger has not, or with another amount.
    credulous : int
        What a ledger without keys has beyond the right sum.
    right : int
        The right sum of all amounts.
    """

    kills: int
    acknowledged: int
    lost: int
    stored_twice: int
    delivered_again: int
    taken_wrongly: int
    credulous: int
    right: int


@dataclass
class _Orders:
    """The producers' side: what is still to be published, and what has been acknowledged."""

    waiting: list[int]
    message_ids: bool
    acknowledged: set[int] = field(default_factory=set)
    cut: bool = False

    async def produce(self, client: Client) -> None:
        """Publish one order after another; one whose acknowledgement does not come goes back among the waiting."""
        stream = client.jetstream()
        while self.waiting:
            number = self.waiting.pop()
            try:
                headers = {"Nats-Msg-Id": str(number)} if self.message_ids else None
                await stream.publish(SUBJECT, str(number).encode(), headers=headers, timeout=20)
                if not self.cut:
                    self.acknowledged.add(number)
            except GONE:
                if client.is_closed:
                    return
                await asyncio.sleep(0.05)
            finally:
                if number not in self.acknowledged:
                    self.waiting.append(number)


def amount(number: int) -> int:
    """What an order is about; each number another amount, so that no two errors cancel."""
    return 100 + number


async def _consume(client: Client, ledger: Ledger) -> None:
    """Take orders into the ledger, and acknowledge each when it is there."""
    pull = await client.jetstream().pull_subscribe_bind(DURABLE, STREAM)
    while True:
        try:
            for message in await pull.fetch(20, timeout=0.2):
                number = int(message.data)
                ledger.handle(str(number), amount(number))
                await message.ack()
        except GONE:  # or nothing came
            if client.is_closed:
                return
            await asyncio.sleep(0.01)


async def _while_it_lives(*work: Coroutine[Any, Any, None], until: asyncio.Event) -> None:
    """Let these run until the event, and end them; that the server goes away under them is no error."""
    tasks = [asyncio.create_task(one) for one in work]
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(until.wait(), PATIENCE)
    running_on = set(tasks)
    while running_on:  # the client swallows a cancellation that comes while it writes
        for task in running_on:
            task.cancel()
        _, running_on = await asyncio.wait(running_on, timeout=0.05)
    for task in tasks:
        if not task.cancelled() and (found := task.exception()) and not isinstance(found, GONE):
            raise found
    if not until.is_set():
        raise BrokerError(f"the orders were not through after {PATIENCE:.0f} s")


async def _round(broker: Broker, orders: _Orders, ledger: Ledger, acknowledged: int, pause: float | None) -> None:
    """Work with one life of the server: until so many are acknowledged and a pause is over, or, at last, to the end."""
    over = asyncio.Event()
    orders.cut = False
    async with connected(broker.url) as client:

        async def watch() -> None:
            try:
                while len(orders.acknowledged) < acknowledged:
                    await asyncio.sleep(0.001)
                if pause is None:
                    while await _left(client):
                        await asyncio.sleep(0.05)
                else:
                    await asyncio.sleep(pause)
                    orders.cut = True
                    time.sleep(DEAF)
                    broker.kill()
            finally:
                over.set()

        producers = [orders.produce(client) for _ in range(PRODUCERS)]
        await _while_it_lives(watch(), _consume(client, ledger), *producers, until=over)


async def _left(client: Client) -> int:
    """How many messages the consumer has not had, or not acknowledged."""
    info = await client.jetstream().consumer_info(STREAM, DURABLE)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def _stored(url: str) -> list[int]:
    """The orders in the stream, with those that are there twice."""
    async with connected(url) as client:
        stream = client.jetstream()
        count = (await stream.stream_info(STREAM)).state.messages
        pull = await stream.pull_subscribe("orders.>", stream=STREAM, config=ConsumerConfig(ack_policy=AckPolicy.NONE))
        found: list[int] = []
        while len(found) < count:
            found += [int(message.data) for message in await pull.fetch(min(200, count - len(found)), timeout=20)]
        return found


async def kill_again_and_again(
    broker: Broker, *, kills: int = 20, seed: int = 5, each: int = 40, message_ids: bool = False, kept: float = 1.0
) -> Outcome:
    """Kill the server that often, at random moments under load, and see what has become of the orders.

    Parameters
    ----------
    broker : Broker
        A server without a stream; its durability is what is tested.
    kills, seed : int
        How often, and where the moments come from.
    each : int
        Acknowledgements from one kill to the next, on the average.
    message_ids : bool
        Publish each order with a `Nats-Msg-Id`, so that the server knows one that comes again.
    kept : float
        The share of each file of messages that is left after the last kill; below 1 it is a power cut.
    """
    draw = random.Random(seed)
    count = (kills + 1) * each
    orders, ledger = _Orders(list(range(count))[::-1], message_ids), Ledger()
    async with connected(broker.url) as client:
        stream = client.jetstream()
        await stream.add_stream(name=STREAM, subjects=["orders.>"])
        settings = ConsumerConfig(durable_name=DURABLE, ack_policy=AckPolicy.EXPLICIT, ack_wait=0.5)
        await stream.add_consumer(STREAM, settings)
    marks = sorted(draw.sample(range(1, count - each), kills))
    for number, mark in enumerate(marks):
        await _round(broker, orders, ledger, mark, draw.uniform(0, 0.004))
        if number == kills - 1 and kept < 1:
            for block in broker.store.rglob("*.blk"):
                os.truncate(block, int(block.stat().st_size * kept))
        broker.restart()
    await _round(broker, orders, ledger, count, None)
    stored = await _stored(broker.url)
    right = {str(number): amount(number) for number in range(count)}
    taken = ledger.taken
    ledger.close()
    return Outcome(
        kills=kills,
        acknowledged=len(orders.acknowledged),
        lost=len(orders.acknowledged - set(stored)),
        stored_twice=sum(Counter(stored).values()) - len(set(stored)),
        delivered_again=ledger.deliveries - len(stored),
        taken_wrongly=sum(taken.get(key) != wanted for key, wanted in right.items()) + len(taken.keys() - right.keys()),
        credulous=ledger.credulous - sum(right.values()),
        right=sum(right.values()),
    )


def count_duplicates() -> dict[str, float]:
    """What 20 kills make twice, without and with message ids; the figures depend on when exactly each kill comes."""
    figures = {}
    for name, message_ids in (("plain", False), ("with_ids", True)):
        with running() as broker:
            outcome = apart(lambda: kill_again_and_again(broker, message_ids=message_ids))  # noqa: B023
        figures[f"stored_twice_{name}"] = float(outcome.stored_twice)
        figures[f"delivered_again_{name}"] = float(outcome.delivered_again)
        figures[f"credulous_{name}"] = outcome.credulous / outcome.right
    return figures


__all__ = ["Outcome", "amount", "count_duplicates", "kill_again_and_again"]
