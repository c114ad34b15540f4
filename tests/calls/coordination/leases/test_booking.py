"""Six designs of one booking, under pauses: two never sell the seat twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.leases.booking import DESIGNS, LEASE, LONG, Airline, outcomes, play, schedules

SAFE = ("token on reads and writes", "unique seat")


def test_without_a_pause_every_design_sells_once() -> None:
    for design in DESIGNS:
        airline = Airline(HandClock())
        for who in ("Ada", "Bob"):
            for _ in DESIGNS[design](airline, who):
                continue
        assert airline.bookings == ["Ada"], design


def test_a_lease_is_given_to_one_and_numbers_grow() -> None:
    clock = HandClock()
    airline = Airline(clock)
    first = airline.acquire("Ada")
    assert first is not None and airline.acquire("Bob") is None
    clock.pass_(LEASE - 1)
    assert airline.renew(first.number)
    clock.pass_(LEASE)
    assert not airline.renew(first.number)
    second = airline.acquire("Bob")
    assert second is not None and second.number > first.number and not airline.renew(first.number)


def test_where_the_pause_falls_decides() -> None:
    twice = {place for place, bookings in outcomes().items() if bookings > 1}
    assert twice == {
        ("no check", "acquired", "wakes first"),
        ("no check", "read", "wakes first"),
        ("no check", "read", "writes last"),
        ("own clock", "checked", "wakes first"),
        ("own clock", "checked", "writes last"),
        ("renewal", "checked", "wakes first"),
        ("renewal", "checked", "writes last"),
        ("token on writes", "acquired", "wakes first"),
        ("token on writes", "read", "wakes first"),
    }


def test_the_fence_refuses_the_old_holder() -> None:
    airline = play("token on reads and writes", "read", "wakes first")
    assert (airline.bookings, airline.refused) == (["Bob"], ["Ada"])


@pytest.mark.parametrize(
    ("design", "twice"),
    [("no check", 420), ("own clock", 28), ("renewal", 28), ("token on writes", 210), *[(safe, 0) for safe in SAFE]],
)
def test_of_all_orders_so_many_sell_twice(design: str, twice: int) -> None:
    assert schedules(design) == (twice, 3150)


@given(st.sampled_from(SAFE), st.lists(st.sampled_from(["a", "b", "c", "d", "time"]), max_size=40))
@settings(max_examples=200, deadline=None)
def test_with_four_clients_and_any_number_of_pauses_nothing_is_sold_twice(design: str, order: list[str]) -> None:
    clock = HandClock()
    airline = Airline(clock)
    clients = {who: DESIGNS[design](airline, who) for who in "abcd"}
    for who in order:
        if who == "time":
            clock.pass_(LONG)
        else:
            next(clients[who], None)
    assert len(airline.bookings) <= 1
