"""A stream of orders in a real broker, read again from anywhere."""

import asyncio

import pytest

from companion.calls.messaging.log.orders import LogError, Snapshot, history
from companion.calls.messaging.log.streams import group, orders_log, partitions_of, publish, replay, restore


def test_a_log_gives_back_the_accounts_that_were_kept_live_from_every_point() -> None:
    async def run() -> None:
        orders = history(5)
        async with orders_log() as js:
            assert await replay(js) == [], "of an empty log"
            assert await restore(js) == Snapshot()
            await publish(js, orders.events)
            assert [data for _, data in await replay(js)] == [data for _, data in orders.events]
            assert await replay(js, 4) == (await replay(js))[3:]
            assert await replay(js, 99) == []
            for known in (0, 1, 6, 12):
                snapshot = Snapshot(known, orders.live[known - 1] if known else {})
                assert await restore(js, snapshot) == Snapshot(12, orders.live[-1])

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_replay_is_longer_than_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.calls.messaging.log.streams.BATCH", 5)

    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(1).events)
            assert [sequence for sequence, _ in await replay(js)] == list(range(1, 13))

    asyncio.run(asyncio.wait_for(run(), 60))


def test_no_customer_is_in_two_partitions_and_every_partition_is_one_of_ours() -> None:
    async def run() -> None:
        async with orders_log(partitions=3) as js:
            names = [f"customer{number}" for number in range(30)]
            await publish(js, [(name, b"x") for name in names * 2])
            found = await partitions_of(js)
            assert set(found) == set(names)
            assert all(len(partitions) == 1 for partitions in found.values())
            assert set.union(*found.values()) == {0, 1, 2}

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_log_that_has_forgotten_needs_a_snapshot_that_is_new_enough() -> None:
    async def run() -> None:
        orders = history(5)
        async with orders_log(max_msgs=6) as js:
            await publish(js, orders.events)
            with pytest.raises(LogError, match=r"^the log begins at 7, and the snapshot ends at 0$"):
                await restore(js)
            with pytest.raises(LogError, match="ends at 5"):
                await restore(js, Snapshot(5, orders.live[4]))
            assert [sequence for sequence, _ in await replay(js, 1)] == list(range(7, 13)), "no word of the rest"
            assert await restore(js, Snapshot(6, orders.live[5])) == Snapshot(12, orders.live[-1])

    asyncio.run(asyncio.wait_for(run(), 60))


def test_two_groups_each_get_everything_and_who_joins_one_shares_it_at_once() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(5).events)
            first, other = await group(js, "billing"), await group(js, "mail")
            got = [message.metadata.sequence.stream for message in await first.fetch(7, timeout=20)]
            late = await group(js, "billing")
            rest = [message.metadata.sequence.stream for message in await late.fetch(5, timeout=20)]
            assert got + rest == list(range(1, 13)), "each once, the second where the first had come to"
            assert len(await other.fetch(12, timeout=20)) == 12

    asyncio.run(asyncio.wait_for(run(), 60))
