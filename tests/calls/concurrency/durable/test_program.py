"""The journeys that are killed: what they ask for, without a process."""

from __future__ import annotations

from companion.calls.concurrency.durable.program import AMOUNTS, journey, journey_by_the_clock


def test_a_journey_asks_for_its_charges_in_order_and_returns_the_receipts() -> None:
    asks, walk, receipt = [], journey(), 0
    asked = next(walk)
    try:
        while True:
            asks.append(asked)
            receipt += 1
            asked = walk.send(receipt)
    except StopIteration as end:
        assert end.value == [1, 2, 3, 4]
    assert asks == [("charge", amount) for amount in AMOUNTS]


def test_the_clock_makes_the_second_step_another_each_time() -> None:
    seconds = set()
    for _ in range(2):
        walk = journey_by_the_clock()
        next(walk)
        seconds.add(walk.send(1))
    assert len(seconds) == 2
