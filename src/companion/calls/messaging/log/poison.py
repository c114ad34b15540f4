"""Messages that no worker can handle: how often they are tried, what is told of them, and where they remain.

JetStream gives a message up after `max_deliver` tries, and tells it in an *advisory*: a message of core NATS, which
whoever does not listen at that moment has missed. A stream that takes in the subjects of the advisories keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.js import JetStreamContext

from companion.calls.messaging.log.orders import LogError
from companion.calls.messaging.log.streams import PATIENCE, STREAM, group

NOTICES = "DEAD"
ADVISORY = "$JS.EVENT.ADVISORY.CONSUMER"
SUBJECTS = [f"{ADVISORY}.MAX_DELIVERIES.{STREAM}.>", f"{ADVISORY}.MSG_TERMINATED.{STREAM}.>"]
ACK_WAIT = 0.3
"""Seconds after which a message that was not acknowledged is delivered again."""
TRIES = 3
MOST_NOTICES = 10_000
"""Notices that are kept; the oldest go first."""
MOST_REASON = 200
"""Letters of the reason for which a message is given up."""


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up.

    Attributes
    ----------
    sequence : int
        Where it still is in the log.
    group : str
        Who gave it up; other groups may have handled it.
    deliveries : int
        How often it was tried.
    reason : str
        What the worker said, if it said something.
    data : bytes
        The message itself, from the log; empty when the log has it no more.
    """

    sequence: int
    group: str
    deliveries: int
    reason: str
    data: bytes


async def keep_notices(js: JetStreamContext) -> None:
    """Make the stream that keeps what is said about messages given up; from now on, nothing of before."""
    await js.add_stream(name=NOTICES, subjects=SUBJECTS, max_msgs=MOST_NOTICES)


async def notices(js: JetStreamContext) -> int:
    """How many notices are kept."""
    return (await js.stream_info(NOTICES)).state.messages


async def dead_letters(js: JetStreamContext) -> list[DeadLetter]:
    """Every message that was given up, oldest notice first, each with what is in the log.

    Raises
    ------
    LogError
        A notice that is not one of JetStream's.
    """
    state = (await js.stream_info(NOTICES)).state
    found = []
    for number in range(max(1, state.first_seq), state.last_seq + 1):
        notice = await js.get_msg(NOTICES, number)
        found.append(await _dead_letter(js, notice.data or b""))
    return found


async def _dead_letter(js: JetStreamContext, data: bytes) -> DeadLetter:
    from nats.js.errors import NotFoundError

    try:
        told = json.loads(data)
        sequence, deliveries = int(told["stream_seq"]), int(told["deliveries"])
        who, reason = str(told["consumer"]), str(told.get("reason", ""))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise LogError(f"no advisory: {data[:60]!r}") from error
    try:
        kept = (await js.get_msg(STREAM, sequence)).data or b""
    except NotFoundError:
        kept = b""
    return DeadLetter(sequence, who, deliveries, reason, kept)


async def give_up(message: Msg, reason: str) -> None:
    """Say that a message shall not be tried again, and why; the client's own `term` cannot say why."""
    await message.respond(f"+TERM {reason[:MOST_REASON]}".encode())


async def deliveries(js: JetStreamContext, poison: Collection[int], name: str, at_once: int = 1000) -> list[int]:
    """Work on the log with a worker that falls silent on some messages, until each of them was tried out.

    Returns
    -------
    list of int
        The sequences in the order of their deliveries. (A good one that comes twice is listed once.)
    """
    worker = await group(js, name, ack_wait=ACK_WAIT, max_deliver=TRIES, max_ack_pending=at_once)
    last = (await js.stream_info(STREAM)).state.last_seq
    seen: list[int] = []
    while len(seen) < last + (TRIES - 1) * len(poison):
        for message in await worker.fetch(min(at_once, 10), timeout=PATIENCE):
            sequence = message.metadata.sequence.stream
            if sequence in poison or sequence not in seen:
                seen.append(sequence)
            if sequence not in poison:
                await message.ack_sync(timeout=PATIENCE)
    return seen


async def fetch_nothing(js: JetStreamContext, name: str, until: int) -> int:
    """Ask for one more message, as a worker that goes on does, until so many notices are kept; give their number.

    Raises
    ------
    LogError
        They do not come.
    """
    worker = await js.pull_subscribe_bind(name, stream=STREAM)
    for _ in range(100):
        try:
            await worker.fetch(1, timeout=0.2)
        except TimeoutError:
            if (kept := await notices(js)) >= until:
                return kept
    raise LogError(f"{await notices(js)} notices in place of {until}")


async def floor(js: JetStreamContext, name: str) -> int:
    """The group's ack floor: up to where, it says, everything is acknowledged."""
    info = await js.consumer_info(STREAM, name)
    return info.ack_floor.stream_seq if info.ack_floor else 0


async def refuse(js: JetStreamContext, most: int) -> int:
    """Say `nak` to the first message at once, again and again; give how often it came before it was given up.

    The time after which an unanswered message comes again is a minute, so none of the deliveries is of that kind.
    """
    worker = await group(js, "refuses", ack_wait=60, max_deliver=most, max_ack_pending=1)
    count = 0
    while True:
        try:
            (message,) = await worker.fetch(1, timeout=PATIENCE if count < most else 0.3)
        except TimeoutError:
            return count
        if message.metadata.sequence.stream != 1:
            return count
        count += 1
        await message.nak()
