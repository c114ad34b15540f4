"""A stream of orders in a real broker: its partitions, its groups of workers, and reading it again.

A message to ``orders.ada`` is kept as ``orders.2.ada``: the broker hashes the customer into one of the partitions as it
stores the message. A group is a durable consumer; whoever knows its name may fetch from it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamConfig, SubjectTransform

from companion.calls.messaging.broker import connected, running
from companion.calls.messaging.log.orders import LogError, Snapshot, rebuild

STREAM = "ORDERS"
PARTITIONS = 3
PATIENCE = 20.0
"""Seconds until an answer of the broker is given up; the right path never waits for it."""
BATCH = 100
"""Messages that a replay asks for at a time."""


@asynccontextmanager
async def orders_log(partitions: int = PARTITIONS, **limits: Any) -> AsyncIterator[JetStreamContext]:
    """A broker of our own with an empty stream of orders; both are gone at the end of the block.

    Parameters
    ----------
    partitions : int
        Into how many the customers are hashed.
    **limits
        More of the stream's configuration, such as ``max_msgs=100``.
    """
    split = SubjectTransform(src="orders.*", dest=f"orders.{{{{partition({partitions},1)}}}}.{{{{wildcard(1)}}}}")
    stream = StreamConfig(name=STREAM, subjects=["orders.*"], subject_transform=split, **limits)
    with running() as broker:
        async with connected(broker.url) as client:
            js = client.jetstream(timeout=PATIENCE)
            await js.add_stream(stream)
            yield js


async def publish(js: JetStreamContext, events: Iterable[tuple[str, bytes]]) -> None:
    """Publish events, each under its customer, and wait until the broker has them."""
    for customer, data in events:
        await js.publish(f"orders.{customer}", data)


async def group(
    js: JetStreamContext, name: str, partition: int | None = None, **settings: Any
) -> JetStreamContext.PullSubscription:
    """Join a group of workers; the first to come makes it.

    Parameters
    ----------
    js : JetStreamContext
        The broker.
    name : str
        The durable consumer's name.
    partition : int, optional
        Only messages of this one.
    **settings
        More of `ConsumerConfig`, such as ``ack_wait=0.3`` (seconds) or ``max_ack_pending=1``.
    """
    only = None if partition is None else f"orders.{partition}.*"
    config = ConsumerConfig(durable_name=name, filter_subject=only, **settings)
    await js.add_consumer(STREAM, config)
    return await js.pull_subscribe_bind(name, stream=STREAM)


async def replay(js: JetStreamContext, start: int = 1) -> list[tuple[int, bytes]]:
    """Read the log again, from a sequence to its present end; it takes nothing away from anybody."""
    state = (await js.stream_info(STREAM)).state
    if state.messages == 0 or state.last_seq < start:
        return []
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=max(1, start)
    )
    reader = await js.pull_subscribe("", stream=STREAM, config=config)
    read: list[tuple[int, bytes]] = []
    pending = 1
    while pending:
        for message in await reader.fetch(BATCH, timeout=PATIENCE):
            read.append((message.metadata.sequence.stream, message.data))
            pending = message.metadata.num_pending
    await reader.unsubscribe()
    return read


async def restore(js: JetStreamContext, snapshot: Snapshot | None = None) -> Snapshot:
    """Rebuild the accounts from the log, from a snapshot on if there is one.

    Raises
    ------
    LogError
        The broker no longer has all that is behind the snapshot.
    """
    known = snapshot or Snapshot()
    first = (await js.stream_info(STREAM)).state.first_seq
    if first > known.sequence + 1:
        raise LogError(f"the log begins at {first}, and the snapshot ends at {known.sequence}")
    return rebuild(await replay(js, known.sequence + 1), known)


async def partitions_of(js: JetStreamContext) -> dict[str, set[int]]:
    """In which partitions each customer's messages are, by the subjects under which they are kept."""
    found: dict[str, set[int]] = {}
    for sequence, _ in await replay(js):
        _, partition, customer = str((await js.get_msg(STREAM, sequence)).subject).split(".")
        found.setdefault(customer, set()).add(int(partition))
    return found
