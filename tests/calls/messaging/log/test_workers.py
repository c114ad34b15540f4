"""Who does what in which order, told by counts and not by clocks."""

import asyncio
import contextlib
import random

import pytest
from nats.js import JetStreamContext

from companion.calls.messaging.log.orders import history
from companion.calls.messaging.log.streams import PARTITIONS, group, orders_log, publish
from companion.calls.messaging.log.workers import Subscription, Work, idle_fetch, work


async def by_partition(js: JetStreamContext, name: str) -> list[Subscription]:
    return [await group(js, f"{name}-{p}", partition=p, max_ack_pending=1) for p in range(PARTITIONS)]


async def sharing(js: JetStreamContext, name: str, at_once: int) -> list[Subscription]:
    return [await group(js, name, max_ack_pending=at_once) for _ in range(4)]


def test_of_three_ways_only_partitions_do_several_at_once_and_keep_each_customers_order() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(5, 0, 24).events)
            single = await work(await sharing(js, "single", 1), seed=5)
            free = await work(await sharing(js, "free", 1000), seed=5)
            parts = await work(await by_partition(js, "parts"), seed=5)
            again = await work(await sharing(js, "again", 1000), seed=5)
        for done in (single, free, parts):
            assert sorted(sequence for sequence, _ in done.done) == list(range(1, 25)), "each once"
        assert (single.at_once, single.swapped, single.swapped_of_a_customer) == (1, 0, 0)
        assert free.at_once == 4 and free.swapped > 0 and free.swapped_of_a_customer > 0
        assert parts.at_once == 3 and parts.swapped > 0 and parts.swapped_of_a_customer == 0
        assert again == free, "told by a seed, a run repeats"

    asyncio.run(asyncio.wait_for(run(), 60))


def test_partitions_keep_each_customers_order_under_other_seeds() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(6).events)
            for seed in range(3):
                done = await work(await by_partition(js, f"part{seed}"), seed)
                assert len(done.done) == 12 and done.swapped_of_a_customer == 0
                keys = {(who, worker) for (_, who), worker in zip(done.done, done.by, strict=True)}
                assert len(keys) == len({who for who, _ in keys}), "one worker for each customer"

    asyncio.run(asyncio.wait_for(run(), 60))


def test_swapped_neighbours_are_counted_within_the_log_and_within_a_customer() -> None:
    done = Work(((2, "ada"), (1, "bob"), (4, "ada"), (3, "ada")), (0, 1, 0, 1), 2)
    assert done.swapped == 2
    assert done.swapped_of_a_customer == 1


def test_asking_for_more_than_may_be_held_waits_for_the_whole_time_out() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(5).events)
            assert await idle_fetch(js, 0.3) == (1, True)

    asyncio.run(asyncio.wait_for(run(), 60))


async def run_freely(workers: list[Subscription], messages: int, seed: int) -> Work:
    """Workers that finish when they finish, after up to 2 ms of work."""
    rng = random.Random(seed)
    done: list[tuple[int, str]] = []
    by: list[int] = []

    async def one(number: int, worker: Subscription) -> None:
        while len(done) < messages:
            with contextlib.suppress(TimeoutError):
                (message,) = await worker.fetch(1, timeout=0.5)
                await asyncio.sleep(rng.uniform(0, 0.002))
                done.append((message.metadata.sequence.stream, message.subject.split(".")[-1]))
                by.append(number)
                await message.ack_sync(timeout=20)

    await asyncio.gather(*(one(number, worker) for number, worker in enumerate(workers)))
    return Work(tuple(done), tuple(by), len(workers))


@pytest.mark.soak
def test_workers_left_to_themselves_swap_neighbours_but_never_within_a_partition() -> None:
    async def run() -> None:
        async with orders_log() as js:
            await publish(js, history(5, 0, 200).events)
            free = await run_freely(await sharing(js, "free", 1000), 200, seed=5)
            parts = await run_freely(await by_partition(js, "parts"), 200, seed=5)
            single = await run_freely(await sharing(js, "single", 1), 200, seed=5)
        for done in (free, parts, single):
            assert sorted(sequence for sequence, _ in done.done) == list(range(1, 201))
        assert 0 < free.swapped < 199, "how many depends on the machine"
        assert single.swapped == 0 and parts.swapped_of_a_customer == 0
        print(free.swapped, free.swapped_of_a_customer, parts.swapped)

    asyncio.run(asyncio.wait_for(run(), 120))
