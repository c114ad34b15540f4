"""What comes again although it was acknowledged: the broker writes down its consumers' acknowledgements lazily.

A consumer's place in the stream is a small file. The server writes it some ten times a second, not for every
acknowledgement, so that a server that is killed has forgotten the last of them.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

from companion.calls.messaging.acknowledged.durability import STREAM, apart, publish
from companion.calls.messaging.broker import Broker, connected, running, settle

DURABLE = "ledger"
ACK_WAIT = 1.0
"""Seconds until the server sends again what was not acknowledged."""


async def delivered_again(broker: Broker, how: str, *, messages: int = 400, rest: float = 0.0) -> int:
    """Consume and acknowledge all, kill the server, and count what it delivers again.

    Parameters
    ----------
    broker : Broker
        A server without a stream.
    how : str
        ``"ack"``, which is sent and not answered, or ``"ack_sync"``, which the server answers.
    messages : int
        At most 1,000, the number that a consumer may have without having acknowledged them.
    rest : float
        Seconds between the last acknowledgement and the kill.
    """
    await publish(broker.url, messages, in_flight=50)
    async with connected(broker.url) as client:
        stream = client.jetstream()
        pull = await stream.pull_subscribe(
            "orders.>", durable=DURABLE, stream=STREAM, config=ConsumerConfig(ack_wait=ACK_WAIT)
        )
        batch: list[Msg] = []
        while len(batch) < messages:
            batch += await pull.fetch(messages - len(batch), timeout=20)
        for message in batch:
            if how == "ack_sync":
                await message.ack_sync(timeout=20)
            else:
                await message.ack()
        await settle(client)  # the server has read every one of them
        await asyncio.sleep(rest)
        broker.kill()
    broker.restart()
    return await _fetch_again(broker.url)


async def _fetch_again(url: str) -> int:
    """Fetch until the consumer has nothing left, and count the messages, each once."""
    seen: set[int] = set()
    async with connected(url) as client:
        stream = client.jetstream()
        pull = await stream.pull_subscribe_bind(DURABLE, STREAM)
        while True:
            info = await pull.consumer_info()
            if not (info.num_pending or info.num_ack_pending):
                return len(seen)
            with suppress(TimeoutError):  # of the client's own kind, or a plain one
                for message in await pull.fetch(500, timeout=0.5):
                    seen.add(message.metadata.sequence.stream)
                    await message.ack()
            await settle(client)


def count_again() -> dict[str, float]:
    """How many of 400 acknowledged messages come again, after `ack`, after `ack_sync`, and after `ack` and .5 s."""
    figures = {}
    for name, how, rest in (("ack", "ack", 0.0), ("ack_sync", "ack_sync", 0.0), ("rested", "ack", 0.5)):
        with running() as broker:
            figures[name] = float(apart(lambda: delivered_again(broker, how, rest=rest)))  # noqa: B023
    return figures


__all__ = ["ACK_WAIT", "DURABLE", "count_again", "delivered_again"]
