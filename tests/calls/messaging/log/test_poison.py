"""Messages that nobody can handle, from their first try to the notice that is kept."""

import asyncio

import pytest

from companion.calls.messaging.log.orders import LogError, history
from companion.calls.messaging.log.poison import (
    NOTICES,
    DeadLetter,
    dead_letters,
    deliveries,
    fetch_nothing,
    floor,
    give_up,
    keep_notices,
    notices,
    refuse,
)
from companion.calls.messaging.log.streams import group, orders_log, publish, replay


def test_the_advisory_of_each_poison_message_is_kept() -> None:
    async def run() -> None:
        events = history(5).events
        async with orders_log() as js:
            await keep_notices(js)
            await publish(js, events)
            seen = await deliveries(js, {3, 8}, "billing")
            assert seen.count(3) == seen.count(8) == 3
            assert sorted(set(seen)) == list(range(1, 13)), "the others are done"
            assert await fetch_nothing(js, "billing", 2) == 2
            told = sorted(await dead_letters(js), key=lambda letter: letter.sequence)
            assert told == [DeadLetter(n, "billing", 3, "", events[n - 1][1]) for n in (3, 8)]
            assert len(await replay(js)) == 12, "they stay in the log"
            assert await floor(js, "billing") == 2, "and hold the floor"
            await publish(js, events[:1])
            worker = await js.pull_subscribe_bind("billing", stream="ORDERS")
            (message,) = await worker.fetch(1, timeout=20)
            await message.ack_sync(timeout=20)
            assert await floor(js, "billing") == 13, "until something else is acknowledged"

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_notice_that_nobody_kept_does_not_come_again() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(5).events[:2])
            heard = await js._nc.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>")
            assert await deliveries(js, {1}, "billing") == [1, 2, 1, 1]
            await asyncio.sleep(0.5)
            assert heard.pending_msgs == 0, "nobody has fetched again"
            worker = await js.pull_subscribe_bind("billing", stream="ORDERS")
            while not heard.pending_msgs:
                with pytest.raises(TimeoutError):
                    await worker.fetch(1, timeout=0.2)
            await keep_notices(js)
            with pytest.raises(TimeoutError):
                await worker.fetch(1, timeout=0.2)
            assert await notices(js) == 0

    asyncio.run(asyncio.wait_for(run(), 60))


def test_held_one_at_a_time_the_rest_waits_for_the_poison() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(5).events[:4])
            assert await deliveries(js, {2}, "strict", at_once=1) == [1, 2, 2, 2, 3, 4]
            assert await deliveries(js, {2}, "free") == [1, 2, 3, 4, 2, 2]

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_worker_that_gives_a_message_up_says_why_and_it_is_told_at_once() -> None:
    async def run() -> None:
        events = history(5).events
        async with orders_log() as js:
            await keep_notices(js)
            await publish(js, events)
            worker = await group(js, "billing", ack_wait=60)
            assert (await worker.consumer_info()).config.max_deliver == -1, "without end, unless one says more"
            (message,) = await worker.fetch(1, timeout=20)
            await give_up(message, "version none")
            while not await notices(js):
                await asyncio.sleep(0.01)
            assert await dead_letters(js) == [DeadLetter(1, "billing", 1, "version none", events[0][1])]
            assert await floor(js, "billing") == 1

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_refused_message_comes_again_at_once_and_only_max_deliver_ends_it() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(5).events[:1])
            assert await refuse(js, most=40) == 40

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_message_that_the_log_no_longer_has_is_told_without_its_data() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await keep_notices(js)
            await publish(js, history(5).events[:1])
            worker = await group(js, "billing")
            (message,) = await worker.fetch(1, timeout=20)
            await give_up(message, "x" * 1000)
            while not await notices(js):
                await asyncio.sleep(0.01)
            await js.delete_msg("ORDERS", 1)
            (letter,) = await dead_letters(js)
            assert letter == DeadLetter(1, "billing", 1, "x" * 200, b"")

    asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.parametrize("said", [b"", b"[]", b"null", b'{"stream_seq": "one"}', b"[" * 5000, b"\xff"])
def test_a_notice_that_is_none_is_refused(said: bytes) -> None:
    async def run() -> None:
        async with orders_log() as js:
            await js.add_stream(name=NOTICES, subjects=["forged"])
            await js.publish("forged", said)
            with pytest.raises(LogError, match=r"^no advisory: "):
                await dead_letters(js)

    asyncio.run(asyncio.wait_for(run(), 60))
